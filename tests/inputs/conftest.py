"""The command line and its lines, as the tests of `tests/cli` have them; and both libraries that inflate."""

from __future__ import annotations

import zlib

import pytest
from zlib_ng import zlib_ng

from edgelift.inputs.codecs import deflate
from tests.cli.conftest import command, environment, fields, fixtures, inject, lines, run

__all__ = ["command", "environment", "fields", "fixtures", "inject", "lines", "run"]


@pytest.fixture(params=[zlib_ng, zlib], ids=["zlib-ng", "zlib"])
def each_library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inflate by one library after the other in the process of the tests."""
    monkeypatch.setattr(deflate, "zlib", request.param)
