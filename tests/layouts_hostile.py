"""Layouts that mislead: each tempts a reader into a figure that the source does not state.

A cell read from them is right or null. Nothing here keeps the form, so nothing must be read.
The drawing of lots is seeded by the layout: the same figures give the same bytes.
"""

from __future__ import annotations

import html
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
    Edit,
    Figures,
    Row,
    Table,
    _html,
    _only,
    _rows,
    _text,
    official,
    page,
    table_html,
)
from tests.layouts_more import Render, counts_in_labels, each, head_rows, html_parts

_RAW = "\x00"
Change = Callable[[str, random.Random], str]


def _inner(text: str) -> str:
    """Text escaped, unless it is marked as HTML already."""
    return text[1:] if text.startswith(_RAW) else html.escape(text)


def _lots(figures: Figures, salt: str) -> random.Random:
    return random.Random(f"{salt} {sorted(figures.items(), key=str)!r}")


def _noisy(change: Change, *, share: float = 0.3, every_kind: bool = False) -> Render:
    """Some figures written in another way; ``change`` gets the figure's text."""

    def render(figures: Figures, form: str) -> bytes:
        rng = _lots(figures, "noisy")

        def edit(box: Box) -> Box:
            touched = box.figure and box.text.isdigit() and (every_kind or box.kind == "count")
            return replace(box, text=change(box.text, rng)) if touched and rng.random() < share else box

        tables = official(figures, form)
        return page({k: table_html(each(edit)(t), _inner) for k, t in tables.items()}).encode()

    return render


def _markup(pattern: str) -> Render:
    """``{n}`` is the figure, ``{x}`` a digit that is not part of it."""
    return _noisy(
        lambda text, rng: _RAW + pattern.format(n=text, x=rng.randint(1, 9), a=text[:1], b=text[1:])
    )


_CHINESE = dict(zip("0123456789", "〇一二三四五六七八九", strict=True))


def _chinese(text: str, rng: random.Random) -> str:
    return "".join(_CHINESE[digit] for digit in text) + rng.choice(("", "件"))


def _slips(text: str, rng: random.Random) -> str:
    """What typing and OCR make of digits."""
    odd = [text.replace("0", "O"), text.replace("1", "l"), text.replace("0", "o"), "0" + text, f"{text}.00"]
    return rng.choice([*odd, f"{text}。", f"≥{text}", f"约{text}", f"{text}+", f"{text}%", f"'{text}"])


def _ranges(text: str, rng: random.Random) -> str:
    other = rng.randint(1, 99)
    shapes = (
        "{n}-{x}",
        "{n}~{x}",
        "{n}/{x}",
        "{n}（{x}）",
        "{n}(含{x})",
        "{x}:{n}",
        "{n}、{x}",
        "{n},{x}",
        "{n}.{x}",
    )
    return rng.choice(shapes).format(n=text, x=other)


def _footnote(text: str, rng: random.Random) -> str:
    return text + rng.choice("①②③⑴⒈¹²³₁₂*※†½")


def _broken_number(text: str, rng: random.Random) -> str:
    if len(text) < 2:
        return text
    at = rng.randint(1, len(text) - 1)
    return _RAW + text[:at] + rng.choice(("<br>", "<p></p>", "\n<p>")) + text[at:]


# --- figures that leave their cells -------------------------------------------


def _parted(row: Row) -> tuple[Row, Row]:
    return [box for box in row if not box.figure], [box for box in row if box.figure]


def _ends_in_figures(row: Row) -> bool:
    """A line without empty cells behind its figures: there a lost figure would be an honest blank."""
    return row[-1].figure


def _figures_edit(
    edit: Callable[[Row, Row, random.Random], Row], salt: str, table: str = "requests"
) -> Render:
    """``edit(labels, figures, lots)`` gives the rows of one table anew."""

    def render(figures: Figures, form: str) -> bytes:
        rng = _lots(figures, salt)
        tables = official(figures, form)
        tables[table] = [edit(*_parted(row), rng) if _ends_in_figures(row) else row for row in tables[table]]
        return page({key: table_html(t, _inner) for key, t in tables.items()}).encode()

    return render


def _two_in_one(labels: Row, figures: Row, rng: random.Random) -> Row:
    """Two figures typed into one cell, the next left empty."""
    at = rng.randrange(len(figures) - 1)
    if rng.random() < 0.6 or not (figures[at].text and figures[at + 1].text):
        return [*labels, *figures]
    gap = rng.choice(("&nbsp;&nbsp;", "　", " &nbsp; ", "\n<br>", "&emsp;", "  "))
    both = replace(figures[at], text=f"{_RAW}{figures[at].text}{gap}{figures[at + 1].text}")
    return [*labels, *figures[:at], both, Box("", figure=True), *figures[at + 2 :]]


