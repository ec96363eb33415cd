#!/usr/bin/env python3
"""Transform recorded log lines with the Lambda handler and the command line, and print the results.

Runs the Firehose handler on an event of recorded rows, then ``edgelift transform`` on the same rows in a
file. The rows are in ``tests/fixtures/realtime``; ``tests/fixtures/README.md`` names their sources.
"""
# ruff: noqa: T201 -- an example prints its results

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import edgelift
from edgelift.firehose import make_handler

FIXTURES = Path(__file__).resolve().parent.parent / "tests" / "fixtures"
ROWS = tuple(FIXTURES / "realtime" / name for name in ("kds-2022-45col.tsv", "redacted-2020-40col.tsv"))
ENVELOPE = FIXTURES / "firehose" / "event-kinesis-source.json"

REPEATED = 500
"""Copies of each row in the timed event."""

ROUNDS = 20


def configuration() -> str:
    """Return a configuration for both kinds of recorded rows: 40 fields in 2020, 45 in 2022."""
    # CloudFront added s-ip later, in between.
    names = [name for name in edgelift.FIELDS if name != "s-ip"]
    # A JSON list of strings is valid TOML.
    return "\n".join(f"[[layouts]]\nfields = {json.dumps(names[:count])}" for count in (45, 40))


def event_of(records: list[bytes]) -> dict[str, Any]:
    """Return a transformation event with the records, in the recorded envelope."""
    event: dict[str, Any] = json.loads(ENVELOPE.read_text("utf-8"))
    event["records"] = [
        {"recordId": f"record{place}", "data": base64.b64encode(record).decode("ascii")}
        for place, record in enumerate(records, 1)
    ]
    return event


def show_handler(config: str, rows: list[bytes]) -> None:
    """Run the handler on both rows and a truncated one, and print its response and its log line."""
    records = [*rows, rows[0][: len(rows[0]) // 2]]
    print(f"== The Firehose handler on an event of {len(rows)} recorded rows and a truncated one\n")
    log = io.StringIO()
    with contextlib.redirect_stdout(log):
        response = make_handler(config)(event_of(records), None)
    for record, given in zip(response["records"], records, strict=True):
        data = base64.b64decode(record["data"])
        if record["result"] == "Ok":
            print(f"{record['recordId']}: Ok, document:")
            print(*(f"  {key}: {json.dumps(value)}" for key, value in json.loads(data).items()), sep="\n")
        else:
            same = "unchanged" if data == given else "CHANGED"
            print(f"{record['recordId']}: {record['result']}, original data of {len(given)} bytes {same}")
    print(f"\nThe log line of the batch:\n{log.getvalue()}")


def show_time(config: str, rows: list[bytes]) -> None:
    """Time the handler on a large event, and print the best round."""
    event, handler = event_of(rows * REPEATED), make_handler(config)
    best = float("inf")
    with contextlib.redirect_stdout(io.StringIO()):
        for _ in range(ROUNDS):
            began = time.perf_counter()
            response = handler(event, None)
            best = min(best, time.perf_counter() - began)
    count, ok = len(event["records"]), sum(record["result"] == "Ok" for record in response["records"])
    print(
        f"An event of {count} records, each row {REPEATED} times: {ok} ok, "
        f"{best * 1e6 / count:.2f} microseconds per record (one core, best of {ROUNDS} rounds)\n"
    )


def show_command(config: str, rows: list[bytes]) -> None:
    """Run ``edgelift transform`` on a file with both rows, and print its output."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "edgelift.toml").write_text(config, "utf-8")
        (folder / "rows.tsv").write_bytes(b"".join(rows))
        arguments = ["transform", "rows.tsv", "--config", "edgelift.toml", "-o", "documents.ndjson"]
        print(f"== edgelift {' '.join(arguments)}\n")
        environment = os.environ | {"NO_COLOR": "1"}
        command = [sys.executable, "-m", "edgelift", *arguments]
        done = subprocess.run(  # noqa: S603 -- fixed command
            command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True, check=True
        )
        documents = (folder / "documents.ndjson").read_text("utf-8")
    print(documents)
    print(done.stderr, end="")


def main() -> None:
    """Run all examples."""
    config, rows = configuration(), [path.read_bytes() for path in ROWS]
    rows = [row.removesuffix(b"\n") + b"\n" for row in rows]
    show_handler(config, rows)
    show_time(config, rows)
    show_command(config, rows)


if __name__ == "__main__":
    main()
