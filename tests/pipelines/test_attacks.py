"""Ways found to have a figure read that the source does not state, or to make reading take for ever."""

from __future__ import annotations

import html
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import lxml.html
import pytest

from archive import forms
from archive.records import Cell, Snapshot
from benchmarks.figures import Sample, made
from benchmarks.score import _WHEN, cells_of, score
from pipelines import decode, looks, values
from pipelines.dom import cell_text
from pipelines.flat import delimited
from pipelines.readers import divs, stylesheet
from pipelines.readers.html import read as read_html
from pipelines.report import parse
from pipelines.tables import labels
from pipelines.text import calm
from tests import layouts_text
from tests.layouts import Box, Table, official, page, table_html

SAMPLE = made("2021", "mostly zero", 3)
Place = tuple[str, str]


def tables() -> dict[str, Table]:
    return official(SAMPLE.figures, SAMPLE.form)


def whole(**changed: str) -> str:
    return page({key: changed.get(key, table_html(table)) for key, table in tables().items()})


def text_of(shape: str, **changed: Table) -> str:
    lines = ["样本县人民政府2022年政府信息公开工作年度报告"]
    for key, table in {**tables(), **changed}.items():
        lines += [layouts_text._TITLES[key], layouts_text.SHAPES[shape](table)]
    return "\n".join([*lines, "五、存在的主要问题及改进情况", "无。"])


def figures_in(html_of: Callable[[str, str], str], style: str = "") -> str:
    """The page with every count of every table as ``html_of(figure, span attributes)``."""

    def cell(box: Box) -> str:
        spans = f' rowspan="{box.rowspan}" colspan="{box.colspan}"'
        if box.figure and box.text and box.kind == "count":
            return html_of(box.text, spans)
        return f"<td{spans}>{html.escape(box.text)}</td>"

    parts = {
        key: "<table>" + "".join("<tr>" + "".join(map(cell, row)) + "</tr>" for row in table) + "</table>"
        for key, table in tables().items()
    }
    return page(parts).replace("</head>", f"<style>{style}</style></head>")


def values_of(body: str) -> Mapping[tuple[str, str, str], object]:
    return {
        (cell.table, cell.row, cell.column): cell.value
        for cell in cells_of(body.encode(), "attack")
        if cell.value is not None
    }


def wrong(body: str, unknown: tuple[tuple[str, str], ...] = ()) -> list[tuple[object, ...]]:
    """Values that are not the source's; in ``unknown`` lines and columns (table, key) every one but zero."""
    found = []
    for (table, row, column), value in values_of(body).items():
        true = SAMPLE.figures[table][row].get(column)
        hidden = (table, row) in unknown or (table, column) in unknown
        if (hidden and value) or (not hidden and value != true):
            found.append((table, row, column, value, true))
    return found


# --- digits that no one sees, or that stand beside the number ---------------------

