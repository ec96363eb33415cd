"""Limits on the content of one object, so that a hostile one costs itself only."""

from __future__ import annotations

from typing import Final, NamedTuple

MAX_RECORD_BYTES: Final = 1 << 20
"""Default of ``[input] max_record_bytes``."""

MAX_EXPANSION: Final = 200
"""Default ratio of content to compressed bytes.

Measured with zlib at its highest level: CloudFront's rows with request ids reach 10, rows of one polling
client without ids 77, rows that differ in their second only 190. Deflate's limit is 1,032.
"""


class Limits(NamedTuple):
    """Limits on the content of one object.

    Attributes:
        max_record_bytes: longest record in bytes, its line end included.
        max_expansion: highest ratio of content to compressed bytes, beyond the first 16 MiB of content
            (`edgelift.inputs.damage.FREE_EXPANSION`); 0: unlimited.

    """

    max_record_bytes: int = MAX_RECORD_BYTES
    max_expansion: int = 0
