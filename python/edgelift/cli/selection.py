"""Compares the fields that ``[output] columns`` selects with the columns of each log."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from edgelift._core import FIELDS
from edgelift.inputs.errors import LacksColumnsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edgelift._core import Transformer
    from edgelift.inputs.detect import LineStream

_HEADER: Final = re.compile(rb"^(?:\xef\xbb\xbf)?#[ \t]*fields:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)

_TIMES: Final = {"date", "time", "timestamp", "timestampms", "eventtimestamp"}
"""Columns that become the timestamp of a document, as `_letters` returns them."""

MOST_NAMES: Final = 8
"""Columns of a log that an error lists."""


class Selection:
    """The fields that a configuration selects, and the logs that lack some.

    Args:
        transformer: that of the configuration.

    """

    def __init__(self, transformer: Transformer) -> None:
        self._wanted = {name: _spellings(name) for name in transformer.options["output"]["columns"]}
        self._logs = 0
        self._lacking: Counter[str] = Counter()

    def check(self, stream: LineStream[object], block: bytes, *, may_refuse: bool) -> None:
        """Note which selected fields a log lacks.

        Args:
            stream: has read the block.
            block: beginning of the log.
            may_refuse: true if the log can be refused.

        Raises:
            LacksColumnsError: its header has none of them, so that its documents would be empty.

        """
        if not self._wanted or not stream.counts.ok:
            return
        header = _HEADER.search(block) if block.lstrip().startswith((b"#", b"\xef")) else None
        names = _names(header[1]) if header else _keys(stream, block)
        if not names:
            return
        found = set(map(_letters, names))
        lacking = [name for name, spellings in self._wanted.items() if not spellings & found]
        if header and may_refuse and len(lacking) == len(self._wanted):
            wanted = "the selected column" if len(lacking) == 1 else "any of the selected columns"
            raise LacksColumnsError(f"a log without {wanted} {_listed(lacking)}: it has {_listed(names)}")
        self._logs += 1
        self._lacking.update(lacking)

    def warnings(self) -> Iterable[str]:
        """Yield a sentence for each field that logs lack."""
        for name, count in self._lacking.items():
            logs = "the log" if self._logs == 1 else f"{count} of {self._logs} logs"
            yield f"warning: no column {name} in {logs}"


def _spellings(name: str) -> set[str]:
    """Return the names that columns of a field may have, without punctuation."""
    names = {name, *(field for field, known in FIELDS.items() if known.standard == name)}
    if known := FIELDS.get(name):
        names.add(known.standard or name)
    letters = set(map(_letters, names))
    return letters | _TIMES if letters & _TIMES else letters


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _names(header: bytes) -> list[str]:
    return [name for name in re.split(r"[\s,;|]+", header.decode("utf-8", "replace")) if name]


def _keys(stream: LineStream[object], block: bytes) -> list[str]:
    """Return the keys of the first record if the log is of JSON records."""
    if not any(kind.startswith("JSON records") for kind in stream.detected_formats):
        return []
    import json  # 5 ms, for JSON records only

    from edgelift.inputs.cloudwatch.json_objects import first_object

    try:
        record = json.loads(first_object(block.lstrip()) or b"{}")
    except (ValueError, RecursionError):
        return []
    return list(record)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more
