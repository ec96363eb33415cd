"""The index template on a real OpenSearch: it takes every document, and all fields have their types."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from edgelift import FIELDS, Transformer
from edgelift.opensearch.mapping import keys, time_key
from edgelift.opensearch.template import template
from tests.opensearch.rows import RECORDED_LAYOUTS, generated, recorded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.opensearch.server import Server

PROFILES = ("cloudfront", "snake", "ecs", "otel")
INDEX = "cdn-logs-2026-11-23"
ALL: dict[str, Any] = {"layouts": [{"fields": "all"}], "input": {"bad_value": "keep"}}
PART = 4_000
"""Lines of a bulk body."""


def apply(opensearch: Server, transformer: Transformer) -> None:
    opensearch.ask("PUT", "/_index_template/cdn-logs", template(transformer))


def send(opensearch: Server, body: bytes) -> list[dict[str, Any]]:
    """Send documents; return the items of those that were not created."""
    lines = body.splitlines(keepends=True)
    refused = []
    for start in range(0, len(lines), PART):
        answer = opensearch.ask("POST", "/_bulk", b"".join(lines[start : start + PART]))
        items = [item["create"] for item in answer["items"]]
        refused += [item for item in items if item["status"] != 201]
    opensearch.ask("POST", f"/{INDEX}/_refresh")
    return refused


def count(opensearch: Server, query: Mapping[str, Any]) -> int:
    found: int = opensearch.ask("POST", f"/{INDEX}/_count", {"query": query})["count"]
    return found


@pytest.fixture(scope="module")
def rows() -> bytes:
    return generated(10_000, seed=17)


@pytest.mark.parametrize("names", PROFILES)
def test_template_takes_every_generated_row(opensearch: Server, rows: bytes, names: str) -> None:
    transformer = Transformer(ALL | {"output": {"names": names}})
    apply(opensearch, transformer)
    result = transformer.transform_lines(rows, format="bulk", index=INDEX)
    assert result.failures == ()
    assert send(opensearch, result.output) == []
    assert count(opensearch, {"match_all": {}}) == 10_000
    # None is in the wrong time: milliseconds are not years, and seconds are not milliseconds.
    expected = {json.loads(line).get(time_key(transformer)) for line in result.output.splitlines()[1::2]}
    buckets = {"terms": {"field": "@timestamp", "size": 100}}
    found = opensearch.ask("POST", f"/{INDEX}/_search", {"size": 0, "aggs": {"times": buckets}})
    assert {bucket["key"] for bucket in found["aggregations"]["times"]["buckets"]} == expected


@pytest.mark.parametrize("names", PROFILES)
def test_template_takes_every_recorded_row(opensearch: Server, names: str) -> None:
    config = {"input": {"format": "auto"}, "layouts": RECORDED_LAYOUTS, "output": {"names": names}}
    transformer = Transformer(config)
    apply(opensearch, transformer)
    total = 0
    for log in recorded():
        result = transformer.transform_lines(log, format="bulk", index=INDEX)
        if result.output:
            assert [item for item in send(opensearch, result.output) if item["status"] != 409] == []
        total += result.counts.ok
    assert total >= 70


OPTIONS: list[dict[str, Any]] = [
    {"values": values, "missing": missing, "timestamp": timestamp, "decode": decode}
    for values in ("typed", "text")
    for missing, timestamp, decode in [
        ("null", "iso8601", False),
        ("keep", "epoch_millis", True),
        ("omit", "verbatim", True),
    ]
]


@pytest.mark.filterwarnings("ignore:missing")
@pytest.mark.parametrize("output", OPTIONS, ids=lambda output: "-".join(map(str, output.values())))
def test_template_follows_the_options_of_the_output(
    opensearch: Server, rows: bytes, output: dict[str, Any]
) -> None:
    # Otherwise standard logs, which have other times, can come with headers of their own.
    realtime = {"input": {"format": "realtime", "bad_value": "keep"}}
    transformer = Transformer(ALL | realtime | {"output": output | {"names": "ecs", "raw": ["cs-uri-stem"]}})
    apply(opensearch, transformer)
    some = b"\n".join(rows.split(b"\n")[:500])
    result = transformer.transform_lines(some, format="bulk", index=INDEX)
    assert send(opensearch, result.output) == []
    # 99999999999.999999999 s, as a time and not as a text.
    late = {"range": {"@timestamp": {"gte": "5138-11-16", "lt": "5138-11-17"}}}
    assert count(opensearch, late) == some.count(b"99999999999.999999999")


UNCHECKED: dict[str, float | None] = {
    text: float(text) for text in ("404", "-5", "00404", "40000", "9007199254740991", "404.7", "1e3")
} | dict.fromkeys(["NaN", "Infinity", "4 04", "404x", "1e400", "-", "\u0664"])
"""Texts where numbers are expected, and the numbers that they are indexed as."""


@pytest.mark.filterwarnings("ignore:missing")
@pytest.mark.parametrize("field", ["sc-status", "sc-bytes"])
def test_numbers_as_texts_are_indexed_as_they_are_or_not_at_all(opensearch: Server, field: str) -> None:
    output = {"values": "text", "missing": "keep"}
    transformer = Transformer({"layouts": [{"fields": [field]}], "output": output})
    apply(opensearch, transformer)
    rows = "\n".join(UNCHECKED).encode()
    assert send(opensearch, transformer.transform_lines(rows, format="bulk", index=INDEX).output) == []
    search = {"size": 100, "docvalue_fields": [field]}
    hits = opensearch.ask("POST", f"/{INDEX}/_search", search)["hits"]["hits"]
    indexed = {hit["_source"][field]: hit.get("fields", {field: [None]})[field][0] for hit in hits}
    assert indexed == UNCHECKED


def test_custom_field_has_its_kind_although_its_key_is_that_of_another(opensearch: Server) -> None:
    custom = [{"name": "cs-headers-truncated", "kind": "text", "after": "asn"}]
    transformer = Transformer({"layouts": [{"fields": ["cs-headers-truncated"]}], "custom_fields": custom})
    apply(opensearch, transformer)
    result = transformer.transform_lines(b"perhaps\n", format="bulk", index=INDEX)
    assert send(opensearch, result.output) == []
    assert count(opensearch, {"term": {"cs-headers-truncated": "perhaps"}}) == 1


@pytest.mark.parametrize("headers", ["flat_object", "nested"])
def test_headers_can_be_searched_if_they_are_indexed(opensearch: Server, headers: str) -> None:
    transformer = Transformer(
        {"layouts": [{"fields": ["timestamp", "cs-headers"]}], "opensearch": {"headers": headers}}
    )
    apply(opensearch, transformer)
    rows = b"1700000000\tHost:a%0AX:b%0A\n1700000000\tHost:b%0AX:a%0A\n"
    result = transformer.transform_lines(rows, format="bulk", index=INDEX)
    assert send(opensearch, result.output) == []
    pair = [{"term": {"cs-headers.name": "Host"}}, {"term": {"cs-headers.value": "a"}}]
    both = {"bool": {"filter": pair}}
    if headers == "nested":
        # A name with its value.
        assert count(opensearch, {"nested": {"path": "cs-headers", "query": both}}) == 1
    else:
        assert count(opensearch, both) == 2


SAMPLES: dict[str, tuple[Any, dict[str, Any]]] = {
    "timestamp": (1700000000123, {"range": {"KEY": {"gte": "2023-11-14T22:13:20Z", "lt": "2023-11-15"}}}),
    "date": ("2023-11-14", {"range": {"KEY": {"gte": "2023-11", "lt": "2023-12"}}}),
    "integer": (2**62, {"range": {"KEY": {"gte": 2**62, "lte": 2**62}}}),
    "status": (404, {"range": {"KEY": {"gte": 400, "lt": 500}}}),
    "decimal": (0.125, {"range": {"KEY": {"gt": 0.12, "lt": 0.13}}}),
    "boolean": (True, {"term": {"KEY": True}}),
    "address": ("2001:db8::1", {"term": {"KEY": "2001:db8::/32"}}),
    "list": (["unknown", "192.0.2.7", "1.2.3.4:80"], {"term": {"KEY": "192.0.2.0/24"}}),
    "names": (["Host", "Accept"], {"term": {"KEY": "Accept"}}),
    "text": ("/a b", {"term": {"KEY": "/a b"}}),
}
"""Of each kind a value, and a query of its type that finds it."""


@pytest.mark.parametrize("names", PROFILES)
def test_each_field_can_be_searched_by_its_type(opensearch: Server, names: str) -> None:
    transformer = Transformer(ALL | {"output": {"names": names}})
    apply(opensearch, transformer)
    indexed = [key for key in keys(transformer) if key.kind != "headers"]
    samples = {key.key: SAMPLES.get(key.kind, SAMPLES["text"]) for key in indexed}
    document = json.dumps({key: value for key, (value, _) in samples.items()})
    other = json.dumps({time_key(transformer): 0})
    lines = [f'{{"create":{{"_index":"{INDEX}"}}}}\n{line}\n' for line in (document, other)]
    assert send(opensearch, "".join(lines).encode()) == []
    queries = [json.loads(json.dumps(query).replace("KEY", key)) for key, (_, query) in samples.items()]
    body = "".join(f'{{}}\n{{"query":{json.dumps(query)},"size":0}}\n' for query in queries)
    answers = opensearch.ask("POST", f"/{INDEX}/_msearch", body.encode())["responses"]
    found = {key: answer.get("hits", answer) for key, answer in zip(samples, answers, strict=True)}
    assert {key: hits for key, hits in found.items() if hits.get("total", {}).get("value") != 1} == {}
    days = {"date_histogram": {"field": "@timestamp", "calendar_interval": "day", "min_doc_count": 1}}
    histogram = opensearch.ask("POST", f"/{INDEX}/_search", {"size": 0, "aggs": {"days": days}})
    buckets = histogram["aggregations"]["days"]["buckets"]
    assert [bucket["key_as_string"] for bucket in buckets] == [
        "1970-01-01T00:00:00.000Z",
        "2023-11-14T00:00:00.000Z",
    ]


def test_misfits_in_unparsed_are_found_by_their_field(opensearch: Server) -> None:
    transformer = Transformer(ALL)
    apply(opensearch, transformer)
    values = [b"1700000000" if name == "timestamp" else b"-" for name in FIELDS]
    values[FIELDS["asn"].position - 1] = b"none"
    result = transformer.transform_lines(b"\t".join(values), format="bulk", index=INDEX)
    assert send(opensearch, result.output) == []
    assert count(opensearch, {"exists": {"field": "_unparsed"}}) == 1
    assert count(opensearch, {"term": {"_unparsed.asn": "none"}}) == 1


# The fields of a well-known recipe, whose function splits at tabs and dumps a dict of texts.
RECIPE = [
    *("timestamp", "c-ip", "sc-status", "cs-method", "cs-protocol", "cs-uri-stem", "x-host-header"),
    *("time-taken", "cs-user-agent", "cs-referer", "cs-uri-query", "x-edge-response-result-type"),
    *("x-edge-result-type", "c-country"),
]
RECIPE_ROWS = (
    b"1700000000.123\t192.0.2.7\t404\tGET\thttps\t/a%20b\texample.com\t0.125\tcurl/8\t-\t-\tError\tError\tDE\n",
    b"1700000001.000\t2001:db8::1\t000\tGET\thttps\t/\texample.com\t-\tcurl/8\t-\t-\tError\tError\tDE\n",
)


def plain_documents() -> bytes:
    """Return the documents of the recipe's function: texts as they are in the row, the line feed included."""
    documents = [
        json.dumps(dict(zip(RECIPE, row.decode().split("\t"), strict=True))).encode() for row in RECIPE_ROWS
    ]
    action = f'{{"create":{{"_index":"{INDEX}"}}}}\n'.encode()
    return b"".join(action + document + b"\n" for document in documents)


