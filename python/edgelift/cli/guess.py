"""What a file is that is no log, by its first bytes."""

from typing import Final

_BEGINNINGS: Final = {
    b"PAR1": "a Parquet file",
    b"PK\x03\x04": "a zip archive",
    b"\x28\xb5\x2f\xfd": "compressed by Zstandard",
    b"\xef\xbb\xbf": "text with a byte order mark",
    b"<": "HTML or XML",
    b"[": "a JSON array",
}


def looks_like(block: bytes) -> str:
    """Say what bytes look like that have neither header nor keys."""
    for beginning, name in _BEGINNINGS.items():
        if block.startswith(beginning):
            return name
    if b"\0" in block:
        return "binary"
    columns = block.partition(b"\n")[0].count(b"\t") + 1
    return f"rows of {columns} column{'' if columns == 1 else 's'} without a header"
