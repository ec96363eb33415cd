"""Naive does what the recipe does, wrong answers stop the benchmarks, and the gate can fail."""

import base64
import dataclasses
import json
import shutil
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from benchmarks import (
    bench,
    callgrind,
    contenders,
    gate,
    interleaved,
    layer,
    limits,
    loopback,
    naive,
    throughput,
    verdict,
)
from benchmarks import corpus as corpora
from benchmarks.verdict import Baseline, Ratio, Verdict

FIXTURES = Path(__file__).parents[1] / "fixtures" / "realtime"


def test_naive_handler_pairs_names_with_columns_and_changes_no_value() -> None:
    row = (FIXTURES / "kds-2022-45col.tsv").read_bytes()
    [peer] = json.loads((FIXTURES / "kds-2022-45col.peer-expected.json").read_text())
    event = corpora.event([row, row])
    answers = naive.make_handler(corpora.LAYOUTS["c45"])(event, None)["records"]
    assert [answer["recordId"] for answer in answers] == [one["recordId"] for one in event["records"]]
    assert [answer["result"] for answer in answers] == ["Ok", "Ok"]
    document = json.loads(base64.b64decode(answers[1]["data"]))
    assert document == {name: "-" if value is None else value for name, value in peer.items()}
    assert list(document) == list(corpora.LAYOUTS["c45"])


def test_c14_has_the_fields_of_the_recipe() -> None:
    recipe = (
        "timestamp, c-ip, sc-status, cs-method, cs-protocol, cs-uri-stem, x-host-header, time-taken, "
        "cs-user-agent, cs-referer, cs-uri-query, x-edge-response-result-type, x-edge-result-type, c-country"
    )
    assert corpora.LAYOUTS["c14"] == tuple(recipe.split(", "))


def _trio() -> tuple[contenders.Handlers, tuple[bytes, ...]]:
    corpus = corpora.block("c14")
    lines = corpus.lines[:200]
    handlers = contenders.Handlers.checked("c14")
    return dataclasses.replace(handlers, event=corpora.event(lines)), lines


def _with_answer(handler: contenders.Handler, place: int, **changes: str) -> contenders.Handler:
    def changed(event: dict[str, Any], context: object) -> dict[str, Any]:
        records = list(handler(event, context)["records"])
        records[place] = {**records[place], **changes}
        return {"records": records}

    return changed


def test_a_wrong_document_stops_the_benchmark() -> None:
    handlers, lines = _trio()
    contenders.check_answers(handlers, lines, 14)
    empty = base64.b64encode(b"{}").decode()
    for wrong in (
        dataclasses.replace(handlers, core=_with_answer(handlers.core, 0, data=empty)),
        dataclasses.replace(handlers, pure=_with_answer(handlers.pure, 0, data=empty)),
    ):
        with pytest.raises(AssertionError, match="core and pure path answer differently"):
            contenders.check_answers(wrong, lines, 14)


def test_an_unexpected_failed_record_stops_the_benchmark() -> None:
    handlers, lines = _trio()
    good = next(place for place, line in enumerate(lines) if line == _clean()[place])
    wrong = dataclasses.replace(handlers, core=_with_answer(handlers.core, good, result="ProcessingFailed"))
    with pytest.raises(AssertionError, match="the core failed other than the 1 bad rows"):
        contenders.check_answers(wrong, lines, 14)


def _clean() -> tuple[bytes, ...]:
    return corpora.block("c14", with_bad=False).lines


def test_a_naive_document_without_a_key_stops_the_benchmark() -> None:
    handlers, lines = _trio()
    wrong = dataclasses.replace(handlers, naive=naive.make_handler(corpora.LAYOUTS["c14"][:-1]))
    with pytest.raises(AssertionError, match="naive made a document of other keys"):
        contenders.check_answers(wrong, lines, 14)


@pytest.mark.parametrize("name", ["c14", "c45"])
def test_core_and_pure_path_agree_on_the_corpus(name: str) -> None:
    corpus = corpora.block(name)
    output = contenders.check_lines(contenders.Transformers.of(corpus.fields), corpus)
    assert output.count(b"\n") == corpus.good


def test_ratio_has_the_median_of_the_rounds_and_the_ratio_of_the_minima() -> None:
    assert Ratio.of([2.0, 30.0, 4.0], [1.0, 1.0, 4.0]) == Ratio(median=2.0, of_minima=2.0)
    assert Ratio.of([9.0, 6.0, 6.0], [3.0, 1.0, 2.0]) == Ratio(median=3.0, of_minima=6.0)


