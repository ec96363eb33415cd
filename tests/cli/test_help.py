"""The help and the version that the command prints; docs/cli.md is generated from the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import typer

import edgelift
from edgelift.cli.app import app
from edgelift.cli.usage import HELP, VERBS

if TYPE_CHECKING:
    from tests.cli.conftest import Run

# Typer has its own copy of click, or not, by version: the objects are the same, the types are not.
GROUP: Any = typer.main.get_command(app)


@pytest.mark.parametrize("verb", GROUP.commands)
def test_help_of_a_command_shows_its_usage_and_parameters(run: Run, verb: str) -> None:
    command = GROUP.commands[verb]
    for option in "--help", "-h":
        done = run(verb, option, env={"COLUMNS": "200"})
        assert (done.code, done.err) == (0, "")
        shown = " ".join(done.out.decode().split())
        assert f"Usage: edgelift {verb} [OPTIONS]" in shown
        assert command.help in shown
        for parameter in command.params:
            assert parameter.help.endswith(".")
            assert " ".join(parameter.help.split()) in shown


def test_help_without_typer_equals_that_of_typer(run: Run) -> None:
    for option in "-h", "--help":
        assert run(option).out.decode() == HELP
    # Two options are more than what is answered without typer.
    assert run("--help", "--help", env={"COLUMNS": "80"}).out.decode() == HELP
    assert list(VERBS) == list(GROUP.commands)


def test_version_is_that_of_the_package(run: Run) -> None:
    for arguments in ["--version"], ["--version", "fields"]:
        done = run(*arguments)
        assert (done.code, done.out, done.err) == (0, f"edgelift {edgelift.__version__}\n".encode(), "")


def test_no_command_shows_the_help_and_fails(run: Run) -> None:
    done = run()
    assert done.code == 2
    assert "Usage: edgelift" in done.err + done.out.decode()
