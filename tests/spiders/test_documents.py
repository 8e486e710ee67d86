"""A report's page with what belongs to it, without the network: parts in order, one snapshot, no loss."""

from __future__ import annotations

from typing import Any

from scrapy.exceptions import DownloadTimeoutError
from scrapy.http import Request
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from archive.records import Snapshot
from spiders import documents

from .test_base import ROOT, START, answer, follow, open_spider, rows, urls

PNG = b"\x89PNG\r\n\x1a\n"
TITLE = "示例县2023年政府信息公开工作年度报告"
STEM = f"{START}202401/t20240129_2023"


def article(inner: str, title: str = TITLE) -> str:
    head = f'<head><meta name="ArticleTitle" content="{title}"></head>'
    return f'<html>{head}<body><div id="zoom">{inner}</div></body></html>'


def opened() -> tuple[Any, Request]:
    spider = open_spider()
    (request,) = follow(spider.first, rows(2023))
    return spider, request


def fail(request: Request, error: Exception) -> list[Any]:
    failure = Failure(error)
    failure.request = request  # type: ignore[attr-defined]
    assert request.errback is not None
    return list(request.errback(failure) or ())


PAGER = '<script>createPageHTML(3, 0, "t20240129_2023", "shtml");</script>'


def test_a_split_article_is_one_snapshot() -> None:
    spider, request = opened()
    (second,) = follow(request, article(f"<p>一</p>{PAGER}"))
    assert second.url == f"{STEM}_1.shtml"
    (third,) = follow(second, article("<p>二</p>"))
    assert third.url == f"{STEM}_2.shtml"
    (whole,) = follow(third, article("<p>三</p>"))
    assert isinstance(whole, Snapshot)
    assert (whole.url, whole.role, whole.context.parts) == (request.url, "page", 2)
    assert [part.url for part in whole.parts] == [f"{STEM}_1.shtml", f"{STEM}_2.shtml"]
    assert [part.role for part in whole.parts] == ["attachment", "attachment"]
    assert [part.context.part for part in whole.parts] == [1, 2]
    assert {part.context.page_url for part in whole.parts} == {request.url}
    assert not spider.visit.issues


def test_a_further_page_that_is_the_first_again_or_another_article_ends_it() -> None:
    first = article(f"<p>一</p>{PAGER}")
    for second in (first, article("<p>二</p>", "示例县2022年政府信息公开工作年度报告")):
        _, request = opened()
        (asked,) = follow(request, first)
        (whole,) = follow(asked, second)
        assert isinstance(whole, Snapshot)
        assert (whole.parts, whole.context.parts) == ((), None)


IMAGES = '<p><img src="1.png"></p><p><img src="2.png"></p>'


def test_pictures_come_in_their_order() -> None:
    _, request = opened()
    (first,) = follow(request, article(IMAGES))
    (second,) = follow(first, PNG + b"1", content_type="image/png")
    (whole,) = follow(second, PNG + b"2", content_type="image/png")
    assert [part.body[-1:] for part in whole.parts] == [b"1", b"2"]


def test_pictures_are_left_where_a_further_page_has_the_tables() -> None:
    _, request = opened()
    (second,) = follow(request, article(f"{IMAGES}<a href='t20240129_2023_1.shtml'>下一页</a>"))
    (whole,) = follow(second, article(f"<table><tr>{'<td>7</td>' * 9}</tr></table>"))
    assert isinstance(whole, Snapshot)
    assert len(whole.parts) == 1


def test_pictures_are_left_where_a_file_is_called_like_the_report() -> None:
    _, request = opened()
    whole, file = follow(request, article(f"{IMAGES}<a href='r.pdf'>{TITLE}.pdf</a>"))
    assert isinstance(whole, Snapshot)
    assert file.url.endswith("/r.pdf")


def test_a_part_that_does_not_come_is_recorded_and_its_page_asked_for_again() -> None:
    spider, request = opened()
    (first,) = follow(request, article(IMAGES))
    (second,) = fail(first, DownloadTimeoutError("too slow"))
    (whole,) = follow(second, PNG, content_type="image/png")
    assert [part.context.part for part in whole.parts] == [2]
    assert whole.context.parts == 2
    assert spider.visit.issues == {"timeout": 1, "attachment": 1}


def test_a_part_that_is_gone_is_not_waited_for() -> None:
    spider, request = opened()
    (first,) = follow(request, article('<img src="1.png">'))
    gone = answer(first, "gone").replace(status=404)
    (whole,) = fail(first, HttpError(gone, "404"))
    assert (whole.parts, whole.context.parts) == ((), 1)
    assert spider.visit.issues == {"gone": 1}


def test_an_error_page_in_place_of_a_picture_is_no_part() -> None:
    spider, request = opened()
    (first,) = follow(request, article('<img src="1.png">'))
    (whole,) = follow(first, "<html><body>请登录</body></html>")
    assert (whole.parts, whole.context.parts) == ((), 1)
    assert spider.visit.issues == {"partial": 1}