@pytest.mark.parametrize(
    ("median", "of_minima", "ok"),
    [(2.9, 2.9, True), (3.0, 3.0, True), (3.1, 2.9, True), (2.9, 3.1, True), (3.01, 3.01, False)],
)
def test_at_most_misses_only_if_median_and_minima_miss(median: float, of_minima: float, *, ok: bool) -> None:
    row = verdict.at_most("lines", "c45", Ratio(median, of_minima), 3.0, 2.0)
    assert row == Verdict("lines", "c45", f"{median:.2f} / {of_minima:.2f}", "<= 3.00", "2.00", ok)


@pytest.mark.parametrize(
    ("median", "of_minima", "ok"),
    [(12.1, 12.1, True), (12.0, 12.0, True), (11.0, 12.5, True), (12.5, 11.0, True), (11.99, 11.99, False)],
)
def test_at_least_misses_only_if_median_and_minima_miss(median: float, of_minima: float, *, ok: bool) -> None:
    row = verdict.at_least("handler", "c45", Ratio(median, of_minima), 12.0, 16.0)
    assert row == Verdict("handler", "c45", f"{median:.2f} / {of_minima:.2f}", ">= 12.00", "16.00", ok)


@pytest.mark.parametrize(
    ("measured", "figure", "changed", "ok", "note"),
    [
        (1_030, 1_000, (), True, "baseline 1,000 +3%"),
        (1_031, 1_000, (), False, "above the baseline 1,000 by 3.1%"),
        (
            1_031,
            1_000,
            ("rustc 2 instead of 1",),
            True,
            "baseline 1,000 not applied: rustc 2 instead of 1",
        ),
        (1_901, 1_000, ("rustc 2 instead of 1",), False, "above the hard limit"),
        (1_901, 1_900, (), False, "above the hard limit"),
        (960, 1_000, (), True, "4.0% below the baseline: lower it with --set"),
        (1_000, 0, (), False, "no baseline: set it with --set"),
    ],
)
def test_instructions_above_the_baseline_miss(
    measured: float, figure: float, changed: tuple[str, ...], *, ok: bool, note: str
) -> None:
    row = verdict.instructions("c14", measured, 1_900, 1_200, Baseline(figure, 0.03, changed))
    assert (row.ok, row.note) == (ok, note)


def test_a_layer_is_judged_by_bytes_minima_and_modules() -> None:
    assert verdict.size("x86_64", 999_999, 1_000_000).ok
    assert not verdict.size("x86_64", 1_000_000, 1_000_000).ok
    assert verdict.minima_at_most("import", "x86_64", Ratio(1.9, 1.4), 1.4, "").ok
    assert not verdict.minima_at_most("import", "x86_64", Ratio(1.3, 1.41), 1.4, "").ok
    assert verdict.none_of("modules", "x86_64", ()).ok
    row = verdict.none_of("modules", "x86_64", ("orjson", "yaml"))
    assert (row.ok, row.measured, row.note) == (False, "2", "orjson, yaml")


def test_a_layer_that_is_not_built_is_not_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(layer, "ZIP", tmp_path / "edgelift-layer-x86_64.zip")
    for measure in (layer.size, lambda: layer.imported(tmp_path)):
        with pytest.raises(FileNotFoundError, match=r"run: make dist/edgelift-layer-x86_64\.zip"):
            measure()


def test_every_limit_of_the_gate_is_in_the_file() -> None:
    read = limits.Limits.read()
    parts = (
        "memchr",
        "reference",
        "handler-naive",
        "handler-pure",
        "invocation-raw",
        "invocation-dict",
        "resident",
        "replay",
    )
    for part, names in gate.COUNTED_CORPORA.items():
        assert all(read.limit(part, name) >= read.aim(part, name) > 0 for name in names)
    standard_parts = {
        "standard-realtime": "v1",
        "standard-typed": "v1",
        "standard-orjson": "v2",
        "gunzip": "v1",
    }
    for part, name in standard_parts.items():
        assert (read.limit(part, name) > 0, read.aim(part, name) > 0) == (True, True)
    for part in (*parts, *gate.COUNTED, *(f"loopback-{size}" for size in loopback.SIZES)):
        for name in gate.CORPORA:
            assert read.limit(part, name) > 0
            assert read.aim(part, name) > 0
    assert read.limit("process-polars", "c45") > 0
    assert (read.limit("layer-size", "x86_64"), read.limit("layer-import", "x86_64")) == (1_000_000, 1.4)


