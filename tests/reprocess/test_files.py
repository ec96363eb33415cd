"""From files to files: every record once, in the place where one looks for it."""

from __future__ import annotations

import base64
import gzip
import json
import os
from typing import TYPE_CHECKING

import pytest
import zstandard

import edgelift
from tests.reprocess.conftest import FIELDS, TRANSFORMER, made, one_to_one

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run
    from tests.reprocess.conftest import Client, Logs, Reprocess


def test_folder_gets_one_file_per_object(
    reprocess: Reprocess, logs: Logs, source: Path, tmp_path: Path
) -> None:
    account = reprocess.account(source, f"{tmp_path}/out/")
    assert made(tmp_path / "out") == one_to_one(logs)
    totals = account["totals"]
    assert {name: totals[name] for name in logs.counts} == logs.counts
    assert totals["bytes_in"] == sum(map(len, logs.packed.values()))
    assert totals["bytes_out"] == len(logs.all_documents)
    assert account["objects"] == {"to_do": 0, "done": 12, "failed": 0, "refused": 0, "problems": 0}
    assert (account["stopped"], account["error"]) == (False, None)


def test_account_lists_each_object(reprocess: Reprocess, logs: Logs, source: Path, tmp_path: Path) -> None:
    account = reprocess.account(source, tmp_path / "out.ndjson")
    assert [row["object"] for row in account["by_object"]] == [
        str(source / name) for name in sorted(logs.rows)
    ]
    for row, name in zip(account["by_object"], sorted(logs.rows), strict=True):
        counts = TRANSFORMER.transform_lines(logs.rows[name]).counts
        assert (row["state"], row["problem"]) == ("done", None)
        assert (row["read"], row["written"]) == (counts.read, counts.ok)
        assert (row["failed"], row["by_reason"]) == (counts.failed, dict(counts.by_reason))


def test_end_report_shows_the_counts(reprocess: Reprocess, logs: Logs, source: Path, tmp_path: Path) -> None:
    done = reprocess(source, tmp_path / "out.ndjson")
    assert (done.code, done.out) == (1, b"")
    counts = logs.counts
    assert (
        f"edgelift: read {counts['read']}, written {counts['written']}, already there 0, dropped 0, "
        f"failed {counts['failed']} (bad_value {counts['failed']}), blank {counts['blank']}; "
        "objects 12 done, 0 not; stored bytes "
    ) in done.err
    assert "part-000:" in done.err
    assert "--failed DIR keeps every failed record" in done.err


@pytest.mark.parametrize(
    ("name", "unpack"),
    [
        ("out.ndjson", bytes),
        ("out.ndjson.gz", gzip.decompress),
        # A frame an object.
        (
            "out.ndjson.zst",
            lambda data: zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True).read(),
        ),
    ],
)
def test_one_file_gets_all_documents_in_order(  # noqa: PLR0913, PLR0917 -- fixtures
    reprocess: Reprocess, logs: Logs, source: Path, tmp_path: Path, name: str, unpack: object
) -> None:
    assert reprocess(source, tmp_path / name).code == 1
    assert callable(unpack)
    assert unpack((tmp_path / name).read_bytes()) == logs.all_documents
    assert sorted(path.name for path in tmp_path.iterdir()) == ["journal", "logs", name]


def test_compress_packs_each_file(reprocess: Reprocess, logs: Logs, source: Path, tmp_path: Path) -> None:
    assert reprocess(source, f"{tmp_path}/out/", "--compress", "gzip").code == 1
    unpacked = {
        name.removesuffix(".gz"): gzip.decompress(data) for name, data in made(tmp_path / "out").items()
    }
    assert unpacked == one_to_one(logs)


def test_job_without_failures_exits_with_0(reprocess: Reprocess, tmp_path: Path) -> None:
    (tmp_path / "rows").write_bytes(b"1700000000.000\t10.0.0.1\t200\tGET\t/\n")
    done = reprocess(tmp_path / "rows", tmp_path / "out")
    assert done.code == 0
    assert done.err.startswith("edgelift: read 1, written 1, already there 0, ")


