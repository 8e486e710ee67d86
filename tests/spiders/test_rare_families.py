"""The rarer families on recorded answers: rows, dates, and the bytes of the request that comes next."""

from __future__ import annotations

import json
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from scrapy.http import HtmlResponse, Request

from spiders.families import (
    epoint,
    gkmlpt,
    hanweb,
    hebei,
    lonsun,
    numeric,
    openness,
    static,
    truecms,
    ucap,
    vsb,
)
from spiders.lists import ListError, ListPage
from spiders.portals import from_entry

from .pages import fixture, html

SITE = "http://www.shilixian.gov.cn"
GUID = "7eb5f7f1-9041-43ad-8e13-8fcb82ea831a"


def onward(page: ListPage) -> Request:
    assert page.next is not None
    return page.next


# -- LonSun ------------------------------------------------------------------

ORGAN = f"{SITE}/zwgk/public/column/6598771?type=3&action=list"


def test_lonsun_column_and_the_call_behind_it() -> None:
    page = lonsun.read(fixture("lonsun_list.html", ORGAN))
    assert [(r.url, r.date) for r in page.rows()] == [
        (f"{SITE}/public/6598771/35994956.html", date(2024, 1, 18))
    ]
    assert (page.total, page.name) == (17, "政府信息公开年报")
    asked = onward(page)
    # Below the path under which the system is installed.
    assert asked.url.startswith(
        f"{SITE}/zwgk/site/label/8888?IsAjax=1&dataType=html&labelName=publicInfoList&"
    )
    query = {name: values[0] for name, values in parse_qs(urlsplit(asked.url).query).items()}
    assert query.items() >= {
        "siteId": "6786551", "organId": "6598771", "type": "3", "action": "list", "pageIndex": "2",
        "file": "/c3/publicInfoList_newest", "result": "暂无相关信息",
    }.items()  # fmt: skip
    assert asked.headers["Referer"] == ORGAN.encode()


def test_lonsun_label_goes_on_to_the_stated_page_and_falls_back_to_the_column() -> None:
    asked = onward(lonsun.read(fixture("lonsun_list.html", ORGAN)))
    page = lonsun.read_label(fixture("lonsun_label.html", asked.url), **asked.cb_kwargs)
    assert [(r.text, r.date) for r in page.rows()] == [
        ("示例镇2008年政府信息公开工作年度报告", date(2009, 1, 18))
    ]
    assert page.next is None
    more = lonsun.read_label(fixture("lonsun_label.html", asked.url), **{**asked.cb_kwargs, "pages": 3})
    assert "pageIndex=3" in onward(more).url
    nothing = lonsun.read_label(html("<p>暂无相关信息</p>", asked.url), **asked.cb_kwargs)
    rendered = onward(nothing)
    assert rendered.url == f"{ORGAN}&pageIndex=2"
    assert nothing.repeats
    last = lonsun.read(fixture("lonsun_list.html", rendered.url), **rendered.cb_kwargs)
    assert last.next is None


def test_lonsun_empty_answer_is_no_list_and_no_end() -> None:
    entry = {
        "key": "shili", "name": "示例县人民政府", "family": "lonsun", "division": "990102", "level": "county",
        "start": [ORGAN], "status": "unverified", "evidence": ORGAN,
    }  # fmt: skip
    asked = onward(lonsun.read(fixture("lonsun_list.html", ORGAN)))
    page = lonsun.LonsunSpider().read(
        HtmlResponse(asked.url, body=b" "), from_entry(entry), **asked.cb_kwargs
    )
    assert onward(page).url == f"{ORGAN}&pageIndex=2"


def test_lonsun_column_whose_rows_are_all_scripted() -> None:
    shell = "<script>var siteId = '6786551'; Ls.ajax({url: '/site/label/8888'})</script>"
    asked = onward(lonsun.read(html(shell, ORGAN)))
    assert "pageIndex=1" in asked.url
    assert lonsun.read(html("<script>Ls.ajax()</script>", ORGAN)).next is None  # no site, no call
    given = lonsun.read(html("<script>Ls.ajax()</script>", ORGAN), params={"siteId": "7", "catId": "9"})
    assert "siteId=7" in onward(given).url
    assert "catId=9" in onward(given).url


