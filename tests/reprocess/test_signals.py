"""The first signal ends a job in order, whatever servers do; a second one ends it now."""

from __future__ import annotations

import signal
import socket
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

from edgelift.reprocess.aws import AwsOptions
from edgelift.reprocess.errors import JobError
from edgelift.reprocess.sinks.opensearch.client import OpenSearchClient
from edgelift.reprocess.sinks.opensearch.connection import FIRST_CONTACT
from edgelift.reprocess.sinks.opensearch.options import ClusterOptions
from tests.reprocess.conftest import made, make_logs, one_to_one
from tests.reprocess.test_opensearch import INDEX, there
from tests.reprocess.test_resume import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.reprocess.conftest import Logs, Reprocess
    from tests.reprocess.fault_proxy import FaultProxy

    Start = Callable[..., subprocess.Popen[bytes]]

WAITS = "waiting for 1 object that is being processed, 5 seconds at most for an answer"

SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])


@pytest.fixture(scope="module")
def logs() -> Logs:
    return make_logs(3, 200, seed=14)


@pytest.fixture
def held() -> Iterator[threading.Event]:
    """Give what answers of a server wait for."""
    held = threading.Event()
    yield held
    held.set()


@pytest.fixture
def start(reprocess: Reprocess, command: tuple[str, ...], environment: dict[str, str]) -> Iterator[Start]:
    begun: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str | Path) -> subprocess.Popen[bytes]:
        words = [*command, *reprocess.words(*arguments), "--workers", "1"]
        environ = environment | reprocess.environment
        begun.append(subprocess.Popen(words, env=environ, stderr=subprocess.PIPE))
        return begun[-1]

    yield start
    for process in begun:
        process.kill()
        process.communicate()


def hold(proxy: FaultProxy, method: str, path: str, held: threading.Event) -> threading.Event:
    """Let requests wait; return what is set as soon as one does."""
    waits = threading.Event()

    def page(*request: str | int) -> None:
        if request[0] == method and str(request[1]).endswith(path):
            waits.set()
            held.wait()

    proxy.page = page
    return waits


def lines_to(process: subprocess.Popen[bytes], start: str) -> list[str]:
    """Read what a process says until a line begins so."""
    assert process.stderr
    lines = []
    for line in process.stderr:
        lines.append(line.decode())
        if lines[-1].startswith(start):
            return lines
    raise AssertionError(lines)


def start_held(
    start: Start, source: Path, proxy: FaultProxy, held: threading.Event
) -> subprocess.Popen[bytes]:
    """Start a job and return it when it waits for the answer to its first documents."""
    waits = hold(proxy, "POST", "/_bulk", held)
    process = start(source, proxy.url, *INDEX)
    assert waits.wait(60)
    return process


def resume_line(reprocess: Reprocess) -> str:
    return f"edgelift: the same command with --resume goes on from the journal {reprocess.journal}\n"


@SIGNALS
def test_server_that_never_answers_does_not_hold_the_first_signal(  # noqa: PLR0913, PLR0917 -- fixtures
    reprocess: Reprocess,
    start: Start,
    logs: Logs,
    source: Path,
    opensearch: str,
    proxy: FaultProxy,
    held: threading.Event,
    number: signal.Signals,
) -> None:
    process = start_held(start, source, proxy, held)
    process.send_signal(number)
    # Half of what a request may take: the server still holds its answer.
    _, reported = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    lines = reported.decode().splitlines(keepends=True)
    again = "Ctrl-C again" if number == signal.SIGINT else "a second signal"
    first = min(logs.packed)
    for expected in (
        f"edgelift: {number.name}: objects 0 done, 3 not; records 0 read\n",
        f"edgelift: {WAITS}; {again} stops now\n",
        f"edgelift: {source}/{first}: not done: nothing moved for 5 seconds after the signal\n",
    ):
        assert expected in lines
    assert "; objects 0 done, 3 not; " in lines[-2]
    assert lines[-1] == resume_line(reprocess)
    held.set()
    assert reprocess(source, proxy.url, *INDEX, "--resume").code == 1
    assert there(opensearch) == logs.by_id


@SIGNALS
def test_object_is_completed_if_the_server_answers_after_the_first_signal(  # noqa: PLR0913, PLR0917
    reprocess: Reprocess,
    start: Start,
    logs: Logs,
    source: Path,
    opensearch: str,
    proxy: FaultProxy,
    held: threading.Event,
    number: signal.Signals,
) -> None:
    process = start_held(start, source, proxy, held)
    process.send_signal(number)
    lines_to(process, "edgelift: waiting for 1 object")
    held.set()
    _, reported = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert b"objects 1 done, 2 not" in reported
    assert b"nothing moved" not in reported
    assert reported.endswith(resume_line(reprocess).encode())
    assert reprocess(source, proxy.url, *INDEX, "--resume").code == 1
    assert there(opensearch) == logs.by_id


