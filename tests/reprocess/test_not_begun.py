"""A job that cannot begin leaves no journal, and says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from edgelift.reprocess.aws import to_job_error

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

# Neither files nor the network give credentials to this process.
NO_CREDENTIALS = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
}
REGION = {"AWS_DEFAULT_REGION": "us-east-1"}
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


def test_journal_of_a_job_that_cannot_list_its_source_is_deleted(run: Run, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    done = run(
        "reprocess", "s3://logs/cdn/", f"{tmp_path}/out/", "--journal", journal, env=NO_CREDENTIALS | REGION
    )
    assert done.code == 3
    assert done.messages[-1] == "edgelift: run the same command again"
    assert list(tmp_path.glob("journal*")) == []


def test_journal_of_a_job_that_is_refused_is_deleted(run: Run, tmp_path: Path) -> None:
    logs, journal = tmp_path / "logs", tmp_path / "journal"
    (logs / "a").mkdir(parents=True)
    (logs / "a" / "b").write_bytes(b"")
    # No date in the name.
    done = run("reprocess", logs, f"{tmp_path}/out/", "--since", "2024-11-01", "--journal", journal)
    assert done.code == 2
    assert list(tmp_path.glob("journal*")) == []


def test_journal_that_was_there_is_kept(run: Run, tmp_path: Path) -> None:
    logs, journal = tmp_path / "logs", tmp_path / "journal"
    logs.mkdir()
    assert run("reprocess", logs, f"{tmp_path}/out/", "--journal", journal).code == 0
    (logs / "b").write_bytes(b"")
    done = run("reprocess", logs, f"{tmp_path}/out/", "--since", "2024-11-01", "--journal", journal)
    assert done.code == 2
    assert journal.is_file()


@pytest.mark.parametrize(
    ("destination", "variables", "remedy"),
    [
        ("out/", REGION, "Unable to locate credentials; name a profile by --profile or AWS_PROFILE, or set"),
        ("kinesis:cdn", KEYS, "You must specify a region; name one by --region or AWS_REGION"),
        (
            "out/",
            {"AWS_PROFILE": "none"},
            "could not be found; aws configure list-profiles shows the profiles",
        ),
    ],
)
def test_aws_that_cannot_be_used_is_reported_with_a_remedy(
    run: Run, tmp_path: Path, destination: str, variables: dict[str, str], remedy: str
) -> None:
    place = destination if ":" in destination else f"{tmp_path}/{destination}"
    fields = ("--fields", "timestamp,c-ip,sc-status", "--journal", tmp_path / "journal")
    done = run("reprocess", "s3://logs/cdn/", place, *fields, env=NO_CREDENTIALS | variables)
    assert done.code in {2, 3}
    assert remedy in done.err


def test_credentials_that_have_expired_are_reported_with_a_remedy() -> None:
    # The S3 of the tests checks no credentials.
    answer = {"Error": {"Code": "ExpiredToken", "Message": "The token has expired"}}
    error = to_job_error(ClientError(answer, "ListObjectsV2"), "cannot list s3://logs/")
    assert str(error) == (
        "cannot list s3://logs/: The token has expired (ExpiredToken); "
        "renew the credentials, for example by aws sso login"
    )
