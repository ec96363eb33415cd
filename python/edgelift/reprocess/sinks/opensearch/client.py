"""A client of OpenSearch: bulk bodies are sent until each document has an answer that stays."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from opensearchpy.exceptions import SerializationError, TransportError

from edgelift.reprocess.errors import JobError
from edgelift.reprocess.sinks.backoff import MAX_RETRIES, MAX_SECONDS, pause
from edgelift.reprocess.sinks.opensearch import bulk_body
from edgelift.reprocess.sinks.opensearch.advice import advice
from edgelift.reprocess.sinks.opensearch.answers import (
    index_error_words,
    index_note,
    is_index_error,
    item_reason,
    item_results,
    request_error_words,
    shortened,
)
from edgelift.reprocess.sinks.opensearch.connection import FIRST_CONTACT, connect
from edgelift.reprocess.sinks.opensearch.existing import Existing, ExistingDocuments, parts
from edgelift.reprocess.sinks.opensearch.request_size import RequestSize
from edgelift.reprocess.sinks.opensearch.retry import (
    RETRYABLE_STATUSES,
    SERVER_ERROR,
    RetryableError,
    SplitBodyError,
    bulk_error,
    is_temporary,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgelift.reprocess.aws import AwsOptions
    from edgelift.reprocess.sinks.opensearch.options import ClusterOptions, OnExisting


@dataclass(slots=True)
class Delivery:
    """Counts and notes of delivered documents.

    Attributes:
        created: documents that are there now.
        already_there: documents whose id existed before; the old ones are kept.
        replaced: documents of `created` that replaced one.
        different: documents of `already_there` whose content is another one.
        notes: what somebody should know about the indices, in words.
        refuse: takes each one that was refused: its action, itself, the status and the reason.
        on_answer: is called after each answer.

    """

    refuse: Callable[[bytes, bytes, int, str], object]
    on_answer: Callable[[], object] = lambda: None
    created: int = 0
    already_there: int = 0
    replaced: int = 0
    different: int = 0
    notes: set[str] = field(default_factory=set)


class OpenSearchClient:
    """OpenSearch at an URL; any number of threads may use it.

    Args:
        url: where it is.
        options: how it is reached.
        aws: credentials and region of signatures.
        existing: how to treat documents whose id exists already.

    Raises:
        UsageError: it cannot be reached so, or credentials would go there unencrypted.

    """

    def __init__(
        self, url: str, options: ClusterOptions, aws: AwsOptions, existing: OnExisting = "keep"
    ) -> None:
        self.url = url
        self._client = connect(url, options, aws)
        self._replaces = existing == "replace"
        self._existing = ExistingDocuments(url, options, aws) if existing == "compare" else None
        self._notes: dict[str, str | None] = {}
        self._size = RequestSize()

    def check(self) -> None:
        """Make sure that somebody answers.

        Raises:
            JobError: nobody does, or only to refuse us.

        """
        try:
            answer = self._client.transport.perform_request("GET", "/", params=dict(FIRST_CONTACT))
        except SerializationError as error:
            answer = error.args[0]
        except TransportError as error:
            # Who may only write may not ask; Serverless does not answer to this.
            if error.status_code in {403, 404}:
                return
            temporary = is_temporary(error)
            raise JobError(
                f"cannot use {self.url}: {request_error_words(error)}{advice(error)}", temporary=temporary
            ) from None
        if not isinstance(answer, dict):
            raise JobError(
                f"cannot use {self.url}: it does not answer as OpenSearch does: {shortened(answer)}"
            )

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
        tries, progressed = 0, time.monotonic()
        while body:
            before = body
            try:
                body, why, existing = self._send(body, delivery)
                delivery.on_answer()
                self._compare(existing, delivery, stopped)
            except SplitBodyError as error:
                self._deliver_halves(body, delivery, stopped, error)
                return
            except RetryableError as error:
                why = str(error)
            if body:
                tries = tries + 1 if len(body) == len(before) else 1
                progressed = progressed if len(body) == len(before) else time.monotonic()
                if tries > MAX_RETRIES or time.monotonic() - progressed > MAX_SECONDS:
                    raise JobError(f"{self.url} keeps rejecting requests: {why}", temporary=True)
                pause(tries, stopped)

    def _compare(self, existing: list[Existing], delivery: Delivery, stopped: Callable[[], bool]) -> None:
        if self._existing is None:
            return
        for part in parts(existing):
            delivery.different += self._existing.count_different(part, stopped)
            delivery.on_answer()

    def _deliver_halves(
        self, body: bytes, delivery: Delivery, stopped: Callable[[], bool], error: SplitBodyError
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

    def _send(self, body: bytes, delivery: Delivery) -> tuple[bytes, str, list[Existing]]:
        """Send a body once; return what of it must be sent again, why, and what was there before."""
        documents = bulk_body.documents(body)
        action_name = "index" if self._replaces else "create"
        sent = bulk_body.replacing(body) if self._replaces else body
        items = item_results(self.url, self._post(sent), documents, action_name)
        self._size.taken(len(body))
        existing: list[Existing] = []
        if items is None:
            delivery.created += documents
            delivery.notes |= self._notes_on(body, documents)
            return b"", "", existing
        lines = bulk_body.lines(body)
        retried, why = bytearray(), ""
        for place, (status, error, index) in enumerate(items):
            action, document = lines[2 * place : 2 * place + 2]
            if status == 409 and not self._replaces:  # noqa: PLR2004 - Conflict
                delivery.already_there += 1
                if self._existing:
                    existing.append(_existing(action, document, index))
            elif status in {200, 201} and not error:
                delivery.created += 1
                delivery.replaced += status == 200 and self._replaces  # noqa: PLR2004 - OK
            elif status in RETRYABLE_STATUSES:
                why = item_reason(error)
                retried += action + document
            elif status == 400 and not is_index_error(error):  # noqa: PLR2004 - Bad Request
                delivery.refuse(action, document, status, item_reason(error))
            else:
                name = json.loads(action)["create"]["_index"]
                words = f"{self.url} rejects documents for the index {name}: {index_error_words(error)}"
                raise JobError(words, temporary=status >= SERVER_ERROR)
        if not retried:
            delivery.notes |= self._notes_on(body, documents)
        return bytes(retried), why, existing

    def _notes_on(self, body: bytes, documents: int) -> set[str]:
        """Return the notes on the indices that a body went to; each index is requested once."""
        names = bulk_body.indices(body, documents)
        for name in names - self._notes.keys():
            try:
                found = self._client.transport.perform_request(
                    "GET", f"/_resolve/index/{quote(name, safe='')}"
                )
            except TransportError as error:
                if is_temporary(error):
                    # Perhaps the next body can ask.
                    continue
                # Who may only write may not ask; Serverless, which has no data streams, does not answer.
                found = {}
            except SerializationError:
                found = {}
            self._notes[name] = index_note(name, found) if isinstance(found, dict) else None
        return {note for name in names if (note := self._notes.get(name))}

    def _post(self, body: bytes) -> dict[str, Any]:
        error = "items.*.error"
        index = ",items.*._index" if self._existing else ""
        wanted = {
            "filter_path": f"errors,items.*.status,{error}.type,{error}.reason,{error}.caused_by{index}"
        }
        # As opensearch-py spells it, which would add one of its own.
        headers = {"content-type": "application/x-ndjson"}
        try:
            answer = self._client.transport.perform_request(
                "POST", "/_bulk", params=wanted, body=body, headers=headers
            )
        except SerializationError as error:
            # A gateway's page, or half an answer. Whether anything was taken is not known.
            answer = error.args[0]
        except TransportError as error:
            raise bulk_error(error, self.url) from None
        if not isinstance(answer, dict):
            raise RetryableError(f"it does not answer as OpenSearch does: {shortened(answer)}")
        return answer


def _existing(action: bytes, document: bytes, index: str | None) -> Existing:
    target = json.loads(action)["create"]
    return Existing(index or target["_index"], target["_id"], document)
