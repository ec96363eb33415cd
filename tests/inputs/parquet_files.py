"""Parquet files of standard logs, for tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import parquet

from edgelift._core import STANDARD_FIELDS

if TYPE_CHECKING:
    from pathlib import Path

# As in Athena's statement for the table of such files; `timestamp_ms` and what follows by the same rule.
COLUMNS = [
    "date",
    "time",
    "x_edge_location",
    "sc_bytes",
    "c_ip",
    "cs_method",
    "cs_host",
    "cs_uri_stem",
    "sc_status",
    "cs_referer",
    "cs_user_agent",
    "cs_uri_query",
    "cs_cookie",
    "x_edge_result_type",
    "x_edge_request_id",
    "x_host_header",
    "cs_protocol",
    "cs_bytes",
    "time_taken",
    "x_forwarded_for",
    "ssl_protocol",
    "ssl_cipher",
    "x_edge_response_result_type",
    "cs_protocol_version",
    "fle_status",
    "fle_encrypted_fields",
    "c_port",
    "time_to_first_byte",
    "x_edge_detailed_result_type",
    "sc_content_type",
    "sc_content_len",
    "sc_range_start",
    "sc_range_end",
    "distribution_tenant_id",
    "connection_id",
    "timestamp_ms",
    "origin_fbl",
    "origin_lbl",
    "asn",
    "c_country",
    "cache_behavior_path_pattern",
    "viewer_request_log_data",
    "viewer_response_log_data",
    "timestamp",
    "distributionid",
]

ROWS = 500

Row = dict[str, str | None]


def write(path: Path, rows: list[Row], **options: object) -> Path:
    """Write rows whose keys are columns, all strings."""
    table = pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in rows[0]})
    parquet.write_table(table, path, **options)
    return path


def as_json(rows: list[Row]) -> bytes:
    names = dict(zip(COLUMNS, STANDARD_FIELDS, strict=True))
    lines = ({names.get(column, column): value for column, value in row.items()} for row in rows)
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def row_of(number: int) -> Row:
    values: Row = dict.fromkeys(COLUMNS, "-")
    time = {"date": "2024-11-15", "time": f"19:45:{number % 60:02}"}
    return values | time | {"cs_uri_stem": f"/{number}", "sc_status": "200", "cs_host": "d1.cloudfront.net"}


def write_values(path: Path, values: list[str], **options: object) -> Path:
    parquet.write_table(pa.table({"c_ip": pa.array(values, pa.string())}), path, **options)
    return path


def with_page_size(path: Path, size: int) -> Path:
    """Write a small file whose page header promises another size; what the metadata says stays."""
    write_values(path, ["a"], use_dictionary=False, compression="snappy", write_page_checksum=True)
    column = parquet.ParquetFile(path).metadata.row_group(0).column(0)
    data, start = path.read_bytes(), column.data_page_offset
    end = start + column.total_compressed_size
    # Fields 1 to 4: type, size, compressed size, and checksum, which makes room for the size and goes.
    assert data[start : start + 3] + data[start + 4 : start + 5] == b"\x15\x00\x15\x15"
    packed, checksum = data[start + 4 : start + 6], data[start + 6 :]
    after = next(place for place, byte in enumerate(checksum) if place and byte < 128) + 1
    assert checksum[:1] + checksum[after : after + 1] == b"\x15\x1c"
    value = size << 1
    varint = bytes([value >> shift & 127 | (128 if shift < 28 else 0) for shift in range(0, 35, 7)])
    header = data[start : start + 3] + varint + packed + b"\x2c"
    body = data[start + 6 + after + 1 : end]
    path.write_bytes(data[:start] + (header + body).ljust(end - start, b"\0") + data[end:])
    assert len(path.read_bytes()) == len(data)
    return path
