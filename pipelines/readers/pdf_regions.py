"""Where on a page a table without rules may be, and which of its words are headings, labels and figures."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.readers.pdf_words import Block, Line, Word

#: Lines of a table stand closer than this (in type sizes), however loosely it is set.
APART = 4.0
#: Share of a page's height at its ends where its number stands.
_MARGIN = 0.1
#: Gap between a page's number and its text, in type sizes.
_APART_FROM_TEXT = 0.8
#: Share of the lines' width that a sentence fills.
_SENTENCE = 0.75
#: The gap between two cells is wider than that between two lines of one by so much.
_JUMP = 1.6
#: Headings on one line that make a single figure below them a table's: Table 4 has fifteen, and no labels.
_HEADED = 5
#: What stands over the labels.
_STUBS = frozenset({"信息内容", "项目", "事项", "内容", "名称", "类别", "指标", "统计指标", "项目名称"})

_SECTION = re.compile(r"[一二三四五六七八九十]、.*(?:情况|事项|问题|措施|其他)")
#: Over each small table of Table 2 stands the article it answers to.
_CAPTION = re.compile(r"第[一二三四五六七八九十\d]+条第?[（(]?[一二三四五六七八九十\d]+[）)]?[项款]")


@dataclass(frozen=True, slots=True)
class Table:
    """Lines of one table, its words told apart."""

    lines: tuple[Line, ...]
    headings: tuple[Word, ...]
    """Words over the figures."""
    labels: tuple[Word, ...]
    """Words left of the figures, the headings' own among them."""
    entries: tuple[Line, ...]
    """Lines that end in figures."""


def tables(region: Sequence[Line]) -> list[Table]:
    """A region cut before each group of headings that follows on lines of a table."""
    entries = [line for line in region if line.figures]
    labelled = [line for line in entries if line.labels]
    after = max((line.labels[-1].x1 for line in labelled), default=0.0)
    begin = min((line.figures[0].x0 for line in entries), default=float("inf"))
    if not entries:
        # all blank: the labels are what stands under their heading
        top = next(n for n, line in enumerate(region) if _is_stubbed(line))
        after = max((word.x1 for line in region[top + 1 :] for word in line.words), default=0.0)
    if after > begin:
        return []

    def is_heading(word: Word) -> bool:
        return (word.x0 >= after - 0.5 or word.x1 > begin) and word.text not in _STUBS

    found: list[list[Line]] = [[]]
    seen = False
    for line in region:
        heads = not line.figures and any(map(is_heading, line.words))
        if (heads and seen) or (_is_stubbed(line) and any(map(_is_stubbed, found[-1]))):
            found.append([])
            seen = False
        seen = seen or bool(line.figures)
        found[-1].append(line)
    tables = []
    for group in found:
        own = tuple(line for line in group if line.figures)
        headings = tuple(w for line in group if not line.figures for w in line.words if is_heading(w))
        labels = tuple(
            w for line in group for w in (line.labels if line.figures else line.words) if w not in headings
        )
        if own or any(map(_is_stubbed, group)):
            tables.append(Table(tuple(group), headings, labels, own))
    return tables


def _is_stubbed(line: Line) -> bool:
    """Whether the heading of the labels stands on this line, beside others; alone it is part of a label."""
    return len(line.words) > 1 and any(word.text in _STUBS for word in line.words)


def room_of(table: Table, usual: float | None) -> float:
    """Points between two lines that may be one cell's: less than between the lines of two cells.

    Told by two labels that each have figures; else by the wider and the narrower
    gaps between words that stand under each other; else by ``usual``.
    """
    words = [word for line in table.lines for word in line.words]
    size = max(word.size for word in words)
    rows = [
        lower.labels[-1].top - upper.labels[-1].bottom
        for upper, lower in zip(table.lines, table.lines[1:], strict=False)
        if upper.figures and lower.figures and upper.labels and lower.labels
    ]
    if rows:
        return min(1.2 * size, 0.75 * min(rows))
    if usual is not None:
        return usual
    gaps = sorted(
        lower.top - upper.bottom
        for upper, lower in _stacked([*table.headings, *table.labels])
        if lower.top - upper.bottom < APART * size
    )
    for narrow, wide in itertools.pairwise(gaps):
        if wide >= _JUMP * max(narrow, 0.5) and wide - narrow >= 0.2 * size:
            return 1.3 * max(narrow, 0.5)
    return 0.6 * size


