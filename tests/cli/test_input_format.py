"""``--input-format``, which replaces the format of the configuration, and how files are read without it."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from tests.inputs.test_layers import zip_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Run

ROW = b"1700000000\t192.0.2.1\t200\n"
STANDARD = b"#Version: 1.0\n#Fields: c-ip asn\n::1\t7\n"
FIELDS = ("--fields", "timestamp,c-ip,sc-status")
CONFIG = '[input]\nformat = "{}"\n[[layouts]]\nfields = ["timestamp", "c-ip", "sc-status"]\n'


def documents(out: bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def realtime(tmp_path: Path) -> Path:
    path = tmp_path / "edgelift.toml"
    path.write_text(CONFIG.format("realtime"), "utf-8")
    return path


def test_each_file_is_read_by_its_first_record(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(ROW)
    (tmp_path / "b.log").write_bytes(STANDARD)
    (tmp_path / "c.log").write_bytes(b'{"asn":"8"}\n')
    done = run("transform", tmp_path, *FIELDS)
    assert (done.code, [len(document) for document in documents(done.out)]) == (0, [3, 2, 1])
    assert [line.partition(": ")[2] for line in done.detected] == [
        "real-time rows",
        "a standard log, version 2 (2 columns)",
        "JSON records of a standard log, version 2",
    ]


@pytest.mark.parametrize("outer", [bytes, gzip.compress])
def test_each_file_of_an_archive_is_read_by_its_first_record(
    run: Run, tmp_path: Path, outer: Callable[[bytes], bytes]
) -> None:
    files = (STANDARD.rstrip(b"\n"), ROW, gzip.compress(b'{"asn":"8"}\n'), ROW)
    data = outer(zip_of(*files))
    done = run("transform", *FIELDS, stdin=data)
    assert (done.code, [len(document) for document in documents(done.out)]) == (0, [2, 3, 1, 3])
    assert run("size", *FIELDS, "--format", "json", stdin=outer(zip_of(ROW.rstrip(b"\n"), ROW))).code == 0
    (tmp_path / "log").write_bytes(data)
    words = (tmp_path / "log", tmp_path / "documents", "--journal", tmp_path / "journal", *FIELDS)
    assert run("reprocess", *words).code == 0
    assert (tmp_path / "documents").read_bytes() == done.out


def test_a_header_among_rows_is_a_failed_row(run: Run) -> None:
    done = run("transform", *FIELDS, stdin=ROW + STANDARD + ROW)
    assert (done.code, len(documents(done.out))) == (1, 2)
    assert done.err.count("which counts only at the beginning of a file") == 2
    assert "--input-format" not in done.err


def test_the_option_replaces_the_format_of_the_configuration(run: Run, realtime: Path) -> None:
    assert run("transform", "--config", realtime, stdin=STANDARD).code == 1
    done = run("transform", "--config", realtime, "--input-format", "auto", stdin=STANDARD)
    assert (done.code, documents(done.out)) == (0, [{"c-ip": "::1", "asn": 7}])
    realtime.write_text(CONFIG.format("auto"), "utf-8")
    done = run("transform", "--config", realtime, "--input-format=realtime", stdin=STANDARD)
    assert (done.code, done.out) == (1, b"")


def test_the_option_makes_a_list_one_of_standard_logs(run: Run) -> None:
    words = ("transform", "--fields", "c-ip,asn")
    assert documents(run(*words, stdin=b"::1\t7\n").out) == [{"c-ip": "::1", "asn": 7}]
    standard = run(*words, "--input-format", "standard", stdin=b"::1\t7\n" + STANDARD)
    assert documents(standard.out) == [{"c-ip": "::1", "asn": 7}] * 2


@pytest.mark.parametrize("verb", ["transform", "explain", "reprocess"])
def test_real_time_rows_need_columns(run: Run, verb: str, tmp_path: Path) -> None:
    words = (tmp_path, tmp_path) if verb == "reprocess" else ()
    done = run(verb, *words, "--input-format", "realtime", stdin=ROW)
    assert (done.code, done.out) == (2, b"")
    assert "nothing says which columns the lines have" in done.err


def test_an_unknown_format_is_refused(run: Run) -> None:
    done = run("transform", "--input-format", "json", stdin=ROW)
    assert done.code == 2
    assert '"json" is not' in done.err


@pytest.mark.parametrize("format", ["realtime", "auto"])
def test_explain_and_reprocess_have_the_option(run: Run, realtime: Path, tmp_path: Path, format: str) -> None:  # noqa: A002 -- the name of the option
    more = ("--config", realtime, "--input-format", format)
    done = run("explain", *more, stdin=b'{"asn":"7"}\n')
    assert (b"timestamp" not in done.out) is (format == "auto")
    (tmp_path / "log").write_bytes(b'{"asn":"7"}\n')
    words = (tmp_path / "log", f"{tmp_path}/documents/", "--journal", tmp_path / "journal")
    assert run("reprocess", *words, *more).code == (0 if format == "auto" else 1)


def test_size_has_the_option(run: Run, realtime: Path) -> None:
    words = ("size", "--config", realtime, "--format", "json")
    assert run(*words, "--input-format", "auto", stdin=b'{"asn":"7"}\n').code == 0
    assert run(*words, stdin=b'{"asn":"7"}\n').code == 1


@pytest.mark.parametrize("more", [(), ("--input-format", "auto")])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[input\n", "edgelift.toml:1: "),
        ('input = "x"\n', "edgelift.toml:1: input: "),
        ('[output]\nnames = "x"\n', "edgelift.toml:2: output.names: "),
        ('[input]\nformat = "x"\n[[layouts]]\nfields = []\n', "edgelift.toml:"),
    ],
)
def test_errors_of_the_configuration_are_those_of_the_file(
    run: Run, realtime: Path, text: str, message: str, more: tuple[str, ...]
) -> None:
    realtime.write_text(text, "utf-8")
    done = run("transform", "--config", realtime, *more, stdin=ROW)
    assert (done.code, done.out) == (2, b"")
    assert message in done.err


def test_a_missing_configuration_is_reported(run: Run, tmp_path: Path) -> None:
    done = run("transform", "--config", tmp_path / "none.toml", "--input-format", "auto", stdin=ROW)
    assert done.code == 2
    assert "cannot read the configuration" in done.err
