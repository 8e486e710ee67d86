"""Every family on recorded answers: rows, dates, and the request that comes next."""

from __future__ import annotations

from datetime import date

import pytest

from spiders.families import gkmlpt, hanweb, trs, ucap, vsb
from spiders.lists import ListError
from tests.paths import SHARED

from .pages import fixture, html

SITE = "http://www.shilixian.gov.cn"


# -- TRS ---------------------------------------------------------------------


def test_trs_list() -> None:
    page = trs.read(fixture("trs_list.html", f"{SITE}/zfxxgk/zfxxgknb/"))
    rows = page.rows()
    assert [(r.url, r.date) for r in rows] == [
        (f"{SITE}/zfxxgk/zfxxgknb/202401/t20240129_1926722.shtml", date(2024, 1, 29)),
        (f"{SITE}/zfxxgk/zfxxgknb/202301/P020230130392837465021.pdf", date(2023, 1, 30)),
    ]
    assert rows[0].text == "示例县2023年政府信息公开工作年度报告"
    assert page.name == "政府信息公开年报"
    assert page.next is not None
    assert page.next.url == f"{SITE}/zfxxgk/zfxxgknb/index_1.shtml"


def trs_pages(count: int, first: int, url: str = f"{SITE}/nb/") -> list[str]:
    """Addresses of pages 2 and after when page 1 calls itself ``first``."""
    found, number, state = [], first, {}
    while True:
        page = trs.read(
            html(f"<script>createPageHTML({count}, {number}, 'index', 'html')</script>", url), **state
        )
        if page.next is None:
            return found
        url, state, number = page.next.url, dict(page.next.cb_kwargs), number + 1
        found.append(url)


def test_trs_numbers_begin_at_0_or_at_1_as_page_1_says() -> None:
    assert trs_pages(3, 0) == [f"{SITE}/nb/index_1.html", f"{SITE}/nb/index_2.html"]
    assert trs_pages(3, 1) == [f"{SITE}/nb/index_2.html", f"{SITE}/nb/index_3.html"]
    assert trs_pages(1, 0) == []
    assert trs_pages(1, 1) == []
    assert trs_pages(0, 0) == []


@pytest.mark.parametrize(
    ("script", "url", "expected"),
    [
        ('createPageHTML(2, 0, "index_10954", "html");', "/nb/", "/nb/index_10954_1.html"),
        ('createPageHTML(2,0,"index",".shtml")', "/nb/", "/nb/index_1.shtml"),
        ("createPage(4, 1, 'wjk_glrb', 'html')", "/nb/wjk_glrb.html", "/nb/wjk_glrb_2.html"),
        ("var currentPage = 0;//从0开始\nvar countPage = 2", "/nb/index.shtml", "/nb/index_1.shtml"),
        ("var currentPage = 1; var countPage = 3", "/nb/index_1.html", "/nb/index_2.html"),
        ("function createPageHTML(_nPageCount, _nCurrIndex, _sPageName, _sPageExt){}", "/nb/", None),
        ("createPageHTML(${PAGE_COUNT},${PAGE_INDEX},'${PAGE_NAME}','${PAGE_EXT}')", "/nb/", None),
    ],
)
def test_trs_pagers(script: str, url: str, expected: str | None) -> None:
    page = trs.read(html(f"<script>{script}</script>", SITE + url))
    assert (page.next.url if page.next else None) == (SITE + expected if expected else None)


def test_trs_without_a_pager_follows_next() -> None:
    page = trs.read(html("<a href='index_2.html'> 下一页 &gt; </a>", f"{SITE}/nb/"))
    assert page.next is not None
    assert page.next.url == f"{SITE}/nb/index_2.html"
    assert trs.read(html("<a href='javascript:;'>下一页</a>", f"{SITE}/nb/")).next is None


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real list page is kept beside the repository")
def test_real_list_page() -> None:
    url = "https://www.pingtan.gov.cn/zwgk/zfxxgk/zfxxgknb/"
    body = SHARED.joinpath("real/lists/pingtan_zfxxgknb_index.html").read_text(encoding="utf-8")
    page = trs.read(html(body, url))
    rows = page.rows()
    assert [row.text for row in rows] == [
        f"平潭综合实验区{year}年度政府信息公开工作年度报告" for year in range(2025, 2015, -1)
    ]
    assert rows[0].url == f"{url}202603/t20260313_105587.htm"
    assert rows[0].date == date(2026, 3, 10)
    assert page.name == "政府信息公开年报"
    # The list states 20 rows; the other ten its script fetches.
    assert page.total == 20
    assert page.columns == ()
    assert page.next is not None
    assert (page.next.method, page.next.url) == ("POST", "https://www.pingtan.gov.cn/fjdzapp/search")
    assert page.next.body == (
        b"channelid=200210&sortfield=-docorderpri%2C-docreltime&classsql=chnlid%3D1813&classcol=publishyear"
        b"&classnum=100&classsort=0&cache=true&page=2&prepage=10"
    )


