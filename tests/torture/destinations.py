"""Destinations: the words of a job for each, and what is there after it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .sources import CONFIG

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping
    from pathlib import Path

State = dict[str, bytes]
"""Contents by name."""


@dataclass(frozen=True)
class Destination:
    """Where the documents of a job go, by its options.

    Attributes:
        name: the operand DEST, relative to the root of the case.
        failed: operand of ``--failed``, or None.
        packed: what ``--compress`` adds to names.
    """

    name: str
    failed: str | None
    deletes: bool
    workers: int
    packed: str = ""
    source: str = "logs"
    journal: str = "journal"

    @property
    def words(self) -> list[str]:
        words = ["reprocess", self.source, self.name, "--config", CONFIG, "--journal", self.journal, "--json"]
        words += ["--workers", str(self.workers)]
        if self.failed:
            words += ["--failed", self.failed]
        if self.deletes:
            words.append("--delete-source")
        if self.packed:
            words += ["--compress", "gzip"]
        return words

    def place_of(self, name: str) -> str:
        """Return where the documents of an object are, relative to the root."""
        return f"{self.name}{name.removesuffix('.gz')}.ndjson{self.packed}" if self.is_folder else self.name

    @property
    def is_folder(self) -> bool:
        return self.name.endswith("/")

    def clear(self) -> None:
        """Do nothing: all files are below the root of the case."""

    def storm(self, seed: int, share: float) -> None:
        """Do nothing: there is no server."""

    def outputs(self, root: Path) -> State:
        """Return the files of documents and of failed records; hidden names are of unfinished ones."""
        return {
            name: data
            for name, data in files(root).items()
            if self.owns(name) and not any(part.startswith(".") for part in name.split("/"))
        }

    def owns(self, name: str) -> bool:
        """Say whether a file, by its path from the root, is one of the job's."""
        is_failed = bool(self.failed) and name.startswith(f"{self.failed}/")
        return is_failed or (name.startswith(self.name) if self.is_folder else name == self.name)

    def must_be_there(self, name: str, complete: State) -> set[str]:
        """Return which files of a complete job keep what an object held."""
        kept = {self.place_of(name), f"{self.failed}/{name}.failed.json"}
        return kept & complete.keys()


def choose(chance: random.Random) -> Destination:
    """Choose a destination in files."""
    name = chance.choice(["out.ndjson", "out.ndjson.gz", "out/", "out/", "deep/er/out/"])
    return Destination(
        name,
        chance.choice([None, "failed", "failed"]),
        chance.random() < 0.5,
        chance.choice([1, 1, 2, 3]),
        chance.choice(["", ".gz"]) if name.endswith("/") else "",
    )


def files(root: Path) -> State:
    """Read all files below a folder; of error objects without the times at which they were written."""
    found = {}
    for path in root.rglob("*"):
        if path.is_file():
            name = str(path.relative_to(root))
            data = path.read_bytes()
            found[name] = _without_times(data) if name.endswith(".failed.json") else data
    return found


def _without_times(lines: bytes) -> bytes:
    kept = []
    for line in lines.splitlines(keepends=True):
        try:
            error = json.loads(line)
        except ValueError:
            kept.append(line)
            continue
        for key in "arrivalTimestamp", "attemptEndingTimestamp":
            error.pop(key, None)
        kept.append(json.dumps(error, sort_keys=True).encode() + b"\n")
    return b"".join(kept)


def account(out: str) -> Mapping[str, Any] | None:
    """Return the account that ``--json`` wrote, or None if there is none."""
    try:
        reported: Mapping[str, Any] = json.loads(out)
    except ValueError:
        return None
    return reported
