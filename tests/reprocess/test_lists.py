"""Lists of objects: paths, URLs and S3 inventories, compressed or not."""

from __future__ import annotations

import bz2
import gzip
from typing import TYPE_CHECKING

import pytest

from tests.reprocess.conftest import made

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.reprocess.conftest import Client, Logs, Reprocess


def test_lists_and_inventories_name_s3_objects(
    reprocess: Reprocess, logs: Logs, bucket: str, s3_url: str, tmp_path: Path
) -> None:
    names = sorted(logs.rows)[:4]
    places = "".join(f"{bucket}{name}\n" for name in names).encode()
    assert reprocess("list:-", f"{tmp_path}/a/", "--endpoint-url", s3_url, stdin=places).code == 1
    rows = "".join(f'"logs","cdn/{name.replace("-", "%2D")}","123"\n' for name in names)
    (tmp_path / "inventory.csv.gz").write_bytes(gzip.compress(rows.encode()))
    words = (f"inventory:{tmp_path}/inventory.csv.gz", f"{tmp_path}/b/", "--endpoint-url", s3_url)
    assert reprocess(*words).code == 1
    expected = {f"logs/cdn/{name.removesuffix('.gz')}.ndjson": logs.documents(name) for name in names}
    assert made(tmp_path / "a") == made(tmp_path / "b") == expected


def test_wrong_inventories_are_refused(reprocess: Reprocess, tmp_path: Path) -> None:
    done = reprocess("inventory:-", f"{tmp_path}/out/", stdin=b"logs,key\nlogs\n")
    assert done.code == 2
    assert "standard input, row 2: bucket and key are missing" in done.err


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        ("list", b"/a\n/b\0\n", "line 2: there is a zero byte in it"),
        ("list", b"s3://\n", "line 1: s3:// names no object: s3://bucket/key"),
        ("list", b"s3://logs/\n", "line 1: s3://logs/ names no object: s3://bucket/key"),
        ("list", b"s3://logs/\xff\n", r"line 1: s3://logs/\xff is not UTF-8"),
        ("list", b"s3://a b/c\n", "line 1: s3://a b/c names no bucket that can exist"),
        ("list", b"S3://logs/a\n", "line 1: S3://logs/a is spelled s3://logs/a, in lower case"),
        ("inventory", b'"logs","a"\n"a b",c\n', "row 2: s3://a b/c names no bucket that can exist"),
        ("inventory", b'"logs","a"\n"logs",a\rb\n', "line 2: not a CSV file: "),
        ("inventory", b'"logs","%s"\n' % (b"x" * 200_000), "line 1: not a CSV file: field larger than"),
    ],
)
def test_wrong_lists_are_refused_with_their_line(
    reprocess: Reprocess, tmp_path: Path, kind: str, content: bytes, words: str
) -> None:
    (tmp_path / "list").write_bytes(content)
    done = reprocess(f"{kind}:{tmp_path}/list", f"{tmp_path}/out/")
    assert done.code == 2
    assert f"edgelift: {tmp_path}/list, {words}" in done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "pack",
    [gzip.compress, bz2.compress, lambda data: gzip.compress(bz2.compress(data))],
    ids=["gzip", "bzip2", "bzip2 inside gzip"],
)
def test_list_may_be_compressed(
    reprocess: Reprocess, logs: Logs, source: Path, tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    name = min(logs.rows)
    reprocess("list:-", f"{tmp_path}/out/", stdin=pack(f"{source / name}\n".encode()))
    assert list(made(tmp_path / "out").values()) == [logs.documents(name)]


def test_damaged_list_is_refused(reprocess: Reprocess, source: Path, tmp_path: Path) -> None:
    done = reprocess("list:-", f"{tmp_path}/out/", stdin=gzip.compress(f"{source}\n".encode())[:-6])
    assert done.code == 2
    assert "edgelift: standard input: damaged gzip after " in done.err


def test_list_that_is_compressed_too_often_is_refused(reprocess: Reprocess, tmp_path: Path) -> None:
    data = b"/a\n"
    for _ in range(5):
        data = gzip.compress(data)
    done = reprocess("list:-", f"{tmp_path}/out/", stdin=data)
    assert done.code == 2
    assert "edgelift: standard input is compressed more than 4 times" in done.err


def test_spellings_of_one_file_count_once(
    reprocess: Reprocess, logs: Logs, source: Path, tmp_path: Path
) -> None:
    name = min(logs.rows)
    path = source / name
    spellings = [path, f"/{path}", f"{path.parent}/./{path.name}", f"{path.parent}//{path.name}"]
    spellings.append(f"{path.parent}/../{path.parent.name}/{path.name}")
    (tmp_path / "list").write_text("".join(f"{spelling}\n" for spelling in spellings))
    account = reprocess.account(f"list:{tmp_path}/list", tmp_path / "out.ndjson")
    assert [row["object"] for row in account["by_object"]] == [str(path)]
    assert (tmp_path / "out.ndjson").read_bytes() == logs.documents(name)


@pytest.mark.parametrize("kind", ["file", "folder", "opensearch"])
def test_a_file_and_an_object_of_one_name_are_not_mixed(  # noqa: PLR0913, PLR0917 - fixtures
    reprocess: Reprocess, s3: Client, s3_url: str, opensearch: str, tmp_path: Path, kind: str
) -> None:
    row = b"1700000000.000\t10.0.0.1\t2x0\tGET\t/%s\n"
    (tmp_path / "k").write_bytes(row % b"file")
    # The first folder is the name of the bucket.
    bucket, _, key = f"{tmp_path}/k".lstrip("/").partition("/")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key=key, Body=row % b"object")
    places = [f"{tmp_path}/k", f"s3://{bucket}/{key}"]
    (tmp_path / "list").write_text("".join(f"{place}\n" for place in places))
    dest = {"file": f"{tmp_path}/o.ndjson", "folder": f"{tmp_path}/out/", "opensearch": opensearch}[kind]
    words = (f"list:{tmp_path}/list", dest, "--failed", tmp_path / "failed", "--endpoint-url", s3_url)
    account = reprocess.account(*words)
    first, second = account["by_object"]
    assert (first["state"], first["failed"], second["state"]) == ("done", 1, "refused")
    assert places[0] in second["problem"]
    (kept,) = made(tmp_path / "failed").values()
    assert kept.count(b"\n") == 1
    s3.delete_object(Bucket=bucket, Key=key)
    s3.delete_bucket(Bucket=bucket)