# -- Hanweb --------------------------------------------------------------------

COLUMN = f"{SITE}/col/col33718/index.html"


def test_hanweb_embedded_rows() -> None:
    page = hanweb.read_column(fixture("hanweb_col.html", COLUMN))
    assert [(r.url, r.text, r.date) for r in page.links] == [
        (
            f"{SITE}/art/2024/1/29/art_33718_1926722.html",
            "示例县2023年政府信息公开工作年度报告",
            date(2024, 1, 29),
        ),
        (
            f"{SITE}/art/2023/1/30/art_33718_1826722.html",
            "示例县2022年政府信息公开工作年度报告",
            date(2023, 1, 30),
        ),
    ]
    assert page.total == 46
    assert page.exact
    assert page.name == "政府信息公开年报"


def test_hanweb_parameters_go_out_byte_for_byte() -> None:
    page = hanweb.read_column(fixture("hanweb_col.html", COLUMN))
    assert page.next is not None
    assert page.next.meta["verbatim_url"]
    assert page.next.url == (
        f"{SITE}/module/web/jpage/dataproxy.jsp?appid=1&appid=1&webid=1&path=/&columnid=33718&unitid=212860"
        "&webname=%25E6%259F%2590%25E5%258E%25BF&permissiontype=0&page=1&perpage=100"
    )


@pytest.mark.parametrize(
    ("group", "query"),
    [
        ("/p.jsp?page=1&columnid=a%2Fb%3D%3D&x=+", "columnid=a%2Fb%3D%3D&x=+&page=3&perpage=100"),
        ("/p.jsp?startrecord=1&endrecord=45&perpage=15&q=[1]|{2}", "q=[1]|{2}&page=3&perpage=100"),
        ("/p.jsp?webname=示 例&mypage=7", "webname=%E7%A4%BA%20%E4%BE%8B&mypage=7&page=3&perpage=100"),
    ],
)
def test_hanweb_changes_nothing_but_page_and_perpage(group: str, query: str) -> None:
    assert hanweb.group_url(COLUMN, group, 3) == f"{SITE}/p.jsp?{query}"


def test_hanweb_proxy() -> None:
    first = hanweb.read_column(fixture("hanweb_col.html", COLUMN)).next
    assert first is not None
    page = hanweb.read_proxy(fixture("hanweb_dataproxy.xml", first.url), **first.cb_kwargs)
    assert [r.url for r in page.links] == [
        f"{SITE}/art/2022/1/28/art_33718_1726722.html",
        f"{SITE}/module/download/downfile.jsp?classid=0&showname=2020.pdf&filename=0a1b.pdf",
    ]
    assert page.total == 46
    assert page.repeats
    assert page.next is not None
    assert page.next.url.endswith("&page=2&perpage=100")
    following = hanweb.read_proxy(fixture("hanweb_dataproxy.xml", page.next.url), **page.next.cb_kwargs)
    assert not following.repeats


def test_hanweb_empty_proxy_ends_the_list() -> None:
    answer = html("<datastore><totalrecord>0</totalrecord><recordset></recordset></datastore>")
    page = hanweb.read_proxy(answer, column=COLUMN, group="/p.jsp?page=1", number=2)
    assert page.links == ()
    assert page.next is None


def test_hanweb_catalogue_table() -> None:
    page = hanweb.read_column(fixture("hanweb_xxgk.html", COLUMN))
    assert [(r.url, r.date) for r in page.rows()] == [
        (f"{SITE}/art/2024/1/30/art_1651_212.html", date(2024, 1, 30)),
        (f"{SITE}/art/2023/1/31/art_1651_112.html", date(2023, 1, 31)),
    ]
    assert page.next is not None
    assert (page.next.method, page.next.url) == ("POST", f"{SITE}/module/xxgk/search.jsp?currpage=1")


