"""The peer of ``edgelift transform``: polars turns a tab-separated file into JSON lines, all values strings.

Run by the gate with the Python of the peers: ``peer_polars.py IN.tsv OUT.ndjson FIELD,FIELD,...``.
It neither types nor decodes nor checks, so it does less than edgelift.
"""

from __future__ import annotations

import sys

import polars as pl


def main() -> None:
    source, target, fields = sys.argv[1:]
    pl.scan_csv(
        source,
        separator="\t",
        has_header=False,
        quote_char=None,
        infer_schema=False,
        new_columns=fields.split(","),
    ).sink_ndjson(target)


main()
