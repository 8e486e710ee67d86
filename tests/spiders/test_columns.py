from __future__ import annotations

import pytest
from scrapy.http import HtmlResponse

from spiders.columns import by_family, is_column, leads, site


def page(html: str, url: str = "http://www.shilixian.gov.cn/zwgk/") -> HtmlResponse:
    return HtmlResponse(url, body=f"<html>{html}</html>".encode(), encoding="utf-8")


TYPE = "<meta name='ColumnType' content='信息公开年报,政策文件'>"


def test_the_column_type_says_it_whatever_its_spelling() -> None:
    assert is_column(page(TYPE)) == "column_type"
    assert is_column(page("<meta property='columntype' content='信息公开年报'>")) == "column_type"


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("政府信息公开年报", "column_name"),
        ("政府信息公开年度报告", "column_name"),
        ("年度报告", None),
        ("企业信息公开年报", None),
        ("政策文件", None),
    ],
)
def test_else_its_name_does(name: str, how: str | None) -> None:
    assert is_column(page(f"<meta name='ColumnName' content='{name}'>")) == how


@pytest.mark.parametrize(
    "url",
    [
        "http://www.shilixian.gov.cn/",
        "http://www.shilixian.gov.cn/index.html",
        "http://www.shilixian.gov.cn/nb/202401/t20240129_1.html",
        "http://www.shilixian.gov.cn/art/2024/1/29/art_33718_1926722.html",
    ],
)
def test_home_pages_and_articles_are_none_though_they_carry_the_same_metas(url: str) -> None:
    assert is_column(page(TYPE, url)) is None


def test_a_page_with_an_article_title_is_an_article() -> None:
    assert is_column(page(TYPE + "<meta name='ArticleTitle' content='2023年年报'>")) is None


def test_leads_come_the_likeliest_first() -> None:
    found = leads(
        page(
            "<title>政务公开</title><a href='/zw/'>政务公开</a><a href='/xxgk/'>政府信息公开</a>"
            "<a href='/zfxxgknb/'>历年</a><a href='/nb/'>年报</a><a href='/bm/'>政府信息公开年报</a>"
            "<a href='/wzgznb/'>网站工作报表</a><a href='/qy/'>企业年报</a>"
            "<a href='/nb/202401/t20240129_1.html'>示例县2023年政府信息公开工作年度报告</a>"
        )
    )
    assert [(lead.url.rpartition("gov.cn")[2], lead.how) for lead in found] == [
        ("/bm/", "link_text"),
        ("/nb/", "link_text"),
        ("/zfxxgknb/", "address"),
        ("/xxgk/", "nearer"),
        ("/zw/", "nearer"),
    ]


def test_a_bare_year_book_counts_only_on_a_page_about_disclosure() -> None:
    link = "<a href='/x/'>年度报告</a>"
    assert not leads(page(f"<title>统计局</title>{link}", "http://www.shilixian.gov.cn/tj/"))
    assert leads(page(f"<title>政府信息公开</title>{link}", "http://www.shilixian.gov.cn/gk/"))


@pytest.mark.parametrize(
    ("family", "url", "column"),
    [
        ("gkmlpt", "http://a.gov.cn/rsj/gkmlpt/content/3/1/post_1.html", "http://a.gov.cn/rsj/gkmlpt/index"),
        ("gkmlpt", "http://a.gov.cn/", "http://a.gov.cn/gkmlpt/index"),
        (
            "lonsun",
            "http://a.gov.cn/zwgk/public/6598771/35994956.html",
            "http://a.gov.cn/zwgk/public/column/6598771?type=3&action=list",
        ),
        (
            "lonsun",
            "http://a.gov.cn/public/column/1681?type=4&catId=2",
            "http://a.gov.cn/public/column/1681?type=3&action=list",
        ),
        ("lonsun", "http://a.gov.cn/", None),
        ("trs", "http://a.gov.cn/nb/", None),
    ],
)
def test_families_with_a_rule(family: str, url: str, column: str | None) -> None:
    lead = by_family(family, page("", url))
    assert (lead.url if lead else None) == column


def test_a_site_is_known_by_its_metas_or_by_the_widget_in_its_footer() -> None:
    about = site(
        page("<meta name='SiteName' content='示例县人民政府'><meta name='SiteIDCode' content='3310040001'>")
    )
    assert (about.name, about.code) == ("示例县人民政府", "3310040001")
    widget = "<script id='_jiucuo_' sitecode='3208310001' src='https://zfwzgl.www.gov.cn/exposure/jiucuo.js'>"
    assert site(page(widget)).code == "3208310001"
    assert site(page("<meta name='SiteIDCode' content='请填写'>")).code is None