def test_hanweb_jpaas() -> None:
    page = hanweb.read_column(fixture("hanweb_jpaas_col.html", COLUMN))
    assert page.next is not None
    assert page.next.url == (
        f"{SITE}/api-gateway/jpaas-publish-server/front/page/build/unit?parseType=bulidstatic&webId=2"
        "&tplSetId=rQ3bIqHyJTdO6uu4lLbxY&pageType=column"
        "&tagId=%E5%BD%93%E5%89%8D%E6%A0%8F%E7%9B%AE_list&editType=null&pageId=1229615062"
        "&paramJson=%7B%22pageNo%22%3A1%2C%22pageSize%22%3A15%7D"
    )
    answer = hanweb.read_jpaas(fixture("hanweb_jpaas.json", page.next.url), **page.next.cb_kwargs)
    assert [(r.url, r.date) for r in answer.links] == [
        (f"{SITE}/art/2026/art_9f1c2d3e4b5a69788796a5b4c3d2e1f0.html", date(2026, 1, 28))
    ]
    assert answer.total == 18
    assert answer.next is not None
    assert "pageNo%22%3A2" in answer.next.url


def test_hanweb_jpaas_refusals() -> None:
    with pytest.raises(ListError, match="holds no HTML"):
        hanweb.read_jpaas(html("<html>403</html>"), column=COLUMN, query={}, number=1)
    with pytest.raises(ListError, match="queryData"):
        hanweb.read_column(html("<div querydata=\"{'webId':\"></div>"))
    with pytest.raises(ListError, match="queryData"):
        hanweb.read_column(html("<div querydata=\"__import__('os')\"></div>"))


# -- UCAP ------------------------------------------------------------------------

LIST = f"{SITE}/slx/c100122/zfxxgk_gknbz.shtml"
CHANNEL = "0d1c2b3a49586776a5b4c3d2e1f00f1e"


def test_ucap_static_list() -> None:
    page = ucap.read(fixture("ucap_list.html", LIST))
    assert [(r.url, r.date) for r in page.rows()] == [
        (f"{SITE}/mx/c100122/202401/c04_163476.shtml", date(2024, 1, 24))
    ]
    assert page.total == 23
    assert page.next is not None
    assert page.next.url == f"{SITE}/slx/c100122/zfxxgk_gknbz_2.shtml"
    assert (
        ucap.read(html("<script>createPageHTML('page_div',2,2,'x','shtml',23)</script>", LIST)).next is None
    )


def test_ucap_search_comes_after_the_static_page() -> None:
    by_entry = ucap.read(fixture("ucap_list.html", LIST), channel=CHANNEL)
    in_page = ucap.read(html(f"<script>var u='/common/search/{CHANNEL}?_isJson=true'</script>", LIST))
    for page in (by_entry, in_page):
        assert page.next is not None
        assert page.next.url == (
            f"{SITE}/common/search/{CHANNEL}?_isAgg=true&_isJson=true&_pageSize=20&_template=index"
            "&_rangeTimeGte=&_channelName=&page=1"
        )


def test_ucap_search() -> None:
    url = f"{SITE}/common/search/{CHANNEL}?page=1"
    page = ucap.read_search(fixture("ucap_search.json", url), channel=CHANNEL, number=1, fallback=None)
    (row,) = page.links
    assert row.url == f"{SITE}/mx/c100122/202401/c04_163476.shtml"
    assert (row.text, row.date) == ("示例县2023年政府信息公开工作年度报告", date(2024, 1, 24))
    assert row.source == "示例县人民政府办公室"
    assert (page.total, page.exact, page.repeats) == (23, True, True)
    assert page.next is not None
    assert page.next.url.endswith("&page=2")


@pytest.mark.parametrize(
    "answer", ["<html>token</html>", "{}", '{"data": null}', '{"data":{"results":["x"],"total":1}}']
)
def test_ucap_search_that_wants_a_token_falls_back_to_the_static_pages(answer: str) -> None:
    first = ucap.read(fixture("ucap_list.html", LIST), channel=CHANNEL).next
    assert first is not None
    page = ucap.read_search(html(answer), **first.cb_kwargs)
    assert [kind for kind, _ in page.issues] == ["blocked:token"]
    assert page.next is not None
    assert page.next.url == f"{SITE}/slx/c100122/zfxxgk_gknbz_2.shtml"
    # From there on the static pages are read to their end.
    onward = html("<script>createPageHTML('page_div',3,2,'zfxxgk_gknbz','shtml',23)</script>", page.next.url)
    following = ucap.read(onward, channel=CHANNEL, **page.next.cb_kwargs).next
    assert following is not None
    assert following.url == f"{SITE}/slx/c100122/zfxxgk_gknbz_3.shtml"


# -- gkmlpt ------------------------------------------------------------------------

INDEX = "http://www.shilishi.gov.cn/slstjj/gkmlpt/index"