# -- Openness ----------------------------------------------------------------


def test_openness_first_generation_follows_next() -> None:
    url = f"{SITE}/opennessAnnualReport/?branch_id=5f3c2a1b9d8e7f6a5b4c3d2e"
    page = openness.read(fixture("openness_annual_report.html", url))
    assert [(r.url, r.date) for r in page.rows()] == [
        (f"{SITE}/openness/detail/annual_report/65ab00112233445566778899.html", date(2024, 1, 22))
    ]
    assert onward(page).url == f"{url}&page=2"
    assert page.columns == ()


def test_openness_second_generation_counts_its_pages() -> None:
    url = f"{SITE}/OpennessAnnualReport/showList/12/page_1.html"
    page = openness.read(fixture("openness_showlist.html", url))
    assert [r.url for r in page.rows()] == [
        f"{SITE}/OpennessAnnualReport/show/5146.html",
        f"{SITE}/OpennessAnnualReport/download/5145.html",
    ]
    assert page.total == 17
    assert onward(page).url == f"{SITE}/OpennessAnnualReport/showList/12/page_2.html"
    assert openness.read(fixture("openness_showlist.html", onward(page).url)).next is None


def test_openness_third_generation_is_found_from_the_units_menu() -> None:
    page = openness.read(fixture("openness_content.html", f"{SITE}/XxgkContent/showList/790/0/page_1.html"))
    (column,) = page.columns
    assert column.request.url == f"{SITE}/XxgkAnnualReport/showList/790/page_1.html"
    assert column.name == "政府信息公开年报"
    assert page.links == ()


@pytest.mark.parametrize(
    ("url", "following"),
    [
        ("/opennessAnnualReport/?branch_id=5f", "/opennessAnnualReport/?branch_id=5f&page=2"),
        ("/opennessAnnualReport/?branch_id=5f&page=2", "/opennessAnnualReport/?branch_id=5f&page=3"),
        ("/opennessAnnualReport/?branch_id=5f&page=3", None),
    ],
)
def test_openness_numbers(url: str, following: str | None) -> None:
    page = openness.read(html("<div>共3页</div>", SITE + url))
    assert (page.next.url.removeprefix(SITE) if page.next else None) == following


# -- Epoint ------------------------------------------------------------------

SHELL = f"{SITE}/dynamic/zwgk/govInfoPub.html?categorynum=003006&deptcode=QX01"
_SHELL_PAGE = '<title>政府信息公开年报</title><script src="/js/webBuilderCommon.js"></script>'
FIELDS = (
    '{"deptcode":"QX01","categorynum":"003006","pageIndex":%d,"pageSize":20,'
    '"siteGuid":"7eb5f7f1-9041-43ad-8e13-8fcb82ea831a"}'
)


def epoint_call() -> Request:
    script = onward(epoint.read_column(html(_SHELL_PAGE, SHELL)))
    assert script.url == f"{SITE}/js/webBuilderCommon.js"
    return onward(epoint.read_site(fixture("epoint_webBuilderCommon.js", script.url), **script.cb_kwargs))


def test_epoint_asks_with_the_ids_of_the_site_byte_for_byte() -> None:
    asked = epoint_call()
    assert (asked.method, asked.url) == ("POST", f"{SITE}/EWB-FRONT/rest/lightfrontaction/getgovinfolist")
    assert asked.body == (FIELDS % 0).encode()
    assert asked.headers["Content-Type"] == b"application/json;charset=UTF-8"
    assert asked.headers["Referer"] == SHELL.encode()


def test_epoint_rows_and_numbers_from_0_or_1() -> None:
    first = epoint_call()
    page = epoint.read_rows(fixture("epoint_getgovinfolist.json", first.url), **first.cb_kwargs)
    (row,) = page.links
    assert row.url == f"{SITE}/zw/003/003006/20240125/{GUID}.html"
    assert (row.text, row.date) == ("示例县教育局2023年政府信息公开工作年度报告", date(2024, 1, 25))
    assert (page.total, page.exact, page.repeats) == (21, True, True)
    second = onward(page)
    assert second.body == (FIELDS % 1).encode()
    # A host that counts from 1 has nothing at 0, or the same as at 1.
    again = epoint.read_rows(fixture("epoint_getgovinfolist.json", first.url), **second.cb_kwargs)
    assert again.repeats
    third = onward(again)
    assert not epoint.read_rows(fixture("epoint_getgovinfolist.json", first.url), **third.cb_kwargs).repeats
    empty = html('{"custom":{"total":21,"data":[]}}')
    assert onward(epoint.read_rows(empty, **first.cb_kwargs)).body == (FIELDS % 1).encode()
    assert epoint.read_rows(empty, **second.cb_kwargs).next is None


