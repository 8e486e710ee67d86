"""Tables of a PDF page that no rules enclose: rows by the figures' lines, columns by headings and gaps.

A table without rules has its cells all the same: each column keeps a strip of the
page to itself, and a blank cell is a strip with no ink at the height of a line. What
rules there are (between lines, between columns, around the whole) are used. Where
rows or columns are not certain the text stays text.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipelines.readers import pdf_columns
from pipelines.readers.pdf_columns import Columns, Span
from pipelines.readers.pdf_ink import Ink
from pipelines.readers.pdf_lay import lay
from pipelines.readers.pdf_regions import Table, is_headed, is_table, leaves_of, regions, room_of, tables
from pipelines.readers.pdf_rows import LABELS, rows_of
from pipelines.readers.pdf_rules import Rules, broken_parts, holds
from pipelines.readers.pdf_tables import Effort, Part, find_parts
from pipelines.readers.pdf_words import Block, Line, blocks_of, lines_of

#: Share of a page's height at its ends where a table may be cut.
_END = 0.15
#: Words of one page: one full of figures has 700; they are compared in pairs.
_MAX_WORDS = 3_000


@dataclass(frozen=True, slots=True)
class Carried:
    """The last table of a page, as the next page may go on with it."""

    page: int
    columns: Columns | None = None
    """``None`` where the page ends in headings without a line."""
    lines: tuple[tuple[Span, ...], ...] = ()
    edges: tuple[float, ...] = ()
    ruled: bool = False
    room: float | None = None
    """Points between two lines of one cell."""
    hanging: tuple[Line, ...] = ()
    """Those headings, as high above the next page as they stand above the end of their own."""


def find_tables(
    page: Any, effort: Effort, notes: list[str], ink: Ink, carried: Carried | None
) -> tuple[list[Part], Carried | None]:
    """The tables of a page, ruled or not, top to bottom, and what the next page may go on with."""
    ruled = find_parts(page, effort, notes, ink)
    lines = lines_of(page.chars)
    if sum(len(line.words) for line in lines) > _MAX_WORDS:
        return ruled, None
    broken = broken_parts(ruled, lines)
    sound = [part for part in ruled if part not in broken]
    free = [line for line in lines if not any(holds(part.box, line) for part in sound)]
    if not any(len(line.words) > 1 for line in free):
        return ruled, None
    if len(page.horizontal_edges) + len(page.vertical_edges) > _MAX_WORDS:
        return ruled, None
    bare, last = _Reader(page, Rules.of(page), ink, carried).read(free)
    kept = [*sound, *(part for part in broken if not any(_meet(part.box, one.box) for one in bare))]
    parts = sorted([*kept, *bare], key=lambda part: (part.top, part.x0))
    numbered = [_numbered(part, number) for number, part in enumerate(parts, 1)]
    below = last is not None and (last.columns is None or (bare and parts[-1] is bare[-1]))
    return numbered, last if below else None


def _numbered(part: Part, number: int) -> Part:
    if part.number == number:
        return part
    old, new = part.where, replace(part, number=number).where
    cells = tuple(replace(cell, where=cell.where.replace(old, new, 1)) for cell in part.cells)
    return replace(part, number=number, cells=cells)


def _meet(one: Sequence[float], other: Sequence[float]) -> bool:
    return min(one[2], other[2]) > max(one[0], other[0]) and min(one[3], other[3]) > max(one[1], other[1])


class _Reader:
    """Finds the tables among the lines of one page."""

    def __init__(self, page: Any, rules: Rules, ink: Ink, carried: Carried | None) -> None:
        self._page = page.page_number
        self._height = float(page.height)
        self._rules, self._ink = rules, ink
        self._carried = carried if carried and carried.page == page.page_number - 1 else None
        self._room = carried.room if carried else None

    def read(self, lines: Sequence[Line]) -> tuple[list[Part], Carried | None]:
        """The tables, and what the next page may go on with."""
        parts: list[Part] = []
        last: Carried | None = None
        for region in regions(self._height, lines):
            first = all(self._is_furniture(line) for line in lines[: lines.index(region[0])])
            carried = self._carried if first and not parts else None
            last = None
            whole = [*(carried.hanging if carried else ()), *region]
            if not is_table(whole):
                last = self._hanging(region, lines)
                continue
            for table in tables(whole):
                made = self._part(table, len(parts) + 1, carried if carried and carried.columns else None)
                carried = None
                if made is not None:
                    parts.append(made[0])
                last = made[1] if made else None
        return parts, last

    def _is_furniture(self, line: Line) -> bool:
        return line.bottom < self._height * _END and len(line.words) == 1

    def _hanging(self, region: Sequence[Line], lines: Sequence[Line]) -> Carried | None:
        """Headings at the end of a page whose lines are on the next."""
        if not is_headed(region) or lines.index(region[-1]) < len(lines) - 2:
            return None
        moved = tuple(
            Line(
                tuple(
                    replace(w, top=w.top - self._height, bottom=w.bottom - self._height) for w in line.words
                )
            )
            for line in region
        )
        return Carried(self._page, hanging=moved, room=self._room)

    def _part(self, table: Table, number: int, carried: Carried | None) -> tuple[Part, Carried] | None:
        if table.headings:
            carried_on = None
        elif carried is not None:
            carried_on = carried
        else:
            return None
        if not table.labels and len(table.entries) != 1:
            return None  # without labels nothing tells a second line from a figure that was broken
        room = room_of(table, carried.room if carried else self._room)
        heads = blocks_of(table.headings, room, self._rules.between)
        figures = tuple(tuple((w.x0, w.x1) for w in line.figures) for line in table.entries)
        columns, ruled = self._columns(table, heads, figures, carried_on)
        labels = blocks_of(table.labels, room, self._rules.between)
        rows = rows_of(
            labels, table.entries, max((word.bottom for word in table.headings), default=-self._height)
        )
        if columns is None or rows is None:
            return None
        edges = _edges(table, columns, carried, goes_on=carried_on is not None)
        if any(b <= a for a, b in itertools.pairwise(edges)):
            return None
        self._room = room
        cells = lay(f"page[{self._page}]/table[{number}]", heads, rows, columns, self._ink, ruled=ruled)
        words = [word for line in table.lines for word in line.words if word.bottom > 0]
        box = (
            min(edges[0], *(w.x0 for w in words)),
            min(w.top for w in words),
            max(edges[-1], *(w.x1 for w in words)),
            max(w.bottom for w in words),
        )
        part = Part(self._page, number, edges, max(cell.bottom for cell in cells), cells, box)
        seen = (carried_on.lines if carried_on else ()) + figures
        return part, Carried(self._page, columns, seen, edges, ruled, room)

    def _columns(
        self, table: Table, heads: Sequence[Block], figures: Sequence[Sequence[Span]], carried: Carried | None
    ) -> tuple[Columns | None, bool]:
        """The columns, and whether upright rules give them."""
        if carried is not None and carried.columns is not None:
            headings = carried.columns.headings
            if carried.ruled:
                edges = [headings[0][0], *(span[1] for span in headings)]
                return pdf_columns.ruled(edges, figures), True
            return pdf_columns.decide(headings, [*carried.lines, *figures]), False
        body = table.entries or table.lines[-1:]
        top, bottom = min(line.top for line in body), max(line.bottom for line in body)
        after = max((word.x1 for line in table.entries for word in line.labels), default=0.0)
        upright = [x for x in self._rules.through(top, bottom) if x >= after - 2]
        if len(upright) > 1 and len(upright) - 1 >= max(map(len, figures), default=0):
            columns = pdf_columns.ruled(upright, figures)
            if columns is not None:
                return columns, True
        leaves = leaves_of(heads)
        return pdf_columns.decide([(leaf.x0, leaf.x1) for leaf in leaves], figures), False


def _edges(table: Table, columns: Columns, carried: Carried | None, *, goes_on: bool) -> tuple[float, ...]:
    """Column edges of labels and figures; those of the page before where it is the same table."""
    if carried is not None and goes_on:
        return carried.edges
    own = columns.edges
    if table.labels:
        left = min(word.x0 for word in table.labels)
        step = (own[0] - left) / LABELS
        own = (*(left + step * n for n in range(LABELS)), *own)
    return carried.edges if carried is not None and _agree(own, carried.edges) else own


def _agree(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether the edges of two pages are the same table's: as many, and each near its own."""
    if len(one) != len(other):
        return False
    gaps = [b - a for a, b in itertools.pairwise(other)]
    return all(abs(a - b) < min(gaps) * 0.6 for a, b in zip(one, other, strict=True))
