"""Verbs whose options are the fields of a dataclass."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

Options = TypeVar("Options")


def takes_options(options: type[Options]) -> Callable[[Callable[[Options], None]], Callable[..., None]]:
    """Return a decorator of verbs that take an object of a dataclass.

    To typer the fields are the parameters: each is annotated as a parameter would be, for example
    ``Annotated[str, typer.Option("--suffix")]``.
    """

    def decorate(verb: Callable[[Options], None]) -> Callable[..., None]:
        @wraps(verb)
        def run(*arguments: object, **values: object) -> None:
            verb(options(*arguments, **values))

        run.__signature__ = inspect.signature(options)  # type: ignore[attr-defined]
        return run

    return decorate
