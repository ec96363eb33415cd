"""Requests to Amazon OpenSearch Service are signed: botocore makes the same signature of what arrives."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.reprocess.conftest import Logs, make_logs

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reprocess.conftest import Reprocess
    from tests.reprocess.fault_proxy import FaultProxy

KEY, SECRET, TOKEN, REGION = "AKIDEXAMPLE", "a secret", "a token", "eu-west-1"


@pytest.fixture(scope="module")
def few() -> Logs:
    return make_logs(3, 300, seed=14)


def check(request: str, headers: dict[str, str], body: bytes, service: str) -> None:
    """Make sure that a request is signed with our key, all of it."""
    method, path = request.split(" ", 1)
    authorization = headers["Authorization"]
    shape = (
        rf"AWS4-HMAC-SHA256 Credential={KEY}/(\d{{8}})/{REGION}/{service}/aws4_request, "
        r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})"
    )
    match = re.fullmatch(shape, authorization)
    assert match, authorization
    day, names, signature = match.groups()
    by_name = {name.lower(): value for name, value in headers.items()}
    assert {"host", "x-amz-date", "x-amz-security-token"} <= set(names.split(";"))
    assert by_name["x-amz-security-token"] == TOKEN
    assert by_name["x-amz-date"].startswith(day)
    # Serverless wants it. Only opensearch-py 3.1 and later sign it.
    assert by_name["x-amz-content-sha256"] == hashlib.sha256(body).hexdigest()
    signed = {name: by_name[name] for name in names.split(";")}
    arrived = AWSRequest(method, f"http://{by_name['host']}{path}", headers=signed, data=body)
    arrived.context["timestamp"] = by_name["x-amz-date"]
    signer = SigV4Auth(Credentials(KEY, SECRET, TOKEN), service, REGION)
    canonical = signer.canonical_request(arrived)
    assert signer.signature(signer.string_to_sign(arrived, canonical), arrived) == signature


@pytest.mark.parametrize("service", ["es", "aoss"])
def test_requests_are_signed(
    reprocess: Reprocess, few: Logs, proxy: FaultProxy, tmp_path: Path, service: str
) -> None:
    reprocess.environment |= {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_SESSION_TOKEN": TOKEN,
        "AWS_DEFAULT_REGION": REGION,
    }
    bodies: list[bytes] = []
    # They pass; one worker sends one after the other.
    proxy.instead = lambda _path, body, _count: bodies.append(body)
    source = few.save(tmp_path / "logs")
    account = reprocess.account(source, proxy.url, "--sigv4", service, "--workers", "1")
    assert account["totals"]["written"] == few.counts["written"]
    assert [request.split("?")[0] for request, _ in proxy.headers].count("POST /_bulk") == 3
    for (request, headers), body in zip(proxy.headers, bodies, strict=True):
        check(request, headers, body, service)


def test_missing_credentials_are_wrong_usage(reprocess: Reprocess, few: Logs, tmp_path: Path) -> None:
    del reprocess.environment["AWS_DEFAULT_REGION"]
    done = reprocess(few.save(tmp_path / "logs"), "https://127.0.0.1:1", "--sigv4", "es")
    assert done.code == 2
    assert "requests cannot be signed: there are no AWS credentials, or no region" in done.err
