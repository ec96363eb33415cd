"""The lists of mutants, and one of them made in a copy of the repository."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

LISTS = ("package.toml", "engine.toml")


@dataclass(frozen=True)
class Mutant:
    """A careless change.

    Attributes:
        name: what is wrong with it, in words.
        file: relative to the repository.
        old: text that is in the file exactly once.
        tests: arguments for pytest; for the engine those of ``cargo test``.
    """

    name: str
    file: str
    old: str
    new: str
    tests: list[str]

    @property
    def is_rust(self) -> bool:
        return self.file.endswith(".rs")

    def made(self, content: str) -> str:
        """Return the content of the file with the change.

        Raises:
            ValueError: the old text is not there once.

        """
        if content.count(self.old) != 1:
            times = content.count(self.old)
            raise ValueError(f"{self.file}: {self.name}: its old text is there {times} times: {self.old!r}")
        return content.replace(self.old, self.new)


def mutants() -> list[Mutant]:
    """Read both lists."""
    tables = [tomllib.loads(Path(__file__).with_name(name).read_text()) for name in LISTS]
    return [Mutant(**{"tests": [], **row}) for table in tables for row in table["mutant"]]
