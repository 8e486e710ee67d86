"""All figures of all reports in one tidy table: one row a cell, with its status.

The figure tables hold values and ``cell_notes`` everything that is not a plain value;
put together they are the cells the parser saw, so a report has as many rows here as
its ``cells`` says.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from archive import forms, schema
from archive.forms import indicators
from archive.schema import Column, TableDef

#: Column of a figure → column of the table ``indicators``.
_INDICATOR_COLUMNS = {"year": "year_value", "cumulative": "cumulative"}
#: The largest whole number up to which a double holds every one (IEEE 754: 53 bits).
_EXACT = 2**53
#: Rows a piece, at least.
_ROWS = 2000

FIGURES = TableDef(
    "figures",
    "全部数字（长表）",
    "All figures, one row a cell",
    (
        Column("report", "integer", "年度报告", "Report", references="reports", required=True),
        Column("issuer", "text", "发布机关", "Issuer's name", required=True),
        Column("division", "text", "所属区划", "Division code", references="divisions"),
        Column("year", "integer", "年度", "Year reported on", required=True),
        Column("form", "text", "表格格式", "Statutory form of the table: 2014, provincial, 2019 or 2021"),
        Column("table", "text", "表", "disclosure, requests, reviews or indicators", required=True),
        Column("row", "text", "行目", "Line of the form", references="lines", required=True),
        Column("column", "text", "列目", "Column of the form", required=True),
        Column("value", "real", "数值", "The figure; empty where it is not known, never 0 for that"),
        Column("unit", "text", "单位", "What the figure counts"),
        Column("status", "text", "状态", "exact or inferred, else why there is no figure", required=True),
        Column(
            "raw",
            "text",
            "原文",
            "Text of the cell as the source has it; empty for plain counts, whose text is the figure",
        ),
        Column(
            "where",
            "text",
            "原件位置",
            "Where it stands in the original, or where its line does",
        ),
        Column(
            "document",
            "integer",
            "原件",
            "Archived original it was read from",
            references="documents",
        ),
    ),
    key=("report", "table", "row", "column"),
)

Row = tuple[Any, ...]
#: Of one cell: value, unit, raw text, place.
_Cell = tuple[int | float | None, str | None, str | None, str | None]


class _Groups:
    """Rows that come sorted by report, given out report by report as the reports are gone through."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def take(self, report: int) -> list[Row]:
        """The rows of one report, without its id."""
        found = []
        while self._next is not None and self._next[0] == report:
            found.append(self._next[1:])
            self._next = next(self._rows, None)
        return found


def _select(conn: sqlite3.Connection, table: str, columns: Sequence[str]) -> _Groups:
    chosen = ", ".join(f'"{name}"' for name in ("report", *columns))
    sql = f'select {chosen} from "{table}" order by {", ".join(schema.table(table).key)}'  # noqa: S608
    return _Groups(iter(conn.execute(sql)))


def read(conn: sqlite3.Connection) -> Iterator[Sequence[Row]]:
    """The rows of ``FIGURES``: reports by id, their cells in the order of the form."""
    piece: list[Row] = []
    for rows in _reports(conn):
        piece += rows
        if len(piece) >= _ROWS:
            yield piece
            piece = []
    if piece:
        yield piece


def _reports(conn: sqlite3.Connection) -> Iterator[list[Row]]:
    tables = {
        name: _select(conn, name, ("line", *_columns(name), "place", *_amount(name))) for name in forms.TABLES
    }
    lists = _select(conn, indicators.TABLE, ("line", *_INDICATOR_COLUMNS.values(), "unit", "raw", "place"))
    notes = _select(conn, "cell_notes", ("table_key", "line", "column_key", "status", "raw", "place"))
    names = (*forms.TABLES, indicators.TABLE)
    sql = f"""
        select r.id, a.name, r.division, r.year, r.document, {", ".join(f"r.{name}_form" for name in names)}
        from reports as r join agencies as a on a.id = r.agency order by r.id
    """  # noqa: S608 - names of the schema
    for report, issuer, division, year, document, *declared in conn.execute(sql):
        noted: dict[str, dict[tuple[str, str], Row]] = {name: {} for name in names}
        for table, line, column, *note in notes.take(report):
            noted[table][line, column] = tuple(note)
        made: list[Row] = []
        for name, form in zip(names, declared, strict=True):
            order: Mapping[tuple[str, str], int]
            if name == indicators.TABLE:
                cells, order = _of_list(lists.take(report))
            else:
                cells, order = _of_table(name, tables[name].take(report)), _order(name)
            for (line, column), cell in _sorted(cells, noted[name], order):
                about = (report, issuer, division, year, form, name, line, column)
                made.append((*about, *_figure(cell, noted[name].get((line, column))), document))
        yield made


def _figure(cell: _Cell | None, note: Row | None) -> Row:
    """value, unit, status, raw, where of one cell."""
    value, unit, raw, place = cell or (None, None, None, None)
    status = "exact"
    if note is not None:
        status, raw, place = note
    if isinstance(value, int) and abs(value) > _EXACT:
        # As ``rows`` does with a column that cannot hold a number: none rather than a wrong one.
        raw, value, status = raw or str(value), None, "unreadable"
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # 25, never 25.0, in a column that counts and amounts share
    return value, unit, status, raw, place


def _sorted(
    cells: Mapping[tuple[str, str], _Cell],
    noted: Mapping[tuple[str, str], Row],
    order: Mapping[tuple[str, str], int],
) -> Iterator[tuple[tuple[str, str], _Cell | None]]:
    # A cell without a value and without a note was not stored at all.
    there = {key for key, cell in cells.items() if cell[0] is not None} | noted.keys()
    last = len(order)
    for key in sorted(there, key=lambda key: (order.get(key, last), key)):
        yield key, cells.get(key)


def _of_table(name: str, rows: list[Row]) -> dict[tuple[str, str], _Cell]:
    columns = _columns(name)
    units = {term.key: term.unit for term in forms.columns(name)}
    found: dict[tuple[str, str], _Cell] = {}
    for line, *values in rows:
        place, amount = values[len(columns)], values[len(columns) + 1 :]
        for column, value in zip(columns, values, strict=False):
            raw = amount[0] if column == "amount" and amount else None
            found[line, column] = (value, units[column], raw, place)
    return found


def _of_list(rows: list[Row]) -> tuple[dict[tuple[str, str], _Cell], dict[tuple[str, str], int]]:
    """The cells of an indicator list, and their order: that of the list."""
    found: dict[tuple[str, str], _Cell] = {}
    for line, year, cumulative, unit, raw, place in rows:
        found[line, "year"] = (year, unit, raw, place)
        found[line, "cumulative"] = (cumulative, unit, None, place)
    return found, {key: number for number, key in enumerate(found)}


def _columns(name: str) -> tuple[str, ...]:
    return tuple(term.key for term in forms.columns(name))


def _amount(name: str) -> tuple[str, ...]:
    return ("amount_raw",) if name == "disclosure" else ()


@cache
def _order(name: str) -> Mapping[tuple[str, str], int]:
    """Place of every cell any form has, lines and columns in the order of the forms."""
    lines = forms.terms(name)["rows"]
    cells = ((line, column) for line in lines for column in _columns(name))
    return {cell: number for number, cell in enumerate(cells)}
