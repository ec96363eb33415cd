"""The corpora are what their README promises, naive does what the recipe does, and the gate can fail."""

import base64
import dataclasses
import hashlib
import ipaddress
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest

from benchmarks import (
    bench,
    callgrind,
    contenders,
    gate,
    invocation,
    layer,
    limits,
    loopback,
    naive,
    resident,
    runtime_api,
    street,
    turns,
    verdict,
)
from benchmarks import corpus as corpora
from benchmarks.verdict import Held, Ratio, Verdict

FIXTURES = Path(__file__).parent / "fixtures" / "realtime"
# The same on every machine and every Python. A change of the corpora changes every figure measured with them.
DIGESTS = {
    "c14": "a15e7ebb05b0d1f8177465caf68ad2a561d238c43baa527a4674cb484423a339",
    "c45": "ec19a023da7cf29fbf2ab4059899486800436d9973d02124eb701bd1f6bcb16c",
}

both = pytest.mark.parametrize("name", ["c14", "c45"])


@both
def test_corpus_is_the_same_bytes_everywhere(name: str) -> None:
    assert hashlib.sha256(corpora.block(name).data).hexdigest() == DIGESTS[name], f"seed {corpora.SEED}"


@both
def test_another_seed_makes_another_corpus(name: str) -> None:
    assert corpora.block(name, seed=corpora.SEED + 1).data != corpora.block(name).data


@pytest.mark.parametrize(
    ("name", "columns", "mean", "shortest", "longest"),
    [("c14", 14, (242, 250), 120, 450), ("c45", 45, (1_300, 1_330), 650, 1_900)],
)
def test_corpus_has_the_promised_lengths(
    name: str, columns: int, mean: tuple[int, int], shortest: int, longest: int
) -> None:
    corpus = corpora.block(name, with_bad=False)
    lengths = [len(line) for line in corpus.lines]
    assert len(corpus.fields) == columns
    assert {line.count(b"\t") for line in corpus.lines} == {columns - 1}
    assert mean[0] <= sum(lengths) / len(lengths) <= mean[1]
    assert (min(lengths) >= shortest, max(lengths) <= longest) == (True, True)
    assert len(set(corpus.lines)) == corpora.BLOCK


def test_c45_has_the_promised_share_of_escapes() -> None:
    assert 55 <= corpora.block("c45").data.count(b"%") / corpora.BLOCK <= 59


@pytest.mark.parametrize(
    ("what", "at_least"),
    [
        (b"%22", 4_000),  # quotes
        (b"%25", 100),  # percent signs
        (b"%C3%89", 100),  # UTF-8, encoded
        (b"%E9/", 50),  # an escape that is no UTF-8
        ("ß".encode(), 50),  # UTF-8, raw
        (b"\\x20", 100),  # CloudFront's own way to write a blank in x-forwarded-for
        (b"\t-\t", 5_000),  # a missing value
        (b"_ga=GA1.2.", 2_000),  # cookies
        (b"%0Atraceparent:", 1_000),  # headers
    ],
)
def test_c45_has_the_promised_variety(what: bytes, at_least: int) -> None:
    assert sum(what in line for line in corpora.block("c45").lines) >= at_least


def test_c45_has_cut_headers_as_cloudfront_cuts_them() -> None:
    corpus = corpora.block("c45", with_bad=False)
    headers, count = corpus.fields.index("cs-headers"), corpus.fields.index("cs-headers-count")
    rows = [line.split(b"\t") for line in corpus.lines]
    assert max(len(unquote_to_bytes(row[headers])) for row in rows) < 800
    assert sum(row[headers].count(b"%0A") < int(row[count]) for row in rows) >= 300


@both
def test_corpus_has_addresses_of_both_kinds(name: str) -> None:
    corpus = corpora.block(name)
    place = corpus.fields.index("c-ip")
    found = [ipaddress.ip_address(line.split(b"\t")[place].decode()).version for line in corpus.lines]
    assert 0.2 <= found.count(6) / len(found) <= 0.4


