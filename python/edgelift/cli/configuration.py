"""Options that several verbs share, such as ``--fields`` and ``--config``, and the configuration of both."""

import os
import re
import warnings
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

from edgelift._core import CONNECTION_FIELDS, FIELDS, Transformer
from edgelift.cli.arguments import Option
from edgelift.cli.console import CliExit, ExitCode, eprint, shown_name
from edgelift.cli.output_section import option_message
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

_ORDER_NOTICE = "sorted into CloudFront's order"
"""Part of the warning that is shown where a configuration is checked, and not in every run."""


class InputFormat(StrEnum):
    """Choices of ``--input-format``."""

    REALTIME = "realtime"
    STANDARD = "standard"
    AUTO = "auto"


InputFormatOption = Annotated[
    InputFormat | None,
    Option("--input-format", meaning="Kind of log, instead of that in the configuration; default: auto."),
]

NEITHER = """\
{why}nothing says which columns the lines have.
A real-time log line carries no header, so its fields have to come from the
real-time log configuration that wrote it:
  edgelift {verb} --fields timestamp,c-ip,sc-status {operand}
  edgelift {verb} --config edgelift.toml {operand}"""

NO_LAYOUTS = """\
{why}{config} has no [[layouts]].
A real-time log line carries no header, so its fields have to come from the
real-time log configuration that wrote it:
  [[layouts]]
  fields = ["timestamp", "c-ip", "sc-status"]"""


def load(  # noqa: PLR0913 - three options, and how to ask for them
    fields: str | None,
    config: str | None,
    input_format: InputFormat | None,
    *,
    verb: str,
    operand: str,
    auto: bool = False,
    handled: str | None = None,
    output: dict[str, Any] | None = None,
    shows_order: bool = False,
) -> Transformer:
    """Compile the configuration that the command line names, and print its warnings.

    Args:
        fields: value of ``--fields``, or None.
        config: value of ``--config``, or None.
        input_format: value of ``--input-format``, or None.
        verb: name of the command, for the hint.
        operand: the last word of the hint, such as ``FILE``.
        auto: True reads standard logs, which name their columns, if neither option is given.
        handled: beginning of warnings that are not printed, because the command handles their cause.
        output: options of ``[output]`` that replace those of the configuration.
        shows_order: as for `compile_fields`.

    Raises:
        CliExit: neither or both are given, or the configuration cannot be used.

    """
    if fields is not None and config is not None:
        raise CliExit(
            ExitCode.USAGE, "--fields and --config exclude each other: the configuration names the fields"
        )
    sections = {"input": _input_of(input_format), "output": output or {}}
    if config is not None:
        return _compile_file(config, sections, handled, shows_order=shows_order)
    if fields is not None:
        transformer = compile_fields(fields, input_format, output, shows_order=shows_order)
        if input_format is None:
            _warn_of_standard_name(fields, transformer)
        return transformer
    if auto and input_format is not InputFormat.REALTIME:
        return _compile_without_layouts(sections)
    raise unnamed(verb=verb, operand=operand)


def unnamed(*, verb: str, operand: str, why: str = "", config: str | None = None) -> CliExit:
    """Print that and how columns must be named, in ``config`` if not None; return the exception to raise."""
    why = f"edgelift: {why}"
    if config is None:
        text = NEITHER.format(verb=verb, operand=operand, why=why)
    else:
        text = NO_LAYOUTS.format(config=shown_name(config), why=why)
    for line in text.splitlines():
        eprint(line.rstrip())
    return CliExit(ExitCode.USAGE)


def _compile_without_layouts(sections: dict[str, dict[str, Any]]) -> Transformer:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            transformer = Transformer(sections)
        except ConfigError as error:
            message = option_message(error, sections["output"])
            raise CliExit(ExitCode.USAGE, message or str(error)) from None
    _show(caught, None, shows_order=False)
    return transformer


def compile_fields(
    fields: str,
    input_format: InputFormat | None = None,
    output: dict[str, Any] | None = None,
    *,
    shows_order: bool = False,
) -> Transformer:
    """Compile ``--fields``, ``--input-format`` and options of ``[output]``, and print the warnings.

    ``shows_order`` is true for commands that check a configuration: the notice that the fields were sorted is
    printed then.

    Raises:
        CliExit: a name is unknown, or the list cannot be used for another reason.

    """
    names = [name.strip() for name in fields.split(",")]
    if "" in names:
        raise CliExit(ExitCode.USAGE, "--fields: an empty name; one comma separates two names")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            layouts = [{"fields": "all" if names == ["all"] else names}]
            transformer = Transformer(
                {"input": _input_of(input_format), "output": output or {}, "layouts": layouts}
            )
        except ConfigError as error:
            message = option_message(error, output or {})
            message = message or f"--fields: {_without_configuration(error, fields)}"
            raise CliExit(ExitCode.USAGE, message) from None
    for warning in map(str, (warning.message for warning in caught)):
        if _ORDER_NOTICE in warning and not shows_order:
            continue
        option = "--missing: " if warning.startswith("missing") else "--fields: "
        eprint(f"warning: {option}{_order_without_configuration(warning)}")
    return transformer


