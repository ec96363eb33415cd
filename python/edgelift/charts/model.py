"""The parts of a chart."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class OneOf:
    """Requests whose field has one of some values."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Between:
    """Requests whose number in a field is at least ``low`` and below ``high``."""

    field: str
    low: int
    high: int


Filter = OneOf | Between


@dataclass(frozen=True)
class Requests:
    """Number of requests."""


@dataclass(frozen=True)
class Sum:
    """Sum of a field."""

    field: str


@dataclass(frozen=True)
class Unique:
    """Number of distinct values of a field."""

    field: str


@dataclass(frozen=True)
class Share:
    """Share of some requests in others, from 0 to 1; of their sums in ``weight`` if it is given."""

    label: str
    part: Filter
    whole: Filter | None = None
    weight: str | None = None


@dataclass(frozen=True)
class Percentiles:
    """Percentiles of a field in the requests of a filter; numbers that are not times are ignored."""

    label: str
    field: str
    where: Filter | None = None
    percents: tuple[int, ...] = (50, 95, 99)


Measure = Requests | Sum | Unique | Share | Percentiles


@dataclass(frozen=True)
class Time:
    """One group per interval; the one who draws the chart chooses its length."""


@dataclass(frozen=True)
class Top:
    """The values of a field with the most requests; of equally frequent ones those that sort first."""

    field: str
    size: int = 10


@dataclass(frozen=True)
class Groups:
    """One group per filter, with its label."""

    filters: tuple[tuple[str, Filter], ...]


Dimension = Time | Top | Groups


class Form(StrEnum):
    """How a chart is drawn."""

    NUMBER = "number"
    BARS = "bars"
    LINES = "lines"
    PIE = "pie"
    TABLE = "table"


@dataclass(frozen=True)
class Chart:
    """One chart: measures of the requests that a filter selects, per group of its dimensions."""

    name: str
    title: str
    form: Form
    explanation: str
    measures: tuple[Measure, ...] = (Requests(),)
    by: tuple[Dimension, ...] = ()
    where: Filter | None = None


@dataclass(frozen=True)
class Listing:
    """The requests that a filter selects, newest first, with some of their fields."""

    name: str
    title: str
    explanation: str
    fields: tuple[str, ...]
    where: Filter


@dataclass(frozen=True)
class Dashboard:
    """Charts and listings on one page: rows of names from top to bottom, from left to right."""

    name: str
    title: str
    explanation: str
    rows: tuple[tuple[str, ...], ...]