@both
def test_bad_rows_are_of_the_known_number_and_kind(name: str) -> None:
    corpus, clean = corpora.block(name), corpora.block(name, with_bad=False)
    differing = [(bad, good) for bad, good in zip(corpus.lines, clean.lines, strict=True) if bad != good]
    wrong_count = [bad for bad, good in differing if bad.count(b"\t") != good.count(b"\t")]
    assert corpus.bad == {"column_count": len(wrong_count), "bad_value": len(differing) - len(wrong_count)}
    assert corpus.bad == {"column_count": 25, "bad_value": 25}
    assert clean.bad == {"column_count": 0, "bad_value": 0}
    assert corpus.good == corpora.BLOCK - 50


@both
def test_each_beginning_of_a_corpus_has_its_share_of_bad_rows(name: str) -> None:
    corpus, clean = corpora.block(name), corpora.block(name, with_bad=False)
    rows = contenders.EVENT_RECORDS[name]
    differing = sum(bad != good for bad, good in zip(corpus.lines[:rows], clean.lines[:rows], strict=True))
    assert differing == corpora.bad_rows_among(rows) > 0


def test_written_corpus_has_its_facts_beside_it(tmp_path: Path) -> None:
    corpus = corpora.block("c14")
    facts = corpora.write(tmp_path / "new", corpus, repeats=3, stem="c14-long")
    data = (tmp_path / "new" / "c14-long.tsv").read_bytes()
    assert data == corpus.data * 3
    assert json.loads((tmp_path / "new" / "c14-long.json").read_text()) == {
        "name": "c14",
        "seed": corpora.SEED,
        "fields": list(corpus.fields),
        "rows": 30_000,
        "bad_rows": {"column_count": 75, "bad_value": 75},
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    assert facts.rows == 30_000


def test_event_is_one_of_firehose() -> None:
    lines = corpora.block("c14").lines[:200]
    event = corpora.event(lines)
    ids = [record["recordId"] for record in event["records"]]
    template = json.loads((FIXTURES.parent / "firehose" / "event-kinesis-source.json").read_text())
    assert event.keys() == template.keys()
    assert event["records"][0].keys() == template["records"][0].keys()
    assert event["records"][0]["kinesisRecordMetadata"].keys() == (
        template["records"][0]["kinesisRecordMetadata"].keys()
    )
    assert len(set(ids)) == len(ids)
    assert {len(name) for name in ids} == {56}
    assert [base64.b64decode(record["data"]) for record in event["records"]] == list(lines)


def test_naive_pairs_the_columns_of_a_recorded_row_and_nothing_else() -> None:
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


def test_a_failed_record_too_many_stops_the_benchmark() -> None:
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


@both
def test_core_and_pure_path_agree_on_the_corpus(name: str) -> None:
    corpus = corpora.block(name)
    output = contenders.check_lines(contenders.Transformers.of(corpus.fields), corpus)
    assert output.count(b"\n") == corpus.good


def test_ratio_is_of_the_rounds_and_of_the_minima() -> None:
    assert Ratio.of([2.0, 30.0, 4.0], [1.0, 1.0, 4.0]) == Ratio(median=2.0, of_minima=2.0)
    assert Ratio.of([9.0, 6.0, 6.0], [3.0, 1.0, 2.0]) == Ratio(median=3.0, of_minima=6.0)


@pytest.mark.parametrize(
    ("median", "of_minima", "ok"),
    [(2.9, 2.9, True), (3.0, 3.0, True), (3.1, 2.9, True), (2.9, 3.1, True), (3.01, 3.01, False)],
)
def test_at_most_misses_only_if_both_do(median: float, of_minima: float, *, ok: bool) -> None:
    row = verdict.at_most("lines", "c45", Ratio(median, of_minima), 3.0, 2.0)
    assert row == Verdict("lines", "c45", f"{median:.2f} / {of_minima:.2f}", "<= 3.00", "2.00", ok)


@pytest.mark.parametrize(
    ("median", "of_minima", "ok"),
    [(12.1, 12.1, True), (12.0, 12.0, True), (11.0, 12.5, True), (12.5, 11.0, True), (11.99, 11.99, False)],
)
def test_at_least_misses_only_if_both_do(median: float, of_minima: float, *, ok: bool) -> None:
    row = verdict.at_least("handler", "c45", Ratio(median, of_minima), 12.0, 16.0)
    assert row == Verdict("handler", "c45", f"{median:.2f} / {of_minima:.2f}", ">= 12.00", "16.00", ok)


@pytest.mark.parametrize(
    ("measured", "figure", "changed", "ok", "note"),
    [
        (1_030, 1_000, (), True, "held at 1,000 +3%"),
        (1_031, 1_000, (), False, "above the held figure 1,000 by 3.1%"),
        (
            1_031,
            1_000,
            ("rustc 2 instead of 1",),
            True,
            "held figure 1,000 not applied: rustc 2 instead of 1",
        ),
        (1_901, 1_000, ("rustc 2 instead of 1",), False, "above the hard limit"),
        (1_901, 1_900, (), False, "above the hard limit"),
        (960, 1_000, (), True, "4.0% below the held figure: hold it with --set"),
        (1_000, 0, (), False, "no figure is held: set it with --set"),
    ],
)
def test_instructions_are_held(
    measured: float, figure: float, changed: tuple[str, ...], *, ok: bool, note: str
) -> None:
    row = verdict.instructions("c14", measured, 1_900, 1_200, Held(figure, 0.03, changed))
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
    )
    for part in (*parts, *gate.COUNTED, *(f"loopback-{size}" for size in loopback.SIZES)):
        for name in gate.CORPORA:
            assert read.limit(part, name) > 0
            assert read.aim(part, name) > 0
    assert read.limit("process-polars", "c45") > 0
    assert (read.limit("layer-size", "x86_64"), read.limit("layer-import", "x86_64")) == (1_000_000, 1.4)


