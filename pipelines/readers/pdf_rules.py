"""The rules of a PDF page: where they run, and whether those around a table are all there."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.readers.pdf_regions import APART
from pipelines.readers.pdf_tables import Part
from pipelines.readers.pdf_words import Line, Word, is_figure


@dataclass(frozen=True, slots=True)
class Rules:
    """The straight rules of a page: (from, to, at)."""

    level: tuple[tuple[float, float, float], ...] = ()
    upright: tuple[tuple[float, float, float], ...] = ()

    @classmethod
    def of(cls, page: Any) -> Rules:
        return cls(
            tuple((e["x0"], e["x1"], e["top"]) for e in page.horizontal_edges),
            tuple((e["top"], e["bottom"], e["x0"]) for e in page.vertical_edges),
        )

    def between(self, upper: Word, lower: Word) -> bool:
        """Whether a level rule runs between two words."""
        x = (max(upper.x0, lower.x0) + min(upper.x1, lower.x1)) / 2
        return any(
            x0 <= x <= x1 and upper.middle < y < lower.middle and upper.bottom - 2 <= y <= lower.top + 2
            for x0, x1, y in self.level
        )

    def through(self, top: float, bottom: float) -> list[float]:
        """Places of the upright rules that run all the way from ``top`` to ``bottom``."""
        places: list[tuple[float, float]] = []
        for upper, lower, x in sorted(self.upright, key=lambda rule: rule[2]):
            covered = max(0.0, min(lower, bottom) - max(upper, top))
            if places and x - places[-1][0] <= 3:
                places[-1] = (
                    places[-1][0],
                    max(places[-1][1], covered) if covered < 1 else places[-1][1] + covered,
                )
            else:
                places.append((x, covered))
        return [x for x, covered in places if covered >= 0.8 * (bottom - top)]


def holds(box: Sequence[float], line: Line) -> bool:
    x = (line.words[0].x0 + line.words[-1].x1) / 2
    return box[0] - 1 <= x <= box[2] + 1 and box[1] - 1 <= (line.top + line.bottom) / 2 <= box[3] + 1


def broken_parts(parts: Sequence[Part], lines: Sequence[Line]) -> list[Part]:
    """Ruled parts whose rules are not all there, and those right beside them."""
    entries = [line for line in lines if line.figures and len(line.words) > 1]
    broken = [part for part in parts if _is_incomplete(part, entries)]
    while True:
        sound = [part for part in parts if part not in broken]
        more = [part for part in sound if _has_neighbour(part, sound, lines)]
        if not more:
            return broken
        broken += more


def _is_incomplete(part: Part, entries: Sequence[Line]) -> bool:
    """Figures lie in none of its cells, or several lines of them in one, or below a heading in one."""
    within = [line for line in entries if holds(part.box, line)]
    return (
        any(not _in_cell(part, word) for line in within for word in line.figures)
        or sum(len(line.figures) > 1 for line in within) > part.height
        or any(_is_crowded(cell.text) for cell in part.cells)
    )


def _has_neighbour(part: Part, sound: Sequence[Part], lines: Sequence[Line]) -> bool:
    """Whether lines of figures, or over a part of one row a line of headings, stand right beside a part."""
    for line in lines:
        headings = part.height == 1 and not line.figures and line.bottom <= part.box[1] + 2
        if (
            len(line.words) > 1
            and (line.figures or headings)
            and not any(holds(other.box, line) for other in sound)
            and line.top < part.box[3] + APART * line.size
            and line.bottom > part.box[1] - APART * line.size
            and line.words[-1].x1 > part.box[0]
            and line.words[0].x0 < part.box[2]
        ):
            return True
    return False


def _in_cell(part: Part, word: Word) -> bool:
    x, y = (word.x0 + word.x1) / 2, word.middle
    column, row = bisect_right(part.edges, x) - 1, bisect_right(part.levels, y) - 1
    return any(c.left <= column < c.right and c.top <= row < c.bottom for c in part.cells)


def _is_crowded(text: str) -> bool:
    """Whether a cell holds several lines of figures, or a heading and figures below it."""
    first, *others = text.split("\n")
    return any(map(is_figure, others)) and (not is_figure(first) or len(others) > 1 or bool(first))
