"""Runs the suites and the gate's measurements, prints both tables, and writes a dated result.

``python -m benchmarks.bench [--suites-only]`` → ``benchmarks/results/YYYY-MM-DD-COMMIT.json``
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import buffers, gate, machine, peers, verdict
from benchmarks import corpus as corpora
from benchmarks.limits import Limits

RESULTS = Path(__file__).with_name("results")


def run_suites() -> list[dict[str, Any]]:
    """Run the pytest-benchmark suites.

    Returns:
        For each benchmark its group, contender, rounds and nanoseconds a record (the fastest round and the
        median), by group.

    """
    gate.FOLDER.mkdir(exist_ok=True)
    path = gate.FOLDER / "suites.json"
    command = [sys.executable, "-m", "pytest", str(Path(__file__).parent), "--benchmark-only", "--quiet"]
    command += ["--benchmark-columns=min,median,rounds", f"--benchmark-json={path}"]
    subprocess.run(command, check=True, cwd=machine.ROOT)
    benchmarks = json.loads(path.read_text())["benchmarks"]
    return sorted(map(_summary, benchmarks), key=lambda row: row["group"])


def _summary(benchmark: dict[str, Any]) -> dict[str, Any]:
    records, size = benchmark["extra_info"]["records"], benchmark["extra_info"]["bytes"]
    stats = benchmark["stats"]
    return {
        "group": benchmark["group"],
        "contender": benchmark["params"]["contender"],
        "records": records,
        "bytes": size,
        "rounds": stats["rounds"],
        "ns_a_record_min": round(stats["min"] * 1e9 / records, 1),
        "ns_a_record_median": round(stats["median"] * 1e9 / records, 1),
        "megabytes_a_second": round(size / stats["min"] / 1e6, 1),
    }


def table(suites: list[dict[str, Any]]) -> str:
    """Lay the suites' results out in columns, with how many times the core's time each contender takes."""
    core = {row["group"]: row["ns_a_record_min"] for row in suites if row["contender"] == "core"}
    lines = [f"{'group':<14}{'contender':<11}{'ns a record: min':>17}{'median':>12}{'MB/s':>9}{'x core':>8}"]
    lines += [
        f"{row['group']:<14}{row['contender']:<11}{row['ns_a_record_min']:>17,.0f}"
        f"{row['ns_a_record_median']:>12,.0f}{row['megabytes_a_second']:>9,.0f}"
        f"{row['ns_a_record_min'] / core[row['group']]:>8.1f}"
        for row in suites
    ]
    return "\n".join(lines)


def main() -> int:
    """Measure, print, and write the result."""
    parser = argparse.ArgumentParser(prog="bench", description="Measure edgelift and write a dated result.")
    parser.add_argument("--suites-only", action="store_true", help="leave the gate's measurements out")
    arguments = parser.parse_args()
    suites = run_suites()
    verdicts = [] if arguments.suites_only else gate.measure()
    full = buffers.measure(gate.FOLDER)
    locked = machine.crate_versions()
    now, commit = datetime.now(UTC).date().isoformat(), machine.commit()
    result = {
        "date": now,
        "commit": commit,
        "command": "python -m benchmarks.bench" + " --suites-only" * arguments.suites_only,
        "seed": corpora.SEED,
        "machine": machine.machine(),
        "versions": machine.versions() | {"peers": peers.pinned()},
        "crates": {name: locked[name] for name in (*Limits.read().crates, "pyo3")},
        "suites": suites,
        "buffers": full,
        "gate": [asdict(row) for row in verdicts],
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{now}-{commit}.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    print(f"\n{table(suites)}")
    print(f"\n{buffers.table(full)}")
    if verdicts:
        print(f"\n{verdict.table(verdicts)}")
    print(f"\nwritten to {path.relative_to(machine.ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
