"""The function in the real runtime client: its answers, its failures, and that no process is left."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import edgelift
from edgelift.simulate.function import DICT_HANDLER, PURE_HANDLER, RAW_HANDLER, LambdaProcess
from edgelift.simulate.ports import FunctionFailed, FunctionKilled, FunctionRaised, FunctionTimedOut

if TYPE_CHECKING:
    from collections.abc import Iterator

FIELDS = {"EDGELIFT_FIELDS": "timestamp,c-ip,sc-status"}
ROW = b"1700000000.123\t192.0.2.1\t200\n"
DOCUMENT = {"timestamp": 1700000000123, "c-ip": "192.0.2.1", "sc-status": 200}

OWN_HANDLERS = """
import os, sys, time

def large(event, context):
    return "x" * 6_300_000

def slow(event, context):
    time.sleep(600)

def endless(event, context):
    while True:
        print("still here")

def hungry(event, context):
    return len(bytearray(400 << 20))

def dying(event, context):
    os._exit(3)

def dying_later(event, context):
    import threading
    threading.Timer(0.05, os._exit, [4]).start()
    return {"records": []}

def raising(event, context):
    raise ValueError("no luck")

def chatty(event, context):
    print("y" * 300_000)
    return {"records": []}

def context(event, context):
    return [context.invoked_function_arn, context.memory_limit_in_mb, os.environ.get("SECRET"), sys.path[0]]
