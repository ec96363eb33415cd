"""A server that records requests, and checks policies as the documentation of Index State Management says.

OpenSearch's plugin is on no package registry, so no test can run a policy. The answers are those that a
server with the plugin gave when it was tried by hand: 201, 409 without the sequence number, and 400 for what
the schema refuses.
"""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

VERSION = {"distribution": "opensearch", "number": "2.19.4"}

_ACTIONS = {"rollover": {"min_index_age", "min_primary_shard_size"}, "delete": set[str]()}
_CONDITIONS = {"min_index_age", "min_rollover_age"}


def policy_problem(body: Any) -> str | None:  # noqa: ANN401 -- of JSON
    """Return why a policy is refused. Source: OpenSearch documentation, "Policies"."""
    policy = body.get("policy", {})
    names = {state.get("name") for state in policy.get("states", [])}
    if body.keys() != {"policy"} or not isinstance(policy.get("description"), str):
        return "description is null"
    if policy.get("default_state") not in names:
        return "the default state is not one of the states"
    if unknown := policy.keys() - {"description", "default_state", "states", "ism_template"}:
        return f"Invalid field: {unknown}"
    for template in policy["ism_template"]:
        if template.keys() != {"index_patterns", "priority"} or not template["index_patterns"]:
            return f"Invalid template: {template}"
    problems = (_state_problem(state, names) for state in policy["states"])
    return next((problem for problem in problems if problem), None)


def _state_problem(state: Any, names: set[Any]) -> str | None:  # noqa: ANN401 -- of JSON
    for action in state["actions"]:
        ((name, options),) = action.items()
        if name not in _ACTIONS or not options.keys() <= _ACTIONS[name]:
            return f"Invalid action: {action}"
    for transition in state["transitions"]:
        conditions = transition["conditions"]
        is_known = conditions.keys() <= _CONDITIONS and transition["state_name"] in names
        if not is_known or not all(re.fullmatch(r"[1-9]\d*d", age) for age in conditions.values()):
            return f"Invalid transition: {transition}"
    return None


@dataclass
class Recorder:
    """A server, and what it has been asked."""

    url: str = ""
    requests: list[tuple[str, str, Any]] = field(default_factory=list)
    version: Any = field(default_factory=lambda: VERSION)
    stored: dict[str, Any] = field(default_factory=dict)
    """Bodies by their paths."""
    answers: dict[tuple[str, str], tuple[int, Any]] = field(default_factory=dict)
    """Fixed answers, by method and path, with or without a query."""
    number: int = 0

    @property
    def writes(self) -> list[tuple[str, str]]:
        """The requests that change something."""
        changes = [(method, path) for method, path, _ in self.requests if method != "GET"]
        return [request for request in changes if "_simulate" not in request[1]]

    def answer(self, method: str, target: str, body: Any) -> tuple[int, Any]:  # noqa: ANN401 -- of JSON
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        self.requests.append((method, path, body))
        for wanted in target, path:
            if (method, wanted) in self.answers:
                return self.answers[method, wanted]
        if path == "/":
            return 200, {"version": self.version}
        if "_simulate" in path:
            return 200, {"template": {}, "overlapping": []}
        if method == "GET":
            found = self._read(path)
            return (404, {"error": "not found"}) if found is None else (200, found)
        if path.startswith("/_plugins/_ism/policies/"):
            return self._put_policy(path, query, body)
        self.stored[path] = body
        return 200, {"acknowledged": True}

    def _resolve(self, name: str) -> Any:  # noqa: ANN401 -- of JSON
        indices = {path[1:]: body for path, body in self.stored.items() if "/" not in path[1:]}
        aliases = {alias for body in indices.values() for alias in body.get("aliases", {})}
        aliases |= {path.rpartition("/")[2] for path in self.stored if "/_alias/" in path}
        return {
            "indices": [{"name": name}] if name in indices else [],
            "aliases": [{"name": name}] if name in aliases else [],
            "data_streams": [],
        }

    def _read(self, path: str) -> Any:  # noqa: ANN401 -- of JSON
        body, name = self.stored.get(path), path.rpartition("/")[2]
        if path.startswith("/_resolve/index/"):
            return self._resolve(name)
        if body is None:
            return None
        if path.startswith("/_index_template/"):
            return {"index_templates": [{"name": name, "index_template": body}]}
        if path.startswith("/_plugins/_security/"):
            return {name: {"reserved": False, "hidden": False, "static": False, **body}}
        return body

    def _put_policy(self, path: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:  # noqa: ANN401
        if problem := policy_problem(body):
            return 400, {"error": {"type": "illegal_argument_exception", "reason": problem}}
        if path in self.stored and query.get("if_seq_no") != [str(self.number)]:
            return 409, {"error": {"type": "version_conflict_engine_exception", "reason": "exists"}}
        self.number += 1
        # Added by the plugin.
        policy = json.loads(json.dumps(body["policy"])) | {"last_updated_time": 1, "schema_version": 21}
        policy["policy_id"] = path.rpartition("/")[2]
        policy["error_notification"] = None
        for state in policy["states"]:
            for action in state["actions"]:
                action["retry"] = {"count": 3, "backoff": "exponential", "delay": "1m"}
                if "rollover" in action:
                    action["rollover"].setdefault("copy_alias", False)
        for template in policy["ism_template"]:
            template["last_updated_time"] = 1
        self.stored[path] = {"policy": policy, "_seq_no": self.number, "_primary_term": 1}
        return 201, self.stored[path]


@contextmanager
def recording(tls: ssl.SSLContext | None = None) -> Iterator[Recorder]:
    """Run one on loopback, with TLS if there is a context."""
    recorder = Recorder()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, body = recorder.answer(self.command, self.path, json.loads(data) if data else None)
            text = body if isinstance(body, str) else json.dumps(body)
            kind = "text/html" if isinstance(body, str) else "application/json"
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_PUT = do_POST = do_DELETE = _do  # noqa: N815 -- names of http.server

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    recorder.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield recorder
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