def test_parts_are_bounded_in_number_and_bytes(monkeypatch: Any) -> None:
    many = "".join(f'<img src="{n}.png">' for n in range(40))
    for limit, most in ((documents.MAX_PARTS_BYTES, documents.MAX_PARTS), (30, 4)):
        monkeypatch.setattr(documents, "MAX_PARTS_BYTES", limit)
        spider, request = opened()
        (step,) = follow(request, article(many))
        while isinstance(step, Request):
            (step,) = follow(step, PNG, content_type="image/png")
        assert len(step.parts) == most
        assert step.context.parts == 40
        assert spider.visit.issues == {"partial": 1}


def test_a_picture_on_a_foreign_host_is_not_asked_for() -> None:
    spider, request = opened()
    (whole,) = follow(request, article('<img src="http://img.example.com/1.png">'))
    assert isinstance(whole, Snapshot)
    assert whole.context.parts == 1
    assert spider.visit.issues == {"foreign_host": 1}


def test_a_shell_is_followed_under_the_address_of_the_list() -> None:
    spider, request = opened()
    (onward,) = follow(request, "<html><body><script>location.href='/zt/nb.html'</script></body></html>")
    assert urls([onward]) == ["/zt/nb.html"]
    (whole,) = follow(onward, article("<p>正文</p>"))
    assert (whole.url, whole.role) == (request.url, "page")
    assert not spider.visit.issues


def test_shells_that_send_on_and_on_end() -> None:
    _, request = opened()
    step: Any = request
    for number in range(documents.MAX_DEPTH_OF_ARTICLE):
        (step,) = follow(step, f"<html><body><script>location.href='/{number}.html'</script></body></html>")
        assert isinstance(step, Request)
    (whole,) = follow(step, "<html><body><script>location.href='/next.html'</script></body></html>")
    assert isinstance(whole, Snapshot)


def test_a_file_in_a_frame_in_a_frame() -> None:
    _, request = opened()
    page, frame = follow(request, article('<iframe src="/f/a.html"></iframe>'))
    assert isinstance(page, Snapshot)
    outer, inner = follow(frame, "<html><body><iframe src='b.html'></iframe></body></html>")
    assert (outer.role, urls([inner])) == ("attachment", ["/f/b.html"])
    seen, file = follow(inner, "<html><body><embed src='viewer.html?file=%2Ff%2Fr.pdf'></body></html>")
    assert urls([file]) == ["/f/r.pdf"]
    (report,) = follow(file, b"%PDF-1.7", content_type="application/pdf")
    for each in (outer, seen, report):
        assert (each.context.page_url, each.context.page_title) == (request.url, TITLE)


def test_frames_in_frames_end() -> None:
    _, request = opened()
    step = follow(request, article('<iframe src="/f/0.html"></iframe>'))[1]
    for number in range(1, documents.MAX_DEPTH_OF_ARTICLE):
        step = follow(step, f"<html><body><iframe src='/f/{number}.html'></iframe></body></html>")[1]
    assert len(follow(step, "<html><body><iframe src='/f/99.html'></iframe></body></html>")) == 1


def test_attachments_of_one_article_are_bounded_over_its_pages() -> None:
    spider, request = opened()
    files = "".join(f"<a href='{n}.pdf'>附件</a>" for n in range(4))
    more = "".join(f"<a href='{n}.pdf'>附件</a>" for n in range(10, 14))
    second, *first = follow(request, article(f"{files}<a href='t20240129_2023_1.shtml'>2</a>"))
    whole, *rest = follow(second, article(f"<p>二</p>{more}"))
    assert isinstance(whole, Snapshot)
    assert len(first) + len(rest) == documents.MAX_ATTACHMENTS
    assert spider.visit.issues == {"partial": 1}


def test_each_file_is_told_the_others_of_its_page() -> None:
    _, request = opened()
    _, *files = follow(request, article("<a href='1.pdf'>附件</a><a href='2.docx'>附件</a>"))
    found = [follow(file, b"%PDF-1.7", content_type="application/pdf")[0].context for file in files]
    folder = request.url.rpartition("/")[0]
    assert [one.siblings for one in found] == [(f"{folder}/2.docx",), (f"{folder}/1.pdf",)]
    _, alone = follow(opened()[1], article("<a href='1.pdf'>附件</a>"))
    assert follow(alone, b"%PDF-1.7", content_type="application/pdf")[0].context.siblings == ()


def test_of_an_article_in_pages_it_is_not_known_which_files_there_are() -> None:
    _, request = opened()
    second, file = follow(request, article("<a href='1.pdf'>附件</a><a href='t20240129_2023_1.shtml'>2</a>"))
    assert follow(file, b"%PDF-1.7", content_type="application/pdf")[0].context.siblings is None
    whole, more = follow(second, article("<p>二</p><a href='9.pdf'>附件</a>"))
    assert whole.context.siblings is None
    assert follow(more, b"%PDF-1.7", content_type="application/pdf")[0].context.siblings is None


def test_nothing_is_asked_for_on_foreign_hosts() -> None:
    spider, request = opened()
    out = follow(
        request,
        article('<iframe src="http://x.example.com/r.pdf"></iframe><a href="//y.example.com/r.pdf">附件</a>'),
    )
    assert [type(one) for one in out] == [Snapshot]
    assert spider.visit.issues == {"foreign_host": 2}
    assert ROOT in request.url
