"""Copies the docstrings of the compiled module into its stub: the Rust code has them once."""

from __future__ import annotations

import ast
import inspect
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from edgelift import _core

if TYPE_CHECKING:
    from collections.abc import Iterator

STUB = Path(__file__).parents[2] / "python" / "edgelift" / "_core.pyi"


def render(stub: str) -> str:
    """Return the text of the stub with the docstrings of the module.

    Raises `LookupError` if a class, method or attribute has a docstring on one side only.
    """
    lines = stub.splitlines()
    # From the end, so that the line numbers of earlier docstrings stay valid.
    for name, node in sorted(_docstrings(ast.parse(stub)), key=lambda pair: -pair[1].lineno):
        lines[node.lineno - 1 : node.end_lineno] = _literal(name, " " * node.col_offset)
    return "\n".join(lines) + "\n"


def _docstrings(stub: ast.Module) -> Iterator[tuple[str, ast.Expr]]:
    """Find the docstrings of classes, methods and attributes, with their qualified names."""
    for cls in stub.body:
        if not isinstance(cls, ast.ClassDef) or cls.name.startswith("_"):
            continue
        yield cls.name, _expression(cls.name, cls.body[0])
        for member, following in zip(cls.body, [*cls.body[1:], None], strict=True):
            if isinstance(member, ast.FunctionDef) and not member.name.startswith("__"):
                name = f"{cls.name}.{member.name}"
                yield name, _expression(name, member.body[0])
            elif isinstance(member, ast.AnnAssign):
                name = f"{cls.name}.{ast.unparse(member.target)}"
                yield name, _expression(name, following)


def _expression(name: str, node: ast.stmt | None) -> ast.Expr:
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Constant) or node.value.value is ...:
        raise LookupError(f"the stub has no docstring for {name}")
    return node


def _literal(name: str, indent: str) -> list[str]:
    cls, _, member = name.partition(".")
    found = getattr(_core, cls)
    docstring = (getattr(found, member) if member else found).__doc__
    if not docstring:
        raise LookupError(f"{name} has no docstring at run time")
    text = inspect.cleandoc(docstring)
    closing = "\n" if "\n" in text else ""
    return textwrap.indent(f'"""{text}{closing}"""', indent).splitlines()