def test_source_may_be_a_pattern_a_list_or_standard_input(
    reprocess: Reprocess, logs: Logs, source: Path, tmp_path: Path
) -> None:
    unpacked = sorted(name for name in logs.rows if not name.endswith(".gz"))
    expected = b"".join(logs.documents(name) for name in unpacked)
    assert reprocess(f"{source}/2024/*/*/*/part-??[0369]", tmp_path / "a").code == 1
    assert (tmp_path / "a").read_bytes() == expected
    lines = "".join(f"{source / name}\n" for name in unpacked).encode()
    (tmp_path / "list").write_bytes(lines)
    assert reprocess(f"list:{tmp_path}/list", tmp_path / "b").code == 1
    assert (tmp_path / "b").read_bytes() == expected
    # Twice in the list is once in the file.
    assert reprocess("list:-", tmp_path / "c", stdin=lines + lines).code == 1
    assert (tmp_path / "c").read_bytes() == expected
    assert reprocess("-", tmp_path / "d", stdin=gzip.compress(logs.rows[unpacked[0]])).code == 1
    assert (tmp_path / "d").read_bytes() == logs.documents(unpacked[0])


def test_links_to_folders_hidden_files_and_pipes_are_left_out(reprocess: Reprocess, tmp_path: Path) -> None:
    folder, other = tmp_path / "logs", tmp_path / "other"
    (folder / "b").mkdir(parents=True)
    (folder / ".git").mkdir()
    other.mkdir()
    row = b"1700000000.000\t10.0.0.1\t200\tGET\t/%s\n"
    for name in ("b/1", "b-", "a", "c", "b/.hidden", ".git/config", "../other/x"):
        (folder / name).write_bytes(row % name.encode())
    (folder / "b" / "loop").symlink_to(folder)
    (folder / "b" / "other").symlink_to(other)
    (folder / "d").symlink_to("c")
    (folder / "e").hardlink_to(folder / "c")
    (folder / "f").symlink_to("nowhere")
    os.mkfifo(folder / "pipe")
    account = reprocess.account(folder, tmp_path / "out", "--delete-source")
    problems = {row["object"]: row["problem"] for row in account["by_object"]}
    assert problems == dict.fromkeys([f"{folder}/{name}" for name in ("a", "b/1", "b-", "c")]) | {
        f"{folder}/f": "cannot be read: No such file or directory"
    }
    documents = (tmp_path / "out").read_bytes().splitlines()
    paths = [json.loads(document)["cs-uri-stem"] for document in documents]
    assert paths == ["/a", "/b/1", "/b-", "/c"]
    assert (other / "x").exists()


def test_pattern_keeps_the_folders_after_its_wildcard(
    reprocess: Reprocess, logs: Logs, source: Path, tmp_path: Path
) -> None:
    assert reprocess(f"{source}/2024/11/*/00/*", f"{tmp_path}/out/").code == 1
    assert made(tmp_path / "out") == {"15/00/part-000.ndjson": logs.documents("2024/11/15/00/part-000")}


def test_filters_choose_by_time_suffix_and_number(
    reprocess: Reprocess, logs: Logs, source: Path, tmp_path: Path
) -> None:
    arguments = ("--since", "2024-11-15T03", "--until", "2024-11-15T06", "--suffix", ".gz")
    assert reprocess(source, f"{tmp_path}/out/", *arguments).code == 1
    wanted = ["2024/11/15/04/part-004", "2024/11/15/05/part-005"]
    assert made(tmp_path / "out") == {f"{name}.ndjson": logs.documents(f"{name}.gz") for name in wanted}
    account = reprocess.account(source, tmp_path / "first", "--limit", "2")
    assert account["objects"]["done"] == 2


