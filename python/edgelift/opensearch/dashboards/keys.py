"""The keys of fields and the indices of a configuration, for the charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgelift._core import FIELDS, STANDARD_FIELDS
from edgelift.errors import ConfigError
from edgelift.opensearch.mapping import mapping, time_key, walk
from edgelift.opensearch.template import index_patterns, no_time, template_name

if TYPE_CHECKING:
    from edgelift._core import Transformer


class Keys:
    """Keys and types of fields in the documents of a configuration.

    Attributes:
        prefix: beginning of the names of indices, and of the ids of saved objects.
        pattern: the indices, as the title of an index pattern has them.
        time: key of the time of a request.
        types: type of each key in the index.
        keeps_missing: True if missing values are written as ``-``, or as an empty text.

    Raises:
        ConfigError: the configuration has no times that can be indexed, or cannot be indexed at all.

    """

    def __init__(self, transformer: Transformer) -> None:
        if reason := no_time(transformer):
            raise ConfigError(f"dashboards need times: {reason}")
        options = transformer.options
        self._names = options["output"]["names"]
        # Without layouts only logs that name their columns can be read, which real-time logs do not.
        is_standard = options["input"]["format"] == "standard" or not transformer.layouts
        self._has_paths = is_standard and options["input"]["uri"] == "split"
        self.prefix = template_name(transformer)
        self.pattern = ",".join(index_patterns(transformer))
        self.time = time_key(transformer)
        types = dict(walk(mapping(transformer)["properties"]))
        # An alias has the type of its target.
        self.types = {key: types[field.get("path", key)] for key, field in types.items()}
        self.keeps_missing = options["output"]["missing"] == "keep"

    def __getitem__(self, field: str) -> str:
        """Return the key of a field of real-time logs."""
        if field == "cs-uri-stem" and self._has_paths:
            # Without the query string it is another key in some profiles.
            return STANDARD_FIELDS[field].keys[self._names]
        return FIELDS[field].keys[self._names]

    def is_text(self, key: str) -> bool:
        """Return true if a key is indexed as text."""
        return bool(self.types[key]["type"] == "keyword")
