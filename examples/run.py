#!/usr/bin/env python3
"""Run CloudFront log lines through the whole pipeline on this machine, and ask the index three questions.

The rows have the 14 fields of a published set-up for real-time logs. Two were recorded
(``tests/fixtures/README.md`` names their sources), the others are generated from them, and one is truncated.
They pass a simulated Firehose stream and the function in Lambda's real runtime client, into an engine that
answers as OpenSearch does. Then ``edgelift transform`` reads the same rows from a file.
"""
# ruff: noqa: T201 -- an example prints its results

from __future__ import annotations

import base64
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import edgelift
from edgelift.reprocess.aws import AwsOptions
from edgelift.reprocess.sinks.opensearch.options import ClusterOptions
from edgelift.simulate.embedded import embedded_opensearch
from edgelift.simulate.function import LambdaProcess
from edgelift.simulate.indexes import OpenSearchIndex
from edgelift.simulate.memory import MemoryBackup
from edgelift.simulate.stream import DeliveryStream

FIELDS = (
    "timestamp,c-ip,sc-status,cs-method,cs-protocol,cs-uri-stem,x-host-header,time-taken,cs-user-agent,"
    "cs-referer,cs-uri-query,x-edge-response-result-type,x-edge-result-type,c-country"
)

REALTIME = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "realtime"
ROWS = REALTIME / "kds-2022-45col.tsv", REALTIME / "redacted-2020-40col.tsv"

GENERATED = 3_000
SEED = 20221214

PARTS = {
    "CloudFront rows": "recorded, generated",
    "Kinesis": "simulated",
    "Firehose (1 MiB or 60 s)": "simulated",
    "edgelift in Lambda's runtime client": "real",
    "OpenSearch": "osmem-server",
}
"""The parts that a row passes, and whether each is real here."""

PAGES = {
    "/": 0.02,
    "/styles.css": 0.004,
    "/app.js": 0.006,
    "/search": 0.35,
    "/checkout": 0.8,
    "/video.mp4": 2.5,
}
"""Paths of generated rows, and the seconds that a response takes on average."""

STATUSES = {"200": 90, "304": 4, "404": 4, "503": 1, "000": 1}
RESULTS = {"Hit": 80, "RefreshHit": 5, "Miss": 15}
COUNTRIES = {"DE": 5, "US": 4, "JP": 3, "BR": 1}
"""Values of generated rows, and how often they come."""


def recorded_rows() -> list[list[str]]:
    """Return the columns of the recorded rows that belong to the 14 fields."""
    # CloudFront added s-ip later, in between.
    names = [name for name in edgelift.FIELDS if name != "s-ip"]
    rows = []
    for path in ROWS:
        # Not by strip: the last columns may be empty.
        values = path.read_text("utf-8").removesuffix("\n").split("\t")
        row = dict(zip(names, values, strict=False))
        rows.append([row[name] for name in FIELDS.split(",")])
    return rows


