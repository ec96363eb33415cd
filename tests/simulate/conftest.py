"""Servers and options that the tests of `edgelift.simulate` share."""

from tests.cli.conftest import environment, fixtures, run
from tests.reprocess.conftest import aws, kinesis, opensearch, s3, s3_url, server

__all__ = ["aws", "environment", "fixtures", "kinesis", "opensearch", "run", "s3", "s3_url", "server"]
