"""Further layouts that issuers and extractors make of the statutory tables: nothing in them misleads.

Same style as ``tests.layouts``. ``KEEPS`` names those that keep every cell's boundary,
``REFUSED`` those in which nothing can be read and null is the only right answer.
"""

from __future__ import annotations

import html
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
    Table,
    Value,
    _figure_text,
    _html,
    _lines,
    _only,
    _repeat_groups,
    _text,
    official,
    page,
    table_html,
)

Render = Callable[[Figures, str], bytes]


def each(edit: Callable[[Box], Box]) -> Edit:
    return lambda table: [[edit(box) for box in row] for row in table]


def relabel(old: str, new: str) -> Edit:
    """Another wording for one label or heading."""
    return each(lambda box: replace(box, text=new) if box.text == old else box)


def chain(*edits: Edit) -> Edit:
    def run(table: Table) -> Table:
        for edit in edits:
            table = edit(table)
        return table

    return run


def head_rows(table: Table) -> int:
    return sum(all(box.head for box in row) for row in table)


def html_parts(figures: Figures, form: str) -> dict[str, str]:
    return {key: table_html(table) for key, table in official(figures, form).items()}


# --- pages -------------------------------------------------------------------

_INSTRUCTIONS = {
    "规章": "规章（只填写有立法权的机关制定的规章，没有的填0）",
    "规范性文件": "规范性文件（以机关或机关办公室名义制发的）",
    "行政规范性文件": "行政规范性文件（以机关或机关办公室名义制发的）",
    "（一）予以公开": "（一）予以公开（含已主动公开的）",
    "（六）其他处理": "（六）其他处理（以上情形之外的）",
    "1.属于国家秘密": "1.属于国家秘密（依法定密的）",
}
_UNITS = {
    "规章": "规章（件）",
    "行政许可": "行政许可（件）",
    "本年新制作数量": "本年新制作数量（件）",
    "本年制发件数": "本年制发件数（件）",
    "处理决定数量": "处理决定数量（件）",
    "本年处理决定数量": "本年处理决定数量（件）",
    "采购项目数量": "采购项目数量（项）",
}
_MISSPELT = {
    "本年制发件数": "本年发件数",
    "现行有效件数": "现行有效件",
    "本年新制作数量": "本年新制作",
    "上一年项目数量": "上一年项目数",
    "对外公开总数量": "对外公开数量",
}


def _worded(words: dict[str, str]) -> Edit:
    return each(lambda box: replace(box, text=words.get(box.text, box.text)))


def counts_in_labels(table: Table) -> Table:
    """1.属于国家秘密（4件）: a number of the issuer's own behind the label."""
    return [
        [
            box if box.figure or box.head or not box.text else replace(box, text=f"{box.text}（{n % 7}件）")
            for box in row
        ]
        for n, row in enumerate(table)
    ]


def _repeated_heading(table: Table) -> Table:
    """The middle one of three headings repeats the first."""
    twice = {"本年废止件数": "本年制发件数", "本年新公开数量": "本年新制作数量"}
    return [[replace(b, text=twice.get(b.text, b.text)) if b.head else b for b in row] for row in table]


def _vertical_headings(table: Table) -> Table:
    return [[replace(b, text="\n".join(b.text)) if b.head else b for b in row] for row in table]


