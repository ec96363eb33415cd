"""Imports saved objects into OpenSearch Dashboards, and reads each of them back.

Sources: OpenSearch documentation, "OpenSearch Dashboards multi-tenancy"; Elastic documentation of version
7.10, from which the API comes, "Import objects API", "Get object API".
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from opensearchpy.exceptions import SerializationError, TransportError
from urllib3 import encode_multipart_formdata

from edgelift.reprocess.errors import JobError
from edgelift.reprocess.sinks.opensearch.advice import advice
from edgelift.reprocess.sinks.opensearch.answers import request_error_words, shortened
from edgelift.reprocess.sinks.opensearch.connection import connect
from edgelift.reprocess.sinks.opensearch.credentials import check_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgelift.reprocess.aws import AwsOptions
    from edgelift.reprocess.sinks.opensearch.options import ClusterOptions

PATH: Final = "/api/saved_objects"

# It asks for this header, so that other sites cannot make browsers send requests.
_XSRF: Final = {"osd-xsrf": "true"}

_NO_DASHBOARDS: Final = (
    "that is not OpenSearch Dashboards: name its URL, such as https://HOST/_dashboards on Amazon OpenSearch "
    "Service, or http://HOST:5601"
)


class Importer:
    """OpenSearch Dashboards at an URL.

    Args:
        url: the URL of Dashboards, which is not that of OpenSearch.
        options: credentials and certificates.
        aws: what requests are signed with.
        tenant: tenant of the objects, such as ``global``; None means the one that Dashboards chooses.

    Raises:
        UsageError: it cannot be reached so, or credentials would go there unencrypted.

    """

    def __init__(self, url: str, options: ClusterOptions, aws: AwsOptions, tenant: str | None = None) -> None:
        check_url(url)
        self.url = url
        self._client = connect(url, options, aws)
        self._headers = _XSRF | ({} if tenant is None else {"securitytenant": tenant})

    def plan(self, objects: Sequence[dict[str, Any]]) -> dict[str, str]:
        """Read the live objects and compare them; change nothing.

        Returns:
            For each object what is to be done, ``create`` or ``update``, or an empty text.

        Raises:
            JobError: nobody answers, or it is not Dashboards.

        """
        return {_name(found): self._needed(found) for found in objects}

    def _needed(self, found: dict[str, Any]) -> str:
        live = self._live(found)
        if live is None:
            return "create"
        return "update" if _changed(found, live) else ""

    def apply(self, objects: Sequence[dict[str, Any]]) -> None:
        """Create or overwrite the objects, and make sure that all are there as they were sent.

        Raises:
            JobError: nobody answers, an object is refused, or one is not there afterwards.

        """
        lines = "".join(json.dumps(found, ensure_ascii=False) + "\n" for found in objects)
        file = ("edgelift.ndjson", lines.encode(), "application/ndjson")
        body, content_type = encode_multipart_formdata({"file": file})
        answer = self._request(
            "POST", f"{PATH}/_import", {"overwrite": "true"}, body, {"content-type": content_type}
        )
        if answer.get("success") is not True:
            raise JobError(f"{self.url} does not take the saved objects: {_reasons(answer)}")
        for found in objects:
            live = self._live(found)
            if live is None:
                raise JobError(f"{self.url}: {_name(found)} is not there after its import; import it again")
            changed = _changed(found, live)
            if changed:
                raise JobError(
                    f"{self.url}: {', '.join(changed)} of {_name(found)} is not as it was sent: "
                    "somebody else, or this version of Dashboards, has changed it"
                )

    def _live(self, found: dict[str, Any]) -> dict[str, Any] | None:
        """Return an object as it is there, or None if there is none."""
        path = f"{PATH}/{found['type']}/{quote(found['id'], safe='')}"
        try:
            return self._request("GET", path)
        except _MissingError:
            return None

    def _request(
        self,
        method: str,
        path: str,
        params: dict[str, str] | None = None,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        try:
            answer = self._client.transport.perform_request(
                method, path, params=params, body=body, headers=self._headers | (headers or {})
            )
        except SerializationError:
            answer = None
        except TransportError as error:
            words = _NO_DASHBOARDS if _is_opensearch(error) else _words(error)
            if error.status_code == HTTPStatus.NOT_FOUND and words.startswith("404 Saved object ["):
                raise _MissingError from None
            raise JobError(f"cannot use {self.url}: {words}") from None
        if not isinstance(answer, dict):
            raise JobError(f"cannot use {self.url}: {_NO_DASHBOARDS}")
        return answer


class _MissingError(Exception):
    """Dashboards does not have the object."""


def _name(found: dict[str, Any]) -> str:
    return f"{found['type']} {found['id']}"


def _changed(sent: dict[str, Any], live: dict[str, Any]) -> list[str]:
    """Return the parts of an object that are not as they were sent."""
    attributes = live.get("attributes")
    there = attributes if isinstance(attributes, dict) else {}
    changed = [key for key, value in sent["attributes"].items() if there.get(key) != value]
    return changed if live.get("references") == sent["references"] else [*changed, "references"]


def _is_opensearch(error: Any) -> bool:  # noqa: ANN401 - of opensearch-py
    """Return true if an error is that of OpenSearch for a path that it does not know."""
    # It takes the path for index, type and id.
    return error.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.METHOD_NOT_ALLOWED} and (
        "no handler found for uri" in str(error.info) or "Incorrect HTTP method for uri" in str(error.info)
    )


def _words(error: Any) -> str:  # noqa: ANN401 - of opensearch-py
    """Return what a request failed with; Dashboards has the reason in ``message``."""
    message = error.info.get("message") if isinstance(error.info, dict) else None
    words = shortened(f"{error.status_code} {message}") if message else request_error_words(error)
    return words + advice(error)


def _reasons(answer: dict[str, Any]) -> str:
    """Return the reason for which the first object was refused, and the number of others."""
    match answer.get("errors"):
        case [{"type": kind, "id": name, "error": dict() as error}, *others]:
            reason = f"{error.get('type')} {error.get('message') or error.get('references') or ''}".rstrip()
            more = f" (and {len(others)} more)" if others else ""
            return f"{kind} {name}{more}: {shortened(reason)}"
        case _:
            return shortened(answer)
