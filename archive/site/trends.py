"""Sums over many reports, year by year, each with the number of reports it rests on.

A report enters a sum only if every figure the sum takes from it is known; a share is
taken over the reports in which both its parts are known. A year of which no report has
the figure has no sum, which is not the same as 0.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from archive import forms
from archive.site.rows import many

Cell = tuple[str, str]
"""(line, column) of one table."""


def _lines(group: str) -> tuple[Cell, ...]:
    """The totals of the lines of Table 3 under one heading."""
    rows = forms.form("2021").tables["requests"].rows
    return tuple((row.key, "total") for row in rows if row.group == group)


@dataclass(frozen=True, slots=True)
class Measure:
    """What is added up: cells of one table, and what they are a share of."""

    key: str
    table: str
    cells: tuple[Cell, ...]
    whole: Cell | None = None
    """With it the measure is a share in per cent, else a count."""


_CONCLUDED = ("concluded", "total")

MEASURES = (
    Measure("received", "requests", (("received", "total"),)),
    Measure("granted", "requests", (("granted", "total"), ("granted_in_part", "total")), _CONCLUDED),
    Measure("refused", "requests", _lines("refused"), _CONCLUDED),
    Measure("not_held", "requests", (("unavailable_not_held", "total"),), _CONCLUDED),
    Measure("reviews", "reviews", (("reconsideration", "total"),)),
    Measure("reviews_corrected", "reviews", (("reconsideration", "corrected"),)),
    Measure(
        "lawsuits",
        "reviews",
        (("litigation_direct", "total"), ("litigation_after_reconsideration", "total")),
    ),
    Measure(
        "lawsuits_corrected",
        "reviews",
        (("litigation_direct", "corrected"), ("litigation_after_reconsideration", "corrected")),
    ),
)


@dataclass(frozen=True, slots=True)
class Total:
    """A sum over the ``reports`` that have all its parts."""

    value: int | None
    reports: int
    whole: int | None = None
    """For a share: the sum it is a share of, over the same reports."""

    @property
    def percent(self) -> float | None:
        """The share in per cent to one decimal place; ``None`` where there is nothing to share."""
        if self.value is None or not self.whole:
            return None
        return round(100 * self.value / self.whole, 1)


@dataclass(frozen=True, slots=True)
class YearTotals:
    """The sums of one year; ``reports`` are all that are held, whatever they tell."""

    year: int
    reports: int
    sums: Mapping[str, Total] = field(default_factory=dict)

    def of(self, measure: str) -> Total:
        """The sum of one measure; an empty one where no report has it."""
        return self.sums.get(measure, Total(None, 0))


@dataclass(frozen=True, slots=True)
class Scope:
    """Which reports: a condition on ``reports as r`` with its parameters."""

    where: str = "1"
    params: tuple[object, ...] = ()


def province(name: str) -> Scope:
    """The reports of one province."""
    return Scope("r.province = ?", (name,))


def below(division: str) -> Scope:
    """The reports of a division and of every division in it."""
    return Scope(
        "r.division in (with recursive d(code) as (select ? union "
        "select c.code from divisions as c join d on c.parent = d.code) select code from d)",
        (division,),
    )


def totals(conn: sqlite3.Connection, scope: Scope = Scope()) -> tuple[YearTotals, ...]:
    """The sums of every year that has a report in ``scope``, oldest first."""
    held = many(
        conn,
        f"select r.year, count(*) as reports from reports as r where {scope.where} group by r.year",  # noqa: S608
        scope.params,
    )
    sums: dict[int, dict[str, Total]] = {row["year"]: {} for row in held}
    for table in ("requests", "reviews"):
        measures = [measure for measure in MEASURES if measure.table == table]
        for row in many(conn, _sql(table, measures, scope), scope.params):
            for measure in measures:
                sums[row["year"]][measure.key] = Total(
                    row[measure.key], row[f"{measure.key}_reports"], row.get(f"{measure.key}_whole")
                )
    return tuple(
        YearTotals(row["year"], row["reports"], sums[row["year"]])
        for row in sorted(held, key=lambda row: row["year"])
    )


def _sql(table: str, measures: Sequence[Measure], scope: Scope) -> str:
    """One row a year; names come from the forms, never from a request."""
    inner, outer = [], []
    for measure in measures:
        inner.append(f"{_known(measure.cells)} as {measure.key}")
        if measure.whole is None:
            outer.append(
                f"sum({measure.key}) as {measure.key}, count({measure.key}) as {measure.key}_reports"
            )
            continue
        inner.append(f"{_known((measure.whole,))} as {measure.key}_whole")
        both = f"{measure.key} is not null and {measure.key}_whole is not null"
        outer.append(
            f"sum(case when {both} then {measure.key} end) as {measure.key}, "
            f"sum(case when {both} then {measure.key}_whole end) as {measure.key}_whole, "
            f"count(case when {both} then 1 end) as {measure.key}_reports"
        )
    lines = {line for m in measures for line, _ in (*m.cells, *([m.whole] if m.whole else []))}
    wanted = ", ".join(f"'{line}'" for line in sorted(lines))
    # CROSS JOIN and the plus sign: from the reports chosen to all their lines, which lie side by side, and
    # never through the index on line.
    return (
        f"select year, {', '.join(outer)} from ("  # noqa: S608
        f"select r.year as year, {', '.join(inner)} from reports as r "
        f"cross join {table} as f on f.report = r.id "
        f"where {scope.where} and +f.line in ({wanted}) group by r.id"
        ") group by year"
    )


def _known(cells: Sequence[Cell]) -> str:
    """The sum of some cells of one report, null unless all of them are known."""
    columns = {column for _, column in cells}
    assert len(columns) == 1, "a measure takes its cells from one column"
    (column,) = columns
    lines = ", ".join(f"'{line}'" for line, _ in cells)
    figure = f"case when f.line in ({lines}) then f.{column} end"
    return f"case when count({figure}) = {len(cells)} then sum({figure}) end"
