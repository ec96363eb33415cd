"""Failed records of `transform` and `reprocess` are read by both and become the missing documents."""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.engine.replay.objects import FIXTURES, error_object, processing_failed, refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Run

    Write = Callable[[Path, Path, Path], bytes]
    Read = Callable[[Path, Path], bytes]

LAYOUT = '[[layouts]]\nfields = ["timestamp", "c-ip", "sc-status", "cs-uri-stem"]\n'
WRONG = f'[input]\nformat = "auto"\n{LAYOUT}'
CORRECTED = f'[input]\nformat = "auto"\nbad_value = "keep"\n{LAYOUT}'
ROW = "1700000000.123\t192.0.2.1\t{}\t/{}\n"
V1 = (
    "#Version: 1.0\n#Fields: date time c-ip sc-status cs(User-Agent)\n"
    "2013-01-01\t00:00:00\t192.0.2.1\t2x0\ta%2520b\n2013-01-01\t00:00:01\t192.0.2.1\t200\ta%2520b\n"
)
W3C = "#Fields: cs-uri-stem sc-status\n/w3c-1\t2x0\n/w3c-2\t200\n#Fields: sc-status\n2y0\n"
JSON = '{"sc-status":"2x0","cs-uri-stem":"/json-1%20"}\n{"sc-status":"200","cs-uri-stem":"/json-2"}\n'
EXPORT = '2024-11-15T00:00:00.000Z {"sc-status":"2x0","cs-uri-stem":"/export-1"}\n'
FILES = {
    "rows.gz": gzip.compress(
        "".join(ROW.format(value, value) for value in ("200", "2x0", "404", "4x4")).encode()
    ),
    "v1": V1.encode(),
    "w3c": W3C.encode(),
    "v2.json": JSON.encode(),
    "export": EXPORT.encode(),
    "error-objects": b"\n".join(
        [
            processing_failed(ROW.format("3x3", "a").encode()),
            processing_failed(ROW.format("303", "b").encode()),
            refused(b'{"cs-uri-stem":"/refused"}'),
            error_object(W3C.splitlines()[1].encode(), lambdaArn="", logHeader=W3C.splitlines()[0] + "\n"),
        ]
    ),
}


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Make a folder of logs of each kind, with records that a corrected configuration accepts."""
    folder = tmp_path / "logs"
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def configs(tmp_path: Path) -> tuple[Path, Path]:
    """Write a configuration that fails records, and a corrected one."""
    wrong, corrected = tmp_path / "wrong.toml", tmp_path / "corrected.toml"
    wrong.write_text(WRONG)
    corrected.write_text(CORRECTED)
    return wrong, corrected


@pytest.fixture(params=["transform", "reprocess"])
def write(request: pytest.FixtureRequest, run: Run, tmp_path: Path) -> Write:
    """Give a function that transforms logs, and writes failed records to a place."""

    def write(source: Path, config: Path, failed: Path) -> bytes:
        out = tmp_path / "first.ndjson"
        # If every record fails, the documents of an earlier run stay.
        out.unlink(missing_ok=True)
        words = ("--config", config, "--failed", failed)
        if request.param == "transform":
            done = run("transform", source, "-o", out, *words)
        else:
            done = run("reprocess", source, out, "--journal", tmp_path / "first.journal", *words)
        assert done.code == 1, done.err
        return out.read_bytes()

    return write


@pytest.fixture(params=["transform", "reprocess"])
def read(request: pytest.FixtureRequest, run: Run, tmp_path: Path) -> Read:
    """Give a function that transforms failed records, of which all become documents."""

    def read(failed: Path, config: Path) -> bytes:
        out = tmp_path / "second.ndjson"
        if request.param == "transform":
            done = run("transform", failed, "-o", out, "--config", config)
        else:
            done = run("reprocess", failed, out, "--journal", tmp_path / "second.journal", "--config", config)
        assert done.code == 0, done.err
        return out.read_bytes()

    return read


def test_failed_records_become_the_missing_documents(  # noqa: PLR0913, PLR0917 - fixtures
    run: Run, logs: Path, configs: tuple[Path, Path], write: Write, read: Read, tmp_path: Path
) -> None:
    wrong, corrected = configs
    failed = tmp_path / "failed"
    first, second = write(logs, wrong, failed), read(failed, corrected)
    expected = run("transform", logs, "--config", corrected)
    assert expected.code == 0, expected.err
    assert (first.count(b"\n"), second.count(b"\n")) == (7, 9)
    assert Counter((first + second).splitlines()) == Counter(expected.out.splitlines())


def test_failed_records_that_fail_again_stay_the_same(
    logs: Path, configs: tuple[Path, Path], write: Write, tmp_path: Path
) -> None:
    wrong, _ = configs

    def records(place: Path) -> Counter[tuple[str, str | None]]:
        files = sorted(place.iterdir()) if place.is_dir() else [place]
        objects = [json.loads(line) for file in files for line in file.read_bytes().splitlines()]
        return Counter((value["rawData"], value.get("logHeader")) for value in objects)

    once, twice = tmp_path / "once", tmp_path / "twice"
    write(logs, wrong, once)
    (tmp_path / "first.journal").unlink(missing_ok=True)
    assert write(once, wrong, twice) == b""
    assert records(once) == records(twice)
    assert records(once).total() == 9


@pytest.mark.parametrize(
    "line",
    [
        b'{"attemptsMade":1,"errorCode":"edgelift.bad_base64","rawData":"e30","lambdaArn":null}',
        b'{"attemptsMade":1,"errorCode":"edgelift.too_large","truncatedData":"e30="}',
        b'{"attemptsMade":1,"errorCode":"404","rawData":"W10=","esIndexName":"cdn"}',
        b' {"RAWDATA":"e30=","errorCode":"Splunk.ServerError"}',
    ],
    ids=["base64", "truncated", "document", "ambiguous"],
)
def test_error_objects_keep_their_reason(
    write: Write, configs: tuple[Path, Path], tmp_path: Path, line: bytes
) -> None:
    # The row becomes a document.
    (tmp_path / "log").write_bytes(ROW.format(200, "a").encode() + line)
    write(tmp_path / "log", configs[1], tmp_path / "failed")
    failed = tmp_path / "failed"
    file = failed if failed.is_file() else next(failed.iterdir())
    assert file.read_bytes() == line + b"\n"


def test_error_objects_that_cannot_be_read_stay_unchanged(
    write: Write, configs: tuple[Path, Path], tmp_path: Path
) -> None:
    # The second one is not JSON, as the lines of a failed file are.
    line, broken = refused(b'{"cs-uri-stem":"/"}', index=""), b'{"attemptsMade":4,'
    (tmp_path / "log").write_bytes(line + b"\n" + broken)
    failed = tmp_path / "failed"
    write(tmp_path / "log", configs[0], failed)
    file = failed if failed.is_file() else next(failed.iterdir())
    unchanged, wrapped = file.read_bytes().splitlines()
    assert unchanged == line
    assert base64.b64decode(json.loads(wrapped)["rawData"]) == broken


def old_line(record: bytes, reason: str = "bad_value") -> bytes:
    line = {
        "file": "a.tsv", "line": 2, "offset": 27, "reason": reason, "field": None, "column": None,
        "message": "as it was", "raw": base64.b64encode(record).decode(),
    }  # fmt: skip
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"


def test_failed_files_of_earlier_versions_are_read(
    read: Read, configs: tuple[Path, Path], tmp_path: Path
) -> None:
    failed = tmp_path / "failed.ndjson"
    row = ROW.format("2x0", "a").rstrip("\n").encode()
    failed.write_bytes(
        old_line(row)
        + old_line(b'{"sc-status":"2x0"}')
        + old_line(refused(b'{"cs-uri-stem":"/refused"}'), "bad_error_object")
        # Lines of other kinds may have been added.
        + processing_failed(row)
        + b"\n"
        + old_line(row).rstrip(b"\n")
    )
    document = (
        b'{"timestamp":1700000000123,"c-ip":"192.0.2.1","cs-uri-stem":"/a","_unparsed":{"sc-status":"2x0"}}\n'
    )
    assert read(failed, configs[1]) == (
        document + b'{"_unparsed":{"sc-status":"2x0"}}\n{"cs-uri-stem":"/refused"}\n' + 2 * document
    )


def test_published_failed_file_is_read(read: Read, tmp_path: Path) -> None:
    config = tmp_path / "edgelift.toml"
    config.write_text(
        '[input]\nbad_value = "keep"\n[[layouts]]\nfields = ["timestamp", "c-ip", "sc-status"]\n'
    )
    document = b'{"timestamp":1700000000200,"c-ip":"192.0.2.1","_unparsed":{"sc-status":"2x0"}}\n'
    assert read(FIXTURES / "cases" / "transform-failed.ndjson", config) == document


def test_truncated_records_of_earlier_versions_fail(
    run: Run, configs: tuple[Path, Path], tmp_path: Path
) -> None:
    failed = tmp_path / "failed.ndjson"
    failed.write_bytes(old_line(ROW.format("200", "a").encode(), "too_large"))
    done = run("transform", failed, "--config", configs[1])
    assert (done.code, done.out) == (1, b"")
    assert "the error object holds only the beginning of a record that was too large" in done.err


@pytest.mark.parametrize("name", ["failed.gz", "failed"])
def test_truncated_failed_file_of_an_earlier_version_is_damaged(
    run: Run, configs: tuple[Path, Path], tmp_path: Path, name: str
) -> None:
    row = ROW.format("2x0", "a").rstrip("\n").encode()
    content = b"".join(old_line(row) for _ in range(1000))
    file = tmp_path / name
    file.write_bytes(gzip.compress(content)[:-100] if name.endswith("gz") else content[:-10])
    done = run("transform", file, "--config", configs[1])
    assert done.code == 1
    assert 1 < len(done.out.splitlines()) < 1000
    assert len(set(done.out.splitlines())) == 1