def _without_configuration(error: ConfigError, fields: str) -> str:
    """Return the message of an error for a user who has not written a configuration."""
    # The key is a place in a configuration.
    message = str(error).removeprefix(f"{error.key}: ")
    unknown, custom, _ = message.partition("; if CloudFront has added it")
    if not custom:
        return message
    if os.path.isfile(fields):  # noqa: PTH113 - a string of the command line
        return f"{shown_name(fields)} is a file; --config reads a configuration, --fields names fields"
    if "," not in fields and len(re.split(r"[\s;:|]+", fields.strip())) > 1:
        return f"{unknown}; separate names by commas"
    if error.suggestion:
        return f'{unknown}; did you mean "{error.suggestion}"?'
    return f"{unknown}; edgelift fields lists all; --config FILE can add one under [[custom_fields]]"


def _order_without_configuration(warning: str) -> str:
    """Return the warning of the order for a user who has not written a configuration."""
    sorted_, is_order, _ = warning.removeprefix("layouts[0].fields ").partition("; [input] order")
    hint = '; [input] order = "as_written" in a --config FILE would leave them as they are'
    return f"the names {sorted_}{hint}" if is_order else warning


def _warn_of_standard_name(fields: str, transformer: Transformer) -> None:
    """Warn of a name among those of real-time logs that makes the list one of standard logs.

    Some names mean another field there. The time of a standard log shows that the list is meant so.
    """
    names = [name.strip() for name in fields.split(",")]
    if transformer.options["input"]["format"] != "standard" or {"date", "timestamp(ms)"} & set(names):
        return
    name = next((name for name in names if name not in FIELDS), None)
    if name is not None and name not in CONNECTION_FIELDS:
        eprint(
            f'warning: --fields: "{name}" is a name of standard logs, so all names are read as theirs, in '
            "which x-host-header is the host of the viewer; edgelift fields lists the names of real-time logs"
        )


def _input_of(input_format: InputFormat | None) -> dict[str, str]:
    return {} if input_format is None else {"format": input_format.value}


def _compile_file(
    path: str, sections: dict[str, dict[str, Any]], handled: str | None, *, shows_order: bool
) -> Transformer:
    compiled = _with_sections(sections) if any(sections.values()) else Transformer.from_file
    name = shown_name(path)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            transformer = compiled(path)
        except ConfigError as error:
            if message := option_message(error, sections["output"]):
                raise CliExit(ExitCode.USAGE, message) from None
            # The prefix of compilers, which editors understand; the message need not repeat the line.
            place = name if error.line is None else f"{name}:{error.line}"
            eprint(f"{place}: {str(error).removeprefix(f'line {error.line}: ')}")
            raise CliExit(ExitCode.USAGE) from None
        except OSError as error:
            reason = error.strerror or error
            raise CliExit(ExitCode.USAGE, f"cannot read the configuration {name}: {reason}") from None
    _show(caught, handled, shows_order=shows_order)
    return transformer


def _with_sections(sections: dict[str, dict[str, Any]]) -> Callable[[str], Transformer]:
    """Return a function that compiles a file as `Transformer.from_file` does, with these options."""
    import tomllib

    def compiled(path: str) -> Transformer:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib takes time to import
            text = file.read()
        try:
            config = tomllib.loads(text.decode("utf-8-sig"))
        except ValueError:
            # The engine says what is wrong with it.
            return Transformer.from_file(path)
        for name, options in sections.items():
            section = config.setdefault(name, {})
            if isinstance(section, dict):
                section |= options
        try:
            return Transformer(config)
        except ConfigError as error:
            if not option_message(error, sections["output"]):
                # The same error of the text has a line.
                Transformer.from_file(path)
            raise

    return compiled


def _show(caught: list[warnings.WarningMessage], handled: str | None, *, shows_order: bool) -> None:
    for message in (str(warning.message) for warning in caught):
        is_handled = handled is not None and message.startswith(handled)
        if not is_handled and (shows_order or _ORDER_NOTICE not in message):
            eprint(f"warning: {message}")
