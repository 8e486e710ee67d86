"""Tables with their spans resolved: every cell at each place it covers.

Three carriers, one result. HTML tables are laid out by the algorithm of the
HTML standard ("Forming a table", https://html.spec.whatwg.org/multipage/tables.html);
DOCX tables and PDF tables arrive as rectangles, their spans already measured.
Whatever had to be mended is said in ``Grid.notes``; nothing is raised, because a
broken table is normal input.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from lxml.etree import _Element

from archive.records import Grid, GridCell
from pipelines.dom import cell_text, is_hidden

#: The HTML standard clamps colspan to 1000 and rowspan to 65534.
MAX_COLSPAN = 1000
MAX_ROWSPAN = 65534
#: Places of one grid. The statutory tables have fewer than 300; the longest annex
#: of a real report has some thousands. Stops ``colspan=1000`` on every cell.
MAX_PLACES = 100_000
#: Columns of one grid: the widest statutory table has 15.
MAX_COLUMNS = 2_000
#: Notes of one grid: a table broken in every row need not say so a thousand times.
MAX_NOTES = 20

_SECTIONS = frozenset({"thead", "tbody", "tfoot"})
_LEADING_INTEGER = re.compile(r"[ \t\r\n\f]*\+?(\d{1,9})")


class SourceCell(NamedTuple):
    """One cell as the source gives it, before its spans are resolved."""

    text: str
    where: str
    rowspan: int = 1
    """Rows it covers; 0 means to the end of its row group."""
    colspan: int = 1


@dataclass(frozen=True, slots=True)
class Rectangle:
    """One cell whose place is known: rows ``top``…``bottom``, columns ``left``…``right``, ends excluded."""

    top: int
    left: int
    bottom: int
    right: int
    text: str
    where: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One ``<tr>`` of an HTML table: its element (``None`` for cells outside any row), group and cells."""

    element: _Element | None
    group: int
    cells: tuple[_Element, ...]


def expand(
    rows: Sequence[Sequence[SourceCell]],
    *,
    where: str = "table[1]",
    groups: Sequence[int] | None = None,
    hidden: frozenset[int] = frozenset(),
) -> Grid:
    """Lay cells out by the HTML table algorithm.

    ``groups`` names the row group (thead, tbody, tfoot) of each row, in order; a
    row span ends with its group. Rows in ``hidden`` take part in the layout and
    are left out of the result. Where two cells claim one place the earlier one
    keeps it.
    """
    ends = _group_ends(groups if groups is not None else [0] * len(rows))
    notes: list[str] = []
    places: list[list[GridCell | None]] = [[] for _ in rows]
    used = 0
    for index, row in enumerate(rows):
        if used >= MAX_PLACES:
            notes.append(f"table too large: rows from {index + 1} on left out")
            del places[index:]
            break
        column = 0
        for cell in row:
            while column < len(places[index]) and places[index][column] is not None:
                column += 1
            if cell.colspan == cell.rowspan == 1 and column < MAX_COLUMNS and used < MAX_PLACES:
                _cover_one(places[index], cell, index, column)
                used, column = used + 1, column + 1
                continue
            width = min(max(cell.colspan, 1), MAX_COLSPAN)
            room = ends[index] - index
            height = min(cell.rowspan, MAX_ROWSPAN) or room
            if height > room:
                notes.append(f"{cell.where}: rowspan {cell.rowspan} runs past its row group, cut to {room}")
                height = room
            if column + width > MAX_COLUMNS or used + width * height > MAX_PLACES:
                notes.append(f"{cell.where}: table too large, this cell and the rest of its row left out")
                used = MAX_PLACES if column + width <= MAX_COLUMNS else used
                break
            used += width * height
            clash = _cover(places, cell, index, column, height, width)
            if clash:
                notes.append(f"{cell.where}: overlaps {clash}, which keeps its place")
            column += width
    return _finish(places, where, notes, hidden)


def _group_ends(groups: Sequence[int]) -> list[int]:
    """For each row the index after the last row of its group."""
    ends = [len(groups)] * len(groups)
    for index in range(len(groups) - 2, -1, -1):
        same = groups[index] == groups[index + 1]
        ends[index] = ends[index + 1] if same else index + 1
    return ends


