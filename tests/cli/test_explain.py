"""`edgelift explain`: what becomes of each column of a line."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

import edgelift

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

HEAD = ["column", "field", "kind", "raw", "value", "note"]
FIELDS = "timestamp,c-ip,sc-status,cs-user-agent"
GOOD = "1671005351.148\t27.0.3.156\t-\ta%20b"


def table(out: bytes) -> list[list[str]]:
    return [line.split("\t") for line in out.decode().splitlines()]


def test_columns_of_a_good_line_are_listed(run: Run) -> None:
    done = run("explain", GOOD, "--fields", FIELDS)
    assert (done.code, done.err) == (0, "")
    explained = edgelift.Transformer.from_fields(FIELDS.split(",")).explain(GOOD.encode())
    assert table(done.out) == [
        HEAD,
        ["1", "timestamp", "timestamp", "1671005351.148", "1671005351148", ""],
        ["2", "c-ip", "address", "27.0.3.156", '"27.0.3.156"', ""],
        ["3", "sc-status", "status", "-", "", explained[2].note],
        ["4", "cs-user-agent", "text", "a%20b", '"a b"', ""],
    ]
    assert explained[2].note


@pytest.mark.parametrize("operands", [[], ["-"]], ids=["none", "dash"])
@pytest.mark.parametrize("rest", ["", "\n", "\r\n", "\nsecond line\n"])
def test_first_line_of_standard_input_is_explained(run: Run, operands: list[str], rest: str) -> None:
    expected = run("explain", GOOD, "--fields", FIELDS)
    done = run("explain", *operands, "--fields", FIELDS, stdin=(GOOD + rest).encode())
    assert done == expected


def test_gzip_on_standard_input_is_unpacked(run: Run) -> None:
    expected = run("explain", GOOD, "--fields", FIELDS)
    packed = gzip.compress((GOOD + "\n").encode(), mtime=0)
    assert run("explain", "--fields", FIELDS, stdin=packed) == expected
    done = run("explain", "--fields", FIELDS, stdin=packed[:-20])
    assert (done.code, done.out) == (3, b"")
    assert done.err.startswith("edgelift: standard input: damaged gzip after ")


def test_bad_line_shows_its_columns_and_fails(run: Run) -> None:
    done = run("explain", GOOD.replace("27.0.3.156", "nowhere"), "--fields", FIELDS)
    assert done.code == 1
    assert table(done.out)[2][:5] == ["2", "c-ip", "address", "nowhere", ""]
    assert table(done.out)[2][5]
    assert done.err == 'edgelift: bad_value: column 2 (c-ip): "nowhere" is not an IPv4 or IPv6 address\n'


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "empty_record: the record is empty"),
        ("1\t1.2.3.4", "column_count: the record has 2 columns, but the layout has 4"),
        (GOOD + "\tmore", "column_count: the record has 5 columns, but the layout has 4"),
        (GOOD + "\n" + GOOD, "multiple_lines: the record holds more than one line: line feed at byte 33"),
    ],
)
def test_lines_that_fail_as_a_whole_are_reported(run: Run, line: str, message: str) -> None:
    done = run("explain", line, "--fields", FIELDS)
    assert (done.code, done.err.splitlines()[0]) == (1, f"edgelift: {message}")


def test_configuration_applies_to_the_values(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "edgelift.toml"
    config.write_text('[[layouts]]\nfields = ["timestamp"]\n[output]\ntimestamp = "iso8601"\n')
    done = run("explain", "1700000000.5", "--config", config)
    assert table(done.out)[1][4] == '"2023-11-14T22:13:20.500Z"'
    assert run("explain", "1700000000.5").code == 2
    assert "edgelift explain --config edgelift.toml LINE" in run("explain", "1700000000.5").err


def test_bytes_that_are_not_text_are_escaped(run: Run) -> None:
    done = run("explain", "--fields", "cs-user-agent", stdin=b"a\xff\x1b\\\xc2\x9b\n")
    (_, row) = table(done.out)
    assert row[3] == r"a\xff\u001b\\u009b"
    assert row[4] == '"a\ufffd\\u001b\\\\\\u009b"'


def test_line_that_begins_with_a_dash_follows_two_dashes(run: Run) -> None:
    done = run("explain", "--fields", "timestamp,c-ip", "--", "-\t1.2.3.4")
    assert done.code == 0
    assert table(done.out)[1][3] == "-"


def test_endless_line_is_read_up_to_the_limit(run: Run) -> None:
    done = run("explain", "--fields", "cs-user-agent", stdin=b"x" * 3_000_000)
    assert done.code == 1
    assert "edgelift: only the first 1048577 bytes of the line were read\n" in done.err
    assert "edgelift: too_large: the record has 1048577 bytes, more than max_record_bytes" in done.err
    assert table(done.out) == [HEAD]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("x" * 300, id="longer than a name"),
        pytest.param("x" * 5000, id="longer than a path"),
        pytest.param(f"https://{'x' * 255}/", id="long before a slash"),
        pytest.param("/" * 5000, id="slashes"),
        pytest.param(".", id="folder"),
        pytest.param("\udcff/x", id="no UTF-8"),
        pytest.param("~/x", id="home"),
    ],
)
def test_line_is_never_a_path(run: Run, line: str) -> None:
    done = run("explain", line, "--fields", "cs-user-agent")
    assert (done.code, done.err) == (0, "")
    assert table(done.out)[1][1] == "cs-user-agent"


def test_line_is_not_looked_up_in_the_file_system(run: Run, tmp_path: Path) -> None:
    (tmp_path / "injected").mkdir()
    code = """