def _breaks(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")


def _all_parts(edit: Edit, inner: Callable[[str], str]) -> Render:
    def render(figures: Figures, form: str) -> bytes:
        tables = official(figures, form)
        return page({key: table_html(edit(table), inner) for key, table in tables.items()}).encode()

    return render


def _trailing_text(figures: Figures, form: str) -> bytes:
    """Text behind ``</td>``, where no text may stand."""
    parts = {key: part.replace("</td>", "</td>\n　") for key, part in html_parts(figures, form).items()}
    return page({**parts, "requests": parts["requests"].replace("</tr>", "注</tr>", 1)}).encode()


def _without_groups_below(table: Table) -> Table:
    """Rows from the middle of a group on, as a second table has them: the group's cell stays above."""
    head = head_rows(table)
    return table[head + 7 :]


def _split_in_group(figures: Figures, form: str) -> bytes:
    tables = official(figures, form)
    whole = tables["requests"]
    cut = head_rows(whole) + 7
    parts = html_parts(figures, form)
    parts["requests"] = (
        table_html(whole[:cut]) + "<p>（接上页）</p>" + table_html(_without_groups_below(whole))
    )
    return page(parts).encode()


def _header_in_the_middle(table: Table) -> Table:
    """A page break inside one table: header and group labels again, the labels spanning what is left."""
    head = head_rows(table)
    rows = _repeat_groups(table)
    middle = head + 10
    return [*rows[:middle], *rows[:head], *rows[middle:]]


def _tall_groups_per_page(table: Table) -> Table:
    """三、本年度办理结果 with rowspan 10, and again for the rest, as two pages of ten lines have it."""
    rows: Table = []
    tall = 0
    for number, row in enumerate(table):
        line = list(row)
        if line[0].text.startswith("三、本年度"):
            tall = line[0].rowspan
            first = number
            line[0] = replace(line[0], rowspan=10)
        if tall and number == first + 10:
            line.insert(0, Box("三、本年度办理结果", rowspan=tall - 10))
        rows.append(line)
    assert tall > 10
    # The group cell that the break cuts is cut too: its label is repeated below.
    return _cut_spans(rows, first + 10)


def _cut_spans(table: Table, at: int) -> Table:
    rows = [list(row) for row in table]
    for number in range(at):
        for index, box in enumerate(rows[number]):
            rest = number + box.rowspan - at
            if rest > 0 and not box.head:
                rows[number][index] = replace(box, rowspan=box.rowspan - rest)
                rows[at].insert(1 if rows[at][0].text.startswith("三") else 0, replace(box, rowspan=rest))
    return rows


def _narrated(figures: Figures, form: str) -> bytes:
    """Figures in the sentences around the tables, some in the tables' own words."""
    parts = html_parts(figures, form)
    said = (
        "<p>全年新收政府信息公开申请4321件，上年结转12件，予以公开876件，不予公开55件，行政复议9件，"
        "行政诉讼8件；行政许可7654件，行政处罚3210件，行政事业性收费88万元。</p>"
    )
    return page({key: said + part + said for key, part in parts.items()}).encode()


def _image_for_table(figures: Figures, form: str) -> bytes:
    parts = html_parts(figures, form)
    parts["requests"] = '<p><img src="table3.png" alt="表三" width="600"></p>'
    return page(parts).encode()


def _in_pre(figures: Figures, form: str) -> bytes:
    """Tables as tabbed text inside ``<pre>``."""
    tables = official(figures, form)
    return page(
        {
            key: "<pre>"
            + html.escape("\n".join("\t".join(box.text for box in row) for row in table))
            + "</pre>"
            for key, table in tables.items()
        }
    ).encode()


def _div_table(figures: Figures, form: str) -> bytes:
    """Cells as ``<div>``, in rows of ``<div>``; one under the other for a reader without the style sheet."""
    tables = official(figures, form)
    return page(
        {
            key: "".join(
                "<div class=row>" + "".join(f"<div>{html.escape(b.text)}</div>" for b in row) + "</div>"
                for row in table
            )
            for key, table in tables.items()
        }
    ).encode()


_TRADITIONAL = str.maketrans(
    "规许可处罚强制费数量总计报复议诉讼请业机构关团体", "規許可處罰強製費數量總計報復議訴訟請業機構關團體"
)


def _traditional(figures: Figures, form: str) -> bytes:
    parts = {
        key: table_html(each(lambda b: b if b.figure else replace(b, text=b.text.translate(_TRADITIONAL)))(t))
        for key, t in official(figures, form).items()
    }
    return page(parts).translate(_TRADITIONAL).encode()


def _english(figures: Figures, form: str) -> bytes:
    """The same report on the English pages of a portal."""
    names = {
        wording: term.en
        for key in forms.TABLES
        for part in forms.terms(key).values()
        for term in part.values()
        for wording in term.wordings
    }
    parts = {
        key: table_html(each(lambda b: b if b.figure else replace(b, text=names.get(b.text, "Item")))(t))
        for key, t in official(figures, form).items()
    }
    return (
        page(parts, title="Annual Report on Government Information Disclosure 2022").replace(_PROSE, "Text.")
    ).encode()


# --- text --------------------------------------------------------------------


def _markdown(table: Table) -> str:
    """Pipes on both sides and a row of dashes under the first line, as Markdown converters write."""
    rows = ["| " + " | ".join(box.text.replace("\n", " ") for box in row) + " |" for row in table]
    width = max(len(row) for row in table)
    return "\n".join([rows[0], "|" + "---|" * width, *rows[1:]])


def _commas(table: Table) -> str:
    return "\n".join(",".join(box.text for box in row) for row in table)


def _quoted(table: Table) -> str:
    return "\n".join(",".join(f'"{box.text}"' for box in row) for row in table)


def _full_width(table: Table) -> str:
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    return _lines(each(lambda b: replace(b, text=b.text.translate(wide)) if b.figure else b)(table))


def _columns(table: Table) -> str:
    """Padded with blanks to columns, as a text browser prints a table."""
    return "\n".join("".join(box.text.ljust(6) for box in row) for row in table)


def _label_then_values(table: Table) -> str:
    """The label on a line of its own, the figures under it."""
    out = []
    for row in table:
        labels = "".join(box.text for box in row if not box.figure)
        figures = "  ".join(box.text for box in row if box.figure)
        out += [labels, figures]
    return "\n".join(out)


def _repeats_dropped_in_a_row(table: Table) -> str:
    """An extractor that drops a line equal to the one before it."""
    lines = _lines(table).split("\n")
    return "\n".join(line for i, line in enumerate(lines) if i == 0 or line != lines[i - 1])


def _short_lines_dropped(table: Table) -> str:
    """An extractor that drops lines seen before, table by table row."""
    return "\n".join("\n".join(dict.fromkeys(box.text for box in row)) for row in table)


def with_total_only(figures: Figures) -> Figures:
    """Of Tables 3 and 4 the totals only."""

    def kept(table: str, row: dict[str, Value]) -> dict[str, Value]:
        if table == "disclosure":
            return dict(row)
        return {key: value if key == "total" else None for key, value in row.items()}

    return {t: {row: kept(t, dict(line)) for row, line in rows.items()} for t, rows in figures.items()}


def without_requests(figures: Figures) -> Figures:
    return {
        t: {row: dict.fromkeys(line) if t == "requests" else dict(line) for row, line in rows.items()}
        for t, rows in figures.items()
    }


def _plain_page(figures: Figures, form: str) -> bytes:
    """No heading before the tables, no container, nothing closed."""
    parts = html_parts(figures, form)
    body = "<p>".join([_BEFORE, _PROSE, *(_TITLES[k] + parts[k] for k in forms.TABLES), *_AFTER])
    return f"<title>样本县2022年政府信息公开工作年度报告</title>{body}".replace("</td>", "").encode()


LAYOUTS: dict[str, Render] = {
    "filling instructions in labels": _html(_worded(_INSTRUCTIONS)),
    "units in labels and headings": _html(_worded(_UNITS)),
    "counts in labels": _only("requests", counts_in_labels),
    "headings misspelt": _html(_worded(_MISSPELT)),
    "a heading repeated": _html(_repeated_heading),
    "vertical headings": _all_parts(_vertical_headings, _breaks),
    "text behind td": _trailing_text,
    "split inside a group": _split_in_group,
    "header again in the middle": _only("requests", _header_in_the_middle),
    "group labels cut 10 + rest": _only("requests", _tall_groups_per_page),
    "figures in the sentences beside": _narrated,
    "cells not closed": _plain_page,
    "only totals filled": lambda figures, form: _html()(with_total_only(figures), form),
    "full-width thousands commas": _html(
        _figure_text(lambda t: f"{int(t):,}".replace(",", "，") if t.isdigit() else t)
    ),
    "tabbed text in pre": _in_pre,
    "Markdown with a rule row": _text(_markdown),
    "one cell a line, full-width digits": _text(_full_width),
    "label, then figures": _text(_label_then_values),
    "padded columns": _text(_columns),
    "commas between": _text(_commas),
    "quoted, commas between": _text(_quoted),
    "cells as div": _div_table,
    "equal lines dropped": _text(_repeats_dropped_in_a_row),
    "equal cells of a row dropped": _text(_short_lines_dropped),
    "a picture for Table 3": _image_for_table,
    "in English": _english,
    "in traditional characters": _traditional,
}

KEEPS = (
    *tuple(LAYOUTS)[: list(LAYOUTS).index("tabbed text in pre")],
    "tabbed text in pre",
    "Markdown with a rule row",
    "one cell a line, full-width digits",
    "commas between",
    "quoted, commas between",
    "cells as div",
)
REFUSED = ("in English",)

_EXPECTED: dict[str, Callable[[Figures], Figures]] = {
    "only totals filled": with_total_only,
    "a picture for Table 3": without_requests,
}


def expected(layout: str, figures: Figures) -> Figures:
    """What the layout shows of the figures."""
    shown = _EXPECTED.get(layout)
    return shown(figures) if shown else figures