def _cover_one(line: list[GridCell | None], cell: SourceCell, row: int, column: int) -> None:
    """Put a cell without spans, as most are, on its place, which is free."""
    placed = GridCell(cell.text, cell.where, (row, column))
    if column < len(line):
        line[column] = placed
    else:
        line.append(placed)


def _cover(
    places: list[list[GridCell | None]], cell: SourceCell, row: int, column: int, height: int, width: int
) -> str | None:
    """Put ``cell`` on its places; the ``where`` of the first cell already there, if any."""
    placed = GridCell(cell.text, cell.where, (row, column))
    clash: str | None = None
    for line in places[row : row + height]:
        line.extend([None] * (column + width - len(line)))
        for at in range(column, column + width):
            present = line[at]
            if present is None:
                line[at] = placed
            elif clash is None:
                clash = present.where
    return clash


def from_rectangles(cells: Sequence[Rectangle], *, where: str, notes: Sequence[str] = ()) -> Grid:
    """Lay out cells whose places are known (DOCX, PDF); overlaps are noted, the earlier cell stays."""
    mended = list(notes)
    height = max((cell.bottom for cell in cells), default=0)
    width = max((cell.right for cell in cells), default=0)
    if height * width > MAX_PLACES or width > MAX_COLUMNS:
        return Grid((), where, (*mended, f"table of {height} × {width} places is too large to lay out"))
    places: list[list[GridCell | None]] = [[] for _ in range(height)]
    for cell in cells:
        source = SourceCell(cell.text, cell.where)
        clash = _cover(places, source, cell.top, cell.left, cell.bottom - cell.top, cell.right - cell.left)
        if clash:
            mended.append(f"{cell.where}: overlaps {clash}, which keeps its place")
    return _finish(places, where, mended, frozenset())


def _finish(
    places: list[list[GridCell | None]], where: str, notes: list[str], hidden: frozenset[int]
) -> Grid:
    """Make the rows equally long, cut columns that only an overrunning span made, drop hidden rows."""
    width = max((len(row) for row in places), default=0)
    if width * len(places) > MAX_PLACES:
        keep = MAX_PLACES // width
        notes.append(f"table of {len(places)} × {width} places is too large, rows after {keep} left out")
        places = places[:keep]
    for row in places:
        row.extend([None] * (width - len(row)))
    real = _anchored_width(places, width)
    if real < width:
        notes.append(f"columns {real + 1} to {width} begin no cell and are not filled in every row: cut")
    places = [row[:real] for row in places]
    rows = tuple(tuple(row) for row in (_without(places, hidden) if hidden else places))
    if len(notes) > MAX_NOTES:
        notes = [*notes[:MAX_NOTES], f"and {len(notes) - MAX_NOTES} more of the kind"]
    return Grid(rows, where, tuple(notes))


def _without(places: list[list[GridCell | None]], hidden: frozenset[int]) -> list[list[GridCell | None]]:
    """Rows not in ``hidden``, origins counted anew; a cell begun in a hidden row begins at the next one."""
    shown = [index for index in range(len(places)) if index not in hidden]
    new = {old: at for at, old in enumerate(shown)}
    result: list[list[GridCell | None]] = []
    for old in shown:
        row: list[GridCell | None] = []
        for cell in places[old]:
            if cell is not None:
                begin = next(row for row in range(cell.origin[0], old + 1) if row in new)
                cell = GridCell(cell.text, cell.where, (new[begin], cell.origin[1]))
            row.append(cell)
        result.append(row)
    return result


def _anchored_width(places: list[list[GridCell | None]], width: int) -> int:
    """The width without trailing columns that exist only because some span overran.

    Such a column begins no cell (a table model error in the HTML standard) and
    leaves at least one row without a cell; a column that every row fills is kept.
    """
    real = width
    while real > 1:
        last = [row[real - 1] for row in places]
        begins = any(cell is not None and cell.origin[1] == real - 1 for cell in last)
        if begins or all(cell is not None for cell in last):
            return real
        real -= 1
    return real