HIDING = (
    '<span class="h">7</span>{n}|.h{{display:none}}',
    '{n}<span class="v">7</span>|span.v{{visibility:hidden}}',
    '<span class="a b">7</span>{n}|@media screen {{.a.b{{display:none}}}}',
    '{n}<i id="z">7</i>|#z{{opacity:0}}',
    '<span class="x">7</span>{n}|.t, .x{{text-decoration:line-through}}',
    '{n}<span class="u">7</span>|td .u{{vertical-align:super;font-size:60%}}',
    '{n}<span style="font-size:0">7</span>|',
    '{n}<span style="font-size: 1px;">7</span>|',
    '{n}<span style="opacity:0">7</span>|',
    '{n}<span style="color:#FFF">7</span>|',
    '{n}<span style="color:red;background:red">7</span>|',
    '{n}<span style="color:rgba(0, 0, 0, 0)">7</span>|',
    '{n}<font color="white">7</font>|',
    '{n}<span style="position:absolute;left:-9999px">7</span>|',
    '{n}<span style="display:inline-block;width:0;overflow:hidden">7</span>|',
    '<span style="float:right">7</span>{n}|',
    '{n}<a href="#_ftn1">7</a>|',
    "{n}<small>7</small>|",
    '{n}<span style="position:relative;top:-3.0pt;mso-text-raise:3.0pt">7</span>|',
    '<bdo dir="rtl">1{n}</bdo>|',
    '<span style="unicode-bidi:bidi-override;direction:rtl">1{n}</span>|',
    "\u202e1{n}\u202c|",
    # selectors that name no class or id of the element itself, and rules in groups
    "<i>7</i>{n}|td i{{display:none}}",
    "{n}<i data-x=1>7</i>|[data-x]{{visibility:hidden}}",
    "<b>{n}</b><i>7</i>|b+i{{display:none}}",
    "<i>7</i>{n}|td i:first-child{{text-decoration:line-through}}",
    "<i>7</i>{n}|td i:not(.k){{display:none}}",
    '<i class="h">7</i>{n}|@supports (display:grid) {{.h{{display:none}}}}',
    '<i class="h">7</i>{n}|@layer a {{.h{{display:none}}}}',
    '<i class="h" style="display:inline">7</i>{n}|.h{{display:none!important}}',
    # text that only the style has
    '<span class="p">{n}</span>|.p::before{{content:"7"}}',
    '<span class="p" data-n="7">{n}</span>|.p:after{{content:attr(data-n)}}',
    "<span>{n}</span>|td span::after{{content:counter(x)}}",
    # other words for what is not seen
    '{n}<span style="zoom:0">7</span>|',
    '{n}<span style="margin-left:-9999px">7</span>|',
    '{n}<span style="content-visibility:hidden">7</span>|',
    '{n}<span style="filter:opacity(0)">7</span>|',
    '{n}<span style="mso-hide:all">7</span>|',
    '{n}<span style="color:hsl(0,0%,100%)">7</span>|',
    '{n}<span style="-webkit-text-fill-color:transparent">7</span>|',
    '{n}<span style="font:0/0 a">7</span>|',
    '<span style="display:flex;flex-direction:row-reverse"><i>{n}</i><i>7</i></span>|',
    '<span style="order:2">{n}</span><span style="order:1">7</span>|',
    '{n}<progress value="7" max="9">7</progress>|',
    "<ruby>{n}<rtc>7</rtc></ruby>|",
    "<math><msup><mn>{n}</mn><mn>7</mn></msup></math>|",
    "<math><mfrac><mn>{n}</mn><mn>7</mn></mfrac></math>|",
)


@pytest.mark.parametrize("markup", HIDING)
def test_digits_apart_from_the_number(markup: str) -> None:
    inner, _, style = markup.format(n="{n}").rpartition("|")
    body = figures_in(lambda text, spans: f"<td{spans}>{inner.format(n=text)}</td>", style)
    assert wrong(body) == []


@pytest.mark.parametrize(
    "markup",
    [
        "<span>{n}</span>",
        '<span style="font-size:12pt;color:#333">{n}</span>',
        '<a name="_GoBack"></a>{n}',
        '<a href="x.html">{n}</a>',
        '<span style="position:relative;top:1pt">{n}</span>',
        "<small>{n}</small>",
        '<span class="k">{n}</span>',
        '<span style="font:12pt/1.5 a;margin:-1px;zoom:1;order:0">{n}</span>',
        '<i class="icon"></i>{n}',
        "<math><mn>{n}</mn></math>",
    ],
)
def test_a_figure_in_an_element_of_its_own_is_read(markup: str) -> None:
    style = (
        ".k{font-size:14px;color:#fff0f0} .menu{display:none} @media print{.k{display:none}}"
        " td em{display:none} .icon::before{content:'\\f101'} span::before{content:''}"
    )
    body = figures_in(lambda text, spans: f"<td{spans}>{markup.format(n=text)}</td>", style)
    found = score(cells_of(body.encode(), "x"), SAMPLE.figures, "x")
    assert (found.null, found.wrong) == (0, 0)


