"""The statutory tables as issuers really lay them out, made from given figures.

Each layout turns the figures of one report into the bytes of a page or a text.
``KEEPS`` names the layouts that keep every cell's boundary: from those, every
cell must be read right. From the others a cell is right or null.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from archive import forms

Value = int | Decimal | None
#: ``{table: {row: {column: value}}}``, as in the truth files.
Figures = Mapping[str, Mapping[str, Mapping[str, Value]]]


@dataclass(frozen=True, slots=True)
class Box:
    """One ``<td>``."""

    text: str
    rowspan: int = 1
    colspan: int = 1
    figure: bool = False
    head: bool = False
    kind: forms.Kind = "count"


Row = list[Box]
Table = list[Row]


def shown(value: Value, term: forms.Term) -> str:
    """The figure as an issuer writes it; an amount with its unit, unless the heading gives it."""
    if value is None:
        return ""
    unit = "万元" if term.kind == "amount" and value and "万元" not in term.zh else ""
    return f"{value}{unit}"


def _figures(figures: Figures, table: str, row: str, columns: tuple[forms.Term, ...]) -> Row:
    line = figures[table].get(row, {})
    return [Box(shown(line.get(term.key), term), figure=True, kind=term.kind) for term in columns]


def disclosure(figures: Figures, form: str) -> Table:
    """Table 2 in the official layout: one table of four columns."""
    rows: Table = []
    for block in forms.form(form).tables["disclosure"].blocks:
        assert block.group is not None
        pad = 3 - len(block.columns)
        wide = 3 if len(block.columns) == 1 else 1
        rows.append([Box(block.group.zh, colspan=4, head=True)])
        heads = [Box(term.zh, colspan=wide, head=True) for term in block.columns]
        rows.append([Box("信息内容", head=True), *heads, *([Box("", head=True)] if pad == 1 else [])])
        for row in block.rows:
            cells = [
                replace(b, colspan=wide) for b in _figures(figures, "disclosure", row.key, block.columns)
            ]
            rows.append([Box(row.zh), *cells, *([Box("")] if pad == 1 else [])])
    return rows


def requests(figures: Figures, form: str) -> Table:
    """Table 3 in the official layout: three label columns, seven figures."""
    table = forms.form(form).tables["requests"]
    terms = forms.terms("requests")
    groups, columns = terms["groups"], table.blocks[0].columns
    rows: Table = [
        [Box(groups["relation"].zh, 3, 3, head=True), Box(groups["applicants"].zh, 1, 7, head=True)],
        [
            Box(columns[0].zh, 2, head=True),
            Box(groups["organisations"].zh, 1, 5, head=True),
            Box(columns[6].zh, 2, head=True),
        ],
        [Box(term.zh, head=True) for term in columns[1:6]],
    ]
    inner = [row for row in table.rows if row.key not in ("received", "carried_in", "carried_out")]
    for row in table.rows:
        line: Row = []
        if row.key == inner[0].key:
            line.append(Box(groups["results"].zh, len(inner), 1))
        members = [other.key for other in table.rows if other.group == row.group]
        if row.group and members[0] == row.key:
            line.append(Box(groups[row.group].zh, len(members), 1))
        span = 3 if row not in inner else 1 if row.group else 2
        rows.append([*line, Box(row.zh, 1, span), *_figures(figures, "requests", row.key, columns)])
    return rows


def reviews(figures: Figures, form: str) -> Table:
    """Table 4 in the official layout: fifteen columns."""
    table = forms.form(form).tables["reviews"]
    columns = table.blocks[0].columns
    outcomes = [Box(term.zh, head=True) for term in columns]
    first, *others = table.rows
    return [
        [Box(first.zh, 1, 5, head=True), Box("行政诉讼", 1, 10, head=True)],
        [*(replace(box, rowspan=2) for box in outcomes), *(Box(row.zh, 1, 5, head=True) for row in others)],
        outcomes * 2,
        [box for row in table.rows for box in _figures(figures, "reviews", row.key, columns)],
    ]


Tables = dict[str, Table]


def official(figures: Figures, form: str) -> Tables:
    return {
        "disclosure": disclosure(figures, form),
        "requests": requests(figures, form),
        "reviews": reviews(figures, form),
    }


# --- pages -------------------------------------------------------------------

_TITLES = {
    "disclosure": "二、主动公开政府信息情况",
    "requests": "三、收到和处理政府信息公开申请情况",
    "reviews": "四、政府信息公开行政复议、行政诉讼情况",
}
_BEFORE = "一、总体情况"
_AFTER = ("五、存在的主要问题及改进情况", "六、其他需要报告的事项")
_PROSE = "本机关依照条例的规定办理了全年的公开工作。"


def _td(box: Box, inner: Callable[[str], str], tag: str) -> str:
    spans = "".join(
        f' {name}="{value}"'
        for name, value in (("rowspan", box.rowspan), ("colspan", box.colspan))
        if value != 1
    )
    return f"<{tag}{spans}>{inner(box.text)}</{tag}>"


def table_html(table: Table, inner: Callable[[str], str] = html.escape, *, th: bool = False) -> str:
    rows = []
    for row in table:
        rows.append(
            "<tr>" + "".join(_td(box, inner, "th" if th and box.head else "td") for box in row) + "</tr>"
        )
    return "<table border=1>" + "".join(rows) + "</table>"


def page(parts: Mapping[str, str], *, title: str = "样本县人民政府2022年政府信息公开工作年度报告") -> str:
    """A whole page around the three tables' HTML."""
    body = [f"<h1>{title}</h1><p>{_BEFORE}</p><p>{_PROSE}</p>"]
    for key in forms.TABLES:
        body.append(f"<p>{_TITLES[key]}</p>{parts[key]}")
    body += [f"<p>{heading}</p><p>{_PROSE}</p>" for heading in _AFTER]
    return (
        f'<html><head><meta charset="utf-8"><title>{title}</title></head>'
        f'<body><div class="TRS_Editor">{"".join(body)}</div></body></html>'
    )


