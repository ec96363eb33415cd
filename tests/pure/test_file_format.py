"""With the format ``auto``, plain Python reads real-time rows as the engine does, and refuses the rest."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

import edgelift
from edgelift import pure

CONFIG = {"input": {"order": "as_written"}, "layouts": [{"fields": ["cs-method", "c-ip"]}]}
CORE, PURE = edgelift.Transformer(CONFIG), pure.Transformer(CONFIG)
ROW = b"GET\t192.0.2.1"
REFUSED = "edgelift.pure reads"

lines = st.sampled_from(
    [
        ROW,
        b"GET\tx",
        b"",
        b"\r",
        b"# a comment",
        b"#a\t::1",
        b"#Date: 2024-11-15",
        b"#Version: 1.0",
        b"#Version:\t::1",
        b"#Fields: asn",
        b"#Fields: c-ip asn",
        b"# fields:\t::1",
        b"#Fields:\t::1",
        b'{"asn":"7"}',
        b' {"asn":"7"}',
        b" " * 65 + b"{}",
        b"#Version:1.0",
        b"#Fields:asn",
        b"#Fields:asn\tc_ip",
        b"#Fields:/a\t::1",
        b"#Fields:/a\tx",
        b"#Fields:\tx",
        b"#note:a\tx",
        b"#note:a\tx\ty",
        b"{",
        b"{\t::1",
        b"{x\tx",
        b'{"asn":"7"}\t::1',
        b'{"asn":"7"} x',
        b"\xef\xbb\xbf#Version: 1.0",
        b'\xef\xbb\xbf{"asn":"7"}',
        b'{"attemptsMade":4,"rawData":"AA==","lambdaArn":"a"}',
    ]
)


@given(st.lists(lines, min_size=1, max_size=8))
@example([b"#Version: 1.0", b"#Fields: asn c-ip", b"7\t::1"])
@example([ROW, b"#Fields: asn", b"{}", ROW])
def test_lines_are_read_as_the_engine_reads_them_or_refused(chosen: list[bytes]) -> None:
    text = b"\n".join(chosen)
    engine, plain = CORE.transform_lines(text), PURE.transform_lines(text)
    refused = {failure.line for failure in plain.failures if REFUSED in failure.message}
    if not refused:
        assert plain == engine
        return
    kept = [failure for failure in engine.failures if failure.line not in refused]
    assert [failure for failure in plain.failures if failure.line not in refused] == kept
    assert set(plain.output.splitlines()) <= set(engine.output.splitlines())
    assert plain.counts.ok + plain.counts.failed == plain.counts.read
    assert plain.counts.blank == engine.counts.blank


def test_a_standard_log_is_refused_line_by_line() -> None:
    result = PURE.transform_lines(b'#Version: 1.0\n#Fields: asn c-ip\n7\t::1\n{"asn":"7"}\n')
    rows_only = "edgelift.pure reads real-time rows only, edgelift.Transformer reads standard logs"
    assert [(failure.line, failure.reason, failure.message) for failure in result.failures] == [
        (2, "bad_header", f"the record is a line of a standard log's header: {rows_only}"),
        (3, "no_header", f"the columns of the row are those of a header: {rows_only}"),
        (4, "bad_json", f"the record is a JSON object: {rows_only}"),
    ]


def test_a_json_record_of_an_event_is_refused() -> None:
    records = [{"recordId": "0", "data": "eyJhc24iOiI3In0="}]
    batch = PURE.transform_records(records)
    assert [record["result"] for record in batch.records] == ["ProcessingFailed"]
    ((reason, (_, message)),) = batch.report.first_failures.items()
    assert (reason, REFUSED in message) == ("bad_json", True)


def test_a_failed_first_row_begins_after_the_mark() -> None:
    for row in (b"{\tx", b"#a\tx", b"x\tx"):
        failures = [list(kind.transform_lines(b"\xef\xbb\xbf" + row).failures) for kind in (CORE, PURE)]
        assert [failure.raw for failure in failures[1]] == [failure.raw for failure in failures[0]]
        assert [failure.offset for failure in failures[1]] == [failure.offset for failure in failures[0]]
