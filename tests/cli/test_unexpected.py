"""Errors that nobody foresaw: exit code 3 and one line, never 1, which says that some records failed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Run


FAILING_READ = """
    import os
    read, left = os.read, [{after}]
    def failing(descriptor, size):
        if size < 100_000:  # Python's own
            return read(descriptor, size)
        left[0] -= 1
        if left[0] < 0:
            {failure}
        return read(descriptor, size)
    os.read = failing
"""


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        ("raise MemoryError", "out of memory"),
        ("f = lambda: f(); f()", "data is nested too deeply to be read"),
        ('raise RuntimeError("can\'t start new thread")', "cannot start a thread"),
        ("raise EOFError('no more')", "unexpected error: EOFError: no more"),
        ("raise RuntimeError('a\\n  b\\x1b')", "unexpected error: RuntimeError: a b\\u001b"),
        ("raise KeyError", "unexpected error: KeyError"),
        ("raise BaseException('panic')", "unexpected error: BaseException: panic"),
        ("import sqlite3; raise sqlite3.OperationalError('full')", "cannot use the journal: full"),
    ],
    ids=["memory", "recursion", "thread", "eof", "lines", "key", "base", "sqlite"],
)
def test_unexpected_error_reports_what_was_done(
    run: Run, inject: Callable[[str], dict[str, str]], failure: str, words: str
) -> None:
    env = inject(FAILING_READ.format(after=1, failure=failure))
    done = run("transform", "--fields", "sc-status", stdin=b"200\nbad\n200\n", env=env)
    assert done.code == 3, done.err
    *others, message = done.err.splitlines()
    assert others == [
        'standard input:2: bad_value: column 1 (sc-status): "bad" is not a status of three digits'
    ]
    assert message.startswith(f"edgelift: {words}")
    assert "; 3 records: 2 ok, 0 dropped, 1 failed; the output is incomplete; " in message
    assert "; run the same command again" in message
    assert ("EDGELIFT_DEBUG=1" in message) == words.startswith("unexpected")
    assert done.out == b'{"sc-status":200}\n{"sc-status":200}\n'


def test_unexpected_error_reports_that_a_file_was_not_replaced(
    run: Run, inject: Callable[[str], dict[str, str]], tmp_path: Path
) -> None:
    (tmp_path / "out").write_bytes(b"before")
    env = inject(FAILING_READ.format(after=1, failure="raise MemoryError"))
    words = ("transform", "--fields", "sc-status", "-o", tmp_path / "out")
    done = run(*words, stdin=b"200\n", env=env)
    assert done.code == 3
    assert "; 1 records: 1 ok, 0 dropped, 0 failed; the output is unchanged; " in done.err
    assert (tmp_path / "out").read_bytes() == b"before"


def test_unexpected_error_reports_that_nothing_was_written(
    run: Run, inject: Callable[[str], dict[str, str]]
) -> None:
    env = inject(FAILING_READ.format(after=0, failure="raise MemoryError"))
    done = run("transform", "--fields", "sc-status", stdin=b"200\n", env=env)
    assert done.err == "edgelift: out of memory; nothing was written; run the same command again\n"
    assert (done.code, done.out) == (3, b"")


def test_exhausted_memory_still_gets_a_message(run: Run, inject: Callable[[str], dict[str, str]]) -> None:
    # As much as the process has, filled to the last mapping; what is held must not keep the message away.
    code = """
    import os, resource
    read, left = os.read, [1]
    def failing(descriptor, size):
        if size < 100_000:
            return read(descriptor, size)
        left[0] -= 1
        if left[0] >= 0:
            return read(descriptor, size)
        with open("/proc/self/statm") as file:
            pages = int(file.read().split()[0])
        resource.setrlimit(resource.RLIMIT_AS, (pages * 4096, pages * 4096))
        held = []
        for size in (1 << 20, 1 << 14, 1 << 9):
            try:
                while True:
                    held.append(bytearray(size))
            except MemoryError:
                if size == 1 << 9:
                    raise
    os.read = failing
    """
    done = run("transform", "--fields", "sc-status", stdin=b"200\n", env=inject(code))
    assert done.code == 3
    assert done.err.splitlines()[-1].startswith("edgelift: ")
    assert "Traceback" not in done.err
    assert "Exception ignored" not in done.err


def test_traceback_only_for_people_who_debug(run: Run, inject: Callable[[str], dict[str, str]]) -> None:
    env = inject(FAILING_READ.format(after=0, failure="raise KeyError('a\\x1bb')"))
    for value, shown in ("", False), ("1", True):
        done = run("transform", "--fields", "sc-status", stdin=b"200\n", env={**env, "EDGELIFT_DEBUG": value})
        assert done.code == 3
        assert ("Traceback (most recent call last):" in done.err) is shown
        assert ("in failing" in done.err) is shown
        assert "\x1b" not in done.err


@pytest.mark.parametrize("verb", ["transform", "explain", "fields", "size", "reprocess"])
def test_broken_installation_is_an_unexpected_error(
    run: Run, inject: Callable[[str], dict[str, str]], verb: str
) -> None:
    done = run(verb, env=inject(f"import sys; sys.modules['edgelift.cli.{verb}'] = None"))
    assert done.code == 3
    (message,) = done.err.splitlines()
    assert message.startswith("edgelift: unexpected error: ModuleNotFoundError: ")


BROKEN_ENGINE = "import sys; sys.modules['edgelift._core'] = None"


@pytest.mark.parametrize("start", [["-m", "edgelift"], [str(Path(sys.executable).with_name("edgelift"))]])
@pytest.mark.parametrize("words", [["transform", "--fields", "sc-status"], ["--help"], []])
def test_engine_that_cannot_be_imported_ends_with_three(
    environment: dict[str, str], inject: Callable[[str], dict[str, str]], start: list[str], words: list[str]
) -> None:
    env = environment | inject(BROKEN_ENGINE)
    done = subprocess.run(
        [sys.executable, *start, *words], input=b"200\n", capture_output=True, env=env, check=False
    )
    assert (done.returncode, done.stdout) == (3, b"")
    (message,) = done.stderr.decode().splitlines()
    assert message.startswith("edgelift: unexpected error: ModuleNotFoundError: ")
    assert "; install edgelift again" in message


@pytest.mark.parametrize("name", ["Stream", "REASONS", "CONNECTION_FIELDS"])
def test_engine_of_another_version_is_named(
    environment: dict[str, str], inject: Callable[[str], dict[str, str]], name: str
) -> None:
    # The first name is imported by the package, the others by modules of the command line.
    stale = f"""