def test_epoint_wrappers_are_tried_once_each() -> None:
    asked, refused = epoint_call(), html('{"status":{"code":0,"text":"参数错误"}}')
    bodies = []
    for _ in range(2):
        asked = onward(epoint.read_rows(refused, **asked.cb_kwargs))
        bodies.append(asked.body.decode())
    assert bodies == ['{"params":' + FIELDS % 0 + "}", '{"token":"","params":' + FIELDS % 0 + "}"]
    with pytest.raises(ListError, match="no list of articles"):
        epoint.read_rows(refused, **asked.cb_kwargs)


def test_epoint_entry_says_what_the_site_does_not() -> None:
    params = {"siteGuid": GUID, "project": "/EWB_YK_Mid", "wrapper": "params"}
    asked = onward(epoint.read_column(html(_SHELL_PAGE, SHELL), params))
    assert asked.url == f"{SITE}/EWB_YK_Mid/rest/lightfrontaction/getgovinfolist"
    assert asked.body == ('{"params":' + FIELDS % 0 + "}").encode()
    with pytest.raises(ListError, match="no list of articles"):
        epoint.read_rows(html("<h1>404</h1>"), **asked.cb_kwargs)
    with pytest.raises(ListError, match="no siteGuid"):
        epoint.read_site(
            html("var siteInfo = {};"), column={"url": SHELL, "categorynum": "1", "deptcode": ""}
        )


def test_epoint_static_pages_are_read_as_they_are() -> None:
    page = epoint.read_column(
        html("<a href='a.html'>x</a> 2024-01-02 <a href='2.html'>下一页</a>", f"{SITE}/zw/009/1.html")
    )
    assert onward(page).url == f"{SITE}/zw/009/2.html"


# -- TrueCMS -----------------------------------------------------------------

TRUE = f"{SITE}/slsgtj/xxgknb/xxgknb.html"


def test_truecms_column_then_windows() -> None:
    page = truecms.read_column(fixture("truecms_column.html", TRUE))
    assert [(r.text, r.date) for r in page.links] == [
        ("示例县财政局2023年政府信息公开工作年度报告", date(2024, 1, 26))
    ]
    assert (page.total, page.exact) == (12, True)
    asked = onward(page)
    assert asked.url == (
        f"{SITE}/truecms/messageController/getMessage.do?startrecord=1&endrecord=20&perpage=20"
        "&columnId=1cfdefeb-e9aa-4eea-9737-d46421fc97ff&callback=cb"
    )
    assert asked.headers["Referer"] == TRUE.encode()
    window = truecms.read_window(fixture("truecms_jsonp.txt", asked.url), **asked.cb_kwargs)
    assert (len(window.links), window.total, window.repeats) == (1, 12, True)
    # The window gave one row of twenty: the next one begins after it.
    following = onward(window)
    assert "startrecord=2&endrecord=21" in following.url
    assert truecms.read_window(fixture("truecms_jsonp.txt", asked.url), **following.cb_kwargs).next is None


@pytest.mark.parametrize("answer", ["<h1>404</h1>", "cb({})", "cb([])", "cb("])
def test_truecms_answers_of_another_kind(answer: str) -> None:
    with pytest.raises(ListError):
        truecms.read_window(html(answer), service=SITE, column=TRUE, column_id="x", seen=frozenset())


# -- 河北 ----------------------------------------------------------------------

HEBEI = "8aef2fa0-cc14-409e-9f68-fbdba00a0c72"
TEMPLATE, PLACE = "3f2e1d0c-5555-4666-8777-888899990000", "6a7b8c9d-aaaa-4bbb-8ccc-ddddeeeeffff"
BLOCK = f"/columns/{HEBEI}/templates/{TEMPLATE}/blocks/{PLACE}"


