"""Measures full buffers of the transformation, each in a process that answers them with raw bytes.

``python -m benchmarks.buffers EVENT FIELDS`` answers one event and prints what that took, as JSON.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
import sys
import time
from itertools import cycle
from pathlib import Path
from typing import Any

from edgelift import runtime

SIZES = (0.5, 1.0, 2.0)
"""``BufferSizeInMBs``. With 3, the largest, the request for c14 would have more than the 6 MB of Lambda."""

_ROUNDS = 9
_MEGABYTE = 1 << 20


def measure(folder: Path) -> list[dict[str, Any]]:
    """Measure each corpus with each buffer; the events are written below ``folder`` and deleted again."""
    from benchmarks import corpus as corpora  # not in the process that is measured

    return [
        _measured(folder, corpora.block(name, with_bad=False), size)
        for name in ("c14", "c45")
        for size in SIZES
    ]


def _measured(folder: Path, corpus: Any, megabytes: float) -> dict[str, Any]:  # noqa: ANN401 (see above)
    from benchmarks import corpus as corpora
    from benchmarks.contenders import check

    rows: list[bytes] = []
    size = 0
    for row in cycle(corpus.lines):
        if size >= megabytes * _MEGABYTE:
            break
        rows.append(row)
        size += len(row)
    path = folder / "buffer.json"
    path.write_text(json.dumps(corpora.event(rows), separators=(",", ":")))
    command = [sys.executable, "-m", "benchmarks.buffers", str(path), ",".join(corpus.fields)]
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    finally:
        path.unlink()
    answered = json.loads(done.stdout)
    check(answered["records"] == len(rows), "a record is not accounted for")
    return {"corpus": corpus.name, "megabytes": megabytes, **answered}


def answer(event: bytes, fields: list[str]) -> dict[str, Any]:
    """Answer an event a few times in this process, and say what that took."""
    handler = runtime.make_handler({"layouts": [{"fields": fields}], "metrics": {"enabled": False}})
    seconds = []
    for _ in range(_ROUNDS):
        log = io.StringIO()
        with contextlib.redirect_stdout(log):
            began = time.process_time()
            response = handler(event, None)
            seconds.append(time.process_time() - began)
    entry = json.loads(log.getvalue())
    return {
        "records": entry["RecordsIn"],
        "event_bytes": len(event),
        "response_bytes": len(response),
        "without_room": entry.get("Failed_too_large", 0),
        "cpu_ms": round(min(seconds) * 1000, 1),
        "peak_mb": round(_peak_kilobytes() / 1024),
    }


def _peak_kilobytes() -> int:
    """Give the peak of this process's memory. `resource` would tell the parent's, if that had more."""
    found = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    if found is None:
        raise OSError("/proc/self/status has no VmHWM")
    return int(found[1])


def table(rows: list[dict[str, Any]]) -> str:
    """Lay measured buffers out as a table of a page."""
    head = ["corpus", "buffer", "records", "request", "response", "do not fit", "CPU time", "memory"]
    lines = [head, ["---", *["--:"] * (len(head) - 1)]]
    lines += [
        [
            row["corpus"],
            f"{row['megabytes']:g}",
            f"{row['records']:,}",
            f"{row['event_bytes'] / 1e6:.2f} MB",
            f"{row['response_bytes'] / 1e6:.2f} MB",
            f"{row['without_room']:,}",
            f"{row['cpu_ms']} ms",
            f"{row['peak_mb']} MB",
        ]
        for row in rows
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    print(json.dumps(answer(Path(sys.argv[1]).read_bytes(), sys.argv[2].split(","))))