def test_a_hidden_part_of_a_table_is_not_read() -> None:
    own = table_html(tables()["requests"])
    stale = own.removeprefix("<table>").removesuffix("</table>").replace(">0<", ">7<")
    body = whole(requests=own.replace("<table>", f'<table><tbody style="display:none">{stale}</tbody>', 1))
    found = score(cells_of(body.encode(), "x"), SAMPLE.figures, "x")
    assert (found.null, found.wrong) == (0, 0)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<td style='color:white'>5</td>", "~~5~~"),
        ("<td><p style='color:white'>5</p></td>", "~~5~~"),
        ("<td bgcolor='#000080' style='color:white'>5</td>", "5"),
        ("<td style='background:#008;color:#fff'>5</td>", "5"),
        ("<td style='color:white'>1.属于国家秘密</td>", "1.属于国家秘密"),
        ("<td>1<a name='_GoBack'>2</a></td>", "12"),
        ("<td>1<a href='#n'>2</a></td>", "1^2^"),
    ],
)
def test_white_on_white(cell: str, text: str) -> None:
    [found] = lxml.html.fromstring(f"<table><tr>{cell}</tr></table>").iter("td")
    assert cell_text(found) == text


def test_a_style_sheet_is_followed_as_far_as_it_hides() -> None:
    root = lxml.html.fromstring(
        "<html><head><style>.h{display:none} /* .k{display:none} */ @media print{.k{opacity:0}}"
        ".h:hover{opacity:0} li{display:none} :nonsense::{display:none} .menu li{display:none}"
        "</style></head><body class=menu><p class=h>1</p><p class=h style='display:block'>2</p>"
        "<p class=k>3</p><li>4</li></body></html>"
    )
    stylesheet.apply(root)
    assert [(e.text, e.get("style")) for e in root.iter("p", "li")] == [
        ("1", "display:none;"),
        ("2", "display:block"),
        ("3", None),
        ("4", None),
    ]


def test_what_a_style_says() -> None:
    assert looks.read("DISPLAY: none").hides
    assert looks.read("color: #FFFFFF").odd == "white"
    assert looks.read("font-size:10.5pt;color:#000").odd is None
    assert looks.read("font-size:1.5em").odd is None
    assert looks.read("background-color:#fff") == looks.NO_STYLE


# --- one row for two lines ----------------------------------------------------------


def merged(table: Table, first: str, second: str) -> Table:
    """Two lines in one row: both labels in one cell, the figures added up."""
    rows: Table = []
    added = next(row for row in table if any(box.text == first for box in row))
    for row in table:
        if any(box.text == first for box in row):
            continue
        if any(box.text == second for box in row):
            mine = [box for box in row if box.figure]
            other = [box for box in added if box.figure]
            row = [
                *(replace(b, text=first + second) if b.text == second else b for b in row if not b.figure),
                *(
                    replace(a, text=str(int(a.text or 0) + int(b.text or 0) + 1))
                    for a, b in zip(mine, other, strict=True)
                ),
            ]
        rows.append(row)
    return rows


PAIRS = (
    ("requests", "2.重复申请", "3.要求提供公开出版物", ("unprocessed_repeat", "unprocessed_publication")),
    ("requests", "3.要求提供公开出版物", "2.重复申请", ("unprocessed_repeat", "unprocessed_publication")),
    ("requests", "7.属于行政执法案卷", "8.属于行政查询事项",
     ("refused_enforcement_file", "refused_administrative_query")),
    ("disclosure", "行政处罚", "行政强制", ("penalties", "coercive_measures")),
    ("disclosure", "规章", "行政规范性文件", ("rules", "normative_documents")),
)  # fmt: skip


@pytest.mark.parametrize("shape", [*layouts_text.SHAPES, layouts_text.PAGE])
@pytest.mark.parametrize(("key", "first", "second", "lines"), PAIRS)
def test_two_lines_in_one_row(shape: str, key: str, first: str, second: str, lines: tuple[str, str]) -> None:
    table = merged(tables()[key], first, second)
    body = whole(**{key: table_html(table)}) if shape == layouts_text.PAGE else text_of(shape, **{key: table})
    assert wrong(body, tuple((key, line) for line in lines)) == []


