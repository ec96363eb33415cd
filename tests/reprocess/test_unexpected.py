"""Errors that nobody foresaw in a job: exit code 3, one line, and --resume brings the job to its end."""

from __future__ import annotations

import resource
import subprocess
import textwrap
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from tests.reprocess.conftest import made, one_to_one

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.reprocess.conftest import Logs, Reprocess


def inject(reprocess: Reprocess, tmp_path: Path, code: str) -> None:
    """Have the jobs run some code before their command line."""
    folder = tmp_path / "injected"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(textwrap.dedent(code))
    reprocess.environment["PYTHONPATH"] = str(folder)


# Of the nth object that is transformed.
FAILING_STREAM = """
    import importlib.abc, sys
    class Finder(importlib.abc.MetaPathFinder):
        def find_spec(self, name, path, target=None):
            if name == "edgelift.reprocess.pipeline":
                sys.meta_path.remove(self)
                import edgelift.inputs.detect as detect
                made, left = detect.transformed, [{after}]
                def failing(*args, **kwargs):
                    left[0] -= 1
                    if left[0] < 0:
                        {failure}
                    return made(*args, **kwargs)
                detect.transformed = failing
    sys.meta_path.insert(0, Finder())
"""


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        ("raise MemoryError", "out of memory"),
        ("f = lambda: f(); f()", "data is nested too deeply to be read"),
        ("raise BrokenPipeError(32, 'Broken pipe')", "Broken pipe"),
        ("raise KeyError('x')", "unexpected error: KeyError: 'x'"),
        ("raise SystemExit(1)", "unexpected error: SystemExit: 1"),
    ],
    ids=["memory", "recursion", "pipe", "key", "exit"],
)
def test_unexpected_error_reports_how_to_resume(  # noqa: PLR0913, PLR0917 - fixtures
    reprocess: Reprocess, logs: Logs, source: Path, tmp_path: Path, failure: str, words: str
) -> None:
    inject(reprocess, tmp_path, FAILING_STREAM.format(after=5, failure=failure))
    arguments = (source, f"{tmp_path}/out/", "--workers", "1", "--failed", tmp_path / "failed")
    done = reprocess(*arguments)
    assert done.code == 3, done.err
    (message,) = done.err.splitlines()
    assert message.startswith(
        f"edgelift: {words}; 5 of 12 objects are done; "
        f"the same command with --resume goes on from the journal {reprocess.journal}"
    )
    del reprocess.environment["PYTHONPATH"]
    assert reprocess(*arguments, "--resume").code == 1
    assert made(tmp_path / "out") == one_to_one(logs)


def test_unexpected_error_suggests_no_resume_where_none_is_possible(
    reprocess: Reprocess, source: Path, tmp_path: Path
) -> None:
    inject(reprocess, tmp_path, FAILING_STREAM.format(after=0, failure="raise MemoryError"))
    done = reprocess(source, "--dry-run")
    assert (done.code, done.err) == (
        3,
        "edgelift: out of memory; 0 of 12 objects are done; run the same command again\n",
    )
    done = reprocess("-", f"{tmp_path}/out/")
    assert done.code == 3
    assert done.err == (
        "edgelift: out of memory; 0 of 1 objects are done; standard input cannot be read twice: "
        "run the same command again, from its beginning\n"
    )


def test_threads_that_cannot_start_stop_the_job(
    reprocess: Reprocess, logs: Logs, source: Path, tmp_path: Path
) -> None:
    # Really: a stack that does not fit into the address space.
    code = """
    import resource, threading
    threading.stack_size(8 << 30)
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    """
    inject(reprocess, tmp_path, code)
    arguments = (source, f"{tmp_path}/out/", "--failed", tmp_path / "failed")
    done = reprocess(*arguments)
    assert done.code == 3
    (message,) = done.err.splitlines()
    assert message.startswith("edgelift: cannot start a thread: the system's limit ")
    assert "; 0 of 12 objects are done; " in message
    del reprocess.environment["PYTHONPATH"]
    assert reprocess(*arguments, "--resume").code == 1
    assert made(tmp_path / "out") == one_to_one(logs)


def test_wall_clock_that_runs_backwards_does_not_stop_the_job(
    reprocess: Reprocess, logs: Logs, source: Path, tmp_path: Path
) -> None:
    # Waits are by the monotonic clock. One that runs backwards as well stops CPython itself, for which
    # Semaphore.acquire(timeout=0) in ThreadPoolExecutor.submit never comes to its end.
    code = """
    import itertools, time
    start, steps = time.time(), itertools.count(1)
    time.time = lambda: start - 5 * next(steps)
    time.time_ns = lambda: int(time.time() * 1e9)
    """
    inject(reprocess, tmp_path, code)
    done = reprocess(source, f"{tmp_path}/out/", "--failed", tmp_path / "failed")
    assert done.code == 1, done.err
    assert made(tmp_path / "out") == one_to_one(logs)


def test_full_disk_at_any_page_of_the_journal_stops_the_job(
    command: tuple[str, ...], environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a").write_bytes(b"200\n")
    codes = set()
    words = ["reprocess", f"{tmp_path}/logs", f"{tmp_path}/out/", "--fields", "sc-status", "--resume"]
    for size in (0, 1000, 4096, 8192, 12_288, 16_384, 20_480, 30_000, 50_000, 80_000):
        journal = tmp_path / f"journal-{size}"

        def limit(size: int = size) -> None:
            # Python ignores SIGXFSZ, so that a write fails with EFBIG.
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

        done = subprocess.run(
            [*command, *words[:-1], "--journal", journal],
            env=environment,
            capture_output=True,
            text=True,
            preexec_fn=limit,
            check=False,
        )
        codes.add(done.returncode)
        assert done.returncode in {0, 2, 3}, (size, done.stderr)
        assert "Traceback" not in done.stderr
        if done.returncode:
            assert f"{journal}" in done.stderr, size
            assert done.stderr.startswith("edgelift: "), size
        if journal.exists():
            again = subprocess.run(
                [*command, *words, "--journal", journal],
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert again.returncode == 0, (size, again.stderr)
            assert (tmp_path / "out" / "a.ndjson").read_bytes() == b'{"sc-status":200}\n'
            (tmp_path / "out" / "a.ndjson").unlink()
    assert 3 in codes
    assert 0 in codes


class _Nested(BaseHTTPRequestHandler):
    """Answers everything with more arrays than a parser takes."""

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b"[" * 200_000
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_HEAD = do_PUT = _answer  # noqa: N815 - names of the library

    def log_message(self, *_: object) -> None:
        """Be silent."""


@contextmanager
def nested() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Nested) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_deeply_nested_answer_stops_the_job(reprocess: Reprocess, source: Path) -> None:
    with nested() as url:
        done = reprocess(source, url)
    assert done.code == 3, done.err
    assert "Traceback" not in done.err
    assert done.err.splitlines()[-1].startswith("edgelift: ")