def test_plain_documents_without_a_template_have_no_types(opensearch: Server) -> None:
    assert send(opensearch, plain_documents()) == []
    properties = opensearch.ask("GET", f"/{INDEX}/_mapping")[INDEX]["mappings"]["properties"]
    # Not even the time is one: Dashboards has no time field to offer.
    assert {properties[name]["type"] for name in RECIPE} == {"text"}
    assert "@timestamp" not in properties
    # A CIDR is a text like any other, a range compares letters, and the last value has the line feed.
    assert count(opensearch, {"term": {"c-ip.keyword": "192.0.2.0/24"}}) == 0
    assert count(opensearch, {"range": {"time-taken.keyword": {"gt": "0.0625", "lt": "0.5"}}}) == 1
    assert count(opensearch, {"range": {"time-taken.keyword": {"gt": "0.0625", "lt": "10"}}}) == 1
    assert count(opensearch, {"term": {"c-country.keyword": "DE"}}) == 0
    assert count(opensearch, {"term": {"c-country.keyword": "DE\n"}}) == 2


def test_plain_documents_under_the_template_are_rejected_or_mistyped(opensearch: Server) -> None:
    transformer = Transformer({"input": {"format": "realtime"}, "layouts": [{"fields": RECIPE}]})
    apply(opensearch, transformer)
    (refused,) = send(opensearch, plain_documents())
    # "-" is not a number: edgelift leaves the key out.
    assert refused["status"] == 400
    assert refused["error"]["reason"].startswith("failed to parse field [time-taken] of type [float]")
    # Seconds are read as milliseconds, in January 1970; texts keep their escapes.
    assert count(opensearch, {"range": {"timestamp": {"lt": "1970-02"}}}) == 1
    assert count(opensearch, {"term": {"cs-uri-stem": "/a b"}}) == 0
    result = transformer.transform_lines(b"".join(RECIPE_ROWS), format="bulk", index=INDEX)
    assert send(opensearch, result.output) == []
    assert count(opensearch, {"range": {"timestamp": {"gte": "2023-11-14", "lt": "2023-11-15"}}}) == 2
    assert count(opensearch, {"term": {"cs-uri-stem": "/a b"}}) == 1
    assert count(opensearch, {"term": {"c-country": "DE"}}) == 2
