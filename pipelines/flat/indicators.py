"""The indicator list (form 2014) in flattened text: one row a line, one cell a line, or glued.

Rows that still stand on lines of their own, cells parted by ``|`` or tabs, are
read as the grid they were; everything else by the labels
(``pipelines.flat.indicator_labels``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import islice

from archive.forms import indicators as form
from archive.records import Grid, GridCell
from pipelines.flat import indicator_labels as labels
from pipelines.flat.folded import Folded
from pipelines.tables import indicators as grids
from pipelines.tables.indicator_lines import Listing, candidates

_HEADS = form.national().heads["label"]
# 指标 and 项目 alone are common words; in flattened text only the longer names announce the list.
_ANCHOR = re.compile("|".join(r"\s*".join(word) for word in _HEADS if len(word) >= 4))
# A report has one list, or two beside its narrative; a page that has more headers is no report.
_MOST_ANCHORS = 12
_SEPARATORS = re.compile(r"[|\t]")
# Lines without a separator after which a table of separated rows is over.
_PAUSE = 5
# A line without separators that is longer is prose.
_LONGEST_PLAIN = 80
# ① numbers a label.
_CIRCLED = {chr(ord("①") + n): f"({n + 1})" for n in range(20)} | {
    chr(ord("❶") + n): f"({n + 1})" for n in range(10)
}


def find(source: str) -> Listing:
    """The list in this text; empty where there is none."""
    if not _ANCHOR.search(source):
        return Listing()
    text = Folded.of(_unmarked(source))
    best = Listing()
    for anchor in islice(_ANCHOR.finditer(text.text), _MOST_ANCHORS):
        for read in (_from_rows, labels.read):
            listing = read(text, anchor)
            if len(listing.cells) > len(best.cells) or (not best and listing.findings):
                best = listing
        if best:
            break
    return best


def region(source: str) -> tuple[int, int] | None:
    """From the header of a flattened list to its last figure; ``None`` where there is none."""
    for anchor in islice(_ANCHOR.finditer(source), _MOST_ANCHORS):
        found = labels.extent(source, anchor)
        if found is not None:
            return found
    return None


def _unmarked(source: str) -> str:
    """Circled and raised digits as marks: ``fold`` would make them digits of the figure before them."""
    marks = {char for char in set(source) if not char.isascii() and unicodedata.category(char) == "No"}
    for char in marks:
        source = source.replace(char, _CIRCLED.get(char, "※"))
    return source


def _from_rows(text: Folded, anchor: re.Match[str]) -> Listing:
    first = text.line(anchor.start())
    rows: list[tuple[int, list[str]]] = []
    plain: str | None = None
    pause = 0
    for number, line in enumerate(_lines(text, first), start=first):
        parted = _SEPARATORS.search(line) is not None
        if not line.strip():
            continue
        if not parted:
            pause += 1
            if not rows or pause > _PAUSE or len(line) > _LONGEST_PLAIN:
                break
            rows.append((number, [line.strip()]))
            plain = line.strip()
            continue
        cells = [cell.strip() for cell in re.split(_SEPARATORS, line.strip(" "))]
        cells = cells[1:] if len(cells) > 1 and not cells[0] else cells
        cells = cells[:-1] if line.rstrip().endswith("|") and len(cells) > 1 and not cells[-1] else cells
        if plain is not None and cells and _completes(plain, cells[0]):
            rows.pop()
            cells[0] = plain + cells[0]
        plain, pause = None, 0
        rows.append((number, cells))
    if not rows or len(rows[0][1]) < 2:
        return Listing()
    return grids.find([_grid(rows)])


def _lines(text: Folded, first: int) -> Iterator[str]:
    """Lines from the given one on (1-based)."""
    yield from text.text[text.starts[first - 1] :][: labels.REACH].split("\n")


def _completes(plain: str, rest: str) -> bool:
    """A label broken over two lines: only together they are one."""
    return not candidates(rest) and bool(candidates(plain + rest))


def _grid(rows: Sequence[tuple[int, list[str]]]) -> Grid:
    width = max(len(cells) for _, cells in rows)
    made = []
    for r, (number, cells) in enumerate(rows):
        row: list[GridCell | None] = [
            GridCell(text, f"line {number}", (r, c)) for c, text in enumerate(cells)
        ]
        made.append((*row, *([None] * (width - len(cells)))))
    return Grid(tuple(made), f"line {rows[0][0]}")
