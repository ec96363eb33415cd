"""Which of the listed objects are wanted: by the end of their names, and by the date in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from edgelift.reprocess.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgelift.reprocess.objects import LogObject

# Standard logs: <prefix>/<distribution>.YYYY-MM-DD-HH.<id>.gz (Amazon CloudFront Developer Guide, "Standard
# logging reference"). Firehose, in UTC: <prefix>YYYY/MM/DD/HH/<stream>-<version>-YYYY-MM-DD-HH-MM-SS-<id>
# (Amazon Data Firehose Developer Guide, "Configure Amazon S3 object name format"). Partitions of Hive:
# year=YYYY/month=MM/day=DD.
_DATES: Final = (
    re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)-(\d\d)(?!\d)"),
    re.compile(r"(?<!\d)(\d{4})/(\d\d)/(\d\d)(?:/(\d\d))?(?!\d)"),
    re.compile(r"year=(\d{4})/month=(\d\d?)/day=(\d\d?)(?:/hour=(\d\d?))?(?!\d)"),
    re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)"),
)


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of objects.

    Attributes:
        suffix: how names end.
        since: beginning of the time in question, inclusive, or None.
        until: its end, exclusive, or None.

    """

    suffix: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def wanted(self, objects: Iterator[LogObject]) -> Iterator[LogObject]:
        """Yield the objects that are wanted: those whose hour or day and the time in question overlap.

        Raises:
            UsageError: a time is in question, and the name of an object carries no date.

        """
        for listed in objects:
            if listed.place.endswith(self.suffix) and self._is_in_time(listed.place):
                yield listed

    def _is_in_time(self, place: str) -> bool:
        if self.since is None and self.until is None:
            return True
        period = period_of(place)
        if period is None:
            raise UsageError(
                f"{place} has no date in its name, which --since and --until need; "
                "exclude it by --suffix or a narrower SOURCE"
            )
        begin, end = period
        return (self.since is None or self.since < end) and (self.until is None or begin < self.until)


def period_of(place: str) -> tuple[datetime, datetime] | None:
    """Return the hour or day that a name carries, in UTC, its end exclusive; None if it carries none.

    The last date counts, with its hour if it has one: folders above may carry that of something else.
    """
    dates = sorted(
        (found.start(), len(found[0]), found) for pattern in _DATES for found in pattern.finditer(place)
    )
    for _, _, found in reversed(dates):
        year, month, day, hour = (int(part) if part else None for part in (*found.groups(), None)[:4])
        try:
            begin = datetime(year or 0, month or 0, day or 0, hour or 0, tzinfo=UTC)
            return begin, begin + (timedelta(days=1) if hour is None else timedelta(hours=1))
        except (ValueError, OverflowError):
            continue
    return None


def moment(text: str) -> datetime:
    """Read a time of the command line, in UTC unless it says otherwise: ``2024-11-15`` or ``2024-11-15T19``.

    Raises:
        UsageError: it is none.

    """
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f'"{text}" is not a time such as 2024-11-15 or 2024-11-15T19') from None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read
