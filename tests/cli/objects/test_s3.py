"""`transform` and `size` read objects in S3: named ones, prefixes and patterns."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.objects.conftest import Answer, Urls
from tests.inputs.parquet_files import write

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.cli.conftest import Done, Run
    from tests.reprocess.conftest import Client
    from tests.reprocess.fault_proxy import FaultProxy

ROW = b"1700000000.000\t192.0.2.1\t%s\n"
DOCUMENT = b'{"timestamp":1700000000000,"c-ip":"192.0.2.1","sc-status":%s}\n'
FIELDS = ("--fields", "timestamp,c-ip,sc-status")
HEADERS = {"ETag": '"1"', "Last-Modified": "Fri, 15 Nov 2024 19:00:00 GMT"}
MEGABYTE = 1024 * 1024
Transform = Any


@pytest.fixture
def transform(run: Run, aws: Mapping[str, str], s3_url: str) -> Transform:
    """Give the function that transforms objects."""

    def transform(*words: str | Path, endpoint: str = s3_url, env: Mapping[str, str] | None = None) -> Done:
        return run("transform", *words, "--endpoint-url", endpoint, env={**aws, **(env or {})})

    return transform


@pytest.fixture
def objects(s3: Client) -> None:
    """Put objects into the bucket."""
    for key, content in {
        "cdn/a.gz": gzip.compress(ROW % b"200"),
        "cdn/b": ROW % b"201" + ROW % b"2x1",
        "cdn/c/d.gz": gzip.compress(ROW % b"202"),
        "cdn/folder/": b"",
        "cdn-old/e.gz": gzip.compress(ROW % b"203"),
        "cdn/[1].gz": gzip.compress(ROW % b"204"),
    }.items():
        s3.put_object(Bucket="logs", Key=key, Body=content)


@pytest.mark.parametrize(
    ("url", "statuses"),
    [
        ("s3://logs/cdn/a.gz", [b"200"]),
        ("s3://logs/cdn/", [b"204", b"200", b"201", b"202"]),
        ("s3://logs/cdn/c/", [b"202"]),
        ("s3://logs/*.gz", [b"203", b"204", b"200", b"202"]),
        ("s3://logs/cdn/?.gz", [b"200"]),
        ("s3://logs/cdn/[a-b]*", [b"200", b"201"]),
        # A key may look like a pattern, which does not match it.
        ("s3://logs/cdn/[1]", [b"204"]),
        ("s3://logs", [b"203", b"204", b"200", b"201", b"202"]),
    ],
)
@pytest.mark.usefixtures("objects")
def test_objects_are_transformed_in_order(transform: Transform, url: str, statuses: list[bytes]) -> None:
    done = transform(url, *FIELDS)
    assert done.out == b"".join(DOCUMENT % status for status in statuses), done.err
    assert done.code == (b"201" in statuses)


@pytest.mark.usefixtures("objects")
def test_objects_and_files_go_to_one_output(transform: Transform, s3: Client, tmp_path: Path) -> None:
    (tmp_path / "local").write_bytes(ROW % b"404")
    out, failed = tmp_path / "out", tmp_path / "failed"
    words = ("s3://logs/cdn/b", tmp_path / "local", "s3://logs/cdn/c/", "-o", out, "--failed", failed)
    done = transform(*words, *FIELDS)
    assert done.code == 1
    assert out.read_bytes() == DOCUMENT % b"201" + DOCUMENT % b"404" + DOCUMENT % b"202"
    (failure,) = map(json.loads, failed.read_bytes().splitlines())
    assert (failure["object"], failure["line"]) == ("s3://logs/cdn/b", 2)
    assert base64.b64decode(failure["rawData"]) == (ROW % b"2x1").strip()
    modified = s3.head_object(Bucket="logs", Key="cdn/b")["LastModified"].timestamp() * 1000
    assert failure["arrivalTimestamp"] == modified
    assert done.detected == ["3 files, s3://logs/cdn/b to s3://logs/cdn/c/d.gz: real-time rows"]


@pytest.mark.parametrize(
    ("key", "problem"),
    [("missing", "there is no such object"), ("cdn", "there is no such object")],
)
@pytest.mark.usefixtures("objects")
def test_missing_object_stops_before_anything_is_written(
    transform: Transform, tmp_path: Path, key: str, problem: str
) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(b"kept")
    done = transform("s3://logs/cdn/b", f"s3://logs/{key}", "-o", kept, *FIELDS)
    assert (done.code, done.err) == (3, f"edgelift: cannot read s3://logs/{key}: {problem}\n")
    assert kept.read_bytes() == b"kept"


def test_missing_bucket_and_empty_prefix_are_reported(transform: Transform, s3: Client) -> None:
    done = transform("s3://nothing-here/", *FIELDS)
    assert done.code == 3
    assert done.err.startswith("edgelift: cannot list s3://nothing-here/: ")
    s3.put_object(Bucket="logs", Key="a", Body=b"")
    for url in "s3://logs/none/", "s3://logs/none*":
        done = transform(url, *FIELDS)
        assert (done.code, done.err) == (
            1,
            f"edgelift: {url}: no such object, prefix or match of a pattern\n",
        )
    # The object that represents an empty folder.
    s3.put_object(Bucket="logs", Key="folder/", Body=b"")
    done = transform("s3://logs/folder/", *FIELDS)
    assert (done.code, done.err) == (1, "edgelift: s3://logs/folder/ contains no objects\n")
    assert transform("s3://", *FIELDS).err == "edgelift: s3:// names no bucket: s3://bucket/prefix\n"


@pytest.mark.usefixtures("objects")
def test_object_that_changes_after_it_was_listed_stops(
    transform: Transform, s3_proxy: FaultProxy, s3: Client, tmp_path: Path
) -> None:
    def change(method: str, path: str, _time: int) -> None:
        if (method, path) == ("GET", "/logs/cdn/b"):
            s3.put_object(Bucket="logs", Key="cdn/b", Body=b"other")

    s3_proxy.refuses = change
    out = tmp_path / "out"
    done = transform("s3://logs/cdn/", "-o", out, *FIELDS, endpoint=s3_proxy.url)
    assert (done.code, out.exists()) == (3, False)
    assert done.messages == ["edgelift: cannot read s3://logs/cdn/b: it has changed since it was listed"]


@pytest.mark.usefixtures("objects")
def test_connection_that_always_breaks_stops(
    transform: Transform, s3_proxy: FaultProxy, inject: Callable[[str], dict[str, str]], tmp_path: Path
) -> None:
    s3_proxy.cut = lambda method, _path, time: (10 if time == 1 else 0) if method == "GET" else None
    env = inject("import edgelift.reprocess.sources.resume as resume; resume.PAUSE = 0")
    out = tmp_path / "out"
    done = transform("s3://logs/cdn/b", "-o", out, *FIELDS, endpoint=s3_proxy.url, env=env)
    assert (done.code, out.exists()) == (3, False)
    problem = "the connection broke after 10 bytes, 6 times"
    assert done.messages == [f"edgelift: cannot read s3://logs/cdn/b: {problem}"]


@pytest.mark.usefixtures("objects")
def test_options_are_those_of_reprocess(transform: Transform, s3_proxy: FaultProxy) -> None:
    words = ("s3://logs/cdn/c/", *FIELDS, "--region", "eu-north-1", "--requester-pays")
    assert transform(*words, endpoint=s3_proxy.url).code == 0
    assert len(s3_proxy.headers) == 2
    for _, headers in s3_proxy.headers:
        assert "/eu-north-1/s3/" in headers["Authorization"]
        assert headers["x-amz-request-payer"] == "requester"
    done = transform("s3://logs/cdn/c/", *FIELDS, "--profile", "nobody")
    assert done.code == 2
    assert done.err.startswith("edgelift: s3 cannot be used: ")


def test_missing_package_is_named(transform: Transform, inject: Callable[[str], dict[str, str]]) -> None:
    done = transform("s3://logs/", *FIELDS, env=inject("import sys; sys.modules['boto3'] = None"))
    assert (done.code, done.err) == (
        2,
        "edgelift: s3 needs the package boto3, which is not installed: pip install 'edgelift[aws]'\n",
    )


def test_objects_that_are_not_logs_are_skipped(transform: Transform, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=b"%PDF-1.7\n")
    s3.put_object(Bucket="logs", Key="b", Body=ROW % b"200")
    s3.put_object(Bucket="logs", Key="c", Body=b"#Fields: sc-status\n200\n")
    done = transform("s3://logs/")
    assert (done.code, done.out) == (1, b'{"sc-status":200}\n')
    assert done.err.startswith(
        "edgelift: skipped s3://logs/a: a PDF file, not a CloudFront log\n"
        "edgelift: skipped s3://logs/b: rows of 3 columns without a header, and nothing says what"
    )
    done = transform("s3://logs/b")
    assert (done.code, done.out) == (2, b"")
    assert "s3://logs/b is rows of 3 columns without a header: nothing says" in done.err


def test_parquet_objects_are_read(transform: Transform, s3: Client, tmp_path: Path) -> None:
    file = write(tmp_path / "log.parquet", [{"sc-status": "200"}])
    s3.put_object(Bucket="logs", Key="log.parquet", Body=file.read_bytes())
    done = transform("s3://logs/log.parquet")
    assert (done.code, done.out) == (0, b'{"sc-status":200}\n'), done.err


@pytest.mark.parametrize("option", ["-o", "--failed"])
def test_outputs_are_files(transform: Transform, option: str) -> None:
    done = transform("s3://logs/", option, "s3://documents/out", *FIELDS)
    assert done.code == 2
    assert done.err == (
        "edgelift: cannot write s3://documents/out: transform writes files; use edgelift reprocess\n"
    )


@pytest.mark.usefixtures("objects")
def test_size_reads_an_object(run: Run, aws: Mapping[str, str], s3_url: str) -> None:
    done = run(
        "size", "s3://logs/cdn/a.gz", *FIELDS, "--format", "json", env={**aws, "AWS_ENDPOINT_URL": s3_url}
    )
    assert done.code == 0, done.err
    assert json.loads(done.out)["rows"]["read"] == 1


@pytest.mark.parametrize("url", ["s3://logs/cdn/", "s3://logs", "s3://logs/*.gz"])
def test_size_refuses_several_objects(run: Run, aws: dict[str, str], url: str) -> None:
    done = run("size", url, *FIELDS, env=aws)
    assert (done.code, done.err) == (2, f"edgelift: {url} is a prefix or pattern: size reads one object\n")


@pytest.mark.parametrize(
    "endpoint", ["ftp://127.0.0.1", "http://127.0.0.1:99999", "//127.0.0.1", "http://h/?q"]
)
def test_endpoint_that_cannot_be_used_is_wrong_usage(transform: Transform, endpoint: str) -> None:
    done = transform("s3://logs/a", *FIELDS, endpoint=endpoint)
    shown = endpoint.partition("?")[0]
    problem = f"s3 cannot be used: {shown} is not an endpoint such as https://host:9000"
    assert (done.code, done.err) == (2, f"edgelift: {problem}\n")


@pytest.mark.parametrize("name", ["s3://logs/blank", "{url}/logs/blank"])
def test_large_object_takes_constant_memory(
    peak_of: Callable[..., tuple[int, int]], aws: Mapping[str, str], urls: Urls, name: str
) -> None:
    # Many times what the process of the tests takes, which a child inherits.
    megabytes, peaks = 512, []
    for times in 1, megabytes:
        urls.add("/logs/blank", Answer(b"\n" * MEGABYTE, headers=HEADERS, times=times))
        words = ("transform", name.format(url=urls.url), "--endpoint-url", urls.url)
        code, peak = peak_of(*words, env=aws)
        assert code == 0
        peaks.append(peak)
    assert peaks[1] - peaks[0] < 32 * MEGABYTE


def test_interrupt_ends_a_stalled_transfer(
    interrupt: Callable[..., tuple[int, str]], urls: Urls, aws: Mapping[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.write_bytes(b"kept")
    urls.add("/logs/a", Answer(ROW % b"200", headers=HEADERS, length=1000, stalls=True))
    words = ("transform", "s3://logs/a", *FIELDS, "-o", out, "--endpoint-url", urls.url)
    code, err = interrupt(urls.stalled, *words, env=dict(aws))
    assert (code, out.read_bytes()) == (130, b"kept")
    assert "Traceback" not in err
