"""Right configurations: what is warned of, what they become, the ways to write the same."""

import json
import tomllib
import types
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import edgelift

TEXT = """
[input]
bad_value = "keep"

[[layouts]]
fields = ["timestamp", "c-ip", "x-new"]

[[layouts]]
fields = ["sc-status"]

[[custom_fields]]
name = "x-new"
kind = "integer"
after = "c-ip"

[output]
names = "ecs"
timestamp = "iso8601"
missing = "null"
"""
RECORD = b"1700000000.123\t-\t7"
DOCUMENT = b'{"@timestamp":"2023-11-14T22:13:20.123Z","source.ip":null,"aws.cloudfront.x_new":7}'
DEFAULTS: dict[str, dict[str, Any]] = {
    "input": {
        "format": "auto",
        "bad_value": "fail",
        "shapes": "warn",
        "order": "cloudfront",
        "max_record_bytes": 1_048_576,
        "uri": "split",
        "decode_twice": True,
        "decode_json": "auto",
        "delimiter": "\t",
    },
    "output": {
        "names": "cloudfront",
        "values": "typed",
        "missing": "omit",
        "decode": True,
        "raw": (),
        "columns": (),
        "timestamp": "epoch_millis",
        "newline": False,
    },
    "firehose": {"multiple_lines": "fail", "partition_keys": {}, "partition_default": "unknown"},
    "overflow": {"policy": "fail", "optional": ()},
    "metrics": {"enabled": True, "namespace": "edgelift", "dimension": "delivery_stream"},
    "bulk": {"index": "cdn-logs-{yyyy}-{MM}-{dd}"},
    "opensearch": {
        "index_prefix": "cdn-logs",
        "rotation": "day",
        "retention_days": 0,
        "firehose_role_arn": "",
        "headers": "disabled",
        "codec": "best_compression",
        "shards": 1,
        "sort": "none",
    },
}


def from_file(text: str, path: Path) -> edgelift.Transformer:
    path.write_text(text, encoding="utf-8")
    return edgelift.Transformer.from_file(path)


