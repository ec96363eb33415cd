"""The backup of a stream in a folder or a bucket."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from edgelift import atomic_file
from edgelift.reprocess.aws import AwsOptions
from edgelift.reprocess.errors import UsageError
from edgelift.simulate.backups import open_backup
from edgelift.simulate.ports import BackupRefused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.reprocess.conftest import Client

KEY = "processing-failed/2026/11/29/14/stream-1-2026-11-29-14-00-00-x"


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_objects_are_files_below_the_folder(tmp_path: Path) -> None:
    backup = open_backup(os.fspath(tmp_path / "new" / "backup"), AwsOptions())
    backup.put(KEY, b"content\n")
    backup.put("other", b"")
    assert files(tmp_path / "new" / "backup") == {KEY: b"content\n", "other": b""}


def test_objects_of_an_earlier_run_are_not_replaced(tmp_path: Path) -> None:
    for content in b"first\n", b"second\n", b"third\n", b"second\n":
        open_backup(os.fspath(tmp_path), AwsOptions()).put(KEY, content)
    assert files(tmp_path) == {KEY: b"first\n", f"{KEY}-2": b"second\n", f"{KEY}-3": b"third\n"}


def test_full_disk_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = open_backup(os.fspath(tmp_path), AwsOptions())

    def write(descriptor: int, data: bytes) -> None:
        os.write(descriptor, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(atomic_file, "write_all", write)
    with pytest.raises(BackupRefused, match=f"cannot write .*{KEY}: No space left on device"):
        backup.put(KEY, b"content\n")
    assert files(tmp_path) == {}


def test_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "backup").touch()
    with pytest.raises(FileExistsError):
        open_backup(os.fspath(tmp_path / "backup"), AwsOptions())


def test_objects_are_below_the_prefix_of_a_bucket(
    s3: Client,
    s3_url: str,
    aws: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in aws.items():
        monkeypatch.setenv(name, value)
    options = AwsOptions(endpoint_url=s3_url)
    open_backup("s3://documents/backup/", options).put(KEY, b"content\n")
    found = s3.get_object(Bucket="documents", Key=f"backup/{KEY}")["Body"].read()
    assert found == b"content\n"
    with pytest.raises(BackupRefused, match=rf"cannot write s3://none/{KEY}: .*NoSuchBucket"):
        open_backup("s3://none", options).put(KEY, b"content\n")
    with pytest.raises(UsageError, match="names no bucket"):
        open_backup("s3://", options)
