"""Modules of the engine use one another in one direction only, and no files form a cycle."""

from __future__ import annotations

import graphlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCES = Path(__file__).parents[2] / "rust_core/edgelift/src"

LEVELS = (
    {"reference", "explain", "message", "columns"},
    {"lines", "event"},
    {"bulk", "replay"},
    {"record"},
    {"header"},
    {"plan"},
    {"value", "config"},
    {"foreign"},
    {"counts", "scan", "json"},
    {"error"},
    {"fields", "limits", "offset", "record_layout", "slice_writer", "sniff"},
)
"""Modules of the engine, from top to bottom: each uses those of lower levels only."""

RECORD = (
    {"transform"},
    {"standard"},
    {"dispatch", "column_row"},
    {"avx2"},
    {"line", "parsed"},
    {"row", "scratch"},
    {"plan_cache"},
    {"field_buffer", "layout_match"},
    {"cpu", "line_end", "output_buffer"},
)
"""Modules of `record`, likewise."""


class Module(NamedTuple):
    """A file of the engine: the names from the root, and the text without comments and unit tests."""

    path: Path
    name: tuple[str, ...]
    text: str


class Use(NamedTuple):
    """One module using another."""

    user: tuple[str, ...]
    used: tuple[str, ...]
    place: str

    def __str__(self) -> str:
        return f"{self.place}: {'::'.join(self.user)} uses {'::'.join(self.used)}"


def read_module(path: Path) -> Module:
    text = re.sub(r"//.*", "", path.read_text())
    text = re.sub(
        r"^#\[cfg\(test\)\]\nmod \w+ \{.*?^\}",
        lambda tests: "\n" * tests[0].count("\n"),
        text,
        flags=re.MULTILINE | re.DOTALL,
    )
    return Module(path, path.relative_to(SOURCES).with_suffix("").parts, text)


MODULES = {
    module.name: module
    for module in map(read_module, sorted(SOURCES.rglob("*.rs")))
    if module.name != ("lib",)
}


def expand(tree: str) -> Iterator[tuple[list[str], str]]:
    """Yield each path of a `use` statement, and the name that it gets."""
    head, brace, group = tree.partition("{")
    if not brace:
        original, _, new_name = tree.partition(" as ")
        names = [name for name in original.replace(" ", "").split("::") if name]
        yield names, new_name.strip() or names[-1]
        return
    (prefix, own_name), depth, start, inner = next(expand(head)), 0, 0, group[: group.rindex("}")] + ","
    for at, character in enumerate(inner):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == "," and depth == 0:
            for path, name in expand(part) if (part := inner[start:at].strip()) else ():
                yield (prefix, own_name) if path == ["self"] else (prefix + path, name)
            start = at + 1


def is_in_block(module: Module, offset: int) -> bool:
    """Tell whether an offset is in an inline module, where `super` is the file itself."""
    blocks = re.finditer(r"^(?:pub\S* )?mod \w+ \{.*?^\}", module.text, flags=re.MULTILINE | re.DOTALL)
    return any(block.start() < offset < block.end() for block in blocks)


def absolute(module: Module, offset: int, path: list[str]) -> tuple[str, ...] | None:
    """Return the path from the root, or None for one of another crate."""
    names = list(module.name)
    match path:
        case ["crate", *rest]:
            return tuple(rest)
        case ["super", *rest]:
            names = names if is_in_block(module, offset) else names[:-1]
            while rest[:1] == ["super"]:
                names, rest = names[:-1], rest[1:]
            return (*names, *rest)
        case [first, *_] if (*names, first) in MODULES:
            return (*names, *path)
    return None


def paths_of(module: Module) -> Iterator[tuple[int, tuple[str, ...], str | None]]:
    """Yield the offset of each path, the path from the root, and its new name if it is re-exported."""
    for found in re.finditer(r"^\s*(pub(?:\([^)]*\))? )?use ([^;]*);", module.text, flags=re.MULTILINE):
        for path, name in expand(" ".join(found[2].split())):
            if target := absolute(module, found.start(2), path):
                yield found.start(2), target, name if found[1] else None
    code = re.sub(
        r"^\s*(?:pub\S* )?use [^;]*;|pub\(in [^)]*\)",
        lambda use: " " * len(use[0]),
        module.text,
        flags=re.MULTILINE,
    )
    for found in re.finditer(r"\b(?:crate|super)(?:::\w+)+", code):
        if target := absolute(module, found.start(), found[0].split("::")):
            yield found.start(), target, None


REEXPORTS = {
    (*module.name, name): target
    for module in MODULES.values()
    for _, target, name in paths_of(module)
    if name
}


def defining(path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the module that defines the item of a path, or the module that the path is."""
    for length in range(1, len(path) + 1):
        target = REEXPORTS.get(path[:length])
        if target and path[:length] not in MODULES:
            return defining(target)
    while path and path not in MODULES:
        path = path[:-1]
    return path


def uses_of(module: Module) -> list[Use]:
    uses = []
    for offset, target, _ in paths_of(module):
        line = module.text.count("\n", 0, offset) + 1
        place = f"{module.path.relative_to(SOURCES.parents[2])}:{line}"
        uses.append(Use(module.name, defining(target), place))
    return [use for use in dict.fromkeys(uses) if use.used and use.used != use.user]


USES = [use for module in MODULES.values() for use in uses_of(module)]


def not_downwards(parent: tuple[str, ...], levels: tuple[set[str], ...]) -> list[str]:
    level = {name: index for index, names in enumerate(levels) for name in names}
    depth = len(parent)
    wrong = []
    for use in USES:
        if not all(len(name) > depth and name[:depth] == parent for name in (use.user, use.used)):
            continue
        user, used = use.user[depth], use.used[depth]
        if user != used and level[user] >= level[used]:
            wrong.append(str(use))
    return wrong


def test_every_module_has_its_level() -> None:
    assert {name[0] for name in MODULES} == set().union(*LEVELS)
    assert {name[1] for name in MODULES if name[0] == "record" and len(name) > 1} == set().union(*RECORD)


def test_modules_of_the_engine_use_lower_levels_only() -> None:
    wrong = not_downwards((), LEVELS)
    assert not wrong, "\n".join(wrong)


def test_modules_of_record_use_lower_levels_only() -> None:
    wrong = not_downwards(("record",), RECORD)
    assert not wrong, "\n".join(wrong)


def test_no_files_of_the_engine_form_a_cycle() -> None:
    places = {(use.user, use.used): str(use) for use in USES}
    # A file declares the files of its folder.
    places |= {
        (name[:-1], name): f"{'::'.join(name[:-1])} declares {name[-1]}" for name in MODULES if len(name) > 1
    }
    graph: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for user, used in places:
        graph.setdefault(user, set()).add(used)
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        circle = error.args[1]
        # The sorter names each file before the one that uses it.
        steps = [places[pair] for pair in zip(circle[1:], circle[:-1], strict=True)]
        raise AssertionError("\n".join(["a cycle of files:", *steps])) from None
