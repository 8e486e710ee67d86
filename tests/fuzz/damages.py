"""What goes wrong with a table before it becomes text or a page. Each damage changes a share of the lines.

A damage leaves a trace somewhere in the document. One figure put in the place of
another is no damage but another figure: no reader could tell, and none is asked to.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from tests.layouts import Box, Row, Table
from tests.layouts_more import each
from tests.layouts_text import EDITS, Change

Lots = random.Random
Line = Callable[[Row, Row, Lots], Row]

#: Shares of the lines that one damage changes.
SHARES = (0.03, 0.1, 0.3, 1.0)
#: Of damages that add a figure: in one line alone it could hide that a cell is lost there.
MANY = (0.3, 1.0)


def _parted(row: Row) -> tuple[Row, Row, Row]:
    """What stands before the figures, the figures, and what stands behind them."""
    at = [i for i, box in enumerate(row) if box.figure]
    if not at:
        return row, [], []
    return row[: at[0]], [row[i] for i in at], [box for box in row[at[0] :] if not box.figure]


def _lines(edit: Line, least: int = 1, shares: Sequence[float] = SHARES) -> Change:
    """``edit(labels, figures, lots)`` on a share of the lines with so many figures."""

    def change(table: Table, rng: Lots) -> Table:
        share = rng.choice(shares)
        out: Table = []
        for row in table:
            labels, figures, behind = _parted(row)
            hit = len(figures) >= least and rng.random() < share
            out.append([*edit(labels, figures, rng), *behind] if hit else row)
        return out

    return change


def _figures(edit: Callable[[str, Lots], str]) -> Change:
    """``edit`` on the text of a share of the whole numbers."""

    def change(table: Table, rng: Lots) -> Table:
        share = rng.choice(SHARES)

        def one(box: Box) -> Box:
            counted = box.figure and box.kind == "count" and box.text.isdigit()
            return replace(box, text=edit(box.text, rng)) if counted and rng.random() < share else box

        return each(one)(table)

    return change


def _lost_blank(labels: Row, figures: Row, rng: Lots) -> Row:
    """The empty cells of a line gone without a trace."""
    return [*labels, *(box for box in figures if box.text)]


def _lost_zero(labels: Row, figures: Row, rng: Lots) -> Row:
    """One of a line's zeros gone."""
    zeros = [i for i, box in enumerate(figures) if box.text == "0"]
    if not zeros or len(figures) < 3:
        return [*labels, *figures]
    at = rng.choice(zeros)
    return [*labels, *figures[:at], *figures[at + 1 :]]


def _lost_end(labels: Row, figures: Row, rng: Lots) -> Row:
    """The line's last cell gone, as a table wider than its page loses it."""
    return [*labels, *figures[:-1]]


def _lost_all(labels: Row, figures: Row, rng: Lots) -> Row:
    """A line without its figures."""
    return labels


def _emptied(labels: Row, figures: Row, rng: Lots) -> Row:
    """One cell without its figure, its boundary kept."""
    at = rng.randrange(len(figures))
    return [*labels, *figures[:at], replace(figures[at], text=""), *figures[at + 1 :]]


def _padded(labels: Row, figures: Row, rng: Lots) -> Row:
    """Empty cells behind the line, or one before its figures."""
    if rng.random() < 0.3 and labels:
        return [*labels, Box(""), *figures]
    return [*labels, *figures, *[Box("")] * rng.randint(1, 3)]


def _serial(labels: Row, figures: Row, rng: Lots) -> Row:
    """A number before the label, as in a table with a column of line numbers."""
    return [Box(str(rng.randint(1, 25))), *labels, *figures] if labels else figures


def _remark(labels: Row, figures: Row, rng: Lots) -> Row:
    """Words behind the figures."""
    return [*labels, *figures, Box(rng.choice(("无", "件", "（件）", "见说明", "同上年")))]


def _noted(labels: Row, figures: Row, rng: Lots) -> Row:
    """A mark of a footnote behind the label."""
    if not labels:
        return figures
    mark = rng.choice(("①", "[1]", "*", "（注1）"))
    return [*labels[:-1], replace(labels[-1], text=labels[-1].text + mark), *figures]


def _doubled(labels: Row, figures: Row, rng: Lots) -> Row:
    """One figure twice, as a merged cell is read that was copied into each of its places."""
    at = rng.randrange(len(figures))
    return [*labels, *figures[: at + 1], figures[at], *figures[at + 1 :]]


