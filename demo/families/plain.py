"""What the rarer systems share: plain articles, and every way in which one may be hard to reach."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from urllib.parse import parse_qs, quote, urlsplit

from demo import chrome
from demo.portal import Answer, Portal, Request
from demo.site import Column, Entry

_DOWNLOAD = "/module/download/downfile.jsp"
_VIEWER = "/pdfjs/web/viewer.html"
_NOT_FOUND = "<html><head><title>页面不存在</title></head><body><p>您访问的页面不存在</p></body></html>"


class PlainPortal(Portal):
    """A portal whose lists are rows of links; subclasses say where they are and what pages them."""

    #: Class of the element around an article's text.
    box = "article-content"

    def __init__(self, site: object, base: str) -> None:
        self._files: dict[str, Answer] = {}
        super().__init__(site, base)  # type: ignore[arg-type]
        if self._files:
            self.add(_DOWNLOAD, self._download)

    # -- addresses -----------------------------------------------------------

    def address(self, column: Column, entry: Entry) -> str:
        """Path of the article; of the file itself where the list links that."""
        if entry.way == "straight":
            return self.attachment_path(column, entry)
        return super().address(column, entry)

    def attachment_path(self, column: Column, entry: Entry) -> str:
        assert entry.attachment is not None
        ending = entry.attachment.extension
        if entry.way == "downfile":
            return f"{_DOWNLOAD}?classid=0&showname={entry.number}.{ending}&filename={entry.hex}.{ending}"
        if entry.way == "m00":
            return f"/group6/M00/02/1A/{entry.hex[:20]}.{ending}"
        return f"{self.path_of(column, entry).rpartition('.')[0]}.{ending}"

    def text_path(self, column: Column, entry: Entry) -> str:
        if entry.way == "frame":
            return self._frame(column, entry)
        return self._moved(column, entry) if entry.way == "refresh" else self.address(column, entry)

    def href(self, column: Column, entry: Entry) -> str:
        """Address of an entry as a list writes it."""
        if entry.kind == "foreign" and entry.path:
            return entry.path
        path = self.address(column, entry)
        if entry.way != "gateway":
            return path
        host, _, port = urlsplit(self.base).netloc.partition(":")
        return f"http://{host.replace('.', '-')}x45c8968723868xx.ipv6best.cn:{port}{path}"

    # -- lists ---------------------------------------------------------------

    def rows(self, column: Column, entries: Iterable[Entry], tag: str = "li") -> str:
        """Rows with link, short title and date."""
        return "\n".join(
            f'<{tag}><a href="{escape(self.href(column, entry))}" title="{escape(entry.title)}">'
            f"{chrome.shortened(entry.title)}</a><span>{entry.day}</span></{tag}>"
            for entry in entries
        )

    def window(self, column: Column, number: int) -> tuple[Entry, ...]:
        """Entries of a page, counted from 1."""
        return column.entries[(number - 1) * column.per_page : number * column.per_page]

    def pages(self, column: Column) -> int:
        """Number of pages."""
        return max(1, -(-len(column.entries) // column.per_page))

    def listing(self, column: Column, body: str, extra: str = "") -> Answer:
        """A column's page with this body."""
        head = chrome.head(self.site, column, extra=extra)
        return self.html(chrome.page(self.site, head, f"{self.breadcrumb(column)}\n{body}"))

    def fixed(self, path: str, answer: Answer) -> None:
        """Always the same answer at this path."""
        self.add(path, lambda request: answer)

    # -- articles ------------------------------------------------------------

    def article(self, column: Column, entry: Entry) -> str:
        headline = f"<h1>{escape(entry.title)}</h1>" if entry.headline else ""
        body = (
            f"{self.breadcrumb(column)}\n{headline}\n{chrome.date_line(entry, self.hits(entry))}\n"
            f'<div class="{self.box}">\n{self._text(column, entry)}\n</div>\n'
            f"{self._attached(column, entry)}{chrome.tools()}"
        )
        return chrome.page(self.site, chrome.head(self.site, column, entry), body)

    def _text(self, column: Column, entry: Entry) -> str:
        if entry.way == "frame":
            return f'<iframe src="{self._frame(column, entry)}" width="100%" height="900"></iframe>'
        if entry.way == "viewer":
            file = quote(self.attachment_path(column, entry), safe="")
            return f'<iframe src="{_VIEWER}?file={file}" width="100%" height="900"></iframe>'
        return entry.body

    def _attached(self, column: Column, entry: Entry) -> str:
        if entry.attachment is None or entry.way == "viewer":
            return ""
        href = escape(self.attachment_path(column, entry))
        return f'<div class="fujian">附件：<a href="{href}">{escape(entry.attachment.name)}</a></div>\n'

    def _frame(self, column: Column, entry: Entry) -> str:
        return f"{self.path_of(column, entry).rpartition('.')[0]}_text.html"

    def _moved(self, column: Column, entry: Entry) -> str:
        return f"{self.path_of(column, entry).rpartition('.')[0]}_new.html"

    def _add_article(self, column: Column, entry: Entry) -> None:
        if entry.kind == "foreign":
            return
        path = self.address(column, entry)
        if entry.way == "soft404":
            self.fixed(path, Answer(_NOT_FOUND.encode()))
        elif entry.way == "home":
            self.fixed(path, Answer(b"", status=302, headers={"Location": "/"}))
        elif entry.way == "refresh":
            moved = self._moved(column, entry)
            page = (
                f'<html><head><meta http-equiv="refresh" content="0;url={moved}"></head><body></body></html>'
            )
            self.fixed(path, Answer(page.encode()))
            self.add(moved, lambda request: self.html(self.article(column, self.current(entry))))
        elif entry.way != "straight":
            self.add(path, lambda request: self.html(self.article(column, self.current(entry))))
        if entry.way == "frame":
            self.add(
                self._frame(column, entry),
                lambda request: self.html(f"<html><body>{entry.body}</body></html>"),
            )
        self._add_file(column, entry)

    def _add_file(self, column: Column, entry: Entry) -> None:
        if entry.attachment is None:
            return
        answer = Answer(entry.attachment.data, entry.attachment.media_type)
        if entry.way == "downfile":
            # As such programs answer: whatever it is, it is bytes.
            name = f"{entry.hex}.{entry.attachment.extension}"
            self._files[name] = Answer(entry.attachment.data, "application/octet-stream")
        else:
            self.fixed(self.attachment_path(column, entry), answer)

    def _download(self, request: Request) -> Answer:
        name = parse_qs(request.query).get("filename", [""])[0]
        return self._files.get(name) or self.not_found()
