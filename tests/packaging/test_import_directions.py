"""Imports within the package point one way; those in functions and those for types count, too."""

from __future__ import annotations

import ast
import graphlib
import importlib.util
import sys
from pathlib import Path
from typing import NamedTuple

import edgelift
from deploy.layer.archive import EXCLUDED

PACKAGE = Path(edgelift.__file__).parent

HANDLERS = (
    "runtime",
    "firehose",
    "foreign_event",
    "reingest",
    "metrics",
    "put_batches",
    "alignment",
    "usual_values",
)
"""The Lambda handler of records and what it is built from: a layer's cold start pays for them."""

LAYERS = (
    "__main__",
    "import_failure",
    "cli",
    "dataset",
    "simulate",
    "opensearch",
    "charts",
    "s3batch",
    "s3events",
    "object_handler",
    "reprocess",
    "inputs",
    "pure",
    *HANDLERS,
    "tables",
    "output_lock",
    "atomic_file",
    "edgelift",
    "errors",
    "_core",
)
"""Modules and packages of edgelift: each imports those after it only."""

REPROCESS = (
    "job",
    "single_object",
    "plan",
    "pipeline",
    "journal",
    "allowed_destinations",
    "sources",
    "sinks",
    "error_objects",
    "object_file",
    "aws",
    "task",
    "tally",
    "object_progress",
    "stopped",
    "objects",
    "extras",
    "errors",
)
"""Modules and packages of reprocess, likewise."""

UPWARDS = {("edgelift", "edgelift.import_failure"), ("edgelift", "edgelift.dataset")}
"""Imports that point the other way: the message of a broken installation, in place of a traceback; and what
is imported on first use."""


class Import(NamedTuple):
    """One module importing another, both by their full names."""

    importer: str
    imported: str
    place: str
    is_late: bool

    def __str__(self) -> str:
        return f"{self.place}: {self.importer} imports {self.imported}"


def module_name(path: Path) -> str:
    return ".".join(("edgelift", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imports_of(module: str) -> list[Import]:
    """List the imports of a module, those of other packages as well."""
    path, found = MODULES[module], []
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                targets = [name.name for name in names]
            case ast.ImportFrom(module=relative, names=names, level=level):
                parent = module if path.name == "__init__.py" else module.rpartition(".")[0]
                source = importlib.util.resolve_name("." * level + (relative or ""), parent)
                of_names = [f"{source}.{name.name}" for name in names]
                targets = [name if name in MODULES else source for name in of_names]
            case _:
                continue
        place = f"{path.relative_to(PACKAGE.parent)}:{node.lineno}"
        found += [Import(module, target, place, node.col_offset > 0) for target in dict.fromkeys(targets)]
    return found


IMPORTS = [found for module in MODULES for found in imports_of(module)]
INTERNAL = [found for found in IMPORTS if found.imported.partition(".")[0] == "edgelift"]


def part_of(module: str, package: str) -> str:
    """Return the module or package directly in a package that a module is, or is in."""
    return module.removeprefix(package).lstrip(".").partition(".")[0] or package


def not_downwards(package: str, order: tuple[str, ...]) -> list[str]:
    wrong = []
    for found in INTERNAL:
        names = found.importer, found.imported
        if not all(f"{name}.".startswith(f"{package}.") for name in names) or names in UPWARDS:
            continue
        importer, imported = (order.index(part_of(name, package)) for name in names)
        if imported < importer:
            wrong.append(str(found))
    return wrong


def test_every_module_has_its_place_in_the_order() -> None:
    assert {part_of(module, "edgelift") for module in MODULES} | {"_core"} == set(LAYERS)
    below = {name for name in MODULES if name.startswith("edgelift.reprocess.")}
    assert {part_of(module, "edgelift.reprocess") for module in below} == set(REPROCESS)


def test_imports_point_from_the_command_line_to_the_core() -> None:
    assert not_downwards("edgelift", LAYERS) == []


def test_imports_within_reprocess_point_from_the_job_to_its_parts() -> None:
    assert not_downwards("edgelift.reprocess", REPROCESS) == []


def test_modules_in_the_layer_need_none_that_it_leaves_out() -> None:
    def is_left_out(module: str) -> bool:
        path = f"{module.replace('.', '/')}.py"
        return path.startswith(EXCLUDED) or f"{path.removesuffix('.py')}/".startswith(EXCLUDED)

    needed = [found for found in INTERNAL if not found.is_late and not is_left_out(found.importer)]
    assert [str(found) for found in needed if is_left_out(found.imported)] == []


def test_no_imports_form_a_cycle() -> None:
    graph: dict[str, set[str]] = {}
    for found in INTERNAL:
        graph.setdefault(found.importer, set()).add(found.imported)
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        circle = error.args[1]
        # The sorter names each module before the one that imports it.
        steps = {(found.importer, found.imported): str(found) for found in INTERNAL}
        pairs = zip(circle[1:], circle[:-1], strict=True)
        raise AssertionError("\n".join(["a cycle of imports:", *(steps[pair] for pair in pairs)])) from None


def test_handlers_import_the_core_and_boto3_in_functions_only() -> None:
    known = {"edgelift", "edgelift._core", "edgelift.errors", *(f"edgelift.{name}" for name in HANDLERS)}
    wrong = []
    for found in IMPORTS:
        root = found.imported.partition(".")[0]
        is_allowed = (
            root in sys.stdlib_module_names
            or found.imported in known
            or (root in {"boto3", "botocore"} and found.is_late)
        )
        if part_of(found.importer, "edgelift") in HANDLERS and not is_allowed:
            wrong.append(str(found))
    assert wrong == []
