"""How much memory an event takes, in a process of its own.

``python -m benchmarks.resident EVENT FIELDS`` prints what `Growth` holds, as JSON.

The process is warm, but has seen a small event only: then its size is taken, before the bytes of the large
event are there. That is transformed twice and the first response let go, so that what is kept from one
invocation to the next is there when the second one needs its own. The growth is from the size taken to the
peak of the second call: all that a large event ever costs, its own bytes and the response included.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import edgelift
from benchmarks import corpus as corpora
from benchmarks.contenders import check, checked_response

SIZE = 6_000_000
"""Bytes of the event, at most: AWS Lambda takes 6 MB."""


@dataclass(frozen=True)
class Growth:
    """Memory that one process measured of itself, in bytes."""

    event: int
    before: int
    peak: int
    sha256: str
    """Of the response."""

    @property
    def times_the_event(self) -> float:
        return (self.peak - self.before) / self.event


def growth(folder: Path, name: str) -> Growth:
    """Measure what an event of corpus ``name`` takes; its response is checked."""
    corpus = corpora.block(name)
    event = corpora.event_of_size(corpus.lines, SIZE)
    path = folder / f"{name}.large-event.json"
    path.write_bytes(event)
    command = [sys.executable, "-m", "benchmarks.resident", str(path), ",".join(corpus.fields)]
    try:
        run = subprocess.run(command, check=True, capture_output=True, text=True)
    finally:
        path.unlink()
    measured = Growth(**json.loads(run.stdout))
    check_growth(measured, event, checked_response(corpus.fields, event))
    return measured


def check_growth(measured: Growth, event: bytes, response: bytes) -> None:
    """Stop the run if the process measured something else.

    Raises:
        AssertionError: it did.

    """
    right = measured.sha256 == hashlib.sha256(response).hexdigest()
    check(right and measured.event == len(event), "the process answered something else")
    # The response and the event are there at the peak; less would mean that it was not seen.
    seen = measured.peak - measured.before >= (len(event) + len(response)) * 0.9
    check(seen, f"the size was not measured: {measured}")


def main() -> int:
    """Measure this process."""
    path, fields = sys.argv[1:]
    transformer = edgelift.Transformer.from_fields(fields.split(","))
    # No line of a corpus: to make one takes memory, which the event could have later.
    transformer.transform_event(b'{"records":[{"recordId":"1","data":"Cg=="}]}')
    before = _status("VmRSS")
    event = Path(path).read_bytes()
    transformer.transform_event(event)
    # The peak starts anew at the present size: proc(5), clear_refs.
    Path("/proc/self/clear_refs").write_text("5")
    response = transformer.transform_event(event) or b""
    peak = _status("VmHWM")
    digest = hashlib.sha256(response).hexdigest()
    print(json.dumps(asdict(Growth(len(event), before, peak, digest))))
    return 0


def _status(name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
