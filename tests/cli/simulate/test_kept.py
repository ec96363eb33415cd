"""Documents that were confirmed and are gone at the end: the account alone would add up."""

from __future__ import annotations

import json
import re
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from osmem_server import OsmemServer

from tests.cli.simulate.conftest import FIELDS, rows
from tests.reprocess.conftest import opensearch, server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.cli.conftest import Run

__all__ = ["opensearch", "server"]


@contextmanager
def waiting(
    command: tuple[str, ...], environment: dict[str, str], *words: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a simulation that has got 200 rows, one per second, and waits for more."""
    process = subprocess.Popen(
        [*command, "simulate", "--fields", FIELDS, "--rate", "1", "--interval", "1", *words],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    with process:
        process.stdin.write(rows(200))
        process.stdin.flush()
        yield process


def until(is_reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_reached():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def documents(url: str) -> int:
    try:
        urlopen(Request(f"{url}/cdn-logs-*/_refresh", method="POST")).close()  # noqa: S310 - loopback
        with urlopen(f"{url}/cdn-logs-*/_count") as answer:  # noqa: S310 - loopback
            return int(json.load(answer)["count"])
    except HTTPError as error:
        error.close()
        return 0


def test_index_that_loses_documents_is_noticed(
    command: tuple[str, ...], environment: dict[str, str], opensearch: str
) -> None:
    with waiting(command, environment, "--opensearch", opensearch, "--json") as process:
        until(lambda: documents(opensearch) > 150)
        urlopen(Request(f"{opensearch}/cdn-logs-2024-01-01", method="DELETE")).close()  # noqa: S310
        out, err = process.communicate()
    assert process.returncode == 1, err
    lost = rf"{opensearch} confirmed 200 documents and has \d+ of them: it lost the others"
    assert re.search(rf"(?m)^edgelift: {lost}$", err.decode())
    account = json.loads(out)
    assert (account["indexed"], account["balanced"]) == (200, False)
    assert re.fullmatch(lost, account["index_problem"])


def test_engine_that_dies_is_noticed(command: tuple[str, ...], environment: dict[str, str]) -> None:
    engine = OsmemServer.start(japanese=False)
    try:
        with waiting(command, environment, "--opensearch", engine.url) as process:
            until(lambda: documents(engine.url) > 150)
            engine.process.kill()
            out, err = process.communicate()
    finally:
        engine.process.kill()
        engine.process.wait()
        engine.process.stdin.close()
        engine.process.stdout.close()
    assert process.returncode == 1, err
    assert re.match(rb"200 source records = 1\d\d indexed \+ 0 dropped \+ \d+ in backup\n", out)
    message = f"cannot count the 1.. documents that {engine.url} confirmed: cannot reach {engine.url}: "
    assert re.search(f"(?m)^edgelift: {message}", err.decode())


def test_documents_of_others_are_not_missed(run: Run, opensearch: str) -> None:
    words = ("simulate", "--fields", FIELDS, "--opensearch", opensearch)
    for lines, seed in ((3, "1"), (2, "1"), (4, "2"), (4, "2")):
        done = run(*words, "--seed", seed, stdin=rows(lines))
        assert done.code == 0, done.err
        assert "documents" not in done.err.replace("documents of an earlier run", "")
