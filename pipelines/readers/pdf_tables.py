"""Ruled tables of one PDF page: cells by their boxes, merged cells by their size."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pdfplumber.utils.text import extract_text

from pipelines.readers import messages
from pipelines.readers.pdf_digits import kept_in_cells, with_signs
from pipelines.readers.pdf_ink import NOTHING, Ink

#: Rules closer than this (points) are one rule: hairlines are drawn as thin boxes, corners overlap.
SNAP = 3.0
#: Rules of one page: a statutory page has 50, or 1,000 where every cell draws its own four.
MAX_RULES = 3_000
#: Crossings of rules on one page: a statutory page has 300. pdfplumber compares each with every other,
#: so that 3,000 take a second and 90,000 a quarter of an hour.
MAX_CROSSINGS = 3_000
#: The same for a whole file.
MAX_ALL_CROSSINGS = 60_000
#: A filled box without outline higher than this is shading behind text, not a rule.
MAX_RULE_WIDTH = 3.0


@dataclass(slots=True)
class Effort:
    """What may still be spent on one file."""

    crossings: int = MAX_ALL_CROSSINGS


@dataclass(frozen=True, slots=True)
class Box:
    """One cell of one page: its place in the part's grid, its text and how full its last line is."""

    top: int
    left: int
    bottom: int
    right: int
    text: str
    where: str
    full: bool = False
    """The last line leaves no room for another character: the text may go on elsewhere."""

    @property
    def rows(self) -> int:
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Part:
    """What one page holds of a table; positions in points."""

    page: int
    number: int
    edges: tuple[float, ...]
    """Column edges, left to right."""
    height: int
    cells: tuple[Box, ...]
    box: tuple[float, float, float, float]
    notes: tuple[str, ...] = ()
    levels: tuple[float, ...] = ()
    """Row edges, top to bottom, where rules give them."""

    @property
    def where(self) -> str:
        return f"page[{self.page}]/table[{self.number}]"

    @property
    def top(self) -> float:
        return self.box[1]

    @property
    def x0(self) -> float:
        return self.box[0]


def find_parts(page: Any, effort: Effort, notes: list[str], ink: Ink = NOTHING) -> list[Part]:
    """The ruled tables of a page with at least two columns and some text, top to bottom.

    ``ink`` tells what cells without text show.
    """
    rules = len(page.lines) + len(page.rects) + len(page.curves)
    if not rules:
        return []
    crossings = _crossings(page) if rules <= MAX_RULES else 0
    effort.crossings -= crossings
    if rules > MAX_RULES or crossings > MAX_CROSSINGS or effort.crossings < 0:
        notes.append(messages.too_many_rules(page.page_number, rules))
        return []
    ruled = page.filter(_is_rule) if any(_is_shading(rect) for rect in page.rects) else page
    tables = _tables(ruled)
    if not tables and ruled is not page:
        tables = _tables(page)  # cells drawn as nothing but filled boxes
    parts: list[Part] = []
    for table in sorted(tables, key=lambda t: (t.bbox[1], t.bbox[0])):
        part = _part(page, table, len(parts) + 1, ink)
        if part is not None:
            parts.append(part)
    return parts


def _crossings(page: Any) -> int:
    """At most so many crossings have the rules of a page."""
    xs = _clusters([edge["x0"] for edge in page.vertical_edges])
    ys = _clusters([edge["top"] for edge in page.horizontal_edges])
    return len(xs) * len(ys)


def _tables(page: Any) -> list[Any]:
    return list(
        page.find_tables({"snap_tolerance": SNAP, "join_tolerance": SNAP, "intersection_tolerance": SNAP})
    )


def _is_shading(rect: dict[str, Any]) -> bool:
    return (
        bool(rect.get("fill"))
        and not rect.get("stroke")
        and rect["width"] > MAX_RULE_WIDTH
        and rect["height"] > MAX_RULE_WIDTH
    )


def _is_rule(thing: dict[str, Any]) -> bool:
    return thing["object_type"] != "rect" or not _is_shading(thing)


