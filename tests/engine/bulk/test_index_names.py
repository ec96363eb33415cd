"""Patterns of the name of an index: what OpenSearch would refuse is refused before a record comes."""

import json

import pytest

import edgelift

LAYOUT = {"layouts": [{"fields": ["timestamp", "c-ip"]}]}
WRONG = {
    "a-{mm}": 'unknown placeholder "{mm}", known are {yyyy}, {MM}, {dd}, {HH}; did you mean "{MM}"?',
    "a-{YYYY}": 'unknown placeholder "{YYYY}", known are {yyyy}, {MM}, {dd}, {HH}; did you mean "{yyyy}"?',
    "a-{hour}": 'unknown placeholder "{hour}", known are {yyyy}, {MM}, {dd}, {HH}; did you mean "{HH}"?',
    "a-{ww}": 'unknown placeholder "{ww}", known are {yyyy}, {MM}, {dd}, {HH}',
    "a-{}": 'unknown placeholder "{}", known are {yyyy}, {MM}, {dd}, {HH}',
    "a-{dd": "a brace without its other half",
    "a-dd}": "a brace without its other half",
    "a-%d": '"%d" is not a placeholder, known are {yyyy}, {MM}, {dd}, {HH}, and % '
    "is not allowed in a URL path",
    "CDN": "'C' is not allowed in the name of an index, which must be lower case",
    "Ärger": "'Ä' is not allowed in the name of an index, which must be lower case",
    **{f"a{sign}b": f"'{sign}' is not allowed in the name of an index" for sign in '/*?"<>| ,#:'},
    "a\\b": "'\\\\' is not allowed in the name of an index",
    "a\nb": "'\\n' is not allowed in the name of an index",
    "-a": "the name of an index cannot begin with '-'",
    "_a": "the name of an index cannot begin with '_'",
    "+a": "the name of an index cannot begin with '+'",
    "": "the name of an index is expected, such as cdn-logs-{yyyy}-{MM}-{dd}",
    **dict.fromkeys(
        [".", "..", ".a", ".opendistro_security", ".ds-cdn-{yyyy}"],
        "the name of an index cannot begin with '.', as those of system indices do",
    ),
    "a" * 256: "the name of an index has at most 255 bytes, this one 256",
    "é" * 126 + "{yyyy}": "the name of an index has at most 255 bytes, this one 256",
}


@pytest.mark.parametrize("pattern", WRONG)
def test_invalid_index_names_are_refused(pattern: str) -> None:
    with pytest.raises(edgelift.ConfigError) as given:
        edgelift.Transformer(LAYOUT).stream(format="bulk", index=pattern)
    assert str(given.value) == f"index: {WRONG[pattern]}"
    with pytest.raises(edgelift.ConfigError) as configured:
        edgelift.Transformer(LAYOUT | {"bulk": {"index": pattern}})
    assert str(configured.value) == f"bulk.index: {WRONG[pattern]}"
    assert configured.value.key == "bulk.index"


@pytest.mark.parametrize("pattern", ["a" * 255, "é" * 125 + "{yyyy}-", "a-b_c+d", "{yyyy}", "1", "a..b"])
def test_valid_index_names_are_accepted(pattern: str) -> None:
    edgelift.Transformer(LAYOUT | {"bulk": {"index": pattern}}).stream(format="bulk")


def error_object(index: str) -> bytes:
    """Write a document that OpenSearch refused, as Firehose does."""
    return json.dumps({"esDocumentId": "1", "esIndexName": index, "rawData": "e30="}).encode() + b"\n"


NAMES_OF_DOCUMENTS = {
    name: problem for name, problem in WRONG.items() if name and not set("{}%") & set(name)
} | {
    **dict.fromkeys(
        ["<cdn-{now/d}>", "%3Ccdn-%7Bnow%2Fd%7D%3E", "%3ccdn-%7bnow%2fd%7d%3e"],
        "date math names another index each day; write the name of one index",
    ),
    "../_cluster/settings": "'/' is not allowed in the name of an index",
    'a"}}\n': "'\"' is not allowed in the name of an index",
    "a\u0000": "'\\0' is not allowed in the name of an index",
    "a\u2028": "'\\u{2028}' is not allowed in the name of an index",
    "é" * 128: "the name of an index has at most 255 bytes, this one 256",
}


@pytest.mark.parametrize("index", NAMES_OF_DOCUMENTS)
def test_a_document_for_an_invalid_index_fails_with_its_bytes(index: str) -> None:
    good, bad = error_object("cdn"), error_object(index)
    transformer = edgelift.Transformer(LAYOUT)
    lines = transformer.transform_lines(good + bad + good, format="bulk")
    assert lines.output == b'{"create":{"_index":"cdn","_id":"1"}}\n{}\n' * 2
    (failure,) = lines.failures
    assert (failure.line, failure.reason, failure.raw) == (2, "bad_error_object", bad[:-1])
    assert failure.message == (
        f"the error object's document cannot go into the index {json.dumps(index, ensure_ascii=False)}: "
        f"{NAMES_OF_DOCUMENTS[index]}"
    )
    assert (lines.counts.read, lines.counts.ok, lines.counts.failed) == (3, 2, 1)
    # Without an index nothing is wrong with it, and as a record of a stream something else is.
    assert transformer.transform_lines(bad).output == b"{}\n"
    (failure,) = transformer.stream(format="raw").feed(bad).failures
    assert failure.reason == "already_transformed"
    assert "send it to OpenSearch" in failure.message


@pytest.mark.parametrize("index", ["a{b}", "a%2fb", "a" * 255, "日本", "a..b"])
def test_a_document_keeps_the_name_of_a_valid_index(index: str) -> None:
    lines = edgelift.Transformer(LAYOUT).transform_lines(error_object(index), format="bulk")
    assert json.loads(lines.output.splitlines()[0])["create"]["_index"] == index
