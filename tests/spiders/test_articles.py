from __future__ import annotations

import pytest

from spiders.articles import Attachment, attachments, belongs, is_document, page_title, sniff, unwrap

from .pages import fixture, html

TITLE = "示例县2023年政府信息公开工作年度报告"


def test_trs_article() -> None:
    page = fixture("trs_article.html", "http://www.shilixian.gov.cn/zfxxgk/202401/t20240129_1926722.shtml")
    assert page_title(page) == TITLE
    (file,) = attachments(page)
    assert file.url == "http://www.shilixian.gov.cn/zfxxgk/202401/P020240129618374650912.docx"
    assert file.inside
    assert belongs(file, TITLE) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.gov.cn/P020240129.pdf", True),
        ("http://a.gov.cn/x.DOCX", True),
        ("http://a.gov.cn/module/download/downfile.jsp?classid=0&showname=2020.pdf&filename=0a1b.pdf", True),
        ("http://a.gov.cn/module/download/downfile.jsp?i=1", True),
        ("http://a.gov.cn/group6/M00/0F/x", True),
        ("http://a.gov.cn/attach/-1/123.pdf", True),
        ("http://a.gov.cn/get?file=report.wps", True),
        ("http://a.gov.cn/art/1.html", False),
        ("http://a.gov.cn/video.mp4", False),
        ("http://a.gov.cn/", False),
    ],
)
def test_what_looks_like_a_file(url: str, expected: bool) -> None:
    assert is_document(url) is expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.gov.cn/pdfjs/web/viewer.html?file=%2Fx%2Fb.pdf", "http://a.gov.cn/x/b.pdf"),
        ("http://a.gov.cn/pdfjs/web/viewer.html?file=..%2F..%2Fx.pdf", "http://a.gov.cn/x.pdf"),
        ("http://a.gov.cn/web/viewer.html?file=%252Fx%252Fb.pdf", "http://a.gov.cn/x/b.pdf"),
        ("http://a.gov.cn/web/viewer.html", "http://a.gov.cn/web/viewer.html"),
        (
            "http://a.gov.cn/web/viewer.html?file=javascript:1",
            "http://a.gov.cn/web/viewer.html?file=javascript:1",
        ),
        ("http://a.gov.cn/b.pdf", "http://a.gov.cn/b.pdf"),
    ],
)
def test_the_file_behind_a_viewer(url: str, expected: str) -> None:
    assert unwrap(url) == expected


def test_frames_viewers_and_sources_are_attachments() -> None:
    page = html(
        """<div id="zoom"><iframe src="/pdfjs/viewer.html?file=%2Fa%2F1.pdf"></iframe>
        <embed src="2.pdf"><object data="3.pdf"></object><div pdfsrc="4.pdf"></div>
        <iframe src="/weather.html"></iframe>
        <a href="/a/1.pdf">附件</a></div><div class="footer"><a href="manual.pdf">操作手册</a></div>""",
        "http://a.gov.cn/art/1.html",
    )
    assert [(file.url.removeprefix("http://a.gov.cn"), file.inside) for file in attachments(page)] == [
        ("/a/1.pdf", True),
        ("/art/2.pdf", True),
        ("/art/3.pdf", True),
        ("/art/4.pdf", True),
        ("/art/manual.pdf", False),
    ]


@pytest.mark.parametrize(
    ("name", "inside", "taken"),
    [
        ("", True, True),
        ("附件", True, True),
        ("附件1：点击下载", True, True),
        ("相关附件下载.pdf", True, True),
        ("P020240129618374650912.docx", True, True),
        ("附件：示例县2023年政府信息公开工作年度报告.docx", True, True),
        ("示例县2023年政府信息公开工作年度报告（PDF版）.pdf", False, True),
        (TITLE, False, True),
        ("附件", False, False),
        ("操作手册.pdf", True, False),
        ("企业年报公示办法.doc", True, False),
        ("行政许可目录.xls", True, False),
        ("示例县2023年政府信息公开工作年度报告解读.pdf", True, False),
    ],
)
def test_which_files_belong_to_a_report(name: str, inside: bool, taken: bool) -> None:
    reason = belongs(Attachment("http://a.gov.cn/x.pdf", name, inside), TITLE)
    assert (reason is None) is taken


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"%PDF-1.7 <html>", "file"),
        (b"PK\x03\x04 <html>", "file"),
        (b"\xd0\xcf\x11\xe0", "file"),
        (b"<!DOCTYPE html><html>", "html"),
        (b"\xef\xbb\xbf\r\n<HTML>", "html"),
        ("<html>".encode("utf-16"), "html"),
        (b"<div>x</div>", "html"),
        (b"plain text", "file"),
        (b"", "file"),
    ],
)
def test_pages_are_told_by_their_bytes(body: bytes, kind: str) -> None:
    assert sniff(body) == kind


def test_titles_without_meta() -> None:
    assert page_title(html("<ucaptitle>甲</ucaptitle><h1>乙</h1>")) == "甲"
    assert page_title(html("<h1> </h1><h1>乙  丙</h1>")) == "乙 丙"
    assert page_title(html("<p>甲</p>")) is None


def found(text: str, url: str = "http://a.gov.cn/nb/1.html") -> list[tuple[str, bool]]:
    """Addresses, shortened, and whether they belong to the article titled ``TITLE``."""
    files = attachments(html(f"<html><body>{text}</body></html>", url))
    return [(file.url.removeprefix("http://a.gov.cn"), belongs(file, TITLE) is None) for file in files]


