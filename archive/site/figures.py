"""The figures of one report with their statuses, read back from the database.

The figure tables hold values and ``cell_notes`` everything that is not a plain
value; put together they are the cells the parser saw.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace

from archive import forms
from archive.site.layout import Layout, Place, layout
from archive.site.rows import Row, many


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell: a number, or none and the reason."""

    table: str
    row: str
    column: str
    value: float | int | None
    status: str
    raw: str | None = None
    """Source text, known for cells that are not plain and for amounts."""
    readings: tuple[str, ...] = ()
    place: str | None = None
    """Where it stands in the original; for a plain cell, where its line stands."""
    note: int | None = None
    """Number of its entry in the list of cells that were not read plainly."""
    unit: str | None = None
    """For a line of an indicator list; other units belong to the column."""
    evidence: str | None = None
    """For a cell that other reports settle: which, and how."""


Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class FigureTable:
    """One statutory table of one report."""

    key: str
    form: str | None
    """Form whose layout is shown; ``None`` if the report has no such table."""
    layout: Layout | None
    figures: Mapping[tuple[str, str], Figure]
    failed_rows: frozenset[str] = frozenset()
    failed_columns: frozenset[str] = frozenset()

    @property
    def noted(self) -> tuple[Figure, ...]:
        """The cells with an entry in the list of notes, in reading order."""
        return tuple(figure for figure in self.figures.values() if figure.note is not None)


def readings(text: str | None) -> tuple[str, ...]:
    """The JSON list of ``cell_notes.readings``; a text that is no JSON list is one reading."""
    if not text:
        return ()
    try:
        found = json.loads(text)
    except ValueError:
        return (text,)
    return tuple(str(item) for item in found) if isinstance(found, list) else (text,)


def _figure(table: str, row: str, column: str, line: Row | None, note: Row | None) -> Figure:
    value = line.get(column) if line is not None else None
    place = line.get("place") if line is not None else None
    raw = line.get("amount_raw") if line is not None and column == "amount" else None
    if note is not None:
        return Figure(
            table,
            row,
            column,
            value,
            note["status"],
            note["raw"],
            readings(note["readings"]),
            note["place"],
            evidence=note["evidence"],
        )
    # A cell without a value and without a note was not stored at all.
    status = "exact" if value is not None else "missing"
    return Figure(table, row, column, value, status, raw=raw, place=place)


def _key_of_form(table: str, declared: str | None, columns: set[str]) -> str:
    """The form to lay a table out by: the declared one, else the one whose columns fit best."""
    if declared in forms.FORM_KEYS:
        return declared

    def fit(key: str) -> int:
        known = {column.key for block in forms.form(key).tables[table].blocks for column in block.columns}
        return len(columns & known)

    return max(forms.FORM_KEYS, key=fit)


def load(conn: sqlite3.Connection, report: Row, table: str, first_note: int) -> FigureTable:
    """One table of a report; its notes are numbered from ``first_note``."""
    lines = {
        row["line"]: row
        for row in many(conn, f"select * from {table} where report = ?", (report["id"],))  # noqa: S608
    }
    notes = {
        (row["line"], row["column_key"]): row
        for row in many(
            conn, "select * from cell_notes where report = ? and table_key = ?", (report["id"], table)
        )
    }
    declared = report[f"{table}_form"]
    if not lines and not notes and declared is None:
        return FigureTable(table, None, None, {})
    valued = {name for row in lines.values() for name, value in row.items() if value is not None}
    form = _key_of_form(table, declared, valued | {column for _, column in notes})
    figures = {
        (row.key, column.key): _figure(
            table, row.key, column.key, lines.get(row.key), notes.get((row.key, column.key))
        )
        for row, column in forms.form(form).tables[table].cells()
    }
    # Cells another form has (a page that mixes two): listed, though its layout has no place for them.
    for (row_key, column_key), note in notes.items():
        figures.setdefault(
            (row_key, column_key), _figure(table, row_key, column_key, lines.get(row_key), note)
        )
    known = {column.key for column in forms.columns(table)}
    for row_key, line in lines.items():
        for column_key in known & line.keys():
            if line[column_key] is not None:
                figures.setdefault((row_key, column_key), _figure(table, row_key, column_key, line, None))
    return _numbered(FigureTable(table, form, layout(table, form), figures), first_note)


def _numbered(table: FigureTable, first: int) -> FigureTable:
    number = first
    numbered: dict[tuple[str, str], Figure] = {}
    for key, figure in table.figures.items():
        if figure.status != "exact":
            figure = replace(figure, note=number)
            number += 1
        numbered[key] = figure
    return replace(table, figures=numbered)


def extra(table: FigureTable) -> tuple[Figure, ...]:
    """Figures the shown layout has no place for."""
    if table.layout is None:
        return ()
    placed = {
        (cell.row, cell.column)
        for body in table.layout.bodies
        for line in body
        for cell in line
        if isinstance(cell, Place)
    }
    return tuple(figure for key, figure in table.figures.items() if key not in placed)
