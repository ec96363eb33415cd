"""Source records back into Kinesis and Firehose: each as it was, and none is missing."""

from __future__ import annotations

import base64
import json
import random
import subprocess
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from edgelift.put_batches import MOST_BYTES, MOST_RECORDS
from tests.reprocess.conftest import made, make_logs

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reprocess.conftest import Logs, Reprocess
    from tests.reprocess.fault_proxy import FaultProxy
    from tests.reprocess.streams import Service

ROW = "1700000000.{:03}\t10.0.0.1\t200\tGET\t/{}"


@pytest.fixture(scope="module")
def logs() -> Logs:
    return make_logs(6, 600, seed=21)


def failed_transformation(record: bytes) -> bytes:
    raw = base64.b64encode(record).decode()
    line = {"attemptsMade": 4, "errorCode": "Lambda.FunctionError", "rawData": raw, "lambdaArn": "x"}
    return json.dumps(line).encode() + b"\n"


def test_records_are_put_unchanged(
    reprocess: Reprocess, logs: Logs, source: Path, service: Service, aws_proxy: FaultProxy
) -> None:
    account = reprocess.account(source, service.dest)
    assert Counter(service.records()) == logs.records
    assert {name: account["totals"][name] for name in logs.counts} == logs.counts
    assert account["totals"]["bytes_out"] == sum(map(len, logs.records.elements()))
    assert aws_proxy.seen["POST", service.operation] >= len(logs.records) / MOST_RECORDS


@pytest.mark.usefixtures("aws_proxy")
def test_records_are_put_from_logs_and_error_objects(
    reprocess: Reprocess, service: Service, tmp_path: Path
) -> None:
    rows = [ROW.format(number, "x") for number in range(6)]
    document = {"esDocumentId": "4", "esIndexName": "cdn", "rawData": base64.b64encode(b"{}").decode()}
    lines = [
        f"{rows[0]}\r\n".encode(),
        failed_transformation(f"{rows[1]}\n".encode()),
        failed_transformation(b"no row\n"),
        json.dumps(document).encode() + b"\n",
        f"{rows[2]}{rows[3]}\n".encode(),
        b"\n",
        rows[4].encode(),
    ]
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "mixed").write_bytes(b"".join(lines))
    (tmp_path / "config").write_text(
        '[input]\nformat = "auto"\n[[layouts]]\nfields = ["timestamp", "c-ip", "sc-status", "cs-method", '
        '"cs-uri-stem"]\n'
    )
    (logs / "log").write_text("#Version: 1.0\n#Fields: date c-ip\n2024-11-15\t10.0.0.1\n")
    (logs / "v2").write_text('{"date":"2024-11-15","c-ip":"10.0.0.1"}\n')
    words = ("--config", tmp_path / "config", "--journal", tmp_path / "j", "--failed", tmp_path / "failed")
    done = reprocess.run("reprocess", logs, service.dest, *words, "--json", env=reprocess.environment)
    assert done.code == 1, done.err
    totals = json.loads(done.out)["totals"]
    assert totals["by_reason"] == {"column_count": 1, "already_transformed": 1, "no_header": 1}
    assert (totals["read"], totals["written"], totals["blank"]) == (9, 6, 1)
    wanted = [f"{rows[0]}\r", rows[1], rows[2], rows[3], rows[4], '{"date":"2024-11-15","c-ip":"10.0.0.1"}']
    assert sorted(service.records()) == sorted(f"{row}\n".encode() for row in wanted)
    failed = {
        name: [json.loads(line) for line in data.splitlines()]
        for name, data in made(tmp_path / "failed").items()
    }
    (row,) = failed["log.failed.json"]
    assert row["errorMessage"].startswith("only the #Fields: line of its log names the columns of the row")
    # The document can go where it belongs.
    assert document in failed["mixed.failed.json"]
    (tmp_path / "failed" / "log.failed.json").unlink()
    account = reprocess.account(tmp_path / "failed", f"{tmp_path}/documents/")
    assert (account["totals"]["written"], account["totals"]["failed"]) == (1, 1)


def test_kept_records_get_their_line_feed_back(
    reprocess: Reprocess, service: Service, aws_proxy: FaultProxy, tmp_path: Path
) -> None:
    (tmp_path / "rows").write_bytes(f"{ROW.format(1, 'x')}\n{ROW.format(2, 'y')}\r\n".encode())
    other = ("--fields", "timestamp", "--journal", tmp_path / "other", "--failed", tmp_path / "failed")
    done = reprocess.run("reprocess", tmp_path / "rows", f"{tmp_path}/out/", *other)
    assert done.code == 1, done.err
    assert reprocess(tmp_path / "failed", service.dest).code == 0
    assert b"".join(sorted(service.records())) == (tmp_path / "rows").read_bytes()
    assert aws_proxy.seen["POST", service.operation] == 1


