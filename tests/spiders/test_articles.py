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
        ("/art/manual.pdf", False),
        ("/art/4.pdf", True),
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
