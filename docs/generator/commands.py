"""Generates the tables of commands and their parameters from the help of the command line."""

from __future__ import annotations

from typing import Any

import typer

from docs.generator.tables import Block, code, table
from edgelift.cli.app import app

# Typer has its own copy of click, or not, by version: the objects are the same, the types are not.
GROUP: Any = typer.main.get_command(app)


def commands(_block: Block) -> str:
    """Return the list of commands."""
    body = [
        [f"[`edgelift {name}`](#edgelift-{name})", command.help] for name, command in GROUP.commands.items()
    ]
    return table(("command", "what it does"), body)


def parameters(block: Block) -> str:
    """Return usage and parameters of the command in the block's argument."""
    command = GROUP.commands[block.argument]
    context = command.make_context(block.argument, [], resilient_parsing=True)
    usage = " ".join(["edgelift", block.argument, *command.collect_usage_pieces(context)])
    body = [[code(_spelled(parameter)), parameter.help] for parameter in command.params]
    has_arguments = any(parameter.param_type_name == "argument" for parameter in command.params)
    head = ("argument, option" if has_arguments else "option", "meaning")
    return f"{code(usage)}\n\n{table(head, body)}"


def _spelled(parameter: Any) -> str:  # noqa: ANN401 - as above
    """Return a parameter as the help prints it, for use in back quotes."""
    if parameter.param_type_name == "argument":
        return str(parameter.metavar)
    names = "`, `".join(sorted(parameter.opts, key=len))
    if parameter.is_flag:
        return names
    # An enumeration has no metavar.
    choices = r"\|".join(getattr(parameter.type, "choices", ()))
    return f"{names} {parameter.metavar or f'<{choices}>'}"
