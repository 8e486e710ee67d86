"""Blanks inside numbers: one number, or two that share a cell? Decided by what the document does elsewhere.

``176 2`` beside an empty cell may be 1762, or 176 and the 2 that belongs next to it.
Where the document writes other numbers with a blank in them whose neighbours are all
there, or the sums of the column confirm them, that is how it writes numbers; where a split
would make a line's sum right, it is not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from archive import forms
from archive.records import Cell
from pipelines import values

#: Numbers with a blank in them that are one for certain; fewer may be slips.
_HABIT = 3
_SUMMED = frozenset({"requests", "reviews"})


def settle(cells: Sequence[Cell], form: str | None) -> list[Cell]:
    """The cells; those in doubt for a blank inside them are read as one number where that is sure.

    ``form``: of Table 3, whose columns (R2 and R3) may confirm them.
    """
    if not any(map(is_doubtful, [cell for cell in cells if cell.status == "ambiguous"])):
        return list(cells)
    columns = _confirmed_columns(cells, forms.form(form).tables["requests"]) if form else frozenset[str]()
    known = [
        _joined(cell) if is_doubtful(cell) and cell.table == "requests" and cell.column in columns else cell
        for cell in cells
    ]
    certain = sum(cell.status == "exact" and values.has_gap(cell.raw or "") for cell in known)
    if certain < _HABIT or _split_fits(known, [cell for cell in known if is_doubtful(cell)]):
        return known
    return [_joined(cell) if is_doubtful(cell) else cell for cell in known]


def _confirmed_columns(cells: Sequence[Cell], table: forms.Table) -> frozenset[str]:
    """Columns of Table 3 that are whole and true to R2 and R3, doubtful figures read as one number."""
    confirmed = set()
    for term in table.blocks[0].columns:
        column = {
            cell.row: int(cell.readings[0] if is_doubtful(cell) else cell.value or 0)
            for cell in cells
            if cell.table == "requests"
            and cell.column == term.key
            and (is_doubtful(cell) or cell.value is not None)
        }
        if all(row.key in column for row in table.rows) and (
            column["received"] + column["carried_in"] == column["concluded"] + column["carried_out"]
            and sum(column[row] for row in table.outcome_rows) == column["concluded"]
        ):
            confirmed.add(term.key)
    return frozenset(confirmed)


def is_doubtful(cell: Cell) -> bool:
    """Whether the cell is open for no other reason than a blank inside its number."""
    return (
        cell.status == "ambiguous"
        and len(cell.readings) == 2
        and cell.readings[0].isdigit()
        and cell.readings[1].replace(" | ", "") == cell.readings[0]
    )


def _joined(cell: Cell) -> Cell:
    return replace(cell, value=int(cell.readings[0]), status="exact", readings=())


def _split_fits(cells: Sequence[Cell], doubtful: Sequence[Cell]) -> bool:
    """Whether some line's sum comes right if the two parts of a doubtful cell are two cells."""
    lines: defaultdict[tuple[str, str], list[Cell]] = defaultdict(list)
    for cell in cells:
        lines[cell.table, cell.row].append(cell)
    return any(
        _sums_when_split(lines[cell.table, cell.row], cell) for cell in doubtful if cell.table in _SUMMED
    )


def _sums_when_split(line: Sequence[Cell], cell: Cell) -> bool:
    numbers = [int(other.value or 0) for other in line]
    parts = [int(part) for part in cell.readings[1].split(" | ")]
    at = line.index(cell)
    for first in (at, at - 1):
        places = range(first, first + len(parts))
        if places.start < 0 or places.stop > len(line):
            continue
        if any(line[place].status != "blank" for place in places if place != at):
            continue
        split = list(numbers)
        for place, part in zip(places, parts, strict=True):
            split[place] = part
        if any(split) and sum(split[:-1]) == split[-1]:
            return True
    return False
