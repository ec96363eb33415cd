"""The command line and its lines, as the tests of `tests/cli` have them."""

from __future__ import annotations

from tests.cli.conftest import command, environment, fields, fixtures, inject, lines, run

__all__ = ["command", "environment", "fields", "fixtures", "inject", "lines", "run"]
