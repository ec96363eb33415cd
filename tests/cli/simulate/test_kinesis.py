"""``edgelift simulate kinesis:NAME``: the records of a stream at an endpoint."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.reprocess.conftest import aws, kinesis, s3_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.cli.conftest import Run
    from tests.reprocess.conftest import Client

__all__ = ["aws", "kinesis", "s3_url"]

FIELDS = "timestamp,sc-status"


def put(client: Client, number: int) -> None:
    for start in range(0, number, 500):
        records = [
            {"Data": b"1700000000.%06d\t200\n" % place, "PartitionKey": str(place)}
            for place in range(start, min(start + 500, number))
        ]
        client.put_records(StreamName="cdn", Records=records)


def test_records_of_a_stream_are_delivered(
    run: Run, kinesis: Client, s3_url: str, aws: Mapping[str, str]
) -> None:
    put(kinesis, 700)
    words = ("simulate", "kinesis:cdn", "--kinesis", s3_url, "--fields", FIELDS, "--speed", "3600")
    done = run(*words, env=dict(aws))
    assert done.code == 0, done.err
    assert done.out.startswith(b"700 source records = 700 indexed + 0 dropped + 0 in backup\n")
    assert done.err.startswith("edgelift: kinesis:cdn → Firehose (1 MiB, 60 s) → ")
    # The times are those of the stream.
    assert re.search(rb"cdn-logs-20(?!24)\d\d-\d\d-\d\d", done.out)


def test_embedded_engine_takes_so_many_records_of_a_stream(
    run: Run, kinesis: Client, s3_url: str, aws: Mapping[str, str]
) -> None:
    put(kinesis, 5_003)
    words = ("simulate", "kinesis:cdn", "--kinesis", s3_url, "--fields", FIELDS)
    done = run(*words, env=dict(aws))
    assert done.out.startswith(b"5,000 source records = 5,000 indexed")
    assert "takes 5,000 records, and there are more" in done.err


def test_empty_stream_simulates_nothing(
    run: Run, kinesis: Client, s3_url: str, aws: Mapping[str, str]
) -> None:
    del kinesis
    done = run("simulate", "kinesis:cdn", "--kinesis", s3_url, "--fields", FIELDS, env=dict(aws))
    assert (done.code, done.out) == (0, b"")
    assert done.err == "edgelift: there are no lines: nothing was simulated\n"


def test_stream_that_is_not_there_stops_the_run(run: Run, s3_url: str, aws: Mapping[str, str]) -> None:
    done = run("simulate", "kinesis:none", "--kinesis", s3_url, "--fields", FIELDS, env=dict(aws))
    assert (done.code, done.out) == (3, b"")
    assert done.err.startswith("edgelift: cannot read the stream none: ")


def test_wrong_words_of_a_stream_are_refused(run: Run) -> None:
    words = {
        ("kinesis:",): "edgelift: kinesis: names no stream\n",
        ("kinesis:cdn", "rows.tsv"): "edgelift: kinesis:cdn and other LINES exclude each other\n",
        ("rows.tsv", "--kinesis", "http://127.0.0.1:9"): (
            "edgelift: --kinesis is the endpoint of LINES such as kinesis:NAME\n"
        ),
    }
    for given, message in words.items():
        done = run("simulate", *given, "--fields", FIELDS)
        assert (done.code, done.out, done.err) == (2, b"", message)