def _joined(labels: Row, figures: Row, rng: Lots) -> Row:
    """Two neighbouring figures in one cell without a gap, one cell less."""
    at = rng.randrange(len(figures) - 1)
    both = replace(figures[at], text=figures[at].text + figures[at + 1].text)
    return [*labels, *figures[:at], both, *figures[at + 2 :]]


def _label_lost(table: Table, rng: Lots) -> Table:
    share = rng.choice((0.05, 0.15))
    return [[b for b in row if b.figure or b.head] if rng.random() < share else row for row in table]


def _label_cut(table: Table, rng: Lots) -> Table:
    """Labels cut to their last two characters, or misspelt."""
    share = rng.choice((0.05, 0.2))

    def one(box: Box) -> Box:
        long = not box.figure and len(box.text) > 3
        return replace(box, text="某" + box.text[-2:]) if long and rng.random() < share else box

    return each(one)(table)


def _head_cut(table: Table, rng: Lots) -> Table:
    """Some headings lost, or cut to two characters."""
    share = rng.choice((0.1, 0.4))

    def one(box: Box) -> Box:
        if not (box.head and box.text and rng.random() < share):
            return box
        return replace(box, text=box.text[:2] if rng.random() < 0.5 else "")

    return each(one)(table)


def _shuffled(table: Table, rng: Lots) -> Table:
    """Two lines in each other's place."""
    lines = [i for i, row in enumerate(table) if any(box.figure for box in row)]
    if len(lines) < 2:
        return table
    a, b = rng.sample(lines, 2)
    out = list(table)
    out[a], out[b] = out[b], out[a]
    return out


def _line_twice(table: Table, rng: Lots) -> Table:
    """A line twice, as at the break of a page."""
    at = rng.randrange(len(table))
    return [*table[: at + 1], table[at], *table[at + 1 :]]


def _line_lost(table: Table, rng: Lots) -> Table:
    at = rng.randrange(len(table))
    return [*table[:at], *table[at + 1 :]]


def _spaced(text: str, rng: Lots) -> str:
    if len(text) < 2:
        return text
    at = rng.randint(1, len(text) - 1)
    return f"{text[:at]} {text[at:]}"


def _dash(text: str, rng: Lots) -> str:
    return rng.choice(("/", "-", "—", "无")) if text == "0" else text


def _misread(text: str, rng: Lots) -> str:
    """A digit as the letter it looks like."""
    return text.replace("0", "O").replace("1", "l") if rng.random() < 0.5 else text + "?"


DAMAGES: dict[str, Change] = {
    **EDITS,
    "blanks gone": _lines(_lost_blank),
    "a zero gone": _lines(_lost_zero),
    "the last cell gone": _lines(_lost_end, 2),
    "figures gone": _lines(_lost_all),
    "a cell emptied": _lines(_emptied),
    "empty cells behind": _lines(_padded),
    "numbers before labels": _lines(_serial, 1, MANY),
    "words behind": _lines(_remark),
    "footnote marks on labels": _lines(_noted),
    "a figure twice": _lines(_doubled, 2, MANY),
    "two figures joined": _lines(_joined, 2),
    "labels lost": _label_lost,
    "labels cut": _label_cut,
    "headings cut": _head_cut,
    "two lines exchanged": _shuffled,
    "a line twice": _line_twice,
    "a line lost": _line_lost,
    "blanks inside numbers": _figures(_spaced),
    "units behind": _figures(lambda text, rng: f"{text}件"),
    "dashes for zeros": _figures(_dash),
    "letters for digits": _figures(_misread),
}
#: Done first: they move whole columns, so every line must still have all its cells.
WHOLE = frozenset(
    name
    for name in DAMAGES
    if name.startswith(("totals", "columns", "outcomes", "procedures", "last column", "no totals"))
)
#: Without headings nothing says in which order columns stand.
HEADLESS = frozenset({"no headings", "headings cut", "labels cut", "a line lost"})
#: Done to the whole document: a number more in the place of a cell less, in one line of it, leaves no trace.
EVERYWHERE = frozenset(
    {
        "serial numbers",
        "numbers before labels",
        "page numbers between",
        "a lost cell and a page number",
        "shares behind",
        "a figure twice",
        "another table behind",
    }
)
#: Contrary habits: 12 34 is one number in a document with blanks inside its numbers, and two in the other.
CONTRARY = frozenset({"blanks inside numbers", "two figures in one cell"})
