"""The answers of OpenSearch: items of a bulk request, errors, and their words.

Sources: OpenSearch documentation, "Bulk"; what servers of 2.19 and 3.x answer to what they do not take.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from edgelift.reprocess.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Mapping

# What is wrong with the index and not with the document, though the status says 400: by type, and by how the
# reason begins where the type says nothing.
_INDEX_ERRORS: Final = {"index_closed_exception", "validation_exception"}
_DATA_STREAM: Final = "only write ops with an op_type of create are allowed in data streams"
_INDEX_ERROR_PREFIXES: Final = (
    "no write index is defined for alias",
    "pipeline with id [",
    _DATA_STREAM,
)

_CREATED: Final = {201}
"""Status of documents that are new."""

_MAX_REASON_CHARS: Final = 500
"""Characters of what a server says: some say it in HTML."""


class ItemResult(NamedTuple):
    """The result of one document.

    Attributes:
        status: as of HTTP.
        error: what is wrong with it, or None.
        index_name: the index that answered, which an alias does not name; None if it was not asked for.

    """

    status: int
    error: Any
    index_name: str | None


def item_results(
    url: str, answer: dict[str, Any], documents: int, action: str = "create"
) -> list[ItemResult] | None:
    """Return the result of each document, or None if all of them were created.

    What the answer says of errors in general is not relied upon: the status of each item counts.

    Args:
        url: where the answer is from.
        answer: that to a bulk request.
        documents: how many documents were sent.
        action: what was asked for each of them.

    Raises:
        JobError: it is not an answer of OpenSearch, or not to as many documents.

    """
    answered = answer.get("items")
    try:
        results = [item[action] for item in answered] if isinstance(answered, list) else []
        statuses = [result["status"] for result in results]
        errors = [result.get("error") for result in results]
        indices = [result.get("_index") for result in results]
    except (AttributeError, KeyError, TypeError):
        statuses, errors, indices = [None], [None], [None]
    # Neither booleans nor floats, which may be infinite, are statuses.
    is_answer = isinstance(answered, list) and isinstance(answer.get("errors"), bool)
    if not is_answer or not set(map(type, statuses)) <= {int}:
        # Of another kind of server, which would answer so again.
        raise JobError(f"{url} does not answer as OpenSearch does: {shortened(answer)}")
    if len(statuses) != documents:
        raise JobError(f"{url} answered {len(statuses)} of {documents} documents")
    if set(statuses) <= _CREATED and not any(errors):
        return None
    return list(map(ItemResult, statuses, errors, indices))


def is_index_error(error: Any) -> bool:  # noqa: ANN401 - of JSON
    """Return true if the error of an item is one of its index, which no document could avoid."""
    if not isinstance(error, dict):
        return False
    return error.get("type") in _INDEX_ERRORS or str(error.get("reason")).startswith(_INDEX_ERROR_PREFIXES)


def index_error_words(error: Any) -> str:  # noqa: ANN401 - of JSON
    """Return what is wrong with the index of an item, in words, and what to do if that is known."""
    words = item_reason(error)
    if words.endswith(_DATA_STREAM):
        words += ": the documents of a data stream cannot be replaced; leave out --overwrite"
    return words


def item_reason(error: Any) -> str:  # noqa: ANN401 - of JSON
    """Return what is wrong with an item, in words: its reason, and that of the innermost cause."""
    words = _reason(error)
    while isinstance(error, dict) and isinstance(error.get("caused_by"), dict):
        error = error["caused_by"]
    cause = _clean(str(error.get("reason") or "")) if isinstance(error, dict) else ""
    # Some say the same twice.
    return words if cause in words else f"{words}: {cause}"


def _reason(error: Any) -> str:  # noqa: ANN401 - of JSON
    return _clean(f"{error.get('type')}: {error.get('reason')}" if isinstance(error, dict) else str(error))


def error_type(info: Any) -> str | None:  # noqa: ANN401 - of JSON
    """Return the type of what a whole request failed with, or None if it is unknown."""
    error = info.get("error") if isinstance(info, dict) else None
    return error.get("type") if isinstance(error, dict) else None


def request_error_words(error: Any) -> str:  # noqa: ANN401 - of opensearch-py
    """Return what a request failed with: status and reason, or the words of the connection."""
    info, status = error.info, error.status_code
    if not isinstance(status, int):
        return shortened(error.error)
    if isinstance(info, dict) and "error" in info:
        info = _reason(info["error"])
    if 300 <= status < 400:  # noqa: PLR2004 - redirects
        info = "it redirects: name the URL that it leads to"
    return shortened(f"{status} {info or error.error or HTTPStatus(status).phrase}")


def index_note(name: str, found: Mapping[str, Any]) -> str | None:
    """Return a note if what has the name is several indices, of which only one is written to."""
    several = [alias for alias in found.get("aliases", ()) if len(alias.get("indices", ())) > 1]
    if not found.get("data_streams") and not several:
        return None
    kind = "an alias of several indices" if several else "a data stream"
    return (
        f"{name} is {kind}, which knows the ids of its write index only: "
        "a document from before the last rollover is there twice if it came again"
    )


def shortened(said: object) -> str:
    """Return one short line for people of what a server says."""
    text = _clean(" ".join(str(said).split())) or "nothing"
    return text if len(text) <= _MAX_REASON_CHARS else f"{text[:_MAX_REASON_CHARS]}…"


def _clean(text: str) -> str:
    """Take out half surrogate pairs, which JSON may have and UTF-8 cannot say."""
    return text.encode(errors="replace").decode()
