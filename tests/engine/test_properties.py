"""Properties that hold for every configuration and every input."""

import base64
import collections
import itertools
import json
import warnings
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import edgelift
import edgelift.pure
from tests.fuzz.values import FIT, MISSING, NEAR, PIECES

TABS = base64.b64encode(b"\t" * 99).decode("ascii")
BAD_DATA: list[object] = ["", "!", "QQ", "QR==", "QQ==\n", None, 5, "Cg==", "Cgo=", TABS]
CHOICES: dict[str, list[Any]] = {
    "names": ["cloudfront", "snake", "ecs", "otel"],
    "values": ["typed", "text"],
    "missing": ["omit", "null", "keep"],
    "decode": [True, False],
    "timestamp": ["epoch_millis", "iso8601", "verbatim"],
}
NAMES = list(edgelift.FIELDS)
# Fields with a kind, a shape or a key that something depends on are drawn more often than plain text.
KEEN = [
    name
    for name, field in edgelift.FIELDS.items()
    if field.kind not in ("text", "keyword") or field.keys["otel"].startswith(("http.", "network.", "tls."))
]


class Sample(NamedTuple):
    """A configuration and rows for it."""

    config: dict[str, Any]
    rows: list[bytes]


nasty = st.one_of(
    st.sampled_from(NEAR),
    st.lists(st.sampled_from(PIECES), max_size=8).map(b"".join),
    st.binary(max_size=12).map(lambda raw: raw.replace(b"\t", b"").replace(b"\n", b"")),
)
outputs = st.fixed_dictionaries({}, optional={key: st.sampled_from(some) for key, some in CHOICES.items()})
# Plain Python reads rows only; what it refuses of other formats is tested by itself.
inputs = st.fixed_dictionaries(
    {"format": st.just("realtime")},
    optional={
        "bad_value": st.sampled_from(["fail", "keep"]),
        "max_record_bytes": st.sampled_from([30, 10_000]),
    },
)
field_names = st.one_of(
    st.sampled_from(KEEN),
    st.sampled_from(["timestamp", "cs-headers", "cs-headers-count"]),
    st.sampled_from(NAMES),
)


def columns(kind: str) -> st.SearchStrategy[bytes]:
    fit = st.sampled_from(FIT[kind])
    return st.one_of(fit, fit, fit, st.sampled_from(MISSING), nasty)


def in_order(fields: list[str]) -> list[str]:
    return sorted(fields, key=NAMES.index)


@st.composite
def configs(draw: st.DrawFn, *, most_layouts: int = 3) -> dict[str, Any]:
    size = draw(st.integers(1, 6))
    sizes = st.sampled_from([size, size, size + 1])
    layouts: list[list[str]] = []
    for _ in range(draw(st.integers(1, most_layouts))):
        count = draw(sizes)
        fields = in_order(draw(st.lists(field_names, min_size=count, max_size=count, unique=True)))
        if fields not in layouts:
            layouts.append(fields)
    tables = [{"fields": fields} for fields in layouts]
    return {"input": draw(inputs), "layouts": tables, "output": draw(outputs)}


def rows_for(fields: list[str]) -> st.SearchStrategy[bytes]:
    cells = [columns(edgelift.FIELDS[name].kind) for name in fields]
    return st.tuples(*cells).map(b"\t".join)


@st.composite
def samples(draw: st.DrawFn, *, most_layouts: int = 3) -> Sample:
    config = draw(configs(most_layouts=most_layouts))
    row = st.one_of(*(rows_for(layout["fields"]) for layout in config["layouts"]))
    strange = st.one_of(nasty, st.tuples(row, nasty).map(b"\t".join))
    return Sample(config, draw(st.lists(st.one_of(row, row, row, strange), min_size=1, max_size=6)))


def compile_core(config: dict[str, Any]) -> edgelift.Transformer:
    with warnings.catch_warnings():
        # "keep" in a typed document is warned of; test_config.py has the text.
        warnings.simplefilter("ignore")
        return edgelift.Transformer(config)


def compile_pure(config: dict[str, Any]) -> edgelift.pure.Transformer:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return edgelift.pure.Transformer(config)


def outcome(transformer: edgelift.Transformer | edgelift.pure.Transformer, record: bytes) -> object:
    try:
        return transformer.transform(record)
    except edgelift.RecordError as error:
        return (error.reason, error.field, error.column, error.offset, str(error))


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    assert len(set(keys)) == len(keys), keys
    return dict(pairs)


@given(samples(), st.sampled_from([b"", b"\n", b"\r\n", b"\r", b"\n\n", b"\nx"]))
def test_core_equals_pure(sample: Sample, end: bytes) -> None:
    core, pure = compile_core(sample.config), compile_pure(sample.config)
    for row in sample.rows:
        assert outcome(core, row + end) == outcome(pure, row + end)