@pytest.mark.parametrize("path", [f"/columns/{HEBEI}/index.html", "/hbgyhxxht/zfxxgk/zfxxgknb/index.html"])
def test_hebei_blocks(path: str) -> None:
    page = hebei.read_column(fixture("hebei_column.html", SITE + path))
    assert [r.date for r in page.rows()] == [date(2024, 1, 29)]
    assert page.total == 17
    asked = onward(page)
    assert asked.url == f"{SITE}{BLOCK}?page=2&fix=0"
    block = hebei.read_block(fixture("hebei_block.html", asked.url), **asked.cb_kwargs)
    assert [(r.text, r.date) for r in block.links] == [
        ("示例县2008年政府信息公开工作年度报告", date(2009, 1, 12))
    ]
    assert block.next is None
    unknown = hebei.read_block(fixture("hebei_block.html", asked.url), **{**asked.cb_kwargs, "pages": None})
    assert onward(unknown).url.endswith("?page=3&fix=0")


def test_hebei_ids_one_by_one_or_from_the_entry() -> None:
    url = f"{SITE}/columns/{HEBEI}/index.html"
    script = html(
        f"<script>var templateId = '{TEMPLATE}', blockId='{PLACE}'; var pageCount = 4</script>", url
    )
    assert onward(hebei.read_column(script)).url == f"{SITE}{BLOCK}?page=2&fix=0"
    given = hebei.read_column(html("", url), {"template": TEMPLATE, "block": PLACE})
    assert onward(given).url == f"{SITE}{BLOCK}?page=2&fix=0"
    assert hebei.read_column(html("<p></p>", url)).next is None


# -- 陕西 ----------------------------------------------------------------------


def test_numeric_pages() -> None:
    first = numeric.read(fixture("numeric_list.html", f"{SITE}/zfxxgk/zfxxgknb/1.html"))
    assert [r.url for r in first.rows()] == [f"{SITE}/zfxxgk/zfxxgknb/1906985018193408001.html"]
    assert onward(first).url == f"{SITE}/zfxxgk/zfxxgknb/2.html"
    assert onward(numeric.read(fixture("numeric_list.html", f"{SITE}/zfxxgk/zfxxgknb/"))).url.endswith(
        "/2.html"
    )
    assert numeric.read(fixture("numeric_list.html", f"{SITE}/zfxxgk/zfxxgknb/3.html")).next is None
    plain = numeric.read(html("<script>parseInt('2')</script>", f"{SITE}/nb/1.html"))
    assert onward(plain).url == f"{SITE}/nb/2.html"


# -- the fallback ----------------------------------------------------------------


def test_static_rows_frames_and_what_is_no_link() -> None:
    page = static.read(fixture("static_list.html", f"{SITE}/gkml/list.html"))
    assert [(r.url, r.text, r.date) for r in page.rows()] == [
        # Through the gateway the same host, directly; under the page's own scheme.
        (f"{SITE}/gkml/202301/2.html", "示例县2022年政府信息公开工作年度报告", date(2023, 1, 29)),
        (f"{SITE}/gkml/202401/3.html", "示例县2023年政府信息公开工作年度报告2024-01-29", date(2024, 1, 29)),
    ]
    assert [column.request.url for column in page.columns] == [f"{SITE}/gkml/inner.html"]


def test_static_guesses_names_in_turn_and_wants_proof() -> None:
    page = static.read(fixture("static_list.html", f"{SITE}/gkml/list.html"))
    names, request, asked = [], page.next, onward(page)
    while request is not None:
        names.append(request.url.removeprefix(f"{SITE}/gkml/"))
        request = request.cb_kwargs["fallback"]
    assert names == ["list_1.html", "list_2.html", "index_1.html", "index_2.html", "2"]
    # The same rows again prove nothing, nor does a page of another column.
    for body in (
        "<a href='202301/2.html'>甲</a> 2023-01-29",
        "<a href='/xwzx/1/1.html'>乙</a> 2024-01-29",
        "<p></p>",
    ):
        refused = static.read_guess(html(f"<li>{body}</li>", asked.url), **asked.cb_kwargs)
        assert refused.links == ()
        assert onward(refused).url == f"{SITE}/gkml/list_2.html"
    row = "<li><a href='202201/1.html'>示例县2021年政府信息公开工作年度报告</a> 2022-01-29</li>"
    taken = static.read_guess(html(row, asked.url), **asked.cb_kwargs)
    assert len(taken.rows()) == 1
    assert taken.next is None  # 共2页


