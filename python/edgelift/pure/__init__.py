"""The mapping of real-time rows in plain Python with orjson.

It is the other side of the benchmarks and an oracle of the tests: the same bytes as the engine for every
real-time row, one per line or record, with the same reasons and messages.

It does nothing else. The engine reads the configuration here too, and options that only the engine
implements raise `ConfigError`, such as those of standard logs. With ``format = "auto"`` the rows of standard
logs and JSON records fail, and a message says so. Error objects of Firehose, with a source record or a
transformed document, fail with ``bad_error_object``. Rows without line feeds between them, and a
byte order mark before the first row, fail as rows: only `edgelift.Transformer` reads those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edgelift.firehose import build_handler, transformer_from_environment
from edgelift.pure.batch import Batch
from edgelift.pure.transformer import Transformer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edgelift.firehose import Handler

__all__ = ["Batch", "Transformer", "handler", "make_handler"]


def make_handler(config: str | Mapping[str, Any]) -> Handler:
    """Make a Lambda handler as `edgelift.firehose.make_handler` does, on the pure path.

    Raises:
        ConfigError: what is wrong with the configuration, or what of it only the engine does.

    """
    return build_handler(Transformer(config))


handler = build_handler(transformer_from_environment(Transformer))
