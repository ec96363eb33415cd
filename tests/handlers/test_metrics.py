"""The log line as a document of CloudWatch's embedded metric format."""

import json
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from edgelift import firehose, runtime
from edgelift._core import REASONS
from tests.engine.event.invariants import compact, encoded, event_of

SCHEMA = json.loads(
    (Path(__file__).parents[1] / "fixtures" / "embedded-metric-format.schema.json").read_text("utf-8")
)
FIELDS = ["timestamp", "sc-status"]
GOOD, BAD, EMPTY = b"1700000000.5\t200\n", b"1700000000\tx\n", b"\n"
ALWAYS = {
    "RecordsIn": "Count",
    "Ok": "Count",
    "Dropped": "Count",
    "Failed": "Count",
    "slimmed": "Count",
    "reingested": "Count",
    "BytesIn": "Bytes",
    "BytesOut": "Bytes",
    "Duration": "Milliseconds",
}
MOST_BYTES = 256 * 1024
"""Of a document, as of any event of CloudWatch Logs."""
Captured = pytest.CaptureFixture[str]


def logged(captured: Captured) -> dict[str, Any]:
    (line,) = captured.readouterr().out.splitlines()
    assert len(line) < MOST_BYTES
    document = json.loads(line)
    assert isinstance(document, dict)
    return document


def checked(document: dict[str, Any]) -> dict[str, str]:
    """Check a document and what its references lead to; the unit of each metric."""
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    (directive,) = document["_aws"]["CloudWatchMetrics"]
    for name in (name for names in directive["Dimensions"] for name in names):
        assert isinstance(document[name], str)
        assert document[name]
    metrics = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
    assert len(metrics) == len(directive["Metrics"])
    for name in metrics:
        assert type(document[name]) in {int, float}
    return metrics


def after(captured: Captured, event: dict[str, Any], **metrics: Any) -> dict[str, Any]:  # noqa: ANN401
    config = {"layouts": [{"fields": FIELDS}], "metrics": metrics}
    firehose.make_handler(config)(event, None)
    of_dicts = logged(captured)
    runtime.make_handler(config)(compact(event), None)
    of_bytes = logged(captured)
    for name in ("Duration", "OldestRecordAge", "_aws", "path"):
        assert (name in of_dicts) == (name in of_bytes)
        of_bytes[name] = of_dicts.get(name)
    assert {name: value for name, value in of_bytes.items() if value is not None} == of_dicts
    return of_dicts


def test_log_line_is_a_document_of_the_metric_format(capsys: Captured) -> None:
    before = int(time.time() * 1000)
    document = after(capsys, event_of([GOOD, BAD, EMPTY, BAD, GOOD]))
    metrics = checked(document)
    failed = {"Failed_bad_value": "Count", "Failed_empty_record": "Count"}
    assert metrics == ALWAYS | failed | {"OldestRecordAge": "Milliseconds"}
    assert document["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "edgelift"
    assert document["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["DeliveryStream"]]
    assert document["DeliveryStream"] == "logs"
    counts = {name: document[name] for name in ("RecordsIn", "Ok", "Dropped", "Failed", *failed)}
    assert list(counts.values()) == [5, 2, 0, 3, 2, 1]
    assert before <= document["_aws"]["Timestamp"] <= time.time() * 1000
    assert document["OldestRecordAge"] == document["_aws"]["Timestamp"] - 1_700_000_000_500
    assert document["layouts"] == [2]


def test_altered_documents_are_a_metric(capsys: Captured) -> None:
    config = {
        "layouts": [{"fields": ["sc-status", "cs-cookie"]}],
        "overflow": {"policy": "slim", "optional": ["cs-cookie"]},
    }
    event = event_of([b"200\t" + b"c" * 2_000] * 3_000)
    response = firehose.make_handler(config)(event, None)
    slim = encoded(b'{"sc-status":200}')
    document = logged(capsys)
    assert checked(document)["slimmed"] == "Count"
    assert document["slimmed"] == sum(record["data"] == slim for record in response["records"]) > 0


def test_age_is_left_out_without_a_timestamp(capsys: Captured) -> None:
    for rows in ([], [BAD], [b"-\t200"]):
        assert "OldestRecordAge" not in checked(after(capsys, event_of(rows)))


def test_metrics_can_be_switched_off(capsys: Captured) -> None:
    document = after(capsys, event_of([GOOD, BAD]), enabled=False)
    assert "_aws" not in document
    assert (document["RecordsIn"], document["Failed_bad_value"]) == (2, 1)


def test_namespace_and_dimension_are_configurable(capsys: Captured) -> None:
    document = after(capsys, event_of([GOOD]), namespace="CDN/logs", dimension="none")
    checked(document)
    assert document["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "CDN/logs"
    assert document["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [[]]
    assert "DeliveryStream" not in document


ARNS = [
    "",
    "logs",
    "arn:aws:firehose:us-east-1:123456789012:deliverystream/",
    None,
    7,
    "x:deliverystream/" + "n" * 65,
    "x:deliverystream/a\nb",
    "x:deliverystream/ ",
]


@pytest.mark.parametrize(("rows", "expected"), [([b"https"], None), ([b"https", b"x", b"y"], 2)])
def test_shape_mismatches_are_a_metric_only_above_zero(
    rows: list[bytes], expected: int | None, capsys: Captured
) -> None:
    firehose.make_handler({"layouts": [{"fields": ["cs-protocol"]}]})(event_of(rows), None)
    document = logged(capsys)
    metrics = checked(document)
    assert document.get("ShapeMismatch") == expected
    assert metrics.get("ShapeMismatch") == (None if expected is None else "Count")
    assert document["Ok"] == len(rows)


@pytest.mark.parametrize("arn", ARNS)
def test_dimension_is_left_out_without_a_stream_name(arn: object, capsys: Captured) -> None:
    document = after(capsys, event_of([GOOD]) | {"deliveryStreamArn": arn})
    checked(document)
    assert document["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [[]]
    assert "DeliveryStream" not in document


def test_metrics_are_at_most_one_per_reason_and_the_fixed_ones(capsys: Captured) -> None:
    rows = [GOOD, BAD, EMPTY, GOOD + GOOD, b"x", b"x" * 1_100_000]
    event = event_of(rows)
    event["records"].append({"recordId": "not base64", "data": "?"})
    metrics = checked(after(capsys, event))
    assert set(metrics) - set(ALWAYS) - {"OldestRecordAge"} <= {f"Failed_{reason}" for reason in REASONS}


def test_no_event_makes_the_line_too_long(capsys: Captured) -> None:
    huge = "i" * 500_000
    records = [{"recordId": huge + str(place), "data": encoded(BAD)} for place in range(3)] * 5
    checked(after(capsys, {"invocationId": huge, "deliveryStreamArn": huge, "records": records}))