def test_the_last_date_of_a_name_counts(reprocess: Reprocess, logs: Logs, tmp_path: Path) -> None:
    folder = tmp_path / "backup-2020-01-01-00/2024/11/15/04"
    folder.mkdir(parents=True)
    for name in "part", "cdn-1-2024-11-15-05-59-59-7a":
        (folder / name).write_bytes(logs.packed["2024/11/15/00/part-000"])
    for hour, done in ("04", 2), ("05", 1), ("06", 0):
        times = ("--since", f"2024-11-15T{hour}", "--until", "2024-11-16")
        reported = reprocess(tmp_path / "backup-2020-01-01-00", "--dry-run", *times).err
        assert f"objects {done} done" in reported


def test_name_without_a_date_stops_the_job(reprocess: Reprocess, source: Path, tmp_path: Path) -> None:
    (source / "no-date").write_bytes(b"")
    done = reprocess(source, tmp_path / "out", "--since", "2024-11-15")
    assert done.code == 2
    assert f"{source}/no-date has no date in its name, which --since and --until need" in done.err
    assert not (tmp_path / "out").exists()


def test_dry_run_counts_and_writes_nothing(
    reprocess: Reprocess, logs: Logs, source: Path, tmp_path: Path
) -> None:
    before = made(tmp_path)
    for arguments in [()], [f"{tmp_path}/out", "--failed", f"{tmp_path}/failed", "--delete-source"]:
        account = reprocess.account(source, *(word for word in arguments if word), "--dry-run")
        counts = {"ok" if name == "written" else name: count for name, count in logs.counts.items()}
        assert {name: account["totals"][name] for name in counts} == counts
    assert made(tmp_path) == before


def test_failed_records_are_kept_as_error_objects(
    reprocess: Reprocess, logs: Logs, source: Path, tmp_path: Path
) -> None:
    done = reprocess(source, tmp_path / "out", "--failed", tmp_path / "failed")
    assert done.code == 1
    assert "--failed" not in done.err
    found = made(tmp_path / "failed")
    for name, rows in logs.rows.items():
        failures = TRANSFORMER.transform_lines(rows).failures
        lines = found.pop(f"{name}.failed.json", b"").splitlines()
        objects = [json.loads(line) for line in lines]
        assert [base64.b64decode(item["rawData"]) for item in objects] == [f.raw for f in failures]
        for item, failure in zip(objects, failures, strict=True):
            assert item["errorCode"] == f"edgelift.{failure.reason}"
            assert item["errorMessage"] == failure.message
            assert (item["object"], item["line"]) == (str(source / name), failure.line)
            assert list(item)[:7] == [
                "attemptsMade",
                "arrivalTimestamp",
                "errorCode",
                "errorMessage",
                "attemptEndingTimestamp",
                "rawData",
                "lambdaArn",
            ]
    assert not found


def test_failed_records_are_reprocessed_like_those_of_firehose(
    reprocess: Reprocess, logs: Logs, source: Path, tmp_path: Path
) -> None:
    assert reprocess(source, tmp_path / "out", "--failed", tmp_path / "failed").code == 1
    config = tmp_path / "edgelift.toml"
    names = ", ".join(f'"{name}"' for name in FIELDS.split(","))
    config.write_text(f'[input]\nbad_value = "keep"\n[[layouts]]\nfields = [{names}]\n')
    words = ("--config", config, "--journal", tmp_path / "second")
    done = reprocess.run("reprocess", tmp_path / "failed", tmp_path / "rest", *words)
    assert done.code == 0, done.err
    keeping = edgelift.Transformer.from_file(config)
    failures = [
        failure
        for name in sorted(logs.rows)
        for failure in TRANSFORMER.transform_lines(logs.rows[name]).failures
    ]
    assert (tmp_path / "rest").read_bytes().splitlines() == [keeping.transform(f.raw) for f in failures]


