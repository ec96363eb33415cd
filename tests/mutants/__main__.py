"""Make each mutant in a copy, and run the tests that must catch it."""

# ruff: noqa: T201 - a report is what it is for

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from .mutants import ROOT, Mutant, mutants

LONGEST = 900
"""Seconds after which tests hang, which is caught, too."""

TARGET = ROOT / "target" / "mutants"
"""Where the engine is built: the crates that it needs are built once."""


class InvalidError(Exception):
    """A mutant that does not compile, or whose tests cannot be run: neither caught nor a survivor."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--only", default="", help="those whose file or name has this word")
    options = parser.parse_args()
    chosen = [mutant for mutant in mutants() if options.only in f"{mutant.file} {mutant.name}"]
    try:
        for mutant in chosen:
            mutant.made((ROOT / mutant.file).read_text())
    except ValueError as error:
        print(error)
        return 2
    fates, sound = Counter[str](), dict[str, bool]()
    with tempfile.TemporaryDirectory(prefix="edgelift-mutants-") as folder:
        copy = _copy(Path(folder))
        for number, mutant in enumerate(chosen, 1):
            began = time.monotonic()
            try:
                fate = "caught" if _is_caught(copy, mutant, sound) else "SURVIVED"
            except InvalidError as error:
                fate = "INVALID"
                print(error)
            seconds = time.monotonic() - began
            print(
                f"{number}/{len(chosen)} {fate} in {seconds:.0f} s: {mutant.file}: {mutant.name}", flush=True
            )
            fates[fate] += 1
    print(f"{len(chosen)} mutants: {', '.join(f'{number} {fate}' for fate, number in sorted(fates.items()))}")
    return int(fates["caught"] < len(chosen))


def _copy(folder: Path) -> Path:
    """Copy what tests need: all that is in the repository, and the built module."""
    copy = folder / "repository"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = [os.fsdecode(name) for name in listed.stdout.split(b"\0") if name]
    built = [str(path.relative_to(ROOT)) for path in (ROOT / "python" / "edgelift").glob("_core*.so")]
    for name in [*names, *built]:
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    return copy


def _is_caught(copy: Path, mutant: Mutant, sound: dict[str, bool]) -> bool:
    words = _words(mutant)
    key = " ".join(words)
    if key not in sound:
        # With all crates to build first.
        sound[key] = _passes(words, copy, None)
    if not sound[key]:
        raise InvalidError(f"{key}: fails without a mutant")
    path = copy / mutant.file
    content = path.read_text()
    path.write_text(mutant.made(content))
    try:
        return not _passes(words, copy)
    finally:
        path.write_text(content)


def _words(mutant: Mutant) -> list[str]:
    if mutant.is_rust:
        return ["cargo", "test", "--locked", "--quiet", "--package", "edgelift", *mutant.tests]
    # Without caches of modules: they are keyed by time and size of the file, and a mutant may share both.
    return [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *mutant.tests]


def _passes(words: list[str], copy: Path, seconds: float | None = LONGEST) -> bool:
    environment = os.environ | {
        "CARGO_TARGET_DIR": str(TARGET),
        "PYTHONPATH": str(copy / "python"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    with subprocess.Popen(
        words,
        cwd=copy,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as tests:
        try:
            output, _ = tests.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            return False
        finally:
            # What tests have started, too.
            with suppress(ProcessLookupError):
                os.killpg(tests.pid, signal.SIGKILL)
    if "error: could not compile" in output or tests.returncode in {2, 3, 4, 5}:
        raise InvalidError(f"{' '.join(words)}: exit code {tests.returncode}\n{output}")
    return tests.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
