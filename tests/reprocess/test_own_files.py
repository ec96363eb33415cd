"""A job refuses its journal and outputs as objects, whatever names them: folders, patterns, lists, links."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.reprocess.conftest import FIELDS, made

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reprocess.conftest import Client, Reprocess

ROW = b"1700000000.000\t10.0.0.1\t200\tGET\t/\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "log").write_bytes(ROW)
    return folder


def sources(way: str, source: Path, own: Path) -> str:
    """Give a SOURCE that has a file of the job among its objects."""
    if way == "folder":
        return str(source)
    if way == "pattern":
        return f"{source}/*"
    if way == "link":
        (source / "z-link").symlink_to(own)
        return str(source)
    if way == "link to a folder":
        (source / "folder").symlink_to(own.parent)
        return f"{source}/*/*"
    listing = source.parent / "list"
    listing.write_text(f"{source}/log\n{own}\n")
    return f"list:{listing}"


WAYS = ["folder", "pattern", "link", "link to a folder", "list"]


def check_refused(reprocess: Reprocess, source: Path, words: tuple[str | Path, ...], problem: str) -> None:
    before = made(source)
    done = reprocess(*words)
    assert done.code == 2, done.err
    assert problem in done.err
    assert made(source) == before


@pytest.mark.parametrize("way", WAYS)
def test_a_journal_is_not_an_object(reprocess: Reprocess, source: Path, tmp_path: Path, way: str) -> None:
    is_inside = way in {"folder", "pattern"}
    reprocess.journal = (source if is_inside else tmp_path / "own") / "journal"
    reprocess.journal.parent.mkdir(exist_ok=True)
    words = (sources(way, source, reprocess.journal), f"{tmp_path}/out/", "--delete-source")
    # A folder is refused before the journal is made.
    problem = "would be in the source" if way == "folder" else "it belongs to the journal of the job"
    check_refused(reprocess, source, words, problem)
    assert not reprocess.journal.exists()
    assert not made(tmp_path / "out")


@pytest.mark.parametrize("way", WAYS)
def test_the_destination_is_not_an_object(
    reprocess: Reprocess, source: Path, tmp_path: Path, way: str
) -> None:
    is_inside = way in {"folder", "pattern"}
    out = (source if is_inside else tmp_path / "own") / "out.ndjson"
    out.parent.mkdir(exist_ok=True)
    out.write_bytes(b"kept")
    problem = "the destination is in the source" if way == "folder" else "it belongs to the destination"
    check_refused(reprocess, source, (sources(way, source, out), out, "--delete-source"), problem)
    assert out.read_bytes() == b"kept"


@pytest.mark.parametrize("way", ["link", "link to a folder"])
@pytest.mark.parametrize("option", ["DEST", "--failed"])
def test_a_link_into_a_folder_of_outputs_is_not_an_object(
    reprocess: Reprocess, source: Path, tmp_path: Path, way: str, option: str
) -> None:
    own = tmp_path / "own" / "log.ndjson"
    own.parent.mkdir()
    words = (f"{own.parent}/",) if option == "DEST" else (f"{tmp_path}/out/", "--failed", own.parent)
    place = sources(way, source, own)
    if option == "DEST":
        own.write_bytes(b"kept")
        check_refused(reprocess, source, (place, *words), "it belongs to the destination of the job")
        assert own.read_bytes() == b"kept"
    elif way == "link":
        # The folder is empty: the link leads nowhere.
        check_refused(reprocess, source, (place, *words), "it belongs to --failed of the job")


def test_failed_records_of_an_earlier_job_are_not_objects_of_the_next(
    reprocess: Reprocess, source: Path, tmp_path: Path
) -> None:
    (source / "log").write_bytes(ROW.replace(b"200", b"2x0"))
    failed = tmp_path / "failed"
    words = (f"{tmp_path}/out/", "--failed", failed)
    assert reprocess(source, *words).code == 1
    before = made(failed)
    for place in failed, f"{failed}/*", f"list:{tmp_path}/list":
        (tmp_path / "list").write_text(f"{failed}/log.failed.json\n")
        done = reprocess(place, *words, "--delete-source")
        assert done.code == 2, done.err
        assert made(failed) == before


@pytest.mark.parametrize("kind", ["list", "configuration"])
def test_what_a_job_needs_is_not_deleted(
    reprocess: Reprocess, source: Path, tmp_path: Path, kind: str
) -> None:
    file = source / "needed"
    words: list[str | Path]
    if kind == "list":
        file.write_text(f"{source}/log\n{file}\n")
        words = [f"list:{file}", f"{tmp_path}/out/", "--failed", tmp_path / "failed", "--fields", FIELDS]
    else:
        file.write_text(f"# Ours\n[[layouts]]\nfields = {FIELDS.split(',')}\n")
        words = [source, f"{tmp_path}/out/", "--failed", tmp_path / "failed", "--config", file]
    before = made(source)
    words += ["--journal", tmp_path / "journal"]
    done = reprocess.run("reprocess", *words, "--delete-source", env=reprocess.environment)
    assert done.code == 2
    assert f"{file} cannot be read, since it belongs to the {kind}" in done.err
    assert made(source) == before
    # It is not a log, so it is only skipped.
    done = reprocess.run("reprocess", *words, env=reprocess.environment)
    assert done.code == 1
    assert (
        tmp_path / "out" / ("log.ndjson" if kind != "list" else f"{source}/log.ndjson".lstrip("/"))
    ).exists()


def test_objects_of_a_bucket_are_not_replaced_by_a_list_of_them(
    reprocess: Reprocess, s3: Client, s3_url: str, tmp_path: Path
) -> None:
    s3.put_object(Bucket="documents", Key="new/documents/new/a.ndjson", Body=ROW)
    s3.put_object(Bucket="documents", Key="new/a", Body=ROW)
    (tmp_path / "list").write_text("s3://documents/new/a\ns3://documents/new/documents/new/a.ndjson\n")
    done = reprocess(f"list:{tmp_path}/list", "s3://documents/new/", "--endpoint-url", s3_url)
    assert done.code == 2
    assert "s3://documents/new/documents/new/a.ndjson would be overwritten" in done.err


def test_transform_refuses_its_outputs_as_inputs(reprocess: Reprocess, source: Path, tmp_path: Path) -> None:
    log = source / "log"
    link, outside = source / "link", tmp_path / "out.ndjson"
    outside.write_bytes(ROW)
    link.symlink_to(outside)
    for option in "-o", "--failed":
        for given, output in (
            (log, log),
            (source, log),
            (source, outside),
            (link, outside),
            (log, source / "l2"),
        ):
            if output == source / "l2":
                output.unlink(missing_ok=True)
                output.symlink_to(log)
            done = reprocess.run("transform", "--fields", FIELDS, given, option, output)
            assert done.code == 2, (option, given, output)
            assert "is the same file as the input" in done.err
            assert (log.read_bytes(), outside.read_bytes()) == (ROW, ROW)
