"""Faults of a simulated stream: what happens where, and when.

They are read from TOML::

    [[fault]]
    at = "opensearch"
    kind = "status_429"
    batches = [2]
    duration_s = 60

    [[fault]]
    at = "function"
    kind = "kill"
    probability = 0.01

Batches are counted from 1 at each place: invocations of the function, bulk requests, objects of the backup,
reads of the source. A retry is a batch, too. A fault strikes one batch or, with ``duration_s``, every batch
of its place for that time of the virtual clock.
"""

from __future__ import annotations

import random
import tomllib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from edgelift.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

KINDS: Final = {
    "function": (
        "kill",
        "raise",
        "timeout",
        "throttle",
        "oversize",
        "missing_id",
        "duplicate_id",
        "unknown_id",
        "bad_base64",
        "no_records",
    ),
    "opensearch": ("status_429", "status_413", "status_503", "reset", "read_only", "down", "reject_item"),
    "backup": ("full", "read_only"),
    "source": ("duplicate", "layout_change"),
}
"""The kinds of faults of each place."""

_KEYS: Final = ("at", "kind", "probability", "batches", "duration_s")


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault, as a table ``[[fault]]`` describes it.

    Attributes:
        at: its place, a key of `KINDS`.
        kind: one of the kinds of its place.
        probability: of each batch to be struck, or None if `batches` lists them.
        batches: numbers of the batches that are struck, counted from 1 at its place.
        duration_s: seconds of virtual time for which it goes on; 0: for one batch.

    Raises:
        ConfigError: a value is impossible.

    """

    at: str
    kind: str
    probability: float | None = None
    batches: tuple[int, ...] = ()
    duration_s: float = 0.0

    def __post_init__(self) -> None:
        if self.at not in KINDS:
            raise _unknown("at", self.at, KINDS)
        if self.kind not in KINDS[self.at]:
            raise _unknown("kind", self.kind, KINDS[self.at])
        if self.probability is not None and self.batches:
            raise ConfigError("probability and batches are both set; set one of them", key="batches")
        if self.probability is None and not self.batches:
            raise ConfigError("one of probability and batches is needed", key="batches")
        if self.probability is not None and not 0 < self.probability <= 1:
            raise ConfigError(
                f"probability: {self.probability} is not above 0 and at most 1", key="probability"
            )
        if any(batch < 1 for batch in self.batches):
            raise ConfigError(f"batches: {min(self.batches)} is not a number from 1", key="batches")
        if not 0 <= self.duration_s < float("inf"):
            raise ConfigError(f"duration_s: {self.duration_s} is not a number of seconds", key="duration_s")


def load_faults(path: Path) -> list[Fault]:
    """Read the faults in a TOML file.

    Raises:
        ConfigError: they cannot be used; the message names the file, and the fault by its number.
        OSError: the file cannot be read.

    """
    try:
        return parse_faults(path.read_text("utf-8-sig"))
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8, as TOML is") from None
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}", error.line, error.key, error.suggestion) from None


def parse_faults(text: str) -> list[Fault]:
    """Read the faults in TOML text.

    Raises:
        ConfigError: they cannot be used; the message names the fault by its number.

    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not TOML: {error}") from None
    for name in document:
        if name != "fault":
            raise _unknown("key", name, ("fault",))
    tables = document.get("fault")
    if isinstance(tables, dict):
        raise ConfigError("[fault] is one table, and there may be many: write [[fault]]", key="fault")
    if not isinstance(tables, list) or not tables:
        raise ConfigError("there is no [[fault]]", key="fault")
    faults = []
    for number, table in enumerate(tables, 1):
        try:
            faults.append(_fault(table))
        except ConfigError as error:
            raise ConfigError(
                f"fault {number}: {error}",
                error.line,
                error.key and f"fault[{number - 1}].{error.key}",
                error.suggestion,
            ) from None
    return faults


def _fault(table: object) -> Fault:
    if not isinstance(table, dict):
        raise ConfigError("not a table")
    for name in table:
        if name not in _KEYS:
            raise _unknown("key", name, _KEYS)
    for name in "at", "kind":
        if name not in table:
            raise ConfigError(f"{name} is missing", key=name)
        if not isinstance(table[name], str):
            raise ConfigError(f"{name}: a text is expected", key=name)
    for name in "probability", "duration_s":
        if not _is_number(table.get(name, 0)):
            raise ConfigError(f"{name}: a number is expected", key=name)
    return Fault(**table | {"batches": _batches(table)})


def _batches(table: dict[str, Any]) -> tuple[int, ...]:
    batches = table.get("batches", [])
    if not isinstance(batches, list) or not all(type(batch) is int for batch in batches):
        raise ConfigError("batches: a list of whole numbers is expected", key="batches")
    if "batches" in table and not batches:
        raise ConfigError("batches: the list is empty; it has the numbers of batches, from 1", key="batches")
    return tuple(batches)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _unknown(what: str, name: str, known: Mapping[str, object] | Sequence[str]) -> ConfigError:
    from difflib import get_close_matches  # for errors only

    nearest = get_close_matches(name, known, 1)
    hint = f'did you mean "{nearest[0]}"?' if nearest else f"known are {', '.join(known)}"
    label = "unknown key" if what == "key" else f"{what}: unknown value"
    return ConfigError(
        f'{label} "{name}"; {hint}',
        key=name if what == "key" else what,
        suggestion=nearest[0] if nearest else None,
    )


class Schedule:
    """Says which batch of which place is struck by which fault.

    The same seed, batches and times give the same answers. Each fault draws its own numbers, so that another
    one beside it changes nothing.

    Args:
        faults: the faults.
        seed: start of the random numbers.

    Attributes:
        faults: the faults.
        struck: how many batches each fault has struck so far, by place and kind.

    """

    def __init__(self, faults: Sequence[Fault], seed: int) -> None:
        self.faults = faults
        self.struck: Counter[tuple[str, str]] = Counter()
        self._batches: Counter[str] = Counter()
        self._pending = [
            _Pending(fault, random.Random(f"{seed} {number}"))  # noqa: S311 - no secret
            for number, fault in enumerate(faults)
        ]

    def next_batch(self, at: str, now: float) -> Strike | None:
        """Count a batch of a place; return what strikes it, or None.

        If several faults do, it is the first in the order of the file.
        """
        self._batches[at] += 1
        # All of them draw, whoever strikes.
        striking = [
            pending
            for pending in self._pending
            if pending.fault.at == at and pending.strikes(self._batches[at], now)
        ]
        if not striking:
            return None
        fault = striking[0].fault
        self.struck[at, fault.kind] += 1
        return Strike(fault.kind, striking[0].chance)

    def count(self, at: str) -> int:
        """Return how many batches a place had."""
        return self._batches[at]


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault of one batch.

    Attributes:
        kind: its kind.
        chance: chooses the record that it hits.

    """

    kind: str
    chance: random.Random


class _Pending:
    """A fault, its random numbers and the time until which it goes on."""

    def __init__(self, fault: Fault, chance: random.Random) -> None:
        self.fault = fault
        self.chance = chance
        self._until = float("-inf")

    def strikes(self, batch: int, now: float) -> bool:
        begins = batch in self.fault.batches
        if self.fault.probability is not None:
            begins = self.chance.random() < self.fault.probability
        if now < self._until:
            return True
        if begins:
            self._until = now + self.fault.duration_s
        return begins
