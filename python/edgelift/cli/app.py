"""The typer application with its verbs."""

import signal
from collections.abc import Callable
from functools import wraps
from typing import Annotated, ParamSpec

import typer

from edgelift.cli.console import CliExit
from edgelift.cli.explain import explain
from edgelift.cli.fields import fields
from edgelift.cli.reprocess import reprocess
from edgelift.cli.sink import write_standard_output
from edgelift.cli.size import size
from edgelift.cli.transform import transform
from edgelift.cli.unexpected import Unexpected
from edgelift.cli.usage import SUMMARY, VERBS, VERSION

Options = ParamSpec("Options")


def _ending_by_stop(verb: Callable[Options, None]) -> Callable[Options, None]:
    """Return a verb that ends by `CliExit`, except for signals.

    Typer turns some exceptions into exit code 1, which means that some records failed: KeyboardInterrupt,
    EOFError, and the BrokenPipeError of a server's connection.
    """

    @wraps(verb)
    def run(*args: Options.args, **kwargs: Options.kwargs) -> None:
        try:
            with Unexpected(typer.Exit, hint="run the same command again"):
                verb(*args, **kwargs)
        except typer.Exit as end:
            raise CliExit(end.exit_code) from None
        except KeyboardInterrupt:
            raise CliExit(128 + signal.SIGINT) from None

    return run


# Plain help and errors: the same in a pipe as on a terminal, and no import of rich for a typing mistake.
app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for verb in transform, explain, fields, size, reprocess:
    app.command(short_help=VERBS[verb.__name__])(_ending_by_stop(verb))


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        write_standard_output(VERSION)
        raise typer.Exit


@app.callback(help=SUMMARY)
def edgelift(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Take the options that go before a verb."""
