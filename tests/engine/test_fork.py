"""Children that are forked while another thread is in the middle of a call."""

import subprocess
import sys

# The main thread waits in the middle of a chunk, in a signal handler, while another one forks.
PROGRAM = """
import os, signal, sys, threading, warnings
import edgelift

warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 and later warn of forks with threads
row = b"1700000000.123\\t192.0.2.1\\n"
transformer = edgelift.Transformer.from_fields(["timestamp", "c-ip"])
stream, idle = transformer.stream(), transformer.stream()
idle.feed(row[:8])
inside, forked, fed = threading.Event(), threading.Event(), threading.Event()

def stop_in_the_middle(*_):
    if 0 < stream.counts.read < 2_000_000:
        inside.set()
        forked.wait()

def in_the_child():
    for use in (lambda: stream.feed(row), stream.finish):
        try:
            print(use())
        except edgelift.EdgeliftError as error:
            print(error)
    print(len(transformer.transform_lines(row * 10_000).output))
    print(transformer.transform(row) == transformer.transform_lines(row).output[:-1])
    print(idle.feed(row[8:]).counts.ok, transformer.stream().feed(row).counts.ok)

def fork():
    while not inside.wait(0.001) and not fed.is_set():
        signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)
    child = os.fork()
    if not child:
        in_the_child()
        sys.stdout.flush()
        os._exit(0)
    forked.set()
    os.waitpid(child, 0)

signal.signal(signal.SIGUSR1, stop_in_the_middle)
thread = threading.Thread(target=fork)
thread.start()
stream.feed(row * 2_000_000)
fed.set()
thread.join()
print(stream.feed(row).counts.ok)
"""

# A thread is in the engine almost all the time, and forks come at any moment.
AT_ANY_MOMENT = """
import os, signal, threading, warnings
import edgelift

warnings.simplefilter("ignore", DeprecationWarning)
row = b"1700000000.123\\t192.0.2.1\\n"
transformer = edgelift.Transformer.from_fields(["timestamp", "c-ip"])
stream = transformer.stream()
stop = threading.Event()

def feed():
    while not stop.is_set():
        stream.feed(row * 100_000)

thread = threading.Thread(target=feed, daemon=True)
thread.start()
for _ in range(12):
    child = os.fork()
    if not child:
        signal.alarm(20)  # ends it if it hangs
        for use in (lambda: stream.counts, lambda: stream.detected_formats, lambda: stream.feed(row)):
            try:
                use()
            except edgelift.EdgeliftError:
                pass
        transformer.transform_lines(row * 10_000)
        os._exit(0)
    print(os.waitpid(child, 0)[1])
stop.set()
thread.join()
"""

REFUSAL = "the stream was in use by another thread when this process was forked; begin a new one\n"


def test_a_stream_in_use_at_a_fork_is_refused_in_the_child_and_goes_on_in_the_parent() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == REFUSAL * 2 + "470000\nTrue\n1 1\n2000001\n"


def test_children_forked_at_any_moment_do_not_hang() -> None:
    done = subprocess.run(
        [sys.executable, "-c", AT_ANY_MOMENT], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout == "0\n" * 12
