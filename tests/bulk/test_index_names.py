"""Patterns of the name of an index: what OpenSearch would refuse is refused before a record comes."""

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
    "a-%d": '"%d" is no placeholder, known are {yyyy}, {MM}, {dd}, {HH}, and % '
    "cannot stand in a path as it is",
    "CDN": "'C' cannot stand in the name of an index, which is in lower case",
    "Ärger": "'Ä' cannot stand in the name of an index, which is in lower case",
    **{f"a{sign}b": f"'{sign}' cannot stand in the name of an index" for sign in '/*?"<>| ,#:'},
    "a\\b": "'\\\\' cannot stand in the name of an index",
    "a\nb": "'\\n' cannot stand in the name of an index",
    "-a": "the name of an index cannot begin with '-'",
    "_a": "the name of an index cannot begin with '_'",
    "+a": "the name of an index cannot begin with '+'",
    "": "the name of an index is expected, such as cdn-logs-{yyyy}-{MM}-{dd}",
    ".": "the name of an index is expected, such as cdn-logs-{yyyy}-{MM}-{dd}",
    "..": "the name of an index is expected, such as cdn-logs-{yyyy}-{MM}-{dd}",
    "a" * 256: "the name of an index has at most 255 bytes, this one 256",
    "é" * 126 + "{yyyy}": "the name of an index has at most 255 bytes, this one 256",
}


@pytest.mark.parametrize("pattern", WRONG)
def test_what_is_no_name_of_an_index(pattern: str) -> None:
    with pytest.raises(edgelift.ConfigError) as given:
        edgelift.Transformer(LAYOUT).stream(format="bulk", index=pattern)
    assert str(given.value) == f"index: {WRONG[pattern]}"
    with pytest.raises(edgelift.ConfigError) as configured:
        edgelift.Transformer(LAYOUT | {"bulk": {"index": pattern}})
    assert str(configured.value) == f"bulk.index: {WRONG[pattern]}"
    assert configured.value.key == "bulk.index"


@pytest.mark.parametrize(
    "pattern", ["a" * 255, "é" * 125 + "{yyyy}-", ".a", "a-b_c+d", "{yyyy}", "1", "a..b"]
)
def test_names_of_an_index(pattern: str) -> None:
    edgelift.Transformer(LAYOUT | {"bulk": {"index": pattern}}).stream(format="bulk")
