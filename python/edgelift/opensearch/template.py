"""The index template: settings and types of the indices that documents go to."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from edgelift._core import __version__
from edgelift.errors import ConfigError
from edgelift.opensearch.mapping import has_time, mapping, time_key

if TYPE_CHECKING:
    from edgelift._core import Transformer

PRIORITY: Final = 500
"""Above the templates that OpenSearch and its plugins bring, which use up to 200."""

REFRESH_INTERVAL: Final = "30s"
"""Documents can be searched after this time. The default of one second makes many small segments."""

_NO_TIME: Final = (
    'timestamp = "verbatim" and values = "text" are indexed as times only with [input] format = "realtime", '
    "because standard logs have seconds, milliseconds or a text"
)

_NO_TIME_SELECTED: Final = 'documents have no time with these [output] columns; add "timestamp"'

_TIME_COLUMNS: Final = {"timestamp", "timestamp(ms)", "date", "time", "eventTimestamp"}
"""Columns of `[output]`, each of which selects the time of a record."""


def no_time(transformer: Transformer) -> str:
    """Return why documents have no time that is indexed as one, or an empty text if they have."""
    if not has_time(transformer.options):
        return _NO_TIME
    columns = transformer.options["output"]["columns"]
    return _NO_TIME_SELECTED if columns and _TIME_COLUMNS.isdisjoint(columns) else ""


def template_name(transformer: Transformer, *, data_stream: bool = False) -> str:
    """Return the name of the template: the prefix of the indices."""
    prefix = str(transformer.options["opensearch"]["index_prefix"])
    return f"{prefix}-stream" if data_stream else prefix


def index_patterns(transformer: Transformer) -> list[str]:
    """Return the patterns that cover all indices of a configuration.

    Firehose adds the time of its rotation after a hyphen: ``-2026-11``, ``-2026-w48``, ``-2026-11-23`` or
    ``-2026-11-23-08``. Without rotation the prefix is the name, or an alias whose indices have a number.

    Raises:
        ConfigError: the pattern of bulk bodies would cover indices of others.

    """
    prefix = template_name(transformer)
    dated = f"{prefix}-*"
    patterns = [prefix, dated] if transformer.options["opensearch"]["rotation"] == "none" else [dated]
    written = _wildcards(transformer.options["bulk"].get("index", dated))
    # Of a pattern of index names in [bulk] that does not follow from the prefix.
    return patterns if any(fnmatchcase(written, pattern) for pattern in patterns) else [*patterns, written]


def _wildcards(index: str) -> str:
    """Return a pattern of OpenSearch for the indices of bulk bodies.

    Raises:
        ConfigError: it would cover indices of others, which the policy then deletes.

    """
    before = index.partition("{")[0]
    if not any(letter.isalnum() for letter in before):
        raise ConfigError(
            f'the [bulk] index "{index}" has no name before its time, so template, policy and role would be '
            f'for indices of others, too; write a name first, such as "cdn-logs-{index}"'
        )
    # OpenSearch knows no other wildcard; as many characters as possible are written out.
    return re.sub(r"\*+", "*", re.sub(r"\{\w+\}", "*", index.replace("{yyyy}", "2*")))


def template(
    transformer: Transformer, *, data_stream: bool = False, has_policies: bool = True
) -> dict[str, Any]:
    """Return the body of a composable index template for all indices of a configuration.

    Source: OpenSearch documentation, "Index templates", "Data streams".

    Args:
        transformer: the configuration.
        data_stream: True returns the template of a data stream, whose name is the prefix.
        has_policies: whether the cluster has Index State Management; others refuse its settings.

    Raises:
        ConfigError: two fields or options do not fit together in a mapping.

    """
    options = transformer.options["opensearch"]
    settings: dict[str, Any] = {
        "number_of_shards": options["shards"],
        "codec": options["codec"],
        "refresh_interval": REFRESH_INTERVAL,
    }
    if options["sort"] == "time":
        settings["sort"] = {"field": [_sort_key(transformer)], "order": ["desc"]}
    if has_policies and not data_stream and options["rotation"] == "none" and options["retention_days"]:
        # The policy rolls over only what names its alias; data streams need none.
        alias = {"rollover_alias": template_name(transformer)}
        settings["plugins"] = {"index_state_management": alias}
    body: dict[str, Any] = {
        "index_patterns": index_patterns(transformer),
        "priority": PRIORITY,
        "template": {"settings": {"index": settings}, "mappings": mapping(transformer)},
        "_meta": {"description": "CloudFront logs, as edgelift writes them", "edgelift": __version__},
    }
    if data_stream:
        _check_stream(transformer)
        body["index_patterns"] = [template_name(transformer)]
        # Two templates with the same pattern need different ones.
        body["priority"] = PRIORITY + 1
        body["data_stream"] = {"timestamp_field": {"name": time_key(transformer)}}
    return body


def _check_stream(transformer: Transformer) -> None:
    """Make sure that documents go to the data stream, and have times.

    Raises:
        ConfigError: they do not.

    """
    name, index = template_name(transformer), transformer.options["bulk"].get("index")
    if transformer.options["opensearch"]["rotation"] != "none" or index != name:
        others = f"to {index}" if index else "to an index of each week"
        raise ConfigError(
            f"a data stream has the name {name}, but documents go {others}; write [opensearch] rotation = "
            '"none" and no [bulk] index'
        )
    if reason := no_time(transformer):
        raise ConfigError(f"a data stream needs times: {reason}")


def _sort_key(transformer: Transformer) -> str:
    """Return the key that documents are sorted by on disk: that of the time.

    Raises:
        ConfigError: times are not indexed, or the mapping has a type that OpenSearch does not sort.

    """
    if reason := no_time(transformer):
        raise ConfigError(f'opensearch.sort: "time" needs times: {reason}')
    if transformer.options["opensearch"]["headers"] == "nested":
        raise ConfigError(
            'opensearch.sort: OpenSearch does not sort indices with headers = "nested"; write sort = "none", '
            'or headers = "flat_object"'
        )
    return time_key(transformer)


def warnings_of(transformer: Transformer) -> list[str]:
    """Return what should be known about the template of a configuration."""
    warnings = []
    if reason := no_time(transformer):
        warnings.append(f"no time field in Dashboards: {reason}")
    if transformer.options["output"]["values"] == "text":
        warnings.append('with values = "text" booleans and lists are indexed as texts')
    return warnings
