"""The indicator list of one report (form 2014), as a table of the report page."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from archive.forms import indicators as form
from archive.site.figures import Figure, FigureTable, readings
from archive.site.i18n import Words
from archive.site.layout import Head, Layout, Line, Place
from archive.site.rows import Row, many

#: Column of a figure → column of the database.
_COLUMNS = {"year": "year_value", "cumulative": "cumulative"}


def load(conn: sqlite3.Connection, report: int, declared: str | None, first_note: int) -> FigureTable | None:
    """The list of a report, its notes numbered from ``first_note``; ``None`` where it has none."""
    rows = many(conn, "select * from indicators where report = ? order by number", (report,))
    if not rows:
        return None
    notes = {
        (note["line"], note["column_key"]): note
        for note in many(
            conn, "select * from cell_notes where report = ? and table_key = ?", (report, form.TABLE)
        )
    }
    columns = _columns(rows, notes)
    figures: dict[tuple[str, str], Figure] = {}
    number = first_note
    for row in rows:
        for column in columns:
            figure = _figure(row, column, notes.get((row["line"], column)), number)
            number += figure.note is not None
            figures[row["line"], column] = figure
    own = declared != form.NATIONAL
    return FigureTable(form.TABLE, declared, layout(rows, columns, own_order=own), figures)


def _columns(rows: Sequence[Row], notes: dict[tuple[str, str], Row]) -> tuple[str, ...]:
    cumulative = any(row["cumulative"] is not None for row in rows) or any(
        c == "cumulative" for _, c in notes
    )
    return ("year", "cumulative") if cumulative else ("year",)


def _figure(row: Row, column: str, note: Row | None, number: int) -> Figure:
    value = row[_COLUMNS[column]]
    if note is not None:
        return Figure(
            form.TABLE, row["line"], column, value, note["status"], note["raw"],
            readings(note["readings"]), note["place"], number, row["unit"],
        )  # fmt: skip
    if value is None:  # without a note the cell was not stored at all
        return Figure(form.TABLE, row["line"], column, None, "missing", note=number, unit=row["unit"])
    raw = row["raw"] if column == "year" else None
    return Figure(form.TABLE, row["line"], column, value, "exact", raw, place=row["place"], unit=row["unit"])


def layout(rows: Sequence[Row], columns: Sequence[str], *, own_order: bool) -> Layout:
    """Label, unit and figures; the form's headings stand above the first line of theirs.

    ``own_order``: a province's own list has neither these headings nor their depths.
    """
    national = form.national()
    terms = {term.key: term for term in national.columns}
    head: Line = (
        Head("统计指标", "Indicator", "col"),
        Head("单位", "Unit", "col"),
        *(Head(terms[column].zh, terms[column].en, "col", column=column) for column in columns),
    )
    english = Words("en")
    width = len(head)
    body: list[Line] = []
    shown: set[str] = set()
    for row in rows:
        if not own_order:
            body += [(_label(heading, "colgroup", width),) for heading in _headings(row["key"], shown)]
        unit = row["unit"] or ""
        label = _source_label(row) if own_order or row["key"] is None else _label(row["key"], "row", 1)
        places = (Place(row["line"], column) for column in columns)
        body.append((label, Head(unit, english.code("unit", unit) if unit else "", "row"), *places))
    return Layout((head,), (tuple(body),), width)


def _headings(key: str | None, shown: set[str]) -> Iterator[str]:
    """Headings a line stands beneath that were not shown yet, the uppermost first."""
    national = form.national()
    above = []
    line = national.lines.get(key) if key else None
    while line is not None and line.under is not None:
        line = national.lines[line.under]
        if line.heading and line.key not in shown:
            above.append(line.key)
            shown.add(line.key)
    yield from reversed(above)


def _source_label(row: Row) -> Head:
    """The line as the source writes it; in English as the form has it, where the form has it."""
    line = form.national().lines.get(row["key"]) if row["key"] else None
    return Head(row["label"], line.en if line else row["label"], "row", row=row["line"])


def _label(key: str, scope: str, colspan: int) -> Head:
    national = form.national()
    line = national.lines[key]
    # An ideographic space a level, as the printed form indents.
    indent = "\u3000" * national.depth(key)
    if scope == "colgroup":
        return Head(indent + line.full, indent + line.en, "colgroup", colspan)
    return Head(indent + line.full, indent + line.en, "row", row=key)
