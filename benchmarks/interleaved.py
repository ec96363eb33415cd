"""Times callables in turns within one process, and whole processes in turns: CPU time, never wall time."""

from __future__ import annotations

import contextlib
import gc
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

NOWHERE = Path(os.devnull)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep the garbage collector away, and what handlers log off the terminal."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        with NOWHERE.open("w") as nowhere, contextlib.redirect_stdout(nowhere):
            yield
    finally:
        gc.enable()
        gc.unfreeze()


def calls(
    contenders: Mapping[str, Callable[[], object]],
    rounds: int,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, list[float]]:
    """Time each contender once a round, in turns, after one round that does not count.

    Args:
        contenders: the functions that are timed.
        rounds: number of rounds that count.
        clock: returns CPU seconds, those of this process unless another one works for it.

    Returns:
        CPU seconds of each round for each contender.

    """
    times: dict[str, list[float]] = {name: [] for name in contenders}
    with quiet():
        for turn in range(rounds + 1):
            for name, call in contenders.items():
                start = clock()
                result = call()
                spent = clock() - start
                del result  # freed outside the clock, for everybody alike
                if turn:
                    times[name].append(spent)
    return times


def process(command: Sequence[str], output: Path = NOWHERE) -> float:
    """Run a command to its end, its standard output to the file ``output``.

    Returns:
        Its CPU seconds, user and system, all threads.

    Raises:
        RuntimeError: it ended with an error.

    """
    with (
        output.open("wb") as file,
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=said) as child,
    ):
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        complaint = said.read().decode(errors="replace")
    if child.returncode:
        raise RuntimeError(f"{command[0]} … ended with {child.returncode}: {complaint}")
    return usage.ru_utime + usage.ru_stime


_LAUNCHER = """\
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak(command: Sequence[str], environment: Mapping[str, str] | None = None) -> tuple[int, int]:
    """Run a command to its end; what it says goes nowhere.

    A small process starts it: the peak of a process includes that of the one it was forked from.

    Returns:
        Its exit code, and the peak of its resident size in bytes.

    """
    run = subprocess.run(
        [sys.executable, "-I", "-c", _LAUNCHER, *command],
        check=True,
        stdout=subprocess.PIPE,
        env=environment,
    )
    code, kilobytes = map(int, run.stdout.split())
    return code, kilobytes * 1024
