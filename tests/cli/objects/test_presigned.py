"""`transform` reads presigned URLs, and shows their signatures to nobody."""

from __future__ import annotations

import base64
import gzip
import json
import socket
from typing import TYPE_CHECKING

import pytest

from tests.cli.objects.conftest import SIGNATURE, Answer, Urls

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Done, Run
    from tests.reprocess.conftest import Client

FIELDS = ("--fields", "sc-status")
ROWS = b"200\n2x0\n404\n"
DOCUMENTS = b'{"sc-status":200}\n{"sc-status":404}\n'


def shows_no_signature(done: Done, *files: Path) -> bool:
    shown = [done.out, done.err.encode(), *(file.read_bytes() for file in files)]
    return not any(part in text for text in shown for part in (SIGNATURE.encode(), b"X-Amz-", b"?"))


def test_presigned_url_of_s3_is_read(run: Run, s3: Client, tmp_path: Path) -> None:
    s3.put_object(Bucket="logs", Key="cdn/a.gz", Body=gzip.compress(ROWS))
    url = s3.generate_presigned_url("get_object", {"Bucket": "logs", "Key": "cdn/a.gz"})
    failed = tmp_path / "failed"
    done = run("transform", url, *FIELDS, "--failed", failed)
    assert (done.code, done.out) == (1, DOCUMENTS), done.err
    name = url.partition("?")[0]
    assert done.detected == [f"{name}: real-time rows"]
    assert json.loads(failed.read_bytes())["object"] == name
    assert shows_no_signature(done, failed)


def test_https_is_read_if_the_certificate_is_trusted(run: Run, secure_urls: Urls, certificate: Path) -> None:
    url = secure_urls.add("/a", Answer(ROWS))
    done = run("transform", url, *FIELDS, env={"SSL_CERT_FILE": str(certificate)})
    assert (done.code, done.out) == (1, DOCUMENTS), done.err
    done = run("transform", url, *FIELDS)
    assert done.code == 3
    assert done.err.startswith(f"edgelift: cannot read {secure_urls.url}/a: no secure connection: ")
    assert "CERTIFICATE_VERIFY_FAILED" in done.err
    assert shows_no_signature(done)


@pytest.mark.parametrize("encoding", [{}, {"Content-Encoding": "gzip"}])
@pytest.mark.parametrize("length", [-1, None])
def test_stored_bytes_are_read(run: Run, urls: Urls, encoding: dict[str, str], length: int | None) -> None:
    url = urls.add("/a", Answer(gzip.compress(ROWS), headers=encoding, length=length))
    assert run("transform", url, *FIELDS).out == DOCUMENTS


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (
            Answer(
                b"<Error><Code>AccessDenied</Code><Message>?X-Amz-Signature=5ec2e7</Message></Error>", 403
            ),
            "HTTP 403 (AccessDenied): the URL may have expired",
        ),
        (
            Answer(b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>", 403),
            "HTTP 403 (AccessDenied): the URL has expired",
        ),
        (Answer(b"<Error><Code>NoSuchKey</Code></Error>", 404), "HTTP 404 (NoSuchKey)"),
        (Answer(b"?X-Amz-Signature=5ec2e7", 500), "HTTP 500"),
        (Answer(b"", 204, length=None), "HTTP 204"),
        *(
            (
                Answer(status=status, headers={"Location": f"/b?{SIGNATURE}"}),
                f"HTTP {status}: redirects are not followed; name the URL that it leads to",
            )
            for status in (301, 302, 303, 307, 308)
        ),
        (
            Answer(status=307, headers={"Location": "/b", "x-amz-request-id": "1"}),
            "HTTP 307: redirects are not followed; sign the URL for the region of the bucket",
        ),
        (Answer(b"200\n", length=100), "the connection broke after 4 bytes"),
        # A weak version does not stand for the bytes of an object.
        (Answer(b"200\n", headers={"ETag": 'W/"1"'}, length=100), "the connection broke after 4 bytes"),
    ],
)
def test_object_that_cannot_be_read_stops(
    run: Run, urls: Urls, tmp_path: Path, answer: Answer, problem: str
) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(b"kept")
    urls.add("/b", Answer(ROWS))
    done = run("transform", urls.add("/a", answer), *FIELDS, "-o", kept)
    assert (done.code, kept.read_bytes()) == (3, b"kept")
    assert done.messages == [f"edgelift: cannot read {urls.url}/a: {problem}"]
    assert "/b" not in urls.requests
    assert shows_no_signature(done)


