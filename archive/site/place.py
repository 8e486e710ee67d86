"""Where a figure stands in its original: the place in words, and the table around it, read again.

Pure, but for ``Glass``, which keeps what was looked at last.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from archive.records import Grid, Paragraph, Snapshot
from archive.seen import Look, Seen
from archive.site.i18n import Words

#: Places are made of these characters (``pipelines.grid``, ``readers``); anything else is no place.
PLACE = re.compile(r"[\w\[\]/+().:#\- ]{1,300}")

_STEP = re.compile(r"(part|page|table|tr|row|td|th|cell|p|div|li)\[(\d+)\]")
_KEYS = {"tr": "row", "td": "cell", "th": "cell", "li": "p", "div": "p"}

#: Characters of a cell that are shown; the longest label with filling instructions has 200.
_CELL = 400
#: Of a paragraph.
_TEXT = 1200
#: Rows of a table that are shown on either side of the place, and at its head; Table 3 has 30.
_AROUND = 40
_HEAD = 4
#: Paragraphs shown before and after.
_BESIDE = 2

Mark = Literal["cell", "row", ""]


def in_words(place: str, words: Words) -> str:
    """``page[2]/table[1]/row[5]`` → 第 2 页，第 1 个表格，第 5 行; unknown steps as they are."""
    halves = [
        words("place.join").join(_step(step, words) for step in half.split("/") if step)
        for half in place.split("+")
    ]
    return words("place.and").join(halves)


def _step(step: str, words: Words) -> str:
    found = _STEP.fullmatch(step)
    if found is None:
        return words.code("place", step)
    return words(f"place.{_KEYS.get(found[1], found[1])}", n=found[2])


@dataclass(frozen=True, slots=True)
class Shown:
    """One cell of the original's table as the page shows it."""

    text: str
    mark: Mark
    colspan: int = 1
    rowspan: int = 1


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The surroundings of a place: rows of a table, or paragraphs with their marks."""

    rows: tuple[tuple[Shown, ...], ...] = ()
    paragraphs: tuple[Shown, ...] = ()
    above: int = 0
    """Rows left out before the first of ``rows`` that is no heading."""
    below: int = 0
    """Rows left out at the end."""

    @property
    def exact(self) -> bool:
        """Whether the very cell or paragraph is marked, and not a line as a whole."""
        shown = (*self.paragraphs, *(cell for row in self.rows for cell in row))
        return any(one.mark == "cell" for one in shown)


def excerpt(seen: Seen, place: str) -> Excerpt | None:
    """What stands around a place; ``None`` where the original, read today, has no such place."""
    targets = tuple(half for half in place.split("+") if half)
    for at, block in enumerate(seen.blocks):
        if isinstance(block, Grid):
            marks = [[_mark(cell.where, targets) if cell else "" for cell in row] for row in block.rows]
            if any(mark for row in marks for mark in row):
                return _of_grid(block, marks)
        elif block.where in targets:
            return _of_text(seen.blocks, at, targets)
    return None


def _mark(where: str, targets: Sequence[str]) -> Mark:
    halves = where.split("+")
    if any(half in targets for half in halves):
        return "cell"
    return "row" if any(half.startswith(f"{target}/") for half in halves for target in targets) else ""


def _of_grid(grid: Grid, marks: Sequence[Sequence[Mark]]) -> Excerpt:
    hit = [number for number, row in enumerate(marks) if any(row)]
    first, last = max(0, hit[0] - _AROUND), min(len(grid.rows), hit[-1] + _AROUND + 1)
    shown = [*range(min(_HEAD, first)), *range(first, last)]
    rows = tuple(tuple(_cells(grid, marks, number, shown)) for number in shown)
    return Excerpt(rows, above=max(0, first - _HEAD), below=len(grid.rows) - last)


def _cells(grid: Grid, marks: Sequence[Sequence[Mark]], number: int, shown: Sequence[int]) -> Iterator[Shown]:
    row = grid.rows[number]
    at = 0
    while at < len(row):
        cell = row[at]
        if cell is None:
            yield Shown("", "")
            at += 1
            continue
        width = 1
        while at + width < len(row) and _same(row[at + width], cell):
            width += 1
        # A span whose beginning is not shown begins with the first of its rows that is.
        begins = number == shown[0] or number - 1 not in shown or not _same(grid.rows[number - 1][at], cell)
        if begins:
            height = 1
            while number + height in shown and _same(grid.rows[number + height][at], cell):
                height += 1
            yield Shown(_cut(cell.text, _CELL), marks[number][at], width, height)
        at += width


def _same(one: object, other: object) -> bool:
    return one is not None and getattr(one, "origin", None) == getattr(other, "origin", None)


def _of_text(blocks: Sequence[Paragraph | Grid], at: int, targets: Sequence[str]) -> Excerpt:
    beside = blocks[max(0, at - _BESIDE) : at + _BESIDE + 1]
    return Excerpt(
        paragraphs=tuple(
            Shown(_cut(block.text, _TEXT), "cell" if block.where in targets else "")
            for block in beside
            if isinstance(block, Paragraph)
        )
    )


def _cut(text: str, most: int) -> str:
    squeezed = " ".join(text.split())
    return squeezed if len(squeezed) <= most else f"{squeezed[:most]}…"


class Glass:
    """Looks at originals through a ``Look``, one at a time, and keeps the last few; safe for threads.

    A reader for whom it is busy too long is told so instead of waiting.
    """

    def __init__(self, look: Look, *, kept: int = 32, patience: float = 10.0) -> None:
        self._look = look
        self._kept = kept
        self._patience = patience
        self._seen: OrderedDict[int, Seen] = OrderedDict()
        self._one = threading.Lock()

    def see(self, document: int, snapshot: Callable[[], Snapshot]) -> Seen | None:
        """What this document looks like; ``None`` while too many ask."""
        known = self._seen.get(document)
        if known is not None:
            return known
        if not self._one.acquire(timeout=self._patience):
            return None
        try:
            if document not in self._seen:
                self._seen[document] = self._look(snapshot())
                while len(self._seen) > self._kept:
                    self._seen.popitem(last=False)
            return self._seen[document]
        finally:
            self._one.release()
