"""Ruled tables on the image of a page: lines, the grid they make, merged cells.

A table's outer frame counts as ruled on all sides: a table that a page break
cuts is often open there. Inside, an edge between two places is there or not by
the share of it that is drawn; what is neither makes the cells beside it doubtful.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.uint8]

#: An edge drawn over at least this share is there, below the other it is not; between them it is in doubt.
DRAWN, NOT_DRAWN = 0.75, 0.3
#: Rows and columns of one table: the longest statutory table has 28 rows, the widest 15 columns.
MAX_ROWS, MAX_COLUMNS = 200, 60
#: Tables of one page.
MAX_TABLES = 30


@dataclass(frozen=True, slots=True)
class Area:
    """One cell: its place in the table's grid and on the page (pixels)."""

    top: int
    left: int
    bottom: int
    right: int
    box: tuple[int, int, int, int]
    """Left, top, right, bottom."""
    doubtful: bool = False
    """Whether one of its edges is neither drawn nor absent."""


@dataclass(frozen=True, slots=True)
class Table:
    xs: tuple[int, ...]
    ys: tuple[int, ...]
    cells: tuple[Area, ...]

    @property
    def box(self) -> tuple[int, int, int, int]:
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]


@dataclass(frozen=True, slots=True)
class Rules:
    """The long straight strokes of a page."""

    horizontal: Mask
    vertical: Mask

    @property
    def all(self) -> Mask:
        return cv2.bitwise_or(self.horizontal, self.vertical).astype(np.uint8)


def find_rules(ink: Mask, size: float) -> Rules:
    """Strokes longer than any character that meet another one across.

    ``ink`` is 255 where there is ink, ``size`` a character's height in pixels.
    Characters set close make a stroke too, but it meets nothing.
    """
    across, down = _strokes(ink, round(size * 1.9), 0), _strokes(ink, round(size * 1.35), 1)
    down = _meeting(down, across, size)
    return Rules(_meeting(across, down, size), down)