def test_only_refused_records_are_put_again(
    reprocess: Reprocess, logs: Logs, source: Path, service: Service, aws_proxy: FaultProxy
) -> None:
    calls: list[list[str]] = []
    seen: Counter[str] = Counter()

    def answer(path: str, body: bytes, _count: int) -> dict[str, Any] | None:
        if path != service.operation:
            return None
        records = json.loads(body)["Records"]
        calls.append([record["Data"] for record in records])
        seen.update(calls[-1])
        # Every third record is refused the first time, every ninth twice.
        numbers = [int(base64.b64decode(data).strip()[-4:], 16) for data in calls[-1]]
        again = [
            (number % 3 == 0 and seen[data] == 1) or (number % 9 == 0 and seen[data] == 2)
            for number, data in zip(numbers, calls[-1], strict=True)
        ]
        taken = [record for record, refused in zip(records, again, strict=True) if not refused]
        answers = iter(service.put(taken) if taken else [])
        refusal = {"ErrorCode": service.later, "ErrorMessage": "as given"}
        return service.answer([refusal if refused else next(answers) for refused in again])

    aws_proxy.instead = answer
    account = reprocess.account(source, service.dest, "--workers", "1")
    assert account["totals"]["written"] == logs.counts["written"]
    assert Counter(service.records()) == logs.records
    # Nobody was put again who had been taken.
    times = {data: int(base64.b64decode(data).strip()[-4:], 16) for data in seen}
    assert all(seen[data] == 1 + (number % 3 == 0) + (number % 9 == 0) for data, number in times.items())


def test_calls_keep_to_the_limits_of_the_services(
    reprocess: Reprocess, service: Service, aws_proxy: FaultProxy, tmp_path: Path
) -> None:
    calls: list[list[bytes]] = []

    def look(path: str, body: bytes, _count: int) -> None:
        if path == service.operation:
            calls.append([base64.b64decode(record["Data"]) for record in json.loads(body)["Records"]])

    aws_proxy.instead = look
    long = [ROW.format(number, "x" * 900_000) for number in range(9)]
    short = [ROW.format(number, "y") for number in range(1100)]
    (tmp_path / "rows").write_text("".join(f"{row}\n" for row in [*long, *short]))
    assert reprocess(tmp_path / "rows", service.dest).code == 0
    assert b"".join(b"".join(call) for call in calls) == (tmp_path / "rows").read_bytes()
    assert [len(call) for call in calls] == [4, 4, 500, 500, 101]
    assert max(sum(map(len, call)) for call in calls) <= MOST_BYTES


def test_a_lost_answer_loses_no_record(
    reprocess: Reprocess, logs: Logs, source: Path, service: Service, aws_proxy: FaultProxy
) -> None:
    aws_proxy.cut = lambda _method, path, count: 10 if path == service.operation and count == 1 else None
    account = reprocess.account(source, service.dest, "--workers", "1")
    assert account["totals"]["written"] == logs.counts["written"]
    found = Counter(service.records())
    assert found >= logs.records
    assert set(found) == set(logs.records)
    # Those of one call came twice.
    assert 0 < found.total() - logs.records.total() <= MOST_RECORDS


@pytest.mark.usefixtures("aws_proxy")
def test_resume_after_kills_loses_no_record(
    reprocess: Reprocess,
    service: Service,
    command: tuple[str, ...],
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    seed = 11
    print(f"seed {seed}")  # noqa: T201 -- pytest shows it if a test fails
    chance = random.Random(seed)  # noqa: S311 -- no secret
    many = make_logs(20, 1500, seed=12)
    many.save(tmp_path / "logs")
    words = (tmp_path / "logs", service.dest)
    resume: list[str] = []
    for _ in range(4):
        process = subprocess.Popen(
            [*command, *reprocess.words(*words), *resume],
            env=environment | reprocess.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(chance.uniform(0.5, 2))
        process.kill()
        process.wait()
        resume = ["--resume"] if reprocess.journal.exists() else []
    account = reprocess.account(*words, *resume)
    assert {name: account["totals"][name] for name in many.counts} == many.counts
    found = Counter(service.records())
    assert found >= many.records
    assert set(found) == set(many.records)


def test_dry_run_counts_the_records_to_put(
    reprocess: Reprocess, service: Service, aws_proxy: FaultProxy, tmp_path: Path
) -> None:
    (tmp_path / "log").write_text("#Fields: date c-ip\n2024-11-15\t10.0.0.1\n")
    (tmp_path / "config").write_text('[input]\nformat = "standard"\n')
    words = ("reprocess", tmp_path / "log", service.dest, "--config", tmp_path / "config", "--dry-run")
    done = reprocess.run(*words, env=reprocess.environment)
    assert done.code == 1, done.err
    assert "no_header 1" in done.err
    assert "a stream has no ids" in done.err
    assert aws_proxy.seen.total() == 0


def test_endpoint_url_applies_to_s3_only(  # noqa: PLR0913, PLR0917 -- fixtures
    reprocess: Reprocess, logs: Logs, bucket: str, s3_url: str, service: Service, aws_proxy: FaultProxy
) -> None:
    account = reprocess.account(bucket, service.dest, "--endpoint-url", s3_url)
    assert account["totals"]["written"] == logs.counts["written"]
    assert Counter(service.records()) == logs.records
    assert {path for _, path in aws_proxy.seen} == {
        service.operation,
        "/DescribeStreamSummary" if service.dest == "kinesis:cdn" else "/DescribeDeliveryStream",
    }


def test_rows_of_unknown_columns_fail_one_by_one(
    reprocess: Reprocess, service: Service, tmp_path: Path
) -> None:
    (tmp_path / "log").write_bytes(b"#Version: 1.0\n#Fields: asn c-ip\n1\t::1\n2\t::1\n")
    words = ("reprocess", tmp_path / "log", service.dest, "--dry-run")
    done = reprocess.run(*words, env=reprocess.environment)
    assert done.code == 1
    assert "failed 2 (no_header 2)" in done.err
    assert "objects 1 done, 0 not" in done.err
