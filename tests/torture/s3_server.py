"""An S3 on loopback, moto's, in a process of its own, which refuses for a while as S3 does."""

from __future__ import annotations

import logging
import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SHARE_HEADER = "/-/share/"
"""Path whose rest says the share of requests that is refused, and the seed."""

_SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"


class _Refusing:
    """Refuses some requests before they reach S3."""

    def __init__(self, application: Any) -> None:  # noqa: ANN401 - of moto
        self._application = application
        self._chance = random.Random(0)  # noqa: S311 - no secret
        self._share = 0.0

    def __call__(self, environment: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path: str = environment["PATH_INFO"]
        if path.startswith(SHARE_HEADER):
            share, seed = path.removeprefix(SHARE_HEADER).split("/")
            self._share, self._chance = float(share), random.Random(seed)  # noqa: S311 - no secret
            start("200 OK", [("Content-Length", "0")])
            return [b""]
        if self._chance.random() < self._share:
            environment["wsgi.input"].read(int(environment.get("CONTENT_LENGTH") or 0))
            start("503 Slow Down", [("Content-Type", "application/xml")])
            return [_SLOW_DOWN]
        answer: Iterable[bytes] = self._application(environment, start)
        return answer


def serve() -> tuple[int, Any]:
    """Bind a server to a port; return both."""
    from moto.moto_server.werkzeug_app import (  # 1 s
        DomainDispatcherApplication,
        create_backend_app,
    )
    from werkzeug.serving import make_server  # with moto

    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    application = _Refusing(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, application, threaded=True)
    return server.server_port, server
