"""A real OpenSearch on loopback, in a folder of its own, that can be ended, killed and started again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import urllib3

from tests.opensearch.install import installed, java

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NOBODY = 65534
"""User and group that it runs as if we are root, as whom it refuses to run."""

HEAP = "512m"

READY = 180
"""Seconds in which it has to answer; 10 to 20 are common."""

ADMIN = ("admin", "admin")
"""User of the security plugin's demo configuration."""

# Options that bin/opensearch would add and that matter here.
JVM = [
    f"-Xms{HEAP}",
    f"-Xmx{HEAP}",
    "-XX:+UseSerialGC",
    "-Djava.security.manager=allow",
    "-Djava.awt.headless=true",
    "-Djava.locale.providers=SPI,COMPAT",
    "-Dfile.encoding=UTF-8",
    "-Djna.nosys=true",
    "-Dlog4j.shutdownHookEnabled=false",
    "-Dlog4j2.disable.jmx=true",
    "-Dopensearch.distribution.type=zip",
    "-Dopensearch.bundled_jdk=false",
]

FAST_START = "-XX:TieredStopAtLevel=1"
"""Starts in half the time, but frequent code is not optimized as on a server."""

SETTINGS = {
    "node.name": "one",
    "network.host": "127.0.0.1",
    "discovery.type": "single-node",
    # What a disk has left must not decide whether an index takes documents.
    "cluster.routing.allocation.disk.threshold_enabled": "false",
    # Without it the garbage of a small heap counts as memory in use.
    "indices.breaker.total.use_real_memory": "false",
}

# The node's certificate is its own authority; whoever has credentials may do what their roles say.
SECURED = {
    "plugins.security.ssl.transport.pemcert_filepath": "node.pem",
    "plugins.security.ssl.transport.pemkey_filepath": "node.key",
    "plugins.security.ssl.transport.pemtrustedcas_filepath": "node.pem",
    "plugins.security.ssl.transport.enforce_hostname_verification": "false",
    "plugins.security.ssl.http.enabled": "true",
    "plugins.security.ssl.http.pemcert_filepath": "node.pem",
    "plugins.security.ssl.http.pemkey_filepath": "node.key",
    "plugins.security.ssl.http.pemtrustedcas_filepath": "node.pem",
    "plugins.security.allow_default_init_securityindex": "true",
    "plugins.security.audit.type": "noop",
    "plugins.security.restapi.roles_enabled": '["all_access"]',
}


def certificate(folder: Path, name: str) -> Path:
    """Make a self-signed certificate for 127.0.0.1, ``NAME.pem`` with ``NAME.key``."""
    path = folder / f"{name}.pem"
    key = str(folder / f"{name}.key")
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=node"]
    words += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", str(path)]
    subprocess.run(words, check=True, capture_output=True)
    return path


