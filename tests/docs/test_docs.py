"""The pages in docs/ say what the code does: their examples run, their tables equal what is in force.

The page about the command line has tests of its own, beside those of the command line.
"""

from __future__ import annotations

import doctest
import importlib.util
import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import edgelift
from edgelift import firehose

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = {path.stem: path.read_text("utf-8") for path in sorted(DOCS.glob("*.md"))}
KINDS = sorted({field.kind for field in edgelift.FIELDS.values()})


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def section(page: str, heading: str) -> str:
    """Give the text below a heading, up to the next heading of any level."""
    _, found, rest = page.partition(f"\n{heading}\n")
    assert found, heading
    return re.split(r"^#+ ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """Read the first table of a text, without its head."""
    lines = [line for line in text.partition("\n|")[2].partition("\n\n")[0].splitlines() if line]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def code(cell: str) -> str:
    assert cell[0] == cell[-1] == "`", cell
    return cell[1:-1]


def error_of(config: Mapping[str, Any]) -> str:
    with pytest.raises(edgelift.ConfigError) as caught:
        edgelift.Transformer(config)
    return str(caught.value)


def test_there_are_pages() -> None:
    assert sorted(PAGES) == [
        "bulk",
        "cli",
        "configuration",
        "fields",
        "formats",
        "lambda",
        "reprocess",
        "s3batch",
        "values",
    ]


@pytest.mark.parametrize(
    ("page", "number"), [("bulk", 1), ("configuration", 2), ("formats", 3), ("lambda", 3), ("values", 12)]
)
def test_sessions(page: str, number: int) -> None:
    sessions = blocks(PAGES[page], "pycon")
    assert len(sessions) >= number
    test = doctest.DocTestParser().get_doctest("\n".join(sessions), {}, page, page, 0)
    said: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    result = runner.run(test, out=said.append)
    assert result.failed == 0, "".join(said)
    assert result.attempted >= number


@pytest.mark.parametrize("text", blocks(PAGES["configuration"], "toml"))
def test_configurations_compile(text: str) -> None:
    assert edgelift.Transformer(text).layouts


def test_links_lead_somewhere() -> None:
    for page, text in PAGES.items():
        for target in re.findall(r"\]\(([^)]+)\)", text):
            name, _, anchor = target.partition("#")
            there = PAGES[name.removesuffix(".md") if name else page]
            headings = re.findall(r"^#+ (.+)$", there, re.MULTILINE)
            anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
            assert not anchor or anchor in anchors, f"{page}: {target}"


def test_fields_page_is_the_generated_one() -> None:
    spec = importlib.util.spec_from_file_location("make_fields", DOCS / "make_fields.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert PAGES["fields"] == module.page(), "run: make docs"
    assert len(rows(PAGES["fields"])) == len(edgelift.FIELDS)


# values.md


@pytest.mark.parametrize("kind", KINDS)
def test_examples_of_a_kind(kind: str) -> None:
    custom = {"name": "x", "kind": kind, "after": "asn"}
    transformer = edgelift.Transformer({"custom_fields": [custom], "layouts": [{"fields": ["x"]}]})
    examples = rows(section(PAGES["values"], f"### {kind}"))
    assert len(examples) >= 2
    for raw, becomes in examples:
        record = code(raw).encode()
        if becomes == "*misfit*":
            with pytest.raises(edgelift.RecordError) as caught:
                transformer.transform(record)
            assert caught.value.reason == "bad_value", raw
        elif becomes == "*missing*":
            assert transformer.transform(record) == b"{}", raw
        else:
            assert transformer.transform(record).decode() == f'{{"x":{code(becomes)}}}', raw


def test_every_kind_has_a_section() -> None:
    assert sorted(re.findall(r"^### (\w+)$", PAGES["values"], re.MULTILINE)) == KINDS


def failing_records() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Give a reason, a configuration and a record or line that fails for it, in the order of the table."""

    def record(data: str) -> dict[str, Any]:
        return {"recordId": "r", "data": data}

    status, integer = {"fields": ["sc-status"]}, {"fields": ["sc-bytes"]}
    pair, other = {"fields": ["sc-status", "cs-host"]}, {"fields": ["sc-bytes", "cs-host"]}
    one = {"layouts": [status]}
    yield "bad_base64", one, record("%")
    yield "bad_base64", one, {"recordId": "r", "data": 5}
    yield "bad_base64", one, {"recordId": "r"}
    yield "too_large", {"input": {"max_record_bytes": 10}, **one}, record("MTIzNDU2Nzg5MDEK")
    yield "empty_record", one, record("")
    yield "multiple_lines", one, record("MjAwCjIwMA==")
    standard = {"input": {"format": "standard"}}
    yield "bad_error_object", one, {"line": b'{"attemptsMade":4}'}
    document = b'{"rawData":"e30=","esDocumentId":"1","esIndexName":"cdn"}'
    yield "already_transformed", one, {"line": document, "format": "raw"}
    yield "bad_json", standard, record("eyJhIjoiIg==")
    yield "bad_json", standard, record("eyJhc24iOlsxXX0=")
    yield "bad_json", standard, record("eyJhc24iOiIxIiwiYXNuIjoiMiJ9")
    yield "bad_json", standard, record("eyJhIjoxfQ==")
    yield "bad_header", standard, record("I0ZpZWxkczogYy1pcCBjLWlw")
    yield "no_header", standard, record("MQky")
    yield "no_header", standard, {"line": b"#Fields: asn\n1", "format": "raw"}
    yield "column_count", {"layouts": [status, pair]}, record("YQliCWM=")
    yield "bad_value", one, record("MngwCg==")
    yield "no_layout", {"layouts": [integer, pair, other]}, record("YWIJeAo=")


def test_reasons_and_their_messages() -> None:
    table = rows(section(PAGES["values"], "## Reasons"))
    made = []
    for reason, config, record in failing_records():
        transformer = edgelift.Transformer(config)
        if "line" in record:
            way = record.get("format", "ndjson")
            (failure,) = transformer.transform_lines(record["line"], format=way).failures
            found, message = failure.reason, failure.message
        else:
            batch = transformer.transform_records([record])
            ((found, (_, message)),) = batch.report.first_failures.items()
        assert found == reason
        made.append([f"`{reason}`", f"`{message}`"])
    (failure,) = edgelift.Transformer.from_fields(["timestamp"]).transform_lines(b"-", format="bulk").failures
    made.append([f"`{failure.reason}`", f"`{failure.message}`"])
    assert [[reason, message] for reason, _, message in table] == made
    reasons = edgelift._core.REASONS  # noqa: SLF001 -- its place is part of the stub
    assert list(dict.fromkeys(code(reason) for reason, _, _ in table)) == list(reasons)


def test_words_for_what_kinds_expect() -> None:
    text = section(PAGES["values"], "## Reasons").partition("What the kinds expect:")[2]
    reported = dict(rows(text))
    found = {}
    for kind in KINDS:
        custom = {"name": "x", "kind": kind, "after": "asn"}
        transformer = edgelift.Transformer({"custom_fields": [custom], "layouts": [{"fields": ["x"]}]})
        try:
            transformer.transform(b"?")
        except edgelift.RecordError as error:
            found[kind] = str(error).partition(' "?" is not ')[2]
    assert reported == found


def test_shapes() -> None:
    table = rows(section(PAGES["values"], "## Layouts"))
    layout = edgelift.Transformer.from_fields("all").layouts[0]
    assert {code(field) for field, *_ in table} == {column.field for column in layout if column.shape}
    for field, _, examples in table:
        # Whatever does not have the shape is taken for the second layout, which any text fits.
        first, second = [code(field), "cs-accept"], ["cs-accept", "cache-behavior-path-pattern"]
        transformer = edgelift.Transformer({"layouts": [{"fields": first}, {"fields": second}]})
        for example in examples.split(", "):
            document = json.loads(transformer.transform(f"{code(example)}\tx".encode()))
            assert list(document) == first, example
        assert list(json.loads(transformer.transform(b"none of these\tx"))) == second, field


# formats.md


def test_messages_of_error_objects() -> None:
    table = rows(section(PAGES["formats"], "## What failed").partition("\n| line")[2].join(["\n| line", ""]))
    assert len(table) >= 9
    transformer = edgelift.Transformer.from_fields(["sc-status"])
    for line, reason, message in table:
        (failure,) = transformer.transform_lines(code(line).encode()).failures
        assert [failure.reason, failure.message] == [code(reason), code(message)]


# configuration.md


SECTIONS = ["input", "output", "firehose", "overflow", "metrics", "bulk"]


@pytest.mark.parametrize("name", SECTIONS)
def test_options_and_their_defaults(name: str) -> None:
    table = rows(section(PAGES["configuration"], f"## [{name}]"))
    reported = {code(key): tomllib.loads(f"x = {code(default)}")["x"] for key, _, default, _ in table}
    options = edgelift.Transformer.from_fields("all").options
    found = {key: list(value) if isinstance(value, tuple) else value for key, value in options[name].items()}
    assert reported == found
    assert set(options) == set(SECTIONS)


@pytest.mark.parametrize("name", SECTIONS)
def test_choices_of_options(name: str) -> None:
    wrong = {"string": 7, "table": 7, "list of names": 7}
    choices = {
        "boolean": "a boolean",
        "integer": "an integer",
        "string": "a string",
        "table": "a table",
        "list of names": "an array",
    }
    for key, kind, _, _ in rows(section(PAGES["configuration"], f"## [{name}]")):
        message = error_of({"layouts": [{"fields": "all"}], name: {code(key): wrong.get(kind, "?")}})
        listed = [code(choice).strip('"') for choice in kind.split(", ")] if "`" in kind else []
        expected = f'"?" is none of {", ".join(listed)}' if listed else f"expected {choices[kind]}"
        assert message.endswith(expected), message


@pytest.mark.parametrize("name", ["layouts", "custom_fields"])
def test_keys_of_tables(name: str) -> None:
    table = rows(section(PAGES["configuration"], f"## [[{name}]]"))
    config: dict[str, Any] = {"layouts": [{"fields": "all"}]} | {name: [{"?": 1}]}
    keys = ", ".join(code(key) for key, *_ in table)
    assert error_of(config) == f"{name}[0].?: unknown key, known are {keys}"
    assert all(default == "none, must be given" for _, _, default, _ in table)
    assert error_of({"layouts": [{"fields": "all"}]} | {name: [{}]}).endswith(" is missing")


def test_kinds_of_custom_fields() -> None:
    table = rows(section(PAGES["configuration"], "## [[custom_fields]]"))
    (listed,) = (kind for key, kind, _, _ in table if key == "`kind`")
    custom = {"name": "x", "kind": "?", "after": "asn"}
    message = error_of({"layouts": [{"fields": "all"}], "custom_fields": [custom]})
    reported = {code(kind).strip('"') for kind in listed.split(", ")}
    assert reported == set(message.partition('"?" is none of ')[2].split(", ")) == set(KINDS)


def test_sections_are_those_that_there_are() -> None:
    headings = re.findall(r"^## \[+(\w+)\]+$", PAGES["configuration"], re.MULTILINE)
    known = error_of({"?": 1}).partition("known are ")[2].split(", ")
    assert headings == known


# bulk.md


def test_names_of_an_index() -> None:
    transformer = edgelift.Transformer.from_fields(["timestamp"])
    table = rows(section(PAGES["bulk"], "## Index"))
    assert len(table) == 4
    for pattern, name, _ in table:
        body = transformer.transform_lines(b"1699999980.5", format="bulk", index=code(pattern)).output
        assert json.loads(body.splitlines()[0])["create"]["_index"] == code(name)


def test_bodies_are_cut_between_documents() -> None:
    (lines,) = re.findall(r"split -l (\d+) ", PAGES["bulk"])
    assert int(lines) % 2 == 0


def test_options_that_bulk_bodies_have() -> None:
    reported = re.findall(r"`\[+(\w+)\]+`", section(PAGES["bulk"], "## What other options do"))
    assert sorted([*reported, "bulk"]) == sorted([*SECTIONS, "layouts", "custom_fields"])


# lambda.md


def test_log_line_key_by_key(capsys: pytest.CaptureFixture[str]) -> None:
    event = {
        "invocationId": "i",
        "deliveryStreamArn": "arn:aws:firehose:us-east-1:123456789012:deliverystream/logs",
        "records": [{"recordId": "1", "data": "MTcwMDAwMDAwMA=="}, {"recordId": "2", "data": "eA=="}],
    }
    firehose.make_handler({"layouts": [{"fields": ["timestamp"]}]})(event, None)
    keys = list(json.loads(capsys.readouterr().out))
    reported = [code(key) for key, _ in rows(section(PAGES["lambda"], "## Log line"))]
    assert reported == ["Failed_<reason>" if key == "Failed_bad_value" else key for key in keys]


def test_results_of_answers(capsys: pytest.CaptureFixture[str]) -> None:
    reported = [code(result) for result, _, _ in rows(section(PAGES["lambda"], "## Answers"))]
    event = {"records": [{"recordId": "1", "data": "MjAw"}, {"recordId": "2", "data": "eA=="}]}
    answer = firehose.make_handler({"layouts": [{"fields": ["sc-status"]}]})(event, None)
    # tests/handlers/test_reingest.py has those that are dropped.
    assert reported == [*(record["result"] for record in answer["records"]), "Dropped"]
    assert capsys.readouterr().out


def test_variables_of_the_environment() -> None:
    reported = {code(name) for name, _ in rows(section(PAGES["lambda"], "## Environment"))}
    assert firehose.__doc__
    assert reported == set(re.findall(r"EDGELIFT_\w+", firehose.__doc__))
