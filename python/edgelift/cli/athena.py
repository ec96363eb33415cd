"""The table with which Amazon Athena reads raw real-time log lines in S3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgelift._core import Field

TYPES: Final = {
    "timestamp": "double",
    "decimal": "double",
    "integer": "bigint",
    "status": "int",
    # The SerDe takes true and false only, CloudFront may write 1 and 0.
    "boolean": "string",
}
"""Athena type of each kind; every other kind is a string, still percent-encoded.

A missing value ("-") does not force a column to be a string: NULL DEFINED AS '-' makes it NULL in every type,
and what else is not a number reads as NULL, too. A timestamp is in seconds, as from_unixtime() takes it.
"""


def create_table(fields: Sequence[Field]) -> str:
    """Make the CREATE EXTERNAL TABLE statement.

    Args:
        fields: the fields of the real-time log configuration in CloudFront's order: one for each column.

    """
    columns = ",\n".join(f"  `{field.keys['snake']}` {TYPES.get(field.kind, 'string')}" for field in fields)
    return f"""\
CREATE EXTERNAL TABLE IF NOT EXISTS cloudfront_realtime_logs (
{columns}
)
ROW FORMAT DELIMITED
  FIELDS TERMINATED BY '\\t'
  LINES TERMINATED BY '\\n'
  NULL DEFINED AS '-'
STORED AS TEXTFILE
LOCATION 's3://BUCKET/PREFIX/';
"""