def test_broken_transfer_goes_on_where_it_broke(run: Run, urls: Urls) -> None:
    tag = {"ETag": '"1"'}
    place = {"Content-Range": f"bytes 6-{len(ROWS) - 1}/{len(ROWS)}"}
    part = Answer(ROWS[6:], 206, headers=tag | place)
    url = urls.add("/a", Answer(ROWS, headers=tag), Answer(ROWS[:6], headers=tag, length=len(ROWS)), part)
    done = run("transform", url, *FIELDS)
    assert (done.code, done.out) == (1, DOCUMENTS), done.err
    asked = [(headers.get("Range"), headers.get("If-Match")) for headers in urls.headers]
    assert asked == [(None, None), (None, '"1"'), ("bytes=6-", '"1"')]


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ([Answer(status=412)], "it has changed since it was checked"),
        (
            [Answer(ROWS[:4], headers={"ETag": '"1"'}, length=9), Answer(ROWS)],
            "HTTP 200 instead of the part that was missing when the connection broke",
        ),
        *(
            (
                [
                    Answer(ROWS[:4], headers={"ETag": '"1"'}, length=len(ROWS)),
                    Answer(ROWS, 206, headers={"ETag": '"1"'} | place),
                ],
                "the connection broke after 4 bytes, and what follows is not the rest of the object",
            )
            for place in (
                {},
                {"Content-Range": f"bytes 0-{len(ROWS) - 1}/{len(ROWS)}"},
                {"Content-Range": f"bytes 4-{len(ROWS) - 1}/{len(ROWS) + 1}"},
            )
        ),
        (
            [
                Answer(ROWS[:4], headers={"ETag": '"1"'}, length=len(ROWS)),
                Answer(
                    ROWS[4:],
                    206,
                    headers={"ETag": '"2"', "Content-Range": f"bytes 4-{len(ROWS) - 1}/{len(ROWS)}"},
                ),
            ],
            "it has changed while it was read",
        ),
    ],
)
def test_object_that_changes_or_comes_in_no_parts_stops(
    run: Run, urls: Urls, answers: list[Answer], problem: str, tmp_path: Path
) -> None:
    url = urls.add("/a", Answer(ROWS, headers={"ETag": '"1"'}), *answers)
    done = run("transform", url, *FIELDS, "-o", tmp_path / "out")
    assert (done.code, (tmp_path / "out").exists()) == (3, False)
    assert done.messages == [f"edgelift: cannot read {urls.url}/a: {problem}"]


def test_time_of_an_object_is_in_failed_records(run: Run, urls: Urls, tmp_path: Path) -> None:
    headers = {"Last-Modified": "Fri, 15 Nov 2024 19:00:00 GMT"}
    run("transform", urls.add("/a", Answer(ROWS, headers=headers)), *FIELDS, "--failed", tmp_path / "failed")
    assert json.loads((tmp_path / "failed").read_bytes())["arrivalTimestamp"] == 1731697200000


def test_case_of_a_scheme_has_no_meaning(run: Run, urls: Urls) -> None:
    url = urls.add("/a", Answer(ROWS)).replace("http:", "HTTP:")
    done = run("transform", url, *FIELDS)
    assert (done.code, done.out) == (1, DOCUMENTS), done.err
    assert shows_no_signature(done)


def test_proxy_of_the_environment_is_used(run: Run, urls: Urls) -> None:
    # It refuses the tunnel: no request reaches the network.
    proxy = urls.url.replace("//", "//user:p%C3%A4ss%20%E2%82%AC@")
    done = run("transform", f"https://example.com/a?{SIGNATURE}", *FIELDS, env={"HTTPS_PROXY": proxy})
    assert (done.code, done.err) == (3, "edgelift: cannot read https://example.com/a: no connection\n")
    assert urls.requests[0] == "CONNECT example.com:443"
    assert (
        urls.headers[0]["proxy-authorization"] == f"Basic {base64.b64encode('user:päss €'.encode()).decode()}"
    )
    done = run("transform", f"https://example.com/a?{SIGNATURE}", *FIELDS, env={"HTTPS_PROXY": "ftp://x"})
    problem = "its URL, or that of the proxy, is invalid"
    assert (done.code, done.err) == (3, f"edgelift: cannot read https://example.com/a: {problem}\n")


def test_all_urls_are_checked_before_anything_is_written(run: Run, urls: Urls) -> None:
    done = run("transform", urls.add("/a", Answer(ROWS)), f"{urls.url}/missing?{SIGNATURE}", *FIELDS)
    assert (done.code, done.out) == (3, b"")
    assert done.err == f"edgelift: cannot read {urls.url}/missing: HTTP 404 (NoSuchKey)\n"