class Server:
    """One node.

    Args:
        folder: an empty one that anybody may enter, for its data, logs and configuration.
        settings: what is set beyond `SETTINGS`.
        secured: whether it wants TLS and credentials.
        optimized: whether its code is compiled as on a server, for measurements.

    """

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str] | None = None,
        *,
        secured: bool = False,
        optimized: bool = False,
    ) -> None:
        self.folder = folder
        self._jvm = JVM if optimized else [*JVM, FAST_START]
        self.secured = secured
        self.port = _free_port()
        self.url = f"{'https' if secured else 'http'}://127.0.0.1:{self.port}"
        self.pem = folder / "config/node.pem"
        self.process: subprocess.Popen[bytes] | None = None
        self._home = installed()
        self._configure(settings or {})
        self._http = urllib3.PoolManager(
            ca_certs=str(self.pem) if secured else None, retries=False, timeout=120, maxsize=4
        )

    def _configure(self, settings: Mapping[str, str]) -> None:
        config = self.folder / "config"
        for name in "config", "data", "logs", "tmp":
            (self.folder / name).mkdir()
        shutil.copy(self._home / "config/log4j2.properties", config)
        own = {
            "http.port": str(self.port),
            "transport.port": str(_free_port()),
            "path.data": str(self.folder / "data"),
            "path.logs": str(self.folder / "logs"),
        }
        if self.secured:
            certificate(config, "node")
            shutil.copytree(self._home / "plugins/opensearch-security/config", config / "opensearch-security")
            own |= SECURED
        else:
            own["plugins.security.disabled"] = "true"
        lines = [f"{name}: {value}\n" for name, value in (SETTINGS | own | dict(settings)).items()]
        (config / "opensearch.yml").write_text("".join(lines))
        if os.geteuid() == 0:
            theirs = ["chown", "--recursive", f"{NOBODY}:{NOBODY}", str(self.folder)]
            subprocess.run(theirs, check=True)

    def start(self) -> None:
        """Start it, and wait until it answers.

        Raises:
            RuntimeError: it ends, or does not answer in time.

        """
        places = [
            f"-Dopensearch.path.home={self._home}",
            f"-Dopensearch.path.conf={self.folder / 'config'}",
            f"-Djava.io.tmpdir={self.folder / 'tmp'}",
            f"-Djna.tmpdir={self.folder / 'tmp'}",
        ]
        command = [
            java(),
            *self._jvm,
            *places,
            "-cp",
            f"{self._home}/lib/*",
            "org.opensearch.bootstrap.OpenSearch",
        ]
        # It must not outlive the tests, whatever becomes of them.
        wrapper = ["setpriv", "--pdeathsig", "KILL"]
        if os.geteuid() == 0:
            wrapper += [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        with (self.folder / "output").open("ab") as output:
            self.process = subprocess.Popen(
                [*wrapper, *command],
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], "HOME": str(self.folder)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        end = time.monotonic() + READY
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(
                    f"OpenSearch does not start:\n{(self.folder / 'output').read_text()[-3000:]}"
                )
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            status, reported = self.request("GET", "/_cluster/health?wait_for_status=yellow&timeout=1s")
        except urllib3.exceptions.HTTPError:
            return False
        return status == 200 and reported["status"] in {"green", "yellow"}

    def request(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Ask it something as its administrator; return the status and what it said, JSON or not."""
        headers = urllib3.make_headers(basic_auth=":".join(ADMIN)) if self.secured else {}
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = {} if data is None else {"Content-Type": "application/json"}
        answer = self._http.request(method, self.url + path, body=data, headers={**headers, **kind})
        try:
            return answer.status, json.loads(answer.data)
        except ValueError:
            return answer.status, answer.data.decode()

    def ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 -- of JSON
        """Ask it something that it has to grant."""
        status, reported = self.request(method, path, body)
        assert status < 300, (status, reported)
        return reported

    def hits(self, indices: str, **wanted: object) -> Iterator[dict[str, Any]]:
        """Yield all documents of some indices."""
        self.ask("POST", f"/{indices}/_refresh")
        query = {"size": 10_000, "sort": ["_doc"], **wanted}
        page = self.ask("POST", f"/{indices}/_search?scroll=1m", query)
        while page["hits"]["hits"]:
            yield from page["hits"]["hits"]
            page = self.ask("POST", "/_search/scroll", {"scroll": "1m", "scroll_id": page["_scroll_id"]})
        self.ask("DELETE", "/_search/scroll", {"scroll_id": page["_scroll_id"]})

    def by_id(self, indices: str = "cdn-logs") -> dict[str, Any]:
        """Return all documents of some indices by their ids, of which none may be there twice."""
        found: dict[str, Any] = {}
        for hit in self.hits(indices):
            assert hit["_id"] not in found, hit
            found[hit["_id"]] = hit["_source"]
        return found

    def stop(self) -> None:
        """End it as it wants to be ended, or do nothing if it has ended."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once; it can be started again on what it has written."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.process is None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._http.clear()


@contextmanager
def running(
    settings: Mapping[str, str] | None = None, *, secured: bool = False, optimized: bool = False
) -> Iterator[Server]:
    """Run one in a folder that is gone afterwards."""
    # Not a folder of pytest's, which nobody but its user may enter.
    with tempfile.TemporaryDirectory(prefix="edgelift-opensearch-") as folder:
        Path(folder).chmod(0o755)
        server = Server(Path(folder), settings, secured=secured, optimized=optimized)
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
