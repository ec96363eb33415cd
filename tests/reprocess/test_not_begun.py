"""A job that cannot begin leaves no journal, and says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from edgelift.reprocess.aws import to_job_error
from tests.reprocess.fault_proxy import fault_proxy

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
FIELDS = ("--fields", "timestamp,c-ip,sc-status")
ROW = b"1700000000.123\t192.0.2.1\t200\n"
CORRECT_IT = "edgelift: nothing was written; run the command again when this is corrected"
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


def test_journal_of_a_job_that_cannot_list_its_source_is_deleted(run: Run, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    done = run(
        "reprocess", "s3://logs/cdn/", f"{tmp_path}/out/", "--journal", journal, env=NO_CREDENTIALS | REGION
    )
    assert done.code == 3
    assert done.messages[-1] == CORRECT_IT
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
    (logs / "b").write_bytes(ROW)
    assert run("reprocess", logs, f"{tmp_path}/out/", *FIELDS, "--journal", journal).code == 0
    # No date in the name.
    since = ("--since", "2024-11-01")
    done = run("reprocess", logs, f"{tmp_path}/out/", *FIELDS, *since, "--journal", journal)
    assert done.code == 2
    assert journal.is_file()


UNUSABLE = (
    "http://127.0.0.1:1",
    "http://unknown.invalid",
    "s3://documents/",
    "firehose:cdn-logs",
    "kinesis:cdn-logs",
)
"""Destinations that nobody answers for, or that need credentials."""


@pytest.mark.parametrize("destination", UNUSABLE)
def test_destination_that_cannot_be_used_leaves_no_journal_that_blocks_the_corrected_command(
    run: Run, tmp_path: Path, destination: str
) -> None:
    logs, journal = tmp_path / "logs", tmp_path / "journal"
    logs.mkdir()
    (logs / "a.tsv").write_bytes(ROW)
    options = (*FIELDS, "--journal", journal, *(("--insecure",) if destination.startswith("http") else ()))
    done = run("reprocess", logs, destination, *options, env=NO_CREDENTIALS | REGION)
    assert done.code == 3
    assert done.messages[-1] == CORRECT_IT
    assert list(tmp_path.glob("journal*")) == []
    assert run("reprocess", logs, f"{tmp_path}/out/", *FIELDS, "--journal", journal).code == 0


def test_journal_of_a_finished_job_does_not_block_the_one_after_a_job_that_cannot_begin(
    run: Run, tmp_path: Path
) -> None:
    logs, journal = tmp_path / "logs", tmp_path / "journal"
    logs.mkdir()
    (logs / "a.tsv").write_bytes(ROW)
    options = (*FIELDS, "--journal", journal)
    assert run("reprocess", logs, f"{tmp_path}/out/", *options).code == 0
    done = run("reprocess", logs, "http://127.0.0.1:1", *options)
    assert (done.code, done.messages[-1]) == (3, CORRECT_IT)
    assert journal.is_file()
    assert run("reprocess", logs, f"{tmp_path}/other/", *options).code == 0


def test_journal_of_a_resumed_job_is_kept_if_the_destination_cannot_be_used(
    run: Run, tmp_path: Path, aws: dict[str, str]
) -> None:
    # The destination of the first attempt answers, but not to documents.
    logs, journal = tmp_path / "logs", tmp_path / "journal"
    logs.mkdir()
    (logs / "a.tsv").write_bytes(ROW)
    with fault_proxy("http://127.0.0.1:1") as proxy:
        proxy.refuses = lambda *_: (403, "Forbidden")
        words = ("reprocess", logs, proxy.url, *FIELDS, "--journal", journal)
        first = run(*words, env=aws)
        assert (first.code, "--resume" in first.messages[-1]) == (3, True)
        proxy.refuses = lambda *_: (401, "Unauthorized")
        second = run(*words, "--resume", env=aws)
    assert (second.code, "--resume" in second.messages[-1]) == (3, True)
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
    options = (*FIELDS, "--journal", tmp_path / "journal")
    done = run("reprocess", "s3://logs/cdn/", place, *options, env=NO_CREDENTIALS | variables)
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


def test_new_output_is_not_truncated_so_that_a_job_that_cannot_begin_leaves_no_file(
    run: Run, tmp_path: Path
) -> None:
    logs, modules = tmp_path / "logs", tmp_path / "modules"
    logs.mkdir()
    modules.mkdir()
    (logs / "a.tsv").write_bytes(ROW)
    (modules / "sitecustomize.py").write_text(
        "import errno, os\n"
        "def ftruncate(descriptor, length):\n"
        "    raise OSError(errno.EIO, os.strerror(errno.EIO))\n"
        "os.ftruncate = ftruncate\n"
    )
    output = tmp_path / "out.ndjson"
    options = (*FIELDS, "--journal", tmp_path / "journal")
    done = run("reprocess", logs, output, *options, env={"PYTHONPATH": str(modules)})
    assert done.code == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"logs", "modules", "journal", "out.ndjson"}
