"""The function in AWS's real runtime client, in a separate process.

`LambdaProcess` starts the client (the package awslambdaric), hands it one event after another and restarts
it after it was killed, as Lambda does. The time that it has and the memory that it may use are those of a
function's configuration. It owns no thread, and its process ends with it: a client whose API is gone exits.
"""

from __future__ import annotations

import os
import resource
import selectors
import signal
import subprocess
import sys
import tempfile
import time
import uuid
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, Self

import edgelift
from edgelift.reprocess.extras import needs
from edgelift.simulate.ports import FunctionKilled, FunctionRaised, FunctionTimedOut
from edgelift.simulate.runtime_api import TOO_LARGE, Invocation, RuntimeApi

if TYPE_CHECKING:
    from collections.abc import Mapping

RAW_HANDLER: Final = "edgelift.runtime.handler"
"""The handler of bytes, which `docs/lambda.md` recommends."""

DICT_HANDLER: Final = "edgelift.firehose.handler"
PURE_HANDLER: Final = "edgelift.pure.handler"

ARN: Final = "arn:aws:lambda:us-east-1:123456789012:function:edgelift"

STARTUP: Final = 30.0
"""Seconds until the client must ask for its first event."""

_OUTPUT_KEPT: Final = 4096
"""Bytes of the function's output that are kept for the message of a client that does not start."""