def _two_in_one_of_several(labels: Row, figures: Row, rng: random.Random) -> Row:
    return _two_in_one(labels, figures, rng) if len(figures) > 1 else [*labels, *figures]


def _one_over_two(labels: Row, figures: Row, rng: random.Random) -> Row:
    """One cell over two columns holding one figure; an empty cell behind the label makes the count right."""
    if rng.random() < 0.6:
        return [*labels, *figures]
    at = rng.randrange(len(figures) - 1)
    merged = replace(figures[at], colspan=2)
    return [*labels, Box(rng.choice(("", " ", "件")), figure=True), *figures[:at], merged, *figures[at + 2 :]]


def _lost_cell(labels: Row, figures: Row, rng: random.Random) -> Row:
    """A cell lost, and a unit or other words in the line."""
    if rng.random() < 0.6:
        return [*labels, *figures]
    at = rng.randrange(len(figures))
    alien = Box(rng.choice(("件", "个", "数量", "共计", "（件）")))
    rest = [*figures[:at], *figures[at + 1 :]]
    return rng.choice(([*labels, alien, *rest], [*labels, *rest, alien], [*labels, *rest]))


def _instead_of_totals(heading: str, text: Callable[[random.Random], str]) -> Render:
    """A column of units or line codes before the figures, and no column of totals."""

    def render(figures: Figures, form: str) -> bytes:
        rng = _lots(figures, heading)
        tables = official(figures, form)
        for key in ("requests", "reviews"):
            rows: Table = []
            for row in tables[key]:
                labels, numbers = [b for b in row if not b.figure], [b for b in row if b.figure]
                if numbers:
                    rows.append([*labels, Box(text(rng)), *numbers[:-1]])
                elif row is tables[key][0]:
                    rows.append([*row[:1], Box(heading, 3, head=True), *row[1:]])
                else:
                    rows.append(row[:-1] if row[-1].text == "总计" else row)
            tables[key] = rows
        return page({key: table_html(t, _inner) for key, t in tables.items()}).encode()

    return render


def _shares(labels: Row, figures: Row, rng: random.Random) -> Row:
    return [*labels, *figures, Box(f"{rng.randint(0, 100)}%"), Box(str(rng.randint(0, 99)))]


def _serial(labels: Row, figures: Row, rng: random.Random) -> Row:
    """A serial number before the label."""
    return [Box(str(rng.randint(1, 25))), *labels, *figures]


def _tall_figure(table: Table) -> Table:
    """One figure over two lines; the second line has an empty cell more after its label."""
    rows = [list(row) for row in table]
    for number in range(head_rows(table) + 2, len(rows) - 1, 4):
        first = next(i for i, box in enumerate(rows[number]) if box.figure)
        rows[number][first + 1] = replace(rows[number][first + 1], rowspan=2)
        below = next(i for i, box in enumerate(rows[number + 1]) if box.figure)
        del rows[number + 1][below + 1]
        if number % 8 == 1:
            rows[number + 1].insert(below, Box("", figure=True))
    return rows


def _reordered(order: list[int], headings: dict[str, str]) -> Render:
    """Columns of Table 3 in another order, their headings reworded or left out."""

    def edit(table: Table) -> Table:
        head = head_rows(table)
        flat = [table[head - 2][1], *table[head - 1], table[head - 2][-1]]
        names = [headings.get(box.text, box.text) for box in flat]
        moved = [replace(flat[i], text=names[i], rowspan=1) for i in order]
        rows = [[Box("", colspan=3, head=True), *[box for box in moved if box.text != "-"]]]
        for row in table[head:]:
            labels, figures = [b for b in row if not b.figure], [b for b in row if b.figure]
            rows.append([*labels, *[figures[i] for i in order]])
        return rows

    return _only("requests", edit)


def _swapped_disclosure(table: Table) -> Table:
    """Last column of Table 2 first, in heading and figures alike; one heading cut."""
    rows: Table = []
    for row in table:
        if len(row) == 4:
            first, *others = row
            moved = [others[-1], *others[:-1]]
            if first.head:
                moved[1] = replace(moved[1], text=moved[1].text[:2])
            row = [first, *moved]
        rows.append(row)
    return rows


# --- another table's figures ----------------------------------------------------


