"""Where the common families' lists go on behind their first page: services, trees, menus, years."""

from __future__ import annotations

import re
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest

from spiders import answers, identity, subcolumns
from spiders.families import _trs_search as search
from spiders.families import gkmlpt, hanweb, trs, ucap
from spiders.links import clean
from spiders.lists import ListError
from spiders.portals import families, from_entry

from .pages import fixture, html

SITE = "http://www.shilixian.gov.cn"
COLUMN = f"{SITE}/zfxxgk/zfxxgknb/"
FORM = (
    b"channelid=200210&sortfield=-docorderpri%2C-docreltime&classsql=chnlid%3D1813&classcol=publishyear"
    b"&classnum=100&classsort=0&cache=true&page=2&prepage=10"
)


# -- TRS -----------------------------------------------------------------------


def test_trs_model_asks_for_the_second_page_as_its_script_does() -> None:
    page = trs.read(fixture("trs_model.html", COLUMN))
    assert (len(page.rows()), page.total) == (1, 20)
    assert page.next is not None
    assert (page.next.method, page.next.url, page.next.body) == ("POST", f"{SITE}/fjdzapp/search", FORM)
    assert page.next.headers["Content-Type"] == b"application/x-www-form-urlencoded; charset=UTF-8"
    assert page.next.headers["Referer"] == COLUMN.encode()
    elsewhere = trs.read(fixture("trs_model.html", COLUMN), params={"search": "/was/search"})
    assert elsewhere.next is not None
    assert elsewhere.next.url == f"{SITE}/was/search"


def test_trs_search_answer() -> None:
    asked = trs.read(fixture("trs_model.html", COLUMN)).next
    assert asked is not None
    page = search.read_search(fixture("trs_search.json", asked.url), **asked.cb_kwargs)
    assert [(r.url, r.text, r.date) for r in page.links] == [
        (f"{COLUMN}201603/t20160310_7.htm", "示例县2015年度政府信息公开工作年度报告", date(2016, 3, 10)),
        (f"{COLUMN}201503/t20150310_6.htm", "示例县2014年度政府信息公开工作年度报告", date(2015, 3, 10)),
    ]
    assert (page.total, page.exact) == (20, True)
    assert page.next is None  # two rows where ten were asked for


@pytest.mark.parametrize(
    "change",
    [("recordCount: '20'", "recordCount: '10'"), ("channelid:", "chan:"), ("prepage: 10", "prepage: x")],
)
def test_trs_model_that_is_complete_or_unclear_asks_nothing(change: tuple[str, str]) -> None:
    text = fixture("trs_model.html", COLUMN).text.replace(*change)
    assert trs.read(html(text, COLUMN)).next is None


@pytest.mark.parametrize(
    ("api", "answer", "total"),
    [
        ("/govsearch/jsonp/zf_list.jsp?lb=58855&page=1&sword=", "trs_zf_list.txt", 3),
        ("/was5/web/search?channelid=291575&templet=docs.jsp&page=1", "trs_was5.txt", 2),
        (
            f"{SITE}/ssp/search/api/apiSearch?siteId=1&chnlIdList=1%2C2&page=1",
            "trs_ssp.json",
            2,
        ),
    ],
)
def test_trs_services(api: str, answer: str, total: int) -> None:
    shell = html(f'<script>$.get("{api}", show)</script>', COLUMN)
    for page in (trs.read(shell), trs.read(html("<p></p>", COLUMN), params={"api": api})):
        assert page.next is not None
        assert page.next.url.endswith("&page=1")
        assert page.next.meta["verbatim_url"]
        listing = search.read_api(fixture(answer, page.next.url), **page.next.cb_kwargs)
        (row,) = listing.links
        assert row.text.replace(" ", "") == "示例县2023年政府信息公开工作年度报告"
        assert row.date == date(2024, 1, 29)
        assert (listing.total, listing.repeats) == (total, True)
        assert listing.next is not None
        assert listing.next.url == page.next.url.replace("&page=1", "&page=2")


def test_trs_service_names_a_callback() -> None:
    page = trs.read(html("<script>$.getJSON('/x/zf_list.jsp?lb=1&callback=?')</script>", COLUMN))
    assert page.next is not None
    assert page.next.url == f"{SITE}/x/zf_list.jsp?lb=1&callback=result&page=1"


@pytest.mark.parametrize(
    "answer", ["<h1>404</h1>", "[]", '{"x": 1}', '{"data": [1]}', '{"data": "x"}', "f({)", "[" * 9999]
)
def test_trs_answers_of_another_kind(answer: str) -> None:
    with pytest.raises(ListError):
        search.read_api(html(answer), api=f"{SITE}/x", number=1)


def test_trs_shell_keeps_its_column_in_the_menu() -> None:
    page = trs.read(fixture("trs_shell.html", f"{SITE}/zfxxgk/fdzdgknr/?gk=3&cid=16280"))
    assert [(c.request.url, c.name) for c in page.columns] == [
        (f"{SITE}/zfxxgk/fdzdgknr/nb/", "政府信息公开年报")
    ]