@pytest.mark.parametrize(
    ("table", "text", "key"),
    [
        ("requests", "1.属于国家秘密2.其他法律行政法规禁止公开", None),
        ("requests", "（一）予以公开（二）部分公开", None),
        ("requests", "1.不属于国家秘密", None),
        ("requests", "市本级本年新收政府信息公开申请数量", None),
        ("requests", "（一）予以公开（含主动公开）", "granted"),
        ("requests", "（三）不予公开 1.属于国家秘密", "refused_state_secret"),
        ("requests", "三、本年度办理结果（三）不予公开1.属于国家秘密", "refused_state_secret"),
        ("disclosure", "规章（设区的市应当填写", "rules"),
        ("disclosure", "规章（件）行政规范性文件（件）", None),
        ("requests", "1" * 60 + "属于国家秘密", None),
    ],
)
def test_the_line_a_cell_names(table: str, text: str, key: str | None) -> None:
    assert labels.row(table, text) == key


# --- headings and units ------------------------------------------------------------


def reworded(key: str, old: str, new: str) -> str:
    table = [[replace(box, text=box.text.replace(old, new)) for box in row] for row in tables()[key]]
    return whole(**{key: table_html(table)})


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("本年废止件数", "本年修改件数", "repealed"),
        ("本年废止件数", "累计失效件数", "repealed"),
        ("本年制发件数", "上年制发件数", "issued"),
        ("本年处理决定数量", "上年处理决定数量", "decisions"),
        ("本年处理决定数量", "本年处理决定数量（万件）", "decisions"),
        ("本年处理决定数量", "本年处理决定数量（单位：百件）", "decisions"),
    ],
)
def test_a_heading_of_another_figure(old: str, new: str, column: str) -> None:
    assert wrong(reworded("disclosure", old, new), (("disclosure", column),)) == []


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [("行政处罚", "行政处罚（万件）", "penalties"), ("行政事业性收费", "行政事业性收费（元）", "fees")],
)
def test_a_unit_beside_the_line(old: str, new: str, line: str) -> None:
    assert wrong(reworded("disclosure", old, new), (("disclosure", line),)) == []


@pytest.mark.parametrize("note", ["<p>单位：万件</p>{t}", "<p>（计量单位：百件）</p>{t}"])
def test_a_unit_noted_over_the_table(note: str) -> None:
    body = whole(requests=note.format(t=table_html(tables()["requests"])))
    found = values_of(body)
    assert not any(table == "requests" for table, _, _ in found)
    assert any(table == "disclosure" for table, _, _ in found)
    assert any(f.kind == "counts_bundles" for f in parse(Snapshot("x", body.encode(), _WHEN)).findings)
    assert (
        score(
            cells_of(body.replace("万件", "件").replace("百件", "件").encode(), "x"), SAMPLE.figures, "x"
        ).null
        == 0
    )


def test_bundles() -> None:
    assert values.bundle("处理决定数量（万件）") == "万"
    assert values.bundle("收费金额（单位：万元）") is None
    assert values.bundle("行政处罚（十件以上）") == "十"
    assert values.read("12", "count", "数量（件）").value == 12
    assert values.read("0", "count", "数量（万件）").value == 0
    assert values.read("12", "count", "数量（万件）").readings == ("12", "12万")


# --- rows that are not what they seem -----------------------------------------------


def test_a_figure_over_two_columns_beside_a_short_label() -> None:
    rows: Table = []
    for row in tables()["requests"]:
        names, own = [b for b in row if not b.figure], [b for b in row if b.figure]
        if own and own[0].text != own[1].text:
            names[-1] = replace(names[-1], colspan=max(1, names[-1].colspan - 1))
            own = [Box("", figure=True), replace(own[0], colspan=2), *own[2:]]
        rows.append([*names, *own])
    assert wrong(whole(requests=table_html(rows))) == []


def test_a_figure_over_two_columns_of_table_two() -> None:
    rows = [
        [row[0], Box("", figure=True), replace(row[1], colspan=2), *row[3:]]
        if len(row) == 4 and row[1].figure
        else row
        for row in tables()["disclosure"]
    ]
    assert wrong(whole(disclosure=table_html(rows))) == []


