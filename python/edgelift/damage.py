"""What is said of a file that is damaged."""

from __future__ import annotations


class DamagedFile(Exception):  # noqa: N818 - the damage is the news; the file may still be of use
    """A file that is cut off or corrupt, after all that could be read has been handed out.

    Attributes:
        unfinished: bytes handed out since the last line feed: the beginning of a line that is lost.

    """

    unfinished = 0
