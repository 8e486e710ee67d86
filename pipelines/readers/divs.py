"""Tables built of ``<div>`` and the like: rows of sibling elements, each with its cells as elements.

Such cells have boundaries of their own, blanks too, and no spans. Rows are believed only
where they hold a statutory table whole (``flat.delimited``): what a style sheet moves about,
or a row that lacks a cell, shows somewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lxml.etree import _Element

from archive.records import Grid, GridCell
from pipelines.dom import BLOCKS, cell_text, is_hidden, select
from pipelines.flat import delimited

#: Words of which one is in each statutory table; a page without them between its tables has none of divs.
_HINT = re.compile(r"信\s*息\s*内\s*容|申\s*请\s*数\s*量|复\s*议\s*后\s*起\s*诉")
#: Table 4 has four rows, three of headings and one of figures.
_LEAST_ROWS = 4
#: Cells of one row: Table 4 has fifteen; and of all rows of a page.
_MOST_CELLS = 40
_MOST = 20_000
#: What parts the lines of a cell: one number or two, as a line break is.
_BREAK = "  "
#: Styles that show cells in another order than the source has them.
_MOVED = re.compile(
    r"reverse|(?:^|[;\s])order\s*:|float\s*:\s*right|position\s*:\s*(?:absolute|fixed)|direction\s*:\s*rtl",
    re.I,
)


#: The note on the sums of Table 3 has 50 characters.
_LONGEST_HEADING = 60
_PROSE = re.compile(r"^[一二三四五六]、|。$")


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Rows that follow each other, and the statutory tables in them."""

    rows: tuple[_Element, ...]
    grids: tuple[Grid, ...]
    of_line: Mapping[int, _Element]
    """Line of the grids → row."""


def find(body: _Element, text: str) -> list[Run]:
    """The runs of rows under ``body`` that hold a statutory table; ``text`` is its text outside of tables."""
    if not _HINT.search(text):
        return []
    found = []
    left = _MOST
    for rows in _runs(body):
        left -= sum(map(len, rows))
        if left < 0:
            break
        lines = [
            (number, [cell_text(cell).replace("\n", _BREAK) for cell in row if not is_hidden(cell)])
            for number, row in enumerate(rows)
            if not is_hidden(row)
        ]
        grids, own = delimited.grids(lines)
        if grids:
            first = _first(lines, min(own))
            names = {number: rows[number] for number, _ in lines}
            found.append(Run(tuple(rows[first : max(own) + 1]), tuple(grids), names))
    return found


def _first(lines: Sequence[delimited.Line], figures: int) -> int:
    """The first row of headings above the first row of figures; what goes before is prose, or a title."""
    first = figures
    for number, cells in reversed([line for line in lines if line[0] < figures]):
        if any(len(text) > _LONGEST_HEADING or _PROSE.search(text.strip()) for text in cells):
            break
        first = number
    return first


def _runs(body: _Element) -> Iterator[list[_Element]]:
    """Neighbouring elements of one tag, each of which holds nothing but cells."""
    for parent in [body, *select(body, "descendant::*[not(self::table)][count(*) >= 4]")]:
        if _MOVED.search(parent.get("style") or ""):
            continue
        run: list[_Element] = []
        for child in parent:
            if _is_row(child) and (
                not run or (run[-1].tag == child.tag and not (run[-1].tail or "").strip())
            ):
                run.append(child)
                continue
            if len(run) >= _LEAST_ROWS:
                yield run
            run = [child] if _is_row(child) else []
        if len(run) >= _LEAST_ROWS:
            yield run


def _is_row(element: _Element) -> bool:
    """Whether an element holds cells of one tag and no text of its own."""
    if element.tag not in BLOCKS or element.tag in ("table", "tr") or not 0 < len(element) <= _MOST_CELLS:
        return False
    if (element.text or "").strip() or _MOVED.search(element.get("style") or ""):
        return False
    tag = element[0].tag
    return all(
        cell.tag == tag
        and cell.tag not in ("table", "br")
        and not (cell.tail or "").strip()
        and not _MOVED.search(cell.get("style") or "")
        and cell.find(".//table") is None
        for cell in element
    )


def placed(run: Run, grid: Grid, name_of: Callable[[_Element], str]) -> Grid:
    """A grid of the run with the places of its rows on the page."""

    def name(where: str) -> str:
        return name_of(run.of_line[int(where.removeprefix("line "))])

    def cell(one: GridCell | None) -> GridCell | None:
        return one and replace(one, where=f"{name(one.where)}/cell[{one.origin[1] + 1}]")

    return replace(grid, where=name(grid.where), rows=tuple(tuple(map(cell, row)) for row in grid.rows))
