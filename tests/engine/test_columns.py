"""``[output] columns``: the fields that are written, in each kind of log and of output."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

import edgelift
from edgelift import Transformer, firehose
from tests.engine.standard.samples import as_file, as_json

NAMES = ["date", "time", "c-ip", "sc-status", "cs(User-Agent)", "cs-uri-stem", "cs-uri-query"]
ROW = ["2024-11-15", "19:45:51", "192.0.2.1", "200", "curl%207", "/a", "b=1"]
REALTIME = {"layouts": [{"fields": ["timestamp", "c-ip", "sc-status"]}]}
LINE = b"1700000000.123\t192.0.2.1\t200\n"


def documents(columns: list[str], data: bytes, **sections: Any) -> list[Any]:  # noqa: ANN401
    output = {**sections.pop("output", {}), "columns": columns}
    result = Transformer({"output": output, **sections}).transform_lines(data)
    assert not result.failures
    return [json.loads(line) for line in result.output.splitlines()]


@pytest.mark.parametrize(
    "record",
    [as_file(NAMES, ROW), as_file(NAMES, ROW, version=False), as_json(NAMES, ROW)],
    ids=["version 1", "version 2", "JSON"],
)
@pytest.mark.parametrize("agent", ["cs(User-Agent)", "cs-user-agent"])
def test_standard_logs_under_either_name(record: bytes, agent: str) -> None:
    assert documents([agent, "sc-status"], record) == [{"sc-status": 200, "cs-user-agent": "curl 7"}]


@pytest.mark.parametrize("name", ["timestamp", "date", "time", "timestamp(ms)"])
def test_each_name_of_the_time_selects_it_in_every_kind_of_log(name: str) -> None:
    assert documents([name], as_file(NAMES, ROW)) == [{"timestamp": 1731699951000}]
    assert documents([name], LINE, **REALTIME) == [{"timestamp": 1700000000123}]


def test_a_joined_path_has_its_query_string_though_that_is_not_selected() -> None:
    found = documents(["cs-uri-stem"], as_file(NAMES, ROW), input={"uri": "joined"})
    assert found == [{"cs-uri-stem": "/a?b=1"}]


def test_bulk_bodies_have_the_id_and_index_of_the_whole_record() -> None:
    config: dict[str, Any] = {"layouts": [{"fields": ["timestamp", "c-ip", "x-edge-request-id"]}]}
    line = b"1700000000.123\t192.0.2.1\tSOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==\n"
    body = Transformer(config | {"output": {"columns": ["c-ip"]}}).stream(format="bulk").feed(line).output
    action, document = body.splitlines()
    whole = Transformer(config).stream(format="bulk").feed(line).output.splitlines()
    assert (action, document) == (whole[0], b'{"c-ip":"192.0.2.1"}')


def test_partition_keys_need_no_selected_field() -> None:
    handler = firehose.make_handler(
        REALTIME | {"output": {"columns": ["sc-status"]}, "firehose": {"partition_keys": {"ip": "c-ip"}}}
    )
    record = {"recordId": "1", "data": base64.b64encode(LINE).decode()}
    (answer,) = handler({"records": [record]}, None)["records"]
    assert base64.b64decode(answer["data"]) == b'{"sc-status":200}'
    assert answer["metadata"]["partitionKeys"] == {"ip": "192.0.2.1"}


def test_explain_says_which_columns_are_left_out() -> None:
    transformer = Transformer(REALTIME | {"output": {"columns": ["sc-status"]}})
    assert [(column.value, column.note) for column in transformer.explain(LINE)] == [
        (None, "left out: not in [output] columns"),
        (None, "left out: not in [output] columns"),
        ("200", ""),
    ]
    bad = transformer.explain(LINE.replace(b"192", b"x"))
    assert bad[1].note == "not an IPv4 or IPv6 address: the record fails"


def test_layouts_say_which_columns_are_selected() -> None:
    (layout,) = Transformer(REALTIME | {"output": {"columns": ["sc-status"]}}).layouts
    assert [(column.field, column.selected) for column in layout] == [
        ("timestamp", False),
        ("c-ip", False),
        ("sc-status", True),
    ]


def test_two_fields_of_one_key_are_no_error_if_one_is_selected() -> None:
    custom = [{"name": "c_ip", "kind": "text", "after": "c-ip"}]
    config: dict[str, Any] = {"layouts": [{"fields": ["c-ip", "c_ip"]}], "custom_fields": custom}
    with pytest.raises(edgelift.ConfigError, match="a second time"):
        Transformer(config | {"output": {"names": "snake"}})
    found = documents(["c_ip"], b"192.0.2.1\tx\n", output={"names": "snake"}, **config)
    assert found == [{"c_ip": "x"}]


def test_a_name_that_no_layout_has_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(edgelift.ConfigError, match='no layout has the field "c-port"'):
        Transformer(REALTIME | {"output": {"columns": ["c-port"]}})
    with pytest.raises(edgelift.ConfigError, match=r'unknown field "sc-staus".*mean "sc-status"') as caught:
        Transformer({"output": {"columns": ["sc-staus"]}})
    assert (caught.value.key, caught.value.suggestion) == ("output.columns[0]", "sc-status")
