"""The columns of the tables that hold logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edgelift._core import FIELDS, STANDARD_FIELDS
from edgelift.cli.ddl import Column
from edgelift.opensearch.mapping import Key, configured_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from edgelift._core import Field, Transformer

_UNPARSED: Final = Column("_unparsed", "pairs")
"""Values that do not fit their fields, by the names of the fields."""

_OTHER: Final = Column("_other", "pairs")
"""Values of the columns that a header names and edgelift does not know."""


def columns_of_layouts(transformer: Transformer) -> list[Column]:
    """Return the columns of all layouts of a configuration; those of standard logs if it has no layouts."""
    names = transformer.options["output"]["names"]
    if not transformer.layouts:
        return columns_of_log(STANDARD_FIELDS, names)
    return [*_unique(configured_keys(transformer), names), _UNPARSED]


def columns_of_log(fields: Mapping[str, Field], names: str) -> list[Column]:
    """Return the columns for all fields of a kind of log whose header names them."""
    keys = (Key(field.keys[names], field.name, field.kind) for field in fields.values())
    return [*_unique(keys, names), _UNPARSED, _OTHER]


def _unique(keys: Iterable[Key], names: str) -> Iterator[Column]:
    """Yield a column for each key; date and time of standard logs are the time of a record."""
    time = Column(FIELDS["timestamp"].keys[names], "timestamp")
    columns: dict[str, Column] = {}
    for key in keys:
        column = time if key.kind in {"date", "time"} else Column(key.key, key.kind)
        columns.setdefault(column.name, column)
    yield from columns.values()
