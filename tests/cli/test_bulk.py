"""`edgelift transform --format bulk`: the bodies of the library, each file an object."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

import edgelift

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

ROWS = b"1700000000.5\t::1\n1700000000.5\t::1\nbad\n1700100000.5\t::2\n"
FIELDS = "timestamp,c-ip"


def body(rows: bytes, index: str | None = None) -> bytes:
    transformer = edgelift.Transformer.from_fields(FIELDS.split(","))
    return transformer.transform_lines(rows, format="bulk", index=index).output


def indexes(out: bytes) -> list[str]:
    return [json.loads(action)["create"]["_index"] for action in out.splitlines()[::2]]


def test_equal_lines_are_counted_in_each_file(run: Run, tmp_path: Path) -> None:
    plain, packed, failed = tmp_path / "a.tsv", tmp_path / "b.gz", tmp_path / "failed.ndjson"
    plain.write_bytes(ROWS)
    packed.write_bytes(gzip.compress(ROWS))
    done = run("transform", plain, packed, "--fields", FIELDS, "--format", "bulk", "--failed", failed)
    assert (done.code, done.out) == (1, body(ROWS) * 2)
    assert done.out.count(b'-2"}}\n') == 2
    assert indexes(done.out)[:3] == ["cdn-logs-2023-11-14"] * 2 + ["cdn-logs-2023-11-16"]
    assert [json.loads(line)["line"] for line in failed.read_bytes().splitlines()] == [3, 3]


def test_body_does_not_depend_on_block_borders(run: Run, lines: bytes, fields: str) -> None:
    transformer = edgelift.Transformer.from_fields(fields.split(","))
    done = run("transform", "--fields", fields, "--format", "bulk", stdin=lines)
    assert done.out == transformer.transform_lines(lines, format="bulk").output
    assert len(set(done.out.splitlines()[::2])) == len(done.out.splitlines()[::2])


def test_index_comes_from_option_then_configuration_then_default(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "edgelift.toml"
    config.write_text('[[layouts]]\nfields = ["timestamp", "c-ip"]\n[bulk]\nindex = "of-config-{yyyy}"\n')
    row = ROWS.splitlines()[0]
    done = run("transform", "--config", config, "--format", "bulk", stdin=row)
    assert (done.code, indexes(done.out)) == (0, ["of-config-2023"])
    done = run("transform", "--config", config, "--format", "bulk", "--index", "of-{HH}-option", stdin=row)
    assert (done.code, indexes(done.out)) == (0, ["of-22-option"])


def test_without_options_bodies_come_from_standard_logs(run: Run, fixtures: Path) -> None:
    log = fixtures / "standard" / "v1-2022-33col.log"
    done = run("transform", log, "--format", "bulk")
    assert done.code == 0
    documents = [json.loads(line) for line in done.out.splitlines()]
    assert [action["create"]["_id"] for action in documents[::2]] == [
        document["x-edge-request-id"] for document in documents[1::2]
    ]
    assert len(documents) == 4


NO_TIME = (
    'edgelift: bulk.index: "cdn-logs-{yyyy}-{MM}-{dd}" is named by the time of each record, and the layout '
    "has none; add the field of the time, or name an index without a time"
)
NO_PLACEHOLDER = (
    'edgelift: --index: unknown placeholder "{mm}", known are {yyyy}, {MM}, {dd}, {HH}; did you mean "{MM}"?'
)
NO_USE = "edgelift: --index needs --format bulk: JSON lines have no index"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--fields", "c-ip", "--format", "bulk"], NO_TIME),
        (["--fields", FIELDS, "--format", "bulk", "--index", "a-{mm}"], NO_PLACEHOLDER),
        (["--fields", FIELDS, "--index", "a"], NO_USE),
        (["--fields", FIELDS, "--format", "ndjson", "--index", "a"], NO_USE),
        (["--fields", FIELDS, "--format", "xml"], '--format: "xml" is not one of ndjson, bulk'),
    ],
)
def test_wrong_usage_leaves_the_output_file_alone(
    run: Run, options: list[str], message: str, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(b"from an earlier run")
    done = run("transform", *options, "-o", kept, stdin=ROWS)
    assert done.code == 2
    assert message in done.err
    assert kept.read_bytes() == b"from an earlier run"
