"""The golden files, through every way into the core and through the pure path."""

import base64
import functools
import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import edgelift
import edgelift.pure

GOLDEN = Path(__file__).parents[1] / "fixtures" / "golden"


class Error(NamedTuple):
    """Everything that a RecordError says."""

    reason: str
    field: str | None
    column: int | None
    offset: int
    message: str


class Case(NamedTuple):
    """One record of a golden file and what must become of it."""

    name: str
    config: str
    record: bytes
    expected: bytes | Error
    shape_field: str | None = None
    """Field of the first value without its shape, where the case says it."""
    says_shape: bool = False


def read_cases() -> Iterator[Case]:
    for path in sorted(GOLDEN.glob("*.json")):
        for group in json.loads(path.read_text("utf-8"))["groups"]:
            for case in group["cases"]:
                expected = Error(**case["error"]) if "error" in case else case["document"].encode()
                name = f"{path.stem}: {case['name']}"
                record = case["record"].encode("latin-1")
                shape = case.get("shape_mismatch")
                yield Case(name, group["config"], record, expected, shape, "shape_mismatch" in case)


CASES = tuple(read_cases())


def is_line(case: Case) -> bool:
    """Say whether a stream would read the record as one line that is not blank."""
    return b"\n" not in case.record[:-1] and case.record not in (b"", b"\n", b"\r\n")


def parametrize(cases: tuple[Case, ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[case.name for case in cases])


@functools.cache
def core(config: str) -> edgelift.Transformer:
    with warnings.catch_warnings():
        # What is warned of is tested where configurations are.
        warnings.simplefilter("ignore")
        return edgelift.Transformer(config)


@functools.cache
def pure(config: str) -> edgelift.pure.Transformer:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return edgelift.pure.Transformer(config)


def outcome(transform: Callable[[bytes], bytes], record: bytes) -> bytes | Error:
    try:
        return transform(record)
    except edgelift.RecordError as error:
        return Error(error.reason, error.field, error.column, error.offset, str(error))


def test_golden_cases_are_many_and_have_unique_names() -> None:
    assert len(CASES) >= 1000
    assert len({case.name for case in CASES}) == len(CASES)


@parametrize(CASES)
def test_engine_gives_the_golden_result(case: Case) -> None:
    assert outcome(core(case.config).transform, case.record) == case.expected


@parametrize(CASES)
def test_pure_gives_the_golden_result(case: Case) -> None:
    assert outcome(pure(case.config).transform, case.record) == case.expected


@parametrize(tuple(case for case in CASES if is_line(case)))
def test_transform_lines_gives_the_golden_result(case: Case) -> None:
    lines = core(case.config).transform_lines(case.record)
    if isinstance(case.expected, bytes):
        field = case.shape_field if case.says_shape else lines.counts.shape_field
        mismatches = 0 if field is None else 1
        counts = edgelift.Counts(read=1, ok=1, shape_mismatches=mismatches, shape_field=field)
        assert lines == edgelift.TransformResult(case.expected + b"\n", (), counts)
        assert pure(case.config).transform_lines(case.record) == lines
        return
    (failure,) = lines.failures
    assert lines.output == b""
    assert lines.counts == edgelift.Counts(read=1, failed=1, by_reason={case.expected.reason: 1})
    assert (failure.line, failure.offset) == (1, 0)
    assert (failure.reason, failure.field, failure.column) == case.expected[:3]
    assert failure.message == case.expected.message
    if case.expected.reason != "too_large":
        assert failure.raw == case.record.removesuffix(b"\n")


@parametrize(CASES)
def test_transform_records_gives_the_golden_result(case: Case) -> None:
    data = base64.b64encode(case.record).decode("ascii")
    batch = core(case.config).transform_records([{"recordId": "r", "data": data}])
    if isinstance(case.expected, bytes):
        answer = {"recordId": "r", "result": "Ok", "data": base64.b64encode(case.expected).decode("ascii")}
        assert batch.records == [answer]
        assert batch.report.first_failures == {}
        if case.says_shape:
            assert batch.report.counts.shape_field == case.shape_field
    else:
        assert batch.records == [{"recordId": "r", "result": "ProcessingFailed", "data": data}]
        ((reason, (record_id, message)),) = batch.report.first_failures.items()
        # Several lines in one record: the handlers name their option for it.
        message = message.partition("; [firehose] multiple_lines")[0]
        assert (reason, record_id, message) == (case.expected.reason, "r", case.expected.message)