def _stacked(words: Sequence[Word]) -> Iterator[tuple[Word, Word]]:
    """Each word with the next one below it."""
    for upper in words:
        under = [w for w in words if w.top > upper.middle and min(w.x1, upper.x1) > max(w.x0, upper.x0)]
        if under:
            yield upper, min(under, key=lambda word: word.top)


def leaves_of(heads: Sequence[Block]) -> list[Block]:
    """Headings with no other below them."""
    return [
        head
        for head in heads
        if not any(
            other.middle > head.bottom and min(other.x1, head.x1) - max(other.x0, head.x0) > 0.2
            for other in heads
            if other is not head
        )
    ]


def levels_of(heads: Sequence[Block]) -> list[list[Block]]:
    """Headings by height: two are on one level where they overlap by half."""
    levels: list[list[Block]] = []
    for head in sorted(heads, key=lambda block: block.middle):
        home = next(
            (
                level
                for level in levels
                if any(
                    min(head.bottom, one.bottom) - max(head.top, one.top)
                    >= 0.5 * min(head.bottom - head.top, one.bottom - one.top)
                    for one in level
                )
                and not any(min(head.x1, one.x1) > max(head.x0, one.x0) for one in level)
            ),
            None,
        )
        if home is None:
            levels.append([head])
        else:
            home.append(head)
    return levels


def regions(height: float, lines: Sequence[Line]) -> list[list[Line]]:
    """Runs of lines that may be a table: no sentence, no heading, no page number among them."""
    usual = max((line.words[-1].x1 for line in lines), default=0.0) - min(
        (line.words[0].x0 for line in lines), default=0.0
    )
    regions: list[list[Line]] = [[]]
    for line in lines:
        if _is_page_number(line, lines, height):
            continue
        if _is_sentence(line, usual):
            regions.append([])
        elif regions[-1] and line.top - max(one.bottom for one in regions[-1]) > APART * line.size:
            regions.append([line])
        else:
            regions[-1].append(line)
    return [region for region in regions if region]


def _is_page_number(line: Line, lines: Sequence[Line], height: float) -> bool:
    """A figure by itself, first or last on its page, in the margin and apart from what is next to it."""
    if len(line.words) > 1 or not line.words[0].is_figure:
        return False
    if line is lines[0]:
        gap = lines[1].top - line.bottom if len(lines) > 1 else height
        return line.bottom < height * _MARGIN and gap > _APART_FROM_TEXT * line.size
    if line is lines[-1]:
        gap = line.top - max(one.bottom for one in lines[:-1])
        return line.top > height * (1 - _MARGIN) and gap > _APART_FROM_TEXT * line.size
    return False


def is_table(region: Sequence[Line]) -> bool:
    """Whether these lines hold figures beside labels or below headings, or blanks below their headings."""
    if any(map(_is_entry, region)) or any(map(_is_stubbed, region)):
        return True
    return any(line.figures for line in region) and is_headed(region)


def is_headed(region: Sequence[Line]) -> bool:
    """Whether a line holds as many words as only headings have."""
    return any(len(line.words) >= _HEADED for line in region)


def _is_entry(line: Line) -> bool:
    return bool(line.figures) and len(line.words) > 1


def _is_sentence(line: Line, usual: float) -> bool:
    """A line of prose, or the heading of a section."""
    words = line.words
    if line.figures and len(words) > 1:
        return False
    text = line.text
    if len(words) == 1 and _CAPTION.fullmatch(text):
        return True
    if len(words) == 1 and (_SECTION.match(text) or text.endswith(("。", "；", "："))):
        return True
    return len(words) <= 2 and sum(word.x1 - word.x0 for word in words) >= _SENTENCE * usual
