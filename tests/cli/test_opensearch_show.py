"""``edgelift opensearch show``: the bodies that a cluster needs, without a server."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from edgelift import FIELDS, ConfigError, Transformer
from edgelift._core import CONNECTION_FIELDS, STANDARD_FIELDS
from edgelift.opensearch.dashboards.saved_objects import saved_objects
from edgelift.opensearch.mapping import keys, mapping
from edgelift.opensearch.template import index_patterns, template

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

ARN = "arn:aws:iam::111122223333:role/service-role/firehose"


def config_file(tmp_path: Path, **options: object) -> Path:
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in options.items()]
    path = tmp_path / "edgelift.toml"
    path.write_text('[[layouts]]\nfields = ["timestamp", "c-ip"]\n[opensearch]\n' + "".join(lines))
    return path


def show(run: Run, *words: str | Path) -> Any:  # noqa: ANN401 - of JSON
    done = run("opensearch", "show", *words)
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_show_template_writes_the_body_as_it_is_sent(run: Run, tmp_path: Path) -> None:
    config = config_file(tmp_path, index_prefix="web", shards=2, codec="zstd")
    body = show(run, "template", "--config", config)
    assert body == template(Transformer.from_file(config))
    assert body["index_patterns"] == ["web-*"]
    assert body["priority"] == 500
    settings = {"number_of_shards": 2, "codec": "zstd", "refresh_interval": "30s"}
    assert body["template"]["settings"] == {"index": settings}
    assert body["template"]["mappings"]["dynamic"] is False


@pytest.mark.parametrize("names", ["cloudfront", "snake", "ecs", "otel"])
def test_template_has_a_type_for_each_field_of_each_log(names: str) -> None:
    transformer = Transformer({"layouts": [{"fields": ["c-ip"]}], "output": {"names": names}})
    properties = mapping(transformer)["properties"]
    for table in FIELDS, STANDARD_FIELDS, CONNECTION_FIELDS:
        for field in table.values():
            found = properties
            for part in field.keys[names].split("."):
                found = found[part] if part in found else found["properties"][part]
            assert "type" in found, field.name
    # A key has one type, whatever log it is from.
    kinds: dict[str, set[str]] = {}
    for table in FIELDS, STANDARD_FIELDS, CONNECTION_FIELDS:
        for field in table.values():
            kinds.setdefault(field.keys[names], set()).add(field.kind)
    texts = {"text", "keyword", "time"}
    assert {key: kind for key, kind in kinds.items() if len(kind) > 1 and not kind <= texts} == {}


@pytest.mark.parametrize(
    ("rotation", "patterns"),
    [
        ("none", ["cdn-logs", "cdn-logs-*"]),
        ("hour", ["cdn-logs-*"]),
        ("day", ["cdn-logs-*"]),
        ("week", ["cdn-logs-*"]),
        ("month", ["cdn-logs-*"]),
    ],
)
def test_patterns_cover_the_indices_of_each_rotation(rotation: str, patterns: list[str]) -> None:
    config = {"layouts": [{"fields": ["timestamp"]}], "opensearch": {"rotation": rotation}}
    assert index_patterns(Transformer(config)) == patterns


def test_patterns_cover_the_indices_of_bulk_bodies() -> None:
    def patterns(index: str) -> list[str]:
        return index_patterns(Transformer({"layouts": [{"fields": ["timestamp"]}], "bulk": {"index": index}}))

    assert patterns("cdn-logs-{yyyy}-{MM}") == ["cdn-logs-*"]
    assert patterns("web-{yyyy}-{MM}") == ["cdn-logs-*", "web-2*-*"]
    assert patterns("web{yyyy}{MM}.{dd}") == ["cdn-logs-*", "web2*.*"]
    assert patterns("all") == ["cdn-logs-*", "all"]


@pytest.mark.parametrize("index", ["{yyyy}", "{yyyy}.{MM}", "{yyyy}-logs", "{MM}-cdn-logs"])
@pytest.mark.parametrize("what", ["template", "policy", "roles", "dashboards"])
def test_pattern_for_indices_of_others_is_refused(run: Run, tmp_path: Path, index: str, what: str) -> None:
    config = config_file(tmp_path, retention_days=7)
    config.write_text(f'{config.read_text()}[bulk]\nindex = "{index}"\n')
    done = run("opensearch", "show", what, "--config", config)
    assert (done.code, done.out) == (2, b"")
    assert f'edgelift: the [bulk] index "{index}" has no name before its time' in done.err
    assert f'write a name first, such as "cdn-logs-{index}"' in done.err


def test_index_of_bulk_bodies_follows_from_prefix_and_rotation() -> None:
    def index(**options: str) -> str:
        config = {"layouts": [{"fields": ["timestamp", "c-ip"]}], "opensearch": options}
        output = Transformer(config).transform_lines(b"1700000000\t1.1.1.1\n", format="bulk").output
        found: str = json.loads(output.splitlines()[0])["create"]["_index"]
        return found

    assert index() == "cdn-logs-2023-11-14"
    assert index(index_prefix="web", rotation="hour") == "web-2023-11-14-22"
    assert index(rotation="month") == "cdn-logs-2023-11"
    assert index(rotation="none") == "cdn-logs"
    with pytest.raises(ConfigError, match="weekly indices are Firehose's only"):
        index(rotation="week")


def test_time_of_connections_is_the_time_if_only_they_are_configured() -> None:
    config = {"input": {"format": "standard"}, "layouts": [{"fields": ["eventTimestamp", "clientIp"]}]}
    alias = mapping(Transformer(config))["properties"]["@timestamp"]
    assert alias == {"type": "alias", "path": "eventTimestamp"}


def test_custom_fields_have_the_types_of_their_kinds() -> None:
    kinds = {"x-integer": "asn", "x-address": "x-integer", "x-list": "x-address"}
    custom = [{"name": name, "kind": name[2:], "after": after} for name, after in kinds.items()]
    fields = ["timestamp", *kinds]
    transformer = Transformer({"layouts": [{"fields": fields}], "custom_fields": custom})
    properties = mapping(transformer)["properties"]
    assert [properties[name]["type"] for name in fields] == ["date", "long", "ip", "keyword"]
    assert keys(transformer)[-1].key == "x-list"


@pytest.mark.parametrize(
    ("name", "names", "key"),
    [
        ("cs-headers-truncated", "cloudfront", "cs-headers-truncated"),
        ("cs-headers-truncated", "snake", "cs_headers_truncated"),
        ("cs-headers-x", "cloudfront", "cs-headers-x"),
        ("c_ip", "snake", "c_ip"),
        ("client.ip", "snake", "client_ip"),
        ("clientIp", "cloudfront", "clientIp"),
        ("eventTimestamp", "cloudfront", "eventTimestamp"),
    ],
)
def test_kind_of_a_custom_field_decides_and_not_its_name(name: str, names: str, key: str) -> None:
    config = {
        # Otherwise a name of another kind of log is refused.
        "input": {"format": "realtime"},
        "layouts": [{"fields": [name]}],
        "output": {"names": names},
        "custom_fields": [{"name": name, "kind": "text", "after": "asn"}],
    }
    assert mapping(Transformer(config))["properties"][key]["type"] == "keyword"


@pytest.mark.parametrize(
    ("layouts", "kinds"),
    [
        ([["c-ip"], ["c_ip"]], '"c-ip" (address) and "c_ip" (text)'),
        ([["c_ip"], ["c-ip"]], '"c_ip" (text) and "c-ip" (address)'),
        (
            [["cs-headers", "cs-headers-count"], ["cs_headers_truncated"]],
            '"cs-headers-truncated" (boolean) and "cs_headers_truncated" (text)',
        ),
    ],
)
def test_key_with_values_of_two_types_is_refused(layouts: list[list[str]], kinds: str) -> None:
    custom = [
        {"name": "c_ip", "kind": "text", "after": "asn"},
        {"name": "cs_headers_truncated", "kind": "text", "after": "c_ip"},
    ]
    config = {"layouts": [{"fields": fields} for fields in layouts], "output": {"names": "snake"}}
    with pytest.raises(ConfigError, match=re.escape(kinds)):
        mapping(Transformer(config | {"custom_fields": custom}))


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["x.y", "x"], 'the key "x" (field "x") cannot be indexed: "x" would be a value and an object'),
        (["x", "x.y"], 'the key "x.y" (field "x.y") cannot be indexed: "x" would be a value and an object'),
        (["a..b"], "cannot be indexed by OpenSearch; give it another name"),
        (["_id"], "cannot be indexed by OpenSearch; give it another name"),
    ],
)
def test_keys_that_cannot_be_indexed_are_refused(names: list[str], message: str) -> None:
    after = ["asn", *names]
    custom = [{"name": n, "kind": "text", "after": a} for n, a in zip(names, after, strict=False)]
    with pytest.raises(ConfigError, match=re.escape(message)):
        mapping(Transformer({"layouts": [{"fields": names}], "custom_fields": custom}))


def test_names_of_fields_that_cannot_be_beside_each_other_in_unparsed_are_refused() -> None:
    names = {"a": "asn", "a.b": "a"}
    custom = [{"name": name, "kind": "integer", "after": after} for name, after in names.items()]
    config = {"layouts": [{"fields": [*names]}], "output": {"names": "ecs"}, "custom_fields": custom}
    message = 'the key "_unparsed.a.b" (field "a.b") cannot be indexed: "a" would be a value and an object'
    with pytest.raises(ConfigError, match=re.escape(message)):
        mapping(Transformer(config))


@pytest.mark.filterwarnings("ignore:missing")
@pytest.mark.parametrize("output", [{"values": "text"}, {"missing": "keep"}])
def test_headers_that_can_be_texts_are_not_indexed(output: dict[str, str]) -> None:
    config = {"layouts": [{"fields": ["cs-headers"]}], "output": output, "opensearch": {"headers": "nested"}}
    with pytest.raises(ConfigError, match='"nested" needs lists of headers'):
        mapping(Transformer(config))


def test_sorted_index_has_the_latest_documents_first(run: Run, tmp_path: Path) -> None:
    config = config_file(tmp_path, sort="time")
    settings = show(run, "template", "--config", config)["template"]["settings"]["index"]
    assert settings["sort"] == {"field": ["timestamp"], "order": ["desc"]}
    config = config_file(tmp_path, sort="time", headers="nested")
    done = run("opensearch", "show", "template", "--config", config)
    assert (done.code, done.out) == (2, b"")
    assert 'OpenSearch does not sort indices with headers = "nested"; write sort = "none"' in done.err
    config.write_text('[output]\nvalues = "text"\n[opensearch]\nsort = "time"\n')
    done = run("opensearch", "show", "template", "--config", config)
    assert done.code == 2
    assert 'opensearch.sort: "time" needs times' in done.err


def test_data_stream_has_the_time_that_it_needs(run: Run, tmp_path: Path) -> None:
    body = show(run, "template", "--data-stream", "--config", config_file(tmp_path, rotation="none"))
    assert body["index_patterns"] == ["cdn-logs"]
    assert body["data_stream"] == {"timestamp_field": {"name": "timestamp"}}


@pytest.mark.parametrize(
    ("options", "index", "where"),
    [
        ({}, "", "to cdn-logs-{yyyy}-{MM}-{dd}"),
        ({"rotation": "week"}, "", "to an index of each week"),
        ({"rotation": "none"}, '[bulk]\nindex = "web"\n', "to web"),
    ],
)
def test_data_stream_without_documents_is_refused(
    run: Run, tmp_path: Path, options: dict[str, str], index: str, where: str
) -> None:
    config = config_file(tmp_path, **options)
    config.write_text(config.read_text() + index)
    done = run("opensearch", "show", "template", "--data-stream", "--config", config)
    assert (done.code, done.out) == (2, b"")
    assert done.err == (
        f"edgelift: a data stream has the name cdn-logs, but documents go {where}; write [opensearch] "
        'rotation = "none" and no [bulk] index\n'
    )


def test_show_policy_deletes_by_the_age_of_the_index(run: Run, tmp_path: Path) -> None:
    body = show(run, "policy", "--config", config_file(tmp_path, retention_days=30))
    written, deleted = body["policy"]["states"]
    assert written["actions"] == []
    assert written["transitions"] == [{"state_name": "deleted", "conditions": {"min_index_age": "30d"}}]
    assert deleted["actions"] == [{"delete": {}}]
    assert body["policy"]["ism_template"] == [{"index_patterns": ["cdn-logs-*"], "priority": 500}]


def test_policy_of_an_alias_rolls_over(run: Run, tmp_path: Path) -> None:
    body = show(run, "policy", "--config", config_file(tmp_path, retention_days=7, rotation="none"))
    written = body["policy"]["states"][0]
    assert list(written["actions"][0]) == ["rollover"]
    assert written["transitions"][0]["conditions"] == {"min_rollover_age": "7d"}


def test_template_of_a_rollover_names_its_alias(run: Run, tmp_path: Path) -> None:
    config = config_file(tmp_path, retention_days=7, rotation="none", index_prefix="web")
    settings = show(run, "template", "--config", config)["template"]["settings"]["index"]
    assert settings["plugins"] == {"index_state_management": {"rollover_alias": "web"}}
    stream = show(run, "template", "--config", config, "--data-stream")["template"]["settings"]["index"]
    assert "plugins" not in stream


def test_no_retention_means_no_policy(run: Run, tmp_path: Path) -> None:
    done = run("opensearch", "show", "policy", "--config", config_file(tmp_path))
    assert (done.code, done.out) == (2, b"")
    assert done.err == (
        "edgelift: indices are kept forever: [opensearch] retention_days is not set, so there is no policy\n"
    )


@pytest.mark.parametrize("variant", ["recipe", "least", "monitor"])
def test_show_roles_writes_role_and_mapping(run: Run, tmp_path: Path, variant: str) -> None:
    config = config_file(tmp_path, firehose_role_arn=ARN)
    body = show(run, "roles", "--config", config, "--role", variant)
    assert list(body) == ["roles/cdn-logs-firehose", "rolesmapping/cdn-logs-firehose"]
    assert body["rolesmapping/cdn-logs-firehose"] == {"backend_roles": [ARN]}
    role = body["roles/cdn-logs-firehose"]
    assert role["index_permissions"][0]["index_patterns"] == ["cdn-logs-*"]
    can_read = "crud" in role["index_permissions"][0]["allowed_actions"]
    assert can_read == (variant == "recipe")


def test_placeholder_stands_for_an_arn_that_is_not_known(run: Run) -> None:
    done = run("opensearch", "show", "roles")
    assert done.code == 0
    mapped = json.loads(done.out)["rolesmapping/cdn-logs-firehose"]["backend_roles"]
    assert mapped == ["arn:aws:iam::111122223333:role/firehose"]
    assert "stands for [opensearch] firehose_role_arn, which is not set" in done.err


def test_texts_of_standard_logs_have_no_time(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "edgelift.toml"
    verbatim = '[input]\nformat = "standard"\n[output]\ntimestamp = "verbatim"\n'
    config.write_text(f'{verbatim}[opensearch]\nrotation = "none"\n')
    done = run("opensearch", "show", "template", "--config", config)
    assert done.code == 0
    assert "warning: no time field in Dashboards" in done.err
    done = run("opensearch", "show", "template", "--config", config, "--data-stream")
    assert done.code == 2
    assert "edgelift: a data stream needs times" in done.err


def test_documents_without_their_time_by_columns_are_said_to_have_none(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "edgelift.toml"
    text = '[output]\ncolumns = ["c-ip"]\n[opensearch]\nrotation = "none"\n'
    config.write_text(text)
    done = run("opensearch", "show", "template", "--config", config)
    why = 'documents have no time with these [output] columns; add "timestamp"'
    assert (done.code, done.err) == (0, f"warning: no time field in Dashboards: {why}\n")
    for words in ("template", "--data-stream"), ("dashboards",):
        done = run("opensearch", "show", *words, "--config", config)
        assert (done.code, done.out) == (2, b"")
        assert f"times: {why}" in done.err
    for name in "timestamp", "timestamp(ms)", "date", "time", "eventTimestamp":
        config.write_text(text.replace('"c-ip"', f'"c-ip", "{name}"'))
        done = run("opensearch", "show", "template", "--data-stream", "--config", config)
        assert (done.code, done.err) == (0, "")


def test_missing_values_that_the_template_tolerates_are_not_warned_of(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "edgelift.toml"
    config.write_text('[output]\nmissing = "keep"\n')
    done = run("opensearch", "show", "template", "--config", config)
    assert (done.code, done.err) == (0, "")
    properties = json.loads(done.out)["template"]["mappings"]["properties"]
    assert properties["sc-bytes"] == {"type": "long", "ignore_malformed": True}
    # Other warnings stay.
    config.write_text('[input]\nuri = "joined"\nformat = "realtime"\n[[layouts]]\nfields = ["c-ip"]\n')
    assert "warning: " in run("opensearch", "show", "template", "--config", config).err


@pytest.mark.parametrize(
    ("options", "bulk", "warning"),
    [
        ("", "", ""),
        ('rotation = "none"', "", ""),
        ('rotation = "week"', "", ""),
        ("", "web-{yyyy}.{MM}.{dd}", ""),
        ('rotation = "month"', "", "an index has documents of up to 31 days, and is deleted 30 days after"),
        ("", "web-{yyyy}", "an index has documents of up to 366 days, and is deleted 30 days after"),
        ("", "web", "the policy deletes the index web after 30 days with its latest documents; write a time"),
        (
            'rotation = "none"',
            "web-{yyyy}",
            "rolls over cdn-logs, but bulk bodies go to web-{yyyy}, which it",
        ),
    ],
)
def test_policy_that_deletes_new_documents_or_none_is_warned_of(
    run: Run, tmp_path: Path, options: str, bulk: str, warning: str
) -> None:
    config = tmp_path / "edgelift.toml"
    index = f'index = "{bulk}"' if bulk else ""
    config.write_text(f"[opensearch]\nretention_days = 30\n{options}\n[bulk]\n{index}\n")
    done = run("opensearch", "show", "policy", "--config", config)
    assert done.code == 0
    assert warning in done.err
    assert bool(warning) == bool(done.err)


def test_show_without_a_body_names_them(run: Run) -> None:
    done = run("opensearch", "show")
    assert done.code == 2
    assert "WHAT is missing: template, policy, roles, dashboards" in done.err


def test_show_dashboards_writes_saved_objects_as_json_lines(run: Run, tmp_path: Path) -> None:
    config = config_file(tmp_path, index_prefix="web")
    done = run("opensearch", "show", "dashboards", "--config", config)
    assert (done.code, done.err) == (0, "")
    objects = [json.loads(line) for line in done.out.splitlines()]
    assert objects == saved_objects(Transformer.from_file(config))
    assert {found["type"] for found in objects} == {"index-pattern", "visualization", "search", "dashboard"}


def test_dashboards_without_times_are_refused(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "edgelift.toml"
    config.write_text('[input]\nformat = "standard"\n[output]\ntimestamp = "verbatim"\n')
    done = run("opensearch", "show", "dashboards", "--config", config)
    assert (done.code, done.out) == (2, b"")
    assert done.err.startswith("edgelift: dashboards need times: ")
