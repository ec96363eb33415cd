"""Fixtures for the recipes of the pages: the command line, and servers on loopback."""

from tests.cli.conftest import environment, fixtures, run
from tests.handlers.s3batch.conftest import make
from tests.reprocess.conftest import aws, firehose, opensearch, s3, s3_url, server

__all__ = [
    "aws",
    "environment",
    "firehose",
    "fixtures",
    "make",
    "opensearch",
    "run",
    "s3",
    "s3_url",
    "server",
]