@SIGNALS
def test_second_signal_ends_the_job_at_once_with_its_account(  # noqa: PLR0913, PLR0917 -- fixtures
    reprocess: Reprocess,
    start: Start,
    source: Path,
    proxy: FaultProxy,
    held: threading.Event,
    number: signal.Signals,
) -> None:
    process = start_held(start, source, proxy, held)
    process.send_signal(number)
    lines_to(process, "edgelift: waiting for 1 object")
    process.send_signal(number)
    _, reported = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert reported.decode() == (
        f"edgelift: {number.name}: stopped now; objects 0 done, 3 not; records 0 read\n"
        + resume_line(reprocess)
    )


def test_destination_that_never_answers_before_the_first_object_does_not_hold_a_signal(
    reprocess: Reprocess,
    start: Start,
    source: Path,
    proxy: FaultProxy,
    held: threading.Event,
) -> None:
    def page(method: str, path: str, _count: int) -> None:
        if (method, path) == ("GET", "/"):
            waits.set()
            held.wait()

    waits = threading.Event()
    proxy.page = page
    process = start(source, proxy.url, *INDEX)
    assert waits.wait(60)
    process.send_signal(signal.SIGINT)
    _, reported = process.communicate(timeout=60)
    assert process.returncode == 130
    # Before the objects are listed.
    assert b"; objects 0 done, 0 not; " in reported
    assert reported.endswith(resume_line(reprocess).encode())


@pytest.fixture
def silent() -> Iterator[str]:
    """Give the URL of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def first_line(process: subprocess.Popen[bytes]) -> str:
    assert process.stderr
    return process.stderr.readline().decode()


def test_silent_server_is_named_and_a_signal_says_that_nothing_is_done(
    start: Start, source: Path, silent: str
) -> None:
    process = start(source, silent, *INDEX)
    assert first_line(process) == f"edgelift: waiting for {silent}, which has not answered yet\n"
    process.send_signal(signal.SIGINT)
    _, reported = process.communicate(timeout=60)
    assert process.returncode == 130
    assert reported.decode() == f"edgelift: SIGINT: stopped while waiting for {silent}; nothing is done\n"


def test_silent_server_is_given_up(silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert FIRST_CONTACT["request_timeout"] <= 15
    monkeypatch.setitem(FIRST_CONTACT, "request_timeout", 0.2)
    with pytest.raises(JobError, match=f"^cannot use {silent}: .*timed out"):
        OpenSearchClient(silent, ClusterOptions(), AwsOptions()).check()


@pytest.mark.parametrize(
    ("held_request", "done"),
    [(("GET", "/logs"), False), (("GET", ".gz"), True), (("PUT", ".ndjson"), True)],
    ids=["listing", "reading", "writing"],
)
def test_s3_that_never_answers_does_not_hold_a_signal(  # noqa: PLR0913, PLR0917 -- fixtures
    reprocess: Reprocess,
    start: Start,
    logs: Logs,
    bucket: str,
    s3_proxy: FaultProxy,
    held: threading.Event,
    held_request: tuple[str, str],
    *,
    done: bool,
) -> None:
    waits = hold(s3_proxy, *held_request, held)
    process = start(bucket, "s3://documents/", "--suffix", ".gz", "--endpoint-url", s3_proxy.url)
    assert waits.wait(60)
    process.send_signal(signal.SIGINT)
    # boto3 would wait a minute, and try again nine times.
    _, reported = process.communicate(timeout=45)
    assert process.returncode == 130
    assert (b"nothing moved for 5 seconds" in reported) is done
    assert b"Traceback" not in reported
    assert reported.endswith(resume_line(reprocess).encode())
    held.set()
    words = (bucket, "s3://documents/", "--suffix", ".gz", "--endpoint-url", s3_proxy.url)
    account = reprocess.account(*words, "--resume", code=1)
    assert account["objects"]["done"] == sum(name.endswith(".gz") for name in logs.packed)


def test_objects_that_move_are_completed_after_a_signal(
    reprocess: Reprocess, start: Start, logs: Logs, source: Path, tmp_path: Path
) -> None:
    process = start(source, f"{tmp_path}/out/")
    wait_for((tmp_path / "out").exists)
    process.send_signal(signal.SIGINT)
    _, reported = process.communicate(timeout=60)
    assert b"nothing moved" not in reported
    assert made(tmp_path / "out").items() <= one_to_one(logs).items()
    # It may have been too early for a journal.
    resume = ["--resume"] if reprocess.journal.exists() else []
    assert reprocess(source, f"{tmp_path}/out/", *resume).code == 1
    assert made(tmp_path / "out") == one_to_one(logs)