def test_held_figures_are_rewritten_with_their_versions_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    shutil.copy(limits.FILE, path)
    before = limits.Limits.read(path)
    versions = dict.fromkeys(before.sections["held"]["versions"], "1.0")
    crates = dict.fromkeys(before.sections["held"]["crates"], "2.0") | {"other": "3.0"}
    figures = {
        "instructions": {"c45": 5_400.4, "c14": 1_234.5678},
        "event-instructions": {"c45": 12_000.0, "c14": 4_000.0},
    }
    assert figures.keys() == gate.COUNTED.keys()
    limits.hold(figures, versions, crates, path)

    after = limits.Limits.read(path)
    assert after.held("instructions", "c45", versions, crates) == Held(5_400, 0.03, ())
    assert after.held("instructions", "c14", versions, crates) == Held(1_235, 0.03, ())
    assert after.held("event-instructions", "c45", versions, crates) == Held(12_000, 0.03, ())
    assert after.held("event-instructions", "c14", versions, crates) == Held(4_000, 0.03, ())
    some = {"memchr": "2.0", "base64-turbo": "2.0"}
    assert after.held("instructions", "c14", versions | {"rustc": "1.1"}, some).changed == (
        "rustc 1.1 instead of 1.0",
        "wide missing instead of 2.0",
    )
    assert after.sections | {"held": {}} == before.sections | {"held": {}}
    comments = [line for line in path.read_text().splitlines() if line.startswith("#")]
    assert comments == [line for line in limits.FILE.read_text().splitlines() if line.startswith("#")]


def test_a_version_without_a_place_in_the_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    shutil.copy(limits.FILE, path)
    with pytest.raises(KeyError, match=r"\[held\.versions\] gcc"):
        limits.hold({}, {"gcc": "14"}, {}, path)