def all_rows() -> list[bytes]:
    """Return the lines of all rows: recorded, generated from the first one, and a truncated one."""
    chance = random.Random(SEED)  # noqa: S311 - no secret

    def pick(weights: dict[str, int]) -> str:
        return chance.choices(list(weights), list(weights.values()))[0]

    recorded = recorded_rows()
    rows = list(recorded)
    for number in range(GENERATED):
        row = dict(zip(FIELDS.split(","), recorded[0], strict=True))
        path = chance.choice(list(PAGES))
        row["timestamp"] = f"{1_671_005_400 + number / 10:.3f}"
        row["c-ip"] = f"192.0.2.{chance.randrange(256)}"
        row["sc-status"] = pick(STATUSES)
        row["cs-uri-stem"] = path
        row["time-taken"] = f"{PAGES[path] * chance.uniform(0.5, 1.5):.3f}"
        row["x-edge-result-type"] = pick(RESULTS) if row["sc-status"] in {"200", "304"} else "Error"
        row["x-edge-response-result-type"] = row["x-edge-result-type"]
        row["c-country"] = pick(COUNTRIES)
        rows.append(list(row.values()))
    lines = ["\t".join(row).encode() + b"\n" for row in rows]
    return [*lines, lines[0][: len(lines[0]) // 2]]


def run_pipeline(url: str, lines: list[bytes]) -> OpenSearchIndex:
    """Deliver lines through a stream to the OpenSearch at a URL; print the account and the failed record."""
    transformer = edgelift.Transformer.from_fields(FIELDS.split(","))
    index = OpenSearchIndex(url, ClusterOptions(), AwsOptions())
    print(f"{index.check()} has the index template {index.apply_template(transformer)} now.")
    backup = MemoryBackup()
    began = time.perf_counter()
    with LambdaProcess(environment={"EDGELIFT_FIELDS": FIELDS}) as function:
        stream = DeliveryStream(function=function, index=index, backup=backup, rate=10)
        stream.put(lines)
        account = stream.run()
    print(f"{account.seconds:.0f} simulated seconds took {time.perf_counter() - began:.1f} seconds.\n")
    print(account)
    for error_object in backup.error_objects():
        raw = base64.b64decode(error_object["rawData"])
        failure = transformer.transform_lines(raw).failures[0]
        print(f"The record in backup, {len(raw)} bytes unchanged: {failure.message}")
    index.refresh("cdn-logs")
    return index


def ask(index: OpenSearchIndex, aggregation: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the buckets of an aggregation over all documents."""
    body = {"size": 0, "aggs": {"answer": aggregation}}
    answer = index.cluster.request("POST", "/cdn-logs-*/_search", body)
    buckets: list[dict[str, Any]] = answer.body["aggregations"]["answer"]["buckets"]
    return buckets


def ask_questions(index: OpenSearchIndex) -> None:
    """Ask three questions and print the answers."""
    print("1. How many responses of each class?\n")
    classes = [{"key": f"{first}xx", "from": first * 100, "to": first * 100 + 100} for first in (2, 3, 4, 5)]
    # CloudFront writes 000 if the viewer closed the connection.
    ranges = [{"key": "closed by the viewer", "to": 100}, *classes]
    for bucket in ask(index, {"range": {"field": "sc-status", "ranges": ranges}}):
        print(f"   {bucket['key']:<20} {bucket['doc_count']:>6,}")

    print("\n2. How many requests does the cache answer?\n")
    results = ask(index, {"terms": {"field": "x-edge-result-type", "size": 10}})
    counts = {bucket["key"]: bucket["doc_count"] for bucket in results}
    hits = counts.get("Hit", 0) + counts.get("RefreshHit", 0)
    cacheable = hits + counts.get("Miss", 0)
    print(f"   {hits:,} of {cacheable:,}: a hit ratio of {hits / cacheable:.1%}")

    print("\n3. Which URIs are slowest?\n")
    slowest = {"avg": {"field": "time-taken"}}
    by_uri = {"field": "cs-uri-stem", "size": 3, "order": {"seconds": "desc"}}
    for bucket in ask(index, {"terms": by_uri, "aggs": {"seconds": slowest}}):
        print(
            f"   {bucket['key']:<20} {bucket['seconds']['value']:>6.3f} s in {bucket['doc_count']:,} requests"
        )


def show_command(lines: list[bytes]) -> None:
    """Run ``edgelift transform`` on a file of the same rows, and print its first document and messages."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "edgelift.toml").write_text(
            f"[[layouts]]\nfields = {json.dumps(FIELDS.split(','))}\n", "utf-8"
        )
        (folder / "rows.tsv").write_bytes(b"".join(lines))
        arguments = ["transform", "rows.tsv", "--config", "edgelift.toml", "-o", "documents.ndjson"]
        print(f"$ edgelift {' '.join(arguments)}")
        command = [sys.executable, "-m", "edgelift", *arguments]
        # Exit code 1: a record failed, as it should.
        done = subprocess.run(  # noqa: S603 -- fixed command
            command,
            cwd=folder,
            env=os.environ | {"NO_COLOR": "1"},
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        print(done.stderr, end="")
        print("$ head -n 1 documents.ndjson")
        print((folder / "documents.ndjson").read_text("utf-8").partition("\n")[0])


def main() -> None:
    """Run the example."""
    lines = all_rows()
    widths = [max(len(part), len(kind)) for part, kind in PARTS.items()]
    for cells, arrow in (PARTS, " → "), (PARTS.values(), "   "):
        print(arrow.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())
    print(f"\n== {len(lines):,} rows of 14 columns through the pipeline\n")
    with embedded_opensearch() as url:
        index = run_pipeline(url, lines)
        print("\n== Three questions\n")
        ask_questions(index)
    print("\n== The same rows from a file\n")
    show_command(lines)
    print(
        "\n== Where to go next\n\n"
        "edgelift simulate FILE --fields …   your own rows, faults, your OpenSearch: docs/simulate.md\n"
        "docs/configuration.md               fields, names, times\n"
        "docs/lambda.md                      the function in your account\n"
        "docs/opensearch.md                  index template, roles and dashboards of your cluster"
    )


if __name__ == "__main__":
    main()
