"""The cells of the statutory tables as stored rows tell of them. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache

from archive import forms
from archive.candidates import CellKey
from archive.records import Cell, Status
from archive.rows import Row, Rows


class TableCells(Mapping[CellKey, Cell]):
    """The cells that rows tell of, in the order of the forms; those with a note come last.

    A report has two hundred, and what asks across years and issuers asks for a tenth of them: each is made
    when it is asked for.
    """

    def __init__(self, rows: Rows) -> None:
        self._lines = {(name, row["line"]): row for name in forms.TABLES for row in rows[name]}
        #: Cells of which more is said than their figure: all that are not ``exact``, and some that are.
        self.noted: Mapping[CellKey, Cell] = {
            key: self._noted(key, note)
            for note in rows["cell_notes"]
            if (key := CellKey(note["table_key"], note["line"], note["column_key"])).table in forms.TABLES
        }

    def _noted(self, key: CellKey, note: Row) -> Cell:
        row = self._lines.get((key.table, key.line))
        value = row.get(key.column) if row is not None else None
        readings = tuple(json.loads(note["readings"] or "[]"))
        number = None if value is None else _number(value)
        return Cell(*key, number, note["raw"], note["status"], note["place"], readings)

    def __getitem__(self, key: CellKey) -> Cell:
        noted = self.noted.get(key)
        if noted is not None:
            return noted
        row = self._lines[key.table, key.line]
        value = row[key.column] if key.column in _columns(key.table) else None
        if value is None:
            raise KeyError(key)
        return Cell(*key, _number(value), None, "exact", row["place"])

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, CellKey):
            return False
        row = self._lines.get((key.table, key.line))
        told = row is not None and key.column in _columns(key.table) and row[key.column] is not None
        return told or key in self.noted

    def _told(self) -> Iterator[CellKey]:
        for (name, line), row in self._lines.items():
            for column in _columns(name):
                if row[column] is not None:
                    yield CellKey(name, line, column)

    def __iter__(self) -> Iterator[CellKey]:
        yield from (key for key in self._told() if key not in self.noted)
        yield from self.noted

    def __len__(self) -> int:
        return sum(1 for _ in self)


def having(cells: Mapping[CellKey, Cell], status: Status) -> list[Cell]:
    """The cells of a status; raises ``ValueError`` for ``exact``, which nearly all have."""
    if status == "exact":
        raise ValueError("cells that are exact are not looked for one by one")
    noted = cells.noted if isinstance(cells, TableCells) else cells
    return [cell for cell in noted.values() if cell.status == status]


@cache
def _columns(table: str) -> Mapping[str, None]:
    """Columns of figures of a statutory table, in the order of the form."""
    return dict.fromkeys(term.key for term in forms.columns(table))


def _number(value: int | float) -> int | Decimal:
    return Decimal(repr(value)) if isinstance(value, float) else value