def test_damaged_gzip_is_reported_and_not_deleted(reprocess: Reprocess, source: Path, tmp_path: Path) -> None:
    whole = gzip.compress(b"1700000000.000\t10.0.0.1\t200\tGET\t/\n" * 1000, mtime=0)
    (source / "cut.gz").write_bytes(whole[: len(whole) // 2])
    account = reprocess.account(source / "cut.gz", tmp_path / "out", "--delete-source")
    (row,) = account["by_object"]
    assert row["state"] == "done"
    assert row["problem"].startswith("damaged gzip after ")
    assert (source / "cut.gz").exists()
    assert 0 < row["written"] < 1000
    assert (tmp_path / "out").read_bytes().count(b"\n") == row["written"]


def test_a_log_begins_on_a_new_line_in_a_gzip_member(run: Run, tmp_path: Path) -> None:
    log = b"#Version: 1.0\n#Fields: asn\n%d"
    (tmp_path / "logs.gz").write_bytes(
        gzip.compress(log % 1) + gzip.compress(log % 2) + gzip.compress(b"3\n")
    )
    done = run("reprocess", tmp_path / "logs.gz", tmp_path / "out", "--journal", tmp_path / "journal")
    assert (done.code, (tmp_path / "out").read_bytes()) == (0, b'{"asn":1}\n{"asn":23}\n')


def test_names_cannot_leave_the_destination(
    reprocess: Reprocess, s3: Client, s3_url: str, tmp_path: Path
) -> None:
    row = b"1700000000.000\t10.0.0.1\t200\tGET\t/\n"
    keys = ["x/../../../evil", "x//y", "x/./y", "x/y", "/z"]
    for key in keys:
        s3.put_object(Bucket="logs", Key=key, Body=row)
    words = ("s3://logs/", f"{tmp_path}/a/out/", "--endpoint-url", s3_url)
    assert reprocess(*words).code == 0
    assert set(made(tmp_path / "a")) == {
        f"out/{name}.ndjson" for name in ["x/%2E%2E/%2E%2E/%2E%2E/evil", "x/%/y", "x/%2E/y", "x/y", "%/z"]
    }


def test_second_object_with_the_same_target_is_refused(
    reprocess: Reprocess, source: Path, tmp_path: Path
) -> None:
    (source / "a").write_bytes(b"")
    (source / "a.gz").write_bytes(b"")
    account = reprocess.account(source, f"{tmp_path}/out/")
    (refused,) = [row for row in account["by_object"] if row["state"] == "refused"]
    assert refused["object"] == str(source / "a.gz")
    assert refused["problem"] == f"it would be written to {tmp_path}/out/a.ndjson, as {source}/a is"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{source}"], "DEST is missing"),
        (["{source}", "{source}/out"], "the destination is in the source"),
        (["{source}", "{source}"], "the destination is in the source"),
        (["{source}", "{tmp}/out", "--failed", "{source}/failed"], "records is in the source"),
        (["{source}", "{tmp}/out/", "--failed", "{tmp}/out"], "would mix in {tmp}/out"),
        (["{source}", "http:search:9200"], "http:search:9200 is not of a known kind"),
        (["{source}", "HTTP://search:9200/"], "HTTP://search:9200/ is not of a known kind"),
        (["{source}", "{tmp}/out", "--failed", "{tmp}/logs/2024"], "records is in the source"),
        (["{source}", "{tmp}/out", "--since", "yesterday"], '"yesterday" is not a time such as'),
        (["{source}", "{tmp}/out.gz", "--compress", "gzip"], "the name of a single file decides"),
        (["-", "{tmp}/out", "--delete-source"], "standard input cannot be read again"),
        (["{source}", "{tmp}/out", "--resume"], "cannot resume: no journal at"),
        (["{source}", "--dry-run", "--resume"], "a dry run"),
        (["s3://", "{tmp}/out"], "s3:// names no bucket"),
        (["s3://a b/x", "{tmp}/out"], "s3://a b/x names no bucket that can exist"),
        (["{source}", "s3://a b/x"], "s3://a b/x names no bucket that can exist"),
        (["{source}", "{tmp}/out", "--failed", "s3://a b/x"], "s3://a b/x names no bucket that can exist"),
        (["s3://logs/\udcff", "{tmp}/out"], r"s3://logs/\xff is not UTF-8"),
        (["S3://logs/x", "{tmp}/out"], "S3://logs/x is spelled s3://logs/x, in lower case"),
        (["{source}", "S3://logs/x"], "S3://logs/x is spelled s3://logs/x, in lower case"),
        (["{source}", "{tmp}/out", "--failed", "S3://x"], "S3://x is spelled s3://x, in lower case"),
        (["", "{tmp}/out"], "SOURCE is empty"),
        (["{source}", ""], "DEST is empty"),
        (["{source}", "s3://x/", "--endpoint-url", "http://x:99999"], "is not an endpoint such as"),
    ],
)
def test_refused_before_anything_is_written(
    reprocess: Reprocess, source: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    before = made(source)
    places = {"source": source, "tmp": tmp_path}
    done = reprocess(*(word.format(**places) for word in arguments))
    assert done.code == 2, done.err
    assert message.format(**places) in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "out").exists()
    assert made(source) == before


