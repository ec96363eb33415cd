"""Shared by the suites: the corpus, and the timing of a contender."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import corpus as corpora
from benchmarks import interleaved

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_benchmark.fixture import BenchmarkFixture

CONTENDERS = ("core", "pure", "naive")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each benchmark with each corpus and each contender."""
    if "contender" in metafunc.fixturenames:
        metafunc.parametrize("contender", CONTENDERS)
    if "corpus" in metafunc.fixturenames:
        metafunc.parametrize("corpus", [corpora.block(name) for name in ("c45", "c14")], ids=("c45", "c14"))


@pytest.fixture
def time_call(benchmark: BenchmarkFixture) -> Callable[..., Any]:
    """Time ``call()``, which handles ``records`` records of ``size`` bytes in all, beside its group."""

    def timed(group: str, call: Callable[[], object], *, records: int, size: int) -> None:
        benchmark.group = group
        benchmark.extra_info.update(records=records, bytes=size)
        with interleaved.quiet():
            benchmark(call)

    return timed