def _word(text: str) -> str:
    span = f'<span style="FONT-FAMILY: 仿宋_GB2312; FONT-SIZE: 12pt">{html.escape(text)}</span>'
    return f'<p style="TEXT-ALIGN: center; LINE-HEIGHT: 25pt">{span}</p>'


Edit = Callable[[Table], Table]


def _each(edit: Callable[[Box], Box]) -> Edit:
    return lambda table: [[edit(box) for box in row] for row in table]


def _figure_text(change: Callable[[str], str]) -> Edit:
    return _each(
        lambda box: replace(box, text=change(box.text)) if box.figure and box.kind == "count" else box
    )


def _spaced(text: str) -> str:
    return f"{text[:-1]} {text[-1]}" if text.isdigit() and len(text) > 1 else text


def _commas(text: str) -> str:
    return f"{int(text):,}" if text.isdigit() else text


def _wide(text: str) -> str:
    return text.translate(str.maketrans("0123456789", "０１２３４５６７８９")) if text.isdigit() else text


def _units(text: str) -> str:
    return f"{text}件" if text.isdigit() else text


def _repeat_groups(table: Table) -> Table:
    """Group labels written out in every row instead of one tall cell."""
    rows: Table = []
    open_: list[list[int | Box]] = []
    for row in table:
        if any(box.head for box in row):
            rows.append(row)
            continue
        lead = [replace(entry[1], rowspan=1) for entry in open_ if isinstance(entry[1], Box)]
        for entry in open_:
            assert isinstance(entry[0], int)
            entry[0] -= 1
        open_ = [entry for entry in open_ if isinstance(entry[0], int) and entry[0] > 0]
        open_ += [[box.rowspan - 1, box] for box in row if box.rowspan > 1]
        rows.append([*lead, *(replace(box, rowspan=1) for box in row)])
    return rows


def _group_rowspan(by: int) -> Edit:
    """The label 不予公开 spans one row too many or too few."""

    def edit(box: Box) -> Box:
        return replace(box, rowspan=box.rowspan + by) if "不予公开" in box.text and box.rowspan > 1 else box

    return _each(edit)


def _label_colspan(by: int) -> Edit:
    def edit(box: Box) -> Box:
        long = not box.figure and not box.head and box.colspan > 1
        return replace(box, colspan=max(1, box.colspan + by)) if long else box

    return _each(edit)


def _without(label: str) -> Edit:
    return lambda table: [[box for box in row if not (box.head and box.text == label)] for row in table]


def _no_header(table: Table) -> Table:
    return [row for row in table if not all(box.head for box in row)]


def _split_heading(table: Table) -> Table:
    """商业企业 in two rows of its column, as a narrow column makes it."""
    rows: Table = []
    for row in table:
        if any(box.text == "商业企业" for box in row):
            rows.append(
                [
                    replace(box, text="商业") if box.text == "商业企业" else replace(box, rowspan=2)
                    for box in row
                ]
            )
            rows.append([Box("企业", head=True)])
        else:
            rows.append(row)
    return rows


