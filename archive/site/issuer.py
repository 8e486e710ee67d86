"""The page of one issuer: its reports of all years side by side."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archive import forms
from archive.site.figures import readings
from archive.site.i18n import Words
from archive.site.rows import Row, many, one
from archive.site.words import label


@dataclass(frozen=True, slots=True)
class Value:
    """A figure, a sum or a share of one year; without a number, the status of the cell that lacks it."""

    value: float | int | None
    status: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One key figure over the years."""

    label: str
    unit: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Key figures of one statutory table."""

    table: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class IssuerPage:
    """One issuer. ``years`` has one entry a report or known gap, oldest first."""

    row: Row
    aliases: tuple[str, ...]
    years: tuple[Row, ...]
    cells: Mapping[tuple[int, str, str, str], Value]
    """(report, table, line, column) → value."""

    @property
    def reports(self) -> int:
        return sum(year["report"] is not None for year in self.years)


_AGENCY = """
select a.*, d.full_name as division_name
from agencies as a left join divisions as d on d.code = a.division where a.id = ?"""

#: Years with a report and years the coverage knows of without one.
_YEARS = """
select y.year, r.id as report, r.title, r.published_on, r.form, r.verdict, r.checks_failed,
  r.checks_passed, r.checks_not_assessable, c.status as coverage, c.deadline, c.days_late
from (
  select year from reports where agency = :agency union select year from coverage where agency = :agency
) as y
left join reports as r on r.agency = :agency and r.year = y.year
left join coverage as c on c.agency = :agency and c.year = y.year
order by y.year"""


def load(conn: sqlite3.Connection, agency: int) -> IssuerPage | None:
    """The page of the issuer with this id, or ``None``."""
    row = one(conn, _AGENCY, (agency,))
    if row is None:
        return None
    cells: dict[tuple[int, str, str, str], Value] = {}
    for table in forms.TABLES:
        found = many(
            conn,
            f"select f.* from {table} as f join reports as r on r.id = f.report where r.agency = ?",  # noqa: S608
            (agency,),
        )
        for line in found:
            for column in forms.columns(table):
                if line[column.key] is not None:
                    cells[line["report"], table, line["line"], column.key] = Value(line[column.key], "exact")
    notes = many(
        conn,
        "select n.* from cell_notes as n join reports as r on r.id = n.report where r.agency = ?",
        (agency,),
    )
    for note in notes:
        key = (note["report"], note["table_key"], note["line"], note["column_key"])
        value = cells[key].value if key in cells else None
        cells[key] = Value(value, note["status"])
    years = tuple(many(conn, _YEARS.replace(":agency", "?1"), (agency,)))
    return IssuerPage(row, readings(row["aliases"]), years, cells)


def _cell(page: IssuerPage, report: int | None, table: str, line: str, column: str) -> Value:
    if report is None:
        return Value(None, None)
    return page.cells.get((report, table, line, column), Value(None, None))


def _sum(values: Sequence[Value]) -> Value:
    """The sum where every part is known, else no number and the first reason why not."""
    total: float | int = 0
    for value in values:
        if value.value is None:
            return Value(None, value.status)
        total += value.value
    inferred = any(value.status == "inferred" for value in values)
    return Value(total, "inferred" if inferred else "exact")


def _share(granted: Value, concluded: Value) -> Value:
    """Per cent to one decimal place; none where nothing was concluded."""
    if granted.value is None:
        return granted
    if not concluded.value:
        return Value(None, concluded.status if concluded.value is None else None)
    inferred = "inferred" in (granted.status, concluded.status)
    return Value(round(100 * granted.value / concluded.value, 1), "inferred" if inferred else "exact")


#: Lines of Table 3 by the heading they stand under.
_SUMS = ("refused", "unavailable", "unprocessed")

_REVIEWS = (
    ("reconsideration", "total"),
    ("reconsideration", "corrected"),
    ("litigation_direct", "total"),
    ("litigation_direct", "corrected"),
    ("litigation_after_reconsideration", "total"),
    ("litigation_after_reconsideration", "corrected"),
)


def groups(page: IssuerPage, words: Words) -> tuple[Group, ...]:
    """The key figures in words of one language; a line no year has a value or a status for is left out."""
    reports = [year["report"] for year in page.years]

    def single(table: str, row: str, column: str, text: str, unit: str = "件") -> Line:
        return Line(text, unit, tuple(_cell(page, report, table, row, column) for report in reports))

    def total(row: str) -> tuple[Value, ...]:
        return single("requests", row, "total", "").values

    def heading(group: str) -> Line:
        keys = [row.key for row in forms.form("2021").tables["requests"].rows if row.group == group]
        parts = [total(key) for key in keys]
        return Line(
            words(f"issuer.{group}"), "件", tuple(_sum(list(year)) for year in zip(*parts, strict=True))
        )

    def requests(row: str) -> Line:
        return single("requests", row, "total", label(words, "requests", "row", row))

    granted = [_sum(parts) for parts in zip(total("granted"), total("granted_in_part"), strict=True)]
    share = tuple(_share(g, c) for g, c in zip(granted, total("concluded"), strict=True))
    applications = (
        *(requests(row) for row in ("received", "carried_in", "granted", "granted_in_part")),
        *(heading(group) for group in _SUMS),
        *(requests(row) for row in ("concluded", "carried_out")),
        Line(words("issuer.share"), "%", share),
    )
    reviews = tuple(
        single(
            "reviews",
            row,
            column,
            f"{label(words, 'reviews', 'row', row)} · {label(words, 'reviews', 'column', column)}",
        )
        for row, column in _REVIEWS
    )
    disclosure = tuple(
        single(
            "disclosure",
            row.key,
            column.key,
            f"{words.pick(row.zh, row.en)} · {words.pick(column.zh, column.en)}",
            column.unit,
        )
        for row, column in _disclosure_cells()
    )
    found = (Group("requests", applications), Group("reviews", reviews), Group("disclosure", disclosure))
    return tuple(Group(g.table, tuple(line for line in g.lines if _has_any(line))) for g in found)


def _disclosure_cells() -> list[tuple[forms.Term, forms.Term]]:
    """Cells of Table 2 of every form, today's first, each once."""
    cells: dict[tuple[str, str], tuple[forms.Term, forms.Term]] = {}
    for form in reversed(forms.forms()):
        for row, column in form.tables["disclosure"].cells():
            cells.setdefault((row.key, column.key), (row, column))
    return list(cells.values())


def _has_any(line: Line) -> bool:
    return any(value.value is not None or value.status is not None for value in line.values)