def _clusters(values: Sequence[float]) -> list[float]:
    """Positions that lie within ``SNAP`` of each other, as one (their mean)."""
    groups: list[list[float]] = []
    for value in sorted(values):
        if groups and value - groups[-1][-1] <= SNAP:
            groups[-1].append(value)
        else:
            groups.append([value])
    return [sum(group) / len(group) for group in groups]


def nearest(positions: Sequence[float], value: float) -> int:
    return min(range(len(positions)), key=lambda at: abs(positions[at] - value))


def _part(page: Any, table: Any, number: int, ink: Ink) -> Part | None:
    xs = _clusters([x for cell in table.cells for x in (cell[0], cell[2])])
    ys = _clusters([y for cell in table.cells for y in (cell[1], cell[3])])
    if len(xs) < 3 or len(ys) < 2:
        return None
    places = [
        (nearest(ys, top), nearest(xs, left), nearest(ys, bottom), nearest(xs, right))
        for left, top, right, bottom in table.cells
    ]
    places = sorted({p for p in places if p[0] < p[2] and p[1] < p[3]})
    characters = _by_cell(page.chars, xs, ys, places)
    if not any(characters):
        return None
    counted: dict[int, int] = {}
    cells: list[Box] = []
    for place, inside in zip(places, characters, strict=True):
        top, left, bottom, right = place
        counted[top] = counted.get(top, 0) + 1
        where = f"page[{page.page_number}]/table[{number}]/row[{top + 1}]/cell[{counted[top]}]"
        seen = any(not c["text"].isspace() for c in inside)
        text = (
            extract_text(with_signs(inside)) if seen else ink.fill((xs[left], ys[top], xs[right], ys[bottom]))
        )
        cells.append(Box(top, left, bottom, right, text, where, _is_full(inside, xs[left], xs[right])))
    box = (xs[0], ys[0], xs[-1], ys[-1])
    return Part(page.page_number, number, tuple(xs), len(ys) - 1, tuple(cells), box, levels=tuple(ys))


def _by_cell(
    characters: Sequence[dict[str, Any]],
    xs: Sequence[float],
    ys: Sequence[float],
    places: Sequence[tuple[int, int, int, int]],
) -> list[list[dict[str, Any]]]:
    """For each cell the characters whose middle lies in it."""
    owner: dict[tuple[int, int], int] = {}
    for index, (top, left, bottom, right) in enumerate(places):
        for row in range(top, bottom):
            for column in range(left, right):
                owner.setdefault((row, column), index)
    found: list[list[dict[str, Any]]] = [[] for _ in places]
    outside: list[dict[str, Any]] = []
    for character in characters:
        column = bisect_right(xs, (character["x0"] + character["x1"]) / 2) - 1
        row = bisect_right(ys, (character["top"] + character["bottom"]) / 2) - 1
        cell = owner.get((row, column))
        (found[cell] if cell is not None else outside).append(character)
    return kept_in_cells(found, outside, xs, ys, owner)


def text_of(characters: Sequence[dict[str, Any]]) -> str:
    """The text of characters that stand on one line, raised digits marked and gaps kept as blanks."""
    text = ""
    for before, character in zip([None, *characters], with_signs(characters), strict=False):
        wide = before is not None and character["x0"] - before["x1"] > character["size"] * 0.25
        text += (" " if wide else "") + character["text"]
    return text


def _is_full(characters: Sequence[dict[str, Any]], left: float, right: float) -> bool:
    """Whether the last line of a cell has no room for one more character beside its inner margins."""
    visible = [c for c in characters if not c["text"].isspace()]
    if not visible:
        return False
    lowest = max(c["bottom"] for c in visible)
    last = [c for c in visible if c["bottom"] > lowest - c["size"] * 0.5]
    begin, end = min(c["x0"] for c in last), max(c["x1"] for c in last)
    size = float(max(c["size"] for c in last))
    return bool((right - left) - (end - begin) < size * 2.2)
