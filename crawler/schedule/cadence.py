"""When a portal has its turn: often while reports appear, seldom otherwise, each at its own moment. Pure.

A year is parted into the season in which reports appear and the rest. In each, a portal's
turns are equally far apart; the first of them lies where the portal's key puts it, so that
the portals of a country are spread over the whole interval, and always in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from crawler.night import BEIJING

if TYPE_CHECKING:
    from spiders.portals import Visits

_SEASON = re.compile(r"(\d{2})-(\d{2})\.\.(\d{2})-(\d{2})")
#: Any year without a 29 February: a season begins and ends on a day that each year has.
_PLAIN_YEAR = 2001


@dataclass(frozen=True, slots=True)
class Season:
    """From one day of the year to another, both whole; over the new year where it ends before it begins."""

    begins: tuple[int, int]
    """Month and day."""
    ends: tuple[int, int]

    def starts_in(self, year: int) -> datetime:
        """When the season begins that begins in this year."""
        return _midnight(date(year, *self.begins))

    def is_over(self, year: int) -> datetime:
        """When the season that begins in this year is over."""
        last = date(year + (self.ends < self.begins), *self.ends)
        return _midnight(last) + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often; days, in the season and in the rest of the year, and for fetching everything again."""

    season: Season
    dense_days: float
    days: float
    refetch_days: float
    """0: never."""

    def of(self, visits: Visits) -> Cadence:
        """The same, with what a portal's entry says otherwise."""
        return Cadence(
            self.season,
            self.dense_days if visits.dense_days is None else visits.dense_days,
            self.days if visits.days is None else visits.days,
            self.refetch_days if visits.refetch_days is None else visits.refetch_days,
        )

    def sparse(self) -> Cadence:
        """The same, in the season as seldom as in the rest of the year: for who does not want us."""
        return Cadence(self.season, max(self.dense_days, self.days), self.days, self.refetch_days)


def season(text: str) -> Season:
    """``01-01..04-30`` as a season; raises ``ValueError`` for what is none."""
    found = _SEASON.fullmatch(text.strip())
    if not found:
        raise ValueError("is no season such as 01-01..04-30")
    first, second, third, fourth = map(int, found.groups())
    for month, day in ((first, second), (third, fourth)):
        try:
            date(_PLAIN_YEAR, month, day)
        except ValueError as error:
            raise ValueError(f"names {month:02}-{day:02}, which not every year has") from error
    return Season((first, second), (third, fourth))


def place(key: str, what: str) -> float:
    """Where in an interval a portal has its turn: from 0 to below 1, evenly spread, always the same."""
    return int.from_bytes(sha256(f"{what}:{key}".encode()).digest()[:6], "big") / 2**48


def turn_after(key: str, cadence: Cadence, moment: datetime) -> tuple[datetime, timedelta]:
    """The first turn of a portal after ``moment``, and how far apart turns are then.

    However far apart, there is one in every season and one in every rest of the year.
    """
    where = place(key, "visit")
    for begins, ends, days in _periods(cadence, moment):
        step = min(timedelta(days=days), ends - begins)
        turn = begins + _whole_seconds(where * step)
        if turn <= moment:
            turn += step * ((moment - turn) // step + 1)
        if turn < ends:
            return turn, timedelta(days=days)
    raise AssertionError("two whole years hold a turn")


def refetch_after(key: str, days: float, since: datetime) -> datetime:
    """When everything is to be fetched again: the portal's next such turn, at least half an interval on."""
    step = timedelta(days=days)
    first = _midnight(date(_PLAIN_YEAR, 1, 1)) + _whole_seconds(place(key, "refetch") * step)
    return max(first + step * ((since - first) // step + 1), since + step / 2)


def _periods(cadence: Cadence, moment: datetime) -> Iterator[tuple[datetime, datetime, float]]:
    """Seasons and what lies between them, from the one that holds ``moment`` on, for two years."""
    year = moment.astimezone(BEIJING).year
    for begun in range(year - 1, year + 3):
        begins, ends = cadence.season.starts_in(begun), cadence.season.is_over(begun)
        again = cadence.season.starts_in(begun + 1)
        for start, end, days in ((begins, ends, cadence.dense_days), (ends, again, cadence.days)):
            if start < end and end > moment:
                yield start, end, days


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BEIJING)


def _whole_seconds(span: timedelta) -> timedelta:
    return timedelta(seconds=int(span.total_seconds()))
