"""Each recorded standard log, to the last value, through each way in."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

import edgelift
from tests.engine.standard.samples import FIXTURES, SAMPLES, V1, auto

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = sorted(path.name for path in SAMPLES.iterdir() if path.suffix != ".ndjson")


def contents(name: str) -> bytes:
    raw = (SAMPLES / name).read_bytes()
    return gzip.decompress(raw) if name.endswith(".gz") else raw


def documents(name: str) -> bytes:
    return (SAMPLES / f"{name.partition('.')[0]}.ndjson").read_bytes()


def transformer(name: str) -> edgelift.Transformer:
    if name.endswith(".csv"):
        # It has no header.
        return edgelift.Transformer({"input": {"format": "standard"}, "layouts": [{"fields": V1[:24]}]})
    return auto()


def test_all_samples_are_found() -> None:
    assert len(FILES) == 7


@pytest.mark.parametrize("name", FILES)
def test_samples_give_the_recorded_documents(name: str) -> None:
    lines = transformer(name).transform_lines(contents(name))
    assert lines.output == documents(name)
    rows = documents(name).count(b"\n")
    assert lines.counts == edgelift.Counts(read=rows, ok=rows)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("size", [1, 7, 100])
def test_samples_give_the_same_documents_in_chunks(name: str, size: int) -> None:
    stream, raw = transformer(name).stream(), contents(name)
    pieces = [stream.feed(raw[at : at + size]).output for at in range(0, len(raw), size)]
    pieces.append(stream.finish().output)
    assert b"".join(pieces) == documents(name)


def golden_records() -> Iterator[tuple[str, str, dict[str, Any]]]:
    golden = json.loads((FIXTURES / "golden-standard" / "records.json").read_text("utf-8"))
    for group in golden["groups"]:
        for case in group["cases"]:
            yield case["name"], group["config"], case


GOLDEN = list(golden_records())


@pytest.mark.parametrize(("config", "case"), [case[1:] for case in GOLDEN], ids=[case[0] for case in GOLDEN])
def test_golden_records_give_the_same_result_through_each_way_in(config: str, case: dict[str, Any]) -> None:
    core, record = edgelift.Transformer(config), case["record"].encode("latin-1")
    data = base64.b64encode(record).decode()
    event = {"records": [{"recordId": "r", "data": data}]}
    batch = core.transform_records(event["records"])
    response = core.transform_event(json.dumps(event).encode())
    assert response is not None
    (answer,) = json.loads(response)["records"]
    assert batch.records == [answer]
    if "document" in case:
        expected = case["document"].encode()
        assert core.transform(record) == expected
        assert answer == {"recordId": "r", "result": "Ok", "data": base64.b64encode(expected).decode()}
        return
    with pytest.raises(edgelift.RecordError) as caught:
        core.transform(record)
    error = caught.value
    found = {name: getattr(error, name) for name in ("reason", "field", "column", "offset")}
    assert found | {"message": str(error)} == case["error"]
    assert answer == {"recordId": "r", "result": "ProcessingFailed", "data": data}
    ((reason, (record_id, message)),) = batch.report.first_failures.items()
    # Several objects in one record: the handlers name their option for it.
    message = message.partition("; [firehose] multiple_lines")[0]
    assert (reason, record_id, message) == (error.reason, "r", str(error))