def _strokes(ink: Mask, length: int, axis: int) -> Mask:
    def bar(n: int, other: int = 1) -> Mask:
        shape = (n, other) if axis == 0 else (other, n)
        return cv2.getStructuringElement(cv2.MORPH_RECT, shape).astype(np.uint8)

    # grain leaves holes of a pixel or two in a line
    whole = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, bar(3))
    # a line that leans by a pixel within the length would not survive the opening
    thick = cv2.dilate(whole, bar(1, 3))
    opened = cv2.morphologyEx(thick, cv2.MORPH_OPEN, bar(length))
    return cv2.morphologyEx(opened, cv2.MORPH_CLOSE, bar(length // 4)).astype(np.uint8)


def _meeting(strokes: Mask, others: Mask, size: float) -> Mask:
    """The strokes that touch one of the other direction, a gap at the corner allowed."""
    reach = max(3, round(size * 0.3)) | 1
    near = cv2.dilate(others, np.ones((reach, reach), np.uint8))
    count, labels = cv2.connectedComponents(strokes, connectivity=8)
    meets = np.zeros(count, dtype=bool)
    meets[np.unique(labels[near > 0])] = True
    meets[0] = False
    return np.where(meets[labels], 255, 0).astype(np.uint8)


def find_tables(rules: Rules, size: float) -> list[Table]:
    """The ruled tables of a page, top to bottom."""
    joined = cv2.dilate(rules.all, np.ones((5, 5), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found: list[Table] = []
    for left, top, width, height, _ in sorted(stats[1:count].tolist(), key=lambda s: (s[1], s[0])):
        if width < size * 5 or height < size * 1.3 or len(found) >= MAX_TABLES:
            continue
        table = _table(rules, (left, top, left + width, top + height), size)
        if table is not None:
            found.append(table)
    # a frame around everything, or a table in a table, is read by its innermost cells only
    return [t for t in found if not any(t is not o and _inside(o.box, t.box) for o in found)]


def _inside(inner: tuple[int, int, int, int], outer: tuple[int, int, int, int]) -> bool:
    return inner[0] > outer[0] and inner[1] > outer[1] and inner[2] < outer[2] and inner[3] < outer[3]


def _table(rules: Rules, box: tuple[int, int, int, int], size: float) -> Table | None:
    left, top, right, bottom = box
    across = rules.horizontal[top:bottom, left:right]
    down = rules.vertical[top:bottom, left:right]
    near = max(4.0, size * 0.35)
    ys = _positions(across, 1, near, (0, bottom - top - 1))
    xs = _positions(down, 0, near, (0, right - left - 1))
    if not (len(ys) - 1 + 1 >= 2 and 3 <= len(xs) <= MAX_COLUMNS and 2 <= len(ys) <= MAX_ROWS):
        return None
    edges = _Edges(across, down, xs, ys, round(near))
    cells = tuple(_areas(edges, xs, ys, left, top))
    return Table(tuple(x + left for x in xs), tuple(y + top for y in ys), cells)


def _positions(strokes: Mask, axis: int, near: float, ends: tuple[int, int]) -> list[int]:
    """Where the strokes of one direction lie, near ones as one; the table's own ends always count."""
    count, _, stats, centres = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    pieces = sorted(
        (float(centres[n][axis]), float(stats[n][cv2.CC_STAT_WIDTH if axis else cv2.CC_STAT_HEIGHT]))
        for n in range(1, count)
    )
    groups: list[list[tuple[float, float]]] = []
    for position, length in pieces:
        if groups and position - groups[-1][-1][0] <= near:
            groups[-1].append((position, length))
        else:
            groups.append([(position, length)])
    found = [round(sum(p * n for p, n in group) / sum(n for _, n in group)) for group in groups]
    if not found or found[0] - ends[0] > near * 1.5:
        found.insert(0, ends[0])
    if ends[1] - found[-1] > near * 1.5:
        found.append(ends[1])
    return found


@dataclass(frozen=True, slots=True)
class _Edges:
    across: Mask
    down: Mask
    xs: Sequence[int]
    ys: Sequence[int]
    near: int

    def below(self, row: int, column: int) -> float:
        """Share drawn of the edge between (row, column) and (row + 1, column)."""
        y = self.ys[row + 1]
        x0, x1 = self._within(self.xs[column], self.xs[column + 1])
        band = self.across[max(0, y - self.near) : y + self.near + 1, x0:x1]
        return float(band.any(axis=0).mean()) if band.size else 1.0

    def beside(self, row: int, column: int) -> float:
        """Share drawn of the edge between (row, column) and (row, column + 1)."""
        x = self.xs[column + 1]
        y0, y1 = self._within(self.ys[row], self.ys[row + 1])
        band = self.down[y0:y1, max(0, x - self.near) : x + self.near + 1]
        return float(band.any(axis=1).mean()) if band.size else 1.0

    def _within(self, start: int, end: int) -> tuple[int, int]:
        inset = min(self.near, (end - start) // 4)
        return start + inset, end - inset


def _areas(edges: _Edges, xs: Sequence[int], ys: Sequence[int], left: int, top: int) -> Iterator[Area]:
    rows, columns = len(ys) - 1, len(xs) - 1
    parent = list(range(rows * columns))
    doubtful: set[int] = set()

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    def meet(one: int, other: int, drawn: float) -> None:
        if NOT_DRAWN <= drawn < DRAWN:
            doubtful.update((one, other))
        if drawn < NOT_DRAWN:
            parent[root(other)] = root(one)

    for row in range(rows):
        for column in range(columns):
            at = row * columns + column
            if row + 1 < rows:
                meet(at, at + columns, edges.below(row, column))
            if column + 1 < columns:
                meet(at, at + 1, edges.beside(row, column))
    members: dict[int, list[int]] = {}
    for at in range(rows * columns):
        members.setdefault(root(at), []).append(at)
    for group in members.values():
        rs, cs = [at // columns for at in group], [at % columns for at in group]
        places = (min(rs), min(cs), max(rs) + 1, max(cs) + 1)
        whole = len(group) == (places[2] - places[0]) * (places[3] - places[1])
        # what is no rectangle has lost a line: its places stay apart, and in doubt
        doubt = not whole or any(at in doubtful for at in group)
        apart = [(r, c, r + 1, c + 1) for r, c in zip(rs, cs, strict=True)]
        for first, begin, last, end in [places] if whole else apart:
            box = (xs[begin] + left, ys[first] + top, xs[end] + left, ys[last] + top)
            yield Area(first, begin, last, end, box, doubt)
