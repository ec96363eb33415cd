from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

import edgelift
from edgelift import ConfigError, Transformer
from edgelift.opensearch.dashboards.saved_objects import ndjson, saved_objects

Object = dict[str, Any]
ALL = {"layouts": [{"fields": "all"}]}


@pytest.fixture(scope="module")
def objects() -> list[Object]:
    return saved_objects(Transformer(ALL))


def by_id(objects: list[Object], name: str) -> Object:
    [attributes] = [found["attributes"] for found in objects if found["id"] == name]
    return dict(attributes)


def names_of_references(found: Object) -> set[str]:
    """Return the names of references that the texts of an object mention."""
    attributes = found["attributes"]
    source = json.loads(attributes.get("kibanaSavedObjectMeta", {}).get("searchSourceJSON", "{}"))
    panels = json.loads(attributes.get("panelsJSON", "[]"))
    names = {panel["panelRefName"] for panel in panels}
    return names | ({source["indexRefName"]} if "indexRefName" in source else set())


def test_there_are_two_dashboards_with_more_than_sixteen_visualizations(objects: list[Object]) -> None:
    types = Counter(found["type"] for found in objects)
    assert types.pop("visualization") >= 16
    assert types == {"index-pattern": 1, "search": 1, "dashboard": 2}


def test_references_are_exactly_those_that_are_mentioned_and_exist(objects: list[Object]) -> None:
    known = {(found["type"], found["id"]) for found in objects}
    assert len(known) == len(objects)
    for found in objects:
        assert {reference["name"] for reference in found["references"]} == names_of_references(found)
        assert {(reference["type"], reference["id"]) for reference in found["references"]} <= known


def test_visualizations_have_an_index_pattern_unless_they_name_their_indices(objects: list[Object]) -> None:
    for found in objects:
        if found["type"] == "visualization":
            is_vega = json.loads(found["attributes"]["visState"])["type"] == "vega"
            assert bool(found["references"]) is not is_vega, found["id"]


def test_migration_versions_are_those_of_dashboards_2(objects: list[Object]) -> None:
    expected = {
        "index-pattern": "7.6.0",
        "visualization": "7.10.0",
        "search": "7.9.3",
        "dashboard": "7.9.3",
    }
    for found in objects:
        assert found["migrationVersion"] == {found["type"]: expected[found["type"]]}


def test_panels_fill_the_width_and_do_not_overlap(objects: list[Object]) -> None:
    for dashboard in (found for found in objects if found["type"] == "dashboard"):
        cells: Counter[tuple[int, int]] = Counter()
        for panel in json.loads(dashboard["attributes"]["panelsJSON"]):
            grid = panel["gridData"]
            assert grid["i"] == panel["panelIndex"]
            cells.update(
                (x, y)
                for x in range(grid["x"], grid["x"] + grid["w"])
                for y in range(grid["y"], grid["y"] + grid["h"])
            )
        height = max(y for _, y in cells) + 1
        assert set(cells.values()) == {1}
        assert len(cells) == 48 * height


def test_vega_has_the_schema_of_version_5(objects: list[Object]) -> None:
    states = [json.loads(found["attributes"].get("visState", "{}")) for found in objects]
    specs = [json.loads(state["params"]["spec"]) for state in states if state.get("type") == "vega"]
    assert len(specs) == 6
    assert {spec["$schema"] for spec in specs} == {"https://vega.github.io/schema/vega-lite/v5.json"}


def test_json_lines_are_the_objects_in_their_order(objects: list[Object]) -> None:
    lines = ndjson(Transformer(ALL)).splitlines()
    assert [json.loads(line) for line in lines] == objects


