"""What the matchers hand on: cells found so far, and how several finds of one line are joined."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from archive import forms
from archive.records import Cell, Finding, Grid, GridCell, Status
from pipelines import messages, values
from pipelines.text import squeeze
from pipelines.values import Reading

Place = tuple[str, str]

# Tables 3 and 4 end each line in its sum; the longest line of Table 2 has three figures and none.
_SUMMED = 3
# One line that a table has twice may be a slip; more than two are another table in the same grid.
_SLIPS = 2


@dataclass(slots=True)
class Found:
    """The cells of one statutory table as they are found, line by line."""

    table: str
    cells: dict[Place, Cell] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    sources: dict[str, list[str]] = field(default_factory=dict)
    """Line → the grids it was found in."""
    differing: list[tuple[str, bool]] = field(default_factory=list)
    """(line, found twice in one grid) of each line whose finds differ."""
    refused: list[tuple[str, str]] = field(default_factory=list)
    """(line, grid) of each line that is there and cannot be read."""
    unheaded: list[str] = field(default_factory=list)
    """Lines met under headings of no form: another report's, or the report's own with its headings lost."""
    ragged: bool = False
    """Some of its lines have more or fewer cells than they should: so may other tables of the document."""
    torn: bool = False
    """Some have gained figures: then the right number of cells proves nothing in any table."""
    disordered: bool = False
    """Headings stand in another order than the form's: so do the columns of a part that has none."""
    headless: list[str] = field(default_factory=list)
    """Lines read from parts without headings."""
    withdrawn: list[str] = field(default_factory=list)
    """Lines of a table that its own sums deny: another that has them may be another report's."""

    def __bool__(self) -> bool:
        return bool(self.cells)

    @property
    def rows(self) -> set[str]:
        return {row for row, _ in self.cells}

    def add(
        self,
        row: str,
        columns: Sequence[forms.Term],
        texts: Sequence[GridCell],
        readings: Sequence[Reading],
        grid: str,
        *,
        beside: Sequence[GridCell] = (),
    ) -> None:
        """Add one line of a grid; a second find of it must agree or its cells become ambiguous.

        ``readings``: what the ``texts`` say under the headings of the ``columns``. ``beside``: cells of
        other lines that stand in the same row, right before or behind these.
        """
        table = self.table
        new = [
            Cell(table, row, term.key, reading.value, cell.text, reading.status, cell.where, reading.readings)
            if cell.sure and not reading.note  # as ``read_cell`` does, and nearly all are
            else read_cell(table, row, term, cell, reading, self.findings)
            for term, cell, reading in zip(columns, texts, readings, strict=True)
        ]
        # A figure may have slipped into the last cell from behind it, or into the first from before it.
        new = _unmerged(new, beside_blank="" in [cell.text.strip() for cell in beside])
        known = self.sources.setdefault(row, [])
        known.append(grid)
        if len(known) == 1:
            self.cells.update({(row, cell.column): cell for cell in new})
            return
        before = {column: cell for (key, column), cell in self.cells.items() if key == row}
        if {column: _said(cell) for column, cell in before.items()} == {c.column: _said(c) for c in new}:
            return
        for cell in new:
            old = before.pop(cell.column, None)
            if old is None or _said(old) != _said(cell):
                self.cells[row, cell.column] = _either(old or cell, cell)
        for column, old in before.items():
            # the other find has not this column: it stands on another form
            self.cells[row, column] = _either(old, old)
        self.findings.append(messages.line_twice(self.table, row, new[0].where))
        self.differing.append((row, grid in known[:-1]))

    def refuse(self, row: str, grid: str, finding: Finding) -> None:
        """Note a line that is there and cannot be read."""
        self.findings.append(finding)
        self.refused.append((row, grid))

    def settle(self) -> None:
        """Withdraw what may be another report's, once every grid has been read.

        Where two tables of one kind differ (an office's and its government's, last
        year's and this year's), a line that only one of them shows, or of which the
        other shows something unreadable, has figures of nobody knows which.
        """
        apart = any(not within for _, within in self.differing)
        # Under headings of no form it may say the same or not: it stands there again.
        again = {row for row in self.unheaded if row in self.sources}
        doubled = apart or len(self.differing) + len(again) > _SLIPS
        rows = [row for row, grids in self.sources.items() if doubled and len(grids) == 1]
        rows += [row for row in self.unheaded if self.sources.get(row)]
        rows += self.headless if self.disordered else []
        rows += [row for row in self.withdrawn if self.sources.get(row)]
        read = {grid for grids in self.sources.values() for grid in grids}
        for row, grid in self.refused:
            if grid in read and self.sources.get(row):
                rows.append(row)
        for row, column in [place for place in self.cells if place[0] in rows]:
            cell = self.cells[row, column]
            if cell.value is not None:
                self.cells[row, column] = _either(cell, cell)
        if rows:
            self.findings.append(
                messages.several_tables(self.table, len(set(rows)), self.sources[rows[0]][0])
            )


