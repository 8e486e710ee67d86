"""Rows of a table without rules: which label stands beside which line of figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.readers.pdf_words import Block, Line

#: Columns kept for labels: two groups and the line's own.
LABELS = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: its line of figures (``None`` where all are blank) and its labels with their columns."""

    line: Line | None
    labels: tuple[tuple[int, Block], ...]
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table, and the label blocks that stand beside its headings."""

    above: tuple[Block, ...]
    entries: tuple[Entry, ...]


def rows_of(labels: Sequence[Block], lines: Sequence[Line], low: float) -> Rows | None:
    """Each line of figures with its own label; ``None`` where a label is missing or stands beside two lines.

    ``low`` is the lower end of the headings. Labels of groups stand beside several
    lines, left of their labels; a label beside no line at all is a line of blanks.
    """
    above = tuple(block for block in labels if block.middle < low)
    beside = [block for block in labels if block.middle >= low]
    if not beside and len(lines) == 1:
        line = lines[0]
        return Rows(above, (Entry(line, (), line.top, line.bottom),))
    own: dict[int, Block] = {}
    heights = [sum(word.middle for word in line.figures) / len(line.figures) for line in lines]
    for at, height in enumerate(heights):
        candidates = [block for block in beside if block.top - 0.5 <= height <= block.bottom + 0.5]
        if not candidates:
            return None
        own[at] = max(candidates, key=lambda block: block.x0)
    leaves = list(own.values())
    if any(leaves.count(leaf) > 1 for leaf in leaves):
        return None
    entries: list[tuple[Line | None, Block]] = [(lines[at], leaf) for at, leaf in own.items()]
    groups: list[Block] = []
    for block in beside:
        if any(block is leaf for leaf in leaves):
            continue
        level = any(min(block.bottom, leaf.bottom) > max(block.top, leaf.top) for leaf in leaves)
        spans = any(block.top - 0.5 <= height <= block.bottom + 0.5 for height in heights)
        if level or spans:
            groups.append(block)
        else:
            entries.append((None, block))
    if not entries:
        return None
    entries.sort(key=lambda entry: entry[0].figures[0].middle if entry[0] else entry[1].middle)
    placed: list[list[Block]] = [[leaf] for _, leaf in entries]
    for group in groups:
        nearest = min(range(len(entries)), key=lambda at: abs(entries[at][1].middle - group.middle))
        placed[nearest].append(group)
    rows = []
    for (figures, leaf), blocks in zip(entries, placed, strict=True):
        outer = sorted((block for block in blocks if block is not leaf), key=lambda block: -block.x0)
        if len(outer) >= LABELS:
            return None
        columns = [(LABELS - 1, leaf), *((LABELS - 2 - n, block) for n, block in enumerate(outer))]
        top = figures.figures[0].top if figures else leaf.top
        bottom = figures.figures[0].bottom if figures else leaf.bottom
        rows.append(Entry(figures, tuple(sorted(columns, key=lambda pair: pair[0])), top, bottom))
    return Rows(above, tuple(rows))
