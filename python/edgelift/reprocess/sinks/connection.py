"""opensearch-py's connection, for servers and gateways that answer with whatever they like."""

from __future__ import annotations

import json
from typing import Any

from opensearchpy import Urllib3HttpConnection


class Connection(Urllib3HttpConnection):
    """Takes errors whose JSON is no object, which the one of opensearch-py stumbles over, for text."""

    def _raise_error(self, status_code: int, raw_data: str | bytes, content_type: str | None = None) -> None:
        super()._raise_error(status_code, raw_data, content_type if _is_object(raw_data) else None)


def _is_object(data: str | bytes) -> bool:
    try:
        answer: Any = json.loads(data)
    except ValueError:
        return False
    return isinstance(answer, dict)
