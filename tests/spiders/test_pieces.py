"""Articles in pieces: what counts as a further page, a picture of the text, a page that only sends on."""

from __future__ import annotations

import pytest

from spiders.pieces import forward, further, has_tables, pictures

from .pages import html

FIRST = "http://a.gov.cn/nb/202401/t20240129_1926722.shtml"


def links(*pairs: tuple[str, str]) -> str:
    return "".join(f'<a href="{href}">{text}</a>' for href, text in pairs)


@pytest.mark.parametrize(
    ("first", "body", "expected"),
    [
        # TRS: index 0 on the first page, the second is called _1; index 1, it is called _2.
        (FIRST, '<script>createPageHTML(3, 0, "t20240129_1926722", "shtml")</script>',
         ["_1.shtml", "_2.shtml"]),
        (FIRST, "<script>createPageHTML(2, 1, 't20240129_1926722', 'shtml');</script>", ["_2.shtml"]),
        (FIRST, '<script>createPageHTML(1, 0, "t20240129_1926722", "shtml");</script>', []),
        # The list's pager on the article's page, and a neighbour's.
        (FIRST, '<script>createPageHTML(9, 0, "index", "shtml");</script>', []),
        (FIRST, links(("t20240129_1926723.shtml", "下一页")), []),
        (FIRST, links(("t20240129_1926722_1.shtml", "下一篇")), []),
        (FIRST, links(("t20240129_1926722_1.shtml", "2"), ("t20240129_1926722_2.shtml", "尾页")),
         ["_1.shtml", "_2.shtml"]),
        (FIRST, f"<template>{links(('t20240129_1926722_1.shtml', '2'))}</template>", []),
        (FIRST, f"<!-- {links(('t20240129_1926722_1.shtml', '2'))} -->", []),
        ("http://a.gov.cn/c/content.html", links(("content_2.html", "下一页")), ["/c/content_2.html"]),
        ("http://a.gov.cn/c/content_1.html", links(("content_2.html", "下一页")), ["/c/content_2.html"]),
        # Two articles called by their numbers: a bare 2 may be anything.
        ("http://a.gov.cn/c/content_1.html", links(("content_2.html", "2")), []),
        ("http://a.gov.cn/c/content_7.html", links(("content_8.html", "下一页")), []),
        ("http://a.gov.cn/s?id=7", links(("?id=7&page=2", "2"), ("?id=8&page=2", "3"), ("?id=7&page=1", "1")),
         ["?id=7&page=2"]),
        ("http://a.gov.cn/s?id=7", links(("?id=7&tab=2", "2")), []),
        ("http://a.gov.cn/c/content.html", links(("http://b.gov.cn/c/content_2.html", "下一页")), []),
    ],
)  # fmt: skip
def test_further_pages(first: str, body: str, expected: list[str]) -> None:
    found = further(html(body, first), first, 30)
    assert len(found) == len(expected)
    assert all(url.endswith(end) for url, end in zip(found, expected, strict=True))


def test_the_pages_of_an_article_are_bounded() -> None:
    page = html('<script>createPageHTML(999, 0, "t20240129_1926722", "shtml");</script>', FIRST)
    assert len(further(page, FIRST, 30)) == 30


def body(inner: str, extra: str = "") -> str:
    return f'<html><body><div class="TRS_Editor">{inner}</div>{extra}</body></html>'


SHORT = "<p>现将年度报告公布如下：</p>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (body(SHORT + '<img src="W0202401.jpg"><img src="W0202402.png">'), ["W0202401.jpg", "W0202402.png"]),
        # A picture linked to a larger one is that one; lazy images keep their address elsewhere.
        (body(SHORT + '<a href="big.jpg"><img src="thumb.jpg"></a>'), ["big.jpg"]),
        (body(SHORT + '<img src="/s/loading.png" data-original="1.jpg">'), ["1.jpg"]),
        (body(SHORT, '<div class="fujian"><a href="1.tif">第1页</a><a href="2.tif">第2页</a></div>'),
         ["1.tif", "2.tif"]),
        # Logos, QR codes, icons of attachments, small pictures, and what stands in no article.
        (body(SHORT + '<img src="/common/logo.png"><img src="ewm.jpg"><img src="icon_pdf.gif">'), []),
        (body(SHORT + '<img src="a.jpg" width="100" height="80"><img src="b.jpg" width="64">'), []),
        (body(SHORT, '<div class="xgyd"><img src="c.jpg"></div><div class="footer"><img src="d.jpg"></div>'),
         []),
        (body(SHORT + '<template><img src="e.jpg"></template><img src="{{i.src}}"><img src="data:x">'), []),
        # Text enough, and nothing that says that a table should follow.
        (body(f"<p>{'开展政务公开工作。' * 80}</p><img src='photo.jpg'>"), []),
        (body(f"<p>{'开展工作。' * 120}</p><p>三、收到和处理政府信息公开申请情况</p><img src='t.jpg'>"),
         ["t.jpg"]),
        # Its own tables.
        (body(f"<table><tr>{'<td>7</td>' * 9}</tr></table><img src='photo.jpg'>"), []),
        # A table that only lays out.
        (body('<table><tr><td><img src="1.jpg"></td></tr></table>'), ["1.jpg"]),
        # No element called like a body: what lies in the site's own folders is the site's.
        ('<html><body><div><img src="/images/t.jpg"><img src="/u/24/1.jpg"></div></body></html>', ["1.jpg"]),
    ],
)  # fmt: skip
def test_pictures_that_are_the_text(text: str, expected: list[str]) -> None:
    assert [url.rpartition("/")[2] for url in pictures(html(text, FIRST))] == expected


def test_tables_of_figures_and_others() -> None:
    assert has_tables(html(body(f"<table><tr>{'<td> 1,234 </td>' * 5}</tr></table>")))
    assert not has_tables(html(body(f"<table><tr>{'<td></td>' * 50}</tr><tr><td>附件</td></tr></table>")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<script>window.location.href='/nb/2023.html';</script>", "http://a.gov.cn/nb/2023.html"),
        ('<script>location = "//www.a.gov.cn/x.pdf"</script>', "http://www.a.gov.cn/x.pdf"),
        ("<script>location.replace('x.html')</script><p>正在跳转</p>", "http://a.gov.cn/nb/202401/x.html"),
        ("<script>window.open('x.pdf')</script>", "http://a.gov.cn/nb/202401/x.pdf"),
        (
            "<base href='http://a.gov.cn/b/'><script>location.href='x.html'</script>",
            "http://a.gov.cn/b/x.html",
        ),
        # For phones; beside a text, a frame or a table; to itself; nowhere.
        ("<script>if(/iPhone/.test(navigator.userAgent)) location.href='/m/'</script>", None),
        (f"<script>location.href='/x.html'</script><p>{'正文。' * 60}</p>", None),
        ("<script>location.href='/x.html'</script><iframe src='y.html'></iframe>", None),
        (f"<script>location.href='{FIRST}'</script>", None),
        ("<script>location.href='javascript:void(0)'</script>", None),
        ("<!-- <script>location.href='/x.html'</script> -->", None),
        ("<p>年度报告</p>", None),
    ],
)
def test_pages_that_only_send_on(text: str, expected: str | None) -> None:
    assert forward(html(f"<html><body>{text}</body></html>", FIRST)) == expected
