"""Compressed objects and those of CloudWatch Logs: read from S3 as `edgelift transform` reads files."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from tests.inputs.test_cloudwatch import CONTROL, DOCUMENT, RECORD, envelope
from tests.inputs.test_layers import PACKERS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run
    from tests.reprocess.conftest import Client


def test_envelopes_are_read_from_files_standard_input_and_s3(
    run: Run, aws: dict[str, str], s3: Client, s3_url: str, tmp_path: Path
) -> None:
    data = gzip.compress(CONTROL) + gzip.compress(envelope(RECORD % 200, RECORD % 304))
    (tmp_path / "log").write_bytes(data)
    expected = DOCUMENT % 200 + DOCUMENT % 304
    assert run("transform", tmp_path / "log").out == expected
    assert run("transform", stdin=data).out == expected
    s3.put_object(Bucket="logs", Key="log", Body=data)
    words = ("--endpoint-url", s3_url, "--journal", tmp_path / "journal")
    assert run("reprocess", "s3://logs/log", tmp_path / "out", *words, env=aws).code == 0
    assert (tmp_path / "out").read_bytes() == expected


def test_compressed_objects_are_read_from_s3(
    run: Run, aws: dict[str, str], s3: Client, s3_url: str, tmp_path: Path
) -> None:
    for name, pack in PACKERS.items():
        s3.put_object(Bucket="logs", Key=f"in/{name}", Body=pack(b"#Fields: sc-status\n200\n"))
    words = ("--endpoint-url", s3_url, "--journal", tmp_path / "journal")
    assert run("reprocess", "s3://logs/in/", f"{tmp_path}/out/", *words, env=aws).code == 0
    made = [file.read_bytes() for file in (tmp_path / "out").iterdir()]
    assert made == [b'{"sc-status":200}\n'] * len(PACKERS)
