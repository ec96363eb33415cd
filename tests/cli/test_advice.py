"""The advice of the command line if no record became a document, and about ``--fields``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

ROW = b"1700000000.123\t192.0.2.1\t200\n"
FIELDS = "timestamp,c-ip,sc-status"

UNKNOWN = 'unknown field "foo"; edgelift fields lists all; --config FILE can add one under [[custom_fields]]'
ALL_FIELDS = "must name all fields of the log configuration that wrote the records"
EXPLAIN = "check that the fields are those of the log configuration: explain shows the columns"


@pytest.mark.parametrize(
    ("fields", "advice"),
    [("timestamp,c-ip", ALL_FIELDS), ("timestamp,sc-status,sc-bytes", EXPLAIN)],
)
def test_advice_if_every_record_failed(run: Run, fields: str, advice: str) -> None:
    done = run("transform", "--fields", fields, stdin=ROW * 2)
    assert done.code == 1
    assert done.messages[-1].startswith("edgelift: no record became a document: ")
    assert advice in done.messages[-1]


@pytest.mark.parametrize("names", ["cloudfront", "snake", "ecs", "otel"])
@pytest.mark.parametrize("timestamp", ["epoch_millis", "iso8601"])
def test_documents_that_are_transformed_again_are_named(
    run: Run, fixtures: Path, tmp_path: Path, names: str, timestamp: str
) -> None:
    config, out = tmp_path / "edgelift.toml", tmp_path / "out" / "documents.ndjson"
    out.parent.mkdir()
    config.write_text(f'[output]\nnames = "{names}"\ntimestamp = "{timestamp}"\n')
    log = fixtures / "standard" / "v1-2022-33col.log"
    assert run("transform", log, "--config", config, "-o", out).code == 0
    done = run("transform", out.parent)
    assert done.code == 1
    assert f"edgelift: {out} holds documents of edgelift; transform reads logs, once" in done.messages


def test_documents_that_are_transformed_again_are_not_said_to_have_other_fields(
    run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "documents.ndjson"
    assert run("transform", "--fields", FIELDS, "-o", out, stdin=ROW).code == 0
    done = run("transform", out, "--fields", FIELDS)
    assert done.code == 1
    assert f"edgelift: {out} holds documents of edgelift; transform reads logs, once" in done.messages
    assert "no record became a document" not in done.err


@pytest.mark.parametrize("fields", ["date,time,x-edge-location", "date,time,sc-status,sc-bytes,c-ip"])
def test_advice_about_rows_of_a_standard_log_names_no_source_of_real_time_logs(run: Run, fields: str) -> None:
    done = run("transform", "--fields", fields, stdin=b"2024-11-15\t19:00:00\tFRA56-P1\t200\n")
    assert done.code == 1
    assert "rows of a standard log without a header" in done.err
    assert "no record became a document: --fields or --config must name all columns of the rows" in done.err
    assert "real" not in done.err


WAF = b'{"timestamp":1576280412771,"formatVersion":1,"webaclId":"x","httpRequest":{"uri":"/"}}\n'


@pytest.mark.parametrize("fields", [None, FIELDS])
def test_json_of_another_log_is_described_by_its_keys(run: Run, tmp_path: Path, fields: str | None) -> None:
    path = tmp_path / "waf.json"
    path.write_bytes(WAF)
    done = run("transform", path, *(["--fields", fields] if fields else []))
    assert done.code == 1
    assert "documents of edgelift" not in done.err
    keys = '"timestamp", "formatVersion", "webaclId"'
    assert f"edgelift: {path} holds JSON that is not a CloudFront log (first keys: {keys})" in done.messages


def test_keys_of_another_log_are_shown_in_ascii_and_bounded(run: Run) -> None:
    done = run("transform", stdin=b'{"\xe2\x80\xae' + b"a" * 50 + b'":1}\n')
    assert r'(first keys: "\u202e' + "a" * 39 + '"…)' in done.err


def test_bad_records_of_a_standard_log_are_not_taken_for_documents(run: Run) -> None:
    done = run("transform", stdin=b'{"date":"2024-11-15","time":"x"}\n{"timestamp":"1700000000123"}\n')
    assert done.code == 1
    assert "documents of edgelift" not in done.err


@pytest.mark.parametrize("rows", [ROW + b"bad\n", b"", b"\n"])
def test_no_advice_if_a_record_became_a_document_or_there_was_none(run: Run, rows: bytes) -> None:
    assert "no record became a document" not in run("transform", "--fields", FIELDS, stdin=rows).err


def test_documents_are_not_replaced_by_nothing(run: Run, tmp_path: Path) -> None:
    out, failed = tmp_path / "documents.ndjson", tmp_path / "failed.ndjson"
    arguments = ("transform", "-o", out, "--failed", failed, "--fields")
    assert run(*arguments, FIELDS, stdin=ROW).code == 0
    before = out.read_bytes()
    done = run(*arguments, "timestamp,c-ip", stdin=ROW)
    assert (done.code, out.read_bytes()) == (1, before)
    assert f"edgelift: {out} is unchanged, since there are no documents to replace it" in done.messages
    assert failed.read_bytes().count(b"\n") == 1
    # A log without records has no documents either, but nothing is wrong with it.
    assert run(*arguments, FIELDS, stdin=b"").code == 0
    assert out.read_bytes() == b""
    assert "is unchanged" not in run(*arguments, "timestamp,c-ip", stdin=ROW).err


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("timestamp,,c-ip", "an empty name; one comma separates two names"),
        ("timestamp c-ip", 'unknown field "timestamp c-ip"; separate names by commas'),
        ("timestamp;c-ip", 'unknown field "timestamp;c-ip"; separate names by commas'),
        ("timestamp,c-pi", 'unknown field "c-pi"; did you mean "c-ip"?'),
        (
            "timestamp,foo",
            UNKNOWN,
        ),
    ],
)
def test_messages_of_fields_do_not_need_a_configuration(run: Run, fields: str, message: str) -> None:
    done = run("transform", "--fields", fields, stdin=ROW)
    assert (done.code, done.messages) == (2, [f"edgelift: --fields: {message}"])


def test_a_file_as_fields_names_the_option_for_files(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "edgelift.toml"
    file.write_text("")
    done = run("transform", "--fields", str(file), stdin=ROW)
    assert (done.code, len(done.messages)) == (2, 1)
    assert f"{file} is a file; --config reads a configuration" in done.messages[0]


def test_order_of_fields_is_explained_without_a_configuration(run: Run) -> None:
    (warning,) = run("explain", "--fields", "c-ip,timestamp,sc-status", stdin=ROW).messages
    assert warning == (
        "warning: --fields: the names were sorted into CloudFront's order, in which records always come; "
        '[input] order = "as_written" in a --config FILE would leave them as they are'
    )


@pytest.mark.parametrize(
    "fields", ["timestamp,x-host-header,cs(User-Agent)", "timestamp, x-host-header, cs(Host)"]
)
def test_a_name_of_standard_logs_among_others_is_warned_of(run: Run, fields: str) -> None:
    done = run("transform", "--fields", fields, stdin=ROW)
    assert (done.code, done.out) == (0, run("transform", "--fields", fields, stdin=ROW).out)
    (warning,) = done.messages
    name = fields.rpartition(",")[2].strip()
    assert warning.startswith(f'warning: --fields: "{name}" is a name of standard logs, so all names')


@pytest.mark.parametrize(
    "fields",
    ["date,time,x-host-header", "timestamp(ms),x-host-header,cs(Host)", "eventTimestamp,clientIp", FIELDS],
)
def test_lists_of_one_kind_of_log_are_not_warned_of(run: Run, fields: str) -> None:
    assert "warning" not in run("transform", "--fields", fields, stdin=ROW).err
