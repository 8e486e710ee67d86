"""Tables of another year or another office on the report's page: their figures are not the report's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO

import openpyxl
import pytest
from lxml import etree
from openpyxl.styles import Font
from openpyxl.styles.colors import Color

from archive.records import Cell, Document, Paragraph, Report, Snapshot
from benchmarks.figures import made
from benchmarks.score import _WHEN
from pipelines import evidence
from pipelines.readers.docx_text import UNKNOWN, Styles, runs
from pipelines.report import parse
from pipelines.scope import Scope, says, withhold
from tests.layouts import Box, Table, official, page, table_html

SAMPLE = made("2021", "large", 1)
OTHER = made("2021", "large", 2)
TITLE = "会昌县人民政府2022年政府信息公开工作年度报告"
OFFICE = "会昌县教育局2022年政府信息公开工作年度报告"
LAST_YEAR = "会昌县人民政府2021年政府信息公开工作年度报告"
OWN = official(SAMPLE.figures, "2021")
FOREIGN = official(OTHER.figures, "2021")
PICTURE = '<p><img src="3.png"></p>'


def report(**parts: str) -> Report:
    whole = {key: parts.get(key, table_html(table)) for key, table in OWN.items()}
    return parse(Snapshot("http://www.x.gov.cn/1.html", page(whole, title=TITLE).encode(), _WHEN))


def valued(found: Report) -> Mapping[str, int]:
    """Figures read of each table."""
    tables = ("disclosure", "requests", "reviews")
    return {key: sum(c.table == key and c.value is not None for c in found.cells) for key in tables}


WHOLE = {"disclosure": 10, "requests": 175, "reviews": 15}


def test_the_page_these_start_from_is_read_whole() -> None:
    assert valued(report()) == WHOLE


@pytest.mark.parametrize(
    "note",
    [
        "2021年：",
        "附：2021年数据",
        "上年数据",
        "（上年度）",
        "2021年度收到和处理政府信息公开申请情况",
        "会昌县教育局：",
        "填报单位：会昌县教育局",
    ],
)
def test_a_caption_or_a_first_row_of_another(note: str) -> None:
    table = FOREIGN["requests"]
    row = [Box(note, colspan=10, head=True)]
    for part in (f"<p>{note}</p>" + table_html(table), table_html([row, *table])):
        found = report(requests=part + "<p>本年数据：</p>" + PICTURE)
        assert valued(found) == {**WHOLE, "requests": 0}
        assert any(finding.kind == "of_another" for finding in found.findings)


@pytest.mark.parametrize(
    "note",
    [
        "2022年：",
        "（2022年度）",
        "（单位：件）",
        "2022年度收到和处理政府信息公开申请情况",
        "填报单位：会昌县人民政府",
        "填报单位：会昌县人民政府办公室",
        "2022年1月1日至2022年12月31日",
        "依据2019年修订的条例",
        "2023年1月20日",
    ],
)
def test_a_caption_of_its_own(note: str) -> None:
    assert valued(report(requests=f"<p>{note}</p>" + table_html(OWN["requests"]))) == WHOLE


def test_a_caption_holds_for_its_section() -> None:
    """The next section is the report's again; sections that begin anew under the caption are not."""
    two = f"<p>2021年：</p>{table_html(FOREIGN['requests'])}"
    assert valued(report(requests=two)) == {**WHOLE, "requests": 0}
    annex = (
        f"<p>六、其他</p><p>附：2021年数据</p><p>三、收到和处理申请情况</p>{table_html(FOREIGN['requests'])}"
    )
    assert valued(report(requests=PICTURE, reviews=annex)) == {**WHOLE, "requests": 0, "reviews": 0}


@pytest.mark.parametrize("label", ["2021年", "上年", "会昌县教育局"])
@pytest.mark.parametrize("key", ["disclosure", "requests", "reviews"])
def test_a_column_at_the_side(key: str, label: str) -> None:
    table = FOREIGN[key]
    rows = [[Box(label, rowspan=len(table)), *table[0]], *table[1:]]
    assert valued(report(**{key: table_html(rows)}))[key] == 0


