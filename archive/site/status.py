"""The status page: portals by outcome, what is wrong longest, the last runs, filing for the current year.

What is due, and who could not be told, is on it where whoever starts the site can say so
(``archive.outlook``); a published copy cannot.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from archive import health
from archive.health import Standing
from archive.outlook import Ask
from archive.site import filing
from archive.site.filing import Part
from archive.site.memo import Memo
from archive.site.rows import Row

#: Runs and portals in trouble that are listed; the tables have all.
_RUNS, _TROUBLED = 12, 50
#: Portals due that are named; the others are counted.
DUE = 20

#: By Datasette: what tells it what is to come.
asks: WeakKeyDictionary[Any, Ask] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class StatusPage:
    """What the page shows."""

    tally: Mapping[str, int]
    troubled: tuple[Standing, ...]
    """The worst first, as many as are listed."""
    oldest: Standing | None
    runs: tuple[Row, ...]
    year: int
    """Year reported on by what is published now."""
    parts: tuple[Part, ...]
    """Provinces with a filing for that year."""
    total: Part


def load(conn: sqlite3.Connection, memo: Memo, today: date) -> StatusPage:
    """Read the page's content."""
    found = memo.get("standings", conn, health.standings)
    year = today.year - 1
    parts = tuple(part for part in memo.get("filing by province", conn, filing.by_province) if part.of(year))
    return StatusPage(
        tally=health.tally(found),
        troubled=tuple(one for one in found if one.troubled)[:_TROUBLED],
        oldest=health.oldest(found),
        runs=tuple(health.last_runs(conn, _RUNS)),
        year=year,
        parts=parts,
        total=filing.together(parts),
    )
