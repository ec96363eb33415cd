"""The findings of `check`."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as the configuration says.

    Attributes:
        field: key of a document, or what else it is about.
        cause: what is wrong, and where.
        command: what to do.

    """

    field: str
    cause: str
    command: str


@dataclass(frozen=True, slots=True)
class Report:
    """The findings, and what could not be checked."""

    findings: list[Finding] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)


def some(names: list[str]) -> str:
    """Return the first name, and how many more there are."""
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