@pytest.mark.parametrize("title", [OFFICE, LAST_YEAR])
@pytest.mark.parametrize("gone", ["disclosure", "requests", "reviews"])
def test_a_second_report_below(title: str, gone: str) -> None:
    second = "".join(map(table_html, FOREIGN.values()))
    own = {key: table_html(table) for key, table in OWN.items()} | {gone: PICTURE}
    own["reviews"] += f"<p>五、问题</p><p>六、其他</p><h1>{title}</h1><p>一、总体情况</p>{second}"
    found = report(**own)
    assert (found.agency, found.year) == ("会昌县人民政府", 2022)
    assert valued(found)[gone] == 0


def test_last_years_title_among_the_links_of_the_page_does_no_harm() -> None:
    links = f"<p><a href='1.html'>{LAST_YEAR}</a></p>"
    whole = {key: table_html(table) for key, table in OWN.items()}
    for body in (
        page(whole, title=TITLE).replace("<body>", f"<body>{links}"),
        page(whole, title=TITLE).replace("</body>", f"{links}</body>"),
    ):
        assert valued(parse(Snapshot("x", body.encode(), _WHEN))) == WHOLE


@pytest.mark.parametrize("label", ["县教育局", "较上年", "其中：县教育局", "2021", "累计", "变化"])
def test_a_label_beside_the_row_of_table_four(label: str) -> None:
    *head, row = FOREIGN["reviews"]
    rows = [[Box("单位", 3, head=True), *head[0]], *head[1:], [Box(label), *row]]
    assert valued(report(reviews=table_html(rows)))["reviews"] == 0


@pytest.mark.parametrize("label", ["", "数量", "合计", "2022年", "本年度（件）"])
def test_a_plain_label_beside_the_row_of_table_four(label: str) -> None:
    *head, row = OWN["reviews"]
    rows = [[Box("", 3, head=True), *head[0]], *head[1:], [Box(label), *row]]
    assert valued(report(reviews=table_html(rows))) == WHOLE


def test_a_heading_over_last_years_figure_and_an_empty_cell() -> None:
    rows = [
        [*[b for b in row if not b.figure], *(x for b in row if b.figure for x in (b, Box("")))]
        if any(box.figure for box in row)
        else [box if box.colspan == 3 else replace(box, colspan=box.colspan * 2) for box in row]
        for row in FOREIGN["requests"]
    ]
    assert valued(report(requests=table_html(rows)))["requests"] == 0


@pytest.mark.parametrize("key", ["disclosure", "requests"])
def test_a_label_over_two_rows_of_figures(key: str) -> None:
    rows: Table = []
    for own, other in zip(OWN[key], FOREIGN[key], strict=True):
        figures = [box for box in own if box.figure]
        if figures:
            rows.append([box if box.figure else replace(box, rowspan=box.rowspan * 2) for box in other])
            rows.append([replace(box, text="") for box in figures])
        else:
            rows.append(own)
    assert valued(report(**{key: table_html(rows)}))[key] == 0


@pytest.mark.parametrize("word", ["历年", "每年", "近年", "当年", "上年"])
def test_another_time_is_no_slip_of_the_pen(word: str) -> None:
    rows = [
        [replace(box, text=box.text.replace("本年废止", word + "废止")) for box in row]
        for row in OWN["disclosure"]
    ]
    found = report(disclosure=table_html(rows))
    assert not [c for c in found.cells if c.column == "repealed" and c.value is not None]


def test_a_text_headed_by_another_office_than_the_page() -> None:
    lines = "<p>一、总体情况</p><p>本机关依法公开信息。</p>"
    tables = "".join(map(table_html, OWN.values()))

    def named(end: str) -> str | None:
        body = (
            f"<html><head><meta charset=utf-8><title>{TITLE}</title></head><body>"
            f"<div class=TRS_Editor><p>{OFFICE}</p>{lines}{tables}{end}</div></body></html>"
        )
        return parse(Snapshot("x", body.encode(), _WHEN)).agency

    assert named("") is None
    assert named("<p>会昌县教育局</p><p>2023年1月20日</p>") == "会昌县教育局"
    assert named("<p>会昌县人民政府</p><p>2023年1月20日</p>") == "会昌县人民政府"


