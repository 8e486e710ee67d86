"""The status page: portals by outcome, what is wrong longest, the last runs, filing for the current year.

What is due, and who could not be told, is on it where whoever starts the site can say so
(``archive.outlook``); a published copy cannot.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from archive import health
from archive.health import Issue, Standing
from archive.outlook import Ask
from archive.site import filing
from archive.site.codes import coded
from archive.site.filing import Part
from archive.site.i18n import Words
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


_HAN = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Why:
    """One issue of a portal in the reader's language."""

    said: str
    detail: str
    """What the crawl noted, where it is in that language; empty otherwise. The run's issues have it all."""


def why(words: Words, issue: Issue) -> Why:
    """An issue by its kind. What crawls note of a page is English, what they note of a visit is Chinese."""
    own = bool(_HAN.search(issue.message)) == (words.lang == "zh")
    return Why(words.code("issue", issue.kind), issue.message if own else "")


def ended(words: Words, run: Row) -> str:
    """What a run came to: what it says of its portal, else why it ended."""
    column = "outcome" if run["outcome"] else "finish_reason"
    value = run[column]
    return (coded(words)("runs", column, value) or str(value)) if value else words("standing.open")


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
