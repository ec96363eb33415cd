"""edgelift turns Amazon CloudFront log lines into typed JSON documents, at native speed."""

from edgelift._core import (
    FIELDS,
    Column,
    Counts,
    Failure,
    Field,
    LayoutColumn,
    Lines,
    Stream,
    Transformer,
    __version__,
)
from edgelift.errors import ConfigError, EdgeliftError, RecordError

__all__ = [
    "FIELDS",
    "Column",
    "ConfigError",
    "Counts",
    "EdgeliftError",
    "Failure",
    "Field",
    "LayoutColumn",
    "Lines",
    "RecordError",
    "Stream",
    "Transformer",
    "__version__",
]
