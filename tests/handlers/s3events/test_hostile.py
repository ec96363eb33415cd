"""Hostile events: each message is answered by itself, in text that Lambda can send and print."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgelift import EdgeliftError
from tests.handlers.s3batch.conftest import ROWS
from tests.handlers.s3batch.test_hostile import HOSTILE, NESTED, lines, texts, values
from tests.handlers.s3events.conftest import bridged, notification, queued, returned
from tests.reprocess.conftest import uploaded

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgelift.s3events import Handler
    from tests.reprocess.conftest import Client

    Make = Callable[..., Handler]

DEEP = "[" * 100_000
WRITABLE: list[Any] = [value for value in HOSTILE if value is not NESTED]
"""Values that `json` writes."""
writable = st.none() | st.booleans() | st.integers() | texts | st.sampled_from(WRITABLE)


@pytest.fixture
def handler(make: Make) -> Handler:
    return make()


@pytest.mark.parametrize("build", [notification, bridged])
@pytest.mark.parametrize("name", ["key", "versionId", "version-id", "bucket"])
def test_hostile_messages_are_answered_and_the_others_processed(
    handler: Handler,
    s3: Client,
    capsys: pytest.CaptureFixture[str],
    build: Callable[..., dict[str, Any]],
    name: str,
) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    bad: list[Any] = []
    for value in WRITABLE:
        bad.append(build("a", **({} if name == "bucket" else {name: value})))
        if name == "bucket":
            fields = bad[-1]["detail"] if build is bridged else bad[-1]["Records"][0]["s3"]
            fields["bucket"] = {"name": value}
    event = queued(build("a"), *bad, DEEP, json.dumps({"Type": "Notification", "Message": DEEP}), build("a"))
    answer = handler(event, None)
    assert not {"m0", f"m{len(bad) + 3}"} & set(returned(answer))
    json.dumps(answer, ensure_ascii=False).encode()
    assert lines(capsys)[-1]["Messages"] == len(bad) + 4
    assert "new/logs/a.ndjson" in uploaded(s3)


@settings(derandomize=True, deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(
                ("Records", "detail", "detail-type", "source", "Type", "Message"), writable
            ),
        )
        | writable
        | st.fixed_dictionaries(
            {"Records": st.lists(st.fixed_dictionaries({"s3": writable, "eventName": writable}))}
        )
        | st.fixed_dictionaries({"source": st.just("aws.s3"), "detail-type": writable, "detail": writable}),
        max_size=4,
    )
)
def test_arbitrary_messages_are_answered(
    handler: Handler, capsys: pytest.CaptureFixture[str], bodies: list[Any]
) -> None:
    answer = handler(queued(*bodies, {}), None)
    assert set(returned(answer)) <= {f"m{number}" for number in range(len(bodies) + 1)}
    json.dumps(answer, ensure_ascii=False).encode()
    assert lines(capsys)[-1]["FailedMessages"] == len(returned(answer))


@settings(derandomize=True, deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
@given(values | st.dictionaries(st.sampled_from(["Records", "source", "Type", "Event"]), values))
def test_arbitrary_events_raise_no_other_exceptions(
    handler: Handler, capsys: pytest.CaptureFixture[str], event: object
) -> None:
    try:
        handler(event, None)
    except EdgeliftError as error:
        str(error).encode()
    assert len(lines(capsys)) == 1
