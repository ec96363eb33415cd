"""The layer of tools: what is in it, and that it serves the handlers of objects beside edgelift's layer."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import distribution, distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from osmem_server import OsmemServer
from packaging.requirements import Requirement

from deploy.layer import ROOT, tools, wheel
from tests.handlers.s3batch.conftest import COUNTS, ROWS, event, task
from tests.handlers.s3events.conftest import notification, queued
from tests.reprocess.conftest import aws, s3, s3_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.reprocess.conftest import Client

__all__ = ["aws", "s3", "s3_url"]

ZIPS = {name: ROOT / "dist" / f"edgelift-tools-{name}.zip" for name in wheel.ARCHITECTURES}
PINNED = dict(re.findall(r"^([\w-]+)==(\S+) ", tools.REQUIREMENTS.read_text("utf-8"), re.MULTILINE))

RUNTIME = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six.py", "urllib3")
"""Packages of Lambda's Python runtime beside the standard library."""

PROBE = """
import json, sys
sys.path[:0] = sys.argv[1:]
from edgelift import s3batch, s3events
answers = [
    (s3events if "Records" in event else s3batch).handler(event, None) for event in json.load(sys.stdin)
]
places = {name: getattr(module, "__file__", None) for name, module in sys.modules.items()}
print(json.dumps({"answers": answers, "modules": places}))
"""


@pytest.fixture(scope="session")
def opt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with what Lambda would have in /opt with both layers for x86_64."""
    folder = tmp_path_factory.mktemp("opt")
    for path in ROOT / "dist" / "edgelift-layer-x86_64.zip", ZIPS["x86_64"]:
        assert path.is_file(), f"{path} is not built; run: make layer-test"
        with zipfile.ZipFile(path) as archive:
            # One must not write over what is of the other.
            assert not [name for name in archive.namelist() if (folder / name).exists()]
            archive.extractall(folder)
    return folder


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the packages that Lambda's runtime brings."""
    folder = tmp_path_factory.mktemp("runtime")
    installed = Path(str(distribution("boto3").locate_file("")))
    for name in RUNTIME:
        (folder / name).symlink_to(installed / name)
    return folder


@pytest.fixture
def opensearch() -> Iterator[str]:
    with OsmemServer.start(japanese=False) as server:
        yield server.url
    assert server.process.stdout
    server.process.stdout.close()


def test_both_architectures_have_the_same_plain_python() -> None:
    one, two = (path.read_bytes() for path in ZIPS.values())
    assert one == two
    names = zipfile.ZipFile(ZIPS["x86_64"]).namelist()
    assert names == sorted(names)
    assert {Path(name).parts[0] for name in names} == {"python", tools.BILL}
    assert not [name for name in names if name.endswith((".so", ".pyc"))]


def test_repeated_build_gives_the_same_bytes(tmp_path: Path) -> None:
    tools.build(tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == ZIPS["x86_64"].read_bytes()


def test_bill_of_materials_lists_the_packages(opt: Path) -> None:
    text = (opt / tools.BILL).read_text("utf-8")
    document = json.loads(text)
    version = SchemaVersion.from_version(document["specVersion"])
    assert JsonStrictValidator(version).validate_str(text) is None
    listed = {part["purl"] for part in document["components"]}
    assert listed == {f"pkg:pypi/{name.lower().replace('_', '-')}@{pin}" for name, pin in PINNED.items()}
    assert all(part["licenses"] for part in document["components"])


def test_layer_has_exactly_the_needed_packages(opt: Path) -> None:
    there = {_plain(found.name): found for found in distributions(path=[str(opt / "python")])}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = list(project["optional-dependencies"]["opensearch"])
    reached: set[str] = set()
    while wanted:
        requirement = Requirement(wanted.pop())
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        found = there[_plain(requirement.name)]
        assert found.version in requirement.specifier, requirement
        if found.name not in reached:
            reached.add(found.name)
            wanted += found.requires or ()
    assert {_plain(name) for name in reached} == there.keys() - {"edgelift"}
    # They come before the runtime's own, which botocore would take.
    for text in distribution("botocore").requires or ():
        requirement = Requirement(text)
        if _plain(requirement.name) in there:
            assert there[_plain(requirement.name)].version in requirement.specifier, requirement


def test_each_package_has_its_license(opt: Path) -> None:
    for folder in (opt / "python").glob("*.dist-info"):
        files = [path for path in folder.rglob("*") if re.match(r"(?i)licen[cs]e|copying|notice", path.name)]
        assert any(path.is_file() for path in files), folder


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_layer_reprocesses_objects_into_opensearch_and_s3(  # noqa: PLR0913, PLR0917 -- a fixture each
    opt: Path, runtime: Path, s3: Client, s3_url: str, aws: Mapping[str, str], opensearch: str
) -> None:
    s3.put_object(Bucket="logs", Key="a b.gz", Body=ROWS)
    environment = {
        "EDGELIFT_FIELDS": "timestamp,c-ip,sc-status,cs-method,cs-uri-stem",
        "EDGELIFT_DESTINATION": opensearch,
        "EDGELIFT_ALLOWED_DESTINATIONS": "s3://documents",
        "AWS_ENDPOINT_URL_S3": s3_url,
    }
    folder = {"Bucket": "logs", "Key": "a b.gz", "Destination": "s3://documents/x"}
    for number, python in enumerate(_interpreters()):
        reported = _run(
            python,
            (opt / "python", runtime),
            os.environ | aws | environment,
            [event(task("a+b.gz")), folder, queued(notification("a b.gz"))],
        )
        (batch,) = reported["answers"][0]["results"]
        expected = COUNTS if not number else COUNTS | {"written": 0, "already_there": 2}
        assert (batch["resultCode"], json.loads(batch["resultString"])) == ("Succeeded", expected)
        assert reported["answers"][1] == {"Bucket": "logs", "Key": "a b.gz", "result": "Succeeded", **COUNTS}
        assert reported["answers"][2] == {"batchItemFailures": []}
        for name in "edgelift", "opensearchpy", "urllib3", "requests", "certifi", "dateutil":
            assert Path(reported["modules"][name]).is_relative_to(opt)
        assert Path(reported["modules"]["botocore"]).is_relative_to(runtime)
        assert not {name for name in reported["modules"] if name.startswith(("rich", "orjson", "grpc"))}


def _interpreters() -> list[str]:
    found = (shutil.which(f"python3.{minor}") for minor in (11, 12, 13, 14))
    runs = [
        name
        for name in found
        if name and not subprocess.run([name, "-c", ""], check=False, capture_output=True).returncode
    ]
    return [sys.executable, *runs]


def _run(
    python: str, path: tuple[Path, ...], environment: Mapping[str, str], events: list[Any]
) -> dict[str, Any]:
    done = subprocess.run(
        [python, "-I", "-S", "-B", "-c", PROBE, *map(str, path)],
        input=json.dumps(events),
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    reported: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return reported
