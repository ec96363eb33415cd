"""``--jobs``: the threads that transform."""

import os
from contextlib import ExitStack
from typing import Annotated

from edgelift.cli.arguments import Option
from edgelift.cli.parts import Workers

JobsOption = Annotated[
    int | None,
    Option(
        "--jobs",
        short="-j",
        metavar="N",
        least=1,
        most=64,
        meaning="Threads that transform; default: one for each CPU that the command may use.",
    ),
]


def open_workers(jobs: int | None, stack: ExitStack) -> Workers | None:
    """Return threads that ``stack`` ends, or None if one thread does it all."""
    # Not all CPUs of the machine: containers and taskset may allow fewer.
    number = jobs or len(os.sched_getaffinity(0))
    return stack.enter_context(Workers(number)) if number > 1 else None
