"""A connection to OpenSearch: bulk bodies are sent until each document has an answer that stays.

Sources: OpenSearch documentation, "Bulk"; what servers of 2.19 and 3.x answer to what they do not take.
"""

from __future__ import annotations

import io
import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from edgelift.reprocess.errors import JobError, UsageError
from edgelift.reprocess.objects import shown
from edgelift.reprocess.patience import PATIENCE, pause
from edgelift.reprocess.settings import MOST_WORKERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from edgelift.reprocess.aws import AwsOptions

TIMEOUT = 120
"""Seconds for an answer: a busy cluster needs them, and what is sent twice is there once."""

PASSWORD: Final = "OPENSEARCH_PASSWORD"  # noqa: S105 -- its name
"""Variable of the environment with the password."""

_LATER: Final = {429, 502, 503, 504}
"""Statuses that pass: full queues and memory, a read-only index, a gateway without a server."""

_OF_THE_SERVER: Final = 500
"""Statuses from here on are the server's own faults."""

# What is wrong with the index and not with the document, though the status says 400.
_OF_THE_INDEX: Final = {"index_closed_exception", "invalid_index_name_exception", "validation_exception"}


@dataclass(frozen=True, slots=True)
class ClusterOptions:
    """How OpenSearch is reached.

    Attributes:
        user: name for basic authentication, whose password is in the environment; None: none.
        sigv4: service for which requests are signed, ``es`` or ``aoss`` (Serverless); None: they are not.
        ca_certs: file of the certificates that are trusted; None: those that are trusted anyway.

    """

    user: str | None = None
    sigv4: str | None = None
    ca_certs: Path | None = None


