"""Standard logs with properties that published ones have: the inputs of ``tests/fixtures/cases``."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from edgelift import Transformer, firehose
from tests.engine.standard.samples import FIXTURES, auto

CASES = FIXTURES / "cases"

V2_PLAIN = """
timestamp DistributionId date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status
timestamp(ms) origin-fbl origin-lbl asn
""".split()  # noqa: SIM905 -- as they stand in a header
TIMES = {"timestamp", "@timestamp", "date", "time", "aws.cloudfront.date", "aws.cloudfront.time"}


def documents(transformer: Transformer, data: bytes) -> list[dict[str, Any]]:
    result = transformer.transform_lines(data)
    assert not result.failures
    return [json.loads(line) for line in bytes(result.output).splitlines()]


def log(date: str, *, version: bool = True, agent: str = "Mozilla/5.0%2520(X11)") -> bytes:
    head = "#Version: 1.0\n" if version else ""
    return f"{head}#Fields: date time c-ip cs(User-Agent)\n{date}\t09:59:50\t192.0.2.2\t{agent}\n".encode()


@pytest.mark.parametrize("names", ["cloudfront", "snake", "ecs", "otel"])
@pytest.mark.parametrize(
    "name", ["v2-json-with-timestamp-and-distributionid.json", "v2-w3c-with-timestamp.log"]
)
def test_a_document_has_the_most_exact_timestamp_only(name: str, names: str) -> None:
    (document,) = documents(auto(output={"names": names}), (CASES / name).read_bytes())
    (key,) = TIMES & document.keys()
    assert document[key] in {1731699951492, 1731699951011}
    assert "E1EXAMPLE" in document.values()


def test_text_of_any_kind_fits_seconds_that_are_not_checked() -> None:
    newer = ["timestamp(ms)", "timestamp", "cs-method"]
    older = ["timestamp(ms)", "cs-method", "cs-uri-stem"]
    output = {"values": "text", "timestamp": "verbatim"}
    config = {
        "input": {"format": "standard"},
        "output": output,
        "layouts": [{"fields": newer}, {"fields": older}],
    }
    (document,) = documents(Transformer(config), b".\t731699951123\tGET\n")
    assert document == {"timestamp": ".", "cs-method": "GET"}


@pytest.mark.parametrize(
    ("record", "partition"),
    [
        ('{"timestamp":"1731699951","timestamp(ms)":"1731703551000","asn":"1"}', "2024111520"),
        ('{"timestamp":"1731699951","date":"2023-01-01","time":"00:00:00"}', "2024111519"),
    ],
)
def test_partition_keys_use_the_most_exact_time(record: str, partition: str) -> None:
    keys = {"partition_keys": {"hour": "timestamp:%Y%m%d%H"}}
    handler = firehose.make_handler({"input": {"format": "auto"}, "firehose": keys})
    data = base64.b64encode(record.encode()).decode()
    event = {"invocationId": "1", "deliveryStreamArn": "arn", "records": [{"recordId": "1", "data": data}]}
    (answer,) = handler(event, None)["records"]
    assert answer["metadata"]["partitionKeys"] == {"hour": partition}


def test_a_record_of_cloudwatch_logs_is_no_row() -> None:
    result = auto().transform_lines(b'{"timestamp": 1731699951000, "message": "a"}\n')
    assert [error.reason for error in result.failures] == ["bad_json"]


@pytest.mark.parametrize(
    ("date", "version", "agent"),
    [
        ("2014-04-28", True, "Mozilla/5.0 (X11)"),
        ("2014-04-28", False, "Mozilla/5.0 (X11)"),
        ("2021-12-31", False, "Mozilla/5.0 (X11)"),
        ("2022-01-01", True, "Mozilla/5.0%20(X11)"),
        ("2024-04-28", True, "Mozilla/5.0%20(X11)"),
        ("-", True, "Mozilla/5.0 (X11)"),
        ("-", False, "Mozilla/5.0%20(X11)"),
    ],
)
def test_the_date_decides_whether_a_user_agent_is_decoded_twice(date: str, version: bool, agent: str) -> None:  # noqa: FBT001
    (document,) = documents(auto(), log(date, version=version))
    assert document["cs-user-agent"] == agent


def test_user_agents_are_decoded_twice_in_sorted_stripped_and_headerless_files() -> None:
    data = (CASES / "standard-2014.log").read_bytes()
    expected = documents(auto(), data)
    assert expected[0]["cs-user-agent"] == "Mozilla/5.0 (X11)"
    lines = data.splitlines(keepends=True)
    assert documents(auto(), b"".join(sorted(lines))) == expected
    assert documents(auto(), b"".join(lines[1:])) == expected
    fields = ["date", "time", "c-ip", "cs(User-Agent)", "sc-status"]
    headerless = Transformer({"input": {"format": "standard"}, "layouts": [{"fields": fields}]})
    assert documents(headerless, lines[-1]) == expected


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("cs_uri_stem", "cs-uri-stem"),
        ("cs_user_agent_", "cs-user-agent"),
        ("CS_User_Agent", "cs-user-agent"),
        ("CS(USER-AGENT)", "cs-user-agent"),
        ("cs_host", "x-host-header"),
        ("cs-host", "cs-host"),
        ("distributionid", "DistributionId"),
        ("distribution_id", "DistributionId"),
    ],
)
def test_names_are_known_in_any_case_and_with_underscores(name: str, key: str) -> None:
    (document,) = documents(auto(), json.dumps({"asn": "1", name: "a%20b"}).encode())
    assert document == {"asn": 1, key: "a b"}


def test_underscores_are_known_in_the_names_of_times() -> None:
    (document,) = documents(auto(), b'{"Date":"2024-11-15","TIME":"19:45:51","timestamp_ms":"1731699951492"}')
    assert document == {"timestamp": 1731699951492}


@pytest.mark.parametrize("start", ["#Fields:\t", "# Fields: ", "#fields: ", "#FIELDS:"])
def test_a_header_may_have_tabs_blanks_and_any_case(start: str) -> None:
    names = "date\ttime\tc-ip"
    for version in ("", "#Version: 1.0\n", "# version: 1.0\n"):
        (document,) = documents(auto(), f"{version}{start}{names}\n2024-11-15\t19:45:51\t::1\n".encode())
        assert document == {"timestamp": 1731699951000, "c-ip": "::1"}


@pytest.mark.parametrize("format", ["auto", "standard"])
def test_names_of_standard_logs_imply_their_format(format: str) -> None:  # noqa: A002 -- the name of the option
    config = {"input": {"format": format}, "layouts": [{"fields": V2_PLAIN}]}
    (document,) = documents(Transformer(config), (CASES / "v2-plain-no-header.log").read_bytes())
    assert document["timestamp"] == 1731699951011


def test_names_of_both_kinds_of_logs_are_read_as_real_time_rows() -> None:
    transformer = Transformer({"layouts": [{"fields": ["timestamp", "c-ip"]}]})
    (document,) = documents(transformer, b"1731699951.011\t::1\n")
    assert document == {"timestamp": 1731699951011, "c-ip": "::1"}
