"""The page of one division: its issuers, who filed when, the parts it has, and its trends."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from archive.site import filing, totals
from archive.site.filing import BELOW, Part
from archive.site.memo import Memo
from archive.site.rows import Row, many, one

#: Issuers listed on the page; the coverage page has them all.
_ISSUERS = 200
#: Issuers that filed late or not at all, listed on the page.
_LATE = 30
#: Levels above a division: a zone lies in a county, that in a prefecture, that in a province.
_DEPTH = 6


@dataclass(frozen=True, slots=True)
class DivisionPage:
    """One division. ``parts`` are its sub-divisions, ``issuers`` those of its own level."""

    row: Row
    above: tuple[Row, ...]
    """The divisions it lies in, the uppermost first."""
    parts: tuple[Row, ...]
    issuers: tuple[Row, ...]
    counts: Row
    """Issuers and reports, all parts included; issuers of its own level."""
    filed: Part
    trends: tuple[totals.Group, ...]
    year: int | None
    """The year whose late and missing reports are listed."""
    late: tuple[Row, ...]

    @property
    def years(self) -> tuple[int, ...]:
        """Years known of, oldest first."""
        return tuple(sorted(self.filed.counts))


_PARTS = """
with recursive part(code, of) as (
  select code, code from divisions where parent = ?1
  union select d.code, part.of from divisions as d join part on d.parent = part.code
)
select d.code, d.name, d.level,
  sum((select count(*) from agencies as a where a.division = part.code)) as issuers,
  sum((select count(*) from reports as r where r.division = part.code)) as reports
from part join divisions as d on d.code = part.of
group by part.of order by part.of"""

_COUNTS = f"""{BELOW}
select sum((select count(*) from agencies as a where a.division = b.code)) as issuers,
  sum((select count(*) from reports as r where r.division = b.code)) as reports,
  (select count(*) from agencies as a where a.division = ?1) as own
from below as b"""  # noqa: S608 - our own text

_ISSUERS_SQL = f"""
select a.id, a.name, a.kind,
  (select count(*) from reports as r where r.agency = a.id) as reports,
  (select min(r.year) from reports as r where r.agency = a.id) as first_year,
  (select max(r.year) from reports as r where r.agency = a.id) as last_year
from agencies as a where a.division = ?
order by {filing.RANK}, a.name limit ?"""  # noqa: S608 - our own text


def load(conn: sqlite3.Connection, code: str, memo: Memo, year: int | None = None) -> DivisionPage | None:
    """The page of the division with this code, or ``None``.

    ``year`` chooses whose late reports are listed; without it the latest year known of does.
    """
    row = one(conn, "select * from divisions where code = ?", (code,))
    if row is None:
        return None
    filed = filing.together(filing.by_part(conn, code))
    known = filing.years([filed])
    chosen = year if year in filed.counts else (known[0] if known else None)
    return DivisionPage(
        row=row,
        above=above(conn, row),
        parts=tuple(many(conn, _PARTS, (code,))),
        issuers=tuple(many(conn, _ISSUERS_SQL, (code, _ISSUERS))),
        counts=one(conn, _COUNTS, (code,)) or {},
        filed=filed,
        trends=memo.get(f"trends {code}", conn, lambda conn: tuple(totals.of_division(conn, code))),
        year=chosen,
        late=() if chosen is None else filing.defaulters(conn, code, chosen, _LATE),
    )


def above(conn: sqlite3.Connection, row: Row) -> tuple[Row, ...]:
    """The divisions that one lies in, the uppermost first."""
    found: list[Row] = []
    parent = row["parent"]
    while parent is not None and len(found) < _DEPTH:
        higher = one(conn, "select code, name, parent from divisions where code = ?", (parent,))
        if higher is None:
            break
        found.insert(0, higher)
        parent = higher["parent"]
    return tuple(found)


# From the counts that are kept with every row (``archive.derived.counts``).
_PROVINCES = """
select d.code, d.name, d.level,
  (select coalesce(sum(n), 0) from _count_agencies as a where a.province = d.name) as issuers,
  (select coalesce(sum(n), 0) from _count_reports as r where r.province = d.name) as reports
from divisions as d where d.parent is null order by d.code"""


def provinces(conn: sqlite3.Connection) -> tuple[Row, ...]:
    """The uppermost divisions with how many issuers and reports the archive has of each."""
    return tuple(many(conn, _PROVINCES))
