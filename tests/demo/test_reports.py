"""Every page shows the figures the manifest says it does, in the official layout."""

from __future__ import annotations

from io import BytesIO

import docx
import pdfplumber
import pytest

from demo.manifest import PublishedReport
from demo.server import DemoPortals
from tests.demo import pages


def _with(portals: DemoPortals, carrier: str) -> list[PublishedReport]:
    """Reports on the forms of 2019 and 2021; the lists before them are tested in test_indicators.py."""
    reports = [report for report in portals.manifest.reports if "indicators" not in report.cells]
    return [report for report in reports if report.carrier == carrier]


def _whole(report: PublishedReport) -> str:
    """The page with the further pages of its article."""
    return "\n".join(pages.get(url).text for url in (report.text_url, *report.part_urls))


def test_html_reports_show_the_figures_of_the_manifest(portals: DemoPortals) -> None:
    reports = [r for r in _with(portals, "html") if r.cells["disclosure"].keys() >= {"rules"}]
    assert len(reports) > 70
    for report in reports:
        shown = pages.figures(pages.grids(_whole(report)), report.form_of)
        for table, row in report.settled:  # in one box, which spans the line
            run = "".join(str(value) for value in report.cells[table][row].values())
            assert set(shown[table].pop(row).values()) == {int(run)}
            shown[table][row] = report.cells[table][row]
        assert shown == report.cells, report.title


def test_the_report_with_cells_run_together_shows_them_so(portals: DemoPortals) -> None:
    report = next(r for r in portals.manifest.reports if r.agency == "廊坊市人民政府办公室")
    assert report.cells["disclosure"].keys() == {"licences", "penalties", "coercive_measures", "fees"}
    page = pages.get(report.url)
    disclosure = next(grid for grid in pages.grids(page.text) if grid[0][0].startswith("第二十条"))
    assert disclosure[2] == ["规章", "3", "0", "8"]
    assert disclosure[3] == ["行政规范性文件", "221148", "221148", "221148"]
    assert '<td colspan="3" align="center">221148</td>' in page.text
    assert '<td align="center">&nbsp;</td>' in page.text


def test_amounts_carry_the_units_of_the_source(portals: DemoPortals) -> None:
    by_agency = {r.agency: pages.get(r.url).text for r in portals.manifest.reports if r.real}
    assert ">625批次<" in by_agency["益阳市资阳区人民政府"]
    assert ">25795万元<" in by_agency["益阳市资阳区人民政府"]
    assert ">10669.39万元<" in by_agency["长沙高新技术产业开发区管理委员会"]
    assert ">94799.5301<" in by_agency["郑州市二七区人民政府"]


def test_an_extra_table_stands_before_table_2(portals: DemoPortals) -> None:
    report = next(r for r in portals.manifest.reports if r.agency == "通化市二道江区东通化街道办事处")
    grids = pages.grids(pages.get(report.url).text)
    extra = next(n for n, grid in enumerate(grids) if grid[0][0] == "公开渠道")
    assert grids[extra][1] == ["数量", "76", "76"]
    assert grids[extra + 1][0][0] == "第二十条第（一）项"


def test_a_title_may_stand_outside_the_body_only(portals: DemoPortals) -> None:
    report = next(r for r in portals.manifest.reports if r.agency == "长沙高新技术产业开发区管理委员会")
    text = pages.get(report.url).text
    assert f"<title>{report.title}-" in text
    assert "ArticleTitle" not in text
    assert report.title not in text.partition("<body>")[2]
    assert "2019年，长沙高新技术产业开发区管理委员会" in text
    assert "2020年1月23日" in text


def test_what_hangs_on_a_page_is_not_in_it(portals: DemoPortals) -> None:
    for report in (*_with(portals, "pdf"), *_with(portals, "docx")):
        if report.url != report.attachment_url:
            assert pages.grids(pages.get(report.url).text) == []


def test_the_pdf_has_a_text_layer_and_ruled_tables(portals: DemoPortals) -> None:
    report = next(r for r in _with(portals, "pdf") if r.portal == "demo-chengxi")
    assert report.attachment_url
    got = pages.get(report.attachment_url)
    assert got.media_type == "application/pdf"
    with pdfplumber.open(BytesIO(got.body)) as document:
        text = "\n".join(page.extract_text() for page in document.pages)
        tables = [table for page in document.pages for table in page.extract_tables()]
    assert report.title in text
    assert "六、其他需要报告的事项" in text
    requests = next(t for t in tables if t[0][3] == "申请人情况")
    received = report.cells["requests"]["received"].values()
    assert requests[3] == ["一、本年新收政府信息公开申请数量", None, None, *map(str, received)]
    disclosure = next(t for t in tables if t[0][0] == "第二十条第（一）项")
    documents = report.cells["disclosure"]["normative_documents"].values()
    assert disclosure[3] == ["行政规范性文件", *map(str, documents)]
    reviews = next(t for t in tables if t[0][0] == "行政复议")
    assert reviews[3] == [str(v) for line in report.cells["reviews"].values() for v in line.values()]


def test_the_docx_has_merged_cells_and_every_figure(portals: DemoPortals) -> None:
    report = next(r for r in _with(portals, "docx") if r.portal == "demo-mochuan")
    assert report.attachment_url
    got = pages.get(report.attachment_url)
    document = docx.Document(BytesIO(got.body))
    assert document.paragraphs[0].text == report.title
    grids = [
        [["".join(c.text.split()) for c in row.cells] for row in table.rows] for table in document.tables
    ]
    assert pages.figures(grids, report.form_of) == report.cells
    head = document.tables[1]
    assert head.cell(0, 0)._tc is head.cell(2, 2)._tc


def test_the_narrative_agrees_with_table_3(portals: DemoPortals) -> None:
    for report in _with(portals, "html"):
        total = {row: line["total"] or 0 for row, line in report.cells["requests"].items()}
        sentence = (
            f"本年度新收政府信息公开申请{total['received']}件，上年结转{total['carried_in']}件；"
            f"办结{total['concluded']}件，结转下年度继续办理{total['carried_out']}件。"
        )
        text = "".join(pages.html.fromstring(_whole(report)).text_content().split())
        assert sentence in text, report.title


def test_six_headings_everywhere(portals: DemoPortals) -> None:
    for report in _with(portals, "html"):
        text = _whole(report)
        at = [text.index(f">{n}、") for n in "一二三四五六"]
        assert at == sorted(at), report.title


@pytest.mark.parametrize("character", ["镕", "喆"])
def test_the_page_that_says_gb2312_is_gbk(portals: DemoPortals, character: str) -> None:
    report = next(r for r in portals.manifest.reports if r.agency == "示范县镕喆镇人民政府")
    got = pages.get(report.url)
    assert got.media_type == "text/html; charset=gb2312"
    assert b'content="text/html; charset=gb2312"' in got.body
    assert character in got.body.decode("gb18030")
    with pytest.raises(UnicodeDecodeError):
        got.body.decode("gb2312")
    with pytest.raises(UnicodeDecodeError):
        got.body.decode("utf-8")
