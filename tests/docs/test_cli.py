"""The consoles of docs/cli.md show what the commands print."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.docs.test_readme import ROOT, run

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (ROOT / "docs" / "cli.md").read_text("utf-8")
CONSOLES = re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
CORRECTED = """\
[input]
bad_value = "keep"
[[layouts]]
fields = ["timestamp", "c-ip", "sc-status"]
"""
ACCESS = b"1700000000.123\t192.0.2.1\t200\n1700000001.000\t2001:db8::1\t2x0\n"


@pytest.mark.parametrize("console", CONSOLES)
def test_consoles_show_the_output_of_their_commands(console: str, tmp_path: Path) -> None:
    (tmp_path / "access.tsv").write_bytes(ACCESS)
    (tmp_path / "corrected.toml").write_text(CORRECTED)
    for example in console.removeprefix("$ ").split("\n$ "):
        command, _, output = example.partition("\n")
        assert run(command, tmp_path).stdout.rstrip("\n") == output.rstrip("\n"), command
