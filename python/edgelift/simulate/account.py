"""The account of a run: what became of each source record."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from edgelift.simulate.ports import FunctionFailed, Identity, SourceRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The outcome of the records that a delivery stream read.

    After a run ``source = indexed + dropped + in_backup``, unless a record was lost.

    Attributes:
        source: records that were read, copies included.
        copies: those that are copies of other records.
        indexed: records whose document the index confirmed.
        dropped: records that the function dropped on purpose.
        failed: records with an error object in the backup, by error code.
        errors: messages of invocations without an answer, with their numbers; the first ten.
        lost: records whose error object the backup never took.
        repeated_copies: documents in the index beside that of another record with the same data; exact after
            a run.
        stored_again: documents that the index stored again, under another id, because its answer was lost.
        replaced: documents that were in the index before, such as those of an earlier run, and that others
            with the same ids replaced.
        unconfirmed: records in the backup whose documents are in the index, too, because the answer was lost.
        source_backup: source records stored by the backup mode ``AllDocuments``.
        source_backup_lost: source records that this mode could not store.
        invocations: invocations of the function, retries included.
        failed_invocations: those without an answer.
        bulk_requests: requests to the index, retries included.
        failed_bulk_requests: those that were refused or had no answer as a whole.
        objects: objects that the backup took.
        refused_objects: requests to the backup that it refused.
        seconds: virtual time since the first record, in seconds.

    """

    source: int
    copies: int
    indexed: int
    dropped: int
    failed: Mapping[str, int]
    errors: Mapping[str, int]
    lost: int
    repeated_copies: int
    stored_again: int
    replaced: int
    unconfirmed: int
    source_backup: int
    source_backup_lost: int
    invocations: int
    failed_invocations: int
    bulk_requests: int
    failed_bulk_requests: int
    objects: int
    refused_objects: int
    seconds: float

    @property
    def in_backup(self) -> int:
        """Number of records with an error object in the backup."""
        return sum(self.failed.values())

    @property
    def repeated(self) -> int:
        """Number of documents in the index that repeat another one: delivery is at least once."""
        return self.repeated_copies + self.stored_again

    @property
    def documents(self) -> int:
        """Number of documents that this stream left in the index, repeated ones included."""
        return self.indexed + self.stored_again + self.unconfirmed

    @property
    def pending(self) -> int:
        """Number of records that are still on their way; 0 after a run."""
        return self.source - self.indexed - self.dropped - self.in_backup - self.lost

    @property
    def is_balanced(self) -> bool:
        """True if each record was indexed, dropped or put into the backup, and nothing was lost."""
        return not (self.pending or self.lost or self.source_backup_lost)

    def __str__(self) -> str:
        sign = "=" if self.is_balanced else "≠"
        where = f"{self.indexed:,} indexed + {self.dropped:,} dropped + {self.in_backup:,} in backup"
        lines = [f"{self.source:,} source record{_plural(self.source)} {sign} {where}"]
        lines += [f"{count:,} in backup by {code}" for code, count in sorted(self.failed.items())]
        lines += [
            f"{count:,} invocation{_plural(count)} failed: {message}"
            for message, count in self.errors.items()
        ]
        notes = {
            "lost: the backup did not take their error objects": self.lost,
            "lost from the backup of source records": self.source_backup_lost,
            "still pending": self.pending,
            "in the index more than once": self.repeated,
            "in the index and in backup, because an answer was lost": self.unconfirmed,
            "in the place of documents that had the same ids, such as those of an earlier run": self.replaced,
        }
        return "\n".join([*lines, *(f"{count:,} {note}" for note, count in notes.items() if count)])


def _plural(count: int) -> str:
    return "" if count == 1 else "s"


_MOST_ERRORS: Final = 10
"""Messages that an account has at most."""

_COUNTED: Final = tuple(
    field.name for field in fields(Account) if field.type == "int" and field.name != "repeated_copies"
)


class Ledger:
    """Counts for an `Account` while a stream runs.

    Attributes:
        counts: the attributes of the account that are counted one by one.
        failed: records with an error object in the backup, by error code.
        errors: messages of invocations without an answer, with their numbers.

    """

    def __init__(self) -> None:
        # Not a Counter: the name of something that is not counted is an error.
        self.counts: dict[str, int] = dict.fromkeys(_COUNTED, 0)
        self.failed: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self._began: float | None = None
        self._copies: defaultdict[Identity, list[Identity]] = defaultdict(list)
        self._not_indexed: set[Identity] = set()
        self._unconfirmed: set[Identity] = set()

    def read(self, records: Sequence[SourceRecord], now: float) -> None:
        """Count records that were read at a time in seconds."""
        if self._began is None:
            self._began = now
        self.counts["source"] += len(records)
        for record in records:
            original = record.original
            if original is not None:
                self.counts["copies"] += 1
                self._copies[original].append(record.identity)

    def fail_invocation(self, error: FunctionFailed) -> None:
        """Count an invocation without an answer."""
        self.counts["failed_invocations"] += 1
        message = str(error)
        if message in self.errors or len(self.errors) < _MOST_ERRORS:
            self.errors[message] += 1

    def drop(self, records: Iterable[SourceRecord]) -> None:
        """Count records that the function dropped."""
        dropped = [record.identity for record in records]
        self.counts["dropped"] += len(dropped)
        self._not_indexed.update(dropped)

    def fail(self, record: SourceRecord, code: str) -> None:
        """Count a record whose error object is in the backup."""
        self.failed[code] += 1
        self._not_indexed.add(record.identity)

    def keep_unconfirmed(self, record: SourceRecord, again: int) -> None:
        """Count a document that is in the index although its record goes to the backup.

        Args:
            record: the record.
            again: number of documents that the index has of it beside the first.

        """
        self.counts["unconfirmed"] += 1
        self.counts["stored_again"] += again
        self._unconfirmed.add(record.identity)

    def lose(self, record: SourceRecord) -> None:
        """Count a record whose error object could not be stored."""
        self.counts["lost"] += 1
        self._not_indexed.add(record.identity)

    def account(self, now: float) -> Account:
        """Return the account at a time in seconds."""
        counts = self.counts
        return Account(
            **{name: counts[name] for name in _COUNTED},
            failed=dict(self.failed),
            errors=dict(self.errors),
            repeated_copies=self._repeated_copies(),
            seconds=0.0 if self._began is None else now - self._began,
        )

    def _repeated_copies(self) -> int:
        repeated = 0
        for original, copies in self._copies.items():
            missing = self._not_indexed.intersection((original, *copies)) - self._unconfirmed
            repeated += max(0, len(copies) - len(missing))
        return repeated
