"""The examples of the pages in docs/ run, and their links have targets.

Tables of options, fields, reasons and limits are generated: see test_generated.py.
"""

from __future__ import annotations

import doctest
import inspect
import json
import re
from typing import TYPE_CHECKING

import pytest

import edgelift
from docs.generator.pages import ROOT
from docs.generator.tables import rows
from edgelift import firehose, object_handler, s3batch
from edgelift.cli.arguments import Option, parameters
from edgelift.cli.verbs import VERBS, find_verb
from edgelift.opensearch.dashboards.saved_objects import saved_objects

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

DOCS = {path.stem: path.read_text("utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
LINKED = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "benchmarks" / "README.md",
]
KINDS = sorted({field.kind for field in edgelift.FIELDS.values()})


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", DOCS[page], re.MULTILINE | re.DOTALL)


def table(page: str, heading: str) -> list[list[str]]:
    """Read the first table below a heading."""
    _, found, rest = DOCS[page].partition(f"\n{heading}\n")
    assert found, heading
    return rows(rest[rest.index("\n|") + 1 :])


def code(cell: str) -> str:
    assert cell[0] == cell[-1] == "`", cell
    return cell[1:-1]


@pytest.mark.parametrize("page", [page for page in DOCS if blocks(page, "pycon")])
def test_python_sessions_print_what_the_page_shows(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    test = doctest.DocTestParser().get_doctest("\n".join(blocks(page, "pycon")), {}, page, page, 0)
    printed: list[str] = []
    result = doctest.DocTestRunner(verbose=False).run(test, out=printed.append)
    assert (result.failed, result.attempted > 0) == (0, True), "".join(printed)


@pytest.mark.parametrize("text", blocks("configuration", "toml"))
def test_configurations_compile(text: str) -> None:
    assert edgelift.Transformer(text).layouts


@pytest.mark.parametrize("text", blocks("opensearch", "toml"))
def test_configurations_for_opensearch_have_dashboards(text: str) -> None:
    assert saved_objects(edgelift.Transformer(text))


def anchors(page: Path) -> list[str]:
    """Return the anchors of a page's headings, as GitHub derives them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings]


@pytest.mark.parametrize("name", DOCS)
def test_headings_of_a_page_have_different_anchors(name: str) -> None:
    found = anchors(ROOT / "docs" / f"{name}.md")
    assert sorted(set(found)) == sorted(found)


@pytest.mark.parametrize("page", LINKED, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_point_to_files_and_headings(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        there = page.parent / name if name else page
        assert there.is_file(), target
        assert not anchor or anchor in anchors(there), target


@pytest.mark.parametrize("kind", KINDS)
def test_examples_of_a_kind_are_transformed_as_shown(kind: str) -> None:
    custom = {"name": "x", "kind": kind, "after": "asn"}
    transformer = edgelift.Transformer({"custom_fields": [custom], "layouts": [{"fields": ["x"]}]})
    for raw, becomes in table("values", f"### {kind}"):
        record = code(raw).encode()
        if becomes == "*misfit*":
            with pytest.raises(edgelift.RecordError) as caught:
                transformer.transform(record)
            assert caught.value.reason == "bad_value", raw
        else:
            document = "{}" if becomes == "*missing*" else f'{{"x":{code(becomes)}}}'
            assert transformer.transform(record).decode() == document, raw


def test_shapes_select_the_layout_as_shown() -> None:
    shapes = table("values", "## Shapes")
    layout = edgelift.Transformer.from_fields("all").layouts[0]
    assert {code(field) for field, *_ in shapes} == {column.field for column in layout if column.shape}
    for field, _, examples, is_fixed, _ in shapes:
        # The second layout accepts any text: two values without their shape choose it, or one fixed word.
        other = "c-country" if code(field) == "cs-method" else "cs-method"
        first, second = [code(field), other], ["cs-accept", "cache-behavior-path-pattern"]
        layouts = [{"fields": first}, {"fields": second}]
        transformer = edgelift.Transformer({"input": {"order": "as_written"}, "layouts": layouts})
        for example in examples.split(", "):
            document = json.loads(transformer.transform(f"{code(example)}\tno shape".encode()))
            assert list(document) == first, example
        assert list(json.loads(transformer.transform(b"none of these\tno shape"))) == second, field
        single = list(json.loads(transformer.transform(b"none of these\t-")))
        assert single == ([second[0]] if is_fixed == "yes" else [first[0]]), field


def test_patterns_produce_the_index_names_shown() -> None:
    transformer = edgelift.Transformer.from_fields(["timestamp"])
    for pattern, name, _ in table("bulk", "## Index"):
        body = transformer.transform_lines(b"1699999980.5", format="bulk", index=code(pattern)).output
        assert json.loads(body.splitlines()[0])["create"]["_index"] == code(name)


@pytest.mark.parametrize(
    ("page", "modules"),
    [("lambda", (firehose,)), ("s3batch", (firehose, object_handler, s3batch))],
)
def test_pages_list_the_variables_that_handlers_read(page: str, modules: tuple[ModuleType, ...]) -> None:
    listed = re.findall(r"^\| (`EDGELIFT_.+?) \|", DOCS[page], re.MULTILINE)
    read = {name for module in modules for name in re.findall(r'"(EDGELIFT_\w+)"', inspect.getsource(module))}
    assert set(re.findall(r"EDGELIFT_\w+", " ".join(listed))) == read


def test_pages_name_only_options_that_commands_have() -> None:
    declared = [each.declared for name in VERBS for each in parameters(find_verb(name).options)]
    options = {each.name for each in declared if isinstance(each, Option)}
    for page in "cli", "reprocess", "bulk":
        text = DOCS[page]
        if page != "cli":
            # Other commands, such as curl and aws, have options of their own.
            commands = re.findall(r"^edgelift .*", text, re.MULTILINE)
            inline = re.findall(r"`--.*?`", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))
            text = "\n".join(commands + inline)
        named = set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", text))
        assert named <= options | {"--version", "--help"}, page


def test_pages_name_only_targets_that_the_makefile_has() -> None:
    targets = re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    for page in LINKED:
        named = re.findall(r"(?:^|`)make ([a-z-]+)(?![a-z/-])", page.read_text("utf-8"), re.MULTILINE)
        assert set(named) <= set(targets), page


def test_paths_in_the_code_map_exist() -> None:
    places = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Commands")[0]
    for place in re.findall(r"`([\w./-]+/[\w./-]*)`", places):
        path = ROOT / place
        assert path.is_dir() if place.endswith("/") else path.is_file(), place


def test_the_example_of_escapes_is_part_of_a_recorded_row() -> None:
    row = (ROOT / "tests/fixtures/realtime/redacted-2020-40col.tsv").read_bytes()
    _, _, section = DOCS["values"].partition("\n## Escapes\n")
    example = re.search(r'show\(b"(.*?)"', section)
    assert example is not None
    assert example[1].encode() in row
    assert "%25" in example[1]
