"""The shapes of docs/values.md: the examples have them, and so do all values that were recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import edgelift
import edgelift.pure
from tests.docs.test_pages import code, table

FIXTURES = Path(__file__).parents[1] / "fixtures"
SHAPES = {code(field): row for field, *row in table("values", "## Shapes")}
COUNTED = sorted(SHAPES.keys() - {"cs-method"})
# All fields of 2020 and 2022 in their order: s-ip came later, between others.
NAMES = [name for name in edgelift.FIELDS if name != "s-ip"]

both = pytest.mark.parametrize(
    "kind", [edgelift.Transformer, edgelift.pure.Transformer], ids=["engine", "pure"]
)


def recorded(field: str) -> list[str]:
    """Read the values of a field in the recorded logs, of which standard ones have documents by hand."""
    values = []
    for path in (FIXTURES / "standard").glob("*.ndjson"):
        documents = map(json.loads, path.read_text("utf-8").splitlines())
        values += [document[field] for document in documents if field in document]
    for path in (FIXTURES / "realtime").glob("*.tsv"):
        row = path.read_text("utf-8").rstrip("\n").split("\t")
        values += [value for name, value in zip(NAMES, row, strict=False) if name == field and value != "-"]
    return values


@both
@pytest.mark.parametrize("field", COUNTED)
def test_recorded_values_and_examples_have_the_shape(
    field: str, kind: type[edgelift.Transformer | edgelift.pure.Transformer]
) -> None:
    _, examples, _, number = SHAPES[field]
    values = recorded(field)
    assert len(values) == int(number)
    rows = "".join(f"{value}\n" for value in [*values, *map(code, examples.split(", "))])
    counts = kind.from_fields([field]).transform_lines(rows.encode()).counts
    assert (counts.ok, counts.shape_mismatches) == (rows.count("\n"), 0)


@both
def test_methods_are_never_counted(kind: type[edgelift.Transformer | edgelift.pure.Transformer]) -> None:
    methods = [*recorded("cs-method"), "get", "a!b", "x" * 50]
    counts = kind.from_fields(["cs-method"]).transform_lines("\n".join(methods).encode()).counts
    assert (counts.ok, counts.shape_mismatches) == (len(methods), 0)
