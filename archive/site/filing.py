"""Who filed in time, late or not at all: counts by province, by part of a division, and issuer by issuer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from archive.site.rows import Row, many, one

#: In the order in which pages list them.
STATUSES = ("filed", "late", "undated", "missing", "blocked")
#: Years a grid shows; older ones are reached by ``year``.
YEARS = 8
#: Issuers a page.
PAGE = 100

#: A division and everything in it, the parameter being its code.
BELOW = (
    "with recursive below(code) as (select ?1 union "
    "select d.code from divisions as d join below on d.parent = below.code)"
)

Counts = Mapping[int, Mapping[str, int]]
"""Year → status → issuers."""


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a summary: a province, or a part of a division."""

    code: str | None
    name: str | None
    counts: Counts

    def of(self, year: int, *statuses: str) -> int:
        """Issuers with one of these statuses; all of them where none is named."""
        found = self.counts.get(year, {})
        return sum(found.get(status, 0) for status in statuses or STATUSES)


@dataclass(frozen=True, slots=True)
class Issuer:
    """One line of the grid: an issuer and its years."""

    row: Row
    years: Mapping[int, Row]


@dataclass(frozen=True, slots=True)
class Grid:
    """A page of issuers × years."""

    issuers: tuple[Issuer, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the grid is narrowed to; ``None`` is everything."""

    year: int | None = None
    status: str | None = None
    kind: str | None = None
    page: int = 1


# From the counts that are kept with every row (``archive.derived.filing``), never by counting here.
_BY_PROVINCE = """
select nullif(province, '') as province, year, nullif(status, '') as status, sum(n) as n
from _count_filing group by 1, 2, 3 having sum(n) > 0"""

_BY_PART = """
with recursive part(code, of) as (
  select ?1, ?1
  union select d.code, case when part.code = ?1 then d.code else part.of end
  from divisions as d join part on d.parent = part.code
)
select part.of as part, c.year, nullif(c.status, '') as status, sum(c.n) as n
from part cross join _count_filing as c on c.division = part.code
group by 1, 2, 3 having sum(c.n) > 0"""


def by_province(conn: sqlite3.Connection) -> tuple[Part, ...]:
    """Every province in the order of the division codes; issuers without one come last."""
    codes = {
        row["name"]: row["code"]
        for row in many(conn, "select name, code from divisions where level = 'province'")
    }
    counted = _counts((row["province"], row) for row in many(conn, _BY_PROVINCE))
    parts = [Part(codes.get(name or ""), name, counts) for name, counts in counted.items()]
    return tuple(sorted(parts, key=lambda part: (part.code is None, part.code or "", part.name or "")))


def by_part(conn: sqlite3.Connection, division: str) -> tuple[Part, ...]:
    """The parts of a division in the order of their codes, its own issuers first."""
    names = {
        row["code"]: row["name"]
        for row in many(conn, "select code, name from divisions where code = ?1 or parent = ?1", (division,))
    }
    counted = _counts((row["part"], row) for row in many(conn, _BY_PART, (division,)))
    return tuple(
        Part(code, names.get(code), counted[code])
        for code in sorted(counted, key=lambda code: (code != division, code))
    )


def _counts(rows: Iterable[tuple[str, Row]]) -> dict[str, dict[int, dict[str, int]]]:
    found: dict[str, dict[int, dict[str, int]]] = {}
    for key, row in rows:
        found.setdefault(key, {}).setdefault(row["year"], {})[row["status"]] = row["n"]
    return found


def together(parts: Sequence[Part]) -> Part:
    """The sum of several parts."""
    total: dict[int, dict[str, int]] = {}
    for part in parts:
        for year, counts in part.counts.items():
            of_year = total.setdefault(year, {})
            for status, n in counts.items():
                of_year[status] = of_year.get(status, 0) + n
    return Part(None, None, total)


def years(parts: Sequence[Part], *, most: int = YEARS) -> tuple[int, ...]:
    """The latest years any part knows of, newest first."""
    return tuple(sorted({year for part in parts for year in part.counts}, reverse=True)[:most])


#: Kinds of issuer in the order in which lists have them.
RANK = (
    "case a.kind when 'government' then 0 when 'office' then 1 when 'department' then 2 "
    "when 'zone' then 3 when 'township' then 4 else 5 end"
)


def grid(conn: sqlite3.Connection, division: str, chosen: Chosen, shown: Sequence[int]) -> Grid:
    """One page of the issuers in a division and below it, with the years ``shown``.

    With a year or status only those issuers to whom it applies in one of the years shown, or
    in that year.
    """
    where, params = ["a.division in (select code from below)"], [division]
    if chosen.kind is not None:
        where.append("a.kind = ?")
        params.append(chosen.kind)
    if chosen.status is not None or chosen.year is not None:
        within = [chosen.year] if chosen.year is not None else list(shown)
        clause = f"select 1 from coverage as c where c.agency = a.id and c.year in ({_marks(within)})"  # noqa: S608
        params += [str(year) for year in within]
        if chosen.status is not None:
            clause += " and c.status = ?"
            params.append(chosen.status)
        where.append(f"exists ({clause})")
    condition = " and ".join(where)
    total = one(conn, f"{BELOW} select count(*) as n from agencies as a where {condition}", params)  # noqa: S608
    rows = many(
        conn,
        f"{BELOW} select a.id, a.name, a.kind, a.division, d.name as division_name "  # noqa: S608
        f"from agencies as a left join divisions as d on d.code = a.division where {condition} "
        f"order by a.division, {RANK}, a.name, a.id limit {PAGE} offset ?",
        [*params, (chosen.page - 1) * PAGE],
    )
    cells = cells_of(conn, [row["id"] for row in rows], shown)
    issuers = tuple(Issuer(row, cells.get(row["id"], {})) for row in rows)
    return Grid(issuers, int(total["n"]) if total else 0, chosen.page)


def cells_of(
    conn: sqlite3.Connection, agencies: Sequence[int], shown: Sequence[int]
) -> dict[int, dict[int, Row]]:
    """Issuer → year → its row of ``coverage``."""
    found: dict[int, dict[int, Row]] = {}
    sql = (
        f"select agency, year, status, report, days_late, deadline, published_on from coverage "  # noqa: S608
        f"where agency in ({_marks(agencies)}) and year in ({_marks(shown)})"
    )
    for row in many(conn, sql, [*agencies, *shown]):
        found.setdefault(row["agency"], {})[row["year"]] = row
    return found


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" for _ in values)


def defaulters(conn: sqlite3.Connection, division: str, year: int, most: int) -> tuple[Row, ...]:
    """Issuers in a division that filed late or not at all for ``year``: those without a report first."""
    sql = f"""{BELOW}
        select a.id, a.name, c.status, c.days_late, c.report, c.published_on
        from below as b cross join agencies as a on a.division = b.code
        cross join coverage as c on c.agency = a.id and c.year = ?2
        where c.status in ('late', 'missing', 'blocked')
        order by c.status = 'late', c.status = 'blocked', c.days_late desc, a.division, a.name limit ?3"""  # noqa: S608
    return tuple(many(conn, sql, (division, year, most)))
