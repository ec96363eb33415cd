"""Fixtures for the recipes of the pages: recorded logs and servers on loopback."""

from tests.cli.conftest import fixtures
from tests.handlers.s3batch.conftest import make
from tests.reprocess.conftest import aws, firehose, opensearch, s3, s3_url, server

__all__ = [
    "aws",
    "firehose",
    "fixtures",
    "make",
    "opensearch",
    "s3",
    "s3_url",
    "server",
]
