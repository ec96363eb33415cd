"""Decides by the first record of a file whether its lines are real-time rows, as the engine does."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, NoReturn

from edgelift import _core
from edgelift.errors import RecordError
from edgelift.pure.error_objects import has_data, is_error_object, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Converted = tuple[int, bytes, str | None]
    """The index of the layout, from 0, the document, and the field that lacks its shape."""

_ROWS_ONLY: Final = "edgelift.pure reads real-time rows only, edgelift.Transformer reads standard logs"
_AUTO: Final = (
    '[input] format = "realtime" reads real-time rows only; format = "auto" reads standard logs, too'
)
_JSON: Final = "the record is a JSON object"
_HEADER: Final = "the record is a line of a standard log's header"
_MESSAGES: Final = {
    (True, True): f"{_JSON}, and {_AUTO}",
    (True, False): f"{_HEADER}, and {_AUTO}",
    (False, True): f"{_JSON} in a file of real-time rows; a file is read by its first record, so split it",
    (False, False): f"{_HEADER}, which counts only at the beginning of a file, not among real-time rows",
}
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_MAX_DIRECTIVE_BYTES: Final = 34
_DIRECTIVE: Final = re.compile(rb"#[ \t]*([A-Za-z-]+):").match
_IS_VERSION: Final = re.compile(rb"#[ \t]*[A-Za-z]+: [0-9]\.[0-9][ \t\r\n\f]*").fullmatch
_JSON_BLANKS: Final = " \t\r\n"


def begins_object(record: bytes) -> bool:
    """Return True if a record begins with a brace, after at most 64 blanks."""
    return record.startswith((b"{", b" ", b"\t", b"\r")) and record[:65].lstrip(b" \t\r").startswith(b"{")


def json_refusal() -> RecordError:
    """Return the error of a JSON record."""
    return RecordError(f"{_JSON}: {_ROWS_ONLY}", "bad_json")


def standard_message(record: bytes, *, is_realtime: bool) -> str | None:
    """Return the message for a record of a standard log that failed as a row; None for any other record.

    Args:
        record: the record.
        is_realtime: whether the configuration has the format ``realtime``.

    """
    is_json = begins_object(record) and _is_objects(record)
    return _MESSAGES[is_realtime, is_json] if is_json or _directive(record) else None


class FileReader:
    """Transforms the lines of one file.

    Args:
        convert: returns the document of a row, or raises `RecordError`.
        options: those of ``[input]``. With the format ``auto`` the file may be a standard log, which is
            refused.

    """

    def __init__(self, convert: Callable[[bytes], Converted], options: Mapping[str, Any]) -> None:
        self._convert = convert
        self._detects = self._is_auto = options["format"] == "auto"
        self._delimiter: str = options["delimiter"].strip()
        self._max_bytes: int = options["max_record_bytes"]
        self._is_standard = self._has_header = False

    def without_mark(self, line: bytes) -> bytes:
        """Return the first line without a byte order mark, if it may decide how the file is read."""
        unmarked = line.removeprefix(_BYTE_ORDER_MARK)
        decides = self._detects and (unmarked.startswith(b"#") or begins_object(unmarked))
        return unmarked if decides else line

    def convert(self, line: bytes) -> Converted | None:
        """Return the document of a line, or None for a directive that has none.

        Raises:
            RecordError: the line cannot be transformed, or only the engine reads it.

        """
        return self._detect(line) if self._detects else self._convert_row(line)

    def log_format(self, record: bytes) -> str | None:
        """Return the format in which a record was read that begins with a brace, if its file decided it."""
        if not self._is_auto or not begins_object(record) or is_error_object(record):
            return None
        return "standard" if self._detects else "realtime"

    def _convert_row(self, line: bytes) -> Converted:
        if is_error_object(line):
            raise refusal(line)
        try:
            return self._convert(line)
        except RecordError:
            if has_data(line):
                raise refusal(line) from None
            raise

    def _detect(self, line: bytes) -> Converted | None:
        """Return the same as `convert` while no real-time row has decided that all lines are rows."""
        if begins_object(line):
            if is_error_object(line) or has_data(line):
                raise refusal(line)
            if len(line) > self._max_bytes:
                return self._convert(line)
            if not self._is_standard:
                is_json, has_tab = _is_objects(line), b"\t" in line
                # Tabs are also blanks of JSON.
                if (has_tab and not is_json) or (has_tab == is_json and self._is_row_of_viewer(line)):
                    self._detects = False
                    return self._convert_row(line)
                self._is_standard = is_json
            raise json_refusal()
        directive = _directive(line)
        if directive and (self._is_standard or self._is_directive(directive, line)):
            self._apply(directive, line)
            return None
        if self._has_header and line not in (b"\n", b"\r\n"):
            message = f"the columns of the row are those of a header: {_ROWS_ONLY}"
            raise RecordError(message, "no_header")
        try:
            converted = self._convert_row(line)
        except RecordError as error:
            # A blank line or a comment does not say what follows.
            is_comment = line.startswith(b"#") and not directive
            self._detects = self._is_standard or error.reason == "empty_record" or is_comment
            raise
        self._detects = self._is_standard
        return converted

    def _apply(self, directive: bytes, line: bytes) -> None:
        is_version = directive == b"version" and _IS_VERSION(line) is not None
        self._is_standard |= is_version or directive == b"fields"
        if directive == b"fields":
            self._has_header = True
            raise RecordError(f"{_HEADER}: {_ROWS_ONLY}", "bad_header")

    def _is_directive(self, directive: bytes, line: bytes) -> bool:
        """Return True if a line that looks like a directive is one, which no row can be."""
        value = line.removesuffix(b"\n").removesuffix(b"\r").partition(b":")[2]
        if len(line) > self._max_bytes:
            return value.startswith(b" ")
        if directive == b"fields":
            is_directive = value.startswith(b" ") or self._names_mostly_fields(value.decode(errors="replace"))
        else:
            is_directive = b" " in line or b"\t" not in line
        return is_directive and not self._is_row_of_viewer(line)

    def _names_mostly_fields(self, value: str) -> bool:
        names = value.split()
        if len(names) == 1 and self._delimiter:
            names = names[0].split(self._delimiter)
        return bool(names) and 2 * sum(map(_is_field, names)) >= len(names)

    def _is_row_of_viewer(self, line: bytes) -> bool:
        """Return True if a line fits a layout and has no blank: CloudFront escapes those of values."""
        if b" " in line:
            return False
        try:
            self._convert(line)
        except RecordError:
            return False
        return True


def _directive(line: bytes) -> bytes | None:
    """Return the word of a directive in lower case, or None for any other line."""
    match = _DIRECTIVE(line)
    return match[1].lower() if match and match.end() <= _MAX_DIRECTIVE_BYTES else None


def _is_field(name: str) -> bool:
    """Return True for the name of a field, in any case or with underscores for other characters."""
    is_table_name = "_" in name
    wanted = _letters(name) if is_table_name else name.lower()
    logs = (_core.FIELDS, _core.STANDARD_FIELDS, _core.CONNECTION_FIELDS)
    return any(
        wanted == (_letters(known) if is_table_name else known.lower()) for log in logs for known in log
    )


def _letters(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError


_raw_decode = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_refuse_constant).raw_decode


def _is_objects(line: bytes) -> bool:
    """Return True if a line consists of JSON objects."""
    try:
        text = line.decode().lstrip(_JSON_BLANKS)
        while text.startswith("{"):
            _, end = _raw_decode(text)
            text = text[end:].lstrip(_JSON_BLANKS)
    except (ValueError, RecursionError):
        return False
    return not text