def _other(figures: Figures, salt: str) -> Figures:
    """Figures of another scope or year: each a little off, some the same."""
    rng = _lots(figures, salt)
    return {
        table: {
            row: {
                key: value + rng.randint(1, 9) if isinstance(value, int) and rng.random() < 0.7 else value
                for key, value in line.items()
            }
            for row, line in rows.items()
        }
        for table, rows in figures.items()
    }


def _second_tables(
    *, before: bool = False, edit: Edit | None = None, spoil: Edit | None = None, only: str | None = None
) -> Render:
    """Another report's tables on the page; ``spoil`` damages the report's own ones."""

    def render(figures: Figures, form: str) -> bytes:
        parts = {}
        other = official(_other(figures, "second"), form)
        for key, table in official(figures, form).items():
            own = table_html(spoil(table) if spoil else table)
            second = table_html(edit(other[key]) if edit else other[key])
            if only not in (None, key):
                parts[key] = own
            else:
                parts[key] = f"<p>上年数</p>{second}<p>本年数</p>{own}" if before else own + second
        return page(parts).encode()

    return render


def _other_form(figures: Figures, form: str) -> bytes:
    """The report and, on the same page, another year's on the other form."""
    second = "2019" if form == "2021" else "2021"
    rng = _lots(figures, "other form")
    made: Figures = {
        key: {
            row.key: {term.key: rng.randint(0, 30) for term in table.columns_of(row.key)}
            for row in table.rows
        }
        for key, table in forms.form(second).tables.items()
    }
    own, other = html_parts(figures, form), html_parts(made, second)
    return page({key: own[key] + "<p>2018年：</p>" + other[key] for key in own}).encode()


def _text_twice(*, first_is_own: bool) -> Render:
    """Two reports in one text, one after the other."""

    def render(figures: Figures, form: str) -> bytes:
        lines = ["样本县人民政府2022年政府信息公开工作年度报告"]
        both = [official(figures, form), official(_other(figures, "twice"), form)]
        for tables in both if first_is_own else reversed(both):
            lines += [_BEFORE, _PROSE]
            for key in forms.TABLES:
                lines += [_TITLES[key], "\n".join(b.text for row in tables[key] for b in row)]
            lines += [part for heading in _AFTER for part in (heading, _PROSE)]
        return "\n".join(lines).encode()

    return render


def _grid_and_text(figures: Figures, form: str) -> bytes:
    """The report in tables and last year's as text under them; one line of the tables is unreadable."""
    own = html_parts(figures, form)
    other = official(_other(figures, "grid and text"), form)
    text = "".join(
        f"<p>{html.escape(' '.join(b.text for b in row))}</p>" for key in forms.TABLES for row in other[key]
    )
    return page({**own, "requests": "<p>见附表</p>", "reviews": own["reviews"] + text}).encode()


def _drop_rows(share: float) -> Edit:
    """Lines whose label is misspelt beyond recognition."""
    rng = random.Random(7)

    def edit(box: Box) -> Box:
        long = not box.figure and not box.head and len(box.text) > 3
        return replace(box, text="某" + box.text[-2:]) if long and rng.random() < share else box

    return each(edit)


# --- text -----------------------------------------------------------------------


def _sprinkled(lines: list[str], rng: random.Random, share: float = 0.08) -> list[str]:
    """Page numbers and running titles between lines."""
    out: list[str] = []
    number = 1
    for line in lines:
        out.append(line)
        if rng.random() < share:
            number += 1
            out.append(rng.choice((str(number), f"— {number} —", f"第{number}页", f"{number}/9")))
    return out


def _text_with_lots(lines: Callable[[Table, random.Random], list[str]], salt: str) -> Render:
    def render(figures: Figures, form: str) -> bytes:
        rng = _lots(figures, salt)
        out = ["样本县人民政府2022年政府信息公开工作年度报告", _BEFORE, _PROSE]
        for key, table in official(figures, form).items():
            out += [_TITLES[key], *lines(table, rng)]
        out += [part for heading in _AFTER for part in (heading, _PROSE)]
        return "\n".join(out).encode()

    return render


def _cell_lines(table: Table) -> list[str]:
    return [box.text for row in table for box in row]


def _some_vanish(cells: list[str], rng: random.Random, share: float = 0.5) -> list[str]:
    """Empty cells leave a trace only sometimes."""
    return [cell for cell in cells if cell or rng.random() > share]


def _zeros_vanish(table: Table, rng: random.Random, share: float) -> Table:
    """Some zeros left blank by the issuer."""
    return each(lambda b: replace(b, text="") if b.figure and b.text == "0" and rng.random() < share else b)(
        table
    )


def _glued_row(row: Row) -> str:
    return "".join(box.text for box in row)


