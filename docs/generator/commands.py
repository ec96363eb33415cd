"""Generates the tables of commands and their parameters from what the command line declares."""

from __future__ import annotations

from docs.generator.tables import Block, code, table
from edgelift.cli.arguments import Argument, Parameter, parameters, usage
from edgelift.cli.verbs import VERBS, find_verb


def commands(_block: Block) -> str:
    """Return the list of commands."""
    body = [[f"[`edgelift {name}`](#edgelift-{name})", find_verb(name).meaning] for name in VERBS]
    return table(("command", "what it does"), body)


def parameters_of(block: Block) -> str:
    """Return usage and parameters of the command in the block's argument."""
    verb = find_verb(block.argument)
    known = parameters(verb.options)
    body = [[code(_spelled(parameter)), parameter.declared.meaning] for parameter in known]
    has_arguments = any(isinstance(parameter.declared, Argument) for parameter in known)
    head = ("argument, option" if has_arguments else "option", "meaning")
    return f"{code(usage(verb))}\n\n{table(head, body)}"


def _spelled(parameter: Parameter) -> str:
    """Return a parameter as the help shows it, for use in back quotes in a table."""
    return parameter.spelled.replace(", -", "`, `-").replace("|", r"\|")
