"""The Lambda handler of raw bytes: those of an event in, those of the response out.

Lambda's runtime client parses each event into Python objects and serializes what the handler returns; for a
batch of log lines that takes several times as long as the transformation. The client has its marshaller as a
class attribute that may be replaced (its own docstring says so). Importing this module for the function's
handler, ``edgelift.runtime.handler``, does so, with one that passes bytes through. If anything is not as
expected, it is left alone: then the handler is the one of `edgelift.firehose`, and the log says so once.
"""

from __future__ import annotations

import os
import time

from edgelift import firehose
from edgelift._core import Transformer
from edgelift.errors import EdgeliftError

# Said like this and not imported: typing costs a cold start more than this whole module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from edgelift.metrics import Report

    Handler = Callable[[Any, object], bytes | dict[str, list[dict[str, Any]]]]

__all__ = ["RawMarshaller", "handler", "make_handler"]

_NAME = "edgelift.runtime.handler"
_LARGE = 1 << 24


class RawMarshaller:
    """The runtime client's marshaller, but that bytes go through it as they are, in and out."""

    def __init__(self, original: Any) -> None:  # noqa: ANN401 (a class of the client's)
        self._original = original

    def unmarshal_request(self, request: bytes, content_type: str = "application/json") -> bytes:  # noqa: ARG002
        """Hand the bytes of an event on; whether they are one is the engine's to say."""
        return request

    def marshal_response(self, response: Any) -> Any:  # noqa: ANN401 (text or bytes, and their content type)
        """Hand the bytes of a response on as the JSON that they are; anything else is for the original."""
        if isinstance(response, bytes):
            return response, "application/json"
        return self._original.marshal_response(response)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._original, name)


def make_handler(config: str | Mapping[str, Any]) -> Handler:
    """Make a handler of bytes or dicts from a configuration: TOML text, or a mapping of the same shape.

    Raises:
        ConfigError: what is wrong with it, with line and key.

    """
    return build_handler(firehose.compiled(lambda: Transformer(config)))


def build_handler(transformer: Transformer) -> Handler:
    """Make a handler that answers bytes with bytes and a dict with a dict, and logs one line a batch."""
    handle_dict = firehose.build_handler(transformer)
    metrics = transformer.options["metrics"]
    diagnoses = firehose.Diagnoses(transformer)

    def handler(event: Any, context: object) -> bytes | dict[str, list[dict[str, Any]]]:  # noqa: ANN401
        """Answer a Firehose transformation event, bytes or a dict; each recordId comes back once, in order.

        Raises:
            EdgeliftError: it is not a Firehose event, or a record has no string ``recordId``.

        """
        if not isinstance(event, (bytes, bytearray, memoryview)):
            return handle_dict(event, context)
        began = time.perf_counter()
        try:
            answer = transformer.answer_event(event)
        except EdgeliftError as error:
            raise EdgeliftError(f"{error}{_origin(error, event)}") from None
        response = answer.response
        report: Report = answer.report
        if response is None:
            response, report = _answer_with_reingest(transformer, bytes(event), context)
        named = {"invocationId": answer.invocation_id, "deliveryStreamArn": answer.delivery_stream_arn}
        diagnosis = diagnoses.take(report, lambda: _parsed(event))
        firehose.log(report, metrics, named, path="raw", began=began, diagnosis=diagnosis)
        return response

    return handler


def _parsed(event: bytes | bytearray | memoryview) -> Any:  # noqa: ANN401 (of JSON)
    import json  # as in the metrics

    return json.loads(bytes(event))


def _origin(error: EdgeliftError, event: bytes | bytearray | memoryview) -> str:
    """Return what `foreign_event.origin` says of an event that has no records."""
    if not str(error).endswith('the event has no "records"'):
        return ""
    import json  # as in the metrics

    from edgelift.foreign_event import origin  # few functions need it

    try:
        return origin(json.loads(bytes(event)))
    except (ValueError, RecursionError):
        # The engine reads numbers and depths that Python does not.
        return ""


def _answer_with_reingest(transformer: Transformer, event: bytes, context: object) -> tuple[bytes, Report]:
    """Answer an event with records to re-ingest. This is rare and takes calls: dicts are fast enough."""
    import json  # as in the metrics

    try:
        # Python refuses to read numbers of thousands of digits. Nobody wants them here.
        parsed = json.loads(event, parse_int=lambda digits: int(digits[:18]))
    except RecursionError:
        # The engine reads any depth, Python does not. Nothing can be re-ingested: the event
        # fails, and can be replayed.
        answer = transformer.answer_event(event, reingest=False)
        return answer.response or b"", answer.report
    # Escapes are never shorter than what they stand for, and can write any id.
    records, report = firehose.answer(transformer, parsed, context, ensure_ascii=True)
    return json.dumps({"records": records}).encode(), report


def _take_over() -> str | None:
    """Replace the client's marshaller; why not, if it is left as it is."""
    name = os.environ["_HANDLER"]
    if name != _NAME:
        return f"the function's handler is {name!r}, not {_NAME!r}"
    try:
        client = firehose.client_class()
        original = client.marshaller
        if any("marshaller" in vars(derived) for derived in client.__subclasses__()):
            return "the runtime client is not as expected: a class of it has a marshaller of its own"
        in_and_out = (
            original.unmarshal_request(b'{"a":[]}', "application/json"),
            original.marshal_response({"a": []}),
        )
        if in_and_out != ({"a": []}, ('{"a": []}', "application/json")):
            return f"the runtime client's marshaller is not as expected: it gave {in_and_out!r}"
        client.marshaller = RawMarshaller(original)
    except Exception as error:  # noqa: BLE001 (whatever a client of tomorrow raises, today's handler runs)
        return f"the runtime client is not as expected: {type(error).__name__}: {error}"
    # Events and responses of several MB come and go. Having freed a block as large as this, glibc keeps what
    # is freed instead of giving it back to the kernel, which hands it out anew page by page: they took as
    # long as the transformation. No page of the block itself is ever touched.
    bytes(_LARGE)
    return None


handler: Handler = firehose.handler
if firehose.transformer is not None:
    handler = build_handler(firehose.transformer)
    if "_HANDLER" in os.environ and (reason := _take_over()):
        import json

        line = {"event": "edgelift.runtime", "path": "dict", "reason": reason}
        firehose.write(json.dumps(line, separators=(",", ":")) + "\n")