@pytest.mark.parametrize(("word", "code", "last"), [("ok", 0, "all 2 held"), ("MISS", 1, "1 of 2 missed")])
def test_gate_ends_with_one_on_a_miss(
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


def test_calls_are_timed_in_turns_and_the_first_round_does_not_count(
    capsys: pytest.CaptureFixture[str],
) -> None:
    order = []

    def noisy() -> None:
        order.append("b")
        sys.stdout.write("a line of the log")

    times = turns.calls({"a": lambda: order.append("a"), "b": noisy}, rounds=3)
    assert order == ["a", "b"] * 4
    assert {name: len(rounds) for name, rounds in times.items()} == {"a": 3, "b": 3}
    assert capsys.readouterr().out == ""


def test_a_process_that_fails_is_not_timed() -> None:
    assert turns.process(["sh", "-c", "exit 0"]) >= 0
    with pytest.raises(RuntimeError, match="sh … ended with 3: no"):
        turns.process(["sh", "-c", "echo no >&2; exit 3"])


def test_checksum_depends_on_every_byte_and_its_place() -> None:
    assert callgrind.checksum(b"") == 0
    assert callgrind.checksum(b"ab") == 97 * 32 ^ 98
    assert callgrind.checksum(b"\x01" + bytes(63)) == 1 << (63 * 5 % 64)
    assert callgrind.checksum(b"ab" * 20) != callgrind.checksum(b"ba" * 20)


def test_an_engine_of_other_documents_is_not_timed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(callgrind, "binary", lambda _example: "echo")
    engine = street.Street(tmp_path / "c14.tsv", corpora.block("c14"), "9950 50 5000000 0123456789abcdef")
    with pytest.raises(AssertionError, match=r"echo rows … printed 'rows 1 .*', not '9950 50 "):
        engine.ratios()


def test_an_event_has_as_many_lines_as_its_size_holds() -> None:
    lines = corpora.block("c14").lines[:300]
    for size in (20_000, 50_000, 100_000):
        event = corpora.event_of_size(lines, size)
        count = len(json.loads(event)["records"])
        assert event == corpora.event_bytes(lines[:count])
        assert len(event) <= size < len(corpora.event_bytes(lines[: count + 1]))


def _answers(count: int, data: str = "YQ==") -> list[dict[str, str]]:
    return [{"recordId": str(number), "result": "Ok", "data": data} for number in range(count)]


def test_a_response_of_other_answers_stops_the_benchmark() -> None:
    expected = _answers(3)
    contenders.check_response(json.dumps({"records": expected}).encode(), expected)
    for wrong, message in (
        (expected[:2], "left out a record"),
        ([*expected[:2], expected[2] | {"data": ""}], "answers differently"),
        ([*expected[:2], expected[2] | {"result": "ProcessingFailed"}], "answers differently"),
    ):
        with pytest.raises(AssertionError, match=message):
            contenders.check_response(json.dumps({"records": wrong}).encode(), expected)


def test_a_response_may_leave_documents_out_only_if_all_are_too_long() -> None:
    expected = _answers(7, "x" * 1_000_000)
    failed = {"result": "ProcessingFailed", "data": ""}
    contenders.check_response(
        json.dumps({"records": [*expected[:6], expected[6] | failed]}).encode(), expected
    )
    for wrong in (expected, [*expected[:6], expected[6] | {"data": ""}]):
        with pytest.raises(AssertionError, match="too long, or differently"):
            contenders.check_response(json.dumps({"records": wrong}).encode(), expected)


@pytest.fixture
def _client() -> Iterator[None]:
    """Forget the runtime client afterwards: where it is loaded, the handler answers for it."""
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "awslambdaric"]:
        del sys.modules[name]


@pytest.mark.usefixtures("_client")
def test_invocations_go_through_the_newest_client_with_its_json_in_c(monkeypatch: pytest.MonkeyPatch) -> None:
    marshaller = invocation.client_marshaller()
    module = sys.modules[type(marshaller).__module__]
    assert f"{runtime_api.NEWEST}/awslambdaric" in str(module.__file__)
    monkeypatch.setattr("simplejson.encoder.c_make_encoder", None)
    with pytest.raises(AssertionError, match="no C speedups"):
        invocation.client_marshaller()


