"""Jobs into S3 and OpenSearch, interrupted: what is there at the end is that of an undisturbed one."""

from __future__ import annotations

import http.client
import json
import os
import signal
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from . import bulk_server, s3_server
from .destinations import Destination
from .interrupted import Case, interrupt
from .invariants import check
from .sources import make

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .destinations import State

AWS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    "AWS_EC2_METADATA_DISABLED": "true",
    # As many as fit a storm, without the seconds between them that botocore would wait by default.
    "AWS_MAX_ATTEMPTS": "2",
    "NO_PROXY": "127.0.0.1",
}
"""Environment in which nothing but the servers here can be reached."""

# S3 gives nothing to requests without a signature; moto's does not check it.
_SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=testing/20241115/us-east-1/s3/aws4_request, "
    "SignedHeaders=host, Signature=0"
}

_KINDS = ("call", "call", "moment", "error", "signal", "storm", "storm")


@contextmanager
def served(serve: Callable[[], tuple[int, Any]]) -> Iterator[int]:
    """Run a server in a process of its own; yield its port. Threads here would not survive the forks."""
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        try:
            port, server = serve()
            os.write(writing, f"{port}\n".encode())
            server.serve_forever()
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as reported:
        port = int(reported.readline())
    try:
        yield port
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def ask(port: int, method: str, path: str, body: bytes = b"") -> bytes:
    """Send a request; return the body of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body, _SIGNED)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    check(answer.status < 300, f"{method} {path}: {answer.status}")
    return content


@dataclass(frozen=True)
class _Index(Destination):
    """An index of OpenSearch."""

    port: int = 0
    most: int = 1 << 30

    @property
    def words(self) -> list[str]:
        return [*super().words, "--index", "cdn-logs"]

    def outputs(self, root: Path) -> State:
        """Return documents by id, and the failed records."""
        answer = json.loads(ask(self.port, "GET", "/-/documents"))
        twice = [name for name, number in answer["created"].items() if number > 1]
        check(not twice, f"created twice: {twice}")
        documents = {name: document.encode() for name, document in answer["documents"].items()}
        return documents | super().outputs(root)

    def owns(self, name: str) -> bool:
        return name.startswith(f"{self.failed}/")

    def must_be_there(self, name: str, complete: State) -> set[str]:
        """Return the ids of an object, whose number all its paths begin with, and its failed records."""
        number = name.rpartition("/")[2].partition("-")[0]
        start = f'"/{int(number)}/'.encode()
        ids = {key for key, document in complete.items() if start in document and "/" not in key}
        return ids | ({f"{self.failed}/{name}.failed.json"} & complete.keys())

    def clear(self) -> None:
        self.storm(0, 0)
        ask(self.port, "POST", "/-/reset", json.dumps({"most": self.most}).encode())

    def storm(self, seed: int, share: float) -> None:
        ask(
            self.port,
            "POST",
            "/-/storm",
            json.dumps({"seed": seed, "share": share, "most": self.most}).encode(),
        )


@dataclass(frozen=True)
class _Bucket(Destination):
    """A prefix of S3."""

    port: int = 0

    @property
    def words(self) -> list[str]:
        return [*super().words, "--endpoint-url", f"http://127.0.0.1:{self.port}"]

    def outputs(self, root: Path) -> State:
        found = {}
        for key in self._keys():
            found[f"s3://documents/{key}"] = ask(self.port, "GET", f"/documents/{quote(key)}")
        return found | super().outputs(root)

    def owns(self, name: str) -> bool:
        return name.startswith(f"{self.failed}/")

    def clear(self) -> None:
        self.storm(0, 0)
        for key in self._keys():
            ask(self.port, "DELETE", f"/documents/{quote(key)}")

    def storm(self, seed: int, share: float) -> None:
        ask(self.port, "GET", f"{s3_server.SHARE_HEADER}{share}/{seed}")

    def _keys(self) -> list[str]:
        listed = ask(self.port, "GET", "/documents?list-type=2").decode()
        return [part.partition("</Key>")[0] for part in listed.split("<Key>")[1:]]


class Services:
    """The servers, each started when it is first wanted."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._ports: dict[str, int] = {}
        os.environ.update(AWS)

    def opensearch(self, case: Case) -> int:
        """Interrupt jobs into OpenSearch; return how many jobs."""
        place = _Index(
            f"http://127.0.0.1:{self._port('opensearch')}",
            failed="failed",
            deletes=case.chance.random() < 0.5,
            workers=case.chance.choice([1, 2]),
            port=self._port("opensearch"),
            most=case.chance.choice([1 << 30, 1 << 30, 100_000, 20_000]),
        )
        return self._interrupt(case, place)

    def s3(self, case: Case) -> int:
        """Interrupt jobs into S3; return how many jobs."""
        place = _Bucket(
            "s3://documents/new/",
            failed=case.chance.choice([None, "failed"]),
            deletes=case.chance.random() < 0.5,
            workers=case.chance.choice([1, 2]),
            packed=case.chance.choice(["", ".gz"]),
            port=self._port("s3"),
        )
        return self._interrupt(case, place)

    @staticmethod
    def _interrupt(case: Case, place: _Index | _Bucket) -> int:
        case.clear()
        place.clear()
        objects = make(case.chance, case.chance.randint(1, 4))
        # To begin with S3 takes boto3 most of a second.
        return interrupt(case, place, objects, _KINDS, times=2)

    def _port(self, name: str) -> int:
        if name not in self._ports:
            serve = bulk_server.serve if name == "opensearch" else s3_server.serve
            self._ports[name] = self._stack.enter_context(served(serve))
            if name == "s3":
                ask(self._ports[name], "PUT", "/documents")
        return self._ports[name]