def workbook(sheets: Mapping[str, Table], font: Font | None = None) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, table in sheets.items():
        sheet = book.create_sheet(name)
        taken: set[tuple[int, int]] = set()
        for r, row in enumerate(table, 2):
            column = 1
            for box in row:
                while (r, column) in taken:
                    column += 1
                bottom, right = r + box.rowspan - 1, column + box.colspan - 1
                taken |= {(y, x) for y in range(r, bottom + 1) for x in range(column, right + 1)}
                cell = sheet.cell(r, column)
                cell.value = int(box.text) if box.figure and box.text.isdigit() else box.text
                if font is not None and box.figure:
                    cell.font = font
                if (bottom, right) != (r, column):
                    sheet.merge_cells(start_row=r, start_column=column, end_row=bottom, end_column=right)
                column = right + 1
        sheet.cell(1, 1).value = TITLE if "2022" in name else ""
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("name", ["2021年", "上年", "会昌县教育局"])
def test_a_sheet_of_another(name: str) -> None:
    body = workbook({"2022年": OWN["reviews"], name: FOREIGN["requests"]})
    found = parse(Snapshot("x.xlsx", body, _WHEN))
    assert (found.year, valued(found)) == (2022, {"disclosure": 0, "requests": 0, "reviews": 15})


@pytest.mark.parametrize("font", [Font(size=1), Font(color=Color(indexed=9)), Font(color="FFFFFFFF")])
def test_figures_of_a_workbook_that_no_one_sees(font: Font) -> None:
    found = parse(Snapshot("x.xlsx", workbook({"2022年": OWN["requests"]}, font), _WHEN))
    assert valued(found)["requests"] == 0


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("2021年", True),
        ("二〇二一年度", True),
        ("上年", True),
        ("去年同期", True),
        ("历年累计", True),
        ("县教育局", True),
        ("2022年", False),
        ("本年", False),
        ("2060", False),
        ("上一年", False),
        ("上一年项目数量", False),
        ("会昌县", False),
        ("二、上年结转政府信息公开申请数量", False),
        ("2021年以来", False),
        ("国办公开办函〔2021〕30号", False),
        ("社会公益组织", False),
        ("其他", False),
        ("", False),
    ],
)
def test_what_words_over_a_table_say(text: str, foreign: bool) -> None:
    assert bool(says(text, Scope.of("会昌县人民政府", 2022, TITLE))) is foreign


def test_nothing_is_another_years_where_the_year_is_unknown() -> None:
    assert says("2021年", Scope.of(None, None, None)) is None
    assert says("县教育局", Scope.of(None, None, None)) is None


def test_a_report_is_signed_after_its_year() -> None:
    """2023年…报告 signed in January 2023: one of the two is wrong, and nobody knows which."""
    tables = {key: table_html(table) for key, table in OWN.items()}

    def year(day: str) -> int | None:
        body = page(tables, title=TITLE).replace(
            "</div></body>", f"<p>会昌县人民政府</p><p>{day}</p></div></body>"
        )
        return parse(Snapshot("x", body.encode(), _WHEN)).year

    assert year("2023年1月20日") == 2022
    assert year("2022年12月20日") == 2022
    assert year("2022年1月20日") is None
    assert year("2021年12月31日") is None


def test_a_year_alone_under_the_title() -> None:
    body = page(
        {key: table_html(table) for key, table in OWN.items()}, title="会昌县政府信息公开工作年度报告"
    )
    dated = body.replace("</h1>", "</h1><p>（2020年度）</p>").replace(
        "</div></body>", "<p>会昌县人民政府</p><p>2022年1月20日</p></div></body>"
    )
    assert parse(Snapshot("x", dated.encode(), _WHEN)).year == 2020


