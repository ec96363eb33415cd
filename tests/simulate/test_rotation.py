"""The names of AWS's page "Configure index rotation for OpenSearch Service", and the rule of its note."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from edgelift.simulate.rotation import FORMS, index_name


def arrival(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("rotation", "expected"),
    [
        ("NoRotation", "myindex"),
        ("OneHour", "myindex-2016-02-25-13"),
        ("OneDay", "myindex-2016-02-25"),
        ("OneMonth", "myindex-2016-02"),
        # The page's example is w08, against the rule in its note.
        ("OneWeek", "myindex-2016-w09"),
    ],
)
def test_names_are_those_of_the_documentation(rotation: str, expected: str) -> None:
    assert index_name("myindex", rotation, arrival("2016-02-25T13:00:00")) == expected


def test_every_rotation_of_the_api_has_a_form() -> None:
    assert list(FORMS) == ["NoRotation", "OneHour", "OneDay", "OneWeek", "OneMonth"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2023-01-01", "x-2023-w01"),  # a Sunday
        ("2023-01-07", "x-2023-w01"),
        ("2023-01-08", "x-2023-w02"),
        ("2022-01-01", "x-2022-w01"),  # a Saturday, whose week begins in the year before
        ("2021-12-26", "x-2022-w01"),
        ("2021-12-25", "x-2021-w52"),
        ("2020-12-27", "x-2021-w01"),
        ("2020-08-15", "x-2020-w33"),
        ("2016-12-31", "x-2016-w53"),
    ],
)
def test_weeks_start_on_sunday_and_the_first_contains_a_saturday(day: str, expected: str) -> None:
    assert index_name("x", "OneWeek", arrival(f"{day}T00:00:00")) == expected
    assert index_name("x", "OneWeek", arrival(f"{day}T23:59:59.999")) == expected


def test_weeks_change_on_sundays_only_and_sort_by_time() -> None:
    start = datetime(2014, 12, 20, tzinfo=UTC)
    days = [start + timedelta(days=number) for number in range(20 * 365)]
    names = [index_name("x", "OneWeek", int(day.timestamp() * 1000)) for day in days]
    assert names == sorted(names)
    for day, before, name in zip(days[1:], names, names[1:], strict=False):
        assert (name != before) == (day.weekday() == 6), day


def test_the_hour_changes_with_the_millisecond() -> None:
    assert index_name("x", "OneHour", arrival("2024-02-29T23:59:59.999")) == "x-2024-02-29-23"
    assert index_name("x", "OneHour", arrival("2024-03-01T00:00:00")) == "x-2024-03-01-00"