def _said(cell: Cell) -> tuple[Status, object]:
    return cell.status, cell.value


def _either(old: Cell, new: Cell) -> Cell:
    """A cell whose figure is one of several reports', nobody knows whose."""
    readings = tuple(dict.fromkeys((old.raw or "", new.raw or "")))
    return replace(old, value=None, status="ambiguous", readings=readings)


def _unmerged(cells: list[Cell], *, beside_blank: bool) -> list[Cell]:
    """A number with a blank in it beside an empty cell may be two: it needs its line's sum, or is open."""
    if not beside_blank and "blank" not in [cell.status for cell in cells]:
        return cells
    numbers = [cell.value or 0 for cell in cells]
    sums = cells[-1].value is not None and len(cells) > _SUMMED and sum(numbers[:-1]) == numbers[-1]
    result = list(cells)
    for i, cell in enumerate(cells):
        if sums or cell.status != "exact" or not values.has_gap(cell.raw or ""):
            continue
        beside = [cells[j].status for j in (i - 1, i + 1) if 0 <= j < len(cells)]
        beside += ["blank"] if beside_blank and i in (0, len(cells) - 1) else []
        if "blank" in beside:
            parts = (cell.raw or "").split()
            result[i] = replace(
                cell, value=None, status="ambiguous", readings=("".join(parts), " | ".join(parts))
            )
    return result


def read_cell(
    table: str, row: str, term: forms.Term, cell: GridCell, reading: Reading, findings: list[Finding]
) -> Cell:
    """One bounded cell → ``Cell``; what a reader should know of it goes into ``findings``.

    What OCR is not certain of is a proposal: ``ambiguous`` with its one reading,
    for the identities to confirm (``pipelines.confirm``).
    """
    if not cell.sure and reading.status != "unreadable":
        readings = (str(reading.value),) if reading.value is not None else reading.readings
        return Cell(table, row, term.key, None, cell.text, "ambiguous", cell.where, readings)
    if reading.note:
        findings.append(messages.unit(table, row, term.key, cell.text, reading.note, cell.where))
    return Cell(table, row, term.key, reading.value, cell.text, reading.status, cell.where, reading.readings)


def column_of(cell: GridCell) -> int:
    """Grid column in which the cell begins."""
    return cell.origin[1]


def widths_of(grid: Grid, r: int) -> Mapping[tuple[int, int], int]:
    """Origin of each cell in this row → columns it covers there."""
    origins = [cell.origin for cell in grid.rows[r] if cell is not None]
    covered = dict.fromkeys(origins, 1)
    if len(covered) < len(origins):  # some cell covers several
        covered = dict.fromkeys(origins, 0)
        for origin in origins:
            covered[origin] += 1
    return covered


def reached_from_above(grid: Grid, r: int, column: int) -> bool:
    """Whether a figure's cell begun in a row above stands in this row right of ``column``.

    A label there does no harm: it was pushed aside by a span that is one too long.
    """
    above = [cell.text for cell in grid.rows[r][column + 1 :] if cell is not None and cell.origin[0] < r]
    return not {"unreadable"}.issuperset([reading.status for reading in values.counts(above)])


def reaches_down(grid: Grid, r: int, cells: Sequence[GridCell]) -> bool:
    """Whether one of these cells goes on into the next row, and that row has cells of its own."""
    reaching = reaching_down(grid, r)
    return bool(reaching) and any(cell.origin in reaching for cell in cells)


def reaching_down(grid: Grid, r: int) -> set[tuple[int, int]]:
    """Origins of the cells that go on from this row into the next, where that has cells of its own."""
    if r + 1 >= len(grid.rows) or not grid.own(r + 1):
        return set()
    return {cell.origin for cell in grid.rows[r + 1] if cell is not None and cell.origin[0] <= r}


#: What may stand in a figure's cell without being an Arabic number; any other word is no figure's.
#: U+FFFD is a sign of which a reader knows only that it is there.
_NUMERALS = frozenset("〇○零一二两三四五六七八九十百千万亿元件条项个份次OoIl|/\\-—–―.…·*\ufffd")


def is_word(cell: GridCell) -> bool:
    """Whether a cell holds words where a figure should stand: a unit (件), part of a label, a page number."""
    if not cell.text or (cell.text.isascii() and cell.text.isdecimal()):
        return False  # nearly all are
    raw = _NOTE.sub("", cell.text.strip())
    text = squeeze(raw)
    if values.is_page_number(text):
        return True
    if values.read(raw, "count").status != "unreadable" or any(char.isdigit() for char in text):
        return False
    return text in _UNITS or not set(text) <= _NUMERALS


#: The mark of a footnote; the digit in it makes no figure of a word.
_NOTE = re.compile(r"(?<=[^\d\s])(?:[\[(（［]注?\d{1,2}[\])）］]|[\u2460-\u24ff*])+$")
_UNITS = frozenset({"件", "条", "项", "个", "份", "次", "元", "万元"})
