"""The one spider contract, without the network: answers in, requests, snapshots and issues out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from scrapy.http import HtmlResponse, Request, Response
from scrapy.utils.test import get_crawler

from archive.records import Snapshot, WarcLocation
from spiders import base
from spiders.base import FamilySpider, Visit
from spiders.families.hanweb import HanwebSpider
from spiders.families.trs import TrsSpider
from spiders.families.ucap import UcapSpider
from spiders.portals import from_entry

ROOT = "http://www.shilixian.gov.cn"
START = f"{ROOT}/zfxxgk/zfxxgknb/"


def open_spider(
    family: type[FamilySpider] = TrsSpider, known: frozenset[str] = frozenset(), **args: Any
) -> Any:
    entry = {
        "key": "shili",
        "name": "示例县人民政府",
        "family": family.name,
        "division": "990102",
        "level": "county",
        "start": [START],
        "site_id_code": "9901020001",
        "status": "ok",
        "evidence": START,
    }
    crawler = get_crawler(family)
    crawler._apply_settings()
    spider = family.from_crawler(crawler, portal=from_entry(entry), **args)
    (spider.first,) = spider._open()
    spider.known = known
    return spider


def answer(request: Request, body: str | bytes, **headers: str) -> Response:
    """The answer to a request, as it comes out of the middlewares."""
    raw = body.encode() if isinstance(body, str) else body
    request.meta.update(warc=WarcLocation("x.warc.gz", 0, 1), fetched_at=datetime(2026, 1, 1, tzinfo=UTC))
    content = {"Content-Type": headers.get("content_type", "text/html; charset=utf-8")}
    if "image" in content["Content-Type"] or "pdf" in content["Content-Type"]:
        return Response(request.url, body=raw, headers=content, request=request)
    return HtmlResponse(request.url, body=raw, headers=content, encoding="utf-8", request=request)


def follow(request: Request, body: str | bytes, **headers: str) -> list[Any]:
    assert request.callback is not None
    result: Iterator[Any] = request.callback(answer(request, body, **headers), **request.cb_kwargs)
    return list(result)


def rows(*years: int, extra: str = "") -> str:
    items = "".join(
        f"<li><a href='./{y + 1}01/t{y + 1}0129_{y}.shtml'>示例县{y}年政府信息公开工作年度报告</a>"
        f"<span>{y + 1}-01-29</span></li>"
        for y in years
    )
    head = "<head><meta name='ColumnName' content='政府信息公开年报'></head>"
    return f"<html>{head}<ul>{items}</ul>{extra}</html>"


def urls(requests: list[Any]) -> list[str]:
    return [r.url.removeprefix(ROOT) for r in requests if isinstance(r, Request)]


def test_reports_are_followed_and_look_alikes_counted() -> None:
    spider = open_spider()
    more = (
        "<li><a href='a.html'>示例县2023年法治政府建设年度报告</a><span>2024-01-20</span></li>"
        "<li><a href='b.html'>示例县2023年政府信息公开工作年度报告解读</a><span>2024-01-20</span></li>"
        "<a href='/'>首页</a><a href='/zwgk/'>政务公开</a>"
    )
    out = follow(spider.first, rows(2023, 2022, extra=more))
    assert urls(out) == [f"/zfxxgk/zfxxgknb/{y + 1}01/t{y + 1}0129_{y}.shtml" for y in (2023, 2022)]
    assert len(spider.visit.found) == 2
    assert sum(spider.visit.refused.values()) == 2  # dated rows only: menus are not worth a count
    assert not spider.visit.issues


def test_a_snapshot_carries_what_the_list_said() -> None:
    spider = open_spider()
    (request,) = follow(spider.first, rows(2023))
    (snapshot,) = follow(request, "<html><h1>x</h1></html>")
    assert isinstance(snapshot, Snapshot)
    assert snapshot.url == request.url
    assert snapshot.role == "page"
    assert (snapshot.media_type, snapshot.charset) == ("text/html", "utf-8")
    assert snapshot.warc == WarcLocation("x.warc.gz", 0, 1)
    context = snapshot.context
    assert (context.portal, context.portal_name, context.division) == ("shili", "示例县人民政府", "990102")
    assert context.site_id_code == "9901020001"
    assert context.link_text == "示例县2023年政府信息公开工作年度报告"
    assert str(context.list_date) == "2024-01-29"
    assert context.page_url is None


def test_a_redirected_report_keeps_the_address_that_the_list_names() -> None:
    spider = open_spider()
    (request,) = follow(spider.first, rows(2023))
    moved = request.replace(url=f"{ROOT}/new/1.html", meta={"redirect_urls": [request.url]})
    (snapshot,) = follow(moved, "<html></html>")
    assert snapshot.url == request.url


def test_attachments_of_a_report() -> None:
    spider = open_spider()
    (request,) = follow(spider.first, rows(2023))
    page = """<html><head><meta name="ArticleTitle" content="示例县2023年政府信息公开工作年度报告"></head>
        <div id="zoom"><a href="./P020240129.docx">附件</a><a href="x.xls">行政许可目录</a></div></html>"""
    snapshot, file = follow(request, page)
    assert file.url == f"{START}202401/P020240129.docx"
    (attached,) = follow(file, b"PK\x03\x04", content_type="application/pdf")
    assert attached.role == "attachment"
    assert attached.context.page_url == snapshot.url
    assert attached.context.page_title == "示例县2023年政府信息公开工作年度报告"
    assert attached.media_type == "application/pdf"


def test_a_file_straight_from_the_list_is_a_document() -> None:
    spider = open_spider()
    (request,) = follow(spider.first, rows(2023))
    (snapshot,) = follow(request, b"%PDF-1.7 <a href='x.pdf'>", content_type="text/html")
    assert snapshot.role == "page"
    assert snapshot.body.startswith(b"%PDF")


def test_a_page_without_content_type_is_still_searched_for_attachments() -> None:
    spider = open_spider()
    (request,) = follow(spider.first, rows(2023))
    page = b"<html><div id='zoom'><a href='a.pdf'>\xe9\x99\x84\xe4\xbb\xb6</a></div></html>"
    out = follow(request, page, content_type="image/x-unknown")
    assert [type(each) for each in out] == [Snapshot, Request]


def test_what_is_known_is_left_alone() -> None:
    known = frozenset((f"{START}202401/t20240129_2023.shtml",))
    spider = open_spider(known=known)
    assert urls(follow(spider.first, rows(2023, 2022))) == ["/zfxxgk/zfxxgknb/202301/t20230129_2022.shtml"]
    assert (len(spider.visit.found), len(spider.visit.known)) == (2, 1)


def test_known_attachments_are_left_alone() -> None:
    spider = open_spider(known=frozenset((f"{START}202401/a.pdf",)))
    (request,) = follow(spider.first, rows(2023))
    assert urls(follow(request, "<html><div id='zoom'><a href='a.pdf'>附件</a></div></html>")) == []


def test_sample_ends_requests_and_paging() -> None:
    spider = open_spider(sample="2")
    out = follow(
        spider.first, rows(2023, 2022, 2021, extra="<script>createPageHTML(9,0,'index','html')</script>")
    )
    assert len(urls(out)) == 2
    assert spider.enough()


def test_year_goes_by_title_or_date_and_keeps_what_is_unknown() -> None:
    spider = open_spider(year="2022")
    more = (
        "<li><a href='a.html'>示例县财政局政府信息公开工作年度报告</a><span>2023-01-20</span></li>"
        "<li><a href='b.html'>示例县教育局政府信息公开工作年度报告</a><span>2024-01-20</span></li>"
        "<a href='c.html'>示例县水利局政府信息公开工作年度报告</a>"
    )
    out = follow(spider.first, rows(2023, 2022, extra=more))
    assert [u.rpartition("/")[2] for u in urls(out)] == ["t20230129_2022.shtml", "a.html", "c.html"]
    assert spider.visit.refused["another year"] == 2


@pytest.mark.parametrize(
    ("name", "value"), [("year", "soon"), ("year", "1066"), ("sample", "0"), ("sample", "-1")]
)
def test_arguments_are_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        TrsSpider(**{name: value})


def test_foreign_hosts_are_refused_and_recorded() -> None:
    spider = open_spider()
    page = "<li><a href='http://www.example.com/1.html'>示例县2023年政府信息公开工作年度报告</a><span>2024-01-01</span></li>"
    assert follow(spider.first, page) == []
    assert spider.visit.issues == {"foreign_host": 1}
    assert not spider.visit.found


def test_collections_are_walked_to_a_depth() -> None:
    spider = open_spider()
    page = "<li><a href='/hz{n}/'>2023年各部门政府信息公开工作年度报告汇总</a><span>2024-02-01</span></li>"
    request, seen = spider.first, []
    for n in range(10):
        out = follow(request, page.replace("{n}", str(n)))
        if not out:
            break
        (request,) = out
        assert request.callback == spider.parse_list
        seen.append(request.url)
    assert len(seen) == base.MAX_DEPTH
    assert spider.visit.issues == {"partial": 1}


def test_a_collection_that_links_to_itself_is_read_once() -> None:
    spider = open_spider()
    page = f"<li><a href='{START}'>2023年各部门政府信息公开工作年度报告汇总</a><span>2024-02-01</span></li>"
    assert follow(spider.first, page) == []


def test_a_pager_that_never_ends_is_bounded() -> None:
    spider = open_spider()
    request, pages = spider.first, 0
    while request is not None:
        pages += 1
        body = rows(1000 + pages, extra=f"<a href='index_{pages}.html'>下一页</a>")
        request = next((r for r in follow(request, body) if r.callback == spider.parse_list), None)
    assert pages == base.MAX_PAGES
    assert spider.visit.issues == {"partial": 1}


def test_a_page_that_brings_nothing_new_is_the_last() -> None:
    spider = open_spider()
    _, onward = follow(spider.first, rows(2023, extra="<a href='index_1.html'>下一页</a>"))
    assert onward.url == f"{START}index_1.html"
    # The same rows and another address to go on with: a pager of its own making.
    assert follow(onward, rows(2023, extra="<a href='index_2.html'>下一页</a>")) == []


def test_a_list_without_dates_is_paged_as_long_as_it_brings_reports() -> None:
    spider = open_spider()
    page = "<a href='{0}.html'>示例县{0}年政府信息公开工作年度报告</a><a href='index_{0}.html'>下一页</a>"
    _, onward = follow(spider.first, page.replace("{0}", "2021"))
    report, onward = follow(onward, page.replace("{0}", "2020"))
    assert report.url == f"{START}2020.html"
    assert (
        follow(
            onward, "<a href='2020.html'>示例县2020年政府信息公开工作年度报告</a><a href='i.html'>下一页</a>"
        )
        == []
    )


def test_a_total_that_is_not_reached_is_recorded() -> None:
    spider = open_spider()
    follow(spider.first, rows(2023, 2022, extra="<script>pagebar: {prepage: 10, recordCount: '20'}</script>"))
    assert spider.visit.issues == {"partial": 1}
    ((_, _, message),) = spider.visit.said
    assert message == "the list states 20 rows, 2 were found on 1 pages"


def test_hanweb_windows_overlap_and_are_united() -> None:
    spider = open_spider(HanwebSpider)

    def records(*numbers: int) -> str:
        rows = (
            f"<li><a href='/art/{n}.html'>示例县{n}年政府信息公开工作年度报告</a><span>2024-01-02</span></li>"
            for n in numbers
        )
        return "".join(f"<record><![CDATA[{row}]]></record>" for row in rows)

    group = "<nextgroup><![CDATA[<a href='/p.jsp?page=1&webname=%25E6'></a>]]></nextgroup>"
    column = (
        f"<script>{group}{records(2019, 2020)}</script><script>jpage({{totalRecord:4,perPage:2}})</script>"
    )
    *reports, window = follow(spider.first, column)
    assert len(reports) == 2
    # The first window repeats the embedded rows and is no end.
    (window,) = follow(window, f"<totalrecord>4</totalrecord>{records(2019, 2020)}")
    *reports, window = follow(window, f"<totalrecord>4</totalrecord>{records(2020, 2021)}")
    assert [r.url for r in reports] == [f"{ROOT}/art/2021.html"]
    # The last row completes the total, so no further window is asked for.
    (last,) = follow(window, f"<totalrecord>4</totalrecord>{records(2021, 2022)}")
    assert last.url == f"{ROOT}/art/2022.html"
    assert not spider.visit.issues


def test_hanweb_proxy_that_gives_nothing_leaves_a_partial_list() -> None:
    spider = open_spider(HanwebSpider)
    column = (
        "<script><nextgroup><![CDATA[<a href='/p.jsp?page=1'></a>]]></nextgroup>"
        "<record><![CDATA[<li><a href='/art/1.html'>示例县2023年政府信息公开工作年度报告</a> 2024-01-02</li>"
        "]]></record></script><script>jpage({totalRecord:46})</script>"
    )
    _, window = follow(spider.first, column)
    assert follow(window, "<datastore></datastore>") == []
    assert spider.visit.issues == {"partial": 1}


def test_a_refused_search_goes_on_with_the_static_pages() -> None:
    spider = open_spider(UcapSpider)
    channel = "0d1c2b3a49586776a5b4c3d2e1f00f1e"
    script = f"<script>createPageHTML('page_div',2,1,'x','shtml',2);u='/common/search/{channel}'</script>"
    _, search = follow(spider.first, rows(2023, extra=script))
    assert "/common/search/" in search.url

    class Failed:
        request = search
        value = TimeoutError("slow")

    (onward,) = spider.list_failed(Failed())
    assert onward.url == f"{START}x_2.shtml"
    assert len(urls(follow(onward, rows(2022)))) == 1


def test_a_list_that_is_no_page_is_recorded() -> None:
    spider = open_spider()
    assert follow(spider.first, b"\x89PNG", content_type="image/png") == []
    assert spider.visit.issues == {"unreadable_list": 1}


def test_an_issue_is_said_once_a_visit() -> None:
    spider = open_spider()
    heard: list[dict[str, Any]] = []

    def listen(kind: str, url: str, message: str) -> None:
        heard.append({"kind": kind, "url": url, "message": message})

    spider.crawler.signals.connect(listen, base.issue_found)
    for _ in range(3):
        spider.issue("gone", START, "HTTP status 404")
    assert heard == [{"kind": "gone", "url": START, "message": "HTTP status 404"}]
    assert spider.visit.issues["gone"] == 1


def test_a_spider_without_a_portal_visits_its_family_in_turn() -> None:
    crawler = get_crawler(TrsSpider)
    crawler._apply_settings()
    spider = TrsSpider.from_crawler(crawler)
    assert {portal.family for portal in spider._waiting} == {"trs"}
    assert len(spider._waiting) >= 2
    with pytest.raises(ValueError, match="portal 'luqiao' of family trs"):
        TrsSpider.from_crawler(get_crawler(TrsSpider), portal="luqiao")


def test_a_family_that_cannot_read_says_so() -> None:
    class Silent(FamilySpider):
        name = "trs"

    spider = open_spider(Silent)
    with pytest.raises(NotImplementedError, match="does not say how its lists are read"):
        spider.read(answer(spider.first, ""), spider.visit.portal)
    assert isinstance(spider.visit, Visit)


def test_an_offices_home_page_in_a_collections_menu_is_no_report() -> None:
    spider = open_spider()
    page = (
        "<title>2023年各部门政府信息公开年报汇总</title>"
        "<a href='http://jyj.shilixian.gov.cn/'>市教育局</a><a href='a.shtml'>市审计局</a>"
    )
    assert [url.rpartition("/")[2] for url in urls(follow(spider.first, page))] == ["a.shtml"]
    assert spider.visit.refused == {"a site's home page": 1}
