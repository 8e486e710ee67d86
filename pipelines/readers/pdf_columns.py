"""Which heading a figure stands under where no rule says so: decided exactly, or not at all.

A column is a strip of the page that holds its heading and all its figures, and no
strip reaches into another. Figures that overlap sideways are one column's. Every
way to give the columns of figures to headings, in order, is tried; it counts if all
strips stay apart and the figures stand on the same side of their headings. One way
left decides, several leave the table unread.

That rests on strips which no reader sees. Where every column has a figure the order
alone decides; where one has none, figures that reach under a heading must be set as
it is (flush left, centred or flush right): a figure moved by half a column would
else be taken for its neighbour's.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

Span = tuple[float, float]
#: Ways tried at most; fifteen columns with one blank have some hundred.
_MAX_WAYS = 20_000
#: Points by which two strips may touch: type reaches a little over its box.
_TOUCH = 0.2
#: Points within which two edges are one: word processors set to a twentieth, the sides of glyphs differ.
_ALIGNED = 2.0


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table: headings, and the figures seen in each."""

    headings: tuple[Span, ...]
    figures: tuple[Span | None, ...]

    @property
    def strips(self) -> tuple[Span, ...]:
        return tuple(_union(h, f) if f else h for h, f in zip(self.headings, self.figures, strict=True))

    @property
    def edges(self) -> tuple[float, ...]:
        """The middles between strips; one more than there are columns."""
        strips = self.strips
        inner = [(a[1] + b[0]) / 2 for a, b in itertools.pairwise(strips)]
        return (strips[0][0], *inner, strips[-1][1])

    def column(self, span: Span) -> int | None:
        """The column whose figures this figure overlaps most."""
        shares = [
            (min(strip[1], span[1]) - max(strip[0], span[0]), at)
            for at, strip in enumerate(self.figures)
            if strip
        ]
        share, at = max(shares, default=(0.0, 0))
        return at if share > _TOUCH else None


def runs(spans: Sequence[Span]) -> list[Span]:
    """Spans that overlap as one, left to right."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span[0] < merged[-1][1] - _TOUCH:
            merged[-1] = _union(merged[-1], span)
        else:
            merged.append(span)
    return merged


def decide(headings: Sequence[Span], lines: Sequence[Sequence[Span]]) -> Columns | None:
    """The columns of a table with these headings and lines of figures; ``None`` where that is not certain."""
    headings = sorted(headings)
    if any(_overlap(a, b) for a, b in itertools.pairwise(headings)):
        return None
    found = runs([span for line in lines for span in line])
    if len(found) > len(headings):
        return None
    for line in lines:
        homes = [next(at for at, run in enumerate(found) if _overlap(run, span)) for span in line]
        if len(set(homes)) < len(homes):
            return None  # two figures of one line in one column: the columns reach into each other
    ways = _ways(headings, found)
    if len(ways) != 1:
        return None
    figures: list[Span | None] = [None] * len(headings)
    for run, at in zip(found, ways[0], strict=True):
        figures[at] = run
    if len(found) < len(headings):
        pairs = [
            (span, headings[at])
            for line in lines
            for span in line
            for run, at in zip(found, ways[0], strict=True)
            if _overlap(span, run)
        ]
        if not _are_set_alike([pair for pair in pairs if _overlap(*pair)]):
            return None
    return Columns(tuple(headings), tuple(figures))


def ruled(edges: Sequence[float], lines: Sequence[Sequence[Span]]) -> Columns | None:
    """The columns between upright rules; ``None`` where a figure crosses one or two share a column."""
    strips = list(itertools.pairwise(edges))
    for line in lines:
        homes = []
        for span in line:
            inside = [at for at, (x0, x1) in enumerate(strips) if x0 - 1 <= span[0] and span[1] <= x1 + 1]
            if len(inside) != 1:
                return None
            homes += inside
        if len(set(homes)) < len(homes):
            return None
    return Columns(tuple(strips), tuple(strips))


def _are_set_alike(pairs: Sequence[tuple[Span, Span]]) -> bool:
    """Whether all figures are flush left with their headings, or all centred, or all flush right."""
    left = [figure[0] - heading[0] for figure, heading in pairs]
    right = [figure[1] - heading[1] for figure, heading in pairs]
    middle = [(a + b) / 2 for a, b in zip(left, right, strict=True)]
    return any(all(abs(gap) <= _ALIGNED for gap in gaps) for gaps in (left, middle, right))


def _union(a: Span, b: Span) -> Span:
    return min(a[0], b[0]), max(a[1], b[1])


def _overlap(a: Span, b: Span) -> bool:
    return min(a[1], b[1]) - max(a[0], b[0]) > _TOUCH


def _side(figure: Span, heading: Span) -> int:
    """-1 for a figure left of its heading, 1 right of it, 0 where they overlap."""
    return 0 if _overlap(figure, heading) else -1 if figure[0] < heading[0] else 1


def _ways(headings: Sequence[Span], found: Sequence[Span]) -> list[tuple[int, ...]]:
    """All ways that fit; two are enough to know that none is certain."""
    ways: list[tuple[int, ...]] = []
    left = _MAX_WAYS
    stack: list[tuple[tuple[int, ...], int]] = [((), 0)]
    while stack and len(ways) < 2:
        chosen, side = stack.pop()
        left -= 1
        if left < 0:
            return []
        at = len(chosen)
        if at == len(found):
            ways.append(chosen)
            continue
        first = chosen[-1] + 1 if chosen else 0
        for heading in range(first, len(headings) - (len(found) - at) + 1):
            own = _side(found[at], headings[heading])
            if side and own and own != side:
                continue
            strip = _union(found[at], headings[heading])
            others = [h for number, h in enumerate(headings) if number != heading]
            others += [f for number, f in enumerate(found) if number != at]
            if not any(_overlap(strip, other) for other in others):
                stack.append(((*chosen, heading), own or side))
    return ways
