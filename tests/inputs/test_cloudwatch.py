"""Logs that CloudWatch Logs has stored: subscription envelopes and exports."""

from __future__ import annotations

import gzip
import io
import json
from typing import TYPE_CHECKING

import pytest

import edgelift
from edgelift.inputs.cloudwatch import subscriptions
from edgelift.inputs.content import content
from edgelift.inputs.damage import DamagedFile
from edgelift.inputs.limits import Limits

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

RECORD = '{"date":"2024-11-15","time":"19:45:51","sc-status":"%d"}'
DOCUMENT = b'{"timestamp":1731699951000,"sc-status":%d}\n'


def envelope(*messages: object, kind: str = "DATA_MESSAGE", **members: object) -> bytes:
    events = [
        {"id": str(number), "timestamp": 1731699951000, "message": message}
        for number, message in enumerate(messages)
    ]
    envelope = {"messageType": kind, "owner": "123456789012", "logGroup": "/aws/cloudfront/x"}
    return json.dumps(envelope | {"logEvents": events} | members).encode()


CONTROL = envelope("CWL CONTROL MESSAGE: Checking health of destination Firehose.", kind="CONTROL_MESSAGE")


def read(data: bytes, step: int = 1 << 18, into: bytearray | None = None) -> bytes:
    made = bytearray() if into is None else into
    source = io.BytesIO(data)
    for block in content(lambda: source.read(step), Limits()):
        made += block
    return bytes(made)


@pytest.mark.parametrize("step", [1, 7, 1 << 18])
@pytest.mark.parametrize("between", [b"", b"\n", b" \r\n\n"])
def test_each_message_of_an_envelope_is_a_record(step: int, between: bytes) -> None:
    messages = [RECORD % status for status in (200, 304, 404)]
    data = between.join([CONTROL, envelope(*messages[:2]), envelope(), envelope(messages[2]), CONTROL])
    assert read(data, step).decode().splitlines() == messages
    members = b"".join(
        gzip.compress(part) for part in (CONTROL, envelope(*messages[:2]), envelope(messages[2]))
    )
    assert read(members, step).decode().splitlines() == messages


def test_members_of_an_envelope_come_in_any_order_and_form() -> None:
    text = RECORD % 200
    shuffled = json.dumps(json.loads(envelope(text)), sort_keys=True, indent=2).encode()
    assert read(shuffled + envelope(text)).decode() == f"{text}\n{text}\n"


def test_messages_of_connection_logs_are_read(run: Run, tmp_path: Path) -> None:
    record = '{"eventTimestamp":"1731620046814","clientIp":"::1","connectionStatus":"Success"}'
    for data in (envelope(record), export(record)):
        path = tmp_path / "log"
        path.write_bytes(gzip.compress(data))
        done = run("transform", path)
        expected = b'{"eventTimestamp":1731620046814,"clientIp":"::1","connectionStatus":"Success"}\n'
        assert (done.code, done.out) == (0, expected)
        assert "JSON records of a connection log" in done.err


def test_messages_are_counted_and_failures_keep_their_bytes() -> None:
    transformer = edgelift.Transformer({"input": {"format": "auto"}})
    wrong = ['{"sc-status":"2x0"}', "#Fields: asn", "1\n2", "ä\ud800", '{"timestamp":1}', "{"]
    data = envelope(RECORD % 200, *wrong) + b"garbage\n" + envelope("", RECORD % 304)
    lines = transformer.transform_lines(read(data))
    assert (lines.counts.read, lines.counts.ok, lines.counts.blank) == (10, 2, 1)
    assert [failure.raw for failure in lines.failures] == [
        b'{"sc-status":"2x0"}',
        b"#Fields: asn",
        b"1",
        b"2",
        "ä\ufffd".encode(),
        b'{"timestamp":1}',
        b"{",
        b"garbage",
    ]


@pytest.mark.parametrize(
    "broken",
    [
        envelope({"date": "2024-11-15"}),
        envelope(kind="OTHER"),
        envelope(RECORD % 200, logEvents={}),
        b'{"messageType":"DATA_MESSAGE","logEvents":[,]}',
    ],
)
def test_an_envelope_that_cannot_be_read_is_one_failed_record(broken: bytes) -> None:
    data = envelope(RECORD % 200) + broken + envelope(RECORD % 304)
    lines = edgelift.Transformer({"input": {"format": "auto"}}).transform_lines(read(data))
    assert lines.output == DOCUMENT % 200 + DOCUMENT % 304
    (failure,) = lines.failures
    assert (failure.reason, failure.raw) == ("bad_json", broken)


def test_messages_before_the_end_of_a_truncated_envelope_are_read(run: Run, tmp_path: Path) -> None:
    data = envelope(*(RECORD % status for status in range(200, 300)))
    for end in range(len(data) - 1, 200, -97):
        made = bytearray()
        with pytest.raises(DamagedFile, match="damaged envelope of CloudWatch Logs"):
            read(data[:end], 50, made)
        whole = data[:end].count(rb'\"}"}')
        assert made.decode().splitlines() == [RECORD % (200 + number) for number in range(whole)]
    packed = gzip.compress(data, mtime=0)[:-12]
    (tmp_path / "log").write_bytes(packed)
    done = run("transform", tmp_path / "log")
    assert (done.code, done.err.count("damaged gzip")) == (1, 1)
    assert done.out.startswith(DOCUMENT % 200)
    assert "left out" not in done.err


def test_an_endless_envelope_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "LARGEST", 100_000)
    huge = envelope("x" * 200_000)
    blocks = read(huge, 1000)
    assert blocks.startswith(huge[:90_000])
    assert blocks.count(b"\n") >= 2


def export(*messages: str) -> bytes:
    return "".join(f"2024-11-15T19:45:5{n % 10}.000Z {text}\n" for n, text in enumerate(messages)).encode()


@pytest.mark.parametrize("step", [1, 7, 30, 1 << 18])
def test_the_time_of_an_exported_line_is_left_out(step: int) -> None:
    messages = [RECORD % 200, "2024-11-15\t19:45:51\t-", "x" * 100, "no time", "2024-11-15T19:45:51.000Z x"]
    data = export(*messages).replace(b"2024-11-15T19:45:53.000Z no", b"no")
    assert read(data, step).decode().splitlines() == messages
    assert read(data[:-1], step) == read(data, step)[:-1]
    assert read(gzip.compress(data), step) == read(data, step)


def test_damage_of_an_export_leaves_out_the_unfinished_line_only(run: Run, tmp_path: Path) -> None:
    data = export(*(RECORD % status for status in range(200, 999)))
    packed = gzip.compress(data, mtime=0)
    for end in range(len(packed) - 1, 300, -211):
        (tmp_path / "log").write_bytes(packed[:end])
        made = bytearray()
        with pytest.raises(DamagedFile) as caught:
            read(packed[:end], into=made)
        whole = made[: len(made) - caught.value.unfinished].decode().splitlines()
        assert whole == [RECORD % (200 + number) for number in range(len(whole))]
    done = run("transform", tmp_path / "log")
    assert (done.code, done.out[: len(DOCUMENT % 200)]) == (1, DOCUMENT % 200)
    assert "failed 0" in done.err
