"""Names of indices, which rotate with the time at which a record arrived."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_SATURDAY: Final = 5


def index_name(name: str, rotation: str, arrival: int) -> str:
    """Return the name of the index for a record.

    Source: Amazon Data Firehose Developer Guide, "Configure index rotation for OpenSearch Service": a part of
    the UTC arrival timestamp is appended. Of weeks it says that they start on Sunday and that the first of a
    year is the first that contains a Saturday of that year. Its own example, ``2016-02-25`` in
    ``-2016-w08``, does not follow this rule, by which it is in ``-2016-w09``; the rule is followed here. Not
    measured. The year of a week is that of its Saturday, so that a week has one name.

    Args:
        name: the name without suffix.
        rotation: ``NoRotation``, ``OneHour``, ``OneDay``, ``OneWeek`` or ``OneMonth``.
        arrival: milliseconds since 1970.

    """
    form = FORMS[rotation]
    time = datetime.fromtimestamp(arrival // 1000, UTC)
    if form is not None:
        return name + time.strftime(form)
    saturday = time + timedelta(days=(_SATURDAY - time.weekday()) % 7)
    week = (saturday.timetuple().tm_yday - 1) // 7 + 1
    return f"{name}-{saturday.year}-w{week:02}"


FORMS: Final = {
    "NoRotation": "",
    "OneHour": "-%Y-%m-%d-%H",
    "OneDay": "-%Y-%m-%d",
    "OneWeek": None,
    "OneMonth": "-%Y-%m",
}
"""The suffix of each rotation, in the order of AWS's page; that of weeks is computed."""
