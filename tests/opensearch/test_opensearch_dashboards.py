"""Every chart of the dashboards, on a real OpenSearch, against the rows that were indexed."""

from __future__ import annotations

import json
from collections.abc import Mapping  # noqa: TC003 - of a named tuple
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import edgelift
from edgelift.opensearch.dashboards.saved_objects import saved_objects
from tests.opensearch.conftest import clear
from tests.opensearch.dashboards_reader import Reader
from tests.opensearch.figures import EXPECTED, HOUR, Figures, hour
from tests.opensearch.request_corpus import (
    BEGIN,
    FIELDS,
    RECORDED,
    RECORDED_FIELDS,
    STANDARD,
    generated,
    log,
    recorded,
    standard,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.conftest import Run
    from tests.opensearch.server import Server

SELECTED = (BEGIN * 1000 + 6 * HOUR, BEGIN * 1000 + 66 * HOUR - 1)
"""The selected time: not all of the generated rows, and not the recorded real-time row."""

ROWS = 2000


class Configuration(NamedTuple):
    """The configuration of a test, and how the documents come into the cluster.

    Attributes:
        output: `[output]`.
        opensearch: `[opensearch]`.
        apply: more options of ``apply`` and ``check``.
        reprocess: more options of ``reprocess``.
        alias: first index of an alias, or None.

    """

    output: Mapping[str, str]
    opensearch: Mapping[str, object] = {}
    apply: tuple[str, ...] = ()
    reprocess: tuple[str, ...] = ()
    alias: str | None = None

    @property
    def id(self) -> str:
        """Return the name of the test."""
        rotation = self.opensearch.get("rotation", "day")
        return "-".join(
            [self.output["names"], *(["alias"] if self.alias else []), str(rotation), *self.apply]
        )


CONFIGURATIONS = (
    Configuration({"names": "cloudfront"}),
    Configuration({"names": "cloudfront"}, {"rotation": "none", "sort": "time"}, ("--data-stream",)),
    Configuration(
        {"names": "snake", "timestamp": "iso8601", "missing": "null"},
        {"headers": "nested", "rotation": "month"},
    ),
    Configuration(
        {"names": "snake"},
        {"rotation": "week", "index_prefix": "cdn-logs"},
        reprocess=("--index", "cdn-logs-2026-w48"),
    ),
    Configuration({"names": "ecs"}, {"headers": "flat_object", "rotation": "hour", "retention_days": 7}),
    Configuration({"names": "ecs"}, {"rotation": "none", "retention_days": 7}, alias="cdn-logs-000001"),
    Configuration({"names": "otel", "values": "text", "missing": "keep"}),
    Configuration({"names": "otel"}, {"rotation": "none", "retention_days": 7}, ("--data-stream",)),
)

APPROXIMATE = {"time-to-first-byte", "time-taken", "origin-latency"}


class Indexed:
    """Logs that the command line has brought into an empty cluster, and the saved objects for them."""

    def __init__(self, server: Server, given: Configuration, run: Callable[..., bytes], folder: Path) -> None:
        self.server = server
        output = given.output
        # As texts, times can be indexed only if they are of one kind of log.
        has_standard = output.get("values") != "text"
        config, logs = folder / "edgelift.toml", folder / "logs"
        config.write_text(_configuration(given, has_standard=has_standard))
        logs.mkdir()
        rows = generated(ROWS, seed=7)
        (logs / "generated.tsv").write_bytes(log(rows, FIELDS))
        (logs / "recorded.tsv").write_bytes(RECORDED.read_bytes())
        rows += recorded()
        if has_standard:
            (logs / "standard.log").write_bytes(STANDARD.read_bytes())
            rows += standard(joined=True)
        cluster = ("--endpoint", server.url, "--config", config, *given.apply)
        run("opensearch", "apply", *cluster)
        if given.alias:
            # As `apply` does where the plugin of policies is.
            server.ask("PUT", f"/{given.alias}", {"aliases": {"cdn-logs": {"is_write_index": True}}})
        words = ("--config", config, "--journal", folder / "journal", *given.reprocess)
        run("reprocess", logs, server.url, *words)
        server.ask("POST", "/cdn-logs*/_refresh")
        self.report = json.loads(run("opensearch", "check", *cluster, "--json"))
        lines = run("opensearch", "show", "dashboards", "--config", config).splitlines()
        self.objects = {(found["type"], found["id"]): found for found in map(json.loads, lines)}
        self.rows = [row for row in rows if SELECTED[0] <= hour(row) < SELECTED[1]]
        assert len(self.rows) < len(rows)
        keeps_missing = output.get("missing") == "keep"
        self.figures = Figures(self.rows, output["names"], keeps_missing=keeps_missing)
        self.reader = Reader(self.objects, self.search, *SELECTED)

    def search(self, index: str, body: object) -> Any:  # noqa: ANN401 -- of JSON
        response = self.server.ask("POST", f"/{index}/_search", body)
        assert response["_shards"]["failed"] == 0
        return response


def _configuration(given: Configuration, *, has_standard: bool) -> str:
    layouts = (f"[[layouts]]\nfields = {json.dumps(fields)}\n" for fields in (RECORDED_FIELDS, FIELDS))
    source = 'format = "auto"\nuri = "joined"\n' if has_standard else 'format = "realtime"\n'
    output, opensearch = (
        "".join(f"{key} = {json.dumps(value)}\n" for key, value in options.items())
        for options in (given.output, given.opensearch)
    )
    return f"{''.join(layouts)}[input]\n{source}[output]\n{output}[opensearch]\n{opensearch}"


@pytest.fixture(scope="module", params=CONFIGURATIONS, ids=lambda given: given.id)
def indexed(
    node: Server,
    run: Run,
    aws: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Indexed]:
    def succeed(*words: str | Path) -> bytes:
        done = run(*words, env=aws)
        assert done.code == 0, done.err
        return done.out

    yield Indexed(node, request.param, succeed, tmp_path_factory.mktemp("dashboards"))
    clear(node)


def test_every_panel_shows_the_figures_of_the_source_rows(indexed: Indexed) -> None:
    charts = [found for found in indexed.objects.values() if found["type"] == "visualization"]
    assert {found["id"].removeprefix("cdn-logs-") for found in charts} == EXPECTED.keys() - {"error-requests"}
    for chart in charts:
        name = chart["id"].removeprefix("cdn-logs-")
        shown, expected = indexed.reader.visualization(chart), EXPECTED[name](indexed.figures)
        assert expected, name
        if name in APPROXIMATE:
            # Three significant digits.
            assert shown == pytest.approx(expected, rel=1e-3), name
        elif name == "clients":
            assert shown == pytest.approx(expected, rel=0.01)
        elif isinstance(expected, dict):
            # A group without bytes has no bar.
            assert shown == {
                key: value for key, value in expected.items() if value or "ratio" in key[1] or "rate" in name
            }, name
        else:
            assert shown == expected, name


def test_check_of_the_filled_cluster_has_no_findings(indexed: Indexed) -> None:
    assert indexed.report["findings"] == []
    # Roles need an ARN in the configuration, and policies a plugin.
    assert {words.partition(":")[0] for words in indexed.report["not_checked"]} <= {
        "roles skipped",
        "policy skipped",
    }


def test_list_of_errors_has_the_requests_of_the_source_rows(indexed: Indexed) -> None:
    search = indexed.objects["search", "cdn-logs-error-requests"]
    documents = indexed.reader.listing(search)
    columns = search["attributes"]["columns"]
    [key] = [key for key in columns if "request_id" in key or "request-id" in key or key == "http.request.id"]
    assert sorted(document[key] for document in documents) == EXPECTED["error-requests"](indexed.figures)
    # Each column is in some document.
    assert {column for document in documents for column in document if column in columns} == set(columns)


def test_index_pattern_has_the_fields_that_the_index_reports(indexed: Indexed) -> None:
    [pattern] = [found["attributes"] for kind, found in indexed.objects.items() if kind[0] == "index-pattern"]
    listed = {field["name"]: field for field in json.loads(pattern["fields"])}
    reported = indexed.server.ask("GET", f"/{pattern['title']}/_field_caps?fields=*")["fields"]
    # Dashboards has no fields for objects. Of the metadata it has four; a flat_object has one without a name.
    of_index = {
        name: types
        for name, types in reported.items()
        if not types.keys() <= {"object", "nested"}
        and (not name.startswith("_") or name.startswith("_unparsed."))
        and not name.endswith(".")
    }
    assert listed.keys() - {"_id", "_index", "_score", "_source"} == of_index.keys()
    for name, types in of_index.items():
        [(kind, found)] = types.items()
        field = listed[name]
        assert field["esTypes"] == [kind], name
        assert (field["searchable"], field["aggregatable"]) == (found["searchable"], found["aggregatable"])
    assert reported[pattern["timeFieldName"]].keys() == {"date"}


TEXT = {"type": "text"}
UNINDEXED_TEXT = {"type": "text", "index": False}
UNINDEXED_KEYWORD = {"type": "keyword", "index": False, "doc_values": False}
NUMBER = {"type": "integer"}
META = {"properties": {"searchSourceJSON": UNINDEXED_TEXT}}
SAVED_OBJECTS = {
    "dynamic": "strict",
    "properties": {
        "type": {"type": "keyword"},
        "migrationVersion": {"type": "object", "dynamic": True},
        "references": {
            "type": "nested",
            "properties": {name: {"type": "keyword"} for name in ("id", "name", "type")},
        },
        "index-pattern": {
            "properties": {
                "title": TEXT,
                "timeFieldName": {"type": "keyword"},
                "fields": UNINDEXED_TEXT,
                "fieldFormatMap": UNINDEXED_TEXT,
            }
        },
        "visualization": {
            "properties": {
                "title": TEXT,
                "description": TEXT,
                "version": NUMBER,
                "visState": UNINDEXED_TEXT,
                "uiStateJSON": UNINDEXED_TEXT,
                "savedSearchRefName": UNINDEXED_KEYWORD,
                "kibanaSavedObjectMeta": META,
            }
        },
        "search": {
            "properties": {
                "title": TEXT,
                "description": TEXT,
                "version": NUMBER,
                "hits": NUMBER,
                "columns": UNINDEXED_KEYWORD,
                "sort": UNINDEXED_KEYWORD,
                "kibanaSavedObjectMeta": META,
            }
        },
        "dashboard": {
            "properties": {
                "title": TEXT,
                "description": TEXT,
                "version": NUMBER,
                "hits": NUMBER,
                "optionsJSON": UNINDEXED_TEXT,
                "panelsJSON": UNINDEXED_TEXT,
                "timeRestore": {"type": "boolean"},
                "kibanaSavedObjectMeta": META,
            }
        },
    },
}
"""The index of Dashboards, with the mappings of the types as its documentation and its exports have them."""


def test_saved_objects_fit_the_mappings_of_their_types(opensearch: Server) -> None:
    opensearch.ask("PUT", "/saved-objects", {"mappings": SAVED_OBJECTS})
    transformer = edgelift.Transformer({"layouts": [{"fields": "all"}]})
    for found in saved_objects(transformer):
        kind = found["type"]
        rest = {
            "type": kind,
            "references": found["references"],
            "migrationVersion": found["migrationVersion"],
        }
        opensearch.ask("POST", "/saved-objects/_doc", {kind: found["attributes"], **rest})
