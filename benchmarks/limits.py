"""Reads and rewrites ``limits.toml``, the one file of the gate's limits."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.verdict import Baseline

FILE = Path(__file__).with_name("limits.toml")


@dataclass(frozen=True)
class Limits:
    """The limits as they stand in the file."""

    sections: dict[str, Any]

    @classmethod
    def read(cls, path: Path = FILE) -> Limits:
        """Read the limits file."""
        return cls(tomllib.loads(path.read_text()))

    @property
    def crates(self) -> tuple[str, ...]:
        """Names of the crates that the engine spends its time in."""
        return tuple(self.sections["baseline"]["crates"])

    def limit(self, part: str, corpus: str) -> float:
        """Give the limit of one part for one corpus."""
        return float(self.sections[part]["limit"][corpus])

    def aim(self, part: str, corpus: str) -> float:
        """Give what one part aims for with one corpus."""
        return float(self.sections[part]["aim"][corpus])

    def baseline(self, part: str, corpus: str, versions: dict[str, str], crates: dict[str, str]) -> Baseline:
        """Give the baseline of one part for one corpus, and what differs now from when it was set."""
        section = self.sections["baseline"]
        changed = [
            f"{name} {now.get(name, 'missing')} instead of {then}"
            for recorded, now in ((section["versions"], versions), (section["crates"], crates))
            for name, then in recorded.items()
            if now.get(name) != then
        ]
        return Baseline(float(section[part][corpus]), float(section["tolerance"]), tuple(changed))


def write_baseline(
    figures: dict[str, dict[str, float]],
    versions: dict[str, str],
    crates: dict[str, str],
    path: Path = FILE,
) -> None:
    """Write new baselines and the versions under which they were reached; all else stays as it is."""
    text = path.read_text()
    known = tomllib.loads(text)["baseline"]["crates"]
    for part, counted in figures.items():
        for corpus, figure in counted.items():
            text = _replaced(text, f"baseline.{part}", corpus, str(round(figure)))
    for name, version in versions.items():
        text = _replaced(text, "baseline.versions", name, f'"{version}"')
    for name in known:
        text = _replaced(text, "baseline.crates", name, f'"{crates.get(name, "missing")}"')
    path.write_text(text)


def _replaced(text: str, section: str, key: str, value: str) -> str:
    """Replace the value of ``key`` in ``[section]``; comments and order stay."""
    pattern = rf"(?ms)(^\[{re.escape(section)}\]\n(?:(?!^\[).)*?^{re.escape(key)} = )[^\n]*"
    replaced, count = re.subn(pattern, lambda match: match[1] + value, text)
    if count != 1:
        raise KeyError(f"[{section}] {key}")
    return replaced