@pytest.mark.parametrize(
    ("lines", "year"),
    [
        (["（2020年度）", "一、总体情况"], 2020),
        (["2023年", "2022年", "2021年", "一、总体情况"], None),
        (["2023年", "2022年", "2021年，我县认真落实条例的各项规定，按期公开。"], None),
        (["2021年，我县认真落实条例的各项规定，按期公开。"], 2021),
    ],
)
def test_several_years_alone_are_a_menu(lines: list[str], year: int | None) -> None:
    assert evidence.years(lines) == year


def test_a_line_of_a_scan_has_its_place_in_the_document() -> None:
    lines = (LAST_YEAR, "一、本年新收政府信息公开申请数量 5 0 0 0 0 0 5")
    blocks = (Paragraph(TITLE, "line 1"), *(Paragraph(line, f"line {n}") for n, line in enumerate(lines, 2)))
    cell = Cell("requests", "received", "civic", 5, "5", "inferred", "picture/line 3")
    own = replace(cell, where="picture/line 1")
    kept, findings = withhold(
        [cell, own], Document("scan", blocks=blocks, text=""), Scope.of("会昌县人民政府", 2022, TITLE)
    )
    assert [one.value for one in kept] == [None, 5]
    assert [finding.kind for finding in findings] == ["of_another"]


@pytest.mark.parametrize(
    "beside",
    [
        '<w:r><w:rPr><w:color w:val="FEFEFE"/></w:rPr><w:t>8</w:t></w:r>',
        '<w:r><w:rPr><w:eastAsianLayout w:id="1" w:combine="1"/></w:rPr><w:t>87</w:t></w:r>',
        '<w:bdo w:val="rtl"><w:r><w:t>12</w:t></w:r></w:bdo>',
        "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:r><w:t>0</w:t></w:r></w:sdtContent></w:sdt>",
    ],
)
def test_digits_of_word_that_no_number_has(beside: str) -> None:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    paragraph = etree.fromstring(f'<w:p xmlns:w="{space}"><w:r><w:t>12</w:t></w:r>{beside}</w:p>')
    assert "".join(runs(paragraph, Styles())) == f"12{UNKNOWN}"


YEARS = ("2021", "２０２１", "二〇二一", "2021年", "21年", "21年度")


def beside(year: str, table: Table) -> str:
    """The table with a column of its year at the left, one cell over all lines."""
    first, *rows = table_html(table).split("<tr>")[1:]
    return f'<table><tr><td rowspan="{len(rows) + 1}">{year}</td>{first}' + "".join(f"<tr>{r}" for r in rows)


@pytest.mark.parametrize("year", YEARS)
def test_a_year_at_the_side_without_its_word(year: str) -> None:
    for key in ("requests", "disclosure"):
        assert valued(report(**{key: beside(year, FOREIGN[key])})) == {**WHOLE, key: 0}
        assert valued(report(**{key: beside("2022", OWN[key])})) == WHOLE


@pytest.mark.parametrize("year", YEARS)
def test_a_year_over_the_table_without_its_word(year: str) -> None:
    for key, width in (("requests", 10), ("disclosure", 4), ("reviews", 15)):
        foreign, own = table_html(FOREIGN[key]), table_html(OWN[key])
        row = f'<tr><td colspan="{width}">{year}</td></tr>'
        cells = f"<tr><td>{year}</td>{'<td></td>' * (width - 1)}</tr>"
        rows = [foreign.replace("<tr>", f"{first}<tr>", 1) for first in (row, cells)]
        for over in (f"<p>{year}</p>{foreign}", *rows):
            assert valued(report(**{key: over})) == {**WHOLE, key: 0}
        assert valued(report(**{key: f"<p>2022</p>{own}"})) == WHOLE


def test_a_figure_that_looks_like_a_year_and_a_menu_of_years_name_none() -> None:
    figures = {row: dict.fromkeys(line, 2021) for row, line in SAMPLE.figures["disclosure"].items()}
    table = official({**SAMPLE.figures, "disclosure": figures}, "2021")["disclosure"]
    assert valued(report(disclosure=table_html(table))) == WHOLE
    menu = "".join(f"<p>{year}</p>" for year in (2023, 2022, 2021))
    assert valued(report(requests=menu + table_html(OWN["requests"]))) == WHOLE
