"""The fixture in a separate project, by a real pytest."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

CONFTEST = "from edgelift.simulate.fixture import delivery_stream  # noqa: F401\n"

TESTS = """\
from edgelift.simulate.ports import BackupRefused

OLD = {"layouts": [{"fields": ["timestamp", "c-ip"]}]}
NEW = {"layouts": [{"fields": ["timestamp", "c-ip", "sc-status"]}, *OLD["layouts"]]}
ROWS = b"1704067200.000\\t192.0.2.1\\n1704067200.000\\t192.0.2.2\\t200\\n"


def test_survives(delivery_stream):
    stream = delivery_stream(NEW, seed=1, interval=10)
    stream.put(ROWS)
    assert stream.run().in_backup == 0
    assert [document.get("sc-status") for document in stream.index.documents()] == [None, 200]


def test_does_not_survive(delivery_stream):
    stream = delivery_stream(OLD)
    stream.put(ROWS)
    assert stream.run().in_backup == 0


def test_puts_and_does_not_run(delivery_stream):
    stream = delivery_stream(NEW)
    stream.put(ROWS)


class Refusing:
    def put(self, key, body):
        raise BackupRefused("the bucket does not exist")


def test_loses_a_record(delivery_stream):
    stream = delivery_stream(OLD, backup=Refusing())
    stream.put(ROWS)
    stream.run()
"""


def test_fixture_works_in_a_project_and_fails_tests_that_lose_records(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_configuration.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path)]
    run = subprocess.run([*command, "-rA"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 1, run.stdout
    outcomes = {
        line for line in run.stdout.splitlines() if line.split(" ")[0] in {"PASSED", "FAILED", "ERROR"}
    }
    assert {line.partition(" - ")[0] for line in outcomes} == {
        "PASSED test_configuration.py::test_survives",
        "FAILED test_configuration.py::test_does_not_survive",
        "PASSED test_configuration.py::test_puts_and_does_not_run",
        "PASSED test_configuration.py::test_loses_a_record",
        "ERROR test_configuration.py::test_loses_a_record",
    }
    assert "2 source records ≠ 1 indexed + 0 dropped + 0 in backup" in run.stdout
    assert "1 lost: the backup did not take their error objects" in run.stdout


def test_edgelift_does_not_need_pytest() -> None:
    code = "import sys; sys.modules['pytest'] = None; import edgelift.simulate"
    subprocess.run([sys.executable, "-c", code], check=True)
