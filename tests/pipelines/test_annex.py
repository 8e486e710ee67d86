"""A report's annex as a file of its own: its figures are the report's, or it says why not."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
from openpyxl import Workbook

from archive.annexes import as_title, names_annex
from archive.forms import indicators as form
from archive.records import Context, Snapshot
from archive.store import Store
from archive.warc import WarcWriter
from pipelines.items import DATABASE, WARCS
from pipelines.keep import keep
from pipelines.report import parse
from spiders.articles import Attachment, belongs
from tests import layouts_2014 as layouts
from tests.archive.made import at, rows

PAGE = "http://www.zhongyuan.gov.cn/2016nb.html"
FILE = "http://www.zhongyuan.gov.cn/P020170320.xlsx"
LINK = "附件：政府信息公开情况统计表.xlsx"
BUREAU = "郑州市中原区统计局"
FIGURES = {
    line.key: n % 7 * 3 if line.kind == "count" else 1 for n, line in enumerate(form.national().figures)
}
PROSE = "".join(
    f"<p>{heading}</p><p>2016年，我局按照条例的规定主动公开政府信息，办理依申请公开，并作出报告。</p>"
    for heading in ("一、概述", "二、主动公开政府信息情况", "三、依申请公开政府信息情况", "四、存在的问题")
)


def page(title: str = "中原区统计局2016年政府信息公开工作年度报告") -> bytes:
    return (
        f'<html><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="ArticleTitle" content="{title}"></head><body><h1>{title}</h1>'
        f'<div class="TRS_Editor">{PROSE}</div></body></html>'
    ).encode()


def workbook(*above: Sequence[str]) -> bytes:
    """The national list with these rows above its header."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (*above, layouts.HEAD):
        sheet.append(list(row))
    for label, unit, figure in layouts.rows(FIGURES):
        sheet.append([label, unit, int(figure) if figure else None])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


CAPTION = ("政府信息公开情况统计表",)
CONTEXT = Context(
    portal="zhongyuan", portal_name="郑州市中原区人民政府", division="410102", link_text="2016年年报"
)