def test_last_years_row_of_table_four() -> None:
    *head, own = tables()["reviews"]
    body = whole(
        reviews=table_html(
            [
                *([Box(""), *row] for row in head),
                [Box("上年"), *(replace(box, text=str(int(box.text or 0) + 1)) for box in own)],
                [Box("本年"), *(replace(box, text="") for box in own)],
            ]
        )
    )
    assert not any(table == "reviews" for table, _, _ in values_of(body))


def test_last_year_beside_this_year() -> None:
    rows: Table = []
    for row in tables()["requests"]:
        own = [box for box in row if box.figure]
        if own:
            rows.append([*row, *(replace(box, text="") for box in own)])
        elif row[0].text.startswith("（本列"):
            rows.append([row[0], Box("上年", 1, 7, head=True), Box("本年", 1, 7, head=True)])
        else:
            rows.append([*row, *row])
    assert not any(table == "requests" for table, _, _ in values_of(whole(requests=table_html(rows))))


@pytest.mark.parametrize(
    ("mark", "cell"), [(",", "3549①"), (",", "12²"), ("|", "3549①"), ("\t", "12\u202e34\u202c")]
)
def test_a_mark_in_delimited_text_is_no_digit(mark: str, cell: str) -> None:
    rows = [["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"], ["规章", "1", cell, "2"]]
    source = "第二十条第（一）项\n" + "\n".join(mark.join(row) for row in rows)
    found = delimited.find(source).found
    assert all(c.value in (None, 1, 2) for table in found.values() for c in table.cells.values())
    assert not any(c.value for c in cells_of(source.encode(), "x") if c.column == "repealed")


@pytest.mark.parametrize("gap", [" ", "\u3000", "\t\t", "  "])
def test_a_lone_figure_of_table_two_with_another_beside_it(gap: str) -> None:
    own = [[b for b in row if b.text] for row in tables()["disclosure"]]
    lines = [" ".join(b.text for b in row) for row in own]
    body = text_of("spaces").replace(
        next(line for line in lines if line.startswith("行政处罚")), f"行政处罚{gap}1{gap}113"
    )
    assert ("disclosure", "penalties", "decisions") not in values_of(body)


# --- tables of divs ----------------------------------------------------------------


def of_divs(table: Table, row: str = "div", cell: str = "div", attributes: str = "") -> str:
    return "".join(
        f"<{row}{attributes}>"
        + "".join(f"<{cell}>{html.escape(box.text)}</{cell}>" for box in line)
        + f"</{row}>"
        for line in table
    )


@pytest.mark.parametrize(("row", "cell"), [("div", "div"), ("ul", "li"), ("div", "span"), ("dl", "dd")])
@pytest.mark.parametrize("sample", [SAMPLE, made("2019", "with blanks", 1), made("2021", "total only", 1)])
def test_tables_of_divs(row: str, cell: str, sample: Sample) -> None:
    for inside in ("{}", "<section>{}</section>"):
        parts = {
            key: inside.format(of_divs(table, row, cell))
            for key, table in official(sample.figures, sample.form).items()
        }
        found = score(cells_of(page(parts).encode(), "x"), sample.figures, "x")
        assert (found.null, found.wrong) == (0, 0)


@pytest.mark.parametrize("edit", layouts_text.EDITS)
def test_tables_of_divs_that_mislead(edit: str) -> None:
    for sample in (SAMPLE, made("2019", "with blanks", 1), made("2021", "last column only", 1)):
        rng = random.Random(edit)
        parts = {
            key: of_divs(layouts_text.EDITS[edit](table, rng))
            for key, table in official(sample.figures, sample.form).items()
        }
        assert score(cells_of(page(parts).encode(), "x"), sample.figures, sample.name).faults == []


@pytest.mark.parametrize(
    "style",
    ["display:flex;flex-direction:row-reverse", "direction:rtl", "position:absolute;left:3px"],
)
def test_cells_that_a_style_moves_are_no_table(style: str) -> None:
    parts = {key: of_divs(table, attributes=f' style="{style}"') for key, table in tables().items()}
    assert read_html(page(parts)).grids == ()


