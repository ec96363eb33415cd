"""The arguments of verbs: declared as the attributes of a class, read from the command line by argparse."""

from __future__ import annotations

import argparse
import types
from enum import StrEnum
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    NamedTuple,
    Never,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
)

from edgelift.cli.console import EXIT_CODES, CliExit, ExitCode, text_width
from edgelift.cli.sink import write_standard_output

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_ANY_WIDTH: Final = 80
"""Columns for the formatter of argparse, which formats nothing here."""


class Argument(NamedTuple):
    """A positional argument, as in ``Annotated[str, Argument("SOURCE", "File or folder.")]``."""

    metavar: str
    """Its name in the help."""
    meaning: str
    """A sentence for the help."""
    may_be_empty: bool = False


class Option(NamedTuple):
    """An option, as in ``Annotated[str | None, Option("--suffix", "Only these.", metavar="TEXT")]``.

    An attribute of type bool is a flag without a value; one of an enumeration has the values of its members.
    """

    name: str
    """With its hyphens."""
    meaning: str
    """A sentence for the help."""
    metavar: str | None = None
    """The name of its value in the help."""
    short: str | None = None
    """One more name, of one letter."""
    least: float | None = None
    """The least value of a number."""
    most: float | None = None
    """The largest value of a number."""


@dataclass_transform(kw_only_default=True)
class VerbOptions:
    """Base of the arguments and options of a verb: an attribute for each, annotated by what declares it.

    Type checkers read it as a dataclass. It is none, since to import `dataclasses` takes 7 ms. Annotations
    must not be strings, so a module of options does not import ``annotations`` from ``__future__``.
    """

    def __init__(self, **values: Any) -> None:  # noqa: ANN401 - of the types of the attributes
        vars(self).update(values)


class Verb(NamedTuple):
    """A command of ``edgelift``."""

    name: str
    meaning: str
    """A sentence for the help."""
    options: type[VerbOptions]
    """The class whose attributes are its arguments and options."""
    run: Callable[[Any], int]
    """Takes the options, and returns the exit code."""
    examples: tuple[str, ...]
    """Command lines for the help."""


class Parameter(NamedTuple):
    """An argument or option of a verb, as its attribute declares it."""

    name: str
    declared: Argument | Option
    kind: type
    """The type of one value."""
    takes_many: bool
    default: Any
    is_required: bool

    @property
    def spelled(self) -> str:
        """Return it as the help shows it."""
        if isinstance(self.declared, Argument):
            metavar = self.declared.metavar
            if self.takes_many:
                return f"[{metavar}]..."
            return metavar if self.is_required else f"[{metavar}]"
        names = [name for name in (self.declared.short, self.declared.name) if name]
        return " ".join([", ".join(names), *self.value_name])

    @property
    def value_name(self) -> tuple[str, ...]:
        """Return the name of the value of an option; none for a flag."""
        if self.kind is bool or isinstance(self.declared, Argument):
            return ()
        return (self.declared.metavar or "|".join(self.choices),)

    @property
    def choices(self) -> list[str]:
        """Return the values that it may have; none if others are possible."""
        return _choices(self.kind)


def parameters(options: type[VerbOptions]) -> list[Parameter]:
    """Return the arguments and options that a class declares, in their order."""
    return [_parameter(options, name, hint) for name, hint in options.__annotations__.items()]


def _parameter(options: type[VerbOptions], name: str, hint: Any) -> Parameter:  # noqa: ANN401 - an annotation
    (declared,) = hint.__metadata__
    kind = hint.__origin__
    if get_origin(kind) in {Union, types.UnionType}:
        (kind,) = (option for option in get_args(kind) if option is not type(None))
    takes_many = get_origin(kind) is list
    if takes_many:
        (kind,) = get_args(kind)
    return Parameter(
        name, declared, kind, takes_many, getattr(options, name, None), name not in vars(options)
    )


def usage(verb: Verb) -> str:
    """Return the first line of the help of a verb, without the word usage."""
    words = [p.spelled for p in parameters(verb.options) if isinstance(p.declared, Argument)]
    return " ".join(["edgelift", verb.name, *words, "[OPTIONS]"])


def parse(verb: Verb, words: Sequence[str]) -> Any:  # noqa: ANN401 - an object of the verb's own type
    """Read the arguments and options of a verb.

    Raises:
        CliExit: they are wrong, or the help is wanted and has been written.

    """
    known = parameters(verb.options)
    parser = _Parser(verb)
    parser.add_argument("-h", "--help", action=_Help, nargs=0, dest=argparse.SUPPRESS)
    add_options(parser, known)
    # Options may stand between arguments, and what follows -- is an argument: argparse has only one of both.
    end = words.index("--") if "--" in words else len(words)
    found, others = parser.parse_known_args(words[:end])
    for word in others:
        if word.startswith("-") and word != "-":
            raise _wrong(verb, _unknown(word.partition("=")[0], known))
    values = vars(found) | _arguments(verb, known, [*others, *words[end + 1 :]])
    return verb.options(**values)


def add_options(parser: argparse.ArgumentParser, known: Sequence[Parameter]) -> None:
    """Add the options among the parameters to a parser."""
    for parameter in known:
        declared = parameter.declared
        if isinstance(declared, Argument):
            continue
        names = [name for name in (declared.short, declared.name) if name]
        if parameter.kind is bool:
            parser.add_argument(*names, dest=parameter.name, action="store_true")
        else:
            read = _reader(parameter, declared)
            parser.add_argument(*names, dest=parameter.name, default=parameter.default, type=read)


