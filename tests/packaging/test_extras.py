"""Without the extras: files need none of them, and what needs one says which."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

import edgelift
from tests.cli.conftest import FIELDS, environment
from tests.cli.test_terminal import ESCAPE, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["environment"]

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
ROW = b"1671005351.148\t27.0.3.156\t200\tGET\t/\n"
AWS = "needs the package boto3, which is not installed: pip install 'edgelift[aws]'"


def link_packages(folder: Path, requirements: Iterable[str]) -> Path:
    """Make a folder of packages with edgelift and the installed packages that the requirements need."""
    (folder / "edgelift").symlink_to(Path(edgelift.__file__).parent)
    wanted, names = [Requirement(text) for text in requirements], set()
    while wanted:
        requirement = wanted.pop()
        if requirement.name in names or (
            requirement.marker and not requirement.marker.evaluate({"extra": ""})
        ):
            continue
        names.add(requirement.name)
        found = distribution(requirement.name)
        wanted += map(Requirement, found.requires or ())
        for top in {
            file.parts[0] for file in found.files or () if file.parts[0] not in {"..", "__pycache__"}
        }:
            (folder / top).symlink_to(Path(str(found.locate_file(top))))
    return folder


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of what ``pip install edgelift`` installs."""
    return link_packages(tmp_path_factory.mktemp("base"), PROJECT["dependencies"])


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "part-1.gz").write_bytes(gzip.compress(ROW))
    return folder


def words(packages: Path, *arguments: str | Path) -> list[str]:
    # Isolated and without site: there are no other packages than those of the folder.
    code = (
        f"import sys; sys.path.append({str(packages)!r}); sys.argv[0] = 'edgelift';"
        "from edgelift.cli import main; main()"
    )
    return [sys.executable, "-I", "-S", "-B", "-c", code, *(os.fspath(argument) for argument in arguments)]


def run(
    packages: Path, folder: Path, environment: dict[str, str], *arguments: str | Path
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words(packages, *arguments),
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_extra_all_has_all_others_but_the_pinned_one() -> None:
    (everything,) = map(Requirement, EXTRAS["all"])
    assert everything.name == PROJECT["name"]
    assert everything.extras == EXTRAS.keys() - {"all", "demo"}


def test_extra_demo_has_the_versions_of_the_tests() -> None:
    tested = (Path(__file__).parents[2] / "requirements-dev.txt").read_text("utf-8").splitlines()
    opensearch, *pinned = EXTRAS["demo"]
    assert opensearch == "edgelift[opensearch]"
    assert set(pinned) <= set(tested)


def test_files_need_no_extra(base: Path, logs: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    document = edgelift.Transformer.from_fields(FIELDS.split(",")).transform(ROW.rstrip()).decode() + "\n"
    done = run(base, tmp_path, environment, "transform", logs, "--fields", FIELDS)
    assert (done.returncode, done.stdout) == (0, document), done.stderr
    job = ("reprocess", logs, "documents/", "--fields", FIELDS, "--failed", "failed/", "--compress", "gzip")
    done = run(base, tmp_path, environment, *job)
    assert done.returncode == 0, done.stderr
    packed = (tmp_path / "documents" / "part-1.ndjson.gz").read_bytes()
    assert gzip.decompress(packed).decode() == document


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("s3://logs/", "documents/"), f"s3 {AWS}"),
        (("logs/", "s3://documents/"), f"s3 {AWS}"),
        (("logs/", "documents/", "--failed", "s3://failed/"), f"s3 {AWS}"),
        (("logs/", "firehose:stream"), f"firehose {AWS}"),
        (("logs/", "kinesis:stream"), f"kinesis {AWS}"),
        (
            ("logs/", "http://127.0.0.1:9", "--index", "logs"),
            (
                "OpenSearch needs the package opensearch-py, which is not installed: "
                "pip install 'edgelift[opensearch]'"
            ),
        ),
        (
            ("logs/", "documents/", "--compress", "zstd"),
            (
                "compressing by Zstandard needs the package zstandard, which is not installed: "
                "pip install 'edgelift[zstd]'"
            ),
        ),
    ],
)
def test_missing_package_is_named_with_its_extra(
    base: Path,
    logs: Path,
    environment: dict[str, str],
    arguments: tuple[str, ...],
    problem: str,
) -> None:
    done = run(base, logs.parent, environment, "reprocess", *arguments, "--fields", FIELDS)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == f"edgelift: {problem}"
    assert done.stdout == ""
    assert not (logs.parent / "documents").exists()


def test_tables_name_the_extra_that_is_missing(
    base: Path, logs: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    words = ("transform", logs, "--fields", FIELDS, "--format", "parquet", "-o", "table.parquet")
    done = run(base, tmp_path, environment, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "edgelift: --format parquet needs the package pyarrow, which is not installed: "
        "pip install 'edgelift[parquet]'\n"
    )
    assert not (tmp_path / "table.parquet").exists()


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        (None, "running the function needs the package awslambdaric"),
        ("awslambdaric", "the embedded engine needs the package osmem-server"),
        ("osmem-server", "running the function needs the package awslambdaric"),
    ],
)
def test_simulation_names_the_extra_that_is_missing(
    tmp_path: Path, logs: Path, environment: dict[str, str], extra: str | None, problem: str
) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    link_packages(packages, [*PROJECT["dependencies"], *([extra] if extra else [])])
    done = run(packages, tmp_path, environment, "simulate", logs, "--fields", FIELDS)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"edgelift: {problem}, which is not installed: pip install 'edgelift[")


def test_extra_demo_is_all_that_a_simulation_needs(
    tmp_path: Path, logs: Path, environment: dict[str, str]
) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    _, *pinned = EXTRAS["demo"]
    link_packages(packages, [*PROJECT["dependencies"], *EXTRAS["opensearch"], *pinned])
    done = run(packages, tmp_path, environment, "simulate", logs, "--fields", FIELDS)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1 source record = 1 indexed + 0 dropped + 0 in backup\n")


def test_signing_requests_needs_boto3(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, logs: Path, environment: dict[str, str]
) -> None:
    requirements = [*PROJECT["dependencies"], *EXTRAS["opensearch"]]
    packages = link_packages(tmp_path_factory.mktemp("opensearch"), requirements)
    job = (logs, "https://127.0.0.1:9", "--index", "logs", "--sigv4", "es", "--fields", FIELDS)
    done = run(packages, tmp_path, environment, "reprocess", *job)
    assert done.returncode == 2
    assert done.stderr.endswith(f": signing requests {AWS}\n")


def test_terminal_without_rich_shows_plain_text(
    base: Path, logs: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    terminal = environment | {"TERM": "xterm", "COLUMNS": "80"}
    for arguments in ("fields",), ("reprocess", logs, tmp_path / "documents", "--fields", FIELDS):
        with Terminal() as shown:
            command = words(base, *arguments)
            done = subprocess.run(
                command, cwd=tmp_path, env=terminal, stdout=shown.theirs, stderr=shown.theirs, check=False
            )
        assert done.returncode == 0, shown.text
        assert ESCAPE not in shown.text
        assert shown.text
