"""edgelift turns Amazon CloudFront log lines into typed JSON documents, at native speed."""

import _thread

try:
    if hasattr(_thread, "_is_main_interpreter"):
        _is_main = _thread._is_main_interpreter()  # noqa: SLF001 -- nothing public does
    else:  # Python 3.11
        _interpreters = __import__("_xxsubinterpreters")
        _is_main = _interpreters.get_current() == _interpreters.get_main()
except ImportError:  # such a Python makes no subinterpreters
    _is_main = True
if not _is_main:
    # It raises the classes of the interpreter that imported it first, which nobody here would catch.
    raise ImportError("edgelift cannot be imported in a subinterpreter; use threads or processes")

try:
    from edgelift._core import (
        FIELDS,
        Counts,
        ExplainedColumn,
        Failure,
        Field,
        LayoutColumn,
        Stream,
        Transformer,
        TransformResult,
        __version__,
    )
except ImportError as error:
    from edgelift.import_failure import exit_if_command_line

    exit_if_command_line(error)
    raise
from edgelift.errors import ConfigError, EdgeliftError, RecordError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from edgelift.dataset import Scan, scan

__all__ = [
    "FIELDS",
    "ConfigError",
    "Counts",
    "EdgeliftError",
    "ExplainedColumn",
    "Failure",
    "Field",
    "LayoutColumn",
    "RecordError",
    "Scan",
    "Stream",
    "TransformResult",
    "Transformer",
    "__version__",
    "scan",
]


def __getattr__(name: str) -> object:
    """Import on first use what the Lambda handlers must not pay for."""
    if name not in {"Scan", "scan"}:
        raise AttributeError(f"module 'edgelift' has no attribute {name!r}")
    from edgelift import dataset

    return getattr(dataset, name)
