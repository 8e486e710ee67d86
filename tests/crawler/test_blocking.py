from __future__ import annotations

import gzip
import random
from unittest.mock import patch

import pytest
from scrapy.http import Request, Response

from archive.bodies import beginning
from crawler import blocking
from crawler.blocking import ChallengeMiddleware, challenge, gone, leads_to_itself, visible

RS = b"<html><head><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};</script></head><body></body></html>"
JSL = (
    b"<script>document.cookie=('_')+('_')+('jsl_clearance_s=1700000000.1|-1|x;max-age=3600');"
    b"location.href=location.pathname</script>"
)
REAL = ("<html><body>" + "一、总体情况。" * 60 + "</body></html>").encode()


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (412, RS, "rs"),
        (412, b"", "rs"),
        (521, JSL, "jsl"),
        (468, b"", "waf"),
        (202, RS, "rs"),
        (200, RS, "rs"),
        (400, RS, "rs"),
        (200, JSL, "jsl"),
        (200, b'<script>;go({"bts":["x"]})</script>', "jsl"),
        (200, "<title>访问异常</title>".encode(), "waf"),
        (403, "<title>安全验证</title>请完成验证".encode(), "waf"),
        (200, b"<script>document.cookie='C3VK=1a2b';location.reload()</script>", "cookie"),
        (200, b"<script>document.cookie='zaxsid=1';location.reload();</script>", "cookie"),
        (200, b"<script>document . cookie = x; window.location = '/a'</script>", "cookie"),
        (202, b"<script>eval(unescape(a))</script>", "script"),
        # What only looks alike:
        (200, b"<script>eval(unescape(a))</script>", None),
        (200, b"<script>document.cookie='font=16'</script>", None),
        (200, b"<script>document.cookie='font=16';location.reload()</script><a href='/nb/'>x</a>", None),
        (200, b"<script>document.cookie='a=1';location='/x'</script><iframe src='/nb.html'></iframe>", None),
        (200, b"<script>document.cookie='a=1';location.reload()</script>" + REAL, None),
        (202, b"accepted", None),
        (200, RS.replace(b"<body>", REAL), None),
        (403, b"<h1>Forbidden</h1>", None),
        (404, RS, None),
        (200, REAL, None),
        (200, b"", None),
        (200, b"x" * 600_000 + RS, None),
    ],
)
def test_challenges(status: int, body: bytes, kind: str | None) -> None:
    assert challenge(status, body) == kind


def test_challenges_are_told_under_compression() -> None:
    assert challenge(200, gzip.compress(RS), encoding="gzip") == "rs"
    assert challenge(200, gzip.compress(REAL), encoding="gzip") is None
    assert challenge(200, b"\x1f\x8bbroken", encoding="gzip") is None
    assert challenge(200, gzip.compress(RS + b" " * 10_000_000), encoding="gzip") is None


@pytest.mark.parametrize(
    ("status", "location", "itself"),
    [
        (302, "http://www.shilixian.gov.cn/a", True),
        (302, "/a", True),
        (302, "/a#x", True),
        (302, "/b", False),
        (302, "https://www.shilixian.gov.cn/a", False),
        (302, None, False),
        (200, "/a", False),
        (302, "http://[broken", False),
    ],
)
def test_redirects_to_the_very_address(status: int, location: str | None, itself: bool) -> None:
    assert leads_to_itself("http://www.shilixian.gov.cn/a", status, location) is itself


@pytest.mark.parametrize(
    ("headers", "read", "kind"),
    [
        ({"Set-Cookie": "a=1"}, 0, "cookie"),
        ({"Set-Cookie": "a=1"}, 3, "cookie"),
        # One page that leads to itself is broken; a portal of which no page can be read wants something.
        ({}, 0, "redirect"),
        ({}, 3, None),
    ],
)
def test_what_a_redirect_to_itself_means(headers: dict[str, str], read: int, kind: str | None) -> None:
    request = Request("http://www.shilixian.gov.cn/a")
    response = Response(request.url, status=302, headers={"Location": "/a", **headers})
    assert ChallengeMiddleware._kind(response, request, read=read) == kind
    # A form may well be answered with its own page.
    assert ChallengeMiddleware._kind(response, request.replace(method="POST"), read=read) is None


