"""Counts of the records of one object, or of all."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edgelift._core import Counts

REFUSED = "refused"
"""Reason of documents that the destination refused."""


class Confirmed(Protocol):
    """Counts that a sink confirms for the documents of an object, see `edgelift.reprocess.sinks.Put`."""

    @property
    def bytes_out(self) -> int: ...  # noqa: D102 - as there
    @property
    def already_there(self) -> int: ...  # noqa: D102
    @property
    def replaced(self) -> int: ...  # noqa: D102
    @property
    def different(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Tally:
    """``read == written + already_there + dropped + failed``, which `check` makes sure of.

    Attributes:
        read: records read, without blank lines.
        written: records that became a document which the sink has confirmed.
        already_there: documents that the destination had before, and keeps.
        replaced: documents of `written` that replaced one.
        different: documents of `already_there` with another content there, if they were compared.
        dropped: records left out by a rule of the configuration.
        failed: records that failed.
        blank: blank lines.
        shape_mismatches: records with a document although a value lacks the shape of its field.
        bytes_in: bytes of the objects, as stored.
        bytes_out: bytes of the documents, as stored.
        by_reason: failed records by reason.
        shape_field: the field of the first value that lacks its shape, or None.

    """

    read: int = 0
    written: int = 0
    already_there: int = 0
    replaced: int = 0
    different: int = 0
    dropped: int = 0
    failed: int = 0
    blank: int = 0
    shape_mismatches: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    by_reason: Mapping[str, int] = field(default_factory=dict)
    shape_field: str | None = None

    @classmethod
    def from_counts(cls, counts: Counts, put: Confirmed, *, refused: int, bytes_in: int) -> Self:
        """Count an object that has been put into a sink, which has refused some of its documents."""
        reasons = dict(counts.by_reason)
        if refused:
            reasons[REFUSED] = refused
        return cls(
            read=counts.read,
            written=counts.ok - put.already_there - refused,
            already_there=put.already_there,
            replaced=put.replaced,
            different=put.different,
            dropped=counts.dropped,
            failed=counts.failed + refused,
            blank=counts.blank,
            shape_mismatches=counts.shape_mismatches,
            bytes_in=bytes_in,
            bytes_out=put.bytes_out,
            by_reason=reasons,
            shape_field=counts.shape_field,
        )

    @classmethod
    def of_numbers(cls, numbers: Sequence[int]) -> Self:
        """Return a tally of the values of `COUNTED` alone."""
        return cls(**dict(zip(COUNTED, numbers, strict=True)))  # type: ignore[arg-type]

    def check(self) -> Self:
        """Return itself.

        Raises:
            RuntimeError: a record went missing on its way, which is a defect of edgelift.

        """
        gone = self.written + self.already_there + self.dropped + self.failed
        if self.read != gone or self.failed != sum(self.by_reason.values()):
            raise RuntimeError(f"edgelift lost count of its records, please report it: {self!r}")
        return self


COUNTED = tuple(field.name for field in fields(Tally) if field.name not in ("by_reason", "shape_field"))
"""The numbers of a tally."""
