"""Which figures of flattened text are believed: all if no trace of damage shows, else what sums prove.

An extractor that loses a cell, or lets a page number in, may leave a line that looks
whole. Where any table of a text shows such damage, another line may have it unseen:
then a figure stands only if its line's sum holds, and Table 2, which has no sums, has
none. Empty cells need proof in any text: one that makes up for a lost cell moves
figures, which only sums show. A zero adds nothing to a sum, so beside empty cells it
stands only in a column that is never empty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from archive import forms
from archive.records import Cell

#: Line and column of a cell.
Place = tuple[str, str]
Line = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Told:
    """A table as found in text."""

    table: forms.Table
    cells: Sequence[Cell]
    agreed: frozenset[Place] = frozenset()
    """Places at which two undamaged tables of this kind have one figure."""


def believed(tables: Sequence[Told], *, sound: bool) -> list[list[Cell]]:
    """The cells of each table, without the figures that nothing bears out.

    ``sound``: no table of the document shows damage. Figures beside empty cells that
    nothing bears out are damage too; not so zeros, which the issuer may have left out
    or written as he liked.
    """
    proved = [one.agreed | _proved(one.table, _lines(one.cells), sound=sound) for one in tables]
    if sound and any(map(_is_unproved, tables, proved)):
        return believed(tables, sound=False)
    return [_settled(one.cells, places) for one, places in zip(tables, proved, strict=True)]


def _place(cell: Cell) -> Place:
    return cell.row, cell.column


def _is_unproved(one: Told, proved: frozenset[Place]) -> bool:
    return any(cell.value and _place(cell) not in proved for cell in one.cells)


def _settled(cells: Sequence[Cell], proved: frozenset[Place]) -> list[Cell]:
    """The cells; figures that are not proved are left open, and the blanks of their lines with them."""
    lost = {cell.row for cell in cells if cell.value is not None and _place(cell) not in proved}
    return [cell if _place(cell) in proved or cell.row not in lost else _open(cell) for cell in cells]


def _open(cell: Cell) -> Cell:
    if cell.value is not None:
        return replace(cell, value=None, status="ambiguous", readings=(str(cell.value),))
    return replace(cell, status="ambiguous") if _is_blank(cell) else cell


def _lines(cells: Sequence[Cell]) -> dict[str, list[Cell]]:
    lines: dict[str, list[Cell]] = {}
    for cell in cells:
        lines.setdefault(cell.row, []).append(cell)
    return lines


def _is_blank(cell: Cell) -> bool:
    return cell.status == "blank"


def _is_empty(line: Line) -> bool:
    return all(map(_is_blank, line))


def _mixed(line: Line) -> bool:
    """Whether some cells are empty and others are not."""
    return any(map(_is_blank, line)) and not _is_empty(line)


def _shape(line: Line) -> tuple[bool, ...]:
    return tuple(map(_is_blank, line))


def _number(cell: Cell) -> int | None:
    """The figure, 0 for an empty cell or a dash, ``None`` where it is not known."""
    if cell.value is not None:
        return int(cell.value)
    return 0 if cell.status in ("blank", "dash") else None


def _sum_holds(line: Line) -> bool:
    numbers = [_number(cell) for cell in line]
    known = [number for number in numbers if number is not None]
    return len(known) == len(numbers) and sum(known[:-1]) == known[-1]


def _proved(table: forms.Table, lines: Mapping[str, Line], *, sound: bool) -> frozenset[Place]:
    """Places of the figures that are proved, and of all cells in lines that need no proof."""
    if table.key == "disclosure":
        return _places(line for line in lines.values() if sound and not _mixed(line))
    if table.key == "requests":
        return _requests(lines, table, sound=sound)
    return _reviews(lines, sound=sound)


def _places(lines: Iterable[Line]) -> frozenset[Place]:
    return frozenset(_place(cell) for line in lines for cell in line)


def _requests(lines: Mapping[str, Line], table: forms.Table, *, sound: bool) -> frozenset[Place]:
    true, usual = _true_columns(lines, table), _usual(lines)
    filled = _filled_columns(lines) if sound else frozenset[str]()
    ordered = list(lines.values())
    proved: list[Line] = []
    for i, line in enumerate(ordered):
        if _is_empty(line) or _is_inferred(line):
            proved.append(line)
        elif not _mixed(line):
            # A zero come from the line before or behind is no different from one of this line.
            beside = [] if any(cell.value for cell in line) else ordered[max(0, i - 1) : i + 2]
            proved += [line] if sound or all(map(_sum_holds, [line, *beside])) else []
        elif sound and _shape(line) == usual:
            proved.append(line)
        elif _sum_holds(line) and {cell.column for cell in line if cell.value} <= true:
            proved.append(_borne_out(line, filled))
    return _places(proved)


def _is_inferred(line: Line) -> bool:
    """Whether the identities of the whole table have read the line."""
    return any(cell.status == "inferred" for cell in line)


def _borne_out(line: Line, filled: frozenset[str]) -> Line:
    """The cells of a line with empty ones whose sum holds, without the zeros that may have moved."""
    return [cell for cell in line if cell.value or (cell.value == 0 and cell.column in filled)]


def _usual(lines: Mapping[str, Line]) -> tuple[bool, ...] | None:
    """The places that are empty in most lines, as in a table of nothing but totals."""
    shapes = Counter(_shape(line) for line in lines.values() if _mixed(line))
    filled = sum(not _is_empty(line) for line in lines.values())
    shape, count = shapes.most_common(1)[0] if shapes else ((), 0)
    return shape if 2 * count > filled else None


def _filled_columns(lines: Mapping[str, Line]) -> frozenset[str]:
    """Columns that have no empty cell but in lines that are empty as a whole."""
    cells = [cell for line in lines.values() if not _is_empty(line) for cell in line]
    return frozenset(cell.column for cell in cells) - {cell.column for cell in cells if _is_blank(cell)}


def _true_columns(lines: Mapping[str, Line], table: forms.Table) -> frozenset[str]:
    """Columns that are true to R2 and R3: a figure that slipped sideways spoils the one it comes to."""
    true = set()
    for i, term in enumerate(table.blocks[0].columns):
        column = {row: _number(line[i]) for row, line in lines.items() if len(line) > i}
        known = {row: number for row, number in column.items() if number is not None}
        if (
            all(row.key in known for row in table.rows)
            and known["received"] + known["carried_in"] == known["concluded"] + known["carried_out"]
            and sum(known[row] for row in table.outcome_rows) == known["concluded"]
        ):
            true.add(term.key)
    return frozenset(true)


#: A procedure of which only the total is filled in.
_TOTAL_ONLY = (True, True, True, True, False)


def _reviews(lines: Mapping[str, Line], *, sound: bool) -> frozenset[Place]:
    """Table 4 is one row: a cell lost in it moves all that follow."""
    procedures = list(lines.values())
    whole = _places(procedures)
    true = all(map(_sum_holds, procedures))
    if any(map(_is_inferred, procedures)):
        # V1 alone does not tell a number that ran in from the figures it ran into.
        return whole if sound else frozenset()
    if not _mixed([cell for line in procedures for cell in line]):
        return whole if sound or true else frozenset()
    if true:
        filled = _filled_columns(lines) if sound else frozenset[str]()
        return _places(_borne_out(line, filled) for line in procedures)
    return whole if sound and all(_shape(line) == _TOTAL_ONLY for line in procedures) else frozenset()
