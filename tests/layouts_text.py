"""Every way to mislead in a table, in every way a table is flattened into text.

``LAYOUTS`` is the product of ``EDITS`` (what is wrong with the table) and ``SHAPES``
(how its cells became text). A cell read from them is right or null.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from archive import forms
from tests.layouts import (
    _AFTER,
    _BEFORE,
    _PROSE,
    _TITLES,
    Box,
    Figures,
    Row,
    Table,
    official,
    page,
    table_html,
)
from tests.layouts_more import Render, each, head_rows

Lots = random.Random
Change = Callable[[Table, Lots], Table]

#: How the cells of a table become text.
SHAPES: dict[str, Callable[[Table], str]] = {
    "pipes": lambda t: "\n".join(" | ".join(box.text for box in row) + " |" for row in t),
    "pipes on both sides": lambda t: "\n".join("| " + " | ".join(b.text for b in row) + " |" for row in t),
    "pipes between": lambda t: "\n".join("|".join(box.text for box in row) for row in t),
    "tabs": lambda t: "\n".join("\t".join(box.text for box in row) for row in t),
    "commas": lambda t: "\n".join(",".join(box.text for box in row) for row in t),
    "a cell a line": lambda t: "\n".join(box.text for row in t for box in row),
    "a cell and a pipe a line": lambda t: "\n".join(f"{box.text} |" for row in t for box in row),
    "a cell a line, blank lines between": lambda t: "\n\n".join(box.text for row in t for box in row),
    "spaces": lambda t: "\n".join(" ".join(box.text for box in row) for row in t),
    "glued": lambda t: "\n".join("".join(box.text for box in row) for row in t),
}
#: A page with its tables whole; the edits alone mislead.
PAGE = "an HTML table"


def _parted(row: Row) -> tuple[Row, Row]:
    return [box for box in row if not box.figure], [box for box in row if box.figure]


def _rows_of(least: int, edit: Callable[[Row, Row, Lots], Row], share: float) -> Change:
    """``edit(labels, figures, lots)`` on a share of the lines that have so many figures."""

    def change(table: Table, rng: Lots) -> Table:
        out: Table = []
        for row in table:
            labels, figures = _parted(row)
            if len(figures) >= least and rng.random() < share:
                out.append(edit(labels, figures, rng))
            else:
                out.append(row)
        return out

    return change


def _columns(order: list[int], words: dict[str, str] | None = None) -> Change:
    """Table 3 with one row of headings, its columns in another order."""

    def change(table: Table, rng: Lots) -> Table:
        head = head_rows(table)
        if head != 3 or len(table) < 20:
            return table
        names = [table[1][0], *table[2], table[1][-1]]
        moved = [replace(names[i], text=(words or {}).get(names[i].text, names[i].text)) for i in order]
        rows: Table = [[Box("", head=True), *[box for box in moved if box.text != "-"]]]
        for row in table[head:]:
            labels, figures = _parted(row)
            rows.append([*labels, *[figures[i] for i in order]])
        return rows

    return change


def _outcomes(table: Table, rng: Lots) -> Table:
    """Table 4 with its outcomes in another order, headings and figures alike."""
    if len(table[-1]) != 15:
        return table
    first, second, third, figures = table

    def swap(row: Row, at: int) -> Row:
        return [*row[:at], row[at + 1], row[at], *row[at + 2 :]]

    moved = figures
    for start in (0, 5, 10):
        moved = swap(moved, start)
    return [first, swap(second, 0), swap(swap(third, 0), 5), moved]


def _procedures(table: Table, rng: Lots) -> Table:
    """Table 4 with its two kinds of lawsuits in another order."""
    if len(table[-1]) != 15:
        return table
    first, second, third, figures = table
    return [first, [*second[:5], second[6], second[5]], third, [*figures[:5], *figures[10:], *figures[5:10]]]


def _last_first(table: Table, rng: Lots) -> Table:
    """Table 2 with the last column first."""
    out: Table = []
    for row in table:
        moved = row
        if len(row) == 4:
            moved = [row[0], row[3], row[1], row[2]]
        out.append(moved)
    return out


def _gap(labels: Row, figures: Row, rng: Lots) -> Row:
    """One cell lost without a trace."""
    at = rng.randrange(len(figures))
    return [*labels, *figures[:at], *figures[at + 1 :]]


def _gap_and_word(labels: Row, figures: Row, rng: Lots) -> Row:
    """One cell lost, and a word in the line."""
    at = rng.randrange(len(figures))
    alien = Box(rng.choice(("件", "个", "共计", "数量", "（件）")))
    rest = [*figures[:at], *figures[at + 1 :]]
    return [*labels, alien, *rest] if rng.random() < 0.5 else [*labels, *rest, alien]


def _gap_and_number(labels: Row, figures: Row, rng: Lots) -> Row:
    """One cell lost, and a page number or a serial number behind the line."""
    at = rng.randrange(len(figures))
    return [*labels, *figures[:at], *figures[at + 1 :], Box(f"— {rng.randint(1, 9)} —")]


def _two_in_one(labels: Row, figures: Row, rng: Lots) -> Row:
    """Two figures in one cell, the next left empty."""
    at = rng.randrange(len(figures) - 1)
    if not (figures[at].text and figures[at + 1].text):
        return [*labels, *figures]
    both = replace(figures[at], text=f"{figures[at].text} {figures[at + 1].text}")
    return [*labels, *figures[:at], both, Box("", figure=True), *figures[at + 2 :]]


def _serial(labels: Row, figures: Row, rng: Lots) -> Row:
    return [Box(str(rng.randint(1, 25))), *labels, *figures] if labels else figures


def _shares(labels: Row, figures: Row, rng: Lots) -> Row:
    return [*labels, *figures, Box(f"{rng.randint(0, 100)}%"), Box(str(rng.randint(0, 99)))]


def _unit(labels: Row, figures: Row, rng: Lots) -> Row:
    return [*labels, Box("件"), *figures]


def _no_totals(table: Table, rng: Lots) -> Table:
    """A column of line codes before the figures, none of totals."""
    out: Table = []
    for row in table:
        labels, figures = _parted(row)
        if len(figures) >= 5:
            out.append([*labels, Box(str(rng.randint(1, 30))), *figures[:-1]])
        else:
            out.append([box for box in row if box.text != "总计"])
    return out


def _thousands(table: Table, rng: Lots) -> Table:
    return each(
        lambda b: replace(b, text=f"{int(b.text):,}") if b.figure and b.text.isdigit() and int(b.text) else b
    )(table)


def _no_headings(table: Table, rng: Lots) -> Table:
    return [row for row in table if not all(box.head for box in row)]


def _zeros_blank(table: Table, rng: Lots) -> Table:
    return each(lambda b: replace(b, text="") if b.figure and b.text == "0" and rng.random() < 0.3 else b)(
        table
    )


def _vanish(table: Table, rng: Lots) -> Table:
    """Some zeros left blank by the issuer, and half of all empty cells gone without a trace."""
    return [[b for b in row if b.text or rng.random() < 0.5] for row in _zeros_blank(table, rng)]


def _broken_labels(table: Table, rng: Lots) -> Table:
    """Long labels over two lines of text."""
    return [
        [
            replace(b, text=b.text[: len(b.text) // 2] + "\n" + b.text[len(b.text) // 2 :])
            if not b.figure and len(b.text) > 6 and rng.random() < 0.3
            else b
            for b in row
        ]
        for row in table
    ]


def _page_numbers(table: Table, rng: Lots) -> Table:
    """Page numbers on lines of their own between the rows."""
    out: Table = []
    for row in table:
        out.append(row)
        if rng.random() < 0.1:
            out.append([Box(rng.choice((str(rng.randint(1, 9)), f"— {rng.randint(1, 9)} —")))])
    return out


def _twice(table: Table, rng: Lots) -> Table:
    """Another office's table of the same kind right behind."""
    other = [
        [
            replace(b, text=str(int(b.text) + rng.randint(1, 9)))
            if b.figure and b.text.isdigit() and rng.random() < 0.7
            else b
            for b in row
        ]
        for row in table
    ]
    return [*table, *other]


