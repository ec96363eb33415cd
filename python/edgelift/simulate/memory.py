"""An index, a backup and a function in this process, for tests without servers."""

from __future__ import annotations

import fnmatch
import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from edgelift.simulate.error_objects import INDEX_FAILED_PREFIX, PROCESSING_FAILED_PREFIX
from edgelift.simulate.ports import BulkAnswer, FunctionRaised

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edgelift._core import Transformer

__all__ = ["HandlerFunction", "LambdaContext", "MemoryBackup", "MemoryIndex", "TransformerFunction"]


class TransformerFunction:
    """A transformer as the function: the engine on the bytes of an event, as `edgelift.runtime` uses it.

    Args:
        transformer: transforms the records.

    """

    def __init__(self, transformer: Transformer) -> None:
        self._transformer = transformer

    def invoke(self, event: bytes, *, timeout: float) -> bytes:
        """Return the response to an event; the timeout is not enforced.

        Raises:
            FunctionRaised: the engine raised.

        """
        del timeout
        try:
            return self._transformer.transform_event(event)
        except Exception as error:
            raise FunctionRaised(f"{type(error).__name__}: {error}") from error


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """The context of an invocation.

    Source: AWS Lambda Developer Guide, "Using the Lambda context object to retrieve Python function
    information".

    Attributes:
        aws_request_id: the id of the invocation.
        timeout: seconds that the function may take, which are all left: the virtual clock stands still.
        function_name: name of the function.
        function_version: its version.
        invoked_function_arn: its ARN.
        memory_limit_in_mb: its memory.
        log_group_name: where Lambda would log.
        log_stream_name: the stream in that group.

    """

    aws_request_id: str
    timeout: float
    function_name: str = "edgelift"
    function_version: str = "$LATEST"
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:edgelift"
    memory_limit_in_mb: str = "1769"
    log_group_name: str = "/aws/lambda/edgelift"
    log_stream_name: str = "simulated"

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds that are left."""
        return int(self.timeout * 1000)


class HandlerFunction:
    """A Lambda handler in this process as the function.

    The event is parsed and the response serialized with JSON, as Lambda's runtime client does it.

    Args:
        handler: is called with the event and a `LambdaContext`.

    """

    def __init__(self, handler: Callable[[Any, Any], Any]) -> None:
        self._handler = handler
        self._invocations = 0

    def invoke(self, event: bytes, *, timeout: float) -> bytes:
        """Return the response to an event; the timeout is not enforced.

        Raises:
            FunctionRaised: the handler raised.

        """
        self._invocations += 1
        context = LambdaContext(str(uuid.UUID(int=self._invocations)), timeout)
        try:
            response = self._handler(json.loads(event), context)
            return response if isinstance(response, bytes) else json.dumps(response).encode()
        except Exception as error:
            raise FunctionRaised(f"{type(error).__name__}: {error}") from error


class MemoryIndex:
    """The indices of a cluster in memory. They have no mapping and take each JSON object.

    Attributes:
        indices: documents by index and id, as the JSON that was sent.

    """

    def __init__(self) -> None:
        self.indices: dict[str, dict[str, bytes]] = {}
        self._made = 0

    def bulk(self, body: bytes) -> BulkAnswer:
        """Store the documents of a bulk request with actions ``index``."""
        lines = body.split(b"\n")
        items = [
            self._store(orjson.loads(action)["index"], document)
            for action, document in zip(lines[::2], lines[1::2], strict=False)
        ]
        return BulkAnswer(200, items)

    def documents(self, pattern: str = "*") -> list[dict[str, Any]]:
        """Return the documents of all indices whose names match a pattern, such as ``cdn-logs-*``."""
        return [
            json.loads(document)
            for name, documents in self.indices.items()
            if fnmatch.fnmatchcase(name, pattern)
            for document in documents.values()
        ]

    def __len__(self) -> int:
        """Return the number of all documents."""
        return sum(map(len, self.indices.values()))

    def _store(self, action: Mapping[str, str], document: bytes) -> dict[str, Any]:
        documents = self.indices.setdefault(action["_index"], {})
        document_id = action.get("_id")
        if document_id is None:
            self._made += 1
            document_id = f"made-{self._made}"
        status = 200 if document_id in documents else 201
        documents[document_id] = document
        return {"status": status}


class MemoryBackup:
    """A bucket in memory.

    Attributes:
        objects: the bytes of each object by its key.

    """

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put(self, key: str, body: bytes) -> None:
        """Store an object."""
        self.objects[key] = body

    def error_objects(self) -> list[dict[str, Any]]:
        """Return the error objects of both kinds, uncompressed ones only, in the order of their keys."""
        return [
            json.loads(line)
            for key, body in sorted(self.objects.items())
            if key.startswith((PROCESSING_FAILED_PREFIX, INDEX_FAILED_PREFIX))
            for line in body.splitlines()
        ]

    def save(self, folder: str | Path) -> None:
        """Write the objects as files, such as for ``edgelift reprocess``."""
        for key, body in self.objects.items():
            path = Path(folder, key)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
