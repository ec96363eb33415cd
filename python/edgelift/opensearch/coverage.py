"""Compares names of indices with the patterns of the template and the rotation."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from edgelift.opensearch.fields import types_of
from edgelift.opensearch.mapping import mapping
from edgelift.opensearch.template import index_patterns, template_name
from edgelift.reprocess.errors import ReprocessError

if TYPE_CHECKING:
    from edgelift._core import Transformer
    from edgelift.opensearch.cluster import Cluster

_SUFFIXES: Final = {
    "none": r"(-\d+)?",
    "hour": r"-\d{4}-\d\d-\d\d-\d\d",
    "day": r"-\d{4}-\d\d-\d\d",
    "week": r"-\d{4}-w\d\d",
    "month": r"-\d{4}-\d\d",
}
"""Suffixes that Firehose adds. Source: Amazon Data Firehose Developer Guide, "Index rotation"."""

_SAMPLES: Final = {"{yyyy}": "2026", "{MM}": "11", "{dd}": "23", "{HH}": "08"}


def names_of_rotation(transformer: Transformer) -> re.Pattern[str]:
    """Return the pattern of the names that indices have: those of Firehose, and those of bulk bodies."""
    return _names(transformer, _SUFFIXES[transformer.options["opensearch"]["rotation"]])


def own_names(transformer: Transformer) -> re.Pattern[str]:
    """Return the pattern of the names that indices have under any rotation, also in our data stream.

    The patterns of the template match other names, too: indices of somebody else.
    """
    names = _names(transformer, f"({'|'.join(_SUFFIXES.values())})")
    return re.compile(f"{names.pattern}|{stream_names(transformer)}")


def stream_names(transformer: Transformer) -> str:
    """Return the regular expression of the names of the indices of our data stream."""
    return rf"\.ds-{re.escape(template_name(transformer))}-\d+"


def _names(transformer: Transformer, times: str) -> re.Pattern[str]:
    names = re.escape(template_name(transformer)) + times
    index = transformer.options["bulk"].get("index")
    if index:
        parts = re.split(r"\{(?:yyyy|MM|dd|HH)\}", index)
        names += "|" + r"\d+".join(map(re.escape, parts))
    return re.compile(names)


def sample_index(transformer: Transformer, pattern: str | None = None) -> str:
    """Return the name of an index of a pattern, or of the configuration."""
    name = pattern or transformer.options["bulk"].get("index") or f"{template_name(transformer)}-2026-w48"
    for placeholder, digits in _SAMPLES.items():
        name = name.replace(placeholder, digits)
    return str(name)


def is_in_patterns(transformer: Transformer, pattern: str | None) -> bool:
    """Return true if the template of the configuration is for the indices of a pattern.

    Raises:
        ConfigError: the configuration has no template.

    """
    name = sample_index(transformer, pattern)
    return any(fnmatchcase(name, each) for each in index_patterns(transformer))


def is_covered(cluster: Cluster, transformer: Transformer, pattern: str | None) -> bool | None:
    """Return true if a new index would have our types; None if the server does not say.

    Raises:
        ConfigError: the configuration has no template.

    """
    from edgelift.reprocess.sinks.opensearch.connection import FIRST_CONTACT  # imports opensearchpy

    name = sample_index(transformer, pattern)
    try:
        path = f"/_index_template/_simulate_index/{quote(name, safe='')}"
        answer = cluster.request("POST", path, params=FIRST_CONTACT)
    except ReprocessError:
        return None
    if not answer.is_ok or not isinstance(answer.body, dict):
        return None
    # It says nothing if no template at all is for the index.
    found = types_of(answer.body.get("template", {}).get("mappings") or {})
    return types_of(mapping(transformer)).items() <= found.items()
