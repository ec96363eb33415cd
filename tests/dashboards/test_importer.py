"""Imports into a server on loopback that keeps what it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgelift import Transformer
from edgelift.opensearch.dashboards.importer import Importer
from edgelift.opensearch.dashboards.saved_objects import saved_objects
from edgelift.reprocess.aws import AwsOptions
from edgelift.reprocess.errors import JobError, UsageError
from edgelift.reprocess.sinks.opensearch.options import ClusterOptions
from tests.dashboards.server import Dashboards, Object, problem, serving

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def dashboards() -> Iterator[Dashboards]:
    with serving(Dashboards()) as server:
        yield server


@pytest.fixture(scope="module")
def objects() -> list[Object]:
    return saved_objects(Transformer({"layouts": [{"fields": "all"}]}))


def importer(url: str, tenant: str | None = None, user: str | None = None) -> Importer:
    return Importer(url, ClusterOptions(user=user), AwsOptions(), tenant)


def test_all_objects_are_imported_in_one_request(dashboards: Dashboards, objects: list[Object]) -> None:
    importer(dashboards.url).apply(objects)
    assert dashboards.imports == [objects]
    assert dashboards.tenants.keys() == {""}


def test_second_import_overwrites_the_first(dashboards: Dashboards, objects: list[Object]) -> None:
    importer(dashboards.url).apply(objects)
    importer(dashboards.url).apply(objects)
    assert len(dashboards.imports) == 2
    assert len(dashboards.tenants[""]) == len(objects)


def test_plan_says_what_an_import_would_do_and_changes_nothing(
    dashboards: Dashboards, objects: list[Object]
) -> None:
    found = importer(dashboards.url).plan(objects)
    assert len(found) == len(objects)
    assert set(found.values()) == {"create"}
    assert dashboards.imports == []
    importer(dashboards.url).apply(objects)
    dashboards.changed.add("cdn-logs-overview")
    needed = {name: what for name, what in importer(dashboards.url).plan(objects).items() if what}
    assert needed == {"dashboard cdn-logs-overview": "update"}


def test_plan_of_another_server_is_an_error(dashboards: Dashboards, objects: list[Object]) -> None:
    with pytest.raises(JobError, match="404 Not Found"):
        importer(dashboards.url.removesuffix("/_dashboards")).plan(objects)


def test_objects_belong_to_the_tenant(dashboards: Dashboards, objects: list[Object]) -> None:
    importer(dashboards.url, tenant="operations").apply(objects)
    assert dashboards.tenants.keys() == {"operations"}


def test_user_and_password_are_sent(
    dashboards: Dashboards, objects: list[Object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENSEARCH_PASSWORD", "secret")
    importer(dashboards.url, user="me").apply(objects)
    assert dashboards.authorizations == {"Basic bWU6c2VjcmV0"}


def test_refused_object_is_named_with_its_reason(dashboards: Dashboards, objects: list[Object]) -> None:
    with pytest.raises(JobError) as raised:
        importer(dashboards.url).apply(objects[1:])
    others = sum(found["references"] == objects[1]["references"] for found in objects) - 1
    assert str(raised.value).startswith(
        f"{dashboards.url} does not take the saved objects: visualization cdn-logs-requests "
        f"(and {others} more): missing_references "
    )


def test_object_that_is_not_there_afterwards_is_an_error(
    dashboards: Dashboards, objects: list[Object]
) -> None:
    dashboards.lost.add("cdn-logs-hit-ratio")
    with pytest.raises(JobError, match="visualization cdn-logs-hit-ratio is not there after its import"):
        importer(dashboards.url).apply(objects)


def test_object_that_is_another_afterwards_is_an_error(dashboards: Dashboards, objects: list[Object]) -> None:
    dashboards.changed.add("cdn-logs-overview")
    with pytest.raises(JobError, match="title, references of dashboard cdn-logs-overview is not as"):
        importer(dashboards.url).apply(objects)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            (401, problem(401, "Unauthorized", "Authentication required")),
            "401 Authentication required; check --user and OPENSEARCH_PASSWORD, ",
        ),
        ((403, problem(403, "Forbidden", "no permissions")), "403 no permissions"),
        ((413, problem(413, "Payload Too Large", "greater than allowed")), "413 greater than allowed"),
        ((502, b"<html>Bad Gateway</html>"), "502 <html>Bad Gateway</html>"),
        ((200, b"<html>Log in</html>"), "that is not OpenSearch Dashboards: name its URL, such as https://"),
        (
            (405, {"error": "Incorrect HTTP method for uri [/api] and method [POST]", "status": 405}),
            "that is not",
        ),
    ],
)
def test_other_answers_become_messages(
    dashboards: Dashboards, objects: list[Object], answer: tuple[int, object], words: str
) -> None:
    dashboards.answer = answer
    with pytest.raises(JobError) as raised:
        importer(dashboards.url).apply(objects)
    assert str(raised.value).startswith(f"cannot use {dashboards.url}: {words}")


def test_nobody_at_the_url_is_an_error(objects: list[Object]) -> None:
    server = Dashboards()
    server.server_close()
    with pytest.raises(JobError, match=r"^cannot use http://127\.0\.0\.1:.*; is the URL right"):
        importer(server.url).apply(objects)


def test_password_is_not_sent_unencrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENSEARCH_PASSWORD", "secret")
    with pytest.raises(UsageError, match="credentials would go over http:// unencrypted"):
        importer("http://dashboards.example.com", user="me")


def test_password_in_the_url_is_refused() -> None:
    with pytest.raises(UsageError, match="no password in the URL"):
        importer("http://me:secret@127.0.0.1:5601")
