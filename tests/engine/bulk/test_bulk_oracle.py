"""Generated rows of every kind of log: bodies equal those of the oracle, for all options and chunks."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

import edgelift
from tests.engine.bulk.bulk_oracle import (
    IDS,
    JSON_IDS,
    PARTS,
    Request,
    Row,
    expected_pairs,
    pairs,
    raw,
    real_time,
    real_time_without_id,
    requests,
    standard,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

PATTERNS = [
    "cdn-logs-{yyyy}-{MM}-{dd}",
    "cdn-logs-{yyyy}-{MM}-{dd}-{HH}",
    "{yyyy}.{MM}",
    "é-{dd}{dd}",
    "cdn-logs",
]


class Setting(NamedTuple):
    """Options that change nothing, or only what the oracle knows."""

    output: dict[str, Any]
    bad_value: str
    pattern: str
    end: bytes
    cuts: list[float]

    @property
    def needs_hour(self) -> bool:
        return "{HH}" in self.pattern


outputs = st.fixed_dictionaries(
    {},
    optional={
        "names": st.sampled_from(["snake", "ecs", "otel"]),
        "values": st.just("text"),
        "missing": st.sampled_from(["null", "keep"]),
        "timestamp": st.sampled_from(["iso8601", "verbatim"]),
        "newline": st.booleans(),
    },
).filter(lambda output: output.get("missing") != "keep" or "values" in output)
settings = st.builds(
    Setting,
    outputs,
    st.sampled_from(["fail", "keep"]),
    st.sampled_from(PATTERNS),
    st.sampled_from([b"\n", b"\r\n", b"\n\n"]),
    st.lists(st.floats(0, 1), max_size=6),
)
columns = st.lists(st.sampled_from(list(PARTS)), min_size=1, unique=True)


def check(config: dict[str, Any], head: bytes, rows: Sequence[Row], setting: Setting) -> None:
    """Compare the engine with the oracle, at once and in chunks."""
    transformer = edgelift.Transformer(config)
    expected = list(expected_pairs(transformer, head, rows, setting.pattern))
    log = head + b"".join(row.line + setting.end for row in rows)
    lines = transformer.transform_lines(log, format="bulk", index=setting.pattern)
    assert lines.output == b"".join(part for part in expected if isinstance(part, bytes))
    failed = [part for part in expected if isinstance(part, str)]
    assert [failure.reason for failure in lines.failures] == failed
    counts = lines.counts
    assert (counts.read, counts.ok, counts.failed) == (len(rows), len(rows) - len(failed), len(failed))
    ids = [action["_id"] for action, _ in pairs(lines.output)]
    assert all(len(raw(identity)) <= 512 for identity in ids)
    hashes = [identity for identity in ids if identity[32:33] == "-"]
    assert len(set(hashes)) == len(hashes)

    stream = transformer.stream(format="bulk", index=setting.pattern)
    bounds = [0, *sorted(int(place * len(log)) for place in setting.cuts), len(log)]
    chunks = [log[start:stop] for start, stop in itertools.pairwise(bounds)]
    answers = [*map(stream.feed, chunks), stream.finish()]
    for answer in answers:
        # Each one is a body by itself.
        pairs(answer.output)
    assert b"".join(answer.output for answer in answers) == lines.output
    assert tuple(failure for answer in answers for failure in answer.failures) == lines.failures
    assert stream.counts == counts


@given(st.lists(st.tuples(requests(IDS), st.booleans()), max_size=6), settings)
def test_real_time_rows_equal_the_oracle(drawn: list[tuple[Request, bool]], setting: Setting) -> None:
    rows = [real_time(request) if with_id else real_time_without_id(request) for request, with_id in drawn]
    layouts = [{"fields": ["timestamp", "c-ip", "x-edge-request-id"]}, {"fields": ["timestamp", "c-ip"]}]
    config = {"layouts": layouts, "input": {"bad_value": setting.bad_value}, "output": setting.output}
    check(config, b"", rows, setting)


@given(st.lists(requests(IDS), max_size=6), columns, st.sampled_from(["\t", ";;"]), settings)
def test_rows_after_a_header_equal_the_oracle(
    drawn: list[Request], names: list[str], delimiter: str, setting: Setting
) -> None:
    version = b"#Version: 1.0\n" if delimiter == "\t" else b""
    head = version + f"#Fields: {' '.join(names)}\n".encode()
    rows = [standard(request, names, delimiter, hour=setting.needs_hour) for request in drawn]
    rows = [row for row in rows if row.line]
    read = {"format": "standard", "bad_value": setting.bad_value, "delimiter": delimiter}
    check({"input": read, "output": setting.output}, head, rows, setting)


@given(st.lists(st.tuples(requests(JSON_IDS), columns), max_size=6), settings)
def test_json_records_equal_the_oracle(drawn: list[tuple[Request, list[str]]], setting: Setting) -> None:
    rows = [standard(request, names, None, hour=setting.needs_hour) for request, names in drawn]
    config = {"input": {"format": "auto", "bad_value": setting.bad_value}, "output": setting.output}
    check(config, b"", rows, setting)
