"""The help and the version that the command prints; docs/cli.md is generated from the same words."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import edgelift
from edgelift.cli.arguments import Option, parameters, parse
from edgelift.cli.verbs import HELP, VERBS, find_verb

if TYPE_CHECKING:
    from tests.cli.conftest import Run

CLI = (Path(__file__).parents[2] / "docs" / "cli.md").read_text("utf-8")


@pytest.mark.parametrize("name", VERBS)
def test_help_of_a_command_shows_its_usage_parameters_and_examples(run: Run, name: str) -> None:
    verb = find_verb(name)
    for option in "--help", "-h":
        done = run(name, option, env={"COLUMNS": "200"})
        assert (done.code, done.err) == (0, "")
        shown = " ".join(done.out.decode().split())
        assert shown.startswith(f"Usage: edgelift {name} ")
        assert verb.meaning in shown
        for parameter in parameters(verb.options):
            assert parameter.declared.meaning.endswith(".")
            assert f"{parameter.spelled} {parameter.declared.meaning}" in shown
        for example in verb.examples:
            assert example in shown


@pytest.mark.parametrize("name", VERBS)
def test_examples_in_the_help_are_commands_that_parse(name: str) -> None:
    verb = find_verb(name)
    for example in verb.examples:
        if name == "completion":
            # The command is in what a startup file of a shell gets; docs/cli.md has the same lines.
            assert example in CLI
            (command,) = re.findall(r"edgelift completion \w+", example)
        else:
            command = example.rpartition(" | ")[2]
        program, verb_name, *words = shlex.split(command.partition(" > ")[0].partition(" < ")[0])
        assert (program, verb_name) == ("edgelift", name)
        parse(verb, words)


@pytest.mark.parametrize("arguments", [["--help"], *([name, "--help"] for name in VERBS)])
@pytest.mark.parametrize("columns", ["60", "80", "300"])
def test_help_fits_the_terminal(run: Run, arguments: list[str], columns: str) -> None:
    lines = run(*arguments, env={"COLUMNS": columns}).out.decode().splitlines()
    text = [line for line in lines if not line.startswith(("  edgelift ", "  zcat ", "  echo "))]
    assert max(map(len, text)) <= min(max(int(columns), 80), 100)


def test_help_lists_the_commands(run: Run) -> None:
    for option in "-h", "--help":
        done = run(option)
        assert (done.code, done.out.decode(), done.err) == (0, HELP, "")
    for name, words in VERBS.items():
        assert f"\n  {name:<10}  {words}\n" in HELP


def test_version_is_that_of_the_package(run: Run) -> None:
    for arguments in ["--version"], ["--version", "fields"]:
        done = run(*arguments)
        assert (done.code, done.out, done.err) == (0, f"edgelift {edgelift.__version__}\n".encode(), "")


def test_no_command_shows_the_help_and_fails(run: Run) -> None:
    done = run()
    assert (done.code, done.out, done.err) == (2, b"", HELP)


def test_every_option_has_a_name_and_the_name_of_its_value() -> None:
    for name in VERBS:
        for parameter in parameters(find_verb(name).options):
            if isinstance(parameter.declared, Option):
                assert parameter.declared.name.startswith("--")
                assert parameter.kind is bool or parameter.value_name != ("",)


def test_help_shows_defaults_without_exponents(run: Run) -> None:
    shown = " ".join(run("size", "--help").out.decode().split())
    assert "[default: 0.0000166667]" in shown
    assert "[default: 0.2]" in shown
