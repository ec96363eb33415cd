"""Chaos: delivery streams under faults of all places at once, until none of them loses a record.

``make chaos N=300 SEED=1``, or ``python -m tests.chaos --runs 300 --seed 1``. A run and all of it follows
from its seed: the first run has the given one, the next ones count up. A finding prints the seed, and
``make chaos N=1 SEED=…`` repeats that run. The exit code is 1 if something was found.

A run makes rows of several layouts, with odd values and bad records among them (`rows`), settings and
faults (`case`). A delivery stream delivers the rows to one of the `places`, and ``edgelift reprocess`` what
is in its backup (`run`). Then each record, each document and each count is checked (`invariants`) against
what the source really sent, which answers were lost (`watched`), which records the handler put into the
stream again (`reingested`), and what is in the backup (`evidence`).
"""