def _one_line_less(table: Table, rng: Lots) -> Table:
    """A line's label gone, its figures still there."""
    body = [i for i, row in enumerate(table) if any(box.figure for box in row)]
    victim = rng.choice(body) if body else None
    return [[b for b in row if b.figure] if i == victim else row for i, row in enumerate(table)]


EDITS: dict[str, Change] = {
    "totals first": _columns([6, 0, 1, 2, 3, 4, 5]),
    "totals first, 合计": _columns([6, 0, 1, 2, 3, 4, 5], {"总计": "合计"}),
    "totals first, no heading": _columns([6, 0, 1, 2, 3, 4, 5], {"总计": "-"}),
    "totals second": _columns([0, 6, 1, 2, 3, 4, 5]),
    "columns swapped": _columns([0, 2, 1, 3, 4, 5, 6]),
    "columns swapped, misspelt": _columns(
        [0, 2, 1, 3, 4, 5, 6], {"商业企业": "商企", "科研机构": "科研单位"}
    ),
    "columns swapped, unlike": _columns([0, 2, 1, 3, 4, 5, 6], {"商业企业": "公司", "科研机构": "院所"}),
    "outcomes swapped": _outcomes,
    "procedures swapped": _procedures,
    "last column of Table 2 first": _last_first,
    "a lost cell": _rows_of(3, _gap, 0.3),
    "one lost cell": _rows_of(3, _gap, 0.04),
    "a lost cell and a word": _rows_of(3, _gap_and_word, 0.3),
    "a lost cell and a page number": _rows_of(3, _gap_and_number, 0.2),
    "two figures in one cell": _rows_of(3, _two_in_one, 0.3),
    "serial numbers": _rows_of(3, _serial, 1),
    "shares behind": _rows_of(7, _shares, 1),
    "units before": _rows_of(3, _unit, 1),
    "no totals": _no_totals,
    "thousands commas": _thousands,
    "no headings": _no_headings,
    "zeros blank": _zeros_blank,
    "blanks gone at times": _vanish,
    "labels broken over lines": _broken_labels,
    "page numbers between": _page_numbers,
    "another table behind": _twice,
    "a label gone": _one_line_less,
}


def _lots(figures: Figures, salt: str) -> Lots:
    return random.Random(f"{salt} {sorted(figures.items(), key=str)!r}")


def _page(edit: Change, salt: str) -> Render:
    def render(figures: Figures, form: str) -> bytes:
        rng = _lots(figures, salt)
        parts = {key: table_html(edit(table, rng)) for key, table in official(figures, form).items()}
        return page(parts).encode()

    return render


def _render(edit: Change, shape: Callable[[Table], str], salt: str) -> Render:
    def render(figures: Figures, form: str) -> bytes:
        rng = _lots(figures, salt)
        lines = ["样本县人民政府2022年政府信息公开工作年度报告", _BEFORE, _PROSE]
        tables = official(figures, form)
        for key in forms.TABLES:
            lines += [_TITLES[key], shape(edit(tables[key], rng))]
        lines += [part for heading in _AFTER for part in (heading, _PROSE)]
        return "\n".join(lines).encode()

    return render


LAYOUTS: dict[str, Render] = {
    **{f"{edit}; {PAGE}": _page(EDITS[edit], edit) for edit in EDITS},
    **{f"{edit}; {shape}": _render(EDITS[edit], SHAPES[shape], edit) for edit in EDITS for shape in SHAPES},
}
