"""``[output] raw``: fields that keep their escapes, in each kind of log and of output."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

import edgelift
import edgelift.pure
from edgelift import Transformer, firehose, runtime
from tests.engine.standard.samples import as_file, as_json, auto

NAMES = ["cs-uri-stem", "cs(Referer)", "cs(User-Agent)"]
ROW = ["/a%20b", "c%20d", "e%20f"]
RAW = {"raw": ["cs-uri-stem", "cs-user-agent"]}
DOCUMENT = {"cs-uri-stem": "/a%20b", "cs-referer": "c d", "cs-user-agent": "e%20f"}
REALTIME = {"layouts": [{"fields": list(DOCUMENT)}], "input": {"order": "as_written"}, "output": RAW}
LINE = "\t".join(ROW).encode() + b"\n"


@pytest.mark.parametrize("make", [Transformer, edgelift.pure.Transformer], ids=["engine", "pure"])
def test_rows_of_real_time_logs(make: Any) -> None:  # noqa: ANN401
    assert json.loads(make(REALTIME).transform(LINE)) == DOCUMENT


@pytest.mark.parametrize("name", ["cs-user-agent", "cs(User-Agent)"])
def test_a_field_has_the_name_of_either_kind_of_log(name: str) -> None:
    transformer = auto(output={"raw": [name]})
    for record in (as_file(NAMES, ROW), as_json(NAMES, ROW)):
        (document,) = json.loads(f"[{bytes(transformer.transform_lines(record).output).decode()}]")
        assert document == DOCUMENT | {"cs-uri-stem": "/a b"}


@pytest.mark.parametrize(
    "record",
    [as_file(NAMES, ROW), as_file(NAMES, ROW, version=False), as_json(NAMES, ROW)],
    ids=["version 1", "version 2", "JSON"],
)
def test_standard_logs(record: bytes) -> None:
    result = auto(output=RAW).transform_lines(record)
    assert json.loads(bytes(result.output)) == DOCUMENT


def test_keys_in_another_spelling() -> None:
    record = json.dumps(
        dict(zip(["CS_URI_STEM", "cs_referer_", "cs_user_agent_"], ROW, strict=True))
    ).encode()
    assert json.loads(auto(output=RAW).transform(record)) == DOCUMENT


def test_rows_of_standard_logs_without_a_header() -> None:
    config = {"input": {"format": "standard"}, "layouts": [{"fields": NAMES}], "output": RAW}
    assert json.loads(Transformer(config).transform(LINE)) == DOCUMENT


def test_where_both_kinds_have_a_name_it_is_that_of_the_layouts() -> None:
    row, output = b"a%20b\tc%20d", {"raw": ["x-host-header"]}
    realtime = Transformer({"layouts": [{"fields": ["cs-host", "x-host-header"]}], "output": output})
    assert json.loads(realtime.transform(row)) == {"cs-host": "a b", "x-host-header": "c%20d"}
    standard = {"input": {"format": "standard"}, "layouts": [{"fields": ["x-host-header", "cs(Host)"]}]}
    assert json.loads(Transformer(standard | {"output": output}).transform(row)) == {
        "cs-host": "a%20b",
        "x-host-header": "c d",
    }


def test_without_layouts_names_are_those_of_standard_logs() -> None:
    # In real-time logs x-host-header is the domain of the distribution, which is cs(Host) in standard logs.
    log = b"#Fields: cs(Host) x-host-header\nd1%20.cloudfront.net\twww%20.example.com\n"
    raw = Transformer({"output": {"raw": ["x-host-header"]}}).transform_lines(log)
    assert json.loads(raw.output) == {"x-host-header": "d1 .cloudfront.net", "cs-host": "www%20.example.com"}
    selected = Transformer({"output": {"columns": ["x-host-header"]}}).transform_lines(log)
    assert json.loads(selected.output) == {"cs-host": "www .example.com"}


def test_a_joined_uri_has_the_escapes_of_both_parts() -> None:
    transformer = auto({"uri": "joined"}, output=RAW)
    for raw, document in [
        (
            as_file(["cs-uri-stem", "cs-uri-query"], ["/a%20b", "c%20d"]),
            {"cs-uri-stem": "/a%20b?c%20d", "cs-uri-query": "c d"},
        ),
        (as_json(["cs-uri-stem", "cs-uri-query"], ["/a%20b", "-"]), {"cs-uri-stem": "/a%20b"}),
    ]:
        assert json.loads(bytes(transformer.transform_lines(raw).output)) == document


def test_a_user_agent_that_was_encoded_twice_keeps_all_escapes() -> None:
    log = as_file(["date", "cs(User-Agent)"], ["2014-04-28", "a%2520b"])
    output = auto(output=RAW).transform_lines(log).output
    assert json.loads(bytes(output))["cs-user-agent"] == "a%2520b"


def test_bulk_bodies() -> None:
    transformer = Transformer(REALTIME | {"bulk": {"index": "cdn"}})
    _, document = bytes(transformer.transform_lines(LINE, format="bulk").output).splitlines()
    assert json.loads(document) == DOCUMENT


def test_explain() -> None:
    values = {column.field: json.loads(column.value or "") for column in Transformer(REALTIME).explain(LINE)}
    assert values == DOCUMENT


@pytest.mark.parametrize("make", [firehose.make_handler, runtime.make_handler], ids=["dicts", "bytes"])
def test_answers_to_firehose_and_their_partition_keys(make: Any) -> None:  # noqa: ANN401
    keys = {"partition_keys": {"agent": "cs-user-agent", "referer": "cs-referer"}}
    event: Any = {"records": [{"recordId": "1", "data": base64.b64encode(LINE).decode()}]}
    if make is runtime.make_handler:
        event = json.dumps(event).encode()
    answer = make(REALTIME | {"firehose": keys})(event, None)
    (record,) = (json.loads(answer) if isinstance(answer, bytes) else answer)["records"]
    assert json.loads(base64.b64decode(record["data"])) == DOCUMENT
    assert record["metadata"]["partitionKeys"] == {"agent": "e%20f", "referer": "c d"}


def test_layouts_show_which_columns_are_decoded() -> None:
    (layout,) = Transformer(REALTIME).layouts
    assert {column.field: column.decode for column in layout} == {
        "cs-uri-stem": False,
        "cs-referer": True,
        "cs-user-agent": False,
    }