def _border_rows(table: Table) -> Table:
    width = max(sum(box.colspan for box in row) for row in table)
    return [[Box("", colspan=width)], *table, [Box("") for _ in range(width)]]


def _empty_column(table: Table) -> Table:
    return [[*row, Box("", head=all(box.head for box in row))] for row in table]


def _cut_headings(table: Table) -> Table:
    return [
        [replace(box, text="本年新") if box.head and box.text.startswith("本年新") else box for box in row]
        for row in table
    ]


def _half_width(table: Table) -> Table:
    return _each(lambda box: replace(box, text=box.text.replace("（", "(").replace("）", ")")))(table)


def _broken_labels(table: Table) -> Table:
    return _each(lambda box: box if box.figure else replace(box, text=re.sub(r"(..)", r"\1\n", box.text)))(
        table
    )


def _html(edit: Edit | None = None, *, th: bool = False) -> Callable[[Figures, str], bytes]:
    def render(figures: Figures, form: str) -> bytes:
        tables = official(figures, form)
        parts = {key: table_html(edit(table) if edit else table, th=th) for key, table in tables.items()}
        return page(parts).encode()

    return render


def _only(key: str, edit: Edit) -> Callable[[Figures, str], bytes]:
    def render(figures: Figures, form: str) -> bytes:
        tables = official(figures, form)
        tables[key] = edit(tables[key])
        return page({name: table_html(table) for name, table in tables.items()}).encode()

    return render


def _nested(figures: Figures, form: str) -> bytes:
    parts = {key: table_html(table) for key, table in official(figures, form).items()}
    whole = page(parts)
    body = re.search(r"<body>(.*)</body>", whole, re.S)
    assert body
    frame = (
        f"<table width=100%><tr><td>导航</td><td><table><tr><td>{body[1]}</td></tr></table></td></tr></table>"
    )
    return whole.replace(body[1], frame).encode()


def _word_paste(figures: Figures, form: str) -> bytes:
    return page({key: table_html(table, _word) for key, table in official(figures, form).items()}).encode()


def _blocks_apart(figures: Figures, form: str) -> bytes:
    """Each article of Table 2 as a table of its own."""
    tables = official(figures, form)
    pieces: list[Table] = []
    for row in tables["disclosure"]:
        if row[0].text.startswith("第二十条"):
            pieces.append([])
        pieces[-1].append(row)
    parts = {key: table_html(table) for key, table in tables.items()}
    parts["disclosure"] = "<p></p>".join(table_html(piece) for piece in pieces)
    return page(parts).encode()


def _split(*, header: bool) -> Callable[[Figures, str], bytes]:
    """Table 3 in two tables, as a page break leaves it, with the group labels repeated."""

    def render(figures: Figures, form: str) -> bytes:
        tables = official(figures, form)
        rows = _repeat_groups(tables["requests"])
        head = [row for row in rows if all(box.head for box in row)]
        body = rows[len(head) :]
        parts = {key: table_html(table) for key, table in tables.items()}
        parts["requests"] = (
            table_html([*head, *body[:12]])
            + "<p>— 3 —</p>"
            + table_html([*(head if header else []), *body[12:]])
        )
        return page(parts).encode()

    return render


def _one_table(figures: Figures, form: str) -> bytes:
    """All three tables pasted as one, as a spreadsheet gives it."""
    tables = official(figures, form)
    whole = table_html(
        [row for key in forms.TABLES for row in [[Box(_TITLES[key], colspan=15)], *tables[key]]]
    )
    return page({"disclosure": "", "requests": "", "reviews": whole}).encode()


def _extra_table(figures: Figures, form: str) -> bytes:
    parts = {key: table_html(table) for key, table in official(figures, form).items()}
    extra = [[Box("公开渠道"), Box("网站"), Box("总数")], [Box("数量"), Box("76"), Box("76")]]
    parts["disclosure"] = table_html(extra) + parts["disclosure"]
    return page(parts).encode()


def _gbk(figures: Figures, form: str) -> bytes:
    """GBK that calls itself gb2312, with characters gb2312 has not."""
    parts = {key: table_html(table) for key, table in official(figures, form).items()}
    text = (
        page(parts)
        .replace('charset="utf-8"', 'charset="gb2312"')
        .replace(_PROSE, "朱镕路、喆源社区。" + _PROSE)
    )
    return text.encode("gbk")


# --- flattened text ----------------------------------------------------------


def _text(render: Callable[[Table], str]) -> Callable[[Figures, str], bytes]:
    def whole(figures: Figures, form: str) -> bytes:
        tables = official(figures, form)
        lines = ["样本县人民政府2022年政府信息公开工作年度报告", _BEFORE, _PROSE]
        for key in forms.TABLES:
            lines += [_TITLES[key], render(tables[key])]
        for heading in _AFTER:
            lines += [heading, _PROSE]
        return "\n".join(lines).encode()

    return whole


