"""Bulk bodies that lie ready, sent by opensearch-py's own ``bulk``: what is left if nothing is transformed.

``python -m benchmarks.bodies URL FILE BYTES…`` sends a file in bodies of so many bytes, and prints how many
documents the answers have.
"""

from __future__ import annotations

import sys
from pathlib import Path

from opensearchpy import OpenSearch


def main() -> None:
    """Send them one after the other."""
    url, path, *sizes = sys.argv[1:]
    client, documents = OpenSearch([url]), 0
    with Path(path).open("rb") as file:
        for size in map(int, sizes):
            answer = client.bulk(body=file.read(size))
            if answer["errors"]:
                sys.exit("something was refused")
            documents += len(answer["items"])
    print(documents)


if __name__ == "__main__":
    main()
