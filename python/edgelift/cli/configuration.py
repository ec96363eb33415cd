"""Options that several verbs share: ``--fields``, ``--config`` and ``--max-expansion``."""

import warnings
from typing import Annotated, Final

from edgelift._core import Transformer
from edgelift.cli.arguments import Option
from edgelift.cli.console import CliExit, ExitCode, eprint, shown_name
from edgelift.errors import ConfigError

FieldsOption = Annotated[
    str | None,
    Option(
        "--fields",
        metavar="NAMES",
        meaning="Fields of the real-time log configuration, separated by commas, or all.",
    ),
]
ConfigOption = Annotated[
    str | None,
    Option("--config", metavar="FILE", meaning="TOML configuration with layouts and options."),
]

MaxExpansionOption = Annotated[
    int,
    Option(
        "--max-expansion",
        metavar="N",
        least=0,
        meaning="Most bytes of content per byte of a compressed input, beyond 16 MiB; 0: unlimited.",
    ),
]

AUTO: Final = {"input": {"format": "auto"}}
"""The default configuration: columns come from the headers of the logs."""

NEITHER = """\
{why}nothing says which columns the lines have. A real-time log line carries no header,
so its fields have to come from the real-time log configuration that wrote it:
  edgelift {verb} --fields timestamp,c-ip,sc-status {operand}
  edgelift {verb} --config edgelift.toml {operand}"""


def load(
    fields: str | None, config: str | None, *, verb: str, operand: str, auto: bool = False
) -> Transformer:
    """Compile the configuration that the command line names, and print its warnings.

    Args:
        fields: value of ``--fields``, or None.
        config: value of ``--config``, or None.
        verb: name of the command, for the hint.
        operand: the last word of the hint, such as ``FILE``.
        auto: True detects the format of the logs if neither option is given.

    Raises:
        CliExit: neither or both are given, or the configuration cannot be used.

    """
    if fields is not None and config is not None:
        raise CliExit(
            ExitCode.USAGE, "--fields and --config exclude each other: the configuration names the fields"
        )
    if config is not None:
        return _compile_file(config)
    if fields is not None:
        return compile_fields(fields)
    if auto:
        return Transformer(AUTO)
    raise unnamed(verb=verb, operand=operand)


def unnamed(*, verb: str, operand: str, why: str = "") -> CliExit:
    """Print that and how columns must be named; return the exception to raise."""
    for line in NEITHER.format(verb=verb, operand=operand, why=f"edgelift: {why}").splitlines():
        eprint(line)
    return CliExit(ExitCode.USAGE)


def compile_fields(fields: str) -> Transformer:
    """Compile the value of ``--fields``.

    Raises:
        CliExit: a name is unknown, or the list cannot be used for another reason.

    """
    names = "all" if fields.strip() == "all" else [name.strip() for name in fields.split(",")]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            transformer = Transformer.from_fields(names)
        except ConfigError as error:
            # The key is a place in a configuration that the user has not written.
            raise CliExit(ExitCode.USAGE, f"--fields: {str(error).removeprefix(f'{error.key}: ')}") from None
    _show(caught)
    return transformer


def _compile_file(path: str) -> Transformer:
    name = shown_name(path)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            transformer = Transformer.from_file(path)
        except ConfigError as error:
            # The prefix of compilers, which editors understand; the message need not repeat the line.
            place = name if error.line is None else f"{name}:{error.line}"
            eprint(f"{place}: {str(error).removeprefix(f'line {error.line}: ')}")
            raise CliExit(ExitCode.USAGE) from None
        except OSError as error:
            reason = error.strerror or error
            raise CliExit(ExitCode.USAGE, f"cannot read the configuration {name}: {reason}") from None
    _show(caught)
    return transformer


def _show(caught: list[warnings.WarningMessage]) -> None:
    for warning in caught:
        eprint(f"warning: {warning.message}")