def source_rows(table: _Element) -> tuple[SourceRow, ...]:
    """The rows of an HTML table in the order of the standard: ``tfoot`` last, nested tables untouched.

    Wrappers no standard knows (``<form>``, ``<div>`` between table and row) are
    looked through, and cells outside any row make a row of their own.
    """
    rows: list[SourceRow] = []
    feet: list[SourceRow] = []
    group = 0
    loose: list[_Element] = []
    stack: list[tuple[Iterator[_Element], int, bool]] = [(iter(table), 0, False)]
    last_explicit = 0
    while stack:
        children, current, foot = stack[-1]
        child = next(children, None)
        if child is None:
            _close(loose, current, feet if foot else rows)
            stack.pop()
            continue
        tag = child.tag if isinstance(child.tag, str) else ""
        if tag in ("td", "th"):
            loose.append(child)
            continue
        _close(loose, current, feet if foot else rows)
        if tag == "tr":
            cells = tuple(_row_cells(child))
            (feet if foot else rows).append(SourceRow(child, current, cells))
        elif tag in _SECTIONS:
            group += 1
            last_explicit = group
            stack.append((iter(child), last_explicit, foot or tag == "tfoot"))
            # rows that follow a section directly under the table form a group of their own
            group += 1
            stack[-2] = (children, group, foot)
        elif tag not in ("table", "caption", "colgroup", "col", ""):
            stack.append((iter(child), current, foot))
    return (*rows, *feet)


def _close(loose: list[_Element], group: int, rows: list[SourceRow]) -> None:
    if loose:
        rows.append(SourceRow(None, group, tuple(loose)))
        loose.clear()


def _row_cells(row: _Element) -> Iterator[_Element]:
    """``td`` and ``th`` of one row, through wrappers such as ``<form>``, not into nested tables."""
    stack: list[Iterator[_Element]] = [iter(row)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif child.tag in ("td", "th"):
            yield child
        elif isinstance(child.tag, str) and child.tag not in ("table", "tr"):
            stack.append(iter(child))


def span(value: str | None, *, limit: int, zero: int = 1) -> int:
    """A span attribute by the HTML rules for integers; what is no number is 1, ``0`` is ``zero``."""
    if value is None:
        return 1
    match = _LEADING_INTEGER.match(value)
    if match is None:
        return 1
    number = int(match[1])
    return min(number, limit) if number else zero


def from_html(
    table: _Element, where: str = "table[1]", rows: Sequence[SourceRow] | None = None, plain: bool = False
) -> Grid:
    """The grid of one HTML table; ``rows`` are its ``source_rows`` where the caller has them.

    ``where`` names the table; cells are named ``<where>/tr[5]/td[3]``, rows and
    cells counted from 1 as the source has them, ``td`` and ``th`` together. Text
    of nested tables is left out, as is what the page hides; ``plain`` says that it hides nothing and
    styles no figure (``dom.look``).
    """
    rows = source_rows(table) if rows is None else rows
    numbers = _row_numbers(table)
    cells: list[list[SourceCell]] = []
    hidden: set[int] = set()
    seen = 0
    cut: str | None = None
    for index, row in enumerate(rows):
        seen += len(row.cells)
        if seen > MAX_PLACES:
            cut = f"{where}: more than {MAX_PLACES} cells, rows from {index + 1} on left out"
            break
        name = f"tr[{numbers[row.element]}]" if row.element is not None else f"row[{index + 1}]"
        if not plain and row.element is not None and _is_hidden_row(row.element):
            hidden.add(index)
        cells.append(
            [
                SourceCell(
                    cell_text(cell, plain),
                    f"{where}/{name}/{cell.tag}[{number}]",
                    span(high, limit=MAX_ROWSPAN, zero=0) if (high := cell.get("rowspan")) else 1,
                    span(wide, limit=MAX_COLSPAN) if (wide := cell.get("colspan")) else 1,
                )
                for number, cell in enumerate(row.cells, 1)
                if plain or not is_hidden(cell)
            ]
        )
    groups = [row.group for row in rows[: len(cells)]]
    grid = expand(cells, where=where, groups=groups, hidden=frozenset(hidden))
    return grid if cut is None else replace(grid, notes=(*grid.notes, cut))


def _is_hidden_row(row: _Element) -> bool:
    if is_hidden(row):
        return True
    section = row.getparent()
    return section is not None and section.tag in _SECTIONS and is_hidden(section)


def _row_numbers(table: _Element) -> dict[_Element, int]:
    """Each ``tr`` of this table (not of nested ones) → its number in document order."""
    numbers: dict[_Element, int] = {}
    stack: list[Iterator[_Element]] = [iter(table)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif child.tag == "tr":
            numbers[child] = len(numbers) + 1
        elif isinstance(child.tag, str) and child.tag not in ("table", "td", "th"):
            stack.append(iter(child))
    return numbers
