"""`edgelift size`: what it says of a sample, for people and for programs. No figure of time is asserted."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import edgelift
from edgelift.cli.size.cost import MILLION_REQUESTS_USD, ONE_VCPU_MB, PRICES, X86_GB_SECOND_USD
from edgelift.cli.size.payload import FREE_PERCENT, LIMIT, RECORD_ID, ResponseMeter, bytes_of

if TYPE_CHECKING:
    from tests.cli.conftest import Run

# The launch fields and the next five, but for s-ip, which came between.
NAMES = ",".join([name for name in edgelift.FIELDS if name != "s-ip"][:45])


@pytest.fixture
def recorded(fixtures: Path) -> Path:
    return fixtures / "realtime" / "kds-2022-45col.tsv"


def found(run: Run, *arguments: str | Path, stdin: bytes = b"", code: int = 0) -> dict[str, Any]:
    done = run("size", *arguments, "--format", "json", stdin=stdin)
    assert done.code == code, done.err
    answer = json.loads(done.out)
    assert isinstance(answer, dict)
    return answer


def test_recorded_row_is_sized(run: Run, recorded: Path) -> None:
    answer = found(run, recorded, "--fields", NAMES)
    row = recorded.read_bytes()
    size = len(row)
    assert answer["rows"] == {"read": 1, "failed": 0, "failed_by_reason": {}, "blank": 0, "too_long": 0}
    assert answer["bytes_in"] == {"mean": size, "p50": size, "p99": size, "max": size}
    assert list(answer["ways"]) == ["handler", "raw", "naive"]
    measured = ResponseMeter(edgelift.Transformer.from_fields(NAMES.split(","))).measure(row)
    for name, expected in ("handler", measured.handler), ("raw", measured.raw):
        way = answer["ways"][name]
        assert way["bytes_out"] == {"mean": expected, "p50": expected, "p99": expected, "max": expected}
        assert way["growth"] == pytest.approx(expected / size)
    naive = answer["ways"]["naive"]
    assert naive["growth"] > answer["ways"]["handler"]["growth"] > answer["ways"]["raw"]["growth"] > 1
    assert 1 <= naive["buffer_size_in_mbs"] <= answer["ways"]["handler"]["buffer_size_in_mbs"] <= 3
    for way in answer["ways"].values():
        rows = -(-bytes_of(round(way["buffer_size_in_mbs"] * 10)) // size)
        assert way["fullest_response"] == pytest.approx(rows * way["bytes_out"]["max"], abs=20)
        assert way["fullest_request"] <= LIMIT * (100 - FREE_PERCENT) / 100


def test_time_and_cost_follow_from_the_measured_row(run: Run, recorded: Path) -> None:
    options = ["--memory", "512", "--price-gb-second", "0.5", "--price-requests", "30"]
    answer = found(run, recorded, "--fields", NAMES, *options)
    took, assumed = answer["million_records"], answer["assumed"]
    buffer = bytes_of(round(answer["ways"]["raw"]["buffer_size_in_mbs"] * 10))
    assert assumed["records_per_request"] == -(-buffer // answer["bytes_in"]["max"])
    assert took["requests"] == pytest.approx(1_000_000 / assumed["records_per_request"])
    assert took["cpu_seconds"] > 0
    a_request = took["billed_seconds"] / took["requests"]
    at_least = took["cpu_seconds"] / took["requests"] * ONE_VCPU_MB / 512
    assert a_request * 1000 == pytest.approx(round(a_request * 1000))
    assert at_least <= a_request <= at_least + 0.001
    assert took["gb_seconds"] == pytest.approx(took["billed_seconds"] / 2)
    assert took["usd"] == pytest.approx(took["gb_seconds"] * 0.5 + took["requests"] / 1_000_000 * 30)
    assert (assumed["memory_mb"], assumed["gb_second_usd"], assumed["million_requests_usd"]) == (512, 0.5, 30)
    assert assumed["prices"] is None


def test_assumptions_are_reported(run: Run, recorded: Path) -> None:
    assumed = found(run, recorded, "--fields", NAMES)["assumed"]
    del assumed["records_per_request"]
    assert assumed == {
        "record_id_length": len(RECORD_ID),
        "limit_bytes": LIMIT,
        "free_percent": FREE_PERCENT,
        "overflow_policy": "fail",
        "memory_mb": ONE_VCPU_MB,
        "gb_second_usd": X86_GB_SECOND_USD,
        "million_requests_usd": MILLION_REQUESTS_USD,
        "prices": PRICES,
    }


def test_tables_show_the_figures_of_json(run: Run, recorded: Path) -> None:
    answer = found(run, recorded, "--fields", NAMES)
    done = run("size", recorded, "--fields", NAMES)
    assert (done.code, done.err) == (0, "")
    sizes, facts, notes = done.out.decode().split("\n\n")
    head, in_, *ways = sizes.splitlines()
    assert head.split("  ")[0] == "a record"
    assert in_.split() == ["in", *[f"{answer['bytes_in'][key]:,}" for key in ("p50", "p99", "max")]]
    for line, (name, way) in zip(ways, answer["ways"].items(), strict=True):
        assert line.split() == [
            "out:",
            name,
            *[f"{way['bytes_out'][key]:,}" for key in ("p50", "p99", "max")],
            f"{way['growth']:.2f}",
            f"{way['buffer_size_in_mbs']:.1f}",
            f"{way['fullest_request'] / LIMIT:.0%}",
            f"{way['fullest_response'] / LIMIT:.0%}",
        ]
    assert f"the first of {recorded}, at most 100,000" in facts
    assert "$0.0000166667 a GB-second, $0.20 a million requests; " + PRICES in facts
    assert "1,769 MB" in facts
    assert "measured on this machine" in facts
    assert '[overflow] policy = "fail"' in notes
    assert "none:" not in notes


def test_given_prices_are_shown(run: Run, recorded: Path) -> None:
    options = ["--price-gb-second", "0.0000133334", "--price-requests", "0.2"]
    out = run("size", recorded, "--fields", NAMES, *options).out.decode()
    assert "$0.0000133334 a GB-second, $0.20 a million requests; prices as given" in out


def test_configuration_changes_the_sizes(run: Run, recorded: Path, tmp_path: Path) -> None:
    config = tmp_path / "edgelift.toml"
    text = f"layouts = [{{ fields = {json.dumps(NAMES.split(','))} }}]\noverflow.policy = 'reingest'\n"
    config.write_text(text)
    small = found(run, recorded, "--config", config)
    config.write_text(f"{text}output.names = 'ecs'\noutput.missing = 'null'\n")
    large = found(run, recorded, "--config", config)
    assert large["ways"]["handler"]["growth"] > small["ways"]["handler"]["growth"]
    assert large["ways"]["naive"] == small["ways"]["naive"]
    assert large["assumed"]["overflow_policy"] == "reingest"


def test_only_the_first_rows_are_read(run: Run, lines: bytes, fields: str) -> None:
    rows = [line for line in lines.splitlines(keepends=True) if line.strip()][:1000]
    answer = found(run, "--fields", fields, "--records", "1000", stdin=lines, code=1)
    assert answer["rows"]["read"] == 1000
    counts = edgelift.Transformer.from_fields(fields.split(",")).transform_lines(b"".join(rows)).counts
    assert answer["rows"]["failed_by_reason"] == counts.by_reason
    assert answer["bytes_in"]["mean"] == pytest.approx(sum(map(len, rows)) / 1000)
    assert answer["bytes_in"]["p50"] == sorted(map(len, rows))[499]
    assert answer["bytes_in"]["max"] == max(map(len, rows))


def test_gzip_and_standard_input_are_sized_alike(run: Run, recorded: Path, tmp_path: Path) -> None:
    packed = tmp_path / "rows"
    packed.write_bytes(gzip.compress(recorded.read_bytes()))
    plain = found(run, recorded, "--fields", NAMES)
    others = [
        found(run, packed, "--fields", NAMES),
        found(run, "-", "--fields", NAMES, stdin=packed.read_bytes()),
        found(run, "--fields", NAMES, stdin=recorded.read_bytes()),
    ]
    assert [other["ways"] for other in others] == [plain["ways"]] * 3


def test_failed_rows_are_reported_and_counted(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.tsv"
    # A row that fails comes back as it was: longer than any document here.
    file.write_bytes(b"\n200\n404\nx" + b"y" * 2000 + b"\n2x0\n1\t2\n")
    done = run("size", file, "--fields", "sc-status")
    assert done.code == 1
    first, second, hint = done.err.splitlines()
    assert first.startswith(f"{file}:4: bad_value: column 1 (sc-status): ")
    assert second == f"{file}:6: column_count: the record has 2 columns, but the layout has 1"
    assert hint == "the first of each reason; edgelift transform --failed FILE writes every failed line"
    out = done.out.decode()
    assert "bad_value 2, column_count 1; answered with their own data" in out
    assert "blank lines" in out
    answer = found(run, file, "--fields", "sc-status", code=1)
    assert answer["ways"]["raw"]["bytes_out"]["max"] > 2000 * 4 / 3
    assert answer["rows"]["blank"] == 1


def test_no_safe_buffer_is_reported(run: Run) -> None:
    # So short that what is overhead a row in a request is a hundred times longer.
    done = run("size", "--fields", "sc-status", stdin=b"200\n")
    assert done.code == 0
    assert done.out.decode().count("none  ") == 3
    assert "none: even the least buffer, 0.2, is too large" in done.out.decode()
    answer = found(run, "--fields", "sc-status", stdin=b"200\n")
    assert [way["buffer_size_in_mbs"] for way in answer["ways"].values()] == [None] * 3
    assert answer["ways"]["raw"]["fullest_request"] > LIMIT
    assert answer["assumed"]["records_per_request"] > 1000


def test_buffers_are_at_most_3_megabytes(run: Run) -> None:
    # Three bytes become one; more than 3 is not to be had.
    row = b"200\t" + b"%20" * 1000 + b"\n"
    answer = found(run, "--fields", "sc-status,cs-uri-stem", stdin=row)
    assert answer["ways"]["raw"]["buffer_size_in_mbs"] == 3


@pytest.mark.parametrize(
    ("content", "counts"),
    [
        (b"", "blank lines 0, lines longer than 1,024,000 bytes 0"),
        (b"\n\r\n\n", "blank lines 3, lines longer than 1,024,000 bytes 0"),
        (b"\n" + b"x" * 1_024_001, "blank lines 1, lines longer than 1,024,000 bytes 1"),
    ],
)
def test_input_without_rows_stops(run: Run, tmp_path: Path, content: bytes, counts: str) -> None:
    file = tmp_path / "rows.tsv"
    file.write_bytes(content)
    done = run("size", file, "--fields", "sc-status")
    assert (done.code, done.out) == (3, b"")
    assert done.err == f"edgelift: {file} has no rows to sample: {counts}\n"


def test_wrong_columns_stop(run: Run, recorded: Path) -> None:
    done = run("size", recorded, "--fields", "sc-status")
    assert (done.code, done.out) == (1, b"")
    assert f"{recorded}:1: column_count: the record has 45 columns, but the layout has 1" in done.err
    assert done.err.endswith(
        "edgelift: none of the 1 rows read became a document, so there is nothing to size: "
        f"do --fields or --config name the columns of {recorded}?\n"
    )


def test_blanks_for_tabs_are_named_instead_of_the_fields(run: Run, tmp_path: Path) -> None:
    log = tmp_path / "blanks.tsv"
    log.write_bytes(b"1700000000.123    192.0.2.1    200\n" * 2)
    done = run("size", log, "--fields", "timestamp,c-ip,sc-status")
    assert done.code == 1
    assert done.messages[-1] == (
        "edgelift: none of the 2 rows read became a document, so there is nothing to size: the first one is "
        "a row with blanks between its columns: separate them by tabs, as CloudFront does"
    )


def test_lines_too_long_are_left_out_and_reported(run: Run) -> None:
    done = run("size", "--fields", "sc-status", stdin=b"200\n" + b"x" * 1_024_001)
    assert done.code == 1
    assert "lines too long" in done.out.decode()


def test_damaged_gzip_is_sized_as_far_as_it_goes(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.gz"
    file.write_bytes(gzip.compress(b"200\n" * 1000)[:-9])
    done = run("size", file, "--fields", "sc-status")
    assert done.code == 1
    assert "rows read" in done.out.decode()
    assert f"{file}: damaged gzip after" in done.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "edgelift size --fields timestamp,c-ip,sc-status FILE"),
        (["--fields", "sc-statsu"], 'did you mean "sc-status"?'),
        (["--fields", "sc-status", "--records", "0"], "--records"),
        (["--fields", "sc-status", "--records", "1000001"], "--records"),
        (["--fields", "sc-status", "--memory", "127"], "--memory"),
        (["--fields", "sc-status", "--price-gb-second", "-1"], "--price-gb-second"),
        (["--fields", "sc-status", "--price-gb-second", "nan"], "is not a finite number"),
        (["--fields", "sc-status", "--price-requests", "inf"], "is not a finite number"),
        (["--fields", "sc-status", "--format", "athena"], "athena"),
        (["--fields", "sc-status", "another"], "another"),
    ],
)
def test_wrong_options_are_wrong_usage(run: Run, recorded: Path, options: list[str], message: str) -> None:
    done = run("size", recorded, *options)
    assert (done.code, done.out) == (2, b"")
    assert message in done.err
    assert "Traceback" not in done.err


def test_unreadable_file_stops(run: Run, tmp_path: Path) -> None:
    done = run("size", tmp_path / "missing", "--fields", "sc-status")
    assert (done.code, done.out) == (3, b"")
    assert done.err == f"edgelift: cannot read {tmp_path / 'missing'}: No such file or directory\n"


def test_keys_are_documented(run: Run, recorded: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "cli.md").read_text("utf-8")
    section = page.partition("\n## edgelift size\n")[2].partition("\n## ")[0]
    reported = {
        key: set(re.findall(r"`(\w+)`", text))
        for key, text in re.findall(
            r"^\| `(\w+)` \| (.*) \|$", section.rpartition("\n| key |")[2], re.MULTILINE
        )
    }
    answer = found(run, recorded, "--fields", NAMES)
    inner = answer.pop("ways")
    assert set(answer) | {"ways"} == set(reported)
    for key, value in answer.items():
        assert set(value) <= reported[key]
        assert reported[key] - {"null"} <= set(value)
    assert reported["ways"] - {"bytes_in", "null"} == set(inner) | set(inner["raw"])
    assert f"{len(RECORD_ID)} characters" in section
    assert f"at least {FREE_PERCENT} % below the limit" in section
    assert PRICES == "AWS Lambda pricing page, us-east-1, x86_64, as of May 2026"
