"""Two finds of one statutory table on one page: what they agree on stands, the rest is nobody knows whose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from archive.records import Cell, Finding
from pipelines import messages
from pipelines.tables.sums import has_twins, is_sum


def differ(first: Iterable[Cell], second: Iterable[Cell], *, strict: bool = False) -> bool:
    """Whether some cell has one number here and another there; ``strict``: or none that can be read there."""
    numbers = {(c.row, c.column): c.value for c in first if c.value is not None}
    return any(
        (cell.row, cell.column) in numbers
        and (cell.value is not None or (strict and cell.status in ("ambiguous", "unreadable")))
        and numbers[cell.row, cell.column] != cell.value
        for cell in second
    )


def merge(
    first: Sequence[Cell], second: Iterable[Cell], *, strict: bool = False
) -> tuple[list[Cell], list[Finding]]:
    """The cells of ``first`` that ``second`` has too; if nothing differs, all of them."""
    others = {(c.row, c.column): c for c in second}
    if not differ(first, others.values(), strict=strict):
        return list(first), []
    kept: list[Cell] = []
    lines = set()
    for cell in first:
        other = others.get((cell.row, cell.column))
        if cell.value is None or (other is not None and other.value == cell.value):
            kept.append(cell)
            continue
        lines.add(cell.row)
        raws = dict.fromkeys(raw for raw in (cell.raw, other.raw if other else None) if raw)
        kept.append(replace(cell, value=None, status="ambiguous", readings=tuple(raws)))
    finding = messages.several_tables(first[0].table, len(lines), first[0].where or "")
    return kept, [finding] if lines else []


def opened(cell: Cell) -> Cell:
    """The cell with its figure taken back: nobody knows whether it is the cell's."""
    return cell if cell.value is None else replace(cell, value=None, status="ambiguous", readings=())


def proved(cells: Sequence[Cell], *, ragged: bool) -> tuple[list[Cell], list[Finding]]:
    """The lines whose own sum proves them; the others without their figures.

    ``ragged``: other lines of the document have lost cells or gained some. Then a sum
    proves no line with equal neighbours (``has_twins``).
    """
    kept: list[Cell] = []
    open_ = 0
    for row in dict.fromkeys(cell.row for cell in cells):
        line = [cell for cell in cells if cell.row == row]
        numbers = [cell.value for cell in line]
        sure = is_sum(numbers) and not (ragged and has_twins(numbers))
        kept += line if sure else map(opened, line)
        open_ += not sure and any(cell.value is not None for cell in line)
    return kept, [messages.unproved(cells[0].table, open_, cells[0].where)] if open_ else []


def withdrawn(cells: Sequence[Cell]) -> tuple[list[Cell], list[Finding]]:
    """None of the figures: the text they stand in is another report's."""
    nothing = [replace(cell, value=None, status="ambiguous", readings=()) for cell in cells]
    return merge(cells, nothing, strict=True)