@pytest.mark.parametrize(
    ("html", "url", "before", "is_gone"),
    [
        ("<title>页面不存在</title>", "/a.html", [], True),
        ("<title>404 Not Found</title>", "/a.html", [], True),
        ("<title> 404错误_示例县人民政府 </title>", "/a.html", [], True),
        ("<title>对不起，您访问的页面不存在</title>", "/a.html", [], True),
        ("<title>示例县人民政府（已归档）</title>已归档", "/a.html", [], True),
        ("<title>示例县（已归档）2019年年报</title>" + REAL.decode(), "/a.html", [], False),
        ("<title>示例县2023年政府信息公开工作年度报告</title>", "/a.html", [], False),
        ("<title>示例县404件申请办理情况</title>", "/a.html", [], False),
        ("<html></html>", "/", ["/zfxxgk/a.html"], True),
        ("<html></html>", "/index.html", ["/zfxxgk/a.html"], True),
        ("<html></html>", "/", ["/index.html"], False),
        ("<html></html>", "/b.html", ["/a.html"], False),
        ("<html></html>", "/?id=7", ["/zfxxgk/a.html"], False),
        ("<html></html>", "/", [], False),
    ],
)
def test_pages_that_are_no_more(html: str, url: str, before: list[str], is_gone: bool) -> None:
    root = "http://www.shilixian.gov.cn"
    assert (gone(html, root + url, [root + path for path in before]) is not None) is is_gone


def test_visible_text() -> None:
    assert visible("<head><title>x</title></head><script>a</script><p>甲 乙</p><!-- 丙 -->") == "甲乙"


#: Pieces of pages, among them all that hides what stands around it and comes to an end elsewhere or nowhere.
_PIECES = (
    *("<script>", "</script >", "<!--", "-->", "<style>", "</style>", "<head>", "</head>", "<NOSCRIPT>"),
    *("</noscript>", "<", ">", "<a href='", "'>", "<p>", "<scriptx>", "</scr", "ipt>"),
    *("文字" * 60, "text " * 60, "<p>文字</p>" * 60, "<p>", "<b>文</b>", "文字" * 120),
)


def test_what_a_page_begins_with_never_says_more_than_the_whole() -> None:
    chosen, told = random.Random(1), 0
    for _ in range(3_000):
        html = "".join(chosen.choices(_PIECES, k=chosen.randint(1, 25))).encode()
        start = html[: chosen.randint(len(html) // 2, len(html))]
        if blocking._reads(start):
            told += 1
            assert len(visible(html.decode())) >= blocking.LITTLE_TEXT
    assert told > 300, "a page that begins with text is told by its beginning"


def test_a_page_that_reads_as_one_is_not_taken_apart() -> None:
    with patch.object(blocking, "decode_body", side_effect=AssertionError):
        assert challenge(200, REAL + RS) is None
        assert challenge(200, gzip.compress(REAL + RS), encoding="gzip") is None
        assert challenge(200, b"<script>" + b"x" * 9_000 + b"</script>" + REAL + RS) is None


def test_text_that_a_challenge_hides_farther_on_does_not_count() -> None:
    hidden = b"<!--" + REAL + b" " * 5_000 + b"-->"
    assert challenge(200, hidden + RS) == "rs"
    assert challenge(200, gzip.compress(hidden + RS), encoding="gzip") == "rs"


def test_the_beginning_of_a_body_is_that_of_the_whole() -> None:
    packed = gzip.compress(REAL * 100)
    assert (
        beginning(REAL, None, 9)
        == beginning(packed, "gzip", 9)
        == beginning(packed, " X-GZIP ", 9)
        == REAL[:9]
    )
    assert beginning(REAL, "gzip", 9) == REAL[:9], "it only claims to be compressed"
    assert beginning(packed[:-9], "gzip", 9) == REAL[:9]
    assert beginning(b"\x1f\x8bbroken", "gzip", 9) is None
    for named in ("gzip, gzip", "br", "deflate"):
        assert beginning(packed, named, 9) is None
