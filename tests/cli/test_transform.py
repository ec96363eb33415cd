"""`edgelift transform`: the same documents as the library, wherever the lines come from and go to."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

import edgelift
from edgelift.cli.summary import Totals

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

GOOD = b"1671005351.148\t27.0.3.156\t200\tGET\t/a%20b\n"
DOCUMENT = (
    b'{"timestamp":1671005351148,"c-ip":"27.0.3.156","sc-status":200,"cs-method":"GET"'
    b',"cs-uri-stem":"/a b"}\n'
)


@pytest.fixture
def transformer(fields: str) -> edgelift.Transformer:
    return edgelift.Transformer.from_fields(fields.split(","))


def test_recorded_row_is_transformed_with_a_configuration(run: Run, fixtures: Path, tmp_path: Path) -> None:
    row = fixtures / "realtime" / "redacted-2020-40col.tsv"
    known = [name for name in edgelift.FIELDS if not name.startswith("cmcd-")]
    names = [name for name in known if name not in {"s-ip", "origin-fbl", "origin-lbl", "asn"}][:40]
    config = tmp_path / "edgelift.toml"
    config.write_text(f'[[layouts]]\nfields = {names}\n[output]\nnames = "ecs"\n'.replace("'", '"'))
    done = run("transform", row, "--config", config)
    expected = edgelift.Transformer.from_file(config).transform_lines(row.read_bytes())
    assert expected.counts.ok == 1
    assert (done.code, done.out) == (0, expected.output)


@pytest.mark.parametrize("operands", [[], ["-"]], ids=["none", "dash"])
def test_standard_input_is_read_without_a_file(run: Run, operands: list[str], fields: str) -> None:
    done = run("transform", *operands, "--fields", fields, stdin=GOOD)
    assert (done.code, done.out, done.messages) == (0, DOCUMENT, [])


def test_documents_do_not_depend_on_block_borders(
    run: Run, lines: bytes, transformer: edgelift.Transformer, fields: str, tmp_path: Path
) -> None:
    file = tmp_path / "rows.tsv"
    file.write_bytes(lines)
    expected = transformer.transform_lines(lines)
    assert expected.counts.failed > 100
    assert expected.counts.blank > 100
    assert run("transform", file, "--fields", fields).out == expected.output
    assert run("transform", "--fields", fields, stdin=lines).out == expected.output


def test_files_are_read_one_after_the_other(run: Run, fields: str, tmp_path: Path) -> None:
    first, last = tmp_path / "first", tmp_path / "last"
    # The first lacks its last line feed: its last line must not run into the next file.
    first.write_bytes((b"\n" + GOOD).removesuffix(b"\n"))
    last.write_bytes(b"bad\n" + GOOD)
    done = run("transform", first, "-", last, "--fields", fields, stdin=b"\n\nworse\n" + GOOD)
    assert done.out == DOCUMENT * 3
    assert done.code == 1
    assert [line.partition(": ")[0] for line in done.messages[:2]] == ["standard input:3", f"{last}:1"]


def test_output_file_is_replaced(run: Run, fields: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_bytes(b"x" * 10_000)
    done = run("transform", "-o", out, "--fields", fields, stdin=GOOD)
    assert (done.code, done.out, out.read_bytes()) == (0, b"", DOCUMENT)
    assert run("transform", "--output", "-", "--fields", fields, stdin=GOOD).out == DOCUMENT


def test_input_may_arrive_byte_by_byte(
    command: tuple[str, ...], environment: dict[str, str], fields: str
) -> None:
    process = subprocess.Popen(
        [*command, "transform", "--fields", fields],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        for byte in GOOD:
            process.stdin.write(bytes([byte]))
        # The document is there before the input ends, as `tail -f` needs it.
        assert process.stdout.readline() == DOCUMENT
        process.stdin.close()
        assert process.stdout.read() == b""
    assert process.returncode == 0


def test_summary_counts_records_and_bytes(run: Run, fields: str, tmp_path: Path) -> None:
    file = tmp_path / "rows.tsv"
    file.write_bytes(GOOD + b"\n" + GOOD + b"a\tb\n" + GOOD.replace(b"200", b"2oo"))
    done = run("transform", file, file, "--fields", fields)
    size = file.stat().st_size
    head, _, seconds = done.err.splitlines()[-1].rpartition("; ")
    assert head == (
        "edgelift: read 8, ok 4, dropped 0, failed 4 (column_count 2, bad_value 2), blank 2; "
        f"bytes {2 * size} in, {4 * len(DOCUMENT)} out"
    )
    number, unit = seconds.split()
    assert float(number) >= 0
    assert unit == "seconds"


def test_lost_records_raise() -> None:
    with pytest.raises(RuntimeError, match="lost count"):
        Totals().add(edgelift.Counts(read=3, ok=1, dropped=0, failed=1))


@pytest.mark.parametrize(("count", "shown", "more"), [(3, 3, ""), (10, 10, ""), (25, 10, "and 15 more; ")])
def test_first_failures_are_shown(run: Run, fields: str, count: int, shown: int, more: str) -> None:
    done = run("transform", "--fields", fields, stdin=b"bad\n" * count + GOOD)
    message = "column_count: the record has 1 column, but the layout has 5"
    assert done.messages == [
        *(f"standard input:{line}: {message}" for line in range(1, shown + 1)),
        f"{more}--failed FILE writes every failed line with its reason",
    ]


def test_log_data_cannot_speak_to_the_terminal(run: Run, fields: str) -> None:
    # C1 controls are not escaped in JSON, and terminals obey them.
    done = run("transform", "--fields", fields, stdin=GOOD.replace(b"200", "\x9b2J\u202e".encode()))
    assert r'column 3 (sc-status): "\u009b2J\u202e" is not a status of three digits' in done.messages[0]
    assert all(line.isprintable() for line in done.err.splitlines())


def test_file_name_that_is_not_utf8(run: Run, fields: str, tmp_path: Path) -> None:
    name = os.fsencode(tmp_path / "a") + b"\xff"
    with open(name, "wb") as file:  # noqa: PTH123 - a path of bytes
        file.write(b"bad\n")
    done = run("transform", os.fsdecode(name), "--fields", fields)
    assert done.code == 1
    assert done.messages[0].startswith(rf"{tmp_path}/a\xff:1: column_count: ")


def test_variables_of_the_handler_have_no_effect(run: Run, fields: str) -> None:
    wrong = {"EDGELIFT_FIELDS": "no-such-field", "EDGELIFT_CONFIG": "nowhere.toml"}
    done = run("transform", "--fields", fields, stdin=GOOD, env=wrong)
    assert (done.code, done.out) == (0, DOCUMENT)
    assert run("transform", stdin=GOOD, env={"EDGELIFT_FIELDS": fields}).code == 2


def test_warnings_are_one_line(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "edgelift.toml"
    config.write_text('[[layouts]]\nfields = ["timestamp", "c-ip"]\n[output]\nmissing = "keep"\n')
    done = run("transform", "--config", config, stdin=b"1\t1.2.3.4\n")
    assert (done.code, done.out) == (0, b'{"timestamp":1000,"c-ip":"1.2.3.4"}\n')
    (warning,) = done.messages
    assert warning.startswith('warning: missing = "keep"')
    # Even if somebody turns warnings into errors or off.
    for action in "error", "ignore":
        again = run("transform", "--config", config, env={"PYTHONWARNINGS": action})
        assert (again.code, again.messages) == (0, [warning])


def test_blanks_around_names_do_not_matter(run: Run, fields: str) -> None:
    done = run("transform", "--fields", fields.replace(",", ", "), stdin=GOOD)
    assert (done.code, done.out) == (0, DOCUMENT)


def test_fields_option_may_be_all(run: Run) -> None:
    done = run("transform", "--fields", "all", stdin=b"1\t" + b"\t".join([b"-"] * 70) + b"\n")
    assert (done.code, done.out) == (0, b'{"timestamp":1000}\n')
