"""How the tests start the command line, and the lines that they feed it."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

COMMAND = (sys.executable, "-m", "edgelift")

FIELDS = "timestamp,c-ip,sc-status,cs-method,cs-uri-stem"
"""Value of --fields that fits what `lines` makes."""

DETECTED = re.compile(
    "edgelift: .+: (real-time rows|rows |a standard log|JSON records|Firehose |documents that OpenSearch "
    "refused|an empty file|a file without records)"
)
"""Lines about the detected formats of files."""

FIXTURES = Path(__file__).parent.parent / "fixtures"


@dataclass(frozen=True)
class Done:
    """A process that has ended."""

    code: int
    out: bytes
    err: str

    @property
    def messages(self) -> list[str]:
        """Lines of standard error without the summary, whose seconds differ, and without `detected`."""
        lines = [line for line in self.err.splitlines() if not line.startswith("edgelift: read ")]
        return [line for line in lines if not DETECTED.match(line)]

    @property
    def detected(self) -> list[str]:
        """Lines about the detected formats of files."""
        return [line.removeprefix("edgelift: ") for line in self.err.splitlines() if DETECTED.match(line)]


class Run(Protocol):
    """Run the command line to its end."""

    def __call__(
        self,
        *args: str | Path,
        stdin: bytes | int = b"",
        stdout: int = subprocess.PIPE,
        env: dict[str, str] | None = None,
    ) -> Done: ...


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """Environment without what would change the output."""
    unwanted = {"COLUMNS", "LINES", "TERM", "NO_COLOR", "FORCE_COLOR", "PYTHONWARNINGS", "PYTHONUNBUFFERED"}
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {name: value for name, value in kept.items() if not name.startswith("EDGELIFT_")}


@pytest.fixture(scope="session")
def command() -> tuple[str, ...]:
    """Words that start the command line."""
    return COMMAND


@pytest.fixture(scope="session")
def fields() -> str:
    """Value of --fields that fits what `lines` makes."""
    return FIELDS


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """Folder of recorded rows."""
    return FIXTURES


@pytest.fixture(scope="session")
def run(environment: dict[str, str]) -> Run:
    """Give the function that runs the command line."""

    def run(
        *args: str | Path,
        stdin: bytes | int = b"",
        stdout: int = subprocess.PIPE,
        env: dict[str, str] | None = None,
    ) -> Done:
        done = subprocess.run(
            [*COMMAND, *args],
            input=stdin if isinstance(stdin, bytes) else None,
            stdin=None if isinstance(stdin, bytes) else stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            env=environment | (env or {}),
            check=False,
        )
        return Done(done.returncode, done.stdout or b"", done.stderr.decode())

    return run


@pytest.fixture(scope="session")
def lines() -> bytes:
    """About 900 kB of lines: good, bad, blank, with CR LF; the last one without a line feed."""
    seed = 20221214
    print(f"seed {seed}")  # noqa: T201 - pytest shows it if a test fails
    chance = random.Random(seed)  # noqa: S311 - no secret
    made = []
    for number in range(16_000):
        path = "/" + "%20".join("abcdefgh"[: chance.randint(1, 8)] for _ in range(chance.randint(1, 8)))
        line = (
            f"{1_600_000_000 + number}.{chance.randint(0, 999):03}\t10.0.0.{number % 256}\t200\tGET\t{path}"
        )
        damage = chance.randint(0, 40)
        if damage == 0:
            line = line.replace("200", "2x0")
        elif damage == 1:
            line += "\tone more"
        elif damage == 2:
            line = ""
        made.append(line + ("\r\n" if damage == 3 else "\n"))
    return "".join(made).encode().removesuffix(b"\n")


@pytest.fixture
def inject(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Give the environment in which a child runs some code before its command line."""

    def inject(code: str) -> dict[str, str]:
        folder = tmp_path / "injected"
        folder.mkdir(exist_ok=True)
        (folder / "sitecustomize.py").write_text(textwrap.dedent(code))
        return {"PYTHONPATH": str(folder)}

    return inject
