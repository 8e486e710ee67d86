"""The page of one issuer: its reports of all years side by side, and who stands below it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from archive.site import carried
from archive.site.figures import readings
from archive.site.keyfigures import Cells, cells
from archive.site.rows import Row, many, one

#: Subordinate issuers listed: a prefecture's departments and counties, and then some.
_SUBORDINATES = 200


@dataclass(frozen=True, slots=True)
class IssuerPage:
    """One issuer. ``years`` has one entry a report or known gap, oldest first."""

    row: Row
    aliases: tuple[str, ...]
    years: tuple[Row, ...]
    cells: Cells
    carried: tuple[carried.Year, ...]
    failures: int
    """Failed checks in all its reports."""
    subordinates: tuple[Row, ...]
    more: bool
    """Whether there are more subordinates than are listed."""

    @property
    def reports(self) -> int:
        return sum(year["report"] is not None for year in self.years)

    @property
    def late(self) -> tuple[Row, ...]:
        """Years filed late, newest first."""
        return tuple(year for year in reversed(self.years) if year["coverage"] == "late")

    def lacking(self, status: str) -> tuple[int, ...]:
        """Years with this status (``missing``, ``blocked`` or ``undated``), newest first."""
        return tuple(year["year"] for year in reversed(self.years) if year["coverage"] == status)


_AGENCY = """
select a.*, d.full_name as division_name
from agencies as a left join divisions as d on d.code = a.division where a.id = ?"""

#: Years with a report and years the coverage knows of without one.
_YEARS = """
select y.year, r.id as report, r.title, r.published_on, r.form, r.verdict, r.checks_failed,
  r.checks_passed, r.checks_not_assessable, c.status as coverage, c.deadline, c.days_late
from (
  select year from reports where agency = ?1 union select year from coverage where agency = ?1
) as y
left join reports as r on r.agency = ?1 and r.year = y.year
left join coverage as c on c.agency = ?1 and c.year = y.year
order by y.year"""

_FAILURES = """
select count(*) as n from reports as r cross join findings as f on f.report = r.id
where r.agency = ? and +f.verdict = 'fail' and +f.identity is not null"""

#: The same as those whose figures a consolidated report adds up (``overlay.subordinates``): issuers
#: of its division, and the governments and zones of the divisions right below.
_BELOW = """
select id, name, kind,
  (select count(*) from reports as r where r.agency = a.id) as reports,
  (select max(r.year) from reports as r where r.agency = a.id) as last_year
from (
  select a.id, a.name, a.kind, 0 as lower, a.division from agencies as a where a.division = ?1 and a.id <> ?2
  union all
  select a.id, a.name, a.kind, 1, a.division
  from divisions as d cross join agencies as a on a.division = d.code
  where d.parent = ?1 and a.kind in ('government', 'zone')
) as a
order by lower, case kind when 'office' then 0 else 1 end, division, name limit ?3"""


def load(conn: sqlite3.Connection, agency: int) -> IssuerPage | None:
    """The page of the issuer with this id, or ``None``."""
    row = one(conn, _AGENCY, (agency,))
    if row is None:
        return None
    years = tuple(many(conn, _YEARS, (agency,)))
    found = cells(conn, agency)
    below = (
        many(conn, _BELOW, (row["division"], agency, _SUBORDINATES + 1))
        if row["kind"] == "government" and row["division"]
        else []
    )
    failures = one(conn, _FAILURES, (agency,))
    return IssuerPage(
        row=row,
        aliases=readings(row["aliases"]),
        years=years,
        cells=found,
        carried=carried.load(conn, agency, years, found),
        failures=int(failures["n"]) if failures else 0,
        subordinates=tuple(below[:_SUBORDINATES]),
        more=len(below) > _SUBORDINATES,
    )
