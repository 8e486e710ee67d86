"""A page of the reports that have a common word, found by asking one report after the other.

To ask one takes twenty times as long as to put a hit in its place among all hits. So reports are asked, in
the order of the table, where a page is full before that takes longer than putting all hits in order; where
it is not, because the words stand in other reports than one would expect, that is done after all.
"""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Mapping
from typing import Any

from datasette.database import QueryInterrupted
from datasette.utils import sqlite_timelimit

from archive import schema
from archive.derived import counts
from archive.derived.search import TABLE, year_rows
from archive.site.box import Page, columns, limited
from archive.site.having import Words

#: Hits that are put in order in the time in which one report is asked: 6 µs, and 60 to 250.
_TIMES = 20
#: Reports that are asked before it is worked out which way is less work.
_FEW = 100
#: Times as many reports as a page is expected to take before all hits are put in order after all.
_PATIENCE = 3

_HITS = (
    f"select count(*) from (select 1 from {TABLE}"  # noqa: S608 - names of the schema
    f" where {TABLE} match :every and rowid between :first and :last limit :most)"
)
#: Columns in whose order reports are read from an index, as they are or nearly; by others they are sorted.
_READ = {column.name for column in schema.REPORTS.columns if column.indexed} | {
    names[0].removeprefix("-")
    for names in (schema.REPORTS.key, *schema.REPORTS.unique, *schema.REPORTS.indices)
}


class Walk:
    """One page, to be done by ``ends`` (of ``time.perf_counter``)."""

    def __init__(self, page: Page, params: Mapping[str, Any], ends: float) -> None:
        self._page = page
        self._params = {**params, "every": page.every}
        self._words = Words(page.words)
        self._ends = ends
        self.columns: Any = ()

    def of(self, conn: sqlite3.Connection, year: int | None, candidates: str, size: int) -> list[Any]:
        """The first ``size`` rows of a year, or of all; ``candidates`` is how those are asked for that fit
        everything but the words. Raises ``QueryInterrupted`` when time is over.
        """
        try:
            with sqlite_timelimit(conn, max(1, 1000 * (self._ends - time.perf_counter()))):
                return self._rows(conn, year, candidates, size)
        except sqlite3.OperationalError as error:
            if error.args == ("interrupted",):
                raise QueryInterrupted(error, self._page.sql, self._params) from error
            raise

    def _rows(self, conn: sqlite3.Connection, year: int | None, candidates: str, size: int) -> list[Any]:
        params = {**self._params, "of_year": year}
        # One by one, a page is expected to take size * reports / hits; with this many hits that is the less.
        reports = self._reports(conn, year)
        enough = math.isqrt(_TIMES * size * reports) + 1
        if self._page.order in _READ or self._hits(conn, year, enough) == enough:
            patience = _FEW + _PATIENCE * size * reports // enough
            cursor = conn.execute(limited(candidates, patience), params)
            self.columns = cursor.description
            asked, found = 0, []
            for asked, row in enumerate(cursor, 1):
                if self._has(conn, row["id"]):
                    found.append(row)
                if len(found) == size:
                    return found
                if asked == _FEW and not self._words.characters and self._hits(conn, year, enough) < enough:
                    break
            else:
                if asked < patience:
                    return found  # there are no others
        cursor = conn.execute(limited(self._page.gathered(year), size), params)
        self.columns = cursor.description
        return cursor.fetchall()

    def _has(self, conn: sqlite3.Connection, report: int) -> bool:
        # Questions as short as these end before SQLite looks at the clock.
        if time.perf_counter() > self._ends:
            raise sqlite3.OperationalError("interrupted")
        return self._words.of(conn, report)

    def _hits(self, conn: sqlite3.Connection, year: int | None, most: int) -> int:
        first, last = (0, 2**63 - 1) if year is None else year_rows(year)
        values = {"every": self._page.every, "first": first, "last": last, "most": most}
        return int(conn.execute(_HITS, values).fetchone()[0])

    def _reports(self, conn: sqlite3.Connection, year: int | None) -> int:
        """How many there are to ask, as far as counts are kept."""
        filters = {**columns(self._page.filters), **({} if year is None else {"year": year})}
        kept = [column for column in filters if column in schema.REPORTS.facets]
        fits = " and ".join(f"{column} = :{column}" for column in kept)
        sql = f"select coalesce(sum(n), 0) from {counts.name('reports')} where {fits or 1}"  # noqa: S608
        return int(conn.execute(sql, filters).fetchone()[0])
