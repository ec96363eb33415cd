"""Signals that come in the middle of an import end a command in order."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Run

SIGNAL_WITHIN_THE_IMPORT_OF_ORJSON = """
    import os, signal, sys

    class Finder:
        def find_spec(self, name, path=None, target=None):
            if name == "orjson.orjson":
                # Its initialization imports this one, which runs code of Python.
                sys.modules.pop("dataclasses", None)
            elif name == "dataclasses" and "orjson.orjson" in sys.modules:
                sys.meta_path.remove(self)
                os.kill(os.getpid(), {number})
            return None

    sys.meta_path.insert(0, Finder())
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize(
    "words",
    [
        ("reprocess", "{log}", "http://127.0.0.1:1", "--journal", "{log}.journal"),
        ("opensearch", "check", "--endpoint", "http://127.0.0.1:1"),
        ("opensearch", "apply", "--endpoint", "http://127.0.0.1:1"),
        ("simulate", "{log}"),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_signal_within_the_import_of_orjson_ends_the_command_in_order(
    run: Run,
    inject: Callable[[str], dict[str, str]],
    tmp_path: Path,
    words: tuple[str, ...],
    number: signal.Signals,
) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"1700000000.123\t192.0.2.1\t200\n")
    given = [word.format(log=log) for word in words]
    environment = inject(SIGNAL_WITHIN_THE_IMPORT_OF_ORJSON.format(number=int(number)))
    done = run(*given, "--fields", "timestamp,c-ip,sc-status", env=environment)
    assert (done.code, done.out, done.err) == (128 + number, b"", "")
