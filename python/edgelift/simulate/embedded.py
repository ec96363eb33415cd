"""The embedded engine: osmem-server, a small in-memory OpenSearch, in a separate process on loopback.

It is for a first look and for tests: slower and more lenient than OpenSearch. So it is given `MOST_DOCUMENTS`
documents at most, and a run that wants more needs an OpenSearch.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from edgelift.reprocess.errors import UsageError
from edgelift.reprocess.extras import needs

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_DOCUMENTS: Final = 5_000
"""Documents for the embedded engine at most."""


@contextmanager
def embedded_opensearch() -> Iterator[str]:
    """Run osmem-server on a free port of 127.0.0.1 while the block runs; yield its URL.

    The server ends with this process, however that ends: it watches its process id and a pipe.

    Raises:
        UsageError: the package is not installed, has no server for this machine, or it does not start.

    """
    with needs("osmem_server", "the embedded engine"):
        from osmem_server import OsmemError, OsmemServer

    try:
        # Japanese analysis takes memory and time to start.
        server = OsmemServer.start(japanese=False)
    except (OsmemError, OSError) as error:
        raise UsageError(
            f"the embedded engine does not start: {error}; --opensearch URL needs none"
        ) from None
    try:
        yield server.url
    finally:
        server.process.kill()
        server.process.wait()
        for pipe in server.process.stdin, server.process.stdout:
            pipe.close()
