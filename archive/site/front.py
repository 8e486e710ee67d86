"""What the front page tells: how much the archive holds, from where and for which years."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from archive import schema
from archive.derived import counts
from archive.site.rows import Row, many, one

#: Reports listed on the front page: about a screen.
_LATEST = 12


@dataclass(frozen=True, slots=True)
class FrontPage:
    """Counts, the matrix of provinces × years, and the reports published last."""

    counts: Row
    last_crawl: str | None
    years: tuple[int, ...]
    """Newest first."""
    matrix: Mapping[str | None, Mapping[int, int]]
    """Province → year → reports; the province is ``None`` where it is not known."""
    latest: tuple[Row, ...]
    tables: tuple[tuple[schema.TableDef, int], ...]
    codes: Mapping[str, str]
    """Province → division code."""

    def total(self, province: str | None) -> int:
        """Reports of one province over all years."""
        return sum(self.matrix[province].values())

    def of_year(self, year: int) -> int:
        """Reports of one year over all provinces."""
        return sum(row.get(year, 0) for row in self.matrix.values())


# From the counts and sums that are kept with every row (``archive.derived``), never by counting here.
# The store enters an issuer with its first report and takes it out with its last.
_COUNTS = """
select (select coalesce(sum(reports), 0) from totals) as reports,
  (select coalesce(sum(n), 0) from _count_agencies) as issuers,
  (select min(year) from totals) as first_year, (select max(year) from totals) as last_year,
  (select count(distinct province) from totals where province <> '') as provinces,
  (select coalesce(sum(figures), 0) from totals) as figures"""

_MATRIX = """
select nullif(province, '') as province, year, sum(reports) as reports from totals group by province, year"""

_LATEST_SQL = """
select r.id, r.title, r.year, r.province, r.published_on, r.verdict, r.agency, a.name as agency_name
from reports as r left join agencies as a on a.id = r.agency
order by r.published_on desc, r.id limit ?"""


def load(conn: sqlite3.Connection) -> FrontPage:
    """Read the front page's content."""
    matrix: dict[str | None, dict[int, int]] = {}
    for row in many(conn, _MATRIX):
        matrix.setdefault(row["province"], {})[row["year"]] = row["reports"]
    # Provinces in the order of their division codes, as Chinese statistics list them.
    order = {
        row["name"]: row["code"]
        for row in many(conn, "select name, code from divisions where level = 'province'")
    }
    ranked = sorted(matrix, key=lambda p: (p is None, order.get(p or "", "~"), p or ""))
    last = one(conn, "select max(finished_at) as time from runs")
    counts = one(conn, _COUNTS)
    return FrontPage(
        counts=counts or {},
        last_crawl=last["time"] if last else None,
        years=tuple(sorted({year for row in matrix.values() for year in row}, reverse=True)),
        matrix={province: matrix[province] for province in ranked},
        latest=tuple(many(conn, _LATEST_SQL, (_LATEST,))),
        tables=tuple((table, _count(conn, table.name)) for table in schema.TABLES),
        codes=order,
    )


def _count(conn: sqlite3.Connection, table: str) -> int:
    # Names come from the schema, never from a request.
    found = one(conn, f"select coalesce(sum(n), 0) as n from {counts.name(table)}")  # noqa: S608
    return int(found["n"]) if found else 0
