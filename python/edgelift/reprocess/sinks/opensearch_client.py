"""A connection to OpenSearch: bulk bodies are sent until each document has an answer that stays.

Sources: OpenSearch documentation, "Bulk"; what servers of 2.19 and 3.x answer to what they do not take.
"""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from edgelift.reprocess.backoff import MAX_RETRIES, pause
from edgelift.reprocess.errors import JobError, UsageError
from edgelift.reprocess.objects import display_path
from edgelift.reprocess.sinks import MOST_WORKERS, bulk_body
from edgelift.reprocess.sinks.credentials import authentication, check_transport
from edgelift.reprocess.sinks.request_size import RequestSize

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from edgelift.reprocess.aws import AwsOptions

TIMEOUT = 120
"""Seconds for an answer: a busy cluster needs them, and what is sent twice is there once."""

_RETRYABLE_STATUSES: Final = {429, 502, 503, 504}
"""Statuses that pass: full queues and memory, a read-only index, a gateway without a server."""

_SERVER_ERROR: Final = 500
"""Statuses from here on are the server's own faults."""

# What is wrong with the index and not with the document, though the status says 400: by type, and by how the
# reason begins where the type says nothing.
_INDEX_ERRORS: Final = {"index_closed_exception", "validation_exception"}
_INDEX_ERROR_PREFIXES: Final = ("no write index is defined for alias", "pipeline with id [")

# With what a whole body is refused, status 400, for one action in it: an id above 512 bytes, date math in the
# name of an index that is none. Only documents that were refused before have them.
_ACTION_ERRORS: Final = {"action_request_validation_exception", "parse_exception"}

_MAX_REASON_CHARS: Final = 500
"""Characters of what a server says: some say it in HTML."""


@dataclass(frozen=True, slots=True)
class ClusterOptions:
    """How OpenSearch is reached.

    Attributes:
        user: name for basic authentication, whose password is in the environment; None: none.
        sigv4: service for which requests are signed, ``es`` or ``aoss`` (Serverless); None: they are not.
        ca_certs: file of the certificates that are trusted; None: those that are trusted anyway.
        insecure: whether credentials may go over ``http://`` to another machine.

    """

    user: str | None = None
    sigv4: str | None = None
    ca_certs: Path | None = None
    insecure: bool = False


@dataclass(slots=True)
class Delivery:
    """Counts and notes of delivered documents.

    Attributes:
        created: documents that are there now.
        already_there: documents of whose id there was one before.
        notes: what somebody should know about the indices, in words.
        refuse: takes each one that was refused: its action, itself, the status and the reason.

    """

    refuse: Callable[[bytes, bytes, int, str], object]
    created: int = 0
    already_there: int = 0
    notes: set[str] = field(default_factory=set)


class _RetryableError(Exception):
    """The server takes nothing at the moment."""


