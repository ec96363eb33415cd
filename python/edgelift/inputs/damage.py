"""Errors of files that are read in part only: damaged ones, and those that would cost too much."""

from __future__ import annotations

from typing import Final

FREE_EXPANSION: Final = 16 * 1024 * 1024
"""Bytes that an object may expand to at any ratio: in the worst case 8 million rows of one byte that fail."""


class DamagedFile(Exception):  # noqa: N818 - the damage is the news; the file may still be of use
    """A file is truncated or corrupt; all that could be read has been yielded.

    Attributes:
        unfinished: bytes yielded since the last line feed: the beginning of a line that is lost.
        is_inherited: true if a compressed file within this one cannot be read to its end because of it.

    """

    unfinished = 0
    is_inherited = False


class CostlyFile(DamagedFile):
    """A file is read no further, since it would take too much memory or time; it may be complete."""

    def __init__(self, problem: str, unfinished: int = 0) -> None:
        super().__init__(problem)
        self.unfinished = unfinished


def check_expansion(expanded: int, compressed: int, limit: int, unfinished: int = 0) -> None:
    """Limit how many bytes come out of a compressed file.

    Args:
        expanded: bytes of content so far.
        compressed: bytes of the file that they came from.
        limit: highest ratio of the two beyond `FREE_EXPANSION`; 0: unlimited.
        unfinished: as in `CostlyFile`.

    Raises:
        CostlyFile: the ratio is higher.

    """
    if limit and expanded > max(FREE_EXPANSION, limit * compressed):
        raise CostlyFile(
            f"expands to more than {limit} times its size: {expanded:,} bytes from {compressed:,}; "
            "--max-expansion 0 (EDGELIFT_MAX_EXPANSION=0 in Lambda) turns this limit off",
            unfinished,
        )
