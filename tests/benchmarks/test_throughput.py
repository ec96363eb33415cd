"""The engine is timed and counted only while its documents are right."""

from pathlib import Path

import pytest

from benchmarks import callgrind, throughput
from benchmarks import corpus as corpora


def test_checksum_depends_on_every_byte_and_its_place() -> None:
    assert callgrind.checksum(b"") == 0
    assert callgrind.checksum(b"ab") == 97 * 32 ^ 98
    assert callgrind.checksum(b"\x01" + bytes(63)) == 1 << (63 * 5 % 64)
    assert callgrind.checksum(b"ab" * 20) != callgrind.checksum(b"ba" * 20)


def test_an_engine_with_wrong_documents_is_not_timed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(callgrind, "binary", lambda _example: "echo")
    engine = throughput.Throughput(
        tmp_path / "c14.tsv", corpora.block("c14"), "c-ip", "9950 50 5000000 0123456789abcdef"
    )
    with pytest.raises(AssertionError, match=r"echo rows … printed 'rows 1 .*', not '9950 50 "):
        engine.ratios()