@given(st.binary(max_size=60), outputs)
def test_core_equals_pure_on_any_bytes(record: bytes, output: dict[str, Any]) -> None:
    layouts = [{"fields": ["timestamp", "cs-headers"]}, {"fields": ["cs-uri-query"]}]
    config = {"input": {"format": "realtime"}, "layouts": layouts, "output": output}
    assert outcome(compile_core(config), record) == outcome(compile_pure(config), record)


@given(samples(), st.sampled_from([b"\n", b"\r\n", b"\n\r\n"]))
def test_core_equals_pure_on_lines(sample: Sample, end: bytes) -> None:
    core, pure = compile_core(sample.config), compile_pure(sample.config)
    data = end.join(sample.rows)
    assert core.transform_lines(data) == pure.transform_lines(data)


@given(samples())
def test_core_equals_pure_on_records(sample: Sample) -> None:
    core, pure = compile_core(sample.config), compile_pure(sample.config)
    records: list[dict[str, object]] = [
        {"recordId": str(number), "data": base64.b64encode(row).decode("ascii")}
        for number, row in enumerate(sample.rows)
    ]
    records += [{"recordId": f"bad {number}", "data": data} for number, data in enumerate(BAD_DATA)]
    records += [{"recordId": "no data"}, records[0]]
    ours, theirs = core.transform_records(records), pure.transform_records(records)
    assert ours.records == theirs.records
    assert ours.report.counts == theirs.report.counts
    assert (ours.report.bytes_in, ours.report.bytes_out) == (theirs.report.bytes_in, theirs.report.bytes_out)
    assert ours.report.layouts == theirs.report.layouts
    assert dict(ours.report.first_failures) == dict(theirs.report.first_failures)
    assert ours.report.duplicates == theirs.report.duplicates == ("0",)


@given(samples())
def test_results_do_not_depend_on_earlier_records(sample: Sample) -> None:
    # No state is left by a record, a failed one least of all.
    core = compile_core(sample.config)
    once = [outcome(core, row) for row in sample.rows]
    assert [outcome(core, row) for row in reversed(sample.rows)] == once[::-1]
    assert [outcome(compile_core(sample.config), row) for row in sample.rows] == once


def split_lines(data: bytes) -> list[bytes]:
    lines = [line + b"\n" for line in data.split(b"\n")]
    lines[-1] = lines[-1].removesuffix(b"\n")
    return lines if lines[-1] else lines[:-1]


def transform_one_by_one(core: edgelift.Transformer, data: bytes) -> edgelift.TransformResult:
    """Do what `transform_lines` does by `transform` alone."""
    output, failures, blank, offset = b"", [], 0, 0
    shape_fields = []
    for number, line in enumerate(split_lines(data), start=1):
        raw = line.removesuffix(b"\n")
        if line in (b"\n", b"\r\n"):
            blank += 1
        else:
            try:
                output += core.transform(line) + b"\n"
                record = {"recordId": "1", "data": base64.b64encode(line).decode()}
                shape_fields.append(core.transform_records([record]).report.counts.shape_field)
            except edgelift.RecordError as error:
                if error.reason == "too_large":
                    raw = line[: core.options["input"]["max_record_bytes"]]
                where = (error.reason, error.field, error.column)
                failures.append(edgelift.Failure(number, offset, *where, str(error), raw))
        offset += len(line)
    ok, failed = output.count(b"\n"), len(failures)
    reasons = collections.Counter(failure.reason for failure in failures)
    shape_fields = [field for field in shape_fields if field is not None]
    counts = edgelift.Counts(
        read=ok + failed,
        ok=ok,
        failed=failed,
        blank=blank,
        by_reason=reasons,
        shape_mismatches=len(shape_fields),
        shape_field=next(iter(shape_fields), None),
    )
    return edgelift.TransformResult(output, tuple(failures), counts)


@given(samples(), st.sampled_from([b"\n", b"\r\n", b"\n\r\n"]), st.sampled_from([b"", b"\n", b"\r\n"]))
def test_lines_are_joined_records(sample: Sample, between: bytes, end: bytes) -> None:
    core = compile_core(sample.config)
    data = between.join(sample.rows) + end
    assert core.transform_lines(data) == transform_one_by_one(core, data)