def test_throttled_request_is_sent_again(run: Run, urls: Urls) -> None:
    url = urls.add("/a", Answer(status=503), Answer(status=503), Answer(ROWS))
    assert run("transform", url, *FIELDS).out == DOCUMENTS
    assert urls.requests == ["/a"] * 4


def test_missing_server_stops(run: Run, inject: Callable[[str], dict[str, str]]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/a"
        env = inject("import edgelift.cli.presigned as presigned; presigned.TRIES = 1")
        done = run("transform", f"{url}?{SIGNATURE}", *FIELDS, env=env)
    assert (done.code, done.err) == (3, f"edgelift: cannot read {url}: no connection\n")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        (
            "http://example.com/a",
            "the signature of a URL of example.com would go over http:// unencrypted: use https://",
        ),
        ("https://user:word@example.com/a", "a URL of example.com has a user or password in it"),
        ("https:///a", "a URL has no host: https://host/path"),
        ("https://[::1/a", "a URL has no host: https://host/path"),
        ("https://example.com:99999/a", "a URL of example.com has an invalid host or port"),
        ("https://exa mple.com/a", "a URL of exa mple.com has an invalid host or port"),
        ("https://\udcff.com/a", r"a URL of \xff.com has an invalid host or port"),
    ],
)
def test_urls_that_cannot_be_used_are_refused(run: Run, url: str, problem: str) -> None:
    done = run("transform", f"{url}?{SIGNATURE}", *FIELDS)
    assert done.code == 2
    assert done.err.startswith(f"edgelift: {problem}")
    assert shows_no_signature(done)
    assert "word@" not in done.err


@pytest.mark.parametrize(
    "words",
    [
        ("size", "URL", "URL"),
        ("fields", "URL"),
        ("explain", "URL", "URL"),
        ("URL",),
        ("transform", "--config", "URL"),
        ("transform", " URL"),
        ("transform", "x", "--fields", "URL"),
        ("transform", "x", "--endpoint-url", "URL"),
        ("reprocess", "x", "y", "--failed", "URL"),
        ("reprocess", "x", "y", "--journal", "URL"),
    ],
    ids=" ".join,
)
def test_url_in_a_wrong_place_is_not_shown_with_its_signature(
    run: Run, words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x").write_bytes(ROWS)
    url = f"https://bucket.example/a?{SIGNATURE}"
    done = run(*(word.replace("URL", url) for word in words))
    assert done.code in {2, 3}
    assert [path.name for path in tmp_path.rglob("*")] == ["x"]
    assert shows_no_signature(done)


@pytest.mark.parametrize("option", ["-o", "--failed"])
def test_outputs_are_not_urls(run: Run, option: str) -> None:
    done = run("transform", option, f"https://example.com/a?{SIGNATURE}", *FIELDS)
    assert done.code == 2
    assert done.err.startswith("edgelift: cannot write https://example.com/a: transform writes files")
    assert shows_no_signature(done)


def test_reprocess_refuses_urls_and_keeps_them_out_of_its_journal(run: Run, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    words = (f"https://example.com/a?{SIGNATURE}", f"{tmp_path}/out/", *FIELDS, "--journal", journal)
    done = run("reprocess", *words)
    assert (done.code, journal.exists()) == (2, False)
    assert done.err == "edgelift: SOURCE is a URL: edgelift transform reads presigned URLs\n"
    (tmp_path / "list").write_text(f"https://example.com/a?{SIGNATURE}\n")
    done = run("reprocess", f"list:{tmp_path}/list", *words[1:])
    assert done.code == 2
    assert "line 1: a URL cannot be an object of a list" in done.err
    assert shows_no_signature(done)


def test_missing_package_is_named(run: Run, inject: Callable[[str], dict[str, str]]) -> None:
    env = inject("import sys; sys.modules['urllib3'] = None")
    done = run("transform", "https://example.com/a", *FIELDS, env=env)
    assert (done.code, done.err) == (
        2,
        "edgelift: https:// needs the package urllib3, which is not installed: pip install 'edgelift[aws]'\n",
    )


def test_interrupt_ends_a_stalled_transfer(
    interrupt: Callable[..., tuple[int, str]], urls: Urls, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.write_bytes(b"kept")
    answer = Answer(b"200\n", length=1000, stalls=True)
    url = urls.add("/a", Answer(b"200\n", length=1000), answer)
    code, err = interrupt(urls.stalled, "transform", url, *FIELDS, "-o", out, env={})
    assert (code, out.read_bytes()) == (130, b"kept")
    assert "Traceback" not in err
    assert SIGNATURE not in err
