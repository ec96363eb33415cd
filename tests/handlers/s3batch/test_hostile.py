"""Hostile events: each task is answered by itself, in text that Lambda can send and print."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgelift.s3batch import PermanentFailure, TemporaryFailure
from tests.handlers.s3batch.conftest import COUNTS, ROWS, event, result, task

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgelift.s3batch import Handler
    from tests.reprocess.conftest import Client

    Make = Callable[..., Handler]

RESULTS = {"Succeeded", "TemporaryFailure", "PermanentFailure"}
NESTED: Any = "a"
for _ in range(600):
    NESTED = [{"a": NESTED}]

HOSTILE: list[Any] = [
    "\ud800",
    "a\udc00b%41",
    "\x00",
    "a\x00b",
    "%00",
    "%ED%A0%80",
    "%",
    "x" * 100_000,
    "é" * 700,
    "\u2028\u202e\x1b[2J",
    "../../a",
    "a/../../b",
    "/",
    " ",
    0,
    -1.5,
    float("inf"),
    float("-inf"),
    True,
    [],
    ["a"],
    {"a": "\ud800"},
    NESTED,
]
texts = st.text(st.characters(codec=None, categories=None), max_size=30) | st.sampled_from(
    [value for value in HOSTILE if isinstance(value, str)]
)
values = (st.none() | st.booleans() | st.integers() | st.floats() | texts) | st.sampled_from(HOSTILE)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Read the lines of the log since the last call; they were written to a strict UTF-8 stream."""
    return [strict_json(line) for line in capsys.readouterr().out.split("\n") if line]


def strict_json(text: str) -> dict[str, Any]:
    """Read JSON without Python's own ``NaN`` and ``Infinity``."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    read: dict[str, Any] = json.loads(text, parse_constant=refuse)
    return read


@pytest.mark.parametrize("name", ["s3Key", "s3VersionId", "s3BucketArn", "s3Bucket", "taskId"])
def test_hostile_tasks_are_answered_and_the_others_completed(
    make: Make, s3: Client, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    good, bad = task("a", taskId="good"), [task("a", **{name: value}) for value in HOSTILE]
    answer = make()(event(good, *bad, good, version="2.0"), None)
    before, *hostile, after = answer["results"]
    for entry in before, after:
        assert (entry["taskId"], entry["resultCode"]) == ("good", "Succeeded")
        assert json.loads(entry["resultString"]) == COUNTS
    assert len(hostile) == len(HOSTILE)
    for entry in hostile:
        assert entry["resultCode"] in RESULTS
        assert len(entry["resultString"]) <= 1024
        json.loads(entry["resultString"])
    # As the runtime client writes it.
    json.dumps(answer, ensure_ascii=False, allow_nan=False).encode()
    assert len(lines(capsys)) == len(HOSTILE) + 2


def test_hostile_destinations_are_refused(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    handler = make()
    for value in filter(None, HOSTILE):
        entry = event(task("a"), version="2.0", userArguments={"destination": value})
        answer = handler(entry, None)
        assert answer["results"][0]["resultCode"] == "PermanentFailure"
        json.dumps(answer, ensure_ascii=False, allow_nan=False).encode()
        assert len(lines(capsys)) == 1


def test_infinite_numbers_of_an_event_are_answered_in_json(
    make: Make, s3: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    entry = event(task("a", taskId=1e999), version="2.0")
    answer = make()(entry | {"invocationId": -1e999, "invocationSchemaVersion": 1e999}, None)
    assert (answer["invocationId"], answer["invocationSchemaVersion"]) == ("-inf", "inf")
    (single,) = answer["results"]
    assert (single["taskId"], single["resultCode"]) == ("inf", "Succeeded")
    with pytest.raises(PermanentFailure) as caught:
        make()({"Items": [{"Bucket": "logs", "Key": "a", "VersionId": 1e999}]}, None)
    assert strict_json(str(caught.value))["Items"][0]["VersionId"] == "inf"
    assert len(lines(capsys)) == 2


@pytest.fixture
def handler(make: Make) -> Handler:
    return make()


@settings(derandomize=True, deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(
                ("taskId", "s3Key", "s3VersionId", "s3BucketArn", "s3Bucket", "x"), values
            ),
        )
        | values,
        max_size=4,
    ),
    values,
    values,
    values,
)
def test_arbitrary_tasks_are_answered(  # noqa: PLR0913, PLR0917 -- what is generated
    handler: Handler,
    capsys: pytest.CaptureFixture[str],
    tasks: list[Any],
    destination: object,
    schema: object,
    job: object,
) -> None:
    entry = {
        "tasks": tasks,
        "invocationSchemaVersion": schema,
        "invocationId": schema,
        "job": {"userArguments": {"destination": destination}} if isinstance(job, str) else job,
    }
    answer = handler(entry, None)
    assert len(answer["results"]) == len(tasks)
    for single in answer["results"]:
        assert single["resultCode"] in RESULTS
        assert len(single["resultString"]) <= 1024
    json.dumps(answer, ensure_ascii=False, allow_nan=False).encode()
    assert len(lines(capsys)) == len(tasks)


@settings(derandomize=True, deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.fixed_dictionaries(
            {}, optional=dict.fromkeys(("Bucket", "Key", "VersionId", "Destination", "x"), values)
        )
        | values,
        min_size=1,
        max_size=4,
    ),
    values,
)
def test_arbitrary_items_fail_without_other_exceptions(
    handler: Handler, capsys: pytest.CaptureFixture[str], items: list[Any], common: object
) -> None:
    # There are no objects, so none succeeds.
    with pytest.raises((TemporaryFailure, PermanentFailure)) as caught:
        handler({"Items": items, "BatchInput": common}, None)
    entry = strict_json(str(caught.value))
    assert entry["tried"] == entry["failed"] == len(items)
    assert len(str(caught.value).encode()) < 200_000
    assert len(lines(capsys)) == len(items)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), "TemporaryFailure"),
        (OSError(28, "No space left on device"), "TemporaryFailure"),
        (RuntimeError("can't start new thread"), "TemporaryFailure"),
        (KeyError("\ud800"), "PermanentFailure"),
    ],
)
def test_unexpected_error_fails_its_task_only(  # noqa: PLR0913, PLR0917 -- fixtures
    make: Make,
    s3: Client,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    error: Exception,
    expected: str,
) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    handler = make()

    def fail(*_: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        # No input is known that raises these: that is why they are not expected.
        patched.setattr("edgelift.reprocess.pipeline.Pipeline.process", fail)
        code, account = result(handler, "a")
    assert code == expected
    assert account["problem"].startswith(f"unexpected {type(error).__name__}: ")
    assert "Traceback (most recent call last)" in capfd.readouterr().err
    assert result(handler, "a") == ("Succeeded", COUNTS)