def test_write_baseline_replaces_figures_and_versions_only(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    shutil.copy(limits.FILE, path)
    before = limits.Limits.read(path)
    versions = dict.fromkeys(before.sections["baseline"]["versions"], "1.0")
    crates = dict.fromkeys(before.sections["baseline"]["crates"], "2.0") | {"other": "3.0"}
    figures = {
        "instructions": {"c45": 5_400.4, "c14": 1_234.5678},
        "event-instructions": {"c45": 12_000.0, "c14": 4_000.0},
    }
    assert figures.keys() == gate.COUNTED.keys()
    limits.write_baseline(figures, versions, crates, path)

    after = limits.Limits.read(path)
    assert after.baseline("instructions", "c45", versions, crates) == Baseline(5_400, 0.03, ())
    assert after.baseline("instructions", "c14", versions, crates) == Baseline(1_235, 0.03, ())
    assert after.baseline("event-instructions", "c45", versions, crates) == Baseline(12_000, 0.03, ())
    assert after.baseline("event-instructions", "c14", versions, crates) == Baseline(4_000, 0.03, ())
    some = {"memchr": "2.0", "base64-turbo": "2.0"}
    assert after.baseline("instructions", "c14", versions | {"rustc": "1.1"}, some).changed == (
        "rustc 1.1 instead of 1.0",
        "wide missing instead of 2.0",
    )
    assert after.sections | {"baseline": {}} == before.sections | {"baseline": {}}
    comments = [line for line in path.read_text().splitlines() if line.startswith("#")]
    assert comments == [line for line in limits.FILE.read_text().splitlines() if line.startswith("#")]


def test_a_version_that_the_limits_file_lacks_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    shutil.copy(limits.FILE, path)
    with pytest.raises(KeyError, match=r"\[baseline\.versions\] gcc"):
        limits.write_baseline({}, {"gcc": "14"}, {}, path)


@pytest.mark.parametrize(
    ("word", "code", "last"), [("ok", 0, "all 2 within limits"), ("MISS", 1, "1 of 2 missed")]
)
def test_gate_exits_with_1_on_a_miss(
    word: str, code: int, last: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ok = word == "ok"
    rows = [
        Verdict("lines", "c45", "2.00", "<= 3.00", "2.00", ok=True),
        Verdict("b", "c14", "9", "8", "7", ok),
    ]
    monkeypatch.setattr(gate, "PARTS", {"rows": lambda _limits: rows})
    monkeypatch.setattr("sys.argv", ["gate", "--only", "rows"])
    assert gate.main() == code
    printed = capsys.readouterr().out.splitlines()
    assert f"seed {corpora.SEED}" in printed[0]
    assert printed[2].split() == ["lines", "c45", "2.00", "<=", "3.00", "2.00", "ok"]
    assert printed[3].split()[-1] == word
    assert printed[-1] == last


def test_calls_are_interleaved_and_the_first_round_does_not_count(
    capsys: pytest.CaptureFixture[str],
) -> None:
    order = []

    def noisy() -> None:
        order.append("b")
        sys.stdout.write("a line of the log")

    times = interleaved.calls({"a": lambda: order.append("a"), "b": noisy}, rounds=3)
    assert order == ["a", "b"] * 4
    assert {name: len(rounds) for name, rounds in times.items()} == {"a": 3, "b": 3}
    assert capsys.readouterr().out == ""


def test_a_process_that_fails_is_not_timed() -> None:
    assert interleaved.process(["sh", "-c", "exit 0"]) >= 0
    with pytest.raises(RuntimeError, match="sh … ended with 3: no"):
        interleaved.process(["sh", "-c", "echo no >&2; exit 3"])


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


def test_table_of_the_suites_compares_with_the_core() -> None:
    base = {"group": "lines c45", "ns_a_record_median": 1100.0, "megabytes_a_second": 1200.0}
    suites = [
        {**base, "contender": "core", "ns_a_record_min": 1000.0},
        {**base, "contender": "naive", "ns_a_record_min": 15_500.0},
    ]
    assert bench.table(suites).splitlines()[2].split() == [
        "lines",
        "c45",
        "naive",
        "15,500",
        "1,100",
        "1,200",
        "15.5",
    ]


def verdicts(measured: str) -> list[Verdict]:
    """One row a word: ``ok`` or ``miss``."""
    return [
        Verdict("part", str(place), "1", "1", "1", word == "ok")
        for place, word in enumerate(measured.split())
    ]


def test_retry_misses_measures_missed_parts_again_after_all_others() -> None:
    measured = []
    coming = {"a": iter([verdicts("ok miss"), verdicts("miss ok")]), "b": iter([verdicts("ok")])}

    def part(name: str) -> list[Verdict]:
        measured.append(name)
        return next(coming[name])

    assert gate.retry_misses([partial(part, name) for name in "ab"]) == verdicts("ok ok") + verdicts("ok")
    assert measured == ["a", "b", "a"]


def test_a_part_that_misses_every_time_is_a_miss() -> None:
    measurements = iter([verdicts("ok miss")] * gate.ATTEMPTS)
    assert gate.retry_misses([lambda: next(measurements)]) == verdicts("ok miss")
    assert next(measurements, None) is None
