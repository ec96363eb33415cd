"""Torture: jobs that are killed, fail and race, until none of them loses a record or a seed shows how.

``make torture SECONDS=60 SEED=1``, or ``python -m tests.torture --seconds 60 --seed 1 --only two_jobs``. Each
case has a seed derived from the first one; a finding prints it, and ``--case SEED`` runs that case alone. The
exit code is 1 if something was found.

- ``files``, ``s3``, ``opensearch`` (`interrupted`, `services`): a job is killed, loses power, meets errors, a
  full disk, signals or failing servers, and is resumed.
- ``two_jobs`` (`two_jobs`): two jobs share a destination.
- ``transform`` (`transform`): ``edgelift transform -o`` is killed or fails.

`process` forks a warm interpreter for each command, so that one takes some 50 ms; ``intercept.c`` counts
its file and socket calls, and injects the fault. `faults` chooses it, `sources` makes the logs,
`destinations` says where documents go, and `invariants` what must hold. `s3_server` and `bulk_server` are the
other side, each in a separate process on 127.0.0.1. Needs Linux with glibc and a C compiler.
"""