def test_years_are_columns_where_they_are_folders_of_this_column() -> None:
    page = trs.read(fixture("trs_years.html", COLUMN))
    assert [(c.request.url, c.name) for c in page.columns] == [
        (f"{COLUMN}nb_2023n/", "政府信息公开年报"),
        (f"{COLUMN}nb_2022n/index.html", "政府信息公开年报"),
    ]
    left = {link.url for link in page.links}
    # With a date, or elsewhere, a bare year is a link like any other.
    assert left == {f"{SITE}/zfxxgk/", f"{COLUMN}202201/t20220129_3.html", f"{SITE}/other/2020/"}


def test_nfcms_counts_from_1_and_keeps_its_way_of_reading() -> None:
    page = gkmlpt.read_static(fixture("trs_years.html", COLUMN))
    assert [c.request.cb_kwargs for c in page.columns] == [{"mode": "static"}] * 2
    paged = gkmlpt.read_static(
        html("<a href='content/post_8780034.html'>x</a><a href='index_2.html'>下一页</a>", COLUMN)
    )
    assert paged.next is not None
    assert (paged.next.url, paged.next.cb_kwargs) == (f"{COLUMN}index_2.html", {"mode": "static"})


# -- Hanweb ----------------------------------------------------------------------

XXGK = f"{SITE}/col/col1651/index.html"


def test_hanweb_xxgk_form_is_the_vendors_byte_for_byte() -> None:
    asked = hanweb.read_column(fixture("hanweb_xxgk_col.html", XXGK)).next
    assert asked is not None
    assert (asked.method, asked.url) == ("POST", f"{SITE}/module/xxgk/search.jsp?currpage=1")
    assert asked.body == (
        b"infotypeId=B001A001&jdid=15&area=113300002&divid=div1651&vc_title=&vc_number="
        b"&sortfield=createdatetime:0,compaltedate:0&currpage=1&vc_filenumber=&vc_all=&texttype=0&fbtime=-1"
        b"&standardXxgk=0"
    )
    given = hanweb.read_column(fixture("hanweb_xxgk_col.html", XXGK), {"area": "9", "jdid": "3"}).next
    assert given is not None
    assert given.body.startswith(b"infotypeId=B001A001&jdid=3&area=9&divid=div1651&")


def test_hanweb_xxgk_keeps_the_columns_own_rows() -> None:
    asked = hanweb.read_column(fixture("hanweb_xxgk_col.html", XXGK)).next
    assert asked is not None
    page = hanweb.read_xxgk(fixture("hanweb_xxgk.html", asked.url), **asked.cb_kwargs)
    assert (len(page.links), page.total, page.exact) == (2, None, True)
    assert page.next is not None
    assert b"&currpage=2&" in page.next.body
    last = hanweb.read_xxgk(fixture("hanweb_xxgk.html", page.next.url), **page.next.cb_kwargs)
    assert (last.next, last.total) == (None, 17)
    strange = "<td><a href='/art/2024/1/2/art_9_1.html'>甲</a></td><td>2024-01-02</td>"
    mixed = hanweb.read_xxgk(
        html(f"<table><tr>{strange}</tr></table>共2页 共9条", asked.url), **asked.cb_kwargs
    )
    assert (mixed.links, mixed.repeats) == ((), True)
    assert mixed.next is not None
    # What is counted are all columns' rows, so the count is no total of ours.
    assert hanweb.read_xxgk(fixture("hanweb_xxgk.html", asked.url), **mixed.next.cb_kwargs).total is None


def test_hanweb_jpaas_that_repeats_its_first_page_is_partial() -> None:
    first = hanweb.read_column(fixture("hanweb_jpaas_col.html", XXGK)).next
    assert first is not None
    uncounted = fixture("hanweb_jpaas.json", XXGK).text.replace("count=", "x=")
    page = hanweb.read_jpaas(html(uncounted, first.url), **first.cb_kwargs)
    assert page.issues == ()
    assert page.next is not None
    again = hanweb.read_jpaas(html(uncounted, page.next.url), **page.next.cb_kwargs)
    assert again.next is None
    assert again.issues == (("partial", "page 2 is page 1 again; no more can be had"),)
    text = hanweb.read_jpaas(html('{"data": "<ul></ul>"}'), column=XXGK, query={}, number=1)
    assert text.links == ()


# -- UCAP ------------------------------------------------------------------------


def test_ucap_tree_leads_to_the_channels_called_reports() -> None:
    script = '<script>$.get("/common/getChannelList?channelCode=c1&amp;websiteCodeName=slx")</script>'
    asked = ucap.read(html(script, COLUMN)).next
    assert asked is not None
    assert asked.url == f"{SITE}/common/getChannelList?channelCode=c1&websiteCodeName=slx"
    page = ucap.read_tree(fixture("ucap_tree.json", asked.url))
    assert [(c.name, c.request.url.partition("?")[0].rpartition("/")[2]) for c in page.columns] == [
        ("政府信息公开年报", "0d1c2b3a49586776a5b4c3d2e1f00f1e"),
        ("部门", "0d1c2b3a49586776a5b4c3d2e1f00f1f"),
    ]


