"""The function has the configuration of the command line, options of ``[output]`` included."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest

from edgelift.cli.simulate.environment import to_toml
from tests.cli.simulate.conftest import FIELDS, rows
from tests.reprocess.conftest import opensearch, server

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

__all__ = ["opensearch", "server"]

CONFIG = """
[output]
names = "ecs"
missing = "null"

[[layouts]]
fields = ["timestamp", "c-ip", "sc-status", "x-own"]

[[custom_fields]]
name = "x-own"
kind = "integer"
after = "sc-status"
"""


def documents(url: str) -> list[Any]:
    with urlopen(f"{url}/cdn-logs-*/_search?size=100&sort=_doc") as answer:  # noqa: S310 - loopback
        return [hit["_source"] for hit in json.load(answer)["hits"]["hits"]]


def sorted_documents(found: list[Any]) -> list[str]:
    return sorted(json.dumps(document, sort_keys=True) for document in found)


@pytest.mark.parametrize("given", ["fields", "config"])
@pytest.mark.parametrize(
    "options",
    [
        ("--names", "snake", "--values", "text", "--missing", "keep"),
        ("--timestamp", "iso8601", "--columns", "timestamp,sc-status"),
    ],
)
def test_documents_are_those_of_transform_with_the_same_options(
    run: Run, opensearch: str, tmp_path: Path, given: str, options: tuple[str, ...]
) -> None:
    (tmp_path / "edgelift.toml").write_text(CONFIG)
    words = ("--fields", FIELDS) if given == "fields" else ("--config", tmp_path / "edgelift.toml")
    lines = rows(3).replace(b"192.0.2.1", b"-").replace(b"\t/", b"\t")
    done = run("simulate", *words, *options, "--opensearch", opensearch, stdin=lines)
    assert done.code == 0, done.err
    expected = run("transform", *words, *options, stdin=lines).out.splitlines()
    assert sorted_documents(documents(opensearch)) == sorted_documents(list(map(json.loads, expected)))


def test_wrong_column_starts_nothing(run: Run, file: Path) -> None:
    done = run("simulate", file, "--fields", FIELDS, "--columns", "sc-statuss")
    assert (done.code, done.out) == (2, b"")
    assert done.err.startswith("edgelift: --columns: ")
    assert 'did you mean "sc-status"?' in done.err


def test_toml_is_read_as_it_was_written() -> None:
    texts = ["", "a\"b\\c'd", "tab\tLF\nDEL\x7fNUL\0", "ü𝄞", "= [x]"]
    document = {
        "text": dict(zip(texts, reversed(texts), strict=True)),
        "numbers": [1, -2, 0.5, 1e300, True, False],
        "tables": [{"fields": texts, "empty": {}}, {"list": [[], [1]]}],
    }
    assert tomllib.loads(to_toml(document)) == document
