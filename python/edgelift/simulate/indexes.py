"""A cluster of OpenSearch as the index of a delivery stream."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from opensearchpy.exceptions import SerializationError, TransportError

from edgelift.opensearch.cluster import Cluster
from edgelift.opensearch.template import template, template_name
from edgelift.reprocess.sinks.opensearch.answers import request_error_words, shortened
from edgelift.reprocess.sinks.opensearch.connection import connect
from edgelift.simulate.ports import BulkAnswer, IndexUnreachable

if TYPE_CHECKING:
    from edgelift._core import Transformer
    from edgelift.reprocess.aws import AwsOptions
    from edgelift.reprocess.sinks.opensearch.options import ClusterOptions

_NDJSON: Final = {"content-type": "application/x-ndjson"}


class OpenSearchIndex:
    """Indices of a cluster at an URL.

    Attributes:
        cluster: for other requests than bulk requests.

    Raises:
        UsageError: it cannot be reached so, or credentials would go there unencrypted.

    """

    def __init__(self, url: str, options: ClusterOptions, aws: AwsOptions) -> None:
        self.cluster = Cluster(url, options, aws)
        self._url = url
        self._transport = connect(url, options, aws).transport

    def check(self) -> str:
        """Return the name and version of the server.

        Raises:
            JobError: nobody answers, or not as OpenSearch does.

        """
        return self.cluster.check_version()

    def apply_template(self, transformer: Transformer) -> str:
        """Create or replace the index template of a configuration; return its name.

        Only the template: a stream needs neither the policy nor the role.

        Raises:
            JobError: it is refused.
            ConfigError: the configuration has no template.

        """
        name = template_name(transformer)
        body = template(transformer, has_policies=False)
        answer = self.cluster.request("PUT", f"/_index_template/{name}", body)
        if not answer.is_ok:
            raise self.cluster.refused(f"index template {name}", answer)
        return name

    def bulk(self, body: bytes) -> BulkAnswer:
        """Send the body of a ``_bulk`` request and return the answer, also that of a refusal.

        Raises:
            IndexUnreachable: there was no answer, or none of OpenSearch.

        """
        try:
            answer = self._transport.perform_request("POST", "/_bulk", body=body, headers=_NDJSON)
        except SerializationError as error:
            words = shortened(error.args[0])
            raise IndexUnreachable(f"{self._url} does not answer as OpenSearch does: {words}") from None
        except TransportError as error:
            words = request_error_words(error)
            if isinstance(error.status_code, int):
                return BulkAnswer(error.status_code, error=words)
            raise IndexUnreachable(f"cannot reach {self._url}: {words}") from None
        return BulkAnswer(HTTPStatus.OK, _items(answer, self._url))

    def refresh(self, prefix: str) -> None:
        """Make what was indexed searchable, in the indices whose names begin with a prefix.

        Raises:
            JobError: the cluster cannot be used.

        """
        self.cluster.request("POST", f"/{prefix}*/_refresh")

    def count(self, prefix: str) -> int | None:
        """Refresh and count the documents of all indices whose names begin with a prefix.

        Returns:
            Their number, or None if the user may not refresh or count, or the server does not refresh.

        Raises:
            JobError: nobody answers.

        """
        if self.cluster.is_serverless:
            return None
        indices = f"/{prefix}*"
        answers = [self.cluster.request("POST", f"{indices}/_refresh")]
        answers.append(self.cluster.request("GET", f"{indices}/_count"))
        if any(answer.status == HTTPStatus.NOT_FOUND for answer in answers):
            return 0
        return int(answers[1].body["count"]) if all(answer.is_ok for answer in answers) else None

    def counts(self, prefix: str) -> dict[str, int]:
        """Return the documents in each index whose name begins with a prefix, as of the last refresh.

        Raises:
            JobError: the cluster cannot be used.

        """
        found = self.cluster.get(
            f"/_cat/indices/{prefix}*", params={"format": "json", "h": "index,docs.count"}
        )
        return {row["index"]: int(row["docs.count"] or 0) for row in sorted(found or (), key=_index_name)}


def _index_name(row: dict[str, str]) -> str:
    return row["index"]


def _items(answer: Any, url: str) -> list[dict[str, Any]]:  # noqa: ANN401 - of JSON
    """Return the results of the documents, without the names of their actions."""
    try:
        items = [result for item in answer["items"] for result in item.values()]
        if {type(item["status"]) for item in items} <= {int}:
            return items
    except (AttributeError, KeyError, TypeError):
        pass
    raise IndexUnreachable(f"{url} does not answer as OpenSearch does: {shortened(answer)}")