"""


def event(*rows: bytes) -> bytes:
    records = [
        {"recordId": str(place), "approximateArrivalTimestamp": 1, "data": base64.b64encode(row).decode()}
        for place, row in enumerate(rows)
    ]
    return json.dumps(
        {"invocationId": "1", "deliveryStreamArn": "a", "region": "r", "records": records}
    ).encode()


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own.py").write_text(OWN_HANDLERS)
    return tmp_path


@pytest.fixture
def function() -> Iterator[LambdaProcess]:
    with LambdaProcess(RAW_HANDLER, FIELDS) as function:
        yield function


@pytest.mark.parametrize("handler", [RAW_HANDLER, DICT_HANDLER, PURE_HANDLER])
def test_each_handler_answers_in_the_real_runtime_client(handler: str) -> None:
    with LambdaProcess(handler, FIELDS) as function:
        for _ in range(2):
            records = json.loads(function.invoke(event(ROW, b"bad\n"), timeout=60))["records"]
            assert [record["result"] for record in records] == ["Ok", "ProcessingFailed"]
            assert json.loads(base64.b64decode(records[0]["data"])) == DOCUMENT
        assert function.starts == 1
        assert function.pid is not None
        pid = function.pid
    assert not is_running(pid)


@pytest.mark.parametrize(
    ("handler", "error", "message", "starts"),
    [
        ("large", FunctionRaised, "Function.ResponseSizeTooLarge: Response payload size exceeded maximum", 2),
        ("slow", FunctionTimedOut, "Task timed out after 0.50 seconds", 2),
        ("endless", FunctionTimedOut, "Task timed out after 0.50 seconds", 2),
        ("hungry", FunctionKilled, "Runtime.OutOfMemory: the function needs more than 256 MB", 2),
        ("dying", FunctionKilled, "Runtime exited with error: exit status 3", 2),
        ("raising", FunctionRaised, "ValueError: no luck", 1),
        ("missing", FunctionRaised, "Runtime.HandlerNotFound: Handler 'missing' missing on module 'own'", 2),
    ],
)
def test_failures_are_those_of_lambda_and_the_next_invocation_starts_anew(
    handler: str, error: type[FunctionFailed], message: str, starts: int, folder: Path
) -> None:
    with LambdaProcess(f"own.{handler}", path=folder, memory_mb=256) as function:
        for _ in range(2):
            with pytest.raises(error) as raised:
                function.invoke(event(ROW), timeout=0.5 if handler in {"slow", "endless"} else 60)
            assert str(raised.value).startswith(message)
        assert function.starts == starts


def test_function_that_ends_after_its_answer_is_restarted(folder: Path) -> None:
    with LambdaProcess("own.dying_later", path=folder) as function:
        for starts in 1, 2:
            assert json.loads(function.invoke(event(ROW), timeout=60)) == {"records": []}
            assert function.starts == starts
            deadline = time.monotonic() + 60
            while function.pid is not None and is_running(function.pid):
                assert time.monotonic() < deadline
                time.sleep(0.01)


def test_output_larger_than_a_pipe_does_not_block_the_function(folder: Path) -> None:
    with LambdaProcess("own.chatty", path=folder) as function:
        for _ in range(3):
            assert json.loads(function.invoke(event(ROW), timeout=60)) == {"records": []}


def test_function_sees_its_own_environment_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "x")
    monkeypatch.chdir(folder)
    with LambdaProcess("own.context", path=folder, memory_mb=512, arn="arn:aws:lambda:x") as function:
        arn, memory, secret, first = json.loads(function.invoke(event(ROW), timeout=60))
    assert (arn, int(memory), secret) == ("arn:aws:lambda:x", 512, None)
    assert first


def test_killed_function_is_restarted(function: LambdaProcess) -> None:
    with pytest.raises(FunctionKilled, match="signal: killed"):
        function.kill_during(event(ROW))
    assert function.pid is None
    assert json.loads(function.invoke(event(ROW), timeout=60))["records"][0]["result"] == "Ok"
    assert function.starts == 2


def test_wrong_configuration_is_what_the_invocation_fails_with() -> None:
    with (
        LambdaProcess(RAW_HANDLER, {"EDGELIFT_FIELDS": "timesta"}) as function,
        pytest.raises(FunctionRaised, match=r'ConfigError: EDGELIFT_FIELDS: .*unknown field "timesta"'),
    ):
        function.invoke(event(ROW), timeout=60)


def test_client_that_cannot_start_says_why(folder: Path) -> None:
    (folder / "awslambdaric.py").write_text("raise SystemExit('no runtime here')")
    with (
        LambdaProcess(RAW_HANDLER, {"PYTHONPATH": str(folder)}) as function,
        pytest.raises(FunctionKilled, match="exit status 1: no runtime here"),
    ):
        function.invoke(event(ROW), timeout=60)


def test_layer_is_unpacked_used_and_removed(tmp_path: Path) -> None:
    layer = tmp_path / "layer.zip"
    with zipfile.ZipFile(layer, "w") as archive:
        for path in Path(edgelift.__file__).parent.rglob("*"):
            if path.suffix in {".py", ".so"}:
                archive.write(path, f"python/edgelift/{path.relative_to(Path(edgelift.__file__).parent)}")
        archive.writestr(
            "python/layered.py", "import edgelift\ndef handler(e, c):\n    return edgelift.__file__\n"
        )
    with LambdaProcess("layered.handler", layer=layer) as function:
        place = Path(json.loads(function.invoke(event(ROW), timeout=60)))
        assert place.is_file()
    assert place != Path(edgelift.__file__)
    assert not place.parents[2].exists()


def test_file_that_is_not_a_layer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "layer.zip").write_text("no zip")
    with pytest.raises(OSError, match=r"layer\.zip is not the zip of a layer"):
        LambdaProcess(layer=tmp_path / "layer.zip")


def test_layer_without_edgelift_is_refused_and_nothing_else_runs(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "layer.zip", "w") as archive:
        archive.writestr("edgelift/__init__.py", "")
    with pytest.raises(OSError, match=r"layer\.zip is not .* with edgelift: it has no python/edgelift/"):
        LambdaProcess(layer=tmp_path / "layer.zip")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_process_ends_with_the_one_that_started_it(number: signal.Signals, folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from edgelift.simulate.function import LambdaProcess\n"
        f"function = LambdaProcess('own.chatty', path=Path({str(folder)!r}))\n"
        "function.invoke(b'{}', timeout=60)\n"
        "print(function.pid, flush=True); sys.stdin.read()\n"
    )
    starter = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        starter.send_signal(number)
        starter.wait(60)
        deadline = time.monotonic() + 60
        while is_running(pid):
            assert time.monotonic() < deadline, "the function outlives its simulation"
            time.sleep(0.01)