@dataclass(slots=True)
class Delivery:
    """What became of documents.

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


class _LaterError(Exception):
    """The server takes nothing at the moment."""


class _TooLargeError(Exception):
    """The server takes no body of this size."""


class Cluster:
    """OpenSearch at an URL; any number of threads may use it.

    Raises:
        UsageError: it cannot be reached so.

    """

    def __init__(self, url: str, options: ClusterOptions, aws: AwsOptions) -> None:
        from opensearchpy import OpenSearch, exceptions  # noqa: PLC0415 - 0.3 s, for OpenSearch only

        if options.ca_certs is not None and not options.ca_certs.is_file():
            raise UsageError(f"there is no file of certificates {shown(str(options.ca_certs))}")
        self.url = url
        self._errors = exceptions
        self._notes: dict[str, str | None] = {}
        secure: dict[str, Any] = {} if options.ca_certs is None else {"ca_certs": str(options.ca_certs)}
        try:
            # It would send again what was refused at once; here it is known what and how long.
            self._client = OpenSearch(
                [url],
                http_auth=_authentication(options, aws),
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
            self._client.transport.perform_request("GET", "/")
        except self._errors.TransportError as error:
            # Who may only write may not ask; Serverless does not answer to this.
            if error.status_code not in {403, 404}:
                temporary = self._is_temporary(error)
                raise JobError(f"cannot use {self.url}: {_words(error)}", temporary=temporary) from None

    def deliver(self, body: bytes, delivery: Delivery, stopped: Callable[[], bool]) -> None:
        """Send a bulk body until each of its documents is there or refused for good.

        Raises:
            JobError: nothing is taken for too long, or for a reason that lasts.
            ObjectError: the job is to end, and nothing is taken at the moment.

        """
        tries = 0
        while body:
            before = body
            try:
                body, why = self._send(body, delivery)
            except _TooLargeError as error:
                self._deliver_halves(body, delivery, stopped, str(error))
                return
            except _LaterError as error:
                why = str(error)
            if body:
                tries = tries + 1 if len(body) == len(before) else 1
                if tries > PATIENCE:
                    raise JobError(f"{self.url} takes no more: {why}", temporary=True)
                pause(tries, stopped)

    def _deliver_halves(self, body: bytes, delivery: Delivery, stopped: Callable[[], bool], why: str) -> None:
        lines = _lines(body)
        if len(lines) <= 2:  # noqa: PLR2004 - an action and its document
            delivery.refuse(lines[0], lines[1], 413, why)
            return
        half = len(lines) // 4 * 2
        for part in lines[:half], lines[half:]:
            self.deliver(b"".join(part), delivery, stopped)

    def _send(self, body: bytes, delivery: Delivery) -> tuple[bytes, str]:
        """Send a body once; return what of it must be sent again, and why."""
        answer = self._post(body)
        documents, answered = body.count(b"\n") // 2, len(answer["items"])
        if answered != documents:
            raise JobError(f"{self.url} answered {answered} of {documents} documents")
        if not answer["errors"]:
            delivery.created += documents
            delivery.notes |= self._notes_on(body, documents)
            return b"", ""
        items = [item["create"] for item in answer["items"]]
        lines = _lines(body)
        again, why = bytearray(), ""
        for place, item in enumerate(items):
            action, document = lines[2 * place : 2 * place + 2]
            status, error = item["status"], item.get("error") or {}
            if status == 409:  # noqa: PLR2004 - Conflict
                delivery.already_there += 1
            elif error == {}:
                delivery.created += 1
            elif status in _LATER:
                why = _reason(error)
                again += action + document
            elif status == 400 and error.get("type") not in _OF_THE_INDEX:  # noqa: PLR2004 - Bad Request
                delivery.refuse(action, document, status, _reason(error))
            else:
                index = json.loads(action)["create"]["_index"]
                words = f"{self.url} takes nothing for the index {index}: {_reason(error)}"
                raise JobError(words, temporary=status >= _OF_THE_SERVER)
        if not again:
            delivery.notes |= self._notes_on(body, documents)
        return bytes(again), why

    def _notes_on(self, body: bytes, documents: int) -> set[str]:
        """Return what is to be said of the indices that a body went to; each is asked for once."""
        names = _indices(body, documents)
        for name in names - self._notes.keys():
            try:
                found = self._client.transport.perform_request("GET", f"/_resolve/index/{quote(name)}")
            except self._errors.ConnectionError:
                # Perhaps the next body can ask.
                continue
            except self._errors.TransportError:
                # Who may only write may not ask; Serverless, which has no data streams, does not answer.
                found = {}
            self._notes[name] = _note(name, found)
        return {note for name in names if (note := self._notes.get(name))}

    def _post(self, body: bytes) -> dict[str, Any]:
        wanted = {"filter_path": "errors,items.*.status,items.*.error.type,items.*.error.reason"}
        # As opensearch-py spells it, which would add one of its own.
        headers = {"content-type": "application/x-ndjson"}
        errors = self._errors
        try:
            answer: dict[str, Any] = self._client.transport.perform_request(
                "POST", "/_bulk", params=wanted, body=body, headers=headers
            )
        except errors.SSLError as error:
            raise JobError(f"cannot use {self.url}: {_words(error)}") from None
        except errors.ConnectionError as error:
            # Whether anything of it was taken is not known; what was is a conflict the next time.
            raise _LaterError(_words(error)) from None
        except errors.TransportError as error:
            if error.status_code == 413:  # noqa: PLR2004 - Content Too Large
                raise _TooLargeError("it is larger than what OpenSearch takes in one request") from None
            if error.status_code in _LATER:
                raise _LaterError(_words(error)) from None
            temporary = self._is_temporary(error)
            raise JobError(f"cannot use {self.url}: {_words(error)}", temporary=temporary) from None
        return answer

    def _is_temporary(self, error: Any) -> bool:  # noqa: ANN401 - of opensearch-py
        """Say whether a server may take the same later: there was none, or something was wrong with it."""
        errors, status = self._errors, error.status_code
        if isinstance(error, errors.ConnectionError):
            return not isinstance(error, errors.SSLError)
        return isinstance(status, int) and (status in _LATER or status >= _OF_THE_SERVER)


def check_url(url: str) -> None:
    """Refuse an URL that would write a password into shell histories, lists of processes and journals.

    Raises:
        UsageError: it holds credentials.

    """
    if "@" in url.split("//", 1)[1].split("/", 1)[0]:
        raise UsageError(f"no password in the URL: --user NAME, and the password in {PASSWORD}")


def _authentication(options: ClusterOptions, aws: AwsOptions) -> Any:  # noqa: ANN401 - of opensearch-py
    if options.user is not None and options.sigv4 is not None:
        raise UsageError("either a user or signatures, not both")
    if options.user is not None:
        password = os.environ.get(PASSWORD)
        if password is None:
            raise UsageError(f"the password of {options.user} is missing: set {PASSWORD}")
        return (options.user, password)
    if options.sigv4 is None:
        return None
    import boto3  # noqa: PLC0415 - 0.3 s, for signatures only
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415
    from opensearchpy import Urllib3AWSV4SignerAuth  # noqa: PLC0415

    try:
        session = boto3.Session(profile_name=aws.profile)
    except BotoCoreError as error:
        raise UsageError(f"requests cannot be signed: {error}") from None
    credentials = session.get_credentials()
    if credentials is None or session.region_name is None:
        raise UsageError("requests cannot be signed: there are no AWS credentials, or no region")
    return Urllib3AWSV4SignerAuth(credentials, session.region_name, options.sigv4)


def _lines(body: bytes) -> list[bytes]:
    """Return the actions and documents of a body, each with its line feed."""
    # Not by splitlines, for which a CR ends a line, too: a document may have one between its members.
    return io.BytesIO(body).readlines()


def _indices(body: bytes, documents: int) -> set[str]:
    """Return the names that the actions of a body have, none of which has a quote in it."""
    name = body[: body.index(b"\n")].split(b'"', 6)[5]
    # Nearly always there is one, and to count is seven times as fast as to look at each.
    if body.count(b'\n{"create":{"_index":"%s"' % name) == documents - 1:
        return {name.decode()}
    return {action.split(b'"', 6)[5].decode() for action in body.split(b"\n")[:-1:2]}


def _note(name: str, found: Mapping[str, Any]) -> str | None:
    """Say if what has the name is several indices, of which only one is written to."""
    several = [alias for alias in found.get("aliases", ()) if len(alias["indices"]) > 1]
    if not found.get("data_streams") and not several:
        return None
    kind = "an alias of several indices" if several else "a data stream"
    return (
        f"{name} is {kind}, which knows the ids of its write index only: "
        "a document from before the last rollover is there twice if it came again"
    )


def _reason(error: Any) -> str:  # noqa: ANN401 - of JSON
    return f"{error.get('type')}: {error.get('reason')}" if isinstance(error, dict) else str(error)


def _words(error: Any) -> str:  # noqa: ANN401 - of opensearch-py
    """Say what a request failed with: status and reason, or what the connection had."""
    info = error.info
    if isinstance(info, dict) and "error" in info:
        info = _reason(info["error"])
    status = error.status_code
    said = f"{error.error}: {info}" if status == "N/A" else f"{status} {info or error.error}"
    return " ".join(said.split())