def test_prose_between_divs_stays_and_cells_say_where_they_stand() -> None:
    prose = "".join(f"<div><span>本机关办理了第{n}项工作。</span></div>" for n in "一二三四五")
    parts = {key: prose + of_divs(table, cell="span") for key, table in tables().items()}
    document = read_html(page(parts))
    assert len(document.grids) == 3
    assert document.text.count("本机关办理了第三项工作。") == 3
    assert "信息内容" not in document.text
    places = {cell.where for cell in cells_of(page(parts).encode(), "x") if cell.value is not None}
    assert all(place is not None and place.startswith("div[") and "/cell[" in place for place in places)
    assert len(places) == sum(cell.value is not None for cell in cells_of(page(parts).encode(), "x"))


def test_a_page_without_the_words_is_not_searched_for_divs() -> None:
    root = lxml.html.fromstring(of_divs(tables()["requests"]))
    assert divs.find(root, "别的文字") == []
    assert len(divs.find(root, "申请数量")) == 1


# --- time --------------------------------------------------------------------------

#: Reading 200 KB of anything; a machine under load takes three times its own time.
SECONDS = 5.0
PLACES: Mapping[str, Callable[[str, str], str]] = {
    "behind the tables": lambda text, junk: text + junk + "。",
    "before a line": lambda text, junk: text.replace("二、上年结转", junk + "5\n二、上年结转", 1),
    "in a label": lambda text, junk: text.replace("危及", "危及" + junk, 1),
    "after a word of a head": lambda text, junk: text + "发布时间" + junk + "来源" + junk + "。",
    "in a cell": lambda text, junk: (
        f"<html><body><table><tr><td>来源{junk}</td><td>1{junk}</td></tr></table>"
    ),
    "in a paragraph": lambda text, junk: f"<html><body><p>发布时间{junk}</p><p>行政复议{junk}</p>{text}",
}


@pytest.mark.parametrize(
    "junk", [" ", "\n", "\u3000", "\xa0", "\t", "|", "|\n", ",", "0", "(", "1 ", "12\n\n"]
)
@pytest.mark.parametrize("place", PLACES)
def test_no_run_of_anything_takes_for_ever(place: str, junk: str) -> None:
    body = PLACES[place](text_of("a cell a line"), junk * (200_000 // len(junk))).encode()
    started = time.process_time()
    report = parse(Snapshot("x", body, _WHEN))
    assert time.process_time() - started < SECONDS
    assert report.error is None or "Error" not in report.error


@pytest.mark.parametrize("digits", ["1" * 30, "1123112311" * 3, "10" * 20, "1" * 500])
def test_many_glued_tables_end(digits: str) -> None:
    table = "\n".join(row.zh + digits for row in forms.form("2021").tables["requests"].rows)
    started = time.process_time()
    report = parse(Snapshot("x", "\n".join([table] * 8).encode(), _WHEN))
    assert time.process_time() - started < SECONDS
    assert not any(cell.value for cell in report.cells)


def test_a_part_of_a_budget_is_no_more_than_what_is_left() -> None:
    whole_budget = decode.Steps(decode.BUDGET + 1)
    for _ in range(decode.BUDGET):
        whole_budget.some().spend()
    assert whole_budget.some().left == 1
    with pytest.raises(decode.OutOfBudget):
        decode.summed(("1" * 30,), 7, whole_budget.some())


def test_white_space_is_cut_short() -> None:
    assert calm("一\n\n\n二") == "一\n\n\n二"
    assert calm("一" + "\n" * 100 + "二") == "一" + "\n" * 100 + "二"
    assert calm("一" + "\n" * 5000 + "二") == "一" + "\n" * 100 + "二"


def test_cells_between_the_tables_forms_stay_found() -> None:
    """The page these attacks start from is read whole, or none of them would show anything."""
    for body in (whole(), text_of("pipes"), text_of("a cell a line")):
        found = score(cells_of(body.encode(), "x"), SAMPLE.figures, "x")
        assert (found.null, found.wrong) == (0, 0)
    assert {type(cell) for cell in cells_of(whole().encode(), "x")} == {Cell}