@pytest.mark.parametrize(
    ("source", "what"),
    [("", ""), ("list:", "the list "), ("inventory:", "the list ")],
    ids=["", "list", "csv"],
)
def test_a_missing_source_is_an_error_of_input(
    reprocess: Reprocess, tmp_path: Path, source: str, what: str
) -> None:
    missing = tmp_path / "nothing"
    done = reprocess(f"{source}{missing}", f"{tmp_path}/out/")
    message = f"edgelift: cannot read {what}{missing}: No such file or directory\n"
    assert (done.code, done.err) == (3, message)
    # As the other verbs say it.
    assert reprocess.run("transform", missing).err == message.replace("the list ", "")
    assert not reprocess.journal.exists()
    assert not (tmp_path / "out").exists()


def test_a_pattern_that_matches_nothing_is_reported(reprocess: Reprocess, tmp_path: Path) -> None:
    done = reprocess(f"{tmp_path}/*.nothing", f"{tmp_path}/out/")
    assert (done.code, done.err) == (1, f"edgelift: no file matches {tmp_path}/*.nothing\n")
    assert not reprocess.journal.exists()
    assert not (tmp_path / "out").exists()


def test_folder_of_failed_records_must_be_empty(reprocess: Reprocess, source: Path, tmp_path: Path) -> None:
    (tmp_path / "failed").mkdir()
    (tmp_path / "failed" / "old").touch()
    done = reprocess(source, tmp_path / "out", "--failed", tmp_path / "failed")
    assert done.code == 2
    assert "is not empty" in done.err


def test_an_object_is_not_overwritten(reprocess: Reprocess, source: Path, tmp_path: Path) -> None:
    (tmp_path / "flat").mkdir()
    for name in "a", "a.ndjson":
        (tmp_path / "flat" / name).write_bytes(b"kept")
    for dest in f"{tmp_path}/flat/", f"{tmp_path}/flat/a":
        done = reprocess(f"{tmp_path}/flat/*", dest)
        assert done.code == 2
        assert "name another" in done.err
    assert set(made(tmp_path / "flat").values()) == {b"kept"}
    del source


def test_standard_logs_need_no_options(run: Run, fixtures: Path, tmp_path: Path) -> None:
    file = fixtures / "standard" / "v1-2023-33col.log"
    out = tmp_path / "out"
    done = run("reprocess", file, out, "--journal", tmp_path / "journal")
    assert done.code == 0
    assert out.read_bytes() == run("transform", file).out


def test_dates_at_the_end_of_the_calendar_are_not_dates(
    reprocess: Reprocess, source: Path, tmp_path: Path
) -> None:
    (source / "9999-12-31-23.gz").write_bytes(b"")
    done = reprocess(source, tmp_path / "out", "--since", "2024-11-15")
    assert done.code == 2
    assert "9999-12-31-23.gz has no date" in done.err