class _SplitBodyError(Exception):
    """The server does not take this body, but may take parts of it."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class OpenSearchClient:
    """OpenSearch at an URL; any number of threads may use it.

    Raises:
        UsageError: it cannot be reached so, or credentials would go there unencrypted.

    """

    def __init__(self, url: str, options: ClusterOptions, aws: AwsOptions) -> None:
        from opensearchpy import OpenSearch, exceptions  # noqa: PLC0415 - 0.3 s, for OpenSearch only

        from edgelift.reprocess.sinks.connection import Connection  # noqa: PLC0415 - the same

        check_transport(url, options)
        if options.ca_certs is not None and not options.ca_certs.is_file():
            raise UsageError(f"there is no file of certificates {display_path(str(options.ca_certs))}")
        self.url = url
        self._errors = exceptions
        self._notes: dict[str, str | None] = {}
        self._size = RequestSize()
        secure: dict[str, Any] = {} if options.ca_certs is None else {"ca_certs": str(options.ca_certs)}
        try:
            # It would send again what was refused at once; here it is known what and how long.
            self._client = OpenSearch(
                [url],
                connection_class=Connection,
                http_auth=authentication(options, aws),
                timeout=TIMEOUT,
                max_retries=0,
                pool_maxsize=MOST_WORKERS,
                **secure,
            )
        except (exceptions.ImproperlyConfigured, OSError, ValueError) as error:
            raise UsageError(f"OpenSearch cannot be reached so: {error}") from None

    def check(self) -> None:
        """Make sure that somebody answers.

        Raises:
            JobError: nobody does, or only to refuse us.

        """
        try:
            answer = self._client.transport.perform_request("GET", "/")
        except self._errors.SerializationError as error:
            answer = error.args[0]
        except self._errors.TransportError as error:
            # Who may only write may not ask; Serverless does not answer to this.
            if error.status_code in {403, 404}:
                return
            temporary = self._is_temporary(error)
            raise JobError(f"cannot use {self.url}: {_words(error)}", temporary=temporary) from None
        if not isinstance(answer, dict):
            raise JobError(f"cannot use {self.url}: it does not answer as OpenSearch does: {_short(answer)}")

    def deliver(self, body: bytes, delivery: Delivery, stopped: Callable[[], bool]) -> None:
        """Send the documents of a bulk body until each is there or refused for good.

        After a size that was refused later bodies are smaller, for a while.

        Raises:
            JobError: nothing is taken for too long, or for a reason that lasts.
            ObjectError: the job is to end, and nothing is taken at the moment.

        """
        start = 0
        while start < len(body):
            end = bulk_body.end_of_part(body, start, self._size.limit)
            self._deliver_part(body[start:end], delivery, stopped)
            start = end

    def _deliver_part(self, body: bytes, delivery: Delivery, stopped: Callable[[], bool]) -> None:
        tries = 0
        while body:
            before = body
            try:
                body, why = self._send(body, delivery)
            except _SplitBodyError as error:
                self._deliver_halves(body, delivery, stopped, error)
                return
            except _RetryableError as error:
                why = str(error)
            if body:
                tries = tries + 1 if len(body) == len(before) else 1
                if tries > MAX_RETRIES:
                    raise JobError(f"{self.url} takes no more: {why}", temporary=True)
                pause(tries, stopped)

    def _deliver_halves(
        self, body: bytes, delivery: Delivery, stopped: Callable[[], bool], error: _SplitBodyError
    ) -> None:
        if bulk_body.documents(body) == 1:
            action, document = bulk_body.lines(body)
            delivery.refuse(action, document, error.status, str(error))
            return
        if error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            self._size.refused(len(body))
        end = bulk_body.end_of_part(body, 0, len(body) // 2)
        for part in body[:end], body[end:]:
            self.deliver(part, delivery, stopped)

    def _send(self, body: bytes, delivery: Delivery) -> tuple[bytes, str]:
        """Send a body once; return what of it must be sent again, and why."""
        documents = bulk_body.documents(body)
        items = self._items(self._post(body), documents)
        self._size.taken(len(body))
        if items is None:
            delivery.created += documents
            delivery.notes |= self._notes_on(body)
            return b"", ""
        lines = bulk_body.lines(body)
        again, why = bytearray(), ""
        for place, (status, error) in enumerate(items):
            action, document = lines[2 * place : 2 * place + 2]
            if status == 409:  # noqa: PLR2004 - Conflict
                delivery.already_there += 1
            elif status in {200, 201} and not error:
                delivery.created += 1
            elif status in _RETRYABLE_STATUSES:
                why = _reason(error)
                again += action + document
            elif status == 400 and not _is_of_the_index(error):  # noqa: PLR2004 - Bad Request
                delivery.refuse(action, document, status, _reason(error))
            else:
                index = json.loads(action)["create"]["_index"]
                words = f"{self.url} takes nothing for the index {index}: {_reason(error)}"
                raise JobError(words, temporary=status >= _SERVER_ERROR)
        if not again:
            delivery.notes |= self._notes_on(body)
        return bytes(again), why

    def _items(self, answer: dict[str, Any], documents: int) -> list[tuple[int, Any]] | None:
        """Return status and error of each document, or None if all of them were taken."""
        try:
            answered = len(answer["items"])
            results = [item["create"] for item in answer["items"]] if answer["errors"] else None
            items = results and [(int(item["status"]), item.get("error")) for item in results]
        except (AttributeError, KeyError, TypeError, ValueError):
            # Of another kind of server, which would answer so again.
            raise JobError(f"{self.url} does not answer as OpenSearch does: {_short(answer)}") from None
        if answered != documents:
            raise JobError(f"{self.url} answered {answered} of {documents} documents")
        return items

    def _notes_on(self, body: bytes) -> set[str]:
        """Return what is to be said of the indices that a body went to; each is asked for once."""
        names = bulk_body.indices(body)
        for name in names - self._notes.keys():
            try:
                found = self._client.transport.perform_request(
                    "GET", f"/_resolve/index/{quote(name, safe='')}"
                )
            except self._errors.TransportError as error:
                if self._is_temporary(error):
                    # Perhaps the next body can ask.
                    continue
                # Who may only write may not ask; Serverless, which has no data streams, does not answer.
                found = {}
            except self._errors.SerializationError:
                found = {}
            self._notes[name] = _note(name, found) if isinstance(found, dict) else None
        return {note for name in names if (note := self._notes.get(name))}

    def _post(self, body: bytes) -> dict[str, Any]:
        wanted = {"filter_path": "errors,items.*.status,items.*.error.type,items.*.error.reason"}
        # As opensearch-py spells it, which would add one of its own.
        headers = {"content-type": "application/x-ndjson"}
        try:
            answer = self._client.transport.perform_request(
                "POST", "/_bulk", params=wanted, body=body, headers=headers
            )
        except self._errors.SerializationError as error:
            # A gateway's page, or half an answer. Whether anything was taken is not known.
            raise _RetryableError(f"it does not answer as OpenSearch does: {_short(error.args[0])}") from None
        except self._errors.TransportError as error:
            status, words = error.status_code, _words(error)
            if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                why = "it is larger than what OpenSearch takes in one request"
                raise _SplitBodyError(status, why) from None
            if status == HTTPStatus.BAD_REQUEST and _type(error.info) in _ACTION_ERRORS:
                raise _SplitBodyError(status, words.removeprefix("400 ")) from None
            # After a broken connection what was taken is a conflict the next time.
            if status in _RETRYABLE_STATUSES or (self._is_temporary(error) and not isinstance(status, int)):
                raise _RetryableError(words) from None
            temporary = self._is_temporary(error)
            raise JobError(f"cannot use {self.url}: {words}", temporary=temporary) from None
        if not isinstance(answer, dict):
            raise _RetryableError(f"it does not answer as OpenSearch does: {_short(answer)}")
        return answer

    def _is_temporary(self, error: Any) -> bool:  # noqa: ANN401 - of opensearch-py
        """Say whether a server may take the same later: there was none, or something was wrong with it."""
        errors, status = self._errors, error.status_code
        if isinstance(error, errors.SSLError):
            return _is_cut(error)
        if isinstance(error, errors.ConnectionError):
            return True
        return isinstance(status, int) and (status in _RETRYABLE_STATUSES or status >= _SERVER_ERROR)


def _note(name: str, found: Mapping[str, Any]) -> str | None:
    """Say if what has the name is several indices, of which only one is written to."""
    several = [alias for alias in found.get("aliases", ()) if len(alias.get("indices", ())) > 1]
    if not found.get("data_streams") and not several:
        return None
    kind = "an alias of several indices" if several else "a data stream"
    return (
        f"{name} is {kind}, which knows the ids of its write index only: "
        "a document from before the last rollover is there twice if it came again"
    )


def _reason(error: Any) -> str:  # noqa: ANN401 - of JSON
    words = f"{error.get('type')}: {error.get('reason')}" if isinstance(error, dict) else str(error)
    return _clean(words)


def _is_of_the_index(error: Any) -> bool:  # noqa: ANN401 - of JSON
    if not isinstance(error, dict):
        return False
    return error.get("type") in _INDEX_ERRORS or str(error.get("reason")).startswith(_INDEX_ERROR_PREFIXES)


def _type(info: Any) -> str | None:  # noqa: ANN401 - of JSON
    """Return the type of what a whole request failed with, or None if it is unknown."""
    error = info.get("error") if isinstance(info, dict) else None
    return error.get("type") if isinstance(error, dict) else None


def _is_cut(error: Any) -> bool:  # noqa: ANN401 - of opensearch-py
    """Say whether TLS failed only because the connection ended, as it does when a server goes away."""
    causes = getattr(error.info, "args", ())
    return any(isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError) for cause in causes)


def _words(error: Any) -> str:  # noqa: ANN401 - of opensearch-py
    """Say what a request failed with: status and reason, or what the connection had."""
    info, status = error.info, error.status_code
    if not isinstance(status, int):
        return _short(error.error)
    if isinstance(info, dict) and "error" in info:
        info = _reason(info["error"])
    if 300 <= status < 400:  # noqa: PLR2004 - redirects
        info = "it redirects: name the URL that it leads to"
    return _short(f"{status} {info or error.error or HTTPStatus(status).phrase}")


def _short(said: object) -> str:
    """Make one short line for people of what a server says."""
    text = _clean(" ".join(str(said).split())) or "nothing"
    return text if len(text) <= _MAX_REASON_CHARS else f"{text[:_MAX_REASON_CHARS]}…"


def _clean(text: str) -> str:
    """Take out half surrogate pairs, which JSON may have and UTF-8 cannot say."""
    return text.encode(errors="replace").decode()
