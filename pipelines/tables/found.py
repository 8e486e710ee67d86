"""What the matchers hand on: cells found so far, and how several finds of one line are joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from archive import forms
from archive.records import Cell, Finding, Grid, GridCell
from pipelines import messages, values

Place = tuple[str, str]


@dataclass(slots=True)
class Found:
    """The cells of one statutory table as they are found, line by line."""

    table: str
    cells: dict[Place, Cell] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    where: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.cells)

    @property
    def rows(self) -> set[str]:
        return {row for row, _ in self.cells}

    def add(
        self, row: str, columns: Sequence[forms.Term], texts: Sequence[GridCell], labels: Sequence[str]
    ) -> None:
        """Read one line; a second find of the same line must agree or its cells become ambiguous."""
        new = [
            read_cell(self.table, row, term, cell, label, self.findings)
            for term, cell, label in zip(columns, texts, labels, strict=True)
        ]
        if row not in self.rows:
            self.cells.update({(row, cell.column): cell for cell in new})
            return
        differ = False
        for cell in new:
            old = self.cells.get((row, cell.column))
            if old is None or (old.status, old.value) == (cell.status, cell.value):
                self.cells.setdefault((row, cell.column), cell)
                continue
            differ = True
            readings = tuple(dict.fromkeys((old.raw or "", cell.raw or "")))
            self.cells[row, cell.column] = Cell(
                self.table, row, cell.column, None, old.raw, "ambiguous", old.where, readings
            )
        if differ:
            self.findings.append(messages.line_twice(self.table, row, new[0].where))


def read_cell(
    table: str, row: str, term: forms.Term, cell: GridCell, label: str, findings: list[Finding]
) -> Cell:
    """One bounded cell → ``Cell``; what a reader should know of it goes into ``findings``."""
    reading = values.read(cell.text, term.kind, label)
    if reading.note:
        findings.append(messages.unit(table, row, term.key, cell.text, reading.note, cell.where))
    return Cell(table, row, term.key, reading.value, cell.text, reading.status, cell.where, reading.readings)


def own_cells(grid: Grid, r: int) -> list[GridCell]:
    """Cells that begin in this row, left to right: what its ``<tr>`` holds, whatever spans do around it."""
    own: list[GridCell] = []
    for cell in grid.rows[r]:
        if cell is not None and cell.origin[0] == r and (not own or own[-1].origin != cell.origin):
            own.append(cell)
    return own


def column_of(cell: GridCell) -> int:
    """Grid column in which the cell begins."""
    return cell.origin[1]