def _arguments(verb: Verb, known: Sequence[Parameter], words: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for parameter in known:
        declared = parameter.declared
        if not isinstance(declared, Argument):
            continue
        if parameter.takes_many:
            given = [_value(verb, parameter, declared, word) for word in words]
            values[parameter.name], words = given or parameter.default, []
        elif words:
            values[parameter.name] = _value(verb, parameter, declared, words.pop(0))
        elif parameter.is_required:
            raise _wrong(verb, f"{declared.metavar} is missing")
    if words:
        raise _wrong(verb, f"one argument too many: {words[0]}")
    return values


def _value(verb: Verb, parameter: Parameter, declared: Argument, word: str) -> str:
    if not word and not declared.may_be_empty:
        raise _wrong(verb, f"{declared.metavar} is empty")
    if parameter.choices and word not in parameter.choices:
        raise _wrong(verb, f'{declared.metavar}: "{word}" is not {_expected(parameter.kind)}')
    return word


def _reader(parameter: Parameter, declared: Option) -> Callable[[str], Any]:
    """Return the function that reads the value of an option."""
    kind = parameter.kind

    def read(text: str) -> Any:  # noqa: ANN401 - of the type of the option
        if kind is str and not text and parameter.default != "":
            raise argparse.ArgumentTypeError("the value is empty")
        try:
            value = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f'"{text}" is not {_expected(kind)}') from None
        if isinstance(value, int | float):
            # NaN is not within any limits.
            if not float("-inf") < value < float("inf"):
                raise argparse.ArgumentTypeError(f'"{text}" is not a finite number')
            if declared.least is not None and value < declared.least:
                raise argparse.ArgumentTypeError(f"{text} is less than {declared.least}")
            if declared.most is not None and value > declared.most:
                raise argparse.ArgumentTypeError(f"{text} is more than {declared.most}")
        return value

    return read


def _expected(kind: type) -> str:
    if issubclass(kind, StrEnum):
        return f"one of {', '.join(_choices(kind))}"
    return "a whole number" if kind is int else "a number"


def _choices(kind: type) -> list[str]:
    return [member.value for member in kind] if issubclass(kind, StrEnum) else []


def _unknown(word: str, known: Sequence[Parameter]) -> str:
    names = [p.declared.name for p in known if isinstance(p.declared, Option)]
    return f"no such option: {word}{suggestion(word, [*names, '--help'])}"


def suggestion(word: str, names: Sequence[str]) -> str:
    """Return the end of a message that suggests the name most like a word, or nothing."""
    import difflib  # for wrong usage only

    nearest = difflib.get_close_matches(word, names, n=1)
    return f"; did you mean {nearest[0]}?" if nearest else ""


def _wrong(verb: Verb, message: str) -> CliExit:
    return CliExit(ExitCode.USAGE, f"{message} (edgelift {verb.name} --help shows all options)")


class _Parser(argparse.ArgumentParser):
    """A parser that ends by `CliExit`, and whose help has the arguments and the examples of a verb."""

    def __init__(self, verb: Verb) -> None:
        super().__init__(
            prog=f"edgelift {verb.name}",
            # Without a width argparse imports shutil, to ask for that of the terminal.
            formatter_class=lambda prog: argparse.HelpFormatter(prog, width=_ANY_WIDTH),
            allow_abbrev=False,
            add_help=False,
        )
        self._verb = verb

    def error(self, message: str) -> Never:
        raise _wrong(self._verb, message.removeprefix("argument "))

    def format_help(self) -> str:
        return help_of(self._verb)


class _Help(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> Never:
        write_standard_output(parser.format_help())
        raise CliExit(ExitCode.DONE)


def help_of(verb: Verb) -> str:
    """Return the help of a verb, as wide as the terminal."""
    known = parameters(verb.options)
    width = text_width()
    rows = [(p.spelled, p.declared.meaning + _default(p)) for p in known]
    count = sum(isinstance(p.declared, Argument) for p in known)
    options = [*rows[count:], ("-h, --help", "Show this message and exit.")]
    parts = [f"Usage: {usage(verb)}", "", *_wrapped(verb.meaning, width, "  ")]
    for title, lines in ("Arguments", rows[:count]), ("Options", options):
        if lines:
            parts += ["", f"{title}:", *columns(lines, width)]
    parts += ["", "Examples:", *(f"  {example}" for example in verb.examples)]
    return "\n".join([*parts, "", EXIT_CODES])


def columns(rows: Sequence[tuple[str, str]], width: int) -> list[str]:
    """Return rows of two cells as lines, the second cell wrapped; a long first cell has its own line."""
    left = min(max(len(first) for first, _ in rows) + 4, 30)
    lines = []
    for first, second in rows:
        head, *more = _wrapped(second, width, " " * left)
        if len(first) + 4 > left:
            lines += [f"  {first}", head, *more]
        else:
            lines += [f"  {first}".ljust(left) + head.lstrip(), *more]
    return lines


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    import textwrap  # for the help only

    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent)


def _default(parameter: Parameter) -> str:
    default = parameter.default
    if isinstance(parameter.declared, Argument) or default is None or default is False or default == "":
        return ""
    # Without an exponent.
    shown = f"{default:.12f}".rstrip("0").rstrip(".") if isinstance(default, float) else default
    return f" [default: {shown}]"
