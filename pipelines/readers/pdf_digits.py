"""Digits of a PDF page that are not what their cell says: struck out, raised, or written across a rule.

A PDF has no word for any of this. A stroke through a digit is a line like those of the
table, a note's mark a digit set higher, and a figure too wide for its cell runs on into
the next. Such digits become unknown, or get a sign of their own.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

#: Stands for a character that is shown and cannot be told.
UNKNOWN = "\ufffd"

Char = dict[str, Any]

#: Points: a filled box lower than this is a stroke.
_STROKE = 2.0
#: Part of a character's height at its upper and lower end in which a stroke underlines and strikes nothing.
_ENDS = 0.25
#: Share of a character's width that a stroke through it covers.
_COVERED = 0.6
#: A raised digit is set at this part of the size of its surroundings or less …
_RAISED = 0.85
#: … or with its middle so much (in type sizes) above that of the digit before it.
_HIGHER = 0.15
_OTHER_LINE = 0.6
_SAME_LINE = 0.3
#: In type sizes: digits closer than this belong to one number.
_TOUCHING = 0.15
_BESIDE = 0.25
#: In type sizes: digits further apart are two numbers as often as one.
_WIDE = 0.8
#: Share of a character that reaches over a rule on both sides.
_ACROSS = 0.25
#: Part of its type size that the narrowest digit is wide.
_NARROW = 0.1
#: In place of the number of a cell.
_OUTSIDE = -1


def is_squeezed(char: Char) -> bool:
    """Whether a character is set so narrow that it is a stroke to the eye; fonts without widths say 0."""
    return bool(0 < char["x1"] - char["x0"] < _NARROW * char["size"])


def without_struck(chars: Sequence[Char], page: Any) -> list[Char]:
    """The characters, digits that a level stroke runs through with a ``^`` before them."""
    things = [*page.lines, *(rect for rect in page.rects if rect.get("fill"))]
    strokes = sorted(
        ((thing["top"] + thing["bottom"]) / 2, thing["x0"], thing["x1"])
        for thing in things
        if thing["bottom"] - thing["top"] <= _STROKE and thing["x1"] > thing["x0"]
    )
    heights = [stroke[0] for stroke in strokes]

    def is_struck(char: Char) -> bool:
        edge = (char["bottom"] - char["top"]) * _ENDS
        first = bisect_left(heights, char["top"] + edge)
        last = bisect_right(heights, char["bottom"] - edge)
        need = (char["x1"] - char["x0"]) * _COVERED
        return any(min(x1, char["x1"]) - max(x0, char["x0"]) >= need for _, x0, x1 in strokes[first:last])

    return [
        {**char, "text": f"^{char['text']}"} if char["text"].isdigit() and is_struck(char) else char
        for char in chars
    ]


def unknown(char: Char) -> Char:
    return {**char, "text": UNKNOWN}


def with_signs(characters: Sequence[Char]) -> list[Char]:
    """Raised digits with a ``^`` before them, for 3¹ is not 31; digits far apart with blanks between."""
    digits = sorted((c for c in characters if c["text"].isdigit()), key=lambda c: (c["x0"], c["top"]))
    if len(digits) < 2:
        return list(characters)
    small = max(c["size"] for c in digits) * _RAISED
    signs = {id(c): "^" for c in digits if c["size"] <= small}
    for before, char in itertools.pairwise(digits):
        size = max(before["size"], char["size"])
        gap, higher = char["x0"] - before["x1"], _middle(before) - _middle(char)
        if gap <= _BESIDE * size and _HIGHER * size < abs(higher) < _OTHER_LINE * size:
            signs[id(char if higher > 0 else before)] = "^"
        elif gap > _WIDE * size and abs(higher) <= _HIGHER * size:
            signs.setdefault(id(char), "  ")
    return [{**c, "text": signs[id(c)] + c["text"]} if id(c) in signs else c for c in characters]


def _middle(char: Char) -> float:
    return float(char["top"] + char["bottom"]) / 2


def kept_in_cells(
    found: list[list[Char]],
    outside: Sequence[Char],
    xs: Sequence[float],
    ys: Sequence[float],
    owner: dict[tuple[int, int], int],
) -> list[list[Char]]:
    """The characters of each cell, digits as unknown that may be another cell's.

    ``outside`` are those in none, ``owner`` tells the cell of each (row, column). A digit
    that a rule runs through may stand on either side; two that touch over a rule are one
    number.
    """
    doubtful: set[int] = set()
    digits: list[tuple[Char, int]] = [
        (char, cell)
        for cell, chars in [*enumerate(found), (_OUTSIDE, outside)]
        for char in chars
        if char["text"].isdigit()
    ]
    for char, _ in digits:
        aside, above = (char["x1"] - char["x0"]) * _ACROSS, (char["bottom"] - char["top"]) * _ACROSS
        columns = {bisect_right(xs, x) - 1 for x in (char["x0"] + aside, char["x1"] - aside)}
        rows = {bisect_right(ys, y) - 1 for y in (char["top"] + above, char["bottom"] - above)}
        if len({owner.get((row, column)) for row in rows for column in columns}) > 1:
            doubtful.add(id(char))
    pairs = list(_pairs(digits))
    inner: dict[int, float] = {}
    for (before, own), (char, other) in pairs:
        if own == other:
            inner[own] = max(inner.get(own, 0.0), char["x0"] - before["x1"])
    for (before, own), (char, other) in pairs:
        # a figure set with blanks between its digits touches with blanks between
        loose = 1.1 * max(inner.get(own, 0.0), inner.get(other, 0.0))
        near = max(_TOUCHING * max(before["size"], char["size"]), loose)
        if own != other and char["x0"] - before["x1"] <= near:
            doubtful |= {id(before), id(char)}
    if not doubtful:
        return found
    return [[unknown(char) if id(char) in doubtful else char for char in chars] for chars in found]


def _pairs(digits: Sequence[tuple[Char, int]]) -> Iterator[tuple[tuple[Char, int], tuple[Char, int]]]:
    """Neighbours on each line of a page, left to right."""
    lines: list[list[tuple[Char, int]]] = []
    for one in sorted(digits, key=lambda one: _middle(one[0])):
        if lines and _middle(one[0]) - _middle(lines[-1][0][0]) <= _SAME_LINE * one[0]["size"]:
            lines[-1].append(one)
        else:
            lines.append([one])
    for line in lines:
        line.sort(key=lambda one: float(one[0]["x0"]))
        yield from itertools.pairwise(line)
