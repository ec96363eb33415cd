"""The page about the command line, the help and the command line say the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer

import edgelift
from edgelift.cli.app import app
from edgelift.cli.console import ExitCode
from edgelift.cli.usage import HELP, VERBS

if TYPE_CHECKING:
    from tests.cli.conftest import Run

PAGE = (Path(__file__).parent.parent.parent / "docs" / "cli.md").read_text()

# Typer has its own copy of click, or not, by version: the objects are the same, the types are not.
GROUP: Any = typer.main.get_command(app)
VERB_NAMES = sorted(GROUP.commands)


def section(verb: str) -> str:
    _, _, rest = PAGE.partition(f"\n## edgelift {verb}\n")
    return rest.partition("\n## ")[0]


def documented(verb: str) -> dict[str, str]:
    """Argument or options in the table of a section, with what the table says of them."""
    rows = re.findall(r"^\| `(.+)` \| (.+) \|$", section(verb), re.MULTILINE)
    return {name: meaning for name, meaning in rows if name.startswith("-") or name.isupper()}


def spelled(parameter: Any) -> str:  # noqa: ANN401 - as above
    """Give a parameter as the page spells it, inside of back quotes."""
    if parameter.param_type_name == "argument":
        return str(parameter.metavar)
    names = "`, `".join(sorted(parameter.opts, key=len))
    if parameter.is_flag:
        return names
    # An enumeration has no metavar of its own.
    choices = r"\|".join(getattr(parameter.type, "choices", ()))
    return f"{names} {parameter.metavar or f'<{choices}>'}"


def test_there_are_verbs() -> None:
    assert VERB_NAMES == ["explain", "fields", "reprocess", "size", "transform"]


@pytest.mark.parametrize("verb", VERB_NAMES)
def test_every_parameter_is_documented_with_the_words_of_its_help(verb: str) -> None:
    command = GROUP.commands[verb]
    assert documented(verb) == {spelled(parameter): parameter.help for parameter in command.params}
    assert all(parameter.help.endswith(".") for parameter in command.params)


@pytest.mark.parametrize("verb", VERB_NAMES)
def test_every_verb_is_in_the_list_with_the_words_of_its_help(verb: str) -> None:
    assert f"| [`edgelift {verb}`](#edgelift-{verb}) | {GROUP.commands[verb].help} |" in PAGE


@pytest.mark.parametrize("verb", VERB_NAMES)
def test_help(run: Run, verb: str) -> None:
    command = GROUP.commands[verb]
    for option in "--help", "-h":
        done = run(verb, option, env={"COLUMNS": "200"})
        assert (done.code, done.err) == (0, "")
        shown = " ".join(done.out.decode().split())
        assert command.help in shown
        usage = re.search(rf"^`(edgelift {verb} .*)`$", section(verb), re.MULTILINE)
        assert usage
        # Some versions of typer do not show that an argument may come several times.
        assert f"Usage: {usage[1].removesuffix('...')}" in shown
        for parameter in command.params:
            assert " ".join(parameter.help.split()) in shown


def test_help_of_the_whole_is_that_of_typer(run: Run) -> None:
    for option in "-h", "--help":
        assert run(option).out.decode() == HELP
    # Two options are more than what is answered without typer.
    assert run("--help", "--help", env={"COLUMNS": "80"}).out.decode() == HELP
    assert sorted(VERBS) == VERB_NAMES
    for option, meaning in (
        ("`--version`", "Show the version and exit."),
        ("`-h`, `--help`", "Show this message and exit."),
    ):
        assert f"| {option} | {meaning}" in PAGE
        assert meaning in HELP


def test_only_what_there_is_is_documented() -> None:
    assert re.findall(r"^## edgelift (\w+)$", PAGE, re.MULTILINE) == [
        "transform",
        "explain",
        "fields",
        "size",
        "reprocess",
    ]
    known = {
        name for verb in VERB_NAMES for parameter in GROUP.commands[verb].params for name in parameter.opts
    }
    mentioned = set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", PAGE))
    assert mentioned <= known | {"--version", "--help"}


def test_exit_codes_are_documented() -> None:
    found = re.findall(r"^\| (\d+(?:, \d+)*) \|", PAGE, re.MULTILINE)
    assert {int(code) for cell in found for code in cell.split(", ")} == {*ExitCode, 130, 143}


def test_version(run: Run) -> None:
    for arguments in ["--version"], ["--version", "fields"]:
        done = run(*arguments)
        assert (done.code, done.out, done.err) == (0, f"edgelift {edgelift.__version__}\n".encode(), "")


def test_without_a_verb_there_is_help(run: Run) -> None:
    done = run()
    assert done.code == 2
    assert "Usage: edgelift" in done.err + done.out.decode()
