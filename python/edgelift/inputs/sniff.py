"""Detects by its first bytes what a file is that is not a log. Never asked for files that can be read."""

import re
from typing import Final

_BEGINNINGS: Final = {
    b"PK\x05\x06": "an empty zip archive",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"\xfd7zXZ\0": "compressed by xz",
    b"\x04\x22\x4d\x18": "compressed by LZ4",
    b"Obj\x01": "an Avro file",
    b"ORC": "an ORC file",
    b"SQLite format 3\0": "an SQLite database",
    b"%PDF-": "a PDF file",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
    b"\x7fELF": "an ELF program",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
    b"\xef\xbb\xbf": "text with a byte order mark",
    b"[": "a JSON array",
}

MOST_LINES: Final = 100
"""Lines in which the first row is looked for."""

LEAST_COLUMNS: Final = 3

_TIME: Final = re.compile(rb"\s*(\d{4}-\d\d-\d\d\s+\d\d:\d\d:\d\d|\d{10}(\.\d{1,9})?)\s")
"""Beginning of a row: date and time, or the seconds since 1970."""

_HEADER: Final = re.compile(rb"#Version: \d|#Fields:[ \t]")
"""The beginning of a header, where a viewer may have written the first column of a row."""

_S3_ERROR: Final = re.compile(rb"<Error>\s*<Code>(\w+)</Code>")


def looks_like(block: bytes) -> str | None:
    """Return the type of file that begins like this and is not a log, or None."""
    for beginning, name in _BEGINNINGS.items():
        if block.startswith(beginning):
            return name
    if block[257:262] == b"ustar":
        return "a tar archive"
    text = block.lstrip()[:1000]
    if not text.startswith(b"<"):
        return None
    error = _S3_ERROR.search(text)
    if error:
        return f"an error message of Amazon S3 ({error[1].decode()})"
    return "HTML" if re.match(rb"(?i)<(!doctype )?html", text) else "XML"


def is_separated_by_blanks(block: bytes) -> bool:
    """Return true if a block has the rows of a log, and blanks where a log has tabs."""
    names = None
    for line in block.splitlines()[:MOST_LINES]:
        if line.startswith(b"#"):
            directive, _, values = line.partition(b":")
            names = len(values.split()) if directive.lower() == b"#fields" else names
        elif line.strip():
            columns = len(line.split())
            is_row = columns == names if names else _TIME.match(line) is not None
            return b"\t" not in line and columns >= LEAST_COLUMNS and is_row
    return False


def rows_of(block: bytes) -> str:
    """Say what rows are of which nothing is known."""
    columns = block.partition(b"\n")[0].count(b"\t") + 1
    return f"rows of {columns} column{'' if columns == 1 else 's'} without a header"


def is_header(line: bytes) -> bool:
    """Return true for a line of the header of a standard log."""
    return _HEADER.match(line) is not None