BODY = '<div class="TRS_Editor">%s</div>'


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (
            '<a href="r.zip">附件</a><a href="r.rar">附件</a><a href="r.ofd">附件</a>',
            ["/nb/r.zip", "/nb/r.rar", "/nb/r.ofd"],
        ),
        ('<a href="\\\\nb\\r.pdf">附件</a>', ["http://nb/r.pdf"]),
        ('<a href="..\\files\\r.pdf?x=a\\b">附件</a>', ["/files/r.pdf?x=a%5Cb"]),
        ('<a href="//a.gov.cn/r.pdf">附件</a>', ["/r.pdf"]),
        (
            "<a href=\"javascript:void(0)\" onclick=\"window.open('/f/r.pdf','_blank')\">附件</a>",
            ["/f/r.pdf"],
        ),
        ("<a href=\"javascript:window.open('r.pdf')\">附件</a>", ["/nb/r.pdf"]),
        ("<span onclick=\"location.href='r.docx'\">附件下载</span>", ["/nb/r.docx"]),
        ('<div data-url="/f/r.pdf">附件</div><a data-href="/f/s.pdf">附件</a>', ["/f/r.pdf", "/f/s.pdf"]),
        ('<a href="/portal/attach/?id=77">附件</a>', ["/portal/attach/?id=77"]),
        ('<a href="/common/fileDownload?fileid=77">附件</a>', ["/common/fileDownload?fileid=77"]),
        ('<a href="/x/y?z=7" download>附件</a><a href="/q?z=8">年度报告.docx</a>', ["/x/y?z=7"]),
        ('<a href="/group6/M00/02/1A/wKgB">附件</a>', ["/group6/M00/02/1A/wKgB"]),
        ('<iframe src="/pdfjs/web/viewer.html?file=..%2F..%2Ff%2Fr.pdf"></iframe>', ["/f/r.pdf"]),
        ('<iframe src="/preview/onlinePreview?url=%2Ff%2Fr.pdf"></iframe>', ["/f/r.pdf"]),
        ('<object data="r.pdf"></object><embed src="s.pdf">', ["/nb/r.pdf", "/nb/s.pdf"]),
        ('<object><param name="src" value="r.pdf"></object>', ["/nb/r.pdf"]),
        ("<script>PDFObject.embed('/f/r.pdf', '#x')</script>", ["/f/r.pdf"]),
        ('<p>全文见：<a href="/zt/nb/index.html">点击查看全文</a></p>', ["/zt/nb/index.html"]),
        # Not to be followed: comments, templates, placeholders, pictures, another year, another thing.
        ('<!-- <a href="r.pdf">附件</a> --><!-- <embed pdfsrc="s.pdf"> -->', []),
        ('<template><a href="r.pdf">附件</a></template><a href="${url}.pdf">附件</a>', []),
        ('<a href="{{item.url}}.pdf">附件</a><a href="photo.jpg">附件</a>', []),
        ('<a href="r.pdf">示例县2021年政府信息公开工作年度报告.pdf</a>', []),
        ('<a href="r.pdf">操作手册.pdf</a>', []),
        ('<div class="xgxx"><a href="r.pdf">附件下载</a></div>', []),
        ('<div><h3>推荐下载</h3><ul><li><a href="r.docx">附件</a></li></ul></div>', []),
        ("<h4>相关阅读</h4><ul><li><a href='r.docx'>附件</a></li></ul>", []),
    ],
)
def test_what_is_followed_from_an_article(inner: str, expected: list[str]) -> None:
    assert [url for url, taken in found(BODY % inner) if taken] == expected


@pytest.mark.parametrize(
    ("outside", "taken"),
    [
        ('<a href="r.pdf">附件</a>', False),
        (f'<a href="r.pdf">{TITLE}.pdf</a>', True),
        ('<a href="r.pdf">示例县2023年度政府信息公开工作年度报告（PDF版）</a>', True),
        ('<a href="r.pdf">示例县2022年政府信息公开工作年度报告.pdf</a>', False),
        ('<a href="r.pdf">某局政府信息公开工作年度报告.pdf</a>', False),
        ('<div class="footer"><a href="/help.pdf">使用帮助</a></div>', False),
    ],
)
def test_what_stands_beside_an_article_must_name_its_report(outside: str, taken: bool) -> None:
    assert found(BODY % f"<p>{'正文。' * 100}</p>" + outside)[0][1] is taken


def test_a_base_element_moves_every_address() -> None:
    page = html(
        "<html><head><base href='http://a.gov.cn/base/'></head><body>" + BODY % '<a href="r.pdf">附件</a>'
    )
    assert [file.url for file in attachments(page)] == ["http://a.gov.cn/base/r.pdf"]


def test_all_of_a_frame_is_the_article() -> None:
    page = html("<html><body><a href='r.pdf'>附件</a><iframe src='in.html'></iframe></body></html>")
    assert [(f.url.rpartition("/")[2], f.inside) for f in attachments(page, framed=True)] == [
        ("r.pdf", True),
        ("in.html", True),
    ]
    assert [(f.url.rpartition("/")[2], f.inside) for f in attachments(page)] == [("r.pdf", False)]
