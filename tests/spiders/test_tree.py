"""A page's tree is that of its selector, and what is left out of a walk changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree
from scrapy.http import HtmlResponse, TextResponse, XmlResponse

from spiders.articles import attachments, page_title
from spiders.boxes import in_template
from spiders.links import clean
from spiders.pieces import further, has_tables
from spiders.tree import tree

from .pages import html

FIRST = "http://a.gov.cn/n/t20240129_1.html"


def spelt(root: Any) -> bytes:
    return bytes(etree.tostring(root, encoding="utf-8"))


@pytest.mark.parametrize(
    "body",
    [
        b"<p>one<a href=x>two",
        b" \n<html><body>a\0b<SPAN onClick=x>c</body></html><html><h1>d</h1></html> ",
        b"",
        b"\0",
        "<body>文<!-- 字 --><?x?><script>a < b</script></body>".encode("gb18030"),
    ],
)
def test_a_page_is_taken_apart_as_its_selector_takes_it_apart(body: bytes) -> None:
    page = HtmlResponse(FIRST, body=body, encoding="gb18030")
    assert spelt(tree(page).root) == spelt(page.selector.root)
    assert type(tree(page).root) is etree._Element, "else each step of a walk is a call in Python"


def test_what_is_no_html_is_taken_apart_as_what_it_is() -> None:
    for kind in (XmlResponse, TextResponse):
        page = kind(FIRST, body=b"<A href='1.pdf'><a href='2.pdf' onclick='x'/></A>", encoding="utf-8")
        assert tree(page).root is page.selector.root
        assert tree(page).may_have("pdfsrc"), "nothing is known of its source"


def test_elements_in_templates_are_those_with_a_template_around_them() -> None:
    page = html(
        "<div><noscript><p>a<b>b</b></p><noscript>c</noscript></noscript><p>d</p></div>" + "<i>" * 120
    )
    deep = html("<template>" + "<i>" * 150 + "x")
    for each in (tree(page), tree(deep)):
        assert each.waiting() == {element for element in each.root.iter() if in_template(element)}
        assert each.waiting()


@pytest.mark.parametrize(
    "box", ["<div onclick=\"open('1.pdf')\">", "<P ONCLICK=\"open('1.pdf')\">", "<td data-HREF=1.pdf>"]
)
def test_a_box_that_a_click_opens_is_found_however_it_is_spelt(box: str) -> None:
    page = html(f"<div id=zoom><a href=2.html>x</a><table><tr>{box}报告</table></div>", FIRST)
    assert [file.url for file in attachments(page)] == ["http://a.gov.cn/n/1.pdf"]


@pytest.mark.parametrize("link", ["<a href=1.html download>x</a>", "<a href=1.html title=x.pdf>x</a>"])
def test_a_link_to_a_page_that_is_said_to_be_a_file_is_one(link: str) -> None:
    page = html(f"<div id=zoom>{link}<a href=1.html>x</a></div>", FIRST)
    assert [file.url for file in attachments(page)] == ["http://a.gov.cn/n/1.html"]


def test_a_headline_may_stand_in_a_second_document_and_below_odd_attributes() -> None:
    assert page_title(html("<html><body>x</body></html><html><body><h1>题</h1></body></html>")) == "题"
    assert page_title(html("<meta content=x a\x01=y><p id=ivs_title>题 目</p><h1>其他</h1>")) == "题 目"


def test_pages_lie_beside_the_first_over_either_scheme_and_nowhere_else() -> None:
    page = html(
        "<a href='https://a.gov.cn/n/t20240129_1_2.html'>下一页</a><a href='/m/t20240129_1_3.html'>3</a>"
        "<a href='//b.gov.cn/n/t20240129_1_4.html'>4</a>",
        FIRST,
    )
    assert further(page, FIRST, 9) == ("https://a.gov.cn/n/t20240129_1_2.html",)


@pytest.mark.parametrize(
    ("cell", "figures"),
    [
        ("<p><span>12</span></p>", True),
        ("<!-- 12 -->", False),
        ("<p><!-- x --><span>12</span></p>", True),
        ("<p>12</p>件", False),
        ("<p>共<span>12</span></p>", False),
    ],
)
def test_a_figure_in_a_cell_may_lie_deep_and_stands_alone(cell: str, figures: bool) -> None:
    assert has_tables(html(f"<table><tr>{f'<td>{cell}</td>' * 5}</tr></table>")) is figures


def test_what_is_remembered_of_an_address_holds_for_each_page_it_is_remembered_for() -> None:
    for page in ("http://a.cn/x/1.html", "http://a.cn/x/2.html?u=/y/z", "http://a.cn/x/3.html#/y/z"):
        assert clean("b.html", page) == clean("./b.html", page) == "http://a.cn/x/b.html"
        assert clean("../b.html", page) == "http://a.cn/b.html"
        assert clean("http://b.cn", page) == "http://b.cn"
        assert clean("http:b.html", page) == "http://a.cn/x/b.html"
    assert clean("?p=2", "http://a.cn/x/1.html") == "http://a.cn/x/1.html?p=2"
    assert clean("http:?p=2", "http://a.cn/x/1.html") == "http://a.cn/x/1.html?p=2"
    assert clean("b.html", "http://a.cn") == "http://a.cn/b.html"