def test_static_goes_on_by_the_name_that_proved_right() -> None:
    page = static.read(html("<script>var totalPage = 3</script>", f"{SITE}/class/HFLDAALF"))
    second = onward(page)
    assert second.url == f"{SITE}/class/HFLDAALF_1.html"
    row = "<li><a href='202201/1.html'>示例县2021年政府信息公开工作年度报告</a> 2022-01-29</li>"
    third = onward(static.read_guess(html(row, second.url), **second.cb_kwargs))
    assert (third.url, third.cb_kwargs["guess"]) == (f"{SITE}/class/HFLDAALF_2.html", False)
    assert static.read_guess(html(row, third.url), **third.cb_kwargs).next is None


@pytest.mark.parametrize(
    ("script", "url"),
    [
        ("jumpToDetail('./a.html')", f"{SITE}/nb/a.html"),
        ("return goTo('/b/c')", f"{SITE}/b/c"),
        ("window.location.href='/d.html'", f"{SITE}/d.html"),
        ('location.href = "e.shtml?x=1"', f"{SITE}/nb/e.shtml?x=1"),
        ("doZoom('18')", None),
        ("share('weixin')", None),
        ("go('{{el.url}}')", None),
        ("go('javascript:void(0)')", None),
    ],
)
def test_static_jumps(script: str, url: str | None) -> None:
    quoted = script.replace('"', "&quot;")
    found = static.jumps(html(f'<li onclick="{quoted}">示例县 2024-01-02</li>', f"{SITE}/nb/"))
    assert [link.url for link in found] == ([url] if url else [])


def test_static_follows_next_and_calls_like_the_others() -> None:
    assert onward(static.read(html("<a href='x_2.html'>下页</a>"))).url.endswith("/x_2.html")
    assert onward(static.read(html("<script>createPageHTML(3, 0, 'index', 'html')</script>"))).url.endswith(
        "/index_1.html"
    )
    assert static.read(html("<script>var totalPage = 1</script>")).next is None


# -- systems of one city, told by the entry ---------------------------------------------


def _rows(*titles: str) -> str:
    return "".join(
        f"<li><a href='/art/{n}.html'>{t}</a><span>2024-01-2{n}</span></li>" for n, t in enumerate(titles)
    )


@pytest.mark.parametrize(
    ("url", "following"),
    [
        (
            f"{SITE}/info/iList.jsp?node_id=GKsl&site_id=CMSsl&cat_id=15971&cur_page=2",
            f"{SITE}/info/iList.jsp?node_id=GKsl&site_id=CMSsl&cat_id=15971&cur_page=3",
        ),
        (
            f"{SITE}/info/iList.jsp?node_id=GKsl&cat_id=1",
            f"{SITE}/info/iList.jsp?node_id=GKsl&cat_id=1&cur_page=2",
        ),
        (
            f"{SITE}/InfoPublic.aspx?cid=1019&pid=971&page=1",
            f"{SITE}/InfoPublic.aspx?cid=1019&pid=971&page=2",
        ),
        (f"{SITE}/ndbg.thtml?id=14198", None),
    ],
)
def test_static_counts_where_the_address_does(url: str, following: str | None) -> None:
    page = static.read(html(f"<div class='list_div'>{_rows('某局2023年政府信息公开年报')}</div>", url))
    assert (page.next.url if page.next else None) == following
    # One page too far is no failure, and a page without rows is the last.
    assert page.next is None or page.next.cb_kwargs["guess"]
    assert static.read(html("<p>暂无</p>", url)).next is None


