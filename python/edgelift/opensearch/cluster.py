"""Requests to a live cluster, with answers that say what to do."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from opensearchpy.exceptions import SerializationError, TransportError

from edgelift.opensearch.errors import RefusedError
from edgelift.reprocess.errors import JobError
from edgelift.reprocess.sinks.opensearch.advice import advice
from edgelift.reprocess.sinks.opensearch.answers import request_error_words, shortened
from edgelift.reprocess.sinks.opensearch.connection import FIRST_CONTACT, connect
from edgelift.reprocess.sinks.opensearch.credentials import check_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edgelift.reprocess.aws import AwsOptions
    from edgelift.reprocess.sinks.opensearch.options import ClusterOptions

OLDEST: Final = (2, 0)
"""The oldest supported version of OpenSearch."""


class Answer(NamedTuple):
    """An answer of a cluster."""

    status: int
    body: Any
    """The JSON value, or what a failed request failed with."""
    words: str
    """A description of the failure for people; empty without one."""

    @property
    def is_ok(self) -> bool:
        """Return true if the request succeeded."""
        return self.status < 300  # noqa: PLR2004 - of HTTP

    @property
    def lacks_api(self) -> bool:
        """Return true if the server does not have the plugin that answers such requests."""
        return "no handler found for uri" in self.words or "contains unrecognized parameter" in self.words


class Cluster:
    """OpenSearch at an URL.

    Raises:
        UsageError: it cannot be reached so, or credentials would go there unencrypted.

    """

    def __init__(self, url: str, options: ClusterOptions, aws: AwsOptions) -> None:
        check_url(url)
        self.url = url
        self.is_serverless = options.sigv4 == "aoss"
        self._transport = connect(url, options, aws).transport

    def request(
        self, method: str, path: str, body: object = None, *, params: Mapping[str, object] | None = None
    ) -> Answer:
        """Send a request; return the answer, also that of a refusal.

        Raises:
            JobError: nobody answers, the credentials are wrong, or it is not OpenSearch.

        """
        try:
            found = self._transport.perform_request(method, path, params=dict(params or {}), body=body)
        except SerializationError as error:
            said = shortened(error.args[0])
            raise self._is_another(said) from None
        except TransportError as error:
            words = request_error_words(error)
            if not isinstance(error.status_code, int):
                raise JobError(f"cannot reach {self.url}: {words}{advice(error)}") from None
            if error.status_code == HTTPStatus.UNAUTHORIZED:
                raise JobError(f"cannot use {self.url}: {words}{advice(error)}") from None
            return Answer(error.status_code, error.info, words)
        return Answer(200, found, "")

    def get(self, path: str, *, params: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401 - of JSON
        """Return what is at a path, or None if there is nothing.

        Raises:
            JobError: it cannot be read.

        """
        answer = self.request("GET", path, params=params)
        if answer.is_ok:
            return answer.body
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        raise self.refused(f"reading {path}", answer)

    def refused(self, step: str, answer: Answer) -> RefusedError:
        """Return the error for a refused step."""
        hint = remedy = ""
        if "cluster_block_exception" in answer.words:
            hint = "; it is read-only until somebody removes the block: is a disk full?"
        elif answer.status == HTTPStatus.FORBIDDEN:
            hint = "; use a user who may administer the cluster, such as one with the role all_access"
        if "that have the same priority" in str(answer.body):
            remedy = "delete the other template, or choose another [opensearch] index_prefix"
        if "to no longer match a data stream template" in str(answer.body):
            remedy = "choose another [opensearch] index_prefix, or delete the data stream"
        said = [answer.words, *_causes(answer.body)]
        return RefusedError(f"{step}: {self.url} answers {': '.join(said)}{hint}", remedy)

    def _is_another(self, said: str) -> JobError:
        return JobError(
            f"cannot use {self.url}: it does not answer as OpenSearch does: {said}; "
            "name the URL of OpenSearch, such as https://HOST:9200"
        )

    def check_version(self) -> str:
        """Return the name and version of the server.

        Raises:
            JobError: it is not OpenSearch, or too old.

        """
        if self.is_serverless:
            # It does not answer to this.
            return "OpenSearch Serverless"
        answer = self.request("GET", "/", params=FIRST_CONTACT)
        if answer.status == HTTPStatus.FORBIDDEN:
            return "OpenSearch"
        version = answer.body.get("version") if isinstance(answer.body, dict) else None
        if not answer.is_ok or not isinstance(version, dict) or "number" not in version:
            said = answer.words or shortened(answer.body)
            raise self._is_another(said)
        number = str(version["number"])
        if version.get("distribution") != "opensearch":
            raise JobError(f"{self.url} is Elasticsearch {number}; edgelift needs OpenSearch")
        found = tuple(int(part) if part.isdecimal() else 0 for part in number.split(".")[:2])
        if found < OLDEST:
            oldest = ".".join(map(str, OLDEST))
            raise JobError(
                f"{self.url} is OpenSearch {number}; edgelift needs {oldest} or later: upgrade the cluster"
            )
        return f"OpenSearch {number}"


def _causes(body: object) -> Iterator[str]:
    """Yield the causes of an error, from the outer to the innermost, which says most."""
    error = body.get("error") if isinstance(body, dict) else None
    while isinstance(error, dict) and isinstance(error := error.get("caused_by"), dict):
        yield shortened(error.get("reason"))