import sys
def hook(event, args):
    if event in {"open", "os.listdir"} and "secret" in str(args[0]):
        raise SystemExit(9)
sys.addaudithook(hook)
import os
stat = os.stat
def watched(path, *args, **kwargs):
    if "secret" in str(path):
        raise SystemExit(9)
    return stat(path, *args, **kwargs)
os.stat = watched
"""
    (tmp_path / "injected" / "sitecustomize.py").write_text(code)
    file = tmp_path / "secret"
    file.write_bytes(b"200\n")
    env = {"PYTHONPATH": str(tmp_path / "injected")}
    done = run("explain", str(file), "--fields", "cs-user-agent", env=env)
    assert (done.code, done.err) == (0, "")
    assert table(done.out)[1][3] == str(file)


def test_failing_line_without_a_tab_gets_a_hint(run: Run, tmp_path: Path) -> None:
    hint = "edgelift: LINE is the line itself; for the first line of a file: edgelift explain - < FILE\n"
    for line in str(tmp_path / "missing.tsv"), str(tmp_path):
        done = run("explain", line, "--fields", "sc-status")
        assert done.code == 1
        assert done.err.endswith(hint)
    for stdin, arguments in (b"", ["2\t3"]), (b"x\n", ["-"]), (b"x\n", []):
        done = run("explain", *arguments, "--fields", "sc-status", stdin=stdin)
        assert done.code == 1
        assert hint not in done.err


@pytest.mark.parametrize(("options", "code"), [([], 2), (["--fields", "timestamp,c-ip,sc-status"], 1)])
def test_a_row_whose_tabs_became_blanks_gets_no_hint_at_files(
    run: Run, options: list[str], code: int
) -> None:
    done = run("explain", "1700000000 192.0.2.1 200", *options)
    assert done.code == code
    (message,) = done.err.splitlines()
    assert message.endswith(
        "a row with blanks between its columns: separate them by tabs, as CloudFront does"
    )


def test_a_configuration_without_layouts_is_named(run: Run, tmp_path: Path) -> None:
    config, folder = tmp_path / "bad.toml", tmp_path / "folder"
    config.write_text("[output]\n")
    folder.mkdir()
    log = folder / "log.tsv"
    log.write_bytes(GOOD.encode())
    for arguments in (["explain", GOOD], ["transform", log], ["transform", folder]):
        done = run(*arguments, "--config", config)
        assert (done.code, done.out) == (2, b"")
        assert f"{config} has no [[layouts]].\nA real-time log line carries no header," in done.err
        assert "--config" not in done.err.replace("--fields or --config names them", "")


WIDE = ["timestamp", "c-ip", "sc-status", "cs-method", "cs-uri-query", "ssl-protocol"]


def layout_of(errors: str) -> str:
    """Return the TOML at the end of the messages."""
    start = min(errors.index(table) for table in ("[input]", "[[layouts]]") if table in errors)
    return errors[start:]


def test_an_inserted_column_is_named_with_the_layout_that_reads_it(run: Run, tmp_path: Path) -> None:
    line = "1700000000.123\t192.0.2.1\t200\tGET\ta=b\t198.51.100.9\tTLSv1.3"
    done = run("explain", line, "--fields", ",".join(WIDE))
    assert done.code == 1
    assert done.err.splitlines()[:3] == [
        "edgelift: column_count: the record has 7 columns, but the layout has 6",
        (
            "edgelift: column 6 looks inserted; fields that belong between cs-uri-query and ssl-protocol: "
            "x-forwarded-for"
        ),
        "edgelift: if these are the fields of the log configuration, add before the other layouts:",
    ]
    config = tmp_path / "edgelift.toml"
    config.write_text(layout_of(done.err))
    fixed = run("explain", line, "--config", config)
    assert (fixed.code, fixed.err) == (0, "")
    assert [row[1] for row in table(fixed.out)[1:]] == [*WIDE[:5], "x-forwarded-for", WIDE[5]]


def test_a_missing_column_is_named_with_the_layout_that_reads_the_line(run: Run, tmp_path: Path) -> None:
    done = run("explain", "1700000000.123\t200\tGET\ta=b\tTLSv1.3", "--fields", ",".join(WIDE))
    assert "edgelift: the column of c-ip looks missing\n" in done.err
    config = tmp_path / "edgelift.toml"
    config.write_text(layout_of(done.err))
    assert run("explain", "1700000000.123\t200\tGET\ta=b\tTLSv1.3", "--config", config).code == 0


def test_swapped_columns_are_named_with_the_layout_as_written(run: Run, tmp_path: Path) -> None:
    line = "1700000000.123\t200\t192.0.2.1\tGET\ta=b\tTLSv1.3"
    done = run("explain", line, "--fields", ",".join(WIDE))
    assert "edgelift: columns 2 (c-ip) and 3 (sc-status) look swapped\n" in done.err
    config = tmp_path / "edgelift.toml"
    config.write_text(layout_of(done.err))
    assert 'order = "as_written"' in config.read_text()
    fixed = run("explain", line, "--config", config)
    assert (fixed.code, [row[1] for row in table(fixed.out)[2:4]]) == (0, ["sc-status", "c-ip"])


def test_a_value_that_only_does_not_fit_has_no_other_layout(run: Run) -> None:
    done = run("explain", "1700000000.123\tnowhere\t200\tGET\ta=b\tTLSv1.3", "--fields", ",".join(WIDE))
    assert (done.code, len(done.err.splitlines())) == (1, 1)


def test_differences_show_no_harmful_characters_and_no_values(run: Run) -> None:
    harmful = "\x1b]0;title\x07\u202e"
    line = f"1700000000.123\t192.0.2.1\t200\tGET\t{harmful}\t{harmful}secret\tTLSv1.3"
    done = run("explain", line, "--fields", ",".join(WIDE))
    assert "inserted" in done.err
    assert not set(harmful) & set("\x1b\x07\u202e") & set(done.err + done.out.decode())
    assert "secret" not in done.err


def test_the_order_of_fields_is_mentioned_where_they_are_explained(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "edgelift.toml"
    config.write_text('[[layouts]]\nfields = ["c-ip", "timestamp"]\n')
    line = "1700000000.123\t192.0.2.1"
    for options in (["--fields", "c-ip,timestamp"], ["--config", str(config)]):
        assert "sorted into CloudFront's order" in run("explain", line, *options).err
        assert "warning" not in run("transform", *options, stdin=line.encode()).err
