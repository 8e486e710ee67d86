"""Characters of a PDF page → words, lines, and blocks of words that make one cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.readers.pdf_digits import UNKNOWN
from pipelines.readers.pdf_tables import text_of

#: Gap, in type sizes, that ends a word: Chinese is set solid, and a cell's inner margins come to half a size.
_WORD_GAP = 0.4
#: The same between digits: a blank inside a number is half a size wide, a wider gap is another column.
_DIGIT_GAP = 0.8
#: Base lines closer than this (in type sizes) are one line.
_SAME_LINE = 0.3

_FIGURE = re.compile(
    rf"[+\-−–增加减少]*[\d０-９{UNKNOWN}^][\d０-９,，.．\s{UNKNOWN}^]*(?:批次|件次|人次|[万亿]?元|[件条项个份次宗])?%?"
    r"|[-—–―/／\\]+|无|[万亿]?元|件|批次"
)


@dataclass(frozen=True, slots=True)
class Word:
    """Characters of one line that stand together; positions in points from the page's upper left corner."""

    chars: tuple[dict[str, Any], ...]
    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def is_figure(self) -> bool:
        return is_figure(self.text)


def is_figure(text: str) -> bool:
    """Whether this can be a figure's cell: a number with or without its unit, a dash, 无."""
    return _FIGURE.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Line:
    """Words at one height, left to right."""

    words: tuple[Word, ...]

    @property
    def top(self) -> float:
        return min(word.top for word in self.words)

    @property
    def bottom(self) -> float:
        return max(word.bottom for word in self.words)

    @property
    def size(self) -> float:
        return max(word.size for word in self.words)

    @property
    def figures(self) -> tuple[Word, ...]:
        """The figures that end the line."""
        count = 0
        while count < len(self.words) and self.words[-1 - count].is_figure:
            count += 1
        return self.words[len(self.words) - count :]

    @property
    def labels(self) -> tuple[Word, ...]:
        return self.words[: len(self.words) - len(self.figures)]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class Block:
    """Words under each other that make one cell."""

    words: tuple[Word, ...]

    @property
    def x0(self) -> float:
        return min(word.x0 for word in self.words)

    @property
    def x1(self) -> float:
        return max(word.x1 for word in self.words)

    @property
    def top(self) -> float:
        return min(word.top for word in self.words)

    @property
    def bottom(self) -> float:
        return max(word.bottom for word in self.words)

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def text(self) -> str:
        ordered = sorted(self.words, key=lambda word: (round(word.middle), word.x0))
        return "\n".join(word.text for word in ordered)


def lines_of(chars: Iterable[dict[str, Any]]) -> list[Line]:
    """The lines of a page from top to bottom; white space is no ink and makes no word."""
    ink = sorted(
        (c for c in chars if not c["text"].isspace() and c["text"]),
        key=lambda c: (c["top"] + c["bottom"], c["x0"]),
    )
    rows: list[list[dict[str, Any]]] = []
    for char in ink:
        middle = (char["top"] + char["bottom"]) / 2
        if rows:
            first = rows[-1][0]
            if middle - (first["top"] + first["bottom"]) / 2 <= _SAME_LINE * max(char["size"], first["size"]):
                rows[-1].append(char)
                continue
        rows.append([char])
    return [Line(tuple(_words(row))) for row in rows]


def _words(row: list[dict[str, Any]]) -> list[Word]:
    row.sort(key=lambda c: c["x0"])
    groups: list[list[dict[str, Any]]] = []
    for char in row:
        if groups:
            last = groups[-1][-1]
            numeric = char["text"].isdigit() and last["text"].isdigit()
            room = (_DIGIT_GAP if numeric else _WORD_GAP) * max(char["size"], last["size"])
            if char["x0"] - last["x1"] <= room:
                groups[-1].append(char)
                continue
        groups.append([char])
    return [_word(group) for group in groups]


def _word(chars: Sequence[dict[str, Any]]) -> Word:
    return Word(
        tuple(chars),
        text_of(chars),
        min(c["x0"] for c in chars),
        max(c["x1"] for c in chars),
        min(c["top"] for c in chars),
        max(c["bottom"] for c in chars),
        max(c["size"] for c in chars),
    )


def blocks_of(words: Sequence[Word], room: float, parted: Callable[[Word, Word], bool]) -> list[Block]:
    """Words put together where one stands under another with at most ``room`` points between.

    ``parted`` tells of two words, the upper first, whether a rule runs between them.
    """
    parent = list(range(len(words)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    order = sorted(range(len(words)), key=lambda at: words[at].top)
    for place, upper_at in enumerate(order):
        upper = words[upper_at]
        for lower_at in order[place + 1 :]:
            lower = words[lower_at]
            if lower.top - upper.bottom > room:
                break
            shared = min(upper.x1, lower.x1) - max(upper.x0, lower.x0)
            under = lower.middle > upper.bottom and shared > 0.5 * min(
                upper.x1 - upper.x0, lower.x1 - lower.x0
            )
            if under and not parted(upper, lower):
                parent[root(lower_at)] = root(upper_at)
    groups: dict[int, list[Word]] = {}
    for at in order:
        groups.setdefault(root(at), []).append(words[at])
    return [Block(tuple(group)) for group in groups.values()]