@pytest.mark.parametrize("answer", ["<html>", "[]", "{}", '{"results": {"children": [{"displayName": 7}]}}'])
def test_ucap_tree_without_reports(answer: str) -> None:
    with pytest.raises(ListError):
        ucap.read_tree(html(answer))


# -- what they share -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "day"),
    [
        (1674979200, date(2023, 1, 29)),
        ("1674979200000", date(2023, 1, 29)),
        ("2023-01-29 16:44:02", date(2023, 1, 29)),
        (12, None),
        (None, None),
        ("x", None),
    ],
)
def test_days(value: object, day: date | None) -> None:
    assert answers.day(value) == day


@pytest.mark.parametrize(
    ("url", "field", "expected"),
    [
        ("http://a/b?page=1&x=%2525", "page", "http://a/b?x=%2525&page=7"),
        ("http://a/b?x=1&mypage=2", "page", "http://a/b?x=1&mypage=2&page=7"),
        ("http://a/b", "page", "http://a/b?page=7"),
    ],
)
def test_one_field_of_a_query(url: str, field: str, expected: str) -> None:
    assert answers.with_query(url, field, 7) == expected


def test_titles_lose_the_marks_of_a_search() -> None:
    assert answers.title("<em>示例县</em>&nbsp;2023年 <b>报告</b>") == "示例县 2023年 报告"


@pytest.mark.parametrize(
    ("href", "direct"),
    [
        ("https://www-shilixian-gov-cnx45c8968723868xx.ipv6best.cn/a.html", f"{SITE}/a.html"),
        ("https://www-beian-gov-cnx45c8968723868xx.ipv6best.cn/p?c=1", "https://www.beian.gov.cn/p?c=1"),
        ("https://www.ipv6best.cn/", "https://www.ipv6best.cn/"),
        ("https://evilx12xx.ipv6best.cn.example.com/", "https://evilx12xx.ipv6best.cn.example.com/"),
    ],
)
def test_links_through_an_ipv6_gateway_lead_where_they_say(href: str, direct: str) -> None:
    assert clean(href, f"{SITE}/zfxxgk/") == direct


@pytest.mark.parametrize(
    ("division", "code", "contradicts"),
    [
        ("331004", "3310040001", False),
        ("331004", "3310000001", False),  # its city's
        ("331004", "3300000001", False),  # its province's
        ("331000", "3310040001", False),  # one of its own
        ("350128", "3590000001", False),  # 平潭: a zone of the province
        ("331004", "3310050001", True),
        ("331004", "3302000001", True),
        ("331004", "4401000001", True),
        ("331004", "bm29000002", False),  # a ministry's office lies in no division
        ("331004", "", False),
        ("331004", "33100400", False),
    ],
)
def test_identification_codes(division: str, code: str, contradicts: bool) -> None:
    entry = {
        "key": "shili", "name": "示例县人民政府", "family": "trs", "division": division, "level": "county",
        "start": [COLUMN], "status": "unverified", "evidence": COLUMN,
    }  # fmt: skip
    portal = from_entry(entry)
    for body in (
        f'<meta name="siteidcode" content="{code}">',
        f"<script id='_jiucuo_' sitecode='{code}'></script>",
    ):
        found = identity.contradiction(html(f"<html><head>{body}</head><body></body></html>"), portal)
        assert bool(found) is contradicts
        if found:
            assert found == f"the page states SiteIDCode {code}; the portal is registered under {division}"


def test_frames_that_are_no_lists() -> None:
    page = html(
        "".join(f"<iframe src='/{name}.html'></iframe>" for name in ("list", "visitcount", "login", "footer"))
    )
    assert [c.request.url for c in subcolumns.frames(page, "年报")] == [f"{SITE}/list.html"]


def test_the_guide_names_every_parameter_of_every_family() -> None:
    guide = (
        Path(__file__).resolve().parents[2].joinpath("docs/adding-a-portal.md").read_text(encoding="utf-8")
    )
    for family in families():
        params = import_module(f"spiders.families.{family}").PARAMS
        for name, param in params.items():
            assert f"| `{family}` | `{name}` | {param.meaning} |" in guide
            assert re.compile(param.form)
        assert params or f"`{family}`" in guide


def test_the_guides_example_is_the_entry_as_it_is_shipped() -> None:
    root = Path(__file__).resolve().parents[2]
    guide = root.joinpath("docs/adding-a-portal.md").read_text(encoding="utf-8")
    block = guide.partition("```yaml\n")[2].partition("   ```")[0]
    written = block.replace("\n   ", "\n").removeprefix("   ")
    key = re.search(r"key: (.+)", written)
    assert key
    assert written == root.joinpath(f"spiders/portals/{key[1]}.yml").read_text(encoding="utf-8")
    assert f"gongkai portals check {key[1]}\n   ok     {key[1]}: GET http" in guide