import sys, importlib.util, importlib.machinery
spec = importlib.machinery.PathFinder.find_spec("edgelift")
core = importlib.machinery.PathFinder.find_spec("_core", list(spec.submodule_search_locations))
core = importlib.util.spec_from_file_location("edgelift._core", core.origin)
module = importlib.util.module_from_spec(core)
core.loader.exec_module(module)
del module.{name}
sys.modules["edgelift._core"] = module
"""
    command = [sys.executable, "-m", "edgelift", "transform", "--fields", "sc-status"]
    env = environment | inject(stale)
    done = subprocess.run(command, input=b"200\n", capture_output=True, env=env, check=False)
    assert (done.returncode, done.stdout) == (3, b"")
    (message,) = done.stderr.decode().splitlines()
    assert message.startswith("edgelift: the engine /")
    assert "is of another version than the package; install edgelift again" in message


def test_engine_that_cannot_be_imported_is_an_import_error_to_programs(
    environment: dict[str, str], inject: Callable[[str], dict[str, str]]
) -> None:
    env = environment | inject(BROKEN_ENGINE)
    code = "try:\n import edgelift\nexcept ImportError as error:\n print(error.name)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=env, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"edgelift._core\n", b"")


@pytest.mark.parametrize(
    ("verb", "patched"),
    [
        ("explain", "edgelift.cli.explain.write_table"),
        ("fields", "edgelift.cli.fields.write_list"),
        ("size", "edgelift.cli.source.Source.blocks"),
    ],
)
@pytest.mark.parametrize("error", ["EOFError", "BrokenPipeError(32, 'Broken pipe')", "KeyError", "OSError"])
def test_unexpected_error_of_every_command_exits_with_3(
    environment: dict[str, str], verb: str, patched: str, error: str
) -> None:
    # A server's connection that breaks is no reader of the output that went away, and EOFError not Ctrl-D.
    module, _, name = patched.rpartition(".")
    code = f"""
import sys, unittest.mock as mock, pkgutil
import edgelift.cli.{verb}
sys.argv = ["edgelift", {verb!r}, "--fields", "sc-status"]
with mock.patch.object(pkgutil.resolve_name({module!r}), {name!r}, side_effect={error}):
    edgelift.cli.main()