@pytest.mark.parametrize(
    ("name", "second"),
    [("661e4dc5.shtml", "661e4dc5-2.shtml"), ("zhengfuxinxi-1.html", "zhengfuxinxi-2.html")],
)
def test_static_names_that_say_how_the_next_is_called(name: str, second: str) -> None:
    page = static.read(html(f"{_rows('某局2023年政府信息公开年报')} 共3页", f"{SITE}/4498/0000/{name}"))
    assert onward(page).url == f"{SITE}/4498/0000/{second}"


def test_static_pages_by_the_entrys_pattern() -> None:
    column = f"{SITE}/web/zwgk/661e4dc5-1.shtml"
    told = {"pages": "661e4dc5-{n}.shtml"}
    first = static.read(html(_rows("某局2023年政府信息公开年报"), column), params=told)
    assert onward(first).url == f"{SITE}/web/zwgk/661e4dc5-2.shtml"
    second = static._configured.read(
        html(_rows("某局2022年政府信息公开年报"), onward(first).url), told, **onward(first).cb_kwargs
    )
    assert onward(second).url == f"{SITE}/web/zwgk/661e4dc5-3.shtml"
    from_zero = static.read(html("", column), params={"pages": "?p={n-1}"})
    assert onward(from_zero).url.endswith("?p=1")


ENTRY = {
    "key": "slx",
    "name": "示例县人民政府",
    "family": "static",
    "division": "130102",
    "level": "county",
    "status": "unverified",
    "evidence": f"{SITE}/zwgk/ndbg/index.html",
}
TITLE = "某局2023年政府信息公开年报"
SERVICES: dict[str, tuple[dict[str, str], dict[str, object]]] = {
    "eportal": (
        {"api": "/eportal/ui?moduleId=5&portal.url=/portlet/xxgkml!queryList.portlet&pageNo={n}"},
        {"result": [{"url": "/a.html", "title": TITLE, "publishDate": "2024-01-20"}]},
    ),
    "searchapi": (
        {
            "api": f"{SITE}/open/api/external?pageNumber={{n}}",
            "rows": "data.datas",
            "fields": "selfUrl,t,time",
        },
        {"data": {"total": 1, "datas": [{"selfUrl": "/a.html", "t": TITLE, "time": 1705708800}]}},
    ),
    "post": (
        {"api": "/szinf/loadData?pageSize=15", "body": "pageNo={n}", "rows": "data.list"},
        {"data": {"list": [{"TITLE": TITLE, "URL": "/a.html", "PUBLISHED_TIME_FORMAT": "2024-01-20"}]}},
    ),
    "ids": (
        {
            "api": "/cbircweb/DocInfo/SelectDocByItemIdAndChild?pageIndex={n}",
            "fields": "docId,docSubtitle,publishDate",
            "link": "/a.html?docId={docId}",
        },
        {
            "data": {
                "total": 1,
                "rows": [{"docId": 7, "docSubtitle": TITLE, "publishDate": "2024-01-20 08:00"}],
            }
        },
    ),
}


@pytest.mark.parametrize(("params", "answer"), SERVICES.values(), ids=SERVICES)
def test_static_services_of_one_province(params: dict[str, str], answer: dict[str, object]) -> None:
    column = f"{SITE}/zwgk/ndbg/index.html"
    asked = onward(static.read(html("<div id=list></div>", column), params=params))
    assert asked.method == ("POST" if "body" in params else "GET")
    assert asked.body == (b"pageNo=1" if "body" in params else b"")
    assert "{n}" not in asked.url
    got = html(json.dumps(answer), asked.url)
    page = static._configured.read(got, params, **asked.cb_kwargs)
    (row,) = page.links
    assert row.url == f"{SITE}/a.html" + ("?docId=7" if "link" in params else "")
    assert (row.text, row.date) == (TITLE, date(2024, 1, 20))
    assert page.exact
    assert onward(page).cb_kwargs["configured"] == 2
    # An entry with these fields is one that the registry takes.
    assert from_entry({**ENTRY, "start": [column], "params": params}).params == params
    for other in ("<h1>404</h1>", "[]", '{"data": 3}'):
        with pytest.raises(ListError):
            static._configured.read(html(other, asked.url), params, **asked.cb_kwargs)


# -- what a column's page may say besides its rows ------------------------------------------


