"""Damages of a table, before its cells become text or a page.

Each is a ``Change``: the same table with something lost, moved, added or altered, drawn by
lots. ``DAMAGES`` are those of any carrier; what they leave is scored by ``tests.fuzz.made``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from tests.layouts import Box, Row, Table
from tests.layouts_text import EDITS, Change, Lots

#: ``edit(figures of a line, lots)``.
Edit = Callable[[Row, Lots], Row]
#: Shares of the lines that a damage meets: one, a few, a third.
_SHARES = (0.04, 0.1, 0.3)
_WORDS = ("件", "个", "共计", "数量", "（件）", "续表", "单位：件", "备注")


def stray(rng: Lots) -> str:
    """A number that stands near tables: of a page, a year, a line, a day, a footnote; none of them is 0."""
    return rng.choice(
        (
            str(rng.randint(1, 9)),
            str(rng.randint(10, 40)),
            str(rng.randint(2018, 2025)),
            str(rng.randint(100, 9_999)),
        )
    )


def _parted(row: Row) -> tuple[Row, Row]:
    return [box for box in row if not box.figure], [box for box in row if box.figure]


def _lines(table: Table, rng: Lots, least: int = 1) -> list[int]:
    """Lines of figures that a damage meets, at least one."""
    bodies = [i for i, row in enumerate(table) if sum(box.figure for box in row) >= least]
    share = rng.choice(_SHARES)
    met = [i for i in bodies if rng.random() < share]
    return met or ([rng.choice(bodies)] if bodies else [])


def _each(edit: Edit, least: int = 1) -> Change:
    """``edit`` on the figures of some lines."""

    def change(table: Table, rng: Lots) -> Table:
        rows = [list(row) for row in table]
        for i in _lines(table, rng, least):
            labels, figures = _parted(rows[i])
            rows[i] = [*labels, *edit(figures, rng)]
        return rows

    return change


def _lose(figures: Row, rng: Lots) -> Row:
    at = rng.randrange(len(figures))
    return [*figures[:at], *figures[at + 1 :]]


def _put(figures: Row, box: Box, rng: Lots) -> Row:
    at = rng.randint(0, len(figures))
    return [*figures[:at], box, *figures[at:]]


def _number(rng: Lots) -> Box:
    return Box(stray(rng))


_BLANK = Box("", figure=True)


def _glue(figures: Row, rng: Lots) -> Row:
    """A number that runs into a figure."""
    at = rng.randrange(len(figures))
    text, number = figures[at].text, stray(rng)
    glued = replace(figures[at], text=text + number if rng.random() < 0.5 else number + text)
    return [*figures[:at], glued, *figures[at + 1 :]]


def _merge(figures: Row, rng: Lots) -> Row:
    """Two figures run into one, with or without a blank; at times an empty cell makes up for it."""
    at = rng.randrange(len(figures) - 1)
    both = replace(figures[at], text=rng.choice(("", " ", "  ")).join(b.text for b in figures[at : at + 2]))
    made_up = [_BLANK] if rng.random() < 0.5 else []
    return [*figures[:at], both, *made_up, *figures[at + 2 :]]


def _split(figures: Row, rng: Lots) -> Row:
    """A figure's digits in two cells, with or without another cell lost."""
    at = max(range(len(figures)), key=lambda i: (len(figures[i].text), rng.random()))
    text = figures[at].text
    if len(text) < 2:
        return figures
    cut = rng.randint(1, len(text) - 1)
    parts = [replace(figures[at], text=text[:cut]), replace(figures[at], text=text[cut:])]
    rest = [*figures[:at], *parts, *figures[at + 1 :]]
    return _lose(rest, rng) if rng.random() < 0.5 else rest


def _gap_inside(figures: Row, rng: Lots) -> Row:
    """A blank inside numbers."""
    out = []
    for box in figures:
        cut = rng.randint(1, max(1, len(box.text) - 1))
        wide = len(box.text) > 1 and rng.random() < 0.5
        out.append(replace(box, text=f"{box.text[:cut]} {box.text[cut:]}") if wide else box)
    return out


def _instead(figures: Row, rng: Lots) -> Row:
    """Another number in the place of a figure."""
    at = rng.randrange(len(figures))
    return [*figures[:at], replace(figures[at], text=stray(rng)), *figures[at + 1 :]]


def _without_zeros(figures: Row, rng: Lots) -> Row:
    """What a program leaves that takes 0 for nothing."""
    return [box for box in figures if box.text != "0"]


def _next_line(table: Table, rng: Lots) -> Table:
    """The last figure of a line at the head of the next one's, or the first of the next at its end."""
    rows = [list(row) for row in table]
    for i in _lines(table, rng):
        if i + 1 >= len(rows) or not rows[i][-1].figure or not any(b.figure for b in rows[i + 1]):
            continue
        first = next(at for at, box in enumerate(rows[i + 1]) if box.figure)
        if rng.random() < 0.5:
            rows[i + 1].insert(first, rows[i].pop())
        else:
            rows[i].append(rows[i + 1].pop(first))
    return rows


def _rows_joined(table: Table, rng: Lots) -> Table:
    """A row goes on with the next one."""
    rows: Table = []
    met = set(_lines(table, rng))
    for i, row in enumerate(table):
        if i - 1 in met and rows:
            rows[-1] = [*rows[-1], *row]
        else:
            rows.append(list(row))
    return rows


