"""Where a delivery stream puts the objects of its backup: a folder, or a bucket of S3."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgelift.atomic_file import AtomicFile
from edgelift.reprocess.aws import is_s3, request_errors, split_folder, to_job_error
from edgelift.reprocess.errors import JobError
from edgelift.reprocess.objects import display_path
from edgelift.simulate.ports import BackupRefused

if TYPE_CHECKING:
    from edgelift.reprocess.aws import AwsOptions
    from edgelift.simulate.ports import Backup


class FolderBackup:
    """A folder; a key with slashes becomes a path of folders. Files appear whole or not at all.

    Raises:
        OSError: the folder is missing and cannot be made, or is not a folder.

    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder

    def put(self, key: str, body: bytes) -> None:
        """Store an object in its file, durably; beside one of the same name with other content.

        Raises:
            BackupRefused: it cannot be written.

        """
        path = self.folder / key
        try:
            with AtomicFile(_free(path, body), below=self.folder) as file:
                file.write(body)
                file.commit()
        except OSError as error:
            raise BackupRefused(
                f"cannot write {display_path(str(path))}: {error.strerror or error}"
            ) from None


def _free(path: Path, body: bytes) -> Path:
    """Return a path, or a numbered one beside it if the path is a file with other content.

    Names follow from the seed of a run, so that another run in the same folder may use them again.
    """
    free, number = path, 1
    while free.is_file() and free.read_bytes() != body:
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


class S3Backup:
    """A prefix in a bucket of S3.

    Raises:
        UsageError: the URL names no bucket, or S3 cannot be used.

    """

    def __init__(self, url: str, aws: AwsOptions) -> None:
        self._bucket, self._prefix = split_folder(url)
        self._client: Any = aws.client("s3")

    def is_empty(self) -> bool:
        """Return true if no object has the prefix.

        Raises:
            JobError: S3 does not list them.

        """
        try:
            found = self._client.list_objects_v2(Bucket=self._bucket, Prefix=self._prefix, MaxKeys=1)
        except request_errors() as error:
            problem = f"cannot use s3://{self._bucket}/{self._prefix} for the backup"
            raise JobError(str(to_job_error(error, problem))) from None
        return not found.get("Contents")

    def put(self, key: str, body: bytes) -> None:
        """Store an object.

        Raises:
            BackupRefused: S3 does not take it.

        """
        place = f"{self._prefix}{key}"
        try:
            self._client.put_object(Bucket=self._bucket, Key=place, Body=body)
        except request_errors() as error:
            raise BackupRefused(f"cannot write s3://{self._bucket}/{place}: {error}") from None


def is_unused(place: str, aws: AwsOptions) -> bool:
    """Return true if a place for a backup has no objects; a folder need not exist.

    Raises:
        UsageError: it cannot be used.
        JobError: S3 does not list its objects.
        OSError: the folder cannot be read.

    """
    if is_s3(place):
        return S3Backup(place, aws).is_empty()
    folder = Path(place)
    return not folder.is_dir() or not any(folder.iterdir())


def open_backup(place: str, aws: AwsOptions) -> Backup:
    """Return the backup in a folder or at an ``s3://`` URL.

    Raises:
        UsageError: it cannot be used.
        OSError: the folder cannot be made.

    """
    return S3Backup(place, aws) if is_s3(place) else FolderBackup(Path(place))
