"""Every failed check in the archive, report by report, and how many there are of each kind.

Counts come from a cube (province × year × identity × blame) that is made once for a state
of the file; the list walks an index from the newest year on and stops at the end of a page.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archive.site.memo import Memo
from archive.site.rows import Row, many, one

#: Reports a page: some five screens.
PAGE = 40
#: Of a kind with fewer findings than this the list starts from the findings: walking all reports
#: that fail would meet few of them.
_RARE = 2000

Cube = Mapping[tuple[str | None, int, str, str | None], int]
"""(province, year, identity, blame) → failed checks."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What the list is narrowed to; ``None`` is everything."""

    province: str | None = None
    year: int | None = None
    identity: str | None = None
    blame: str | None = None
    issuer: int | None = None


@dataclass(frozen=True, slots=True)
class After:
    """Where a page begins: behind this report in the order newest year, then greatest id."""

    year: int
    report: int


@dataclass(frozen=True, slots=True)
class Failing:
    """A report with its failed checks that fit."""

    row: Row
    checks: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class FindingsPage:
    """``counts``: dimension → value → failed checks, each under the other filters in force."""

    filter: Filter
    total: int
    counts: Mapping[str, Mapping[object, int]]
    reports: tuple[Failing, ...]
    next: After | None
    issuer: Row | None
    provinces: tuple[str, ...]


_CUBE = """
select r.province, r.year, f.identity, f.blame, count(*) as n
from findings as f cross join reports as r on r.id = f.report
where f.verdict = 'fail' and f.identity is not null group by 1, 2, 3, 4"""


def cube(conn: sqlite3.Connection) -> Cube:
    """All failed checks, counted. Looks at every one of them: its result is kept (``memo``)."""
    return {
        (row["province"], row["year"], row["identity"], row["blame"]): row["n"] for row in many(conn, _CUBE)
    }


_OF_ISSUER = """
select r.province, r.year, f.identity, f.blame, count(*) as n
from reports as r cross join findings as f on f.report = r.id
where r.agency = ? and +f.verdict = 'fail' and +f.identity is not null group by 1, 2, 3, 4"""

#: Order of the kinds of identity: within a report, across years, across issuers, prose, indicator list.
_KINDS = "RVYHNI"


def kind_order(identity: object) -> tuple[int, str]:
    """R1, R2, R3, V1, Y1, … as docs and forms list them."""
    text = str(identity)
    return (_KINDS.find(text[:1]) % (len(_KINDS) + 1), text)


def load(conn: sqlite3.Connection, chosen: Filter, after: After | None, memo: Memo) -> FindingsPage:
    """One page of failed checks."""
    issuer = None
    if chosen.issuer is None:
        counted = memo.get("failed checks", conn, cube)
    else:
        issuer = one(conn, "select id, name from agencies where id = ?", (chosen.issuer,))
        counted = {
            (row["province"], row["year"], row["identity"], row["blame"]): row["n"]
            for row in many(conn, _OF_ISSUER, (chosen.issuer,))
        }
    counts, total = _counts(counted, chosen)
    reports = _reports(conn, chosen, after, rare=total < _RARE) if total else []
    shown = reports[:PAGE]
    more = len(reports) > PAGE
    return FindingsPage(
        filter=chosen,
        total=total,
        counts=counts,
        reports=tuple(Failing(row, _checks(conn, chosen, row["id"])) for row in shown),
        next=After(shown[-1]["year"], shown[-1]["id"]) if more else None,
        issuer=issuer,
        provinces=_provinces(conn, counts["province"]),
    )


def _counts(counted: Cube, chosen: Filter) -> tuple[dict[str, Mapping[object, int]], int]:
    """(dimension → value → failed checks under the other filters, all that fit)."""
    wanted = (chosen.province, chosen.year, chosen.identity, chosen.blame)
    found: tuple[Counter[object], ...] = (Counter(), Counter(), Counter(), Counter())
    total = 0
    for key, n in counted.items():
        off = [at for at in range(4) if wanted[at] is not None and wanted[at] != key[at]]
        if not off:
            total += n
            for at in range(4):
                found[at][key[at]] += n
        elif len(off) == 1:  # fits but for this dimension's own filter
            found[off[0]][key[off[0]]] += n
    return dict(zip(("province", "year", "identity", "blame"), found, strict=True)), total


def _provinces(conn: sqlite3.Connection, found: Mapping[object, int]) -> tuple[str, ...]:
    """Those with findings, in the order of their codes."""
    order = {
        row["name"]: row["code"]
        for row in many(conn, "select name, code from divisions where level = 'province'")
    }
    return tuple(sorted((str(name) for name in found if name), key=lambda name: order.get(name, "~")))


def _reports(conn: sqlite3.Connection, chosen: Filter, after: After | None, *, rare: bool) -> list[Row]:
    """Reports with a failed check that fits, newest first, one more than a page has.

    ``rare``: there are so few findings in the whole country that they are all looked up; else the
    reports that fail are walked from the newest on.
    """
    where: list[str] = []
    params: list[object] = []
    for column, value in (("province", chosen.province), ("year", chosen.year), ("agency", chosen.issuer)):
        if value is not None:
            where.append(f"r.{column} = ?")
            params.append(value)
    if after is not None and chosen.year is not None:
        where.append("r.id < ?")
        params.append(after.report)
    elif after is not None:
        where.append("(r.year, r.id) < (?, ?)")
        params += [after.year, after.report]
    if rare and (chosen.issuer, chosen.province, chosen.year) == (None, None, None):
        checks, of_checks = _condition(chosen)
        source = f"(select distinct f.report from findings as f where {checks}) as f cross join reports as r on r.id = f.report"  # noqa: E501, S608
        params = [*of_checks, *params]
    else:
        source = "reports as r"
        where.append("r.verdict = 'fail'")
        checks, of_checks = _condition(chosen, of_report=True)
        where.append(f"exists (select 1 from findings as f where f.report = r.id and {checks})")  # noqa: S608
        params += of_checks
    condition = f"where {' and '.join(where)}" if where else ""
    sql = (
        "select r.id, r.title, r.year, r.province, r.agency, r.document, a.name as agency_name "  # noqa: S608
        f"from (select r.* from {source} {condition} order by r.year desc, r.id desc limit {PAGE + 1}) as r "
        "left join agencies as a on a.id = r.agency order by r.year desc, r.id desc"
    )
    return many(conn, sql, params)


def _condition(chosen: Filter, *, of_report: bool = False) -> tuple[str, list[object]]:
    """The failed checks that fit, as a condition on ``findings as f``.

    ``of_report``: those of a given report, which its key finds; the plus signs keep SQLite from
    walking every failed check there is instead.
    """
    plus = "+" if of_report else ""
    where, params = [f"{plus}f.verdict = 'fail'", f"{plus}f.identity is not null"], []
    for column, value in (("identity", chosen.identity), ("blame", chosen.blame)):
        if value is not None:
            where.append(f"{plus}f.{column} = ?")
            params.append(value)
    return " and ".join(where), list(params)


def _checks(conn: sqlite3.Connection, chosen: Filter, report: int) -> tuple[Row, ...]:
    condition, params = _condition(chosen, of_report=True)
    sql = f"select f.* from findings as f where f.report = ? and {condition} order by f.number"  # noqa: S608
    return tuple(many(conn, sql, [report, *params]))


def sort_kinds(found: Mapping[object, int]) -> Sequence[object]:
    """The kinds of identity in their order."""
    return sorted(found, key=kind_order)
