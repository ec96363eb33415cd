"""Every code block of the README does what it says, and its numbers are those that the gate holds."""

from __future__ import annotations

import doctest
import gzip
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import edgelift

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")

BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
(CONFIG,) = (text for language, text in BLOCKS if language == "toml")

ACCESS = (
    b"1700000000.123\t192.0.2.1\t200\tGET\t/a%20b\t0.012\n"
    b"1700000001.000\t2001:db8::1\t304\tGET\t/\t0.001\n"
    b"1700000002.500\t192.0.2.1\t2x0\tGET\t/\t0.001\n"
)

MEASURED = {
    "instructions": ("instructions a record of the engine, counted by callgrind", "at most"),
    "memchr": ("time of `transform_lines` / time of finding the tabs with `memchr_iter`", "at most"),
    "reference": ("time of the simple reference in Rust / time of `transform_lines`", "at least"),
    "handler-naive": (
        "time of a naive handler (`split`, `dict`, `json.dumps`) / time of the handler",
        "at least",
    ),
    "handler-pure": (
        "time of the same mapping in Python with orjson / time of the handler",
        "at least",
    ),
    "event-instructions": (
        "instructions a record from the bytes of an event to those of the response",
        "at most",
    ),
    "invocation-raw": (
        "time of a whole invocation with the naive handler / time of one with raw bytes",
        "at least",
    ),
    "invocation-dict": (
        "time of a whole invocation with the naive handler / time of one with dicts",
        "at least",
    ),
    "loopback-small": (
        "time of a raw invocation of the real client / time of an echo, event of 1.9 MB",
        "at most",
    ),
    "loopback-large": (
        "time of a raw invocation of the real client / time of an echo, event of 5.5 MB",
        "at most",
    ),
    "resident": ("memory that an event of 6 MB takes, itself included / its size", "at most"),
    "replay": (
        "time of `transform_lines` of rows / of the error objects of Firehose that carry them",
        "at least",
    ),
    "process-polars": (
        "time of polars `scan_csv` → `sink_ndjson` / time of `edgelift transform`",
        "at least",
    ),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder of the reader, with the files of which the README speaks."""
    (tmp_path / "edgelift.toml").write_text(CONFIG, "utf-8")
    (tmp_path / "access.tsv").write_bytes(ACCESS)
    (tmp_path / "backup").mkdir()
    for number, line in enumerate(ACCESS.splitlines(keepends=True)[:2]):
        (tmp_path / "backup" / f"part-{number}.gz").write_bytes(gzip.compress(line))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of a shell block, with the tools of this interpreter in the path."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EDGELIFT_")}
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],  # noqa: S607 -- the reader's shell
        cwd=folder,
        env=kept | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_block_is_of_a_language_that_is_tested() -> None:
    assert [language for language, _ in BLOCKS] == ["sh", "toml", "pycon", "sh", "pycon"]
    assert README.count("```") == 2 * len(BLOCKS)
    assert len(README.splitlines()) <= 150


def test_targets_of_make() -> None:
    targets = re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    for page in PAGES:
        text = (ROOT / page).read_text("utf-8")
        named = set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE))
        assert named <= set(targets), page
    assert [line.split("#")[0].strip() for line in BLOCKS[0][1].splitlines()] == ["make run", "make test"]


def test_configuration_compiles() -> None:
    transformer = edgelift.Transformer(CONFIG)
    assert [column.field for column in transformer.layouts[0]] == tomllib.loads(CONFIG)["layouts"][0][
        "fields"
    ]


def test_commands(folder: Path) -> None:
    standard, transform, many, explain, fields, size, reprocess = BLOCKS[3][1].splitlines()
    recorded = Path(__file__).parents[1] / "fixtures" / "standard"
    log = (recorded / "v1-docs-33col.log.gz").read_bytes()
    (folder / "E2K1DISTRIBUTION.2024-11-15-19.a1b2c3d4.gz").write_bytes(log)
    done = run(standard, folder)
    assert done.returncode == 0, done.stderr
    documents = (folder / "documents.ndjson").read_bytes()
    assert documents == (recorded / "v1-docs-33col.ndjson").read_bytes()
    done = run(transform, folder)
    assert done.returncode == 1, done.stderr
    good = (folder / "documents.ndjson").read_bytes()
    assert good == edgelift.Transformer(CONFIG).transform_lines(ACCESS).output
    assert (folder / "failed.ndjson").read_text("utf-8").count('"bad_value"') == 1
    (folder / "documents.ndjson").unlink()
    done = run(many, folder)
    assert done.returncode == 0, done.stderr
    assert (folder / "documents.ndjson").read_bytes() == good
    done = run(explain, folder)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) >= 6
    assert "cs-uri-stem" in done.stdout
    done = run(fields, folder)
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in edgelift.FIELDS)
    done = run(size, folder)
    assert done.returncode == 1, done.stderr
    assert "million records" in done.stdout
    done = run(reprocess, folder)
    assert done.returncode == 0, done.stderr
    assert b"".join(path.read_bytes() for path in sorted((folder / "documents").iterdir())) == good


@pytest.mark.parametrize("text", [text for language, text in BLOCKS if language == "pycon"])
def test_sessions(text: str, folder: Path) -> None:
    # In a process of its own: the handler reads the environment when it is imported.
    (folder / "session.txt").write_text(text, "utf-8")
    done = run("python -m doctest session.txt", folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert doctest.DocTestParser().get_examples(text)


def test_limits_are_those_of_the_gate() -> None:
    limits = tomllib.loads((ROOT / "benchmarks" / "limits.toml").read_text("utf-8"))
    of_corpora = {part for part in limits if {"c45", "c14"} & limits[part].get("limit", {}).keys()}
    assert set(MEASURED) == of_corpora
    layer = {part: limits[part]["limit"]["x86_64"] for part in limits if part.startswith("layer-")}
    of_standard = {part for part in limits if {"v1", "v2"} & limits[part].get("limit", {}).keys()}
    assert of_corpora | layer.keys() | of_standard | {"help"} == {
        part for part in limits if "limit" in limits[part]
    }
    text = " ".join(README.split())
    assert f"the layer for x86_64 has {layer['layer-size']:,} bytes or more" in text
    assert f"takes more than {layer['layer-import']} times the CPU time of `python -I -c pass`" in text
    for part, (measured, word) in MEASURED.items():
        figures = (limits[part]["limit"].get(corpus) for corpus in ("c45", "c14"))
        c45, c14 = ("" if figure is None else f" {figure:,g}" for figure in figures)
        assert f"| {measured} | {word} |{c45} |{c14} |\n" in README
    (table,) = re.findall(r"^\| measured .*?\n\n", README, re.MULTILINE | re.DOTALL)
    assert len(table.splitlines()) == len(MEASURED) + 3


def test_limits_of_standard_logs_are_those_of_the_gate() -> None:
    limits = tomllib.loads((ROOT / "benchmarks" / "limits.toml").read_text("utf-8"))
    page = (ROOT / "benchmarks" / "README.md").read_text("utf-8")
    reported = {}
    for part, v1, v2 in re.findall(
        r"^\| `([\w-]+)` \| at (?:most|least) \| ([\d,.]*) ?\| ([\d,.]*) ?\|$", page, re.MULTILINE
    ):
        figures = {"v1": v1, "v2": v2}.items()
        reported[part] = {corpus: float(figure.replace(",", "")) for corpus, figure in figures if figure}
    limited = {part: section.get("limit", {}) for part, section in limits.items()}
    of_standard = {
        part: {corpus: limit for corpus, limit in of.items() if corpus in {"v1", "v2"}}
        for part, of in limited.items()
    }
    assert reported == {part: of for part, of in of_standard.items() if of}
    times = f"{limits['help']['limit']['edgelift']:g}"
    assert f"`edgelift --help` takes at most {times} times the CPU time" in " ".join(page.split())


def test_facts_of_the_corpora_are_those_of_the_benchmarks() -> None:
    reported = re.findall(r"c(45|14) has \d+\s+columns of ([\d,]+)", README)
    (means,) = re.findall(
        r"^\| bytes a row: mean, range \| ([\d,]+), .*? \| ([\d,]+), ",
        (ROOT / "benchmarks" / "README.md").read_text("utf-8"),
        re.MULTILINE,
    )
    assert {corpus: mean.rstrip(",") for corpus, mean in reported} == dict(
        zip(("14", "45"), means, strict=True)
    )


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files(page: str) -> None:
    targets = re.findall(r"\]\(([^)]+)\)", (ROOT / page).read_text("utf-8"))
    for target in targets:
        if not target.startswith("https://"):
            assert (ROOT / target.partition("#")[0]).is_file(), target


def test_layers_are_those_of_make() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (built,) = re.findall(r"^LAYERS := (.*)$", makefile, re.MULTILINE)
    assert set(built.split()) == set(re.findall(r"`(dist/.*?)`", README))


def test_number_of_fields() -> None:
    assert f"the {len(edgelift.FIELDS)} fields" in README


def test_rooms_on_the_map_are_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    rooms = re.findall(r"`([\w./-]+/[\w./-]*)`", text.partition("## Commands")[0])
    assert len(rooms) >= 15
    for room in rooms:
        path = ROOT / room
        assert path.is_dir() if room.endswith("/") else path.is_file(), room


def test_every_target_for_contributors_is_told() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    reported = re.findall(r"^\| `make ([a-z-]+)` \|", text, re.MULTILINE)
    assert set(targets) - set(reported) == {"help", "setup", "clean"}
