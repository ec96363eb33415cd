"""An OpenSearch that takes everything: it counts the documents of a body and answers as 2.19 does.

``python -m benchmarks.canned`` prints its port. Answers are of the shape and the length of real ones.
"""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

CREATED: Final = b"""\
{"create":{"_index":"cdn-logs-2024-04-01","_id":"_lBAtPxU0liFsIgrbKD_-6JLEuSHlZswQJlXjNvjIf5EMKlpo9Z8hI==",\
"_version":1,"result":"created","_shards":{"total":2,"successful":1,"failed":0},"_seq_no":123456,"_primary_term":1,\
"status":201}}"""
CREATED_FILTERED: Final = b'{"create":{"status":201}}'
"""The answer, reduced by ``filter_path``."""


class Handler(BaseHTTPRequestHandler):
    """Answers bulk requests, and whoever asks whether somebody is there."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(b'{"version":{"distribution":"opensearch","number":"2.19.4"}}')

    def do_POST(self) -> None:
        documents = self.rfile.read(int(self.headers["Content-Length"])).count(b"\n") // 2
        is_filtered = "filter_path=errors" in self.path
        items = b",".join([CREATED_FILTERED if is_filtered else CREATED] * documents)
        self._answer((b"{" if is_filtered else b'{"took":30,') + b'"errors":false,"items":[' + items + b"]}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the overridden method
        del format, args

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve until somebody ends the process."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        print(server.server_port, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