def _row_broken(table: Table, rng: Lots) -> Table:
    met = set(_lines(table, rng))
    rows: Table = []
    for i, row in enumerate(table):
        cut = rng.randint(1, max(1, len(row) - 1))
        rows += [row[:cut], row[cut:]] if i in met and len(row) > 1 else [row]
    return rows


def _rows_lost(table: Table, rng: Lots) -> Table:
    met = set(_lines(table, rng))
    return [row for i, row in enumerate(table) if i not in met]


def _rows_twice(table: Table, rng: Lots) -> Table:
    met = set(_lines(table, rng))
    return [again for i, row in enumerate(table) for again in ([row, row] if i in met else [row])]


def _rows_swapped(table: Table, rng: Lots) -> Table:
    rows = list(table)
    for i in _lines(table, rng):
        if i + 1 < len(rows):
            rows[i], rows[i + 1] = rows[i + 1], rows[i]
    return rows


def _labels_changed(table: Table, rng: Lots) -> Table:
    """Labels misspelt, cut, emptied or with a number of the issuer's own."""
    rows = [list(row) for row in table]
    for i in _lines(table, rng):
        at = max((k for k, box in enumerate(rows[i]) if not box.figure), default=None)
        if at is None or not rows[i][at].text:
            continue
        text = rows[i][at].text
        cut = rng.randrange(len(text))
        changed = rng.choice(
            (
                text[:cut] + text[cut + 1 :],
                text[:cut],
                "",
                f"{text}（{rng.randint(0, 9)}件）",
                "某" + text[1:],
                text * 2,
            )
        )
        rows[i][at] = replace(rows[i][at], text=changed)
    return rows


def _heading_lost(table: Table, rng: Lots) -> Table:
    heads = [(i, k) for i, row in enumerate(table) for k, box in enumerate(row) if box.head and box.text]
    i, k = rng.choice(heads) if heads else (0, 0)
    row = list(table[i])
    row = [*row[:k], *row[k + 1 :]] if rng.random() < 0.5 else [*row[:k], Box("", head=True), *row[k + 1 :]]
    return [*table[:i], row, *table[i + 1 :]]


def _end_lost(table: Table, rng: Lots) -> Table:
    """The table ends early, within a row."""
    at = rng.randrange(len(table) // 2, len(table))
    return [*table[:at], table[at][: rng.randint(1, len(table[at]))]]


def _blanks_gone(table: Table, rng: Lots) -> Table:
    return [[box for box in row if box.text or not box.figure] for row in table]


#: Those of ``layouts_text`` that leave the issuer's cells what they were.
_OTHERS = ("zeros blank", "blanks gone at times", "labels broken over lines", "thousands commas")
_KNOWN = {name: edit for name, edit in EDITS.items() if name not in _OTHERS}
#: How a table may look that nothing has happened to.
LOOKS: dict[str, Change] = {name: EDITS[name] for name in ("labels broken over lines", "thousands commas")}

#: Columns in another order: these begin with a whole table, so they come first.
_ORDERS = tuple(name for name in EDITS if re.search("swapped|totals|column", name))

DAMAGES: dict[str, Change] = {
    **_KNOWN,
    "cells lost": _each(_lose),
    "cells lost, an empty one at the end": _each(lambda f, rng: [*_lose(f, rng), _BLANK]),
    "cells lost, an empty one elsewhere": _each(lambda f, rng: _put(_lose(f, rng), _BLANK, rng)),
    "cells lost, a stray number at the end": _each(lambda f, rng: [*_lose(f, rng), _number(rng)]),
    "cells lost, a stray number elsewhere": _each(lambda f, rng: _put(_lose(f, rng), _number(rng), rng)),
    "a stray number more": _each(lambda f, rng: _put(f, _number(rng), rng)),
    "an empty cell more": _each(lambda f, rng: _put(f, _BLANK, rng)),
    "a word more": _each(lambda f, rng: _put(f, Box(rng.choice(_WORDS)), rng)),
    "a number glued to a figure": _each(_glue),
    "another number for a figure": _each(_instead),
    "two figures run together": _each(_merge, 2),
    "a figure cut in two": _each(_split),
    "blanks in numbers": _each(_gap_inside),
    "zeros gone": _each(_without_zeros),
    "empty cells gone": _blanks_gone,
    "a figure in the next line": _next_line,
    "rows joined": _rows_joined,
    "rows broken": _row_broken,
    "rows lost": _rows_lost,
    "rows twice": _rows_twice,
    "rows swapped": _rows_swapped,
    "labels changed": _labels_changed,
    "a heading lost": _heading_lost,
    "the end lost": _end_lost,
}


def damaged(table: Table, rng: Lots, several: Sequence[int]) -> tuple[Table, list[str]]:
    """The table after so many damages, and those of them that changed it."""
    names = rng.sample(list(DAMAGES), rng.choice(several))
    first = [name for name in names if name in _ORDERS][:1]
    met = []
    for name in [*first, *(name for name in names if name not in _ORDERS)]:
        if not any(box.figure for row in table for box in row):
            break
        after = DAMAGES[name](table, rng)
        if after != table:
            met.append(name)
        table = after
    return table, met
