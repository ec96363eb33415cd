"""The corpora are what their README promises: bytes, lengths, variety and bad rows."""

import base64
import hashlib
import ipaddress
import json
import tomllib
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest

from benchmarks import contenders, machine, standard
from benchmarks import corpus as corpora

# The same on every machine and every Python. A change of the corpora changes every figure measured with them.
DIGESTS = {
    "c14": "a15e7ebb05b0d1f8177465caf68ad2a561d238c43baa527a4674cb484423a339",
    "c45": "ec19a023da7cf29fbf2ab4059899486800436d9973d02124eb701bd1f6bcb16c",
}

FIXTURES = Path(__file__).parents[1] / "fixtures"
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


def test_facts_of_the_corpora_are_those_of_the_pages() -> None:
    pages = [machine.ROOT / "README.md", machine.ROOT / "benchmarks" / "README.md"]
    readme, benchmarks = (" ".join(page.read_text("utf-8").split()) for page in pages)
    facts, means = {}, {}
    for name in "c14", "c45":
        corpus = corpora.block(name)
        lengths = [len(line) for line in corpus.lines]
        means[name] = f"{sum(lengths) / len(lengths):,.0f}"
        facts[name] = f"{means[name]}, {min(lengths):,} to {max(lengths):,}"
    assert f"| bytes per row: mean, range | {facts['c14']} | {facts['c45']} |" in benchmarks
    assert f"Rows have {means['c45']} bytes on average" in readme


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


def test_c45_truncates_headers_as_cloudfront_does() -> None:
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
def test_bad_rows_have_the_expected_number_and_reasons(name: str) -> None:
    corpus, clean = corpora.block(name), corpora.block(name, with_bad=False)
    differing = [(bad, good) for bad, good in zip(corpus.lines, clean.lines, strict=True) if bad != good]
    wrong_count = [bad for bad, good in differing if bad.count(b"\t") != good.count(b"\t")]
    assert corpus.bad == {"column_count": len(wrong_count), "bad_value": len(differing) - len(wrong_count)}
    assert corpus.bad == {"column_count": 25, "bad_value": 25}
    assert clean.bad == {"column_count": 0, "bad_value": 0}
    assert corpus.good == corpora.BLOCK - 50


@both
def test_each_prefix_of_a_corpus_has_its_share_of_bad_rows(name: str) -> None:
    corpus, clean = corpora.block(name), corpora.block(name, with_bad=False)
    rows = contenders.EVENT_RECORDS[name]
    differing = sum(bad != good for bad, good in zip(corpus.lines[:rows], clean.lines[:rows], strict=True))
    assert differing == corpora.bad_rows_among(rows) > 0


def test_written_corpus_comes_with_a_file_of_facts(tmp_path: Path) -> None:
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


def test_event_has_the_keys_of_a_firehose_event() -> None:
    lines = corpora.block("c14").lines[:200]
    event = corpora.event(lines)
    ids = [record["recordId"] for record in event["records"]]
    template = json.loads((FIXTURES / "firehose" / "event-kinesis-source.json").read_text())
    assert event.keys() == template.keys()
    assert event["records"][0].keys() == template["records"][0].keys()
    assert event["records"][0]["kinesisRecordMetadata"].keys() == (
        template["records"][0]["kinesisRecordMetadata"].keys()
    )
    assert len(set(ids)) == len(ids)
    assert {len(name) for name in ids} == {56}
    assert [base64.b64decode(record["data"]) for record in event["records"]] == list(lines)


STANDARD_DIGESTS = {
    "v1": "182cfb51de47c26122d205a22907f550520670f5ca09507dbde9cb7207b8de15",
    "v2": "09fa432950b6dc1438a100edf64c51e0838ac6bc12d93476068460217e7f34e3",
    "r33": "5ee12676734240236feb25a9ef479addc411af7472981578ad4cac1b581090e0",
}


@pytest.mark.parametrize("name", standard.NAMES)
def test_standard_logs_are_the_same_bytes_everywhere(name: str) -> None:
    corpus = standard.block(name)
    assert hashlib.sha256(corpus.data).hexdigest() == STANDARD_DIGESTS[name], f"seed {corpora.SEED}"
    assert len(corpus.lines) == len(set(corpus.lines)) == corpora.BLOCK
    assert corpus.bad == {}


def test_standard_logs_and_real_time_rows_make_equal_documents() -> None:
    assert standard.documents().count(b"\n") == corpora.BLOCK
    assert len(standard.FIELDS) == len(standard.REALTIME_FIELDS) == 33
    mean = {name: round(sum(map(len, standard.block(name).lines)) / corpora.BLOCK) for name in standard.NAMES}
    assert mean == {"v1": 494, "v2": 1_076, "r33": 494}


def test_cloudfront_logs_is_built_with_the_crate_versions_of_the_engine() -> None:
    ours = tomllib.loads((machine.ROOT / "Cargo.lock").read_text())["package"]
    beside = machine.ROOT / "benchmarks" / "cloudfront-logs" / "Cargo.lock"
    versions = {
        package["name"]: package["version"] for package in tomllib.loads(beside.read_text())["package"]
    }
    engine = next(package for package in ours if package["name"] == "edgelift")
    developing = {"base64-simd", "divan", "proptest", "serde_json"}
    of_columns = {"arrow-array", "arrow-buffer", "arrow-schema"}
    for package in ours:
        if package["name"] in set(engine["dependencies"]) - developing - of_columns:
            assert versions[package["name"]] == package["version"]


def test_c14_has_the_fields_of_the_recipe() -> None:
    recipe = (
        "timestamp, c-ip, sc-status, cs-method, cs-protocol, cs-uri-stem, x-host-header, time-taken, "
        "cs-user-agent, cs-referer, cs-uri-query, x-edge-response-result-type, x-edge-result-type, c-country"
    )
    assert corpora.LAYOUTS["c14"] == tuple(recipe.split(", "))


def test_events_are_filled_up_to_their_size() -> None:
    lines = corpora.block("c14").lines[:300]
    for size in (20_000, 50_000, 100_000):
        event = corpora.event_of_size(lines, size)
        count = len(json.loads(event)["records"])
        assert event == corpora.event_bytes(lines[:count])
        assert len(event) <= size < len(corpora.event_bytes(lines[: count + 1]))
