from __future__ import annotations

from datetime import date

import pytest

from spiders.links import clean, fragment_links, links, parse_date

from .pages import html

BASE = "http://www.shilixian.gov.cn/zfxxgk/zfxxgknb/"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-29", date(2024, 1, 29)),
        ("[2024/1/29]", date(2024, 1, 29)),
        ("发布时间：2024年1月29日", date(2024, 1, 29)),
        ("2024.01.29 17:02", date(2024, 1, 29)),
        ("2024 - 01 - 29", date(2024, 1, 29)),
        ("2024-13-40", None),
        ("2024-13-40，2024-01-29", date(2024, 1, 29)),
        ("12024-01-29", None),
        ("2023年政府信息公开工作年度报告", None),
        ("", None),
    ],
)
def test_dates(text: str, expected: date | None) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("./202401/t1.shtml", f"{BASE}202401/t1.shtml"),
        (" /art/1.html ", "http://www.shilixian.gov.cn/art/1.html"),
        ("//www.shilixian.gov.cn/a", "http://www.shilixian.gov.cn/a"),
        ("t1.shtml#top", f"{BASE}t1.shtml"),
        ("文件.pdf", f"{BASE}%E6%96%87%E4%BB%B6.pdf"),
        ("#", None),
        ("", None),
        ("javascript:;", None),
        ("mailto:a@b.cn", None),
        ("file:///etc/passwd", None),
        ("data:text/html,x", None),
        ("ftp://www.shilixian.gov.cn/x", None),
        ("{{el.url}}", None),
        ("${item.url}", None),
        ("<%=url%>", None),
        ("el.chnldocurl", None),
        ("http://[broken", None),
        ("http:///x", "http://www.shilixian.gov.cn/x"),
    ],
)
def test_only_what_leads_to_a_page_is_a_link(href: str, expected: str | None) -> None:
    assert clean(href, BASE) == expected


def test_text_is_the_whole_title_and_date_that_of_the_row() -> None:
    page = html(
        """<ul>
        <li><a href="1.html" title="示例县2023年政府信息公开工作年度报告">示例县2023年政府信息…</a>
        <span>2024-01-29</span></li>
        <li><span>[2023-01-30]</span><a href="2.html">示例县2022年政府信息公开工作年度报告</a></li>
        </ul><table><tr><td>1</td><td><a href="3.html" title="打开">第三份</a></td><td>2022-01-28</td></tr>
        </table>
        <p><a href="4.html"><img src="x.png" alt="第四份"></a></p>"""
    )
    found = links(page)
    assert [(link.url.rpartition("/")[2], link.text, link.date) for link in found] == [
        ("1.html", "示例县2023年政府信息公开工作年度报告", date(2024, 1, 29)),
        ("2.html", "示例县2022年政府信息公开工作年度报告", date(2023, 1, 30)),
        ("3.html", "第三份", date(2022, 1, 28)),
        ("4.html", "第四份", None),
    ]


def test_a_neighbours_date_is_not_taken() -> None:
    page = html("<div><a href='1.html'>甲</a><a href='2.html'>乙</a> 2024-01-29</div>")
    assert [link.date for link in links(page)] == [None, date(2024, 1, 29)]


def test_one_address_is_one_link_and_an_image_link_gives_way_to_the_text() -> None:
    page = html("<div><a href='1.html'><img src='x.png'></a> <a href='1.html'>标题</a> 2024-01-29</div>")
    assert [(link.text, link.date) for link in links(page)] == [("标题", date(2024, 1, 29))]


def test_attributes_of_template_engines_are_no_links() -> None:
    page = html(
        '<a ms-attr-href="el.url">甲</a><a hhref="/x">乙</a><a ng-href="{{u}}">丙</a><a data-url="/y">丁</a>'
    )
    assert links(page) == ()


def test_base_element_counts() -> None:
    page = html(
        "<html><head><base href='http://www.shilixian.gov.cn/other/'></head><body><a href='1.html'>甲</a>"
    )
    assert [link.url for link in links(page)] == ["http://www.shilixian.gov.cn/other/1.html"]


def test_fragments() -> None:
    assert fragment_links("", BASE) == ()
    assert fragment_links("<li><a href='/a.html'>示例县</a></li>", BASE)[0].text == "示例县"