WAYS: dict[str, Callable[[Path], edgelift.Transformer]] = {
    "text": lambda _: edgelift.Transformer(TEXT),
    "text with line ends of two": lambda _: edgelift.Transformer(TEXT.replace("\n", "\r\n")),
    "dict": lambda _: edgelift.Transformer(tomllib.loads(TEXT)),
    "proxy": lambda _: edgelift.Transformer(types.MappingProxyType(tomllib.loads(TEXT))),
    "path": lambda path: from_file(TEXT, path / "edgelift.toml"),
    "byte order mark": lambda path: from_file("\ufeff" + TEXT, path / "edgelift.toml"),
    "str path": lambda path: (
        from_file(TEXT, path / "a.toml") and edgelift.Transformer.from_file(str(path / "a.toml"))
    ),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_text_file_and_mapping_give_the_same_options(
    way: Callable[[Path], edgelift.Transformer], tmp_path: Path
) -> None:
    transformer = way(tmp_path)
    assert transformer.transform(RECORD) == DOCUMENT
    assert transformer.options["output"] == {
        **DEFAULTS["output"],
        "names": "ecs",
        "timestamp": "iso8601",
        "missing": "null",
    }
    assert transformer.options["input"] == {**DEFAULTS["input"], "bad_value": "keep"}


def test_options_have_their_defaults() -> None:
    options = edgelift.Transformer('[[layouts]]\nfields = ["c-ip"]\n').options
    assert options == DEFAULTS
    assert edgelift.Transformer.from_fields(["c-ip"]).options == DEFAULTS


@pytest.mark.parametrize("section", DEFAULTS)
def test_options_are_a_valid_configuration(section: str) -> None:
    config = {"layouts": [{"fields": ["c-ip"]}], section: DEFAULTS[section]}
    assert edgelift.Transformer(config).options == DEFAULTS


def test_layouts_have_field_key_and_kind() -> None:
    first, second = edgelift.Transformer(TEXT).layouts
    assert [(column.field, column.key, column.kind) for column in first] == [
        ("timestamp", "@timestamp", "timestamp"),
        ("c-ip", "source.ip", "address"),
        ("x-new", "aws.cloudfront.x_new", "integer"),
    ]
    assert [column.field for column in second] == ["sc-status"]


def test_layout_of_all_fields_has_every_field_and_shape() -> None:
    (layout,) = edgelift.Transformer('[[layouts]]\nfields = "all"\n').layouts
    assert [column.field for column in layout] == list(edgelift.FIELDS)
    shapes = {column.field: column.shape for column in layout if column.shape is not None}
    assert shapes == {
        "cs-method": "method",
        "cs-protocol": "scheme",
        "x-edge-location": "edge_location",
        "x-edge-request-id": "request_id",
        "x-edge-response-result-type": "result_type",
        "x-edge-result-type": "result_type",
        "x-edge-detailed-result-type": "result_type",
        "c-country": "country",
        "cs-protocol-version": "http_version",
        "c-ip-version": "ip_version",
        "ssl-protocol": "tls_version",
    }
    for column in layout:
        field = edgelift.FIELDS[column.field]
        assert (column.key, column.kind, column.unproven) == (field.name, field.kind, field.unproven)


def test_from_fields_takes_names_and_all() -> None:
    transformer = edgelift.Transformer.from_fields(iter(["timestamp", "c-ip"]), timestamp="iso8601")
    assert [column.field for column in transformer.layouts[0]] == ["timestamp", "c-ip"]
    assert transformer.transform(b"0\t::1") == b'{"timestamp":"1970-01-01T00:00:00.000Z","c-ip":"::1"}'
    assert len(edgelift.Transformer.from_fields("all").layouts[0]) == 71


def test_from_fields_accepts_every_option_of_output() -> None:
    # `names` too, although the list of fields is called so.
    changed: dict[str, Any] = {
        "names": "otel",
        "values": "text",
        "missing": "null",
        "decode": False,
        "raw": ("cs-method",),
        "columns": ("c-ip", "cs-method"),
        "timestamp": "verbatim",
        "newline": True,
    }
    transformer = edgelift.Transformer.from_fields(["c-ip", "cs-method"], **changed)
    assert transformer.options["output"] == changed
    assert json.loads(transformer.transform(b"-\t%41")) == {
        "client.address": None,
        "http.request.method": "%41",
    }


def test_from_fields_refuses_unknown_names_and_options() -> None:
    with pytest.raises(edgelift.ConfigError, match=r'unknown field "c-ipp".*did you mean "c-ip"') as caught:
        edgelift.Transformer.from_fields(["timestamp", "c-ipp"])
    assert caught.value.key == "layouts[0].fields[1]"
    with pytest.raises(edgelift.ConfigError, match=r'^output\.nmaes: .*did you mean "names"') as caught:
        edgelift.Transformer.from_fields(["c-ip"], nmaes="ecs")  # type: ignore[call-arg]
    assert caught.value.suggestion == "names"
    with pytest.raises(edgelift.ConfigError, match='expected "all" or a list of field names'):
        edgelift.Transformer.from_fields("c-ip")
    with pytest.raises(edgelift.ConfigError, match="an empty list"):
        edgelift.Transformer.from_fields([])


def warnings_of(text: str) -> list[warnings.WarningMessage]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        edgelift.Transformer(text)
    return caught


ORDER = (
    "layouts[{}].fields were sorted into CloudFront's order, in which records always come; "
    '[input] order = "as_written" would leave them as they are'
)
KEEP = (
    'missing = "keep" writes "-" into numbers, dates and addresses, which an index with types rejects '
    'unless it has the template of edgelift opensearch; use it with values = "text"'
)
OF_STANDARD_LOGS = 'uri = "joined"\ndelimiter = ";"\ndecode_twice = false\ndecode_json = true\n'
WITHOUT_EFFECT = '[input] {} has no effect on real-time logs; format = "standard" or "auto" reads others'

KEYS = """\
[firehose.partition_keys]
a = "asn"
day = "timestamp:%Y-%m-%d"
ip = "c-ip"
[[layouts]]
fields = ["c-ip"]
"""
WITHOUT_FIELD = (
    '[firehose] partition_keys.{}: no layout has the field "{}", so real-time rows get partition_default'
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[[layouts]]\nfields = ["c-ip", "timestamp"]\n', [ORDER.format(0)]),
        ('[[layouts]]\nfields = ["asn"]\n[[layouts]]\nfields = ["asn", "c-ip"]\n', [ORDER.format(1)]),
        ('[input]\norder = "as_written"\n[[layouts]]\nfields = ["c-ip", "timestamp"]\n', []),
        ('[[layouts]]\nfields = ["timestamp", "c-ip"]\n', []),
        ('[[layouts]]\nfields = "all"\n', []),
        ('[[layouts]]\nfields = ["c-ip"]\n[output]\nmissing = "keep"\n', [KEEP]),
        ('[[layouts]]\nfields = ["c-ip"]\n[output]\nmissing = "keep"\nvalues = "text"\n', []),
        ('[[layouts]]\nfields = ["c-ip"]\n[output]\nmissing = "null"\n', []),
        (
            '[[layouts]]\nfields = ["asn", "c-ip"]\n[output]\nmissing = "keep"\n',
            [ORDER.format(0), KEEP],
        ),
        (
            f'[input]\nformat = "realtime"\n{OF_STANDARD_LOGS}[[layouts]]\nfields = ["c-ip"]\n',
            [WITHOUT_EFFECT.format(option) for option in ("uri", "delimiter", "decode_twice", "decode_json")],
        ),
        (f'[input]\nformat = "auto"\n{OF_STANDARD_LOGS}', []),
        ('[input]\nuri = "split"\ndecode_twice = true\n[[layouts]]\nfields = ["c-ip"]\n', []),
        (KEYS, [WITHOUT_FIELD.format("a", "asn"), WITHOUT_FIELD.format("day", "timestamp")]),
        (f'[input]\nformat = "standard"\n{KEYS}', []),
        (KEYS.replace("[[layouts]]", '[[layouts]]\nfields = ["timestamp", "asn"]\n[[layouts]]'), []),
        (KEYS.partition("[[layouts]]")[0], []),
    ],
    ids=[
        *("order", "second", "as written", "in order", "all", "keep", "keep text", "null", "both"),
        *("without effect", "of standard logs", "as they are"),
        *("keys without fields", "keys of standard logs", "keys of another layout", "keys without layouts"),
    ],
)
def test_warnings_name_the_line_of_the_caller(text: str, expected: list[str]) -> None:
    caught = warnings_of(text)
    assert [str(warning.message) for warning in caught] == expected
    assert all(warning.category is UserWarning for warning in caught)
    # The line of the user who wrote the configuration, not one of the package.
    assert all(Path(warning.filename).name == Path(__file__).name for warning in caught)


def test_a_warning_can_be_an_error() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning, match="CloudFront's order"):
            edgelift.Transformer('[[layouts]]\nfields = ["c-ip", "timestamp"]\n')


@pytest.mark.parametrize("profile", ["snake", "ecs", "otel"])
def test_equal_keys_are_refused_only_where_they_meet(profile: str) -> None:
    # The same custom field is refused only where its key meets another one.
    config = {
        "layouts": [{"fields": ["c-ip", "cs-headers", "cs-headers-truncated"]}],
        "custom_fields": [{"name": "cs-headers-truncated", "kind": "text", "after": "cs-headers"}],
        "output": {"names": profile},
    }
    keys = [column.key for column in edgelift.Transformer(config).layouts[0]]
    assert len(set(keys)) == 3


def test_changing_the_mapping_afterwards_changes_nothing() -> None:
    config: dict[str, Any] = {"layouts": [{"fields": ["c-ip"]}], "output": {"names": "ecs"}}
    transformer = edgelift.Transformer(config)
    config["output"]["names"] = "otel"
    config["layouts"][0]["fields"].append("asn")
    assert transformer.transform(b"::1") == b'{"source.ip":"::1"}'