def _spaced_digits(row: Row, rng: random.Random, *, drop: bool) -> str:
    """Blanks between cells, and now and then inside a number; empty cells leave nothing."""
    words = []
    for box in row:
        text = box.text
        if box.figure and text.isdigit() and len(text) > 1 and rng.random() < 0.5:
            at = rng.randint(1, len(text) - 1)
            text = f"{text[:at]} {text[at:]}"
        if text or not drop:
            words.append(text)
    return " ".join(words)


def _no_dots(table: Table) -> Table:
    """1属于国家秘密: the enumerator without its dot."""
    return each(lambda b: b if b.figure else replace(b, text=b.text.replace(".", "")))(table)


def _two_labels_gone(table: Table, rng: random.Random) -> Table:
    victims = rng.sample(range(len(table)), min(2, len(table)))
    return [
        [replace(b, text="") if not b.figure and not b.head and i in victims else b for b in row]
        for i, row in enumerate(table)
    ]


def _shuffled(table: Table, rng: random.Random) -> Table:
    head = head_rows(table)
    body = table[head:]
    rng.shuffle(body)
    return [*table[:head], *body]


def _glued_pages(table: Table, rng: random.Random) -> list[str]:
    """Glued text in which page numbers stick to figures."""
    out = ""
    for row in table:
        out += _glued_row(row) + (str(rng.randint(2, 9)) if rng.random() < 0.1 else "")
    return [out]