def test_gkmlpt_tree_names_the_column() -> None:
    page = gkmlpt.read_index(fixture("gkmlpt_index.html", INDEX))
    (column,) = page.columns
    assert column.name == "政府信息公开年报"
    assert column.request.url == "http://www.shilishi.gov.cn/slstjj/gkmlpt/api/all/2629?page=1&sid=755031"


def test_gkmlpt_rows() -> None:
    url = "http://www.shilishi.gov.cn/slstjj/gkmlpt/api/all/2629?page=1&sid=755031"
    page = gkmlpt.read_api(fixture("gkmlpt_api.json", url), node=2629, sid="755031", number=1)
    (row,) = page.links
    assert row.url == "http://www.shilishi.gov.cn/mstjj/gkmlpt/content/3/3255/post_3255421.html"
    assert row.text == "示例市统计局2022年政府信息公开工作年度报告"
    assert row.date == date(2023, 1, 29)
    assert row.source == "示例市统计局"
    assert (page.total, page.exact, page.name) == (17, True, "政府信息公开年报")
    assert page.next is not None
    assert page.next.url.endswith("/slstjj/gkmlpt/api/all/2629?page=2&sid=755031")


def test_gkmlpt_nested_columns_and_columns_elsewhere() -> None:
    tree = """[{"id":1,"name":"法定主动公开内容","children":[
        {"id":2,"name":"政府信息公开年报","jump_url":"","children":[
            {"id":3,"name":"2024年","jump_url":"/zwgk/xxgknb/index.html","children":[]}]}]},
        {"id":"x","name":"年报"}, 7, {"id":9,"name":"指南","children":null}]"""
    page = gkmlpt.read_index(
        html(f"<script>window._CONFIG = {{SID: '7', TREE: {tree}, X: 1}};</script>", INDEX)
    )
    assert [c.request.url for c in page.columns] == [
        "http://www.shilishi.gov.cn/slstjj/gkmlpt/api/all/2?page=1&sid=7",
        "http://www.shilishi.gov.cn/zwgk/xxgknb/index.html",
    ]
    assert page.columns[1].request.cb_kwargs == {"mode": "static"}


def test_gkmlpt_external_articles_and_wild_times() -> None:
    answer = """{"total": 3, "articles": [
        {"title": "甲", "type": "url", "url": "http://a/b", "create_time": 0,
         "post_url": "http://www.shilishi.gov.cn/x.html"},
        {"title": "乙", "type": "normal", "url": "/y.html", "create_time": 167497920000000000000},
        {"title": "丙", "type": "url", "url": "http://a/c", "post_url": ""}]}"""
    page = gkmlpt.read_api(html(answer, INDEX), node=1, sid="7", number=1)
    assert [(r.url, r.date) for r in page.links] == [
        ("http://www.shilishi.gov.cn/x.html", None),
        ("http://www.shilishi.gov.cn/y.html", None),
    ]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<html></html>", "no SID and TREE"),
        ("SID: '7', TREE: [{]", "cannot be read"),
        ('SID: \'7\', TREE: [{"id":1,"name":"指南"}]', "no column"),
    ],
)
def test_gkmlpt_refusals(body: str, words: str) -> None:
    with pytest.raises(ListError, match=words):
        gkmlpt.read_index(html(f"<script>{body}</script>", INDEX))


@pytest.mark.parametrize(
    "answer", ["<h1>404</h1>", "{}", '{"articles": [1], "total": 1}', '{"articles": [], "total": "x"}']
)
def test_gkmlpt_answers_of_another_kind(answer: str) -> None:
    with pytest.raises(ListError, match="no list of articles"):
        gkmlpt.read_api(html(answer, INDEX), node=1, sid="7", number=1)


# -- VSB -----------------------------------------------------------------------------


def test_vsb_follows_next() -> None:
    page = vsb.read(fixture("vsb_list.html", f"{SITE}/zfxxgk/zfxxgknb.htm"))
    assert [(r.url, r.date) for r in page.rows()] == [(f"{SITE}/info/1053/6730.htm", date(2024, 1, 22))]
    assert page.next is not None
    assert page.next.url == f"{SITE}/zfxxgk/zfxxgknb/1.htm"


def test_vsb_last_page() -> None:
    last = (
        "<span class='p_next_d p_fun_d'>下页</span>"
        "<span class='p_prev p_fun'><a href='../zfxxgknb.htm'>上页</a></span>"
    )
    assert vsb.read(html(last, f"{SITE}/zfxxgk/zfxxgknb/1.htm")).next is None
