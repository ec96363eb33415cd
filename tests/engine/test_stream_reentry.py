"""A stream that is asked by code which runs in the middle of its own work."""

import subprocess
import sys

# Up to Python 3.11 the collector runs while objects are made, and with it what callers hung on it.
PROGRAM = """
import gc
import edgelift

stream = edgelift.Transformer.from_fields(["asn"]).stream()
gc.callbacks.append(lambda phase, info: stream.counts)
gc.set_threshold(5)
for _ in range(2000):
    cycle = []
    cycle.append(cycle)
    stream.feed(b"x\\n" * 20)
print(stream.counts.failed)
"""


def test_a_garbage_collection_may_ask_the_stream_for_its_counts() -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True, timeout=60
    )
    assert run.stdout == "40000\n"