def _rows(cell: str, end: str) -> Callable[[Table], str]:
    return lambda table: "\n".join(cell.join(box.text for box in row) + end for row in table)


def _lines(table: Table) -> str:
    return "\n".join(box.text for row in table for box in row)


def _pipe_lines(table: Table) -> str:
    return "\n".join(f"{box.text} |" for row in table for box in row)


def _blank_lines(table: Table) -> str:
    return "\n\n".join(box.text for row in table for box in row)


def _counted(table: Table) -> str:
    """A blank cell is a line break, a filled one its text."""
    out = []
    for row in table:
        line = ""
        for box in row:
            line += (f" {box.text} " if box.figure else box.text) if box.text else "\n"
        out.append(line)
    return "\n".join(out)


def _deduplicated(table: Table) -> str:
    return "\n".join(dict.fromkeys(box.text for row in table for box in row))


#: name → (figures, form) → bytes
LAYOUTS: dict[str, Callable[[Figures, str], bytes]] = {
    "official": _html(),
    "header cells as th": _html(th=True),
    "Word paste": _word_paste,
    "nested in layout tables": _nested,
    "Table 2 in pieces": _blocks_apart,
    "group labels repeated": _html(_repeat_groups),
    "rowspan one too many": _only("requests", _group_rowspan(1)),
    "rowspan one too few": _only("requests", _group_rowspan(-1)),
    "label colspan one too many": _html(_label_colspan(1)),
    "label colspan one too few": _html(_label_colspan(-1)),
    "heading 自然人 missing": _html(_without("自然人")),
    "headings of Table 3 missing": _only("requests", _no_header),
    "heading split over rows": _only("requests", _split_heading),
    "headings cut": _html(_cut_headings),
    "labels broken over lines": _html(_broken_labels),
    "half-width brackets": _html(_half_width),
    "split with header": _split(header=True),
    "split without header": _split(header=False),
    "all in one table": _one_table,
    "border rows": _html(_border_rows),
    "empty last column": _html(_empty_column),
    "an extra table": _extra_table,
    "zeros as slashes": _html(_figure_text(lambda t: "/" if t == "0" else t)),
    "zeros as dashes": _html(_figure_text(lambda t: "—" if t == "0" else t)),
    "zeros left blank": _html(_figure_text(lambda t: "" if t == "0" else t)),
    "blanks as nbsp": _html(_figure_text(lambda t: t or "\xa0")),
    "thousands commas": _html(_figure_text(_commas)),
    "full-width digits": _html(_figure_text(_wide)),
    "spaces inside numbers": _html(_figure_text(_spaced)),
    "units in cells": _html(_figure_text(_units)),
    "GBK called gb2312": _gbk,
    "one cell a line": _text(_lines),
    "one cell a line, ended by |": _text(_pipe_lines),
    "one cell a line, blank lines between": _text(_blank_lines),
    "one row a line, | between": _text(_rows(" | ", " |")),
    "one row a line, tabs": _text(_rows("\t", "")),
    "one row a line, spaces": _text(_rows(" ", "")),
    "glued by row": _text(_rows("", "")),
    "glued whole": _text(lambda table: "".join(box.text for row in table for box in row)),
    "a line break for a blank": _text(_counted),
    "lines seen before dropped": _text(_deduplicated),
}

#: How a layout changes the figures it shows: value → value as it must be read.
DASHED = {"zeros as slashes", "zeros as dashes", "zeros left blank"}

#: Layouts that leave nothing to read: null is the only right answer.
ERASED = {"lines seen before dropped"}

#: Layouts that keep every cell's boundary.
KEEPS = (
    *tuple(LAYOUTS)[: list(LAYOUTS).index("one cell a line")],
    "one cell a line",
    "one cell a line, ended by |",
    "one cell a line, blank lines between",
    "one row a line, | between",
    "one row a line, tabs",
)


def expected(layout: str, figures: Figures) -> Figures:
    """What must be read from the layout: a zero that is shown as a dash or not at all is null."""
    if layout not in DASHED:
        return figures
    return {
        table: {row: {c: _dashed(table, c, v) for c, v in cells.items()} for row, cells in rows.items()}
        for table, rows in figures.items()
    }


def _dashed(table: str, column: str, value: Value) -> Value:
    return None if value == 0 and forms.terms(table)["columns"][column].kind == "count" else value