class Archive:
    """A crawl in little: every original goes into a WARC, is read and kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store(folder / DATABASE)
        self.warcs = WarcWriter(folder / WARCS, "test")

    def page(self, body: bytes, url: str = PAGE) -> str:
        return self.keep(Snapshot(url, body, at(0), "text/html", context=CONTEXT))

    def file(self, body: bytes, title: str, link: str = LINK, url: str = FILE) -> str:
        context = replace(CONTEXT, link_text=link, page_url=PAGE, page_title=title)
        return self.keep(Snapshot(url, body, at(0), role="attachment", context=context))

    def keep(self, snapshot: Snapshot) -> str:
        place = self.warcs.write_resource(
            name=snapshot.url,
            body=snapshot.body,
            fetched_at=snapshot.fetched_at,
            media_type=snapshot.media_type,
        )
        snapshot = replace(snapshot, warc=place)
        return keep(self.store, snapshot, parse(snapshot), parse=parse, warcs=self.folder / WARCS).action

    def outcomes(self) -> dict[str, tuple[str, str]]:
        found = rows(self.store, "SELECT url, role, outcome FROM documents")
        return {row["url"]: (row["role"], row["outcome"]) for row in found}

    def figures(self) -> dict[str, object]:
        found = rows(self.store, "SELECT line, year_value FROM indicators")
        return {row["line"]: row["year_value"] for row in found}


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


@pytest.mark.parametrize(
    "title",
    [
        "中原区统计局2016年政府信息公开工作年度报告",
        # the page itself says whose it is only in its text and on its portal
        "2016年政府信息公开工作年度报告",
        "关于2016年信息公开工作的情况",
    ],
)
@pytest.mark.parametrize(
    "above", [(), (CAPTION,), (CAPTION, ("（2016年度）",))], ids=["bare", "caption", "year"]
)
def test_an_annex_is_its_pages_table(
    archive: Archive, title: str, above: tuple[tuple[str, ...], ...]
) -> None:
    body = page().replace("中原区统计局2016年政府信息公开工作年度报告".encode(), title.encode())
    body = body.replace("2016年，我局".encode(), "2016年，中原区统计局（以下简称我局）".encode())
    if "年度报告" not in title:  # then the text has the report's own headline
        body = body.replace(
            PROSE[:8].encode(), f"<p>中原区统计局2016年政府信息公开工作年度报告</p>{PROSE[:8]}".encode()
        )
    elif "统计局" not in title:
        body = body.replace(b"</div></body>", "<p>中原区统计局</p><p>2017年3月1日</p></div></body>".encode())
    assert archive.page(body) == "stored"
    assert archive.file(workbook(*above), title) == "copied"
    assert archive.outcomes() == {PAGE: ("page", "copy"), FILE: ("attachment", "current")}
    (report,) = rows(archive.store, "SELECT * FROM reports")
    (agency,) = rows(archive.store, "SELECT * FROM agencies")
    assert (agency["name"], report["year"], report["indicators_form"]) == (BUREAU, 2016, "2014")
    assert report["url"] == PAGE
    assert archive.figures() == FIGURES
    kinds = {row["kind"] for row in rows(archive.store, "SELECT kind FROM findings")}
    assert "annex_of_page" in kinds
    # seen again, it changes nothing
    assert archive.file(workbook(*above), title) == "unchanged"


def test_the_order_in_which_page_and_annex_come_leaves_no_trace(tmp_path: Path) -> None:
    title = "2016年政府信息公开工作年度报告"
    body = page(title).replace(
        b"</div></body>", "<p>中原区统计局</p><p>2017年3月1日</p></div></body>".encode()
    )
    made = []
    for number, order in enumerate(permutations(("page", "file"))):
        (tmp_path / str(number)).mkdir()
        archive = Archive(tmp_path / str(number))
        for one in order:
            if one == "page":
                archive.page(body)
            else:
                archive.file(workbook(CAPTION), title)
        made.append((archive.outcomes(), archive.figures()))
    assert made[0] == made[1]
    assert made[0][1] == FIGURES


CONTRADICTIONS = {
    "another office in the caption": (("中原区财政局2016年政府信息公开情况统计表",), "中原区财政局"),
    "another office that filled it in": (("填报单位（盖章）：中原区财政局",), "中原区财政局"),
    "another county's office": (("填报单位：二七区统计局",), "二七区统计局"),
    "another year in the caption": (("政府信息公开情况统计表（2015年度）",), "2015"),
    "another year below it": (("（2015年度）",), "2015"),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
@pytest.mark.parametrize("titled", [True, False], ids=["page names its office", "page does not"])
def test_an_annex_that_contradicts_its_page_is_not_joined(archive: Archive, name: str, titled: bool) -> None:
    row, said = CONTRADICTIONS[name]
    title = f"{'中原区统计局' if titled else ''}2016年政府信息公开工作年度报告"
    archive.page(
        page(title).replace(b"</div></body>", "<p>中原区统计局</p><p>2017年3月1日</p></div></body>".encode())
    )
    assert archive.file(workbook(CAPTION, row), title) == "unassigned"
    assert archive.outcomes() == {PAGE: ("page", "current"), FILE: ("attachment", "unassigned")}
    (reason,) = rows(archive.store, "SELECT reason FROM documents WHERE url = ?", FILE)
    assert said in reason["reason"]
    assert "未并入" in reason["reason"]
    assert archive.figures() == {}


@pytest.mark.parametrize(
    "row", ["填报单位：中原区统计局", "填报单位（盖章）：统计局", "区统计局2016年度政府信息公开情况统计表"]
)
def test_an_annex_that_says_what_the_page_says_is_joined(archive: Archive, row: str) -> None:
    archive.page(page())
    title = "中原区统计局2016年政府信息公开工作年度报告"
    assert archive.file(workbook(CAPTION, (row,)), title) == "copied"
    assert archive.figures() == FIGURES


def test_the_office_fills_in_its_governments_list_but_not_the_other_way_round() -> None:
    for issuer, filled, joined in (
        ("中原区人民政府", "中原区人民政府办公室", True),
        ("中原区人民政府办公室", "中原区人民政府", False),
    ):
        context = replace(
            CONTEXT, link_text=LINK, page_url=PAGE, page_title=f"{issuer}2016年政府信息公开工作年度报告"
        )
        body = workbook(CAPTION, (f"填报单位：{filled}",))
        report = parse(Snapshot(FILE, body, at(0), role="attachment", context=context))
        assert (report.agency is not None) is joined, filled


def test_the_annex_of_a_page_that_is_no_report_is_kept_and_assigned_to_none(archive: Archive) -> None:
    title = "关于报送2016年政府信息公开情况的通知"
    archive.page(page(title))
    assert archive.file(workbook(CAPTION), title) in ("refused", "unassigned")
    assert archive.figures() == {}


def test_a_quarters_list_is_no_annex(archive: Archive) -> None:
    archive.page(page())
    title = "中原区统计局2016年政府信息公开工作年度报告"
    archive.file(
        workbook(("2016年第四季度政府信息公开情况统计表",)), title, link="第四季度政府信息公开情况统计表.xlsx"
    )
    assert archive.outcomes()[FILE] == ("attachment", "unassigned")
    (reason,) = rows(archive.store, "SELECT reason FROM documents WHERE url = ?", FILE)
    assert "不是全年的统计表" in reason["reason"]
    assert archive.figures() == {}


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("附件：政府信息公开情况统计表", True),
        ("中原区统计局2016年度政府信息公开情况统计表.xls", True),
        ("信息公开统计表", True),
        ("政府信息公开工作主要指标", True),
        ("2016年第三季度政府信息公开情况统计表", False),
        ("2016年9月份政府信息公开情况统计表", False),
        ("2016年1-9月政府信息公开情况统计表", False),
        ("2016年1-12月政府信息公开情况统计表", True),
        ("政府信息公开情况统计表（2017年3月20日）", True),
        ("政府信息公开情况统计表填报说明", False),
        ("关于报送政府信息公开情况统计表的通知", False),
        ("2016年部门决算统计表", False),
    ],
)
def test_names_of_annexes(name: str, is_one: bool) -> None:
    assert names_annex(name) is is_one


def test_a_crawl_fetches_the_annex_of_a_report_and_no_other_list() -> None:
    title = "中原区统计局2016年政府信息公开工作年度报告"
    assert belongs(Attachment(FILE, LINK, True), title) is None
    assert belongs(Attachment(FILE, LINK, False), title) is not None
    assert belongs(Attachment(FILE, LINK, True), "关于报送2016年政府信息公开情况的通知") is not None
    quarter = "附件：2016年第四季度政府信息公开情况统计表.xls"
    assert belongs(Attachment(FILE, quarter, True), title) is not None


def test_an_annexs_name_says_issuer_and_year_as_a_title_would() -> None:
    title = as_title("中原区统计局2016年度政府信息公开情况统计表.xls")
    assert (title.agency, title.year) == ("中原区统计局", 2016)
    assert as_title("政府信息公开情况统计表").agency is None
