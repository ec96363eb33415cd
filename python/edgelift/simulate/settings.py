"""The settings of a delivery stream, in the ranges that AWS allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edgelift.errors import EdgeliftError
from edgelift.simulate.rotation import FORMS

_RANGES: Final[dict[str, tuple[float, float]]] = {
    "shards": (1, 10_000),
    "rate": (0.001, 10_000_000),
    "buffer_mb": (0.2, 3),
    "interval": (0, 900),
    "index_buffer_mb": (1, 100),
    "index_interval": (0, 900),
    "retries": (0, 300),
    "timeout": (1, 900),
    "function_seconds": (0, 900),
    "retry_seconds": (0, 7200),
    "backup_buffer_mb": (1, 128),
    "backup_interval": (0, 900),
    "retention": (0, 31_536_000),
}
_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "rotation": tuple(FORMS),
    "document_ids": ("FIREHOSE_DEFAULT", "NO_DOCUMENT_ID"),
    "backup_mode": ("FailedDocumentsOnly", "AllDocuments"),
    "compression": ("UNCOMPRESSED", "GZIP"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of a delivery stream.

    Source: Firehose API reference, ``ProcessorParameter``,
    ``AmazonopensearchserviceDestinationConfiguration`` and ``S3DestinationConfiguration``; Developer Guide,
    "Amazon Data Firehose quota" and "Configure buffering hints". The defaults are AWS's, except for the
    shortest buffers of the index, which near real time needs, and what AWS leaves to the traffic: ``rate``,
    ``timeout`` and ``function_seconds``.

    Attributes:
        name: name of the delivery stream, and of the Kinesis stream.
        shards: number of shards of the Kinesis stream; each allows five invocations at once.
        rate: records per second that arrive.
        buffer_mb: MiB that the buffer of the processor holds.
        interval: seconds that it waits.
        retries: invocations after the first, ``NumberOfRetries``.
        timeout: seconds that the function may take, of which Firehose waits for 300.
        function_seconds: virtual seconds that an invocation takes.
        index_name: name of the index without suffix.
        rotation: ``NoRotation``, ``OneHour``, ``OneDay``, ``OneWeek`` or ``OneMonth``.
        index_buffer_mb: MiB of documents of a bulk request.
        index_interval: seconds that documents wait for it.
        retry_seconds: seconds for which documents are tried again.
        document_ids: ``FIREHOSE_DEFAULT`` or ``NO_DOCUMENT_ID``.
        backup_mode: ``FailedDocumentsOnly`` or ``AllDocuments``.
        backup_buffer_mb: MiB of an object of the backup.
        backup_interval: seconds that records wait for it.
        compression: ``UNCOMPRESSED`` or ``GZIP``, of the objects of the backup.
        retention: seconds for which an object that the backup refused is tried again: as long as the Kinesis
            stream retains its records.

    Raises:
        EdgeliftError: a value is not one that AWS allows.

    """

    name: str = "cdn-logs"
    shards: int = 1
    rate: float = 1000
    buffer_mb: float = 1
    interval: float = 60
    retries: int = 3
    timeout: float = 60
    function_seconds: float = 0.1
    index_name: str = "cdn-logs"
    rotation: str = "OneDay"
    index_buffer_mb: float = 1
    index_interval: float = 60
    retry_seconds: float = 300
    document_ids: str = "FIREHOSE_DEFAULT"
    backup_mode: str = "FailedDocumentsOnly"
    backup_buffer_mb: float = 5
    backup_interval: float = 300
    compression: str = "UNCOMPRESSED"
    retention: float = 86_400

    def __post_init__(self) -> None:
        for name, (least, most) in _RANGES.items():
            value = getattr(self, name)
            # Written so that nan is refused.
            if not least <= value <= most:
                raise EdgeliftError(f"{name} must be {least} to {most}, not {value}")
        for name, choices in _CHOICES.items():
            value = getattr(self, name)
            if value not in choices:
                raise EdgeliftError(f"{name} must be {' or '.join(choices)}, not {value!r}")
