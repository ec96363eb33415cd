"""A function that answers each event with the bytes of the file ``ECHO``: no handler in the client is faster.

Its handler sees raw bytes by the same means as edgelift's. The Runtime API runs it; nothing else imports it.
"""

from __future__ import annotations

import os
from pathlib import Path

from edgelift.firehose import client_class
from edgelift.runtime import RawMarshaller

client = client_class()
client.marshaller = RawMarshaller(client.marshaller)
response = Path(os.environ["ECHO"]).read_bytes()


def handler(_event: bytes, _context: object) -> bytes:
    """Answer with the bytes of the file."""
    return response
