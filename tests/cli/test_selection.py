"""Selected fields that a log does not have are named, and a log without any is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

OLD = b"#Version: 1.0\n#Fields: date time c-ip cs(User-Agent) sc-status\n2024-11-15\t19:45:51\t::1\ta\t200\n"
NEW = b"#Fields: timestamp c-ip asn\n1731699951\t::1\t64500\n"
JSON = b'{"timestamp":"1731699951","c-ip":"::1"}\n'
NONE = "a log without the selected column asn: it has date, time, c-ip, cs(User-Agent), sc-status"


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "new").write_bytes(NEW)
    (folder / "old").write_bytes(OLD)
    return folder


@pytest.mark.parametrize("stdin", [False, True])
def test_a_log_without_the_selected_columns_is_refused(
    run: Run, logs: Path, tmp_path: Path, *, stdin: bool
) -> None:
    out = tmp_path / "kept"
    out.write_bytes(b"kept")
    words = ("transform", "--columns", "asn", "-o", out)
    done = run(*words, stdin=OLD) if stdin else run(*words, logs / "new", logs / "old")
    name = "standard input" if stdin else logs / "old"
    assert (done.code, done.messages) == (2, [f"edgelift: {name} is {NONE}"])
    assert out.read_bytes() == b"kept"


def test_a_configuration_selects_columns_as_the_option_does(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "edgelift.toml"
    config.write_text('[output]\ncolumns = ["asn", "c-port"]\n')
    done = run("transform", "--config", config, stdin=OLD)
    assert (done.code, done.out) == (2, b"")
    assert "is a log without any of the selected columns asn, c-port: it has date, time" in done.err


def test_a_log_of_a_folder_without_the_selected_columns_is_skipped(run: Run, logs: Path) -> None:
    done = run("transform", logs, "--columns", "asn")
    assert (done.code, done.out) == (1, b'{"asn":64500}\n')
    assert done.messages == [f"edgelift: skipped {logs}/old: {NONE}"]
    (logs / "new").unlink()
    done = run("transform", logs, "--columns", "asn")
    assert (done.code, done.err) == (2, f"edgelift: skipped {logs}/old: {NONE}\n")


def test_a_job_names_the_log_without_the_selected_columns(run: Run, logs: Path, tmp_path: Path) -> None:
    words = (f"{tmp_path}/out/", "--journal", tmp_path / "journal", "--columns", "asn")
    done = run("reprocess", logs, *words)
    assert (done.code, done.messages) == (1, [f"edgelift: {logs}/old: it is {NONE}"])
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["new.ndjson"]


@pytest.mark.parametrize("verb", ["transform", "reprocess"])
def test_some_missing_columns_are_warned_of(run: Run, logs: Path, tmp_path: Path, verb: str) -> None:
    out = tmp_path / "out.ndjson"
    words = ("-o", out) if verb == "transform" else (out, "--journal", tmp_path / "journal")
    done = run(verb, logs, *words, "--columns", "asn,sc-status,c-ip")
    assert done.code == 0
    assert sorted(done.messages) == [
        "edgelift: warning: no column asn in 1 of 2 logs",
        "edgelift: warning: no column sc-status in 1 of 2 logs",
    ]


@pytest.mark.parametrize(
    ("columns", "log"),
    [
        ("timestamp", OLD),
        ("date", NEW),
        ("cs-user-agent", OLD),
        ("cs(User-Agent)", OLD.replace(b"cs(User-Agent)", b"cs_user_agent_")),
        ("c-ip", OLD.replace(b"c-ip", b"C-IP")),
        ("cs-host", b"#Fields: x-host-header\na\n"),
        ("c-ip,timestamp", JSON),
    ],
)
def test_columns_are_found_under_each_of_their_names(run: Run, columns: str, log: bytes) -> None:
    done = run("transform", "--columns", columns, stdin=log)
    assert (done.code, done.messages) == (0, [])
    assert done.out != b"{}\n"


def test_a_first_json_record_without_a_column_is_warned_of(run: Run) -> None:
    done = run("transform", "--columns", "asn", stdin=JSON)
    assert (done.code, done.out) == (0, b"{}\n")
    assert done.messages == ["edgelift: warning: no column asn in the log"]