"""
    code = code.replace("import sys,", "import edgelift.cli, sys,")
    done = subprocess.run(
        [sys.executable, "-c", code], input=b"200\n", capture_output=True, env=environment, check=False
    )
    assert (done.returncode, done.stdout) == (3, b"")
    (message,) = done.stderr.decode().splitlines()
    assert "; run the same command again" in message


@pytest.mark.parametrize("closing", ["2>&-", "2>/dev/full", "1>&- 2>&-"])
def test_unwritable_message_keeps_the_exit_code(
    command: tuple[str, ...],
    environment: dict[str, str],
    inject: Callable[[str], dict[str, str]],
    tmp_path: Path,
    closing: str,
) -> None:
    env = environment | inject(FAILING_READ.format(after=1, failure="raise MemoryError"))
    words = [*command, "transform", "--fields", "sc-status", "-o", str(tmp_path / "out")]
    shell = ["sh", "-c", f'exec "$@" {closing}', "sh", *words]
    done = subprocess.run(shell, input=b"200\nbad\n", capture_output=True, env=env, check=False)
    assert (done.returncode, done.stderr) == (3, b"")
    # Neither the output nor standard error under its name: the run is not complete.
    assert [path.name for path in tmp_path.iterdir()] == ["injected"]


def test_errors_in_threads_and_finalizers_are_not_shown(
    run: Run, inject: Callable[[str], dict[str, str]]
) -> None:
    code = """
    import os, threading
    class Bad:
        def __del__(self):
            raise MemoryError
    read = os.read
    def failing(descriptor, size):
        if size >= 100_000:
            Bad()
            thread = threading.Thread(target=lambda: {}["key"])
            thread.start()
            thread.join()
        return read(descriptor, size)
    os.read = failing
    """
    done = run("transform", "--fields", "sc-status", stdin=b"200\n", env=inject(code))
    assert (done.code, done.messages) == (0, [])
    done = run(
        "transform", "--fields", "sc-status", stdin=b"200\n", env={**inject(code), "EDGELIFT_DEBUG": "1"}
    )
    assert "MemoryError" in done.err
    assert "KeyError" in done.err


def test_signal_inside_a_finalizer_ends_the_process(
    run: Run, inject: Callable[[str], dict[str, str]]
) -> None:
    # An exception in a finalizer ends nothing: the signal would be lost, and a traceback shown.
    code = """
    import os, signal
    class Bad:
        def __del__(self):
            os.kill(os.getpid(), signal.SIGTERM)
            for _ in range(100):
                pass
    read = os.read
    def failing(descriptor, size):
        if size >= 100_000:
            Bad()
        return read(descriptor, size)
    os.read = failing
    """
    done = run("transform", "--fields", "sc-status", stdin=b"200\n" * 1000, env=inject(code))
    assert (done.code, done.err) == (-signal.SIGTERM, "")


def test_signal_while_an_output_is_opened_leaves_no_files(
    run: Run, tmp_path: Path, inject: Callable[[str], dict[str, str]]
) -> None:
    code = """
    import os, signal
    from edgelift.cli import sink
    class Interrupted(sink._Whole):
        def __init__(self, path):
            super().__init__(path)
            os.kill(os.getpid(), signal.SIGTERM)
            for _ in range(100):
                pass
    sink._Whole = Interrupted
    """
    folder = tmp_path / "outputs"
    folder.mkdir()
    done = run("transform", "--fields", "sc-status", "-o", folder / "out", stdin=b"200\n", env=inject(code))
    assert done.code == 143
    assert not list(folder.iterdir())


def test_signal_while_an_output_is_closed_leaves_no_files(
    run: Run, tmp_path: Path, inject: Callable[[str], dict[str, str]]
) -> None:
    code = """
    import os, signal
    from edgelift.cli import sink
    class Interrupted(sink._Whole):
        is_interrupted = False
        def close(self):
            if not self.is_interrupted:
                self.is_interrupted = True
                os.kill(os.getpid(), signal.SIGINT)
                for _ in range(100):
                    pass
            super().close()
    sink._Whole = Interrupted
    """
    folder = tmp_path / "outputs"
    folder.mkdir()
    done = run("transform", "--fields", "sc-status", "-o", folder / "out", stdin=b"200\n", env=inject(code))
    assert done.code == 130
    assert [path.name for path in folder.iterdir()] == ["out"]


def test_interrupt_during_any_import_exits_with_130(
    environment: dict[str, str], inject: Callable[[str], dict[str, str]]
) -> None:
    code = """
    import os, signal, sys
    count = [int(os.environ["AT"])]
    def hook(event, args):
        if event == "import" and "edgelift.cli.unexpected" in sys.modules:
            count[0] -= 1
            if count[0] == 0:
                os.kill(os.getpid(), signal.SIGINT)
    sys.addaudithook(hook)
    """
    env = environment | inject(code)
    words = [sys.executable, "-m", "edgelift", "transform", "--fields", "sc-status"]
    codes = []
    for at in (1, 2, 3, 5, 8, 13, 21, 34):
        done = subprocess.run(
            words, input=b"200\n", capture_output=True, env=env | {"AT": str(at)}, check=False
        )
        codes.append(done.returncode)
        assert done.returncode == 130, (at, done.stderr)
        assert done.stderr == b"", at
    assert codes