def test_epoint_reads_the_script_that_the_page_loads() -> None:
    shell = html(
        '<script src="/js/ajaxReq.js"></script>', f"{SITE}/goverDetail.html?deptcode=004&categorynum=004"
    )
    script = onward(epoint.read_column(shell))
    assert script.url == f"{SITE}/js/ajaxReq.js"
    assert not script.cb_kwargs["guess"]
    found = html(f'$.ajax({{data: {{"siteGuid":"{GUID}"}}}})', script.url)
    asked = onward(epoint.read_site(found, **script.cb_kwargs))
    assert asked.url == f"{SITE}/EWB-FRONT/rest/lightfrontaction/getgovinfolist"
    assert f'"siteGuid":"{GUID}"'.encode() in asked.body
    # The one without an id leads to the other, and that to the end.
    other = onward(epoint.read_site(html("var a = 1;"), **script.cb_kwargs))
    assert other.url == f"{SITE}/js/webBuilderCommon.js"
    with pytest.raises(ListError, match="no siteGuid"):
        epoint.read_site(html("var a = 1;"), **other.cb_kwargs)


def test_epoint_platform_leads_to_the_column_by_its_name() -> None:
    page = epoint.read_column(
        html(
            "<a href='/zwgk/zn.html'>政府信息公开指南</a><a href='/zwgk/nb.html'>政府信息公开年报</a>",
            f"{SITE}/Template/dynamic/zfxxgk/zfxxgk.html",
        )
    )
    assert [(c.request.url, c.name) for c in page.columns] == [(f"{SITE}/zwgk/nb.html", "政府信息公开年报")]
    assert [link.url for link in page.links] == [f"{SITE}/zwgk/zn.html"]


def test_years_are_columns_where_a_family_numbers_its_columns() -> None:
    menu = "<a href='/col/col2/index.html'>2023年</a><a href='/art/2024/1/1/art_1_2.html'>2022年</a>"
    hanweb_page = hanweb.read_column(html(menu, f"{SITE}/col/col1/index.html"))
    assert [c.request.url for c in hanweb_page.columns] == [f"{SITE}/col/col2/index.html"]
    assert [link.url for link in hanweb_page.links] == [f"{SITE}/art/2024/1/1/art_1_2.html"]
    menu = (
        "<a href='/slx/xxgknb2023n/zfxxgk_gknbz.shtml'>2023年</a><a href='/slx/other/list.shtml'>2022年</a>"
    )
    ucap_page = ucap.read(html(menu, f"{SITE}/slx/xxgknb/zfxxgk_gknbz.shtml"))
    assert [c.request.url for c in ucap_page.columns] == [f"{SITE}/slx/xxgknb2023n/zfxxgk_gknbz.shtml"]
    menu = "<a href='zfxxgknb/2023n.htm'>2023年</a><a href='zfxxgknb/2.htm'>2022</a> 共17条"
    vsb_page = vsb.read(html(menu, f"{SITE}/zfxxgk/zfxxgknb.htm"))
    assert [c.request.url for c in vsb_page.columns] == [f"{SITE}/zfxxgk/zfxxgknb/2023n.htm"]
    assert vsb_page.total == 17


def test_ucap_asks_the_search_where_the_page_does() -> None:
    channel = "0d1c2b3a49586776a5b4c3d2e1f00f1e"
    for path in ("common/search", "searchList", "search"):
        asked = onward(ucap.read(html(f"<script>$.get('/{path}/{channel}?_isJson=true')</script>")))
        assert asked.url.startswith(f"{SITE}/{path}/{channel}?")
        answer = html(
            '{"data": {"total": 21, "results": [{"title": "某县2023年年报", "url": "/a.shtml"}]}}', asked.url
        )
        assert onward(ucap.read_search(answer, **asked.cb_kwargs)).url.startswith(f"{SITE}/{path}/{channel}?")


def test_gkmlpt_keys_may_stand_in_quotes() -> None:
    text = (
        'window._CONFIG = {"SID": "755031", "TREE": [{"id": 9, "name": "政府信息公开年报", "children": []}]}'
    )
    (column,) = gkmlpt.read_index(html(f"<script>{text}</script>", f"{SITE}/gkmlpt/index")).columns
    assert column.request.url == f"{SITE}/gkmlpt/api/all/9?page=1&sid=755031"
