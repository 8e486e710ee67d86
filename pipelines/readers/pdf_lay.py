"""A table without rules, its rows and columns decided → the cells of a part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipelines.readers.pdf_columns import Columns
from pipelines.readers.pdf_ink import Ink
from pipelines.readers.pdf_regions import levels_of
from pipelines.readers.pdf_rows import LABELS, Entry, Rows
from pipelines.readers.pdf_tables import Box
from pipelines.readers.pdf_words import Block

#: A label whose last line leaves less room than this (in type sizes) may go on on the next page.
_ROOM = 1.2
#: Points around the type of a line and a column in which a blank cell is looked for ink.
_AROUND = 3.0


@dataclass(slots=True)
class Sheet:
    """Cells as they are laid; ``where`` names the part."""

    where: str
    shift: int
    """Columns of labels before the figures' own."""
    cells: list[Box] = field(default_factory=list)

    def add(self, row: int, left: int, right: int, text: str, *, full: bool = False) -> None:
        number = sum(1 for cell in self.cells if cell.top == row) + 1
        where = f"{self.where}/row[{row + 1}]/cell[{number}]"
        self.cells.append(Box(row, left, row + 1, right, text, where, full))


def lay(
    where: str, heads: Sequence[Block], rows: Rows, columns: Columns, ink: Ink, *, ruled: bool
) -> tuple[Box, ...]:
    """The cells of headings and lines, each row of figures with a cell in every column.

    ``ruled``: upright rules give the columns, so that one without heading has an
    empty cell for it.
    """
    labelled = any(entry.labels for entry in rows.entries)
    sheet = Sheet(where, LABELS if labelled else 0)
    levels = levels_of(heads)
    _lay_above(sheet, levels, rows.above)
    for row, level in enumerate(levels):
        _lay_headings(sheet, row, level, columns, whole=ruled and row == len(levels) - 1)
    labels = [block for entry in rows.entries for _, block in entry.labels]
    edge = max((block.x1 for block in labels), default=0.0)
    for at, entry in enumerate(rows.entries, len(levels)):
        for column, block in entry.labels:
            last = block.words[-1]
            sheet.add(at, column, column + 1, block.text, full=last.x1 > edge - _ROOM * last.size)
        _lay_figures(sheet, at, entry, columns, ink, around=0.0 if ruled else _AROUND)
    return tuple(sheet.cells)


def _lay_above(sheet: Sheet, levels: Sequence[Sequence[Block]], above: Sequence[Block]) -> None:
    """What stands beside the headings, each at the level it is nearest to, from the right."""
    if not levels:
        return
    middles = [sum(block.middle for block in level) / len(level) for level in levels]
    places: dict[int, list[Block]] = {}
    for block in above:
        row = min(range(len(levels)), key=lambda n: abs(middles[n] - block.middle))
        places.setdefault(row, []).append(block)
    for row, blocks in places.items():
        beside = sorted(blocks, key=lambda block: -block.x0)[:LABELS]
        for column, block in enumerate(reversed(beside), LABELS - len(beside)):
            sheet.add(row, column, column + 1, block.text)


def _lay_headings(sheet: Sheet, row: int, level: Sequence[Block], columns: Columns, *, whole: bool) -> None:
    """Headings over the columns they reach over; with ``whole`` the columns between them get empty ones."""
    free = 0
    for block in sorted(level, key=lambda block: block.x0):
        over = [n for n, (x0, x1) in enumerate(columns.headings) if min(x1, block.x1) > max(x0, block.x0)]
        if not over or over[0] < free:
            continue
        for column in range(free, over[0]) if whole else ():
            sheet.add(row, sheet.shift + column, sheet.shift + column + 1, "")
        sheet.add(row, sheet.shift + over[0], sheet.shift + over[-1] + 1, block.text)
        free = over[-1] + 1
    for column in range(free, len(columns.headings)) if whole else ():
        sheet.add(row, sheet.shift + column, sheet.shift + column + 1, "")


def _lay_figures(sheet: Sheet, row: int, entry: Entry, columns: Columns, ink: Ink, *, around: float) -> None:
    texts: dict[int, str] = {}
    for word in entry.line.figures if entry.line else ():
        home = columns.column((word.x0, word.x1))
        assert home is not None, "columns were decided with this figure among them"
        texts[home] = word.text
    for column, (x0, x1) in enumerate(columns.strips):
        box = (x0 - around, entry.top - _AROUND, x1 + around, entry.bottom + _AROUND)
        sheet.add(row, sheet.shift + column, sheet.shift + column + 1, texts.get(column) or ink.fill(box))
