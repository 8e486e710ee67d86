"""Tables that run over a page break of a PDF, joined.

A word processor cuts a table at the foot of a page. What is cut: the table
(always), a label cell that spans rows (its text may be cut in two, ``（四）无`` /
``法提供``), and sometimes a single row. Parts are put together only where the
geometry says so; a figure is never moved to another row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from archive.records import Grid
from pipelines.grid import Rectangle, from_rectangles
from pipelines.readers.pdf_tables import Box, Part, nearest

#: Outer and inner edges of the parts of one table differ by a line width or two from page to page.
EDGE_TOLERANCE = 6.0

_ENUMERATOR = re.compile(
    r"\s*(?:[（(]?\s*(?:[一二三四五六七八九十]+|\d{1,2})\s*[)）、.．，,]|第[一二三四五六七八九十]+)"
)
_FIGURE = re.compile(r"[\s\d０-９+\-－—–/.,，．%％*]*(?:[\s\d０-９.]+\s*(?:元|万元|件|条|项|批次))?\s*")


def may_follow(upper: Part, lower: Part) -> bool:
    """Whether ``lower``, first on its page, goes on with ``upper``, last on the page before.

    The outer edges agree, and of the inner edges at least one does or one part
    has none of its own (a row group with fewer columns). That nothing but page
    furniture stands between is the caller's to know.
    """
    if lower.page != upper.page + 1:
        return False
    ends = (upper.edges[0] - lower.edges[0], upper.edges[-1] - lower.edges[-1])
    if any(abs(gap) > EDGE_TOLERANCE for gap in ends):
        return False
    inner_upper, inner_lower = upper.edges[1:-1], lower.edges[1:-1]
    few, many = sorted((inner_upper, inner_lower), key=len)
    shared = sum(1 for x in few if any(abs(x - y) <= EDGE_TOLERANCE for y in many))
    return shared == len(few) or shared * 2 >= len(many)


def joined_grid(parts: Sequence[Part]) -> Grid:
    """One grid of the parts of one table, in order."""
    edges = _common_edges(parts)
    cells = [_moved(cell, parts[0].edges, edges, 0) for cell in parts[0].cells]
    height = parts[0].height
    notes = [note for part in parts for note in part.notes]
    for part in parts[1:]:
        lower = [_moved(cell, part.edges, edges, height) for cell in part.cells]
        lower, dropped = _without_repeated_header(cells, lower, height)
        if dropped:
            notes.append(f"{part.where}: {dropped} header rows repeated, left out")
        notes.append(f"{part.where} goes on with {parts[0].where}")
        cells, lower, cut = _join_cut_cells(cells, lower, height, notes)
        cells.extend(lower)
        height += part.height - dropped - cut
    rectangles = [Rectangle(c.top, c.left, c.bottom, c.right, c.text, c.where) for c in cells]
    return from_rectangles(rectangles, where=parts[0].where, notes=notes)


def _common_edges(parts: Sequence[Part]) -> list[float]:
    """Column edges of the whole table: those of all parts, near ones taken as one."""
    edges = list(max(parts, key=lambda part: len(part.edges)).edges)
    for part in parts:
        for x in part.edges:
            if all(abs(x - known) > EDGE_TOLERANCE for known in edges):
                edges.append(x)
    return sorted(edges)


def _moved(cell: Box, own: Sequence[float], edges: Sequence[float], rows: int) -> Box:
    """A cell at its place in the joined table."""
    return replace(
        cell,
        top=cell.top + rows,
        bottom=cell.bottom + rows,
        left=nearest(edges, own[cell.left]),
        right=nearest(edges, own[cell.right]),
    )


def _row(cells: Sequence[Box], row: int) -> list[tuple[int, int, str]]:
    return sorted((c.left, c.right, re.sub(r"\s", "", c.text)) for c in cells if c.top == row)


def _without_repeated_header(upper: list[Box], lower: list[Box], height: int) -> tuple[list[Box], int]:
    """``lower`` without the rows that repeat the first rows of the table, and how many those were.

    Only rows without figures count as header, and a cell must not reach out of them.
    """
    same = 0
    while True:
        row = _row(lower, height + same)
        if not row or row != _row(upper, same) or all(_is_figure(text) for _, _, text in row):
            break
        same += 1
    while same and any(c.top < height + same < c.bottom for c in lower):
        same -= 1
    rest = [replace(c, top=c.top - same, bottom=c.bottom - same) for c in lower if c.top >= height + same]
    return (rest, same) if rest else (lower, 0)


def _is_figure(text: str) -> bool:
    """Whether a cell holds a figure, a dash or nothing."""
    return _FIGURE.fullmatch(text) is not None


def _join_cut_cells(
    upper: list[Box], lower: list[Box], height: int, notes: list[str]
) -> tuple[list[Box], list[Box], int]:
    """Put together label cells that the page break cut; returns both halves and the number of rows gained."""
    pairs = [
        (above, below)
        for above in upper
        if above.bottom == height
        for below in lower
        if below.top == height and (below.left, below.right) == (above.left, above.right)
    ]
    if _is_cut_row(upper, lower, pairs, height):
        return _join_row(upper, lower, pairs, height, notes)
    for above, below in pairs:
        if above.rows == 1 and below.rows == 1:
            continue
        if _goes_on(above, below, lower):
            upper[upper.index(above)] = replace(
                above, bottom=below.bottom, text=_glue(above.text, below.text), where=_wheres(above, below)
            )
            lower.remove(below)
        elif above.text and below.text and not _is_figure(below.text) and not _ENUMERATOR.match(below.text):
            notes.append(f"{below.where}: may go on with {above.where}, kept apart")
    return upper, lower, 0


def _goes_on(above: Box, below: Box, lower: Sequence[Box]) -> bool:
    """Whether a cell that spans rows was cut by the page break.

    Never a figure; an empty lower half belongs to the label above it, a lower
    half with text only if the upper one was broken off at the cell's right edge
    (or inside a bracket) and the lower one begins no item of its own.
    """
    if _is_figure(above.text) and (above.text.strip() or above.rows == 1):
        return False
    if not below.text.strip():
        # an empty cell of one row is the rest of a group label only if the row's own label is to its right
        return below.rows > 1 or any(
            c.top == below.top and c.left >= below.right and not _is_figure(c.text) for c in lower
        )
    if _is_figure(below.text) or _ENUMERATOR.match(below.text):
        return False
    if not above.text.strip():
        return above.rows > 1
    return above.full or _open_bracket(above.text)


def _open_bracket(text: str) -> bool:
    return sum(text.count(c) for c in "（(") > sum(text.count(c) for c in "）)")


def _glue(above: str, below: str) -> str:
    return f"{above}\n{below}" if above.strip() and below.strip() else above or below


def _wheres(above: Box, below: Box) -> str:
    return f"{above.where}+{below.where}"


def _is_cut_row(
    upper: Sequence[Box], lower: Sequence[Box], pairs: Sequence[tuple[Box, Box]], height: int
) -> bool:
    """Whether the last row above and the first row below are halves of one row.

    All of its cells have their other half; some label goes on; and at most one
    half of each cell holds anything, so that no figure can meet another.
    """
    last = [c for c in upper if c.bottom == height and c.rows == 1]
    first = [c for c in lower if c.top == height and c.rows == 1]
    single = [(a, b) for a, b in pairs if a.rows == 1 and b.rows == 1]
    if not single or len(single) != len(first) or len(single) != len(last):
        return False
    labels = [(a, b) for a, b in single if a.text.strip() and b.text.strip()]
    figures = [(a, b) for a, b in single if not (a.text.strip() and b.text.strip())]
    if not labels or not figures:
        return False
    one_side = not any(a.text.strip() for a, _ in figures) or not any(b.text.strip() for _, b in figures)
    return one_side and all(
        not _is_figure(a.text)
        and not _is_figure(b.text)
        and not _ENUMERATOR.match(b.text)
        and (a.full or _open_bracket(a.text))
        for a, b in labels
    )


def _join_row(
    upper: list[Box], lower: list[Box], pairs: Sequence[tuple[Box, Box]], height: int, notes: list[str]
) -> tuple[list[Box], list[Box], int]:
    """Make one row of the two halves; everything below moves up by one row."""
    partner = {id(a): b for a, b in pairs}
    joined = [
        replace(
            c,
            bottom=max(c.bottom, partner[id(c)].bottom - 1),
            text=_glue(c.text, partner[id(c)].text),
            where=_wheres(c, partner[id(c)]),
        )
        if id(c) in partner
        else c
        for c in upper
    ]
    taken = {id(b) for _, b in pairs}
    rest = [
        replace(c, top=max(c.top - 1, height), bottom=c.bottom - 1)
        if c.top > height
        else replace(c, bottom=c.bottom - 1)
        for c in lower
        if id(c) not in taken
    ]
    notes.append(f"row {height} was cut by the page break and put together")
    return joined, [c for c in rest if c.bottom > c.top], 1
