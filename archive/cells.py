"""Cells of a report as rows of the tables: what each can hold, and where. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import takewhile

from archive import forms
from archive.errors import UnfitError
from archive.forms import indicators
from archive.indicators import IndicatorCell
from archive.records import Cell
from archive.statements import Row

_INTEGER_LIMIT = 2**63  # an SQLite INTEGER has 64 bits
#: Column of a cell of the list of 2014 → column of the table.
INDICATOR_COLUMNS = {"year": "year_value", "cumulative": "cumulative"}


def storable(cell: Cell) -> Cell:
    """The cell, or an unreadable one where the column cannot hold its number exactly.

    Raises ``UnfitError`` where the forms have no such column.
    """
    if cell.value is None:
        return cell
    if isinstance(cell, IndicatorCell):
        # One column of the table holds counts and amounts alike, all as doubles.
        exact = Decimal(repr(float(cell.value))) == cell.value
        return cell if exact else replace(cell, value=None, status="unreadable")
    kind = _kinds(cell.table).get(cell.column)
    if kind is None:
        raise UnfitError(f"{cell.table}.{cell.row}.{cell.column}: the forms have no such column")
    if kind != "amount" and type(cell.value) is int:
        fits = abs(cell.value) < _INTEGER_LIMIT
    else:
        fits = _fits(Decimal(cell.value), kind)
    if fits:
        return cell
    return Cell(cell.table, cell.row, cell.column, None, cell.raw, "unreadable", cell.where, cell.readings)


@cache
def _kinds(table: str) -> Mapping[str, str]:
    """Column of a statutory table → what its figures are; none for any other table."""
    return {term.key: term.kind for term in forms.columns(table)} if table in forms.TABLES else {}


def _fits(value: Decimal, kind: str) -> bool:
    """Whether a column holds a number exactly."""
    if kind == "amount":
        return value.is_finite() and Decimal(repr(float(value))) == value
    return value.is_finite() and value == int(value) and abs(value) < _INTEGER_LIMIT


def figure_rows(cells: Iterable[Cell]) -> dict[str, list[Row]]:
    """Statutory table → one row a line, a column without a cell or a figure empty.

    Raises ``UnfitError`` for a line that the forms have not, and for a cell that comes twice.
    """
    lines: dict[tuple[str, str], dict[str, Cell]] = {}
    for cell in cells:
        if cell.table not in forms.TABLES or cell.row not in forms.terms(cell.table)["rows"]:
            raise UnfitError(f"{cell.table}.{cell.row}: the forms have no such line")
        line = lines.setdefault((cell.table, cell.row), {})
        if cell.column in line:
            raise UnfitError(f"{cell.table}.{cell.row}.{cell.column} comes twice")
        line[cell.column] = cell
    made: dict[str, list[Row]] = {name: [] for name in forms.TABLES}
    for (name, key), line in lines.items():
        row: Row = {"line": key}
        for term in forms.columns(name):
            found = line.get(term.key)
            row[term.key] = None if found is None else _number(found, term.kind)
        if name == "disclosure":
            row["amount_raw"] = line["amount"].raw if "amount" in line else None
        row["place"] = _common_place([cell.where for cell in line.values() if cell.where])
        made[name].append(row)
    return made


def indicator_rows(cells: Iterable[IndicatorCell]) -> list[Row]:
    """One row a line of the list, in its order; raises ``UnfitError`` as ``figure_rows`` does."""
    lines: dict[str, dict[str, IndicatorCell]] = {}
    for cell in cells:
        known = indicators.is_raw(cell.row) or cell.row in indicators.national().lines
        if not known or cell.column not in INDICATOR_COLUMNS:
            raise UnfitError(f"{cell.table}.{cell.row}.{cell.column}: the list has no such figure")
        line = lines.setdefault(cell.row, {})
        if cell.column in line:
            raise UnfitError(f"{cell.table}.{cell.row}.{cell.column} comes twice")
        line[cell.column] = cell
    made = []
    for number, (key, line) in enumerate(lines.items(), start=1):
        any_cell = next(iter(line.values()))
        year = line.get("year")
        made.append(
            {
                "number": number,
                "line": key,
                "key": None if indicators.is_raw(key) else key,
                "label": any_cell.label,
                **{
                    name: _number(line[column], "amount") if column in line else None
                    for column, name in INDICATOR_COLUMNS.items()
                },
                "unit": any_cell.unit,
                "status": year.status if year else "missing",
                "raw": year.raw if year else None,
                "place": _common_place([cell.where for cell in line.values() if cell.where]),
            }
        )
    return made


def _number(cell: Cell, kind: str) -> int | float | None:
    if cell.value is None:
        return None
    return float(cell.value) if kind == "amount" else int(cell.value)


def _common_place(places: list[str]) -> str | None:
    """What the places of a line have in common, whole steps only."""
    steps = zip(*(place.split("/") for place in places), strict=False)
    return "/".join(step[0] for step in takewhile(lambda step: len(set(step)) == 1, steps)) or None


def note(cell: Cell) -> Row:
    """The row of ``cell_notes`` that says why a cell has no figure, or whence it has one."""
    return {
        "table_key": cell.table,
        "line": cell.row,
        "column_key": cell.column,
        "status": cell.status,
        "raw": cell.raw,
        "readings": json.dumps(cell.readings, ensure_ascii=False) if cell.readings else None,
        "place": cell.where,
    }
