"""Compares documents with those that OpenSearch has under the same ids."""

from __future__ import annotations

import json
from decimal import Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from opensearchpy import JSONSerializer
from opensearchpy.exceptions import SerializationError, TransportError

from edgelift.reprocess.errors import JobError
from edgelift.reprocess.sinks.backoff import MAX_RETRIES, pause
from edgelift.reprocess.sinks.opensearch.advice import advice
from edgelift.reprocess.sinks.opensearch.answers import item_reason, request_error_words, shortened
from edgelift.reprocess.sinks.opensearch.connection import connect
from edgelift.reprocess.sinks.opensearch.retry import is_temporary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edgelift.reprocess.aws import AwsOptions
    from edgelift.reprocess.sinks.opensearch.options import ClusterOptions
    from edgelift.reprocess.stopped import Stopped

MOST_IDS: Final = 1000
"""Documents of one request."""

MOST_BYTES: Final = 1024 * 1024
"""Bytes of our documents of one request: the response has as many if they are equal."""

_RIGHTS: Final = (
    "; --compare reads documents: allow indices:data/read/mget for the cluster and indices:data/read/mget* "
    "for the index"
)

_REFUSED: Final = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


class Existing(NamedTuple):
    """A document whose id exists already.

    Attributes:
        index_name: the index that has it, not an alias.
        document_id: its id.
        document: the bytes of ours.

    """

    index_name: str
    document_id: str
    document: bytes


class ExistingDocuments:
    """Reads documents of OpenSearch by id; any number of threads may use it.

    Raises:
        UsageError: OpenSearch cannot be reached so.

    """

    def __init__(self, url: str, options: ClusterOptions, aws: AwsOptions) -> None:
        self._url = url
        self._client = connect(url, options, aws, _ExactSerializer())

    def count_different(self, documents: Sequence[Existing], stopped: Stopped) -> int:
        """Return how many documents have another content there; one that is gone counts, too.

        Args:
            documents: as many as one request takes, see `parts`.
            stopped: returns true if the job is to end.

        Raises:
            JobError: they cannot be read.
            ObjectError: the job is to end, and nothing is answered at the moment.

        """
        found = self._get(documents, stopped)
        different = 0
        for ours, theirs in zip(documents, found, strict=True):
            if theirs.get("error"):
                reason = item_reason(theirs["error"])
                hint = _RIGHTS if reason.startswith("security_exception") else ""
                raise JobError(f"{self._cannot}: {reason}{hint}")
            if theirs.get("found") and "_source" not in theirs:
                raise JobError(f"{self._cannot}: the index {ours.index_name} keeps no _source")
            different += not is_same(_loads(ours.document), theirs.get("_source"))
        return different

    def _get(self, documents: Sequence[Existing], stopped: Stopped) -> list[dict[str, Any]]:
        wanted = {"docs": [{"_index": ours.index_name, "_id": ours.document_id} for ours in documents]}
        tries = 0
        while True:
            try:
                answer = self._client.transport.perform_request("POST", "/_mget", body=wanted)
                found = answer["docs"] if isinstance(answer, dict) else None
                if isinstance(found, list) and len(found) == len(documents):
                    return found
                why = f"it does not answer as OpenSearch does: {shortened(answer)}"
            except (SerializationError, KeyError) as error:
                why = f"it does not answer as OpenSearch does: {shortened(error)}"
            except TransportError as error:
                why = request_error_words(error)
                if not is_temporary(error):
                    hint = _RIGHTS if error.status_code in _REFUSED else ""
                    raise JobError(f"{self._cannot}: {why}{advice(error)}{hint}") from None
            tries += 1
            if tries > MAX_RETRIES:
                raise JobError(f"{self._cannot}: {why}", temporary=True)
            pause(tries, stopped)

    @property
    def _cannot(self) -> str:
        return f"cannot compare with the documents of {self._url}"


class _ExactSerializer(JSONSerializer):
    """Reads decimals exactly, so that two different ones are not the same float."""

    def loads(self, s: str) -> Any:  # noqa: ANN401 - of JSON
        """Return the value."""
        try:
            return _loads(s)
        except ValueError as error:
            raise SerializationError(s, error) from None


def _loads(text: str | bytes) -> Any:  # noqa: ANN401 - of JSON
    return json.loads(text, parse_float=Decimal)


def is_same(one: Any, other: Any) -> bool:  # noqa: ANN401 - of JSON
    """Return true if two values are the same JSON; order of members and form of numbers do not count."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    # For Python true is 1.
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def parts(documents: Sequence[Existing]) -> Iterator[list[Existing]]:
    """Yield documents in as many lists as they need requests."""
    part: list[Existing] = []
    size = 0
    for ours in documents:
        if part and (len(part) == MOST_IDS or size + len(ours.document) > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(ours)
        size += len(ours.document)
    if part:
        yield part
