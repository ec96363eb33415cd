"""A Firehose delivery stream on one machine: records in, documents in an index, failed records in a backup.

Time is virtual and chance has a seed, so that a run takes as long as its work and repeats exactly.
"""

from edgelift.simulate.account import Account
from edgelift.simulate.memory import HandlerFunction, MemoryBackup, MemoryIndex, TransformerFunction
from edgelift.simulate.settings import Settings
from edgelift.simulate.stream import DeliveryStream

__all__ = [
    "Account",
    "DeliveryStream",
    "HandlerFunction",
    "MemoryBackup",
    "MemoryIndex",
    "Settings",
    "TransformerFunction",
]