@pytest.mark.usefixtures("_client")
def test_an_invocation_of_another_answer_stops_the_benchmark(capsys: pytest.CaptureFixture[str]) -> None:
    invocations = invocation.Invocations.checked("c14")
    handlers = contenders.Handlers.checked("c14")
    assert '"records"' in str(invocations.dicts(invocations.event))

    def other(_event: bytes) -> bytes:
        return b'{"records":[]}'

    for wrong in (
        dataclasses.replace(invocations, raw=other),
        dataclasses.replace(invocations, dicts=other),
        dataclasses.replace(invocations, naive=other),
    ):
        with pytest.raises(AssertionError, match="answers other than its handler"):
            wrong.check(handlers)
    text = invocations.raw(invocations.event)
    assert isinstance(text, bytes)
    with pytest.raises(AssertionError, match="answered no bytes"):
        dataclasses.replace(invocations, raw=lambda _event: text.decode()).check(handlers)
    assert "edgelift.batch" in capsys.readouterr().out


def test_loopback_adds_cpu_time_to_the_shortest_echo() -> None:
    raw = loopback.Times(cpu=[5.0, 7.0, 9.0], wall=[99.0, 99.0, 99.0])
    echo = loopback.Times(cpu=[1.0, 2.0, 3.0], wall=[50.0, 10.0, 20.0])
    assert loopback.ratio(raw, echo) == Ratio(median=1.5, of_minima=1.4)


def test_a_function_of_another_answer_stops_the_benchmark() -> None:
    loopback.check_outcome("raw", "response", b"{}", b"{}")
    for kind, body in (("response", b"[]"), ("error", b"{}"), ("too_large", b"{}")):
        with pytest.raises(AssertionError, match=f"raw posted {kind} of 2 bytes"):
            loopback.check_outcome("raw", kind, body, b"{}")


def test_functions_take_turns_and_warm_rounds_do_not_count(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(loopback, "SIZES", {"small": 20_000})
    monkeypatch.setattr(loopback, "ROUNDS", 2)
    counted: list[int] = []

    def cpu_seconds(process: int) -> float:
        counted.append(process)
        return len(counted)

    monkeypatch.setattr(loopback, "cpu_seconds", cpu_seconds)
    compared = loopback.against_echo(tmp_path, "c14", "small")
    raw, echo, *_ = counted
    assert counted == [raw, echo] * (loopback.WARM + 2 + 1)
    assert raw != echo
    # Each takes two readings from one event to the next.
    assert compared.ratio == Ratio(1.0, 1.0)
    assert '"path":"raw"' in (tmp_path / "raw.log").read_text()


def test_memory_is_measured_from_before_the_event() -> None:
    growth = resident.Growth(event=6_000_000, before=10_000_000, peak=28_000_000, sha256="")
    assert growth.times_the_event == 3.0


def test_a_process_that_answered_something_else_is_not_measured() -> None:
    digest = hashlib.sha256(b"response").hexdigest()
    growth = resident.Growth(event=5, before=10, peak=30, sha256=digest)
    resident.check_growth(growth, b"event", b"response")
    for wrong in ({"event": 4}, {"sha256": "0"}):
        with pytest.raises(AssertionError, match="answered something else"):
            resident.check_growth(dataclasses.replace(growth, **wrong), b"event", b"response")
    with pytest.raises(AssertionError, match="the size was not measured"):
        resident.check_growth(dataclasses.replace(growth, peak=15), b"event", b"response")


def test_memory_of_a_process_holds_the_event_and_its_response(tmp_path: Path) -> None:
    assert 1.9 <= resident.growth(tmp_path, "c14").times_the_event <= 6
    assert list(tmp_path.iterdir()) == []


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


def test_what_misses_is_measured_again_and_what_held_is_not_lost() -> None:
    measurements = iter([verdicts("ok miss"), verdicts("miss ok")])
    assert gate.insistent(lambda: next(measurements)) == verdicts("ok ok")


def test_what_misses_every_time_is_missed() -> None:
    measurements = iter([verdicts("ok miss")] * gate.ATTEMPTS)
    assert gate.insistent(lambda: next(measurements)) == verdicts("ok miss")
    assert next(measurements, None) is None
