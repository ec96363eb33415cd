"""Kinesis and Firehose on loopback, as far as records are put: they take, refuse and fail as a test has it.

Sources: Amazon Kinesis API Reference, PutRecords; Amazon Data Firehose API Reference, PutRecordBatch.
"""

import base64
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KINESIS, FIREHOSE = "Kinesis_20131202.PutRecords", "Firehose_20150804.PutRecordBatch"
MOST_RECORDS, MOST_BYTES = 500, 4 * 1024 * 1024

Refuses = Callable[[bytes, int], str | None]
"""Why a record is refused that comes for the so-manieth time, from 1; None if it is taken."""


@dataclass
class Services:
    """Records that were put, and the answers to puts."""

    url: str
    refuses: Refuses = lambda _data, _time: None
    failure: tuple[int, str] | None = None
    """HTTP status and error code with which each call fails."""
    breaks: Callable[[list[bytes]], bool] = lambda _records: False
    """Whether a call of these records fails with an error of the service."""
    hangs: bool = False
    """Whether calls get no answer for as long as a test could wait."""
    forgets: int = 0
    """Records of a call for which there is no answer."""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    taken: list[tuple[bytes, str | None]] = field(default_factory=list)
    """Data and partition key of each record that was taken."""
    seen: Counter[bytes] = field(default_factory=Counter)

    def answer(self, target: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.calls.append((target, {name: value for name, value in request.items() if name != "Records"}))
        records = request["Records"]
        size = sum(len(base64.b64decode(r["Data"])) + len(r.get("PartitionKey", "")) for r in records)
        if not 0 < len(records) <= MOST_RECORDS or size > MOST_BYTES:
            return 400, {
                "__type": "InvalidArgumentException",
                "message": f"{len(records)} records, {size} bytes",
            }
        if self.failure is not None:
            status, code = self.failure
            return status, {"__type": code, "message": "as given"}
        if self.breaks([base64.b64decode(record["Data"]) for record in records]):
            return 400, {"__type": "AccessDeniedException", "message": "as given"}
        outcomes = [self._put(record) for record in records][self.forgets :]
        failed = sum("ErrorCode" in outcome for outcome in outcomes)
        if target == KINESIS:
            return 200, {"FailedRecordCount": failed, "Records": outcomes}
        return 200, {"FailedPutCount": failed, "RequestResponses": outcomes}

    def _put(self, record: dict[str, str]) -> dict[str, str]:
        data = base64.b64decode(record["Data"])
        self.seen[data] += 1
        why = self.refuses(data, self.seen[data])
        if why is not None:
            return {"ErrorCode": why, "ErrorMessage": "slow down"}
        self.taken.append((data, record.get("PartitionKey")))
        return {"SequenceNumber": "1", "ShardId": "shardId-000000000000", "RecordId": "1"}


class _Server(ThreadingHTTPServer):
    services: Services
    ended: threading.Event


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.services.hangs:
            self.server.ended.wait()
            return
        status, answer = self.server.services.answer(self.headers["X-Amz-Target"], request)
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 (the base class's name)
        """Say nothing."""


@contextmanager
def services() -> Iterator[Services]:
    server = _Server(("127.0.0.1", 0), _Request)
    server.ended = threading.Event()
    server.services = Services(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.services
    finally:
        server.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
