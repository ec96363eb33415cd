"""Parts of an input that several threads transform: the bytes and counts of one thread, in its order."""

from __future__ import annotations

import itertools
import json
import os
import random
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from edgelift import Transformer
from edgelift.cli import parts
from edgelift.cli.jobs_option import open_workers
from edgelift.cli.parts import Workers
from edgelift.inputs import detect
from edgelift.inputs.content import content
from edgelift.inputs.damage import DamagedFile
from edgelift.inputs.detect import transformed
from edgelift.inputs.errors import NoLogError, UnnamedError
from edgelift.inputs.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edgelift._core import TransformResult

CASES = sorted((Path(__file__).parent.parent / "fixtures" / "cases").iterdir())
LAYOUTS = '[[layouts]]\nfields = ["timestamp", "c-ip", "sc-status"]\n'
CONFIGS = {
    "auto": f'[input]\nformat = "auto"\nmax_record_bytes = 2000\n{LAYOUTS}',
    "keep": f'[input]\nformat = "auto"\nbad_value = "keep"\n{LAYOUTS}',
    "realtime": f'[input]\nformat = "realtime"\n{LAYOUTS}',
    "standard": '[input]\nformat = "standard"\n[[layouts]]\nfields = ["date", "time", "c-ip", "sc-status"]\n',
    "headers alone": '[input]\nformat = "auto"\n',
}
V1 = b"#Version: 1.0\n#Fields: date time c-ip sc-status\n"
OTHER = b"#Version: 1.0\n#Fields: date time sc-status\n"
BROKEN = b"#Fields: date nonsense\x80 \n"
ROW = b"1700000000.000\t192.0.2.1\t200\n"
V1_ROW = b"2024-11-15\t19:00:01\t192.0.2.7\t200\n"
ERROR = (
    b'{"attemptsMade":1,"arrivalTimestamp":1,"errorCode":"x","errorMessage":"y","attemptEndingTimestamp":1,'
    b'"rawData":"MTcwMDAwMDAwMC4wMDAJMTkyLjAuMi4xCTIwMAo=","lambdaArn":"z"}\n'
)
RECORD = b'{"date":"2024-11-15","time":"19:00:01","c-ip":"192.0.2.7","sc-status":"200"}\n'
LINES: dict[bytes, int] = {
    ROW: 30,
    V1_ROW: 30,
    RECORD: 20,
    b"2024-11-15\t19:00:01\t404\n": 4,
    b"1700000000.000\t192.0.2.1\t2x0\n": 4,
    b"1700000000.000\t192.0.2.1\n": 2,
    b"\n": 2,
    b"\r\n": 1,
    V1: 2,
    V1[14:]: 1,
    V1[:14]: 1,
    OTHER: 1,
    BROKEN: 1,
    b"# a comment\n": 1,
    b"{broken\n": 1,
    b"\xef\xbb\xbf" + V1: 1,
    ERROR: 1,
    b"x" * 3000 + b"\n": 1,
    RECORD[:-1] * 3 + b"\n": 1,
    RECORD.replace(b"date", b"DATE"): 1,
    ROW[:-1] + V1_ROW: 1,
}


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make each input long enough for threads, and each part a few lines."""
    monkeypatch.setattr(detect, "MIN_PARALLEL_BYTES", 0)
    monkeypatch.setattr(parts, "BLOCK", 100)


def outcome(config: str, blocks: Iterable[bytes], workers: Workers | None) -> dict[str, Any]:
    """Return what becomes of some content, in whichever parts."""
    transformer = Transformer(CONFIGS[config])
    stream = transformer.stream()
    output, failures, size, problem = bytearray(), [], 0, ""
    made = transformed(
        stream,
        iter(blocks),
        columns_known=bool(transformer.layouts),
        in_parts=workers.reading(stream, None) if workers else None,
    )
    try:
        for read, result in made:
            size += read
            output += result.output
            failures += [
                (f.line, f.offset, f.reason, f.field, f.column, f.message, f.raw, f.header, f.log_format)
                for f in result.failures
            ]
    except (DamagedFile, NoLogError, UnnamedError) as error:
        problem = repr(error)
    counts = stream.counts
    names = ("read", "ok", "dropped", "failed", "blank", "by_reason", "shape_mismatches", "shape_field")
    return {
        "output": bytes(output),
        "failures": failures,
        "size": size,
        "problem": problem,
        "counts": {name: getattr(counts, name) for name in names},
        "formats": stream.detected_formats,
    }


def generated(chance: random.Random) -> bytes:
    """Return a log of some kinds of lines, mostly in runs of one kind."""
    kinds = chance.sample(list(LINES), chance.randint(1, 6))
    weights = [LINES[kind] for kind in kinds]
    runs = (
        chance.choices(kinds, weights)[0] * chance.choice((1, 1, 2, 5, 20))
        for _ in range(chance.randint(1, 30))
    )
    data = b"".join(runs)
    return data[: chance.randint(1, len(data))] if chance.random() < 0.3 else data


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("config", CONFIGS)
def test_several_threads_give_the_bytes_and_counts_of_one(config: str) -> None:
    seed = 20_241_130
    chance = random.Random(f"{seed}{config}")  # noqa: S311 - repeatable
    with Workers(2) as two, Workers(4) as four:
        for case in range(400):
            data = generated(chance)
            step = chance.choice((7, 60, 150, 1000))
            blocks = [data[at : at + step] for at in range(0, len(data), step)]
            if chance.random() < 0.2:
                # The next file of an archive begins.
                blocks.insert(chance.randint(0, len(blocks)), b"")
            workers = chance.choice((two, four))
            expected = outcome(config, blocks, None)
            assert outcome(config, blocks, workers) == expected, f"case {case}: {blocks}"


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_fixture_cases_are_the_same_with_several_threads(case: Path, config: str) -> None:
    def blocks() -> Iterator[bytes]:
        with case.open("rb") as file:
            yield from content(lambda: file.read(150), Limits(), file.fileno())

    with Workers(3) as workers:
        assert outcome(config, blocks(), workers) == outcome(config, blocks(), None)


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("unfinished", [0, 12])
def test_all_that_was_read_before_damage_is_transformed(unfinished: int) -> None:
    def blocks() -> Iterator[bytes]:
        yield from itertools.repeat(ROW * 5, 40)
        yield ROW * 3 + ROW[:unfinished]
        damage = DamagedFile("damaged")
        damage.unfinished = unfinished
        raise damage

    with Workers(2) as workers:
        expected = outcome("auto", blocks(), None)
        assert outcome("auto", blocks(), workers) == expected
    assert expected["counts"]["ok"] == 203


@pytest.mark.usefixtures("small_parts")
def test_parts_that_are_read_ahead_are_bounded() -> None:
    read = delivered = 0

    def blocks() -> Iterator[bytes]:
        nonlocal read
        for _ in range(200):
            read += 1
            yield ROW * 4
            assert read - delivered <= 3 + 1 + 1

    stream = Transformer(CONFIGS["auto"]).stream()
    with Workers(3) as workers:
        for _, result in transformed(
            stream, blocks(), columns_known=True, in_parts=workers.reading(stream, None)
        ):
            delivered += result.output.count(b"\n") // 4
    assert delivered == 200


@pytest.mark.usefixtures("small_parts")
def test_failures_come_one_part_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MANY_FAILURES", 4)
    running, most = 0, []
    submit = Workers.submit

    def counted(self: Workers, *arguments: Any) -> Any:  # noqa: ANN401 - passed on
        nonlocal running
        running += 1
        most.append(running)
        return submit(self, *arguments)

    monkeypatch.setattr(Workers, "submit", counted)
    stream = Transformer(CONFIGS["auto"]).stream()
    with Workers(3) as workers:
        blocks = itertools.repeat(b"1700000000.000\tx\ty\n" * 6, 50)
        made = transformed(
            stream, iter([ROW, *blocks]), columns_known=True, in_parts=workers.reading(stream, None)
        )
        for _, result in made:
            running -= bool(result.failures)
    assert max(most) == 1


@pytest.mark.usefixtures("small_parts")
def test_a_part_is_delivered_once_it_is_done_while_nothing_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = Workers.submit

    class Late:
        """A fork that is done only after the pipe has been found empty."""

        def __init__(self, fork: Any) -> None:  # noqa: ANN401 - passed on
            self.fork = fork

        def feed(self, lines: bytes) -> TransformResult:
            time.sleep(0.05)
            result: TransformResult = self.fork.feed(lines)
            return result

    monkeypatch.setattr(Workers, "submit", lambda self, fork, lines: feed(self, Late(fork), lines))  # type: ignore[arg-type]
    reader, writer = os.pipe()
    os.write(writer, ROW)
    stream, documents = Transformer(CONFIGS["auto"]).stream(), 0
    with Workers(3) as workers:
        made = transformed(
            stream,
            iter(lambda: os.read(reader, 1000), b""),
            columns_known=True,
            in_parts=workers.reading(stream, reader),
        )
        for _, result in made:
            documents += result.output.count(b"\n")
            if documents == 5 and result.output:
                os.close(writer)
            elif documents < 5:
                os.write(writer, ROW)
    os.close(reader)
    assert documents == 5


def test_bulk_bodies_and_error_objects_are_not_split() -> None:
    transformer = Transformer(CONFIGS["auto"])
    assert transformer.stream(format="bulk").fork(0, 0) is None
    stream = transformer.stream()
    stream.feed(ERROR)
    assert stream.fork(0, 0) is None


def test_a_stream_within_a_line_is_not_split() -> None:
    stream = Transformer(CONFIGS["auto"]).stream()
    stream.feed(ROW + b"17")
    assert stream.fork(0, 0) is None
    stream.feed(ROW[2:])
    fork = stream.fork(3, 90)
    assert fork
    (failure,) = fork.feed(b"bad\n").failures
    assert (failure.line, failure.offset) == (6, 2 * len(ROW) + 90)
    assert stream.join(fork)
    assert json.dumps(dict(stream.counts.by_reason)) == '{"column_count": 1}'


def test_a_stream_joins_only_its_forks() -> None:
    stream = Transformer(CONFIGS["auto"]).stream()
    with pytest.raises(ValueError, match="a stream cannot join itself"):
        stream.join(stream)
    assert not stream.join(Transformer(CONFIGS["auto"]).stream())


@pytest.mark.parametrize(
    ("jobs", "cpus", "expected"), [(None, 1, None), (None, 2, 2), (3, 1, 3), (1, 2, None)]
)
def test_threads_are_as_many_as_the_command_may_use(
    monkeypatch: pytest.MonkeyPatch, jobs: int | None, cpus: int, expected: int | None
) -> None:
    from contextlib import ExitStack

    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cpus)))
    with ExitStack() as stack:
        workers = open_workers(jobs, stack)
        assert (workers.jobs if workers else None) == expected
