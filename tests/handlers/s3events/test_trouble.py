"""Which failures return a message to its queue, and which are only logged."""

from __future__ import annotations

import gzip
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from edgelift.s3events import PermanentFailure, TemporaryFailure
from tests.handlers.s3batch.conftest import BAD, COUNTS, ROWS
from tests.handlers.s3events.conftest import MISSING, Context, bridged, notification, queued, returned
from tests.reprocess.conftest import uploaded
from tests.reprocess.fault_proxy import fault_proxy

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgelift.s3events import Handler
    from tests.reprocess.conftest import Client

    Make = Callable[..., Handler]

FINAL = {
    "gone": (None, MISSING),
    "image": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "it is a PNG image, not a CloudFront log"),
    "damaged": (gzip.compress(ROWS)[:-6], "gzip"),
}


@pytest.fixture
def failing(s3_url: str, monkeypatch: pytest.MonkeyPatch, make: Make) -> Any:  # noqa: ANN401 -- a generator
    """Give what lets requests for the object ``busy`` fail."""
    with fault_proxy(s3_url) as before:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", before.url)

        def fail(status: int, code: str) -> Handler:
            before.refuses = lambda _method, path, _time: (status, code) if path == "/logs/busy" else None
            return make()

        yield fail


@pytest.mark.parametrize("name", FINAL)
def test_failure_that_nothing_can_help_is_logged_and_not_retried(
    make: Make, s3: Client, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    content, problem = FINAL[name]
    if content is not None:
        s3.put_object(Bucket="logs", Key=name, Body=content)
    assert returned(make()(queued(notification(name)), None)) == []
    line, _ = map(json.loads, capsys.readouterr().out.splitlines())
    assert (line["event"], line["result"]) == ("edgelift.object", "PermanentFailure")
    assert problem in line["problem"]
    for event in notification(name), bridged(name):
        (answer,) = make()(event, None)["Items"]
        assert answer["result"] == "PermanentFailure"
        assert problem in answer["problem"]


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [(403, "AccessDenied", PermanentFailure), (503, "SlowDown", TemporaryFailure)],
)
def test_only_the_message_that_failed_is_returned(
    failing: Callable[[int, str], Handler], s3: Client, status: int, code: str, kind: type[Exception]
) -> None:
    for key in "a", "busy", "b":
        s3.put_object(Bucket="logs", Key=key, Body=ROWS)
    handler = failing(status, code)
    messages = notification("a"), notification("busy"), notification("gone"), bridged("b")
    assert returned(handler(queued(*messages), None)) == ["m1"]
    assert set(uploaded(s3)) == {"new/logs/a.ndjson", "new/logs/b.ndjson"}
    with pytest.raises(kind) as caught:
        handler(notification("busy", "a", "gone"), None)
    reported = json.loads(str(caught.value))
    assert (reported["tried"], reported["failed"]) == (3, 1)
    assert reported["Items"][0]["Key"] == "busy"


def test_message_is_returned_if_one_of_its_objects_failed(
    failing: Callable[[int, str], Handler], s3: Client
) -> None:
    for key in "a", "busy":
        s3.put_object(Bucket="logs", Key=key, Body=ROWS)
    assert returned(failing(500, "InternalError")(queued(notification("busy", "a")), None)) == ["m0"]
    assert set(uploaded(s3)) == {"new/logs/a.ndjson"}


def test_connection_that_is_closed_without_an_answer_returns_the_message(
    make: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{server.getsockname()[1]}")
        closing = pool.submit(_close_connections, server)
        assert returned(make()(queued(notification("a")), None)) == ["m0"]
        server.shutdown(socket.SHUT_RDWR)
        closing.result()
    line = json.loads(capsys.readouterr().out.splitlines()[0])
    assert line["result"] == "TemporaryFailure"
    assert line["problem"].startswith("cannot be read: Connection was closed")


def _close_connections(server: socket.socket) -> None:
    """Read a request from each connection, and close it without an answer."""
    with suppress(OSError):
        while True:
            connection, _ = server.accept()
            with connection:
                connection.recv(1 << 16)


def test_unreachable_cluster_returns_the_messages(make: Make, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    assert returned(make("http://127.0.0.1:1")(queued(notification("a")), None)) == ["m0"]


def test_failed_records_return_the_message_unless_they_are_kept(make: Make, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS + BAD)
    assert returned(make()(queued(notification("a")), None)) == ["m0"]
    handler = make(FAILED="s3://documents/failed")
    assert returned(handler(queued(notification("a")), None)) == []
    (answer,) = handler(bridged("a"), None)["Items"]
    assert answer == {"Bucket": "logs", "Key": "a", "result": "Succeeded"} | COUNTS | {"read": 3, "failed": 1}
    assert set(uploaded(s3)) == {"new/logs/a.ndjson", "failed/logs/a.failed.json"}


def test_object_without_time_left_is_returned(make: Make, s3: Client) -> None:
    for key in "a", "b":
        s3.put_object(Bucket="logs", Key=key, Body=b"\n" * 1001)
    handler = make(BYTES_PER_SECOND="20")
    # At the beginning and before the first object; then too little for the second.
    answer = handler(queued(notification("a"), notification("b")), Context(61, 61, 40))
    assert returned(answer) == ["m1"]


def test_object_too_large_for_the_function_is_returned(make: Make, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=b"\n" * 1001)
    assert returned(make(BYTES_PER_SECOND="20")(queued(notification("a")), Context(60))) == ["m0"]


@pytest.mark.parametrize("body", ["", "no JSON", "{", "[]", "{}", "null", "NaN", '{"Type":"Notification"}'])
def test_message_that_is_not_of_s3_is_returned(
    make: Make, s3: Client, capsys: pytest.CaptureFixture[str], body: str
) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    assert returned(make()(queued(body, notification("a")), None)) == ["m0"]
    line = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (line["event"], line["messageId"]) == ("edgelift.message", "m0")
    assert line["problem"].startswith("expected ")
    assert set(uploaded(s3)) == {"new/logs/a.ndjson"}


@pytest.mark.parametrize("key", ["new/logs/a.ndjson", "failed/a.json"])
def test_objects_that_the_function_writes_are_not_read(make: Make, s3: Client, key: str) -> None:
    s3.put_object(Bucket="documents", Key=key, Body=ROWS)
    handler = make(FAILED="s3://documents/failed")
    event = notification(key)
    event["Records"][0]["s3"]["bucket"]["name"] = "documents"
    assert returned(handler(queued(event), None)) == []
    (answer,) = handler(event, None)["Items"]
    assert answer["problem"].startswith("this function writes there, ")
    assert set(uploaded(s3)) == {key}


def test_failed_message_without_an_id_fails_the_batch(make: Make, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    with pytest.raises(TemporaryFailure, match="no messageId"):
        make()(queued("no JSON", notification("a"), messageId=None), None)
    assert set(uploaded(s3)) == {"new/logs/a.ndjson"}
    assert returned(make()(queued(notification("a"), messageId=None), None)) == []
