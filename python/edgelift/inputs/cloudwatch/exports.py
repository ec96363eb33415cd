"""Exports of CloudWatch Logs to S3: each line is a time, a blank and the message.

Source: Amazon CloudWatch Logs User Guide, "Exporting log data to Amazon S3".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from edgelift.inputs.damage import DamagedFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TIME: Final = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d) "

BEGINNING: Final = re.compile(_TIME + rb"(?=\S)")

_LINE_BEGINNING: Final = re.compile(b"^" + _TIME, re.MULTILINE)

LONGEST_TIME: Final = 40
"""Bytes of a time at most."""


def messages(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of an export without their times; lines without a time as they are.

    Raises:
        DamagedFile: as ``blocks``.

    """
    rest, is_in_line, unfinished = b"", False, 0
    try:
        for block in blocks:
            data = rest + block
            end = data.rfind(b"\n") + 1
            lines, rest = data[:end], data[end:]
            made = _without_times(lines, is_in_line=is_in_line)
            is_in_line = is_in_line and not lines
            if is_in_line or len(rest) > LONGEST_TIME:
                made += _without_times(rest, is_in_line=is_in_line)
                rest, is_in_line = b"", True
            if made:
                yield made
                unfinished = len(made) - made.rfind(b"\n") - 1 + (0 if b"\n" in made else unfinished)
    except DamagedFile as damage:
        # What is held is part of an unfinished line, or of one after which the damage is.
        is_complete = not damage.unfinished
        if rest and is_complete:
            yield _without_times(rest, is_in_line=is_in_line)
        damage.unfinished = 0 if is_complete else unfinished
        raise
    if rest:
        yield _without_times(rest, is_in_line=is_in_line)


def _without_times(lines: bytes, *, is_in_line: bool) -> bytes:
    if not is_in_line:
        return _LINE_BEGINNING.sub(b"", lines)
    end = lines.find(b"\n") + 1
    return lines[:end] + _LINE_BEGINNING.sub(b"", lines[end:]) if end else lines