LAYOUTS: dict[str, Render] = {
    # cells
    "footnote marks": _noisy(_footnote),
    "footnotes in sup": _markup("{n}<sup>{x}</sup>"),
    "footnotes raised by style": _markup('{n}<span style="vertical-align: super">{x}</span>'),
    "sub": _markup("{n}<sub>{x}</sub>"),
    "deleted in del": _markup("<del>{x}</del>{n}"),
    "struck in s": _markup("<s>{x}</s>{n}"),
    "struck by style": _markup('<span style="text-decoration:line-through">{x}</span>{n}'),
    "inserted and deleted": _markup("<del>{n}</del><ins>{n}</ins>"),
    "a hidden digit": _markup('{n}<span style="display:none">{x}</span>'),
    "a hidden digit by attribute": _markup("<span hidden>{x}</span>{n}"),
    "comments": _markup("{n}<!-- {x} -->"),
    "two paragraphs in a cell": _markup("<p>{n}</p><p>{x}</p>"),
    "picture for a figure": _markup('<img src="n.gif" alt="{n}">'),
    "input for a figure": _markup('<input value="{n}">'),
    "a table in a cell": _markup("<table><tr><td>{n}</td><td>{x}</td></tr></table>"),
    "ruby": _markup("<ruby>{n}<rt>{x}</rt></ruby>"),
    "digits in elements of their own": _markup("<font>{a}</font><b>{b}</b>"),
    "broken inside a number": _noisy(_broken_number),
    "Chinese numerals": _noisy(_chinese),
    "slips": _noisy(_slips),
    "ranges": _noisy(_ranges),
    "slips in every kind": _noisy(_slips, every_kind=True),
    # rows
    "two figures in one cell": _figures_edit(_two_in_one, "two"),
    "two figures in one cell, Table 2": _figures_edit(
        _two_in_one_of_several, "two", "disclosure",
    ),
    "one figure over two columns": _figures_edit(_one_over_two, "one"),
    "a lost cell": _figures_edit(_lost_cell, "lost"),
    "a lost cell, Table 2": _figures_edit(_lost_cell, "lost", "disclosure"),
    "a lost cell, Table 4": _figures_edit(_lost_cell, "lost", "reviews"),
    "units for totals": _instead_of_totals("单位", lambda rng: "件"),
    "codes for totals": _instead_of_totals("行次", lambda rng: str(rng.randint(1, 25))),
    "shares behind": _figures_edit(_shares, "shares"),
    "serial numbers": _figures_edit(_serial, "serial"),
    "one figure over two lines": _only("requests", _tall_figure),
    # columns
    "totals first": _reordered([6, 0, 1, 2, 3, 4, 5], {}),
    "totals first, 合计": _reordered([6, 0, 1, 2, 3, 4, 5], {"总计": "合计"}),
    "totals first, no heading": _reordered([6, 0, 1, 2, 3, 4, 5], {"总计": "-"}),
    "totals first, half the headings": _reordered(
        [6, 0, 1, 2, 3, 4, 5], {"总计": "-", "自然人": "-", "科研机构": "-", "法律服务机构": "-"}
    ),
    "columns swapped, misspelt": _reordered(
        [0, 2, 1, 3, 4, 5, 6], {"商业企业": "商企", "科研机构": "科研单位"}
    ),
    "columns swapped": _reordered([0, 2, 1, 3, 4, 5, 6], {}),
    "last column first in Table 2": _only("disclosure", _swapped_disclosure),
    # other tables
    "office and government": _second_tables(),
    "last year before this year": _second_tables(before=True),
    "last year whole, this year damaged": _second_tables(before=True, spoil=_drop_rows(0.3)),
    "last year behind, this year damaged": _second_tables(spoil=_drop_rows(0.3)),
    "Table 3 twice": _second_tables(only="requests"),
    "Table 2 twice": _second_tables(only="disclosure"),
    "Table 4 twice": _second_tables(only="reviews"),
    "two reports on two forms": _other_form,
    "two reports in one text": _text_twice(first_is_own=True),
    "two reports in one text, the other first": _text_twice(first_is_own=False),
    "another report as text": _grid_and_text,
    "labels misspelt": _html(_drop_rows(0.3)),
    # text
    "a cell a line, page numbers between": _text_with_lots(
        lambda t, rng: _sprinkled(_cell_lines(t), rng), "pages"
    ),
    "a cell a line, blanks gone": _text_with_lots(
        lambda t, rng: _some_vanish(_cell_lines(t), rng, 1), "gone"
    ),
    "a cell a line, blanks gone at times": _text_with_lots(
        lambda t, rng: _some_vanish(_cell_lines(t), rng), "times"
    ),
    "a cell a line, zeros blank and gone, page numbers": _text_with_lots(
        lambda t, rng: _sprinkled(_some_vanish(_cell_lines(_zeros_vanish(t, rng, 0.2)), rng, 1), rng, 0.2),
        "all",
    ),
    "a row a line, glued, page numbers": _text_with_lots(
        lambda t, rng: _sprinkled([_glued_row(row) for row in t], rng), "rows"
    ),
    "glued, zeros blank": _text_with_lots(
        lambda t, rng: [_glued_row(row) for row in _zeros_vanish(t, rng, 0.1)], "zeros"
    ),
    "glued, most zeros blank": _text_with_lots(
        lambda t, rng: [_glued_row(row) for row in _zeros_vanish(t, rng, 0.9)], "most"
    ),
    "glued whole, zeros blank": _text_with_lots(
        lambda t, rng: ["".join(_glued_row(row) for row in _zeros_vanish(t, rng, 0.05))], "whole"
    ),
    "glued, page numbers stuck on": _text_with_lots(
        lambda t, rng: _glued_pages(t, rng) if len(t) > 20 else [_rows("", "")(t)], "stuck"
    ),
    "glued, no dots": _text(lambda t: "".join(_glued_row(row) for row in _no_dots(t))),
    "glued, counts in labels": _text(
        lambda t: "".join(_glued_row(row) for row in (counts_in_labels(t) if len(t) > 20 else t))
    ),
    "glued, two labels gone": _text_with_lots(
        lambda t, rng: [_glued_row(row) for row in _two_labels_gone(t, rng)], "labels"
    ),
    "a cell a line, two labels gone": _text_with_lots(
        lambda t, rng: _some_vanish(_cell_lines(_two_labels_gone(t, rng)), rng, 1), "labels"
    ),
    "lines in another order": _text_with_lots(
        lambda t, rng: [_glued_row(row) for row in (_shuffled(t, rng) if len(t) > 20 else t)], "order"
    ),
    "lines in another order, tabs": _text_with_lots(
        lambda t, rng: [
            "\t".join(b.text for b in row) for row in (_shuffled(t, rng) if len(t) > 20 else t)
        ],
        "order",
    ),
    "spaces between and inside": _text_with_lots(
        lambda t, rng: [_spaced_digits(row, rng, drop=False) for row in t], "inside"
    ),
    "spaces between and inside, blanks gone": _text_with_lots(
        lambda t, rng: [_spaced_digits(row, rng, drop=True) for row in _zeros_vanish(t, rng, 0.15)], "inside"
    ),
    "pipes, zeros blank": _text_with_lots(
        lambda t, rng: [" | ".join(b.text for b in row) for row in _zeros_vanish(t, rng, 0.3)], "pipes"
    ),
    "pipes, blanks gone": _text_with_lots(
        lambda t, rng: [" | ".join(b.text for b in row if b.text) for row in _zeros_vanish(t, rng, 0.3)],
        "pipes",
    ),
    "tabs, zeros blank": _text_with_lots(
        lambda t, rng: ["\t".join(b.text for b in row) for row in _zeros_vanish(t, rng, 0.3)], "tabs"
    ),
}  # fmt: skip
