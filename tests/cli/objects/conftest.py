"""Fixtures for objects: an S3 on loopback, a server of URLs, and what they are read with."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.cli.test_memory import peak_of
from tests.reprocess.conftest import aws, s3, s3_proxy, s3_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["aws", "peak_of", "s3", "s3_proxy", "s3_url"]

SIGNATURE = "X-Amz-Signature=5ec2e7"


@dataclass
class Answer:
    """An answer to a request: its content, so many times.

    ``length`` is what its header promises; None: no such header.
    """

    content: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = -1
    stalls: bool = False
    times: int = 1


@dataclass
class Urls:
    """A server of URLs: answers by path, which may be lists of them, one per request."""

    url: str
    answers: dict[str, Answer | list[Answer]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    stalled: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def add(self, path: str, *answers: Answer) -> str:
        """Add answers; return the presigned URL."""
        self.answers[path] = answers[0] if len(answers) == 1 else list(answers)
        return f"{self.url}{path}?X-Amz-Expires=60&{SIGNATURE}"


class _Server(ThreadingHTTPServer):
    urls: Urls
    daemon_threads = True


class _Request(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:  # the base class's name
        urls = self.server.urls
        path = self.path.partition("?")[0]
        urls.requests.append(path)
        urls.headers.append(dict(self.headers))
        answer = urls.answers.get(path, Answer(b"<Error><Code>NoSuchKey</Code></Error>", 404))
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.length is not None:
            length = len(answer.content) * answer.times if answer.length < 0 else answer.length
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command == "HEAD":
            return
        for _ in range(answer.times):
            self.wfile.write(answer.content)
        if answer.stalls:
            self.wfile.flush()
            urls.stalled.set()
            urls.released.wait(60)

    def do_CONNECT(self) -> None:  # the base class's name
        self.server.urls.requests.append(f"CONNECT {self.path}")
        self.server.urls.headers.append(dict(self.headers))
        self.send_error(403)

    do_HEAD = do_GET  # noqa: N815 - the base class's name

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@contextmanager
def serve(context: ssl.SSLContext | None = None) -> Iterator[Urls]:
    with ExitStack() as stack:
        server = stack.enter_context(_Server(("127.0.0.1", 0), _Request))
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https" if context else "http"
        server.urls = Urls(f"{scheme}://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        stack.callback(server.urls.released.set)
        yield server.urls


@pytest.fixture
def urls() -> Iterator[Urls]:
    """Serve URLs on loopback, without TLS."""
    with serve() as served:
        yield served


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a certificate of 127.0.0.1 with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    begin = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + dt.timedelta(days=30))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file.write_bytes(key.private_bytes(pem, form, serialization.NoEncryption()) + signed.public_bytes(pem))
    return file


@pytest.fixture
def secure_urls(certificate: Path) -> Iterator[Urls]:
    """Serve URLs on loopback with TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serve(context) as served:
        yield served


@pytest.fixture
def interrupt(command: tuple[str, ...], environment: dict[str, str]) -> Callable[..., tuple[int, str]]:
    """Give a function that starts the command line, and interrupts it once something has happened."""
    import signal
    import subprocess

    def interrupt(happened: threading.Event, *words: str | Path, env: dict[str, str]) -> tuple[int, str]:
        process = subprocess.Popen([*command, *words], stderr=subprocess.PIPE, env=environment | env)
        assert happened.wait(60)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        return process.returncode, err.decode()

    return interrupt