class LambdaProcess:
    """A Lambda function in the real runtime client; a context manager that ends it.

    Args:
        handler: the function's handler, as Lambda's configuration names it.
        environment: its environment variables, such as ``EDGELIFT_FIELDS``.
        layer: zip of a layer that is unpacked before the function starts; None: the installed package.
        memory_mb: memory that it may allocate; a function that needs more is killed.
        path: folder of custom modules, for a handler in one of them.
        arn: ARN of the function.

    Attributes:
        starts: how often its process was started.
        log: the last bytes of what it wrote.

    Raises:
        UsageError: the runtime client is not installed.
        OSError: the layer cannot be read or unpacked.

    """

    def __init__(  # noqa: PLR0913 - a function's configuration
        self,
        handler: str = RAW_HANDLER,
        environment: Mapping[str, str] | None = None,
        *,
        layer: Path | None = None,
        memory_mb: int = 1769,
        path: Path | None = None,
        arn: str = ARN,
    ) -> None:
        client = _runtime_client()
        self.starts = 0
        self.log = b""
        self._handler = handler
        self._memory_mb = memory_mb
        self._process: subprocess.Popen[bytes] | None = None
        self._unpacked = None if layer is None else _unpack(layer, handler.partition(".")[0])
        package = Path(edgelift.__file__).parents[1]
        folders = [package if self._unpacked is None else Path(self._unpacked.name) / "python"]
        folders += [] if path is None else [path]
        # The interpreter finds what is installed by itself; what ``--target`` names is elsewhere.
        folders += [] if client.name == "site-packages" else [client]
        self._arn = arn
        self._api: RuntimeApi | None = None
        self._environment = self._variables(folders) | dict(environment or {})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Return the process id, or None if the function is not running."""
        return None if self._process is None else self._process.pid

    def invoke(self, event: bytes, *, timeout: float) -> bytes:
        """Hand an event to the function and return its answer; start the function first if it is not running.

        Args:
            event: the event as JSON.
            timeout: seconds that the function has; starting it is not counted.

        Raises:
            FunctionRaised: it raised, could not be initialized, or answered too much.
            FunctionTimedOut: it did not answer in time, and was killed.
            FunctionKilled: its process ended, or needed more memory than it has.

        """
        api = self._hand_over(event, timeout)
        deadline = time.monotonic() + timeout
        while (outcome := api.outcome) is None:
            if not self._wait(deadline):
                self.kill()
                raise FunctionTimedOut(f"Task timed out after {timeout:.2f} seconds")
        if not outcome.error_type:
            return outcome.body
        if outcome.error_type == "MemoryError":
            # Lambda would have killed it, where the limit of a process lets Python raise.
            self.kill()
            raise FunctionKilled(f"Runtime.OutOfMemory: the function needs more than {self._memory_mb} MB")
        if outcome.error_type == TOO_LARGE:
            # The client exits.
            self.kill()
        raise FunctionRaised(f"{outcome.error_type}: {outcome.message}")

    def kill_during(self, event: bytes) -> None:
        """Hand an event to the function and kill its process while it works on it.

        Raises:
            FunctionRaised: it could not be initialized.
            FunctionKilled: always, unless it could not be initialized.

        """
        self._hand_over(event, STARTUP)
        self.kill()
        raise FunctionKilled("Runtime exited with error: signal: killed")

    def kill(self) -> None:
        """Kill the process, if there is one; the next invocation starts another."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
        # With it go the requests that the client has sent and nobody has read.
        api, self._api = self._api, None
        if api is not None:
            api.server_close()

    def close(self) -> None:
        """End the process and remove the unpacked layer."""
        self.kill()
        if self._unpacked is not None:
            self._unpacked.cleanup()

    def _hand_over(self, event: bytes, timeout: float) -> RuntimeApi:
        """Wait until the client has the event; return the API where it answers."""
        if self._process is not None and self._process.poll() is not None:
            # It ended after its last answer.
            self.kill()
        api = self._start() if self._api is None else self._api
        api.outcome = None
        api.waiting = Invocation(str(uuid.uuid4()), event, timeout)
        deadline = time.monotonic() + STARTUP
        while api.waiting is not None:
            if not self._wait(deadline):
                self.kill()
                raise FunctionRaised(f"Runtime.InitTimeout: no request for an event within {STARTUP:.0f} s")
            outcome = api.outcome
            if outcome is not None:
                # It could not be initialized, and exits.
                self.kill()
                raise FunctionRaised(f"{outcome.error_type}: {outcome.message}")
        return api

    def _wait(self, deadline: float) -> bool:
        """Answer one request of the client, or read its output; return False after the deadline.

        Raises:
            FunctionKilled: the process has ended.

        """
        process, api = self._process, self._api
        assert process is not None  # noqa: S101 - for mypy
        assert process.stdout is not None  # noqa: S101 - for mypy
        assert api is not None  # noqa: S101 - for mypy
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            return False
        with selectors.DefaultSelector() as selector:
            selector.register(api, selectors.EVENT_READ)
            selector.register(process.stdout, selectors.EVENT_READ)
            ready = {key.fileobj for key, _ in selector.select(remaining)}
        # First the API: the client may have answered and ended.
        if api in ready:
            api.patience = remaining
            api.handle_request()
        elif process.stdout in ready:
            written = os.read(process.stdout.fileno(), 1 << 16)
            self.log = (self.log + written)[-_OUTPUT_KEPT:]
            if not written:
                self._report_end(process, is_starting=api.waiting is not None)
        return True

    def _report_end(self, process: subprocess.Popen[bytes], *, is_starting: bool) -> NoReturn:
        """Raise for a process that has closed its output."""
        try:
            code = process.wait(1)
        except subprocess.TimeoutExpired:
            # It goes on without one.
            code = -signal.SIGKILL
        self.kill()
        end = f"exit status {code}" if code >= 0 else f"signal: {signal.strsignal(-code) or -code}"
        last = self.log.decode(errors="replace").strip().rpartition("\n")[2]
        said = f": {last}" if is_starting and last else ""
        raise FunctionKilled(f"Runtime exited with error: {end.lower()}{said}")

    def _start(self) -> RuntimeApi:
        api = self._api = RuntimeApi(self._arn)
        self.log = b""
        self.starts += 1
        # -P: the folder in which the command was started is not on the path of a function.
        process = subprocess.Popen(  # noqa: S603 - the runtime client
            [sys.executable, "-P", "-m", "awslambdaric", self._handler],
            env=self._environment | {"AWS_LAMBDA_RUNTIME_API": api.address},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # ^C is for the simulation, which ends it.
            process_group=0,
        )
        self._process = process
        # Not its address space, much of which is only reserved.
        size = self._memory_mb << 20
        resource.prlimit(process.pid, resource.RLIMIT_DATA, (size, size))
        return api

    def _variables(self, folders: list[Path]) -> dict[str, str]:
        """Return what Lambda sets itself."""
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        return {
            "PATH": os.defpath,
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PYTHONPATH": os.pathsep.join(map(str, folders)),
            "AWS_LAMBDA_FUNCTION_NAME": "edgelift",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self._memory_mb),
            "AWS_EXECUTION_ENV": f"AWS_Lambda_python{version}",
            "AWS_REGION": "us-east-1",
            "_HANDLER": self._handler,
        }


def _runtime_client() -> Path:
    """Return the folder of the package awslambdaric, which is not imported here.

    Raises:
        UsageError: it is not installed.

    """
    with needs("awslambdaric", "running the function"):
        found = find_spec("awslambdaric")
        if found is None or found.origin is None:
            raise ModuleNotFoundError(name="awslambdaric")
    return Path(found.origin).parents[1]


def _unpack(layer: Path, package: str) -> tempfile.TemporaryDirectory[str]:
    """Unpack a layer; it must have edgelift if the handler is there, or another one would be found.

    Raises:
        OSError: it cannot be read or unpacked, or does not have it.

    """
    folder = tempfile.TemporaryDirectory(prefix="edgelift-layer-")
    try:
        with zipfile.ZipFile(layer) as archive:
            archive.extractall(folder.name)
    except zipfile.BadZipFile as error:
        folder.cleanup()
        raise OSError(f"{layer} is not the zip of a layer: {error}") from None
    except BaseException:
        folder.cleanup()
        raise
    if package == edgelift.__name__ and not Path(folder.name, "python", package).is_dir():
        folder.cleanup()
        raise OSError(f"{layer} is not the zip of a layer with edgelift: it has no python/{package}/")
    return folder
