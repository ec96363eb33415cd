"""Makes a failing case smaller while it fails."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .cases import Case

ATTEMPTS = 4_000


def minimized(case: Case, fails: Callable[[Case], bool]) -> Case:
    """Return a case that fails and from which nothing can be left out by one step."""
    attempts, is_smaller = 0, True
    while is_smaller:
        is_smaller = False
        for smaller in _smaller(case):
            attempts += 1
            if attempts > ATTEMPTS:
                return case
            if fails(smaller):
                case, is_smaller = smaller, True
                break
    return case


def _smaller(case: Case) -> Iterator[Case]:
    for lines in without_one(case.lines):
        yield case._replace(lines=lines)
    for sizes in without_one(case.sizes):
        if sizes:
            yield case._replace(sizes=sizes)
    for config in _smaller_configs(case.config):
        yield case._replace(config=config)
    for place, line in enumerate(case.lines):
        for shorter in shorter_bytes(line):
            yield case._replace(lines=[*case.lines[:place], shorter, *case.lines[place + 1 :]])


def without_one(items: list[Any]) -> Iterator[list[Any]]:
    for place in range(len(items)):
        yield items[:place] + items[place + 1 :]


def _smaller_configs(config: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for section, content in config.items():
        if section not in ("input", "output"):
            yield {key: value for key, value in config.items() if key != section}
        if isinstance(content, dict):
            for key in content:
                changed = copy.deepcopy(config)
                del changed[section][key]
                yield changed
        else:
            for fewer in without_one(content):
                yield config | {section: fewer}
    for place, layout in enumerate(config.get("layouts", [])):
        if isinstance(layout["fields"], list):
            for fields in without_one(layout["fields"]):
                changed = copy.deepcopy(config)
                changed["layouts"][place]["fields"] = fields
                yield changed


def shorter_bytes(data: bytes) -> Iterator[bytes]:
    """Leave out slices, the longest first."""
    size = len(data) // 2
    while size:
        for start in range(0, len(data), size):
            yield data[:start] + data[start + size :]
        size //= 2
