"""From and to S3: a real server on loopback, with a proxy before it that some tests give errors."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from tests.reprocess.conftest import TRANSFORMER, made, make_logs, one_to_one, uploaded
from tests.reprocess.fault_proxy import FaultProxy, fault_proxy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reprocess.conftest import Client, Logs, Reprocess


def test_s3_prefix_is_written_to_a_folder(
    reprocess: Reprocess, logs: Logs, bucket: str, s3_url: str, tmp_path: Path
) -> None:
    account = reprocess.account(bucket, f"{tmp_path}/out/", "--endpoint-url", s3_url)
    assert made(tmp_path / "out") == one_to_one(logs)
    assert {name: account["totals"][name] for name in logs.counts} == logs.counts
    assert account["totals"]["bytes_in"] == sum(map(len, logs.packed.values()))
    assert account["objects"]["done"] == 12
    assert account["by_object"][0]["object"] == f"{bucket}{min(logs.rows)}"


def test_s3_prefix_need_not_end_with_a_slash(
    reprocess: Reprocess, logs: Logs, bucket: str, s3_url: str, tmp_path: Path
) -> None:
    assert bucket == "s3://logs/cdn/"
    words = ("s3://logs/cdn/2024/11/15/0", f"{tmp_path}/out/", "--endpoint-url", s3_url)
    assert reprocess(*words, "--suffix", ".gz").code == 1
    expected = one_to_one(logs)
    assert made(tmp_path / "out") == {
        name.removeprefix("2024/11/15/"): documents
        for name, documents in expected.items()
        if "/0" in name.removeprefix("2024/11") and f"{name.removesuffix('.ndjson')}.gz" in logs.rows
    }


def test_s3_pattern_selects_objects(
    reprocess: Reprocess, logs: Logs, bucket: str, s3_url: str, tmp_path: Path
) -> None:
    done = reprocess(f"{bucket}2024/*/0[1-4]/*.gz", f"{tmp_path}/out/", "--endpoint-url", s3_url)
    assert done.code == 1, done.err
    expected = {
        name.removeprefix("2024/"): documents
        for name, documents in one_to_one(logs).items()
        if name[11:13] in {"01", "02", "03", "04"} and f"{name.removesuffix('.ndjson')}.gz" in logs.rows
    }
    assert len(expected) == 3
    assert made(tmp_path / "out") == expected


def test_destination_that_a_pattern_may_match_is_refused(reprocess: Reprocess, s3_url: str) -> None:
    done = reprocess("s3://logs/cdn*.gz", "s3://logs/cdn-new/", "--endpoint-url", s3_url)
    assert done.code == 2
    assert "the destination is in the source s3://logs/cdn*.gz: the next job would read it" in done.err


def test_region_of_the_option_is_used(
    reprocess: Reprocess, bucket: str, s3_proxy: FaultProxy, tmp_path: Path
) -> None:
    words = (bucket, f"{tmp_path}/out/", "--endpoint-url", s3_proxy.url, "--region", "eu-north-1")
    assert reprocess(*words).code == 1
    assert all("/eu-north-1/s3/" in headers["Authorization"] for _, headers in s3_proxy.headers)


def test_time_filters_use_dates_in_keys(
    reprocess: Reprocess, logs: Logs, bucket: str, s3_url: str, tmp_path: Path
) -> None:
    times = ("--since", "2024-11-15T02:30", "--until", "2024-11-15T05")
    assert reprocess(bucket, f"{tmp_path}/out/", "--endpoint-url", s3_url, *times).code == 1
    expected = {name: data for name, data in one_to_one(logs).items() if name[11:13] in {"02", "03", "04"}}
    assert len(expected) == 3
    assert made(tmp_path / "out") == expected


def test_folder_is_written_to_s3(
    reprocess: Reprocess, logs: Logs, s3: Client, s3_url: str, source: Path
) -> None:
    words = (source, "s3://documents/new", "--endpoint-url", s3_url, "--compress", "gzip")
    assert reprocess(*words).code == 1
    found = {name: gzip.decompress(data) for name, data in uploaded(s3, "new/").items()}
    assert found == {f"{name}.gz": data for name, data in one_to_one(logs).items()}


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize("url", ["s3://logs/none/", "s3://logs/none*"])
def test_source_without_objects_replaces_no_output(
    reprocess: Reprocess, s3_url: str, tmp_path: Path, url: str
) -> None:
    (tmp_path / "out").write_bytes(b"kept")
    done = reprocess(url, tmp_path / "out", "--endpoint-url", s3_url)
    problem = f"{url}: no such object, prefix or match of a pattern"
    assert (done.code, done.err, (tmp_path / "out").read_bytes()) == (1, f"edgelift: {problem}\n", b"kept")


def test_failed_records_of_hidden_keys_are_read_again(
    reprocess: Reprocess, s3: Client, s3_url: str, tmp_path: Path
) -> None:
    keys = [".hidden", "a/.hidden", ".a/b", "..a", ".", "..", "%2Ehidden"]
    for number, key in enumerate(keys):
        s3.put_object(Bucket="logs", Key=key, Body=b"1700000000.000\t10.0.0.1\t2x0\tGET\t/%d\n" % number)
    failed = tmp_path / "failed"
    words = ("s3://logs/", f"{tmp_path}/out/", "--endpoint-url", s3_url, "--failed", failed)
    assert reprocess(*words).code == 1
    names = ["%2Ehidden", "a/%2Ehidden", "%2Ea/b", "%2E.a", "%2E", "%2E%2E", "%252Ehidden"]
    assert set(made(failed)) == {f"{name}.failed.json" for name in names}
    reprocess.journal.unlink()
    again = reprocess(failed, f"{tmp_path}/again/")
    assert f"read {len(keys)}, " in again.err


def large_rows() -> bytes:
    """Make rows whose documents need three parts."""
    return make_logs(1, 150_000, seed=4).rows["2024/11/15/00/part-000"] * 3


def test_large_objects_are_uploaded_in_parts(
    reprocess: Reprocess, s3: Client, s3_url: str, tmp_path: Path
) -> None:
    rows = large_rows()
    (tmp_path / "large").write_bytes(rows)
    expected = TRANSFORMER.transform_lines(rows).output
    assert len(expected) > 17 * 1024 * 1024
    assert reprocess(tmp_path / "large", "s3://documents/", "--endpoint-url", s3_url).code == 1
    assert uploaded(s3) == {"large.ndjson": expected}
    # The ETag of an upload in parts ends with their number.
    assert s3.head_object(Bucket="documents", Key="large.ndjson")["ETag"].endswith('-3"')
    # Each part has the size that boto3 asked for, not that of the blocks of documents.
    sizes = [
        s3.head_object(Bucket="documents", Key="large.ndjson", PartNumber=number)["ContentLength"]
        for number in (1, 2, 3)
    ]
    assert sizes == [8 << 20, 8 << 20, len(expected) - (16 << 20)]


def test_unfinished_uploads_are_aborted(
    reprocess: Reprocess, s3: Client, s3_url: str, tmp_path: Path
) -> None:
    (tmp_path / "large").write_bytes(large_rows())
    with fault_proxy(s3_url) as before:
        before.refuses = lambda method, _path, time: (
            (403, "AccessDenied") if method == "PUT" and time == 2 else None
        )
        words = (tmp_path / "large", "s3://documents/", "--endpoint-url", before.url)
        done = reprocess(*words)
    assert done.code == 3
    assert "cannot write s3://documents/large.ndjson: as given (AccessDenied)" in done.err
    assert uploaded(s3) == {}
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="documents")


def test_uploads_of_a_killed_job_are_aborted_by_resume(
    reprocess: Reprocess, logs: Logs, s3: Client, s3_url: str, source: Path
) -> None:
    words = (source, "s3://documents/", "--endpoint-url", s3_url)
    with fault_proxy(s3_url) as before:
        before.refuses = lambda method, _path, _time: (403, "AccessDenied") if method == "PUT" else None
        assert reprocess(*words[:2], "--endpoint-url", before.url).code == 3
    for name in next(iter(one_to_one(logs))), "other":
        s3.create_multipart_upload(Bucket="documents", Key=name)
    assert reprocess(*words, "--resume").code == 1
    assert uploaded(s3) == one_to_one(logs)
    (left,) = s3.list_multipart_uploads(Bucket="documents")["Uploads"]
    assert left["Key"] == "other"


def test_requester_pays_is_sent_with_each_request(
    reprocess: Reprocess, bucket: str, s3_proxy: FaultProxy, tmp_path: Path
) -> None:
    words = (bucket, f"{tmp_path}/out/", "--endpoint-url", s3_proxy.url)
    assert reprocess(*words, "--requester-pays").code == 1
    assert s3_proxy.headers
    assert all(headers["x-amz-request-payer"] == "requester" for _, headers in s3_proxy.headers)


def test_missing_profile_is_wrong_usage(reprocess: Reprocess, tmp_path: Path) -> None:
    done = reprocess("s3://logs/", f"{tmp_path}/out/", "--profile", "nobody")
    assert done.code == 2
    assert "The config profile (nobody) could not be found" in done.err
    assert done.err.startswith("edgelift: s3 cannot be used: ")


def test_failed_records_in_s3_can_be_reprocessed(
    reprocess: Reprocess, s3: Client, s3_url: str, tmp_path: Path
) -> None:
    rows = b"1700000000.000\t10.0.0.1\t200\tGET\t/\n1700000000.000\tx\t2x0\tGET\t/\n"
    for name in "a", "b/c":
        s3.put_object(Bucket="logs", Key=f"cdn/{name}", Body=rows)
    words = (
        "s3://logs/cdn/",
        f"{tmp_path}/out/",
        "--endpoint-url",
        s3_url,
        "--failed",
        "s3://documents/failed",
    )
    assert reprocess(*words).code == 1
    found = uploaded(s3, "failed/")
    assert set(found) == {"a.failed.json", "b/c.failed.json"}
    again = reprocess.account("s3://documents/failed/", "--dry-run", "--endpoint-url", s3_url)
    assert again["totals"]["by_reason"] == {"bad_value": 2}
    reprocess.journal.unlink()
    done = reprocess(*words)
    assert done.code == 2
    assert "the folder of failed records s3://documents/failed is not empty" in done.err


def test_destination_may_be_a_bucket_whose_name_begins_with_the_source(
    reprocess: Reprocess, s3: Client, s3_url: str, logs: Logs
) -> None:
    (name, *_) = logs.rows
    s3.put_object(Bucket="logs", Key="a", Body=logs.packed[name])
    s3.create_bucket(Bucket="logs-documents")
    try:
        done = reprocess("s3://logs", "s3://logs-documents/", "--endpoint-url", s3_url)
        assert done.code == 1, done.err
        assert s3.get_object(Bucket="logs-documents", Key="a.ndjson")["Body"].read() == logs.documents(name)
    finally:
        s3.delete_object(Bucket="logs-documents", Key="a.ndjson")
        s3.delete_bucket(Bucket="logs-documents")
    assert reprocess("s3://logs", "s3://logs/x", "--endpoint-url", s3_url).code == 2


@pytest.mark.parametrize("where", [["s3://documents/new/"], ["{tmp}/out", "--failed", "s3://documents/new/"]])
def test_keys_that_would_be_too_long_are_a_problem(
    reprocess: Reprocess, s3: Client, s3_url: str, tmp_path: Path, where: list[str]
) -> None:
    row = b"1700000000.000\t10.0.0.1\t200\tGET\t/\n"
    for key in "a" * 1020, "b":
        s3.put_object(Bucket="logs", Key=key, Body=row + row.replace(b"200", b"2x0"))
    words = [word.format(tmp=tmp_path) for word in where]
    account = reprocess.account("s3://logs/", *words, "--endpoint-url", s3_url)
    assert [row["state"] for row in account["by_object"]] == ["failed", "done"]
    assert "bytes, and S3 takes 1,024" in account["by_object"][0]["problem"]
    assert account["totals"]["written"] == 1


def test_keys_that_no_file_can_have_are_a_problem(
    reprocess: Reprocess, s3: Client, s3_url: str, tmp_path: Path
) -> None:
    s3.put_object(Bucket="logs", Key="b", Body=b"1700000000.000\t10.0.0.1\t200\tGET\t/\n")
    (tmp_path / "inventory").write_text('"logs","a%00"\n"logs","b"\n')
    words = (f"inventory:{tmp_path}/inventory", f"{tmp_path}/out/", "--endpoint-url", s3_url)
    account = reprocess.account(*words)
    assert [row["state"] for row in account["by_object"]] == ["failed", "done"]
    assert "there is a zero byte in its name" in account["by_object"][0]["problem"]