@given(samples(), st.lists(st.integers(0, 400), max_size=8), st.sampled_from([b"\n", b"\r\n", b"\n\n"]))
@example(Sample({"layouts": [{"fields": ["c-ip"]}]}, [b"::1", b"::2"]), list(range(12)), b"\r\n")
def test_chunks_give_what_one_call_gives(sample: Sample, cuts: list[int], end: bytes) -> None:
    core = compile_core(sample.config)
    data = end.join(sample.rows)
    whole = core.transform_lines(data)
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    stream = core.stream()
    parts = [stream.feed(data[start:stop]) for start, stop in itertools.pairwise(places)]
    parts.append(stream.finish())
    assert b"".join(part.output for part in parts) == whole.output
    assert tuple(failure for part in parts for failure in part.failures) == whole.failures
    assert parts[-1].counts == stream.counts == whole.counts
    read = [part.counts.read for part in parts]
    assert read == sorted(read)
    with pytest.raises(ValueError, match="finished"):
        stream.feed(b"")
    with pytest.raises(ValueError, match="finished"):
        stream.finish()


@given(samples())
def test_documents_are_single_lines_of_json_with_unique_keys(sample: Sample) -> None:
    lines = compile_core(sample.config).transform_lines(b"\n".join(sample.rows))
    documents = lines.output.split(b"\n")
    assert documents.pop() == b""
    assert len(documents) == lines.counts.ok
    assert lines.counts.read == lines.counts.ok + lines.counts.failed
    assert sum(lines.counts.by_reason.values()) == lines.counts.failed == len(lines.failures)
    for document in documents:
        assert isinstance(json.loads(document.decode("utf-8"), object_pairs_hook=unique_keys), dict)


@given(samples(), st.sampled_from(BAD_DATA), st.integers(0, 6))
def test_one_bad_record_leaves_the_others_alone(sample: Sample, data: object, place: int) -> None:
    core = compile_core(sample.config)
    records: list[dict[str, object]] = [
        {"recordId": str(number), "data": base64.b64encode(row).decode("ascii")}
        for number, row in enumerate(sample.rows)
    ]
    alone = core.transform_records(records)
    place = min(place, len(records))
    among = core.transform_records([*records[:place], {"recordId": "bad", "data": data}, *records[place:]])
    untouched = data if isinstance(data, str) else ""
    assert among.records[place] == {"recordId": "bad", "result": "ProcessingFailed", "data": untouched}
    assert among.records[:place] + among.records[place + 1 :] == alone.records
    assert among.report.counts.failed == alone.report.counts.failed + 1
    assert among.report.counts.ok == alone.report.counts.ok
    for answer, row in zip(alone.records, sample.rows, strict=True):
        expected = outcome(core, row)
        if isinstance(expected, bytes):
            assert (answer["result"], base64.b64decode(answer["data"])) == ("Ok", expected)
        else:
            assert (answer["result"], base64.b64decode(answer["data"])) == ("ProcessingFailed", row)


VERSIONS = {
    "http.version": ("HTTP/",),
    "network.protocol.version": ("HTTP/",),
    "tls.version": ("TLSv", "SSLv"),
    "tls.protocol.version": ("TLSv", "SSLv"),
}


def in_profile(key: str, value: str, *, array: bool) -> str | list[str]:
    """Change a present text as the profile that `key` belongs to wants it."""
    if key in VERSIONS:
        value = next((value.removeprefix(head) for head in VERSIONS[key] if value.startswith(head)), value)
        if key == "network.protocol.version" and value in ("2.0", "3.0"):
            value = value.removesuffix(".0")
    return [value] if array and key.startswith("http.") and ".header." in key else value


@pytest.mark.parametrize("profile", ["snake", "ecs", "otel"])
@given(samples(most_layouts=1))
def test_profiles_differ_in_keys_and_documented_values_only(profile: str, sample: Sample) -> None:
    output = {**sample.config["output"], "names": "cloudfront"}
    plain = compile_core({**sample.config, "output": output})
    other = compile_core({**sample.config, "output": {**output, "names": profile}})
    (layout,) = other.layouts
    keys = {column.field: column.key for column in layout}
    truncated = "cs_headers_truncated" if profile == "snake" else "aws.cloudfront.headers_truncated"
    keys |= {"cs-headers-truncated": truncated, "_unparsed": "_unparsed"}
    texts = {column.field for column in layout if column.kind in ("text", "keyword")}
    array = profile == "otel" and output.get("values") != "text"
    for row in sample.rows:
        document = outcome(plain, row)
        if not isinstance(document, bytes):
            assert outcome(other, row) == document
            continue
        cells = zip((column.field for column in layout), row.split(b"\t"), strict=True)
        present = texts & {name for name, raw in cells if raw not in MISSING}
        expected = [
            (keys[name], in_profile(keys[name], value, array=array) if name in present else value)
            for name, value in json.loads(document, parse_float=str).items()
        ]
        assert list(json.loads(other.transform(row), parse_float=str).items()) == expected
