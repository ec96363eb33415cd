"""``--names``, ``--values``, ``--missing``, ``--timestamp`` and ``--columns`` of transform and reprocess."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

FIELDS = ("--fields", "timestamp,c-ip,sc-status")
ROW = b"1700000000.123\t192.0.2.1\t-\n"
STANDARD = b"#Version: 1.0\n#Fields: date time c-ip sc-status\n2024-11-15\t19:45:51\t192.0.2.1\t200\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "edgelift.toml"
    path.write_text(
        '[[layouts]]\nfields = ["timestamp", "c-ip", "sc-status"]\n'
        '[output]\nnames = "snake"\nmissing = "null"\ncolumns = ["c-ip", "sc-status"]\n'
    )
    return path


@pytest.mark.parametrize(
    ("options", "document"),
    [
        (("--names", "ecs"), {"@timestamp": 1700000000123, "source.ip": "192.0.2.1"}),
        (("--values=text",), {"timestamp": "1700000000.123", "c-ip": "192.0.2.1"}),
        (("--missing", "null", "--columns", "sc-status"), {"sc-status": None}),
        (("--timestamp", "iso8601", "--columns=date"), {"timestamp": "2023-11-14T22:13:20.123Z"}),
        (("--columns", " c-ip , timestamp"), {"timestamp": 1700000000123, "c-ip": "192.0.2.1"}),
    ],
)
def test_options_of_documents_without_a_configuration(
    run: Run, options: tuple[str, ...], document: dict[str, object]
) -> None:
    done = run("transform", *FIELDS, *options, stdin=ROW)
    assert (done.code, json.loads(done.out)) == (0, document)


def test_standard_logs_need_no_other_option(run: Run) -> None:
    done = run("transform", "--columns", "c-ip,time", "--names", "otel", stdin=STANDARD)
    assert json.loads(done.out) == {"@timestamp": 1731699951000, "client.address": "192.0.2.1"}


def test_options_replace_those_of_the_configuration(run: Run, config: Path) -> None:
    assert json.loads(run("transform", "--config", config, stdin=ROW).out) == {
        "c_ip": "192.0.2.1",
        "sc_status": None,
    }
    words = ("--names", "otel", "--missing", "omit", "--columns", "c-ip,sc-status,timestamp")
    done = run("transform", "--config", config, *words, stdin=ROW)
    assert json.loads(done.out) == {"@timestamp": 1700000000123, "client.address": "192.0.2.1"}


@pytest.mark.parametrize("verb", ["transform", "reprocess"])
@pytest.mark.parametrize("known", [FIELDS, ("--config",), ()], ids=["fields", "config", "neither"])
def test_an_unknown_column_is_refused_with_the_nearest_one(
    run: Run, config: Path, tmp_path: Path, verb: str, known: tuple[str, ...]
) -> None:
    log, out = tmp_path / "access.log", tmp_path / "documents.ndjson"
    log.write_bytes(STANDARD)
    where = (log, out) if verb == "reprocess" else (log, "-o", out)
    known = (*known, str(config)) if known == ("--config",) else known
    done = run(verb, *where, *known, "--columns", "c-ip,sc-staus")
    message = 'edgelift: --columns: unknown field "sc-staus"; did you mean "sc-status"?\n'
    assert (done.code, done.err) == (2, message)
    assert not out.exists()


def test_a_column_of_no_layout_is_refused(run: Run) -> None:
    done = run("transform", *FIELDS, "--columns", "c-port", stdin=ROW)
    assert (done.code, done.err) == (2, 'edgelift: --columns: no layout has the field "c-port"\n')
    done = run("transform", *FIELDS, "--columns", "c-ip,,", stdin=ROW)
    assert (done.code, done.err) == (
        2,
        "edgelift: --columns: an empty name; one comma separates two names\n",
    )


def test_an_error_of_the_configuration_keeps_its_line(run: Run, config: Path) -> None:
    config.write_text(config.read_text().replace("snake", "snaky"))
    done = run("transform", "--config", config, "--missing", "omit", stdin=ROW)
    assert (done.code, done.err.startswith(f"{config}:4: output.names: ")) == (2, True)


def test_a_job_resumes_with_the_same_options_only(run: Run, tmp_path: Path) -> None:
    log, out, journal = tmp_path / "a.log", tmp_path / "out", tmp_path / "journal"
    log.write_bytes(STANDARD)
    words = ("reprocess", log, f"{out}/", "--journal", journal)
    assert run(*words, "--names", "ecs", "--columns", "c-ip").code == 0
    assert next(out.iterdir()).read_bytes() == b'{"source.ip":"192.0.2.1"}\n'
    done = run(*words, "--resume", "--names", "ecs", "--columns", "c-ip,sc-status")
    assert done.code == 2
    assert 'configuration.output.columns was ["c-ip"], now ["c-ip", "sc-status"]' in done.err
    assert run(*words, "--resume", "--names", "ecs", "--columns", "c-ip").code == 0
