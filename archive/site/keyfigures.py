"""The key figures of one issuer over its years: cells of the tables, sums of theirs and shares."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from archive import forms
from archive.forms import indicators
from archive.site.i18n import Words
from archive.site.rows import many
from archive.site.words import label


@dataclass(frozen=True, slots=True)
class Value:
    """A figure, a sum or a share of one year; without a number, the status of the cell that lacks it."""

    value: float | int | None
    status: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One key figure over the years."""

    key: str
    """``requests.received.total`` for a cell, ``requests.refused`` for a sum, ``…_share`` for a share."""
    label: str
    unit: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Key figures of one statutory table."""

    table: str
    lines: tuple[Line, ...]


Cells = Mapping[tuple[int, str, str, str], Value]
"""(report, table, line, column) → value."""

NONE = Value(None, None)


def cells(conn: sqlite3.Connection, agency: int) -> Cells:
    """Every cell of the statutory tables of all reports of one issuer."""
    found: dict[tuple[int, str, str, str], Value] = {}
    for table in forms.TABLES:
        columns = [column.key for column in forms.columns(table)]
        rows = many(
            conn,
            f"select f.* from {table} as f join reports as r on r.id = f.report where r.agency = ?",  # noqa: S608
            (agency,),
        )
        for row in rows:
            for column in columns:
                if row[column] is not None:
                    found[row["report"], table, row["line"], column] = Value(row[column], "exact")
    notes = many(
        conn,
        "select n.report, n.table_key, n.line, n.column_key, n.status "
        "from cell_notes as n join reports as r on r.id = n.report where r.agency = ?",
        (agency,),
    )
    for note in notes:
        key = (note["report"], note["table_key"], note["line"], note["column_key"])
        found[key] = Value(found[key].value if key in found else None, note["status"])
    return found | _listed(conn, agency)


def _listed(conn: sqlite3.Connection, agency: int) -> dict[tuple[int, str, str, str], Value]:
    """The figures of the year in the indicator lists of 2014 to 2018."""
    rows = many(
        conn,
        "select i.report, i.key, i.year_value, i.status "
        "from indicators as i join reports as r on r.id = i.report where r.agency = ? and i.key is not null",
        (agency,),
    )
    return {
        (row["report"], indicators.TABLE, row["key"], "year"): Value(row["year_value"], row["status"])
        for row in rows
    }


def total(values: Iterable[Value]) -> Value:
    """The sum where every part is known, else no number and the first reason why not."""
    found = list(values)
    summed: float | int = 0
    for value in found:
        if value.value is None:
            return Value(None, value.status)
        summed += value.value
    inferred = any(value.status == "inferred" for value in found)
    return Value(summed, "inferred" if inferred else "exact")


def share(part: Value, whole: Value) -> Value:
    """Per cent to one decimal place; none where the whole is 0."""
    if part.value is None:
        return part
    if not whole.value:
        return Value(None, whole.status if whole.value is None else None)
    inferred = "inferred" in (part.status, whole.status)
    return Value(round(100 * part.value / whole.value, 1), "inferred" if inferred else "exact")


#: Lines of Table 3 by the heading they stand under.
_SUMS = ("refused", "unavailable", "unprocessed")
_LAWSUITS = ("litigation_direct", "litigation_after_reconsideration")
#: Of the list of 2014 what the later tables ask too, as far as it goes.
_LISTED = (
    *("applications", "closed", "answers", "answers_granted", "answers_granted_in_part", "answers_refused"),
    *("reconsiderations", "reconsiderations_corrected", "lawsuits", "lawsuits_corrected"),
    *("disclosed_items", "normative_issued"),
)
_REVIEWS = tuple(
    (row, column) for row in ("reconsideration", *_LAWSUITS) for column in ("total", "corrected")
)


def groups(found: Cells, reports: Sequence[int | None], words: Words) -> tuple[Group, ...]:
    """The key figures of some reports side by side, in words of one language.

    ``None`` stands for a year without a report. A line that has neither value nor status
    in any of them is left out.
    """

    def cell(table: str, row: str, column: str = "total") -> tuple[Value, ...]:
        return tuple(NONE if r is None else found.get((r, table, row, column), NONE) for r in reports)

    def added(table: str, rows: Iterable[str], column: str = "total") -> tuple[Value, ...]:
        return tuple(total(year) for year in zip(*(cell(table, row, column) for row in rows), strict=True))

    def shares(part: Sequence[Value]) -> tuple[Value, ...]:
        return tuple(share(*pair) for pair in zip(part, cell("requests", "concluded"), strict=True))

    def requests(row: str) -> Line:
        text = label(words, "requests", "row", row)
        return Line(f"requests.{row}.total", text, "件", cell("requests", row))

    def heading(group: str) -> Line:
        rows = [row.key for row in forms.form("2021").tables["requests"].rows if row.group == group]
        return Line(f"requests.{group}", words(f"issuer.{group}"), "件", added("requests", rows))

    sums = {group: heading(group) for group in _SUMS}
    granted = added("requests", ("granted", "granted_in_part"))
    applications = (
        *(requests(row) for row in ("received", "carried_in", "granted", "granted_in_part")),
        *sums.values(),
        *(requests(row) for row in ("concluded", "carried_out")),
        Line("requests.granted_share", words("issuer.share"), "%", shares(granted)),
        Line("requests.refused_share", words("issuer.share.refused"), "%", shares(sums["refused"].values)),
        Line(
            "requests.not_held_share",
            words("issuer.share.not_held"),
            "%",
            shares(cell("requests", "unavailable_not_held")),
        ),
    )
    reviews = [
        Line(
            f"reviews.{row}.{column}",
            f"{label(words, 'reviews', 'row', row)} · {label(words, 'reviews', 'column', column)}",
            "件",
            cell("reviews", row, column),
        )
        for row, column in _REVIEWS
    ]
    reviews += [
        Line(
            f"reviews.lawsuits_{column}",
            words(f"issuer.lawsuits.{column}"),
            "件",
            added("reviews", _LAWSUITS, column),
        )
        for column in ("total", "corrected")
    ]
    disclosure = tuple(
        Line(
            f"disclosure.{row.key}.{column.key}",
            f"{words.pick(row.zh, row.en)} · {words.pick(column.zh, column.en)}",
            column.unit,
            cell("disclosure", row.key, column.key),
        )
        for row, column in _disclosure_cells()
    )
    listed = tuple(
        Line(
            f"indicators.{key}.year",
            label(words, indicators.TABLE, "row", key).strip(),
            indicators.national().lines[key].unit or "",
            cell(indicators.TABLE, key, "year"),
        )
        for key in _LISTED
    )
    made = (
        Group("requests", applications),
        Group("reviews", tuple(reviews)),
        Group("disclosure", disclosure),
        Group(indicators.TABLE, listed),
    )
    return tuple(Group(group.table, tuple(filter(_has_any, group.lines))) for group in made)


def line(found: Iterable[Group], key: str) -> Line | None:
    """The line with this key, or ``None``."""
    return next((one for group in found for one in group.lines if one.key == key), None)


def _disclosure_cells() -> list[tuple[forms.Term, forms.Term]]:
    """Cells of Table 2 of every form, today's first, each once."""
    known: dict[tuple[str, str], tuple[forms.Term, forms.Term]] = {}
    for form in reversed(forms.forms()):
        for row, column in form.tables["disclosure"].cells():
            known.setdefault((row.key, column.key), (row, column))
    return list(known.values())


def _has_any(one: Line) -> bool:
    return any(value.value is not None or value.status is not None for value in one.values)