def test_ids_and_titles_begin_with_the_prefix_of_the_indices() -> None:
    found = saved_objects(Transformer(ALL | {"opensearch": {"index_prefix": "edge"}}))
    pattern, *others = found
    assert (pattern["id"], pattern["attributes"]["title"]) == ("edge", "edge-*")
    assert all(other["id"].startswith("edge-") for other in others)
    assert all(other["attributes"]["title"].startswith("[edge] ") for other in others)
    assert '"index": "edge-*"' in json.loads(by_id(found, "edge-hit-ratio")["visState"])["params"]["spec"]


def test_without_rotation_the_index_pattern_covers_the_index_itself() -> None:
    pattern = saved_objects(Transformer(ALL | {"opensearch": {"rotation": "none"}}))[0]
    assert pattern["attributes"]["title"] == "cdn-logs,cdn-logs-*"


@pytest.mark.parametrize(
    ("names", "time", "status"),
    [
        ("cloudfront", "timestamp", "sc-status"),
        ("snake", "timestamp", "sc_status"),
        ("ecs", "@timestamp", "http.response.status_code"),
        ("otel", "@timestamp", "http.response.status_code"),
    ],
)
def test_keys_follow_the_naming_profile(names: str, time: str, status: str) -> None:
    found = saved_objects(Transformer(ALL | {"output": {"names": names}}))
    assert found[0]["attributes"]["timeFieldName"] == time
    state = json.loads(by_id(found, "cdn-logs-errors-by-status")["visState"])
    assert [agg["params"].get("field") for agg in state["aggs"]] == [None, time, status]
    source = json.loads(by_id(found, "cdn-logs-error-requests")["kibanaSavedObjectMeta"]["searchSourceJSON"])
    assert source["query"]["query"] == f"{status}:[400 TO 600}}"


@pytest.mark.parametrize(
    ("layouts", "source", "key"),
    [
        (ALL, {"format": "realtime"}, "url.original"),
        (ALL, {"format": "auto"}, "url.original"),
        ({}, {"format": "standard"}, "url.path"),
        # Only logs that name their columns can be read without layouts.
        ({}, {"format": "auto"}, "url.path"),
        ({}, {"format": "standard", "uri": "joined"}, "url.original"),
        ({}, {"format": "auto", "uri": "joined"}, "url.original"),
    ],
)
def test_uris_of_standard_logs_have_the_key_of_paths_unless_they_are_joined(
    layouts: Object, source: Object, key: str
) -> None:
    found = saved_objects(Transformer({**layouts, "input": source, "output": {"names": "ecs"}}))
    state = json.loads(by_id(found, "cdn-logs-top-uris")["visState"])
    assert state["aggs"][-1]["params"]["field"] == key


def test_signs_of_missing_values_are_not_counted_as_values() -> None:
    output = {"missing": "keep", "values": "text"}
    kept = saved_objects(Transformer(ALL | {"input": {"format": "realtime"}, "output": output}))
    params = {
        name: json.loads(by_id(kept, f"cdn-logs-top-{name}")["visState"])["aggs"][-1]["params"]
        for name in ("referers", "clients")
    }
    assert params["referers"]["exclude"] == "-?"
    # Addresses that are none are not indexed, and their type has no such option.
    assert "exclude" not in params["clients"]
    usual = saved_objects(Transformer(ALL))
    assert "exclude" not in by_id(usual, "cdn-logs-top-referers")["visState"]


def test_times_that_cannot_be_indexed_are_refused() -> None:
    transformer = Transformer({"input": {"format": "auto"}, "output": {"timestamp": "verbatim"}})
    with pytest.raises(ConfigError, match=r'^dashboards need times: timestamp = "verbatim"'):
        saved_objects(transformer)


def test_every_field_of_a_log_has_a_column_in_the_index_pattern() -> None:
    pattern = saved_objects(Transformer(ALL))[0]
    names = [field["name"] for field in json.loads(pattern["attributes"]["fields"])]
    assert len(set(names)) == len(names)
    # Headers are stored only.
    assert edgelift.FIELDS.keys() - {"cs-headers"} <= set(names)
    assert {"_id", "_index", "_score", "_source", "@timestamp"} <= set(names)
