"""`edgelift completion`: the shells read the scripts, and complete then."""

from __future__ import annotations

import contextlib
import os
import pty
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edgelift.cli.arguments import Option, parameters
from edgelift.cli.verbs import VERBS, find_verb
from tests.programs import installed

if TYPE_CHECKING:
    from tests.cli.conftest import Run

PROGRAM = Path(sys.executable).with_name("edgelift")
SHELLS = ("bash", "zsh", "fish")


def shell(name: str, code: str) -> str:
    """Run code in a shell without the user's configuration, and return its output."""
    words = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[name]
    env = os.environ | {"PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        [installed(name), *words, "-c", code], capture_output=True, text=True, env=env, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def bash(line: str) -> list[str]:
    """Complete the last word of a command line in bash."""
    words = shlex.split(line.replace("=", " = ")) + [""] * line.endswith((" ", "="))
    code = (
        "source <(edgelift completion bash)\n"
        f"COMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1}; _edgelift\n"
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    return shell("bash", code).split()


def fish(line: str) -> list[str]:
    """Complete the last word of a command line in fish."""
    out = shell("fish", f"edgelift completion fish | source; complete -C {shlex.quote(line)}")
    return [each.partition("\t")[0] for each in out.splitlines()]


def zsh(line: str, tmp_path: Path) -> str:
    """Complete the last word of a command line in an interactive zsh, and return the arguments then."""
    program = installed("zsh")
    setup = (
        f"path=({PROGRAM.parent} $path); autoload -U compinit; compinit -u -d {tmp_path}/dump; "
        f"source <(edgelift completion zsh); edgelift() {{ print -r -- $* > {tmp_path}/args; exit }}\n"
    )
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [program, "-f", "-i"], stdin=theirs, stdout=theirs, stderr=theirs, env=os.environ | {"TERM": "dumb"}
    ):
        os.close(theirs)
        os.write(ours, f"{setup}{line}\t\n".encode())
        # Reading fails when the shell has ended.
        with contextlib.suppress(OSError):
            while os.read(ours, 4096):
                pass
    os.close(ours)
    return (tmp_path / "args").read_text().strip()


@pytest.mark.parametrize("name", SHELLS)
def test_scripts_have_every_command_and_option(run: Run, name: str) -> None:
    done = run("completion", name)
    assert (done.code, done.err) == (0, "")
    script = done.out.decode()
    for verb in VERBS:
        assert verb in script
        for parameter in parameters(find_verb(verb).options):
            if isinstance(parameter.declared, Option):
                assert parameter.declared.name.removeprefix("--") in script


@pytest.mark.parametrize("name", SHELLS)
def test_scripts_are_read_without_a_message(name: str) -> None:
    check = {"bash": "bash -n", "zsh": "zsh -n", "fish": "fish --no-execute"}[name]
    assert shell(name, f"edgelift completion {name} | {check} /dev/stdin") == ""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("edgelift tr", ["transform"]),
        ("edgelift transform --fo", ["--format"]),
        ("edgelift transform --format ", ["ndjson", "bulk", "parquet", "arrow"]),
        ("edgelift transform --format=b", ["bulk"]),
        ("edgelift size --format ", ["table", "json"]),
        ("edgelift reprocess a b --compress g", ["gzip"]),
        ("edgelift completion ", ["bash", "zsh", "fish"]),
        ("edgelift explain --re", []),
    ],
)
def test_bash_and_fish_complete_commands_options_and_values(line: str, words: list[str]) -> None:
    assert sorted(bash(line)) == sorted(words)
    completed = fish(line)
    # fish gives the whole word.
    assert sorted(word.rpartition("=")[2] for word in completed) == sorted(words)


def test_bash_completes_the_second_argument_after_the_first() -> None:
    assert "apply" in bash("edgelift opensearch ")
    assert bash("edgelift opensearch show te") == ["template"]


@pytest.mark.parametrize("option", ["", "--config ", "-o "])
def test_fish_completes_files(option: str) -> None:
    assert "pyproject.toml" in fish(f"edgelift transform {option}pyproject.to")
    assert fish("edgelift fields pyproject.to") == []


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("edgelift tr", "transform"),
        ("edgelift --ver", "--version"),
        ("edgelift transform --form", "transform --format"),
        ("edgelift transform --format b", "transform --format bulk"),
        ("edgelift transform --format=b", "transform --format=bulk"),
        ("edgelift reprocess a b --compress g", "reprocess a b --compress gzip"),
        ("edgelift completion fi", "completion fish"),
        ("edgelift transform pyproject.to", "transform pyproject.toml"),
    ],
)
def test_zsh_completes_commands_options_and_values(line: str, arguments: str, tmp_path: Path) -> None:
    assert zsh(line, tmp_path) == arguments


def test_unknown_shell_is_refused(run: Run) -> None:
    done = run("completion", "csh")
    assert (done.code, done.out) == (2, b"")
    assert 'SHELL: "csh" is not one of bash, zsh, fish' in done.err
    assert run("completion").code == 2
