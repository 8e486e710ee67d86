"""Articles that do not show their report: split over pages, in pictures, in frames, behind scripts.

Around each stand the things that must not be taken for it: a box of recommended
downloads, the site's manual, a logo, a QR code, links that only a script would make.
"""

from __future__ import annotations

from html import escape

from demo.families.numeric import NumericPortal
from demo.portal import Answer
from demo.site import Column, Entry

_MANUAL = "/common/help/manual.pdf"
_LOGO = "/images/logo.png"
_OTHERS = "/download/recommended.docx"
_COMMENTED = "/old/report.pdf"
_TEMPLATED = "/template/report.pdf"


class PiecesPortal(NumericPortal):
    """What leads to an article's report depends on the entry's way."""

    @property
    def decoys(self) -> tuple[str, ...]:
        """Addresses on the articles' pages that nobody who reads reports should ask for."""
        return (_MANUAL, _LOGO, _OTHERS, _COMMENTED, _TEMPLATED, "/images/ewm.png")

    def add_lists(self) -> None:
        super().add_lists()
        for path in self.decoys:
            self.fixed(path, Answer(b"%PDF-1.4\n%%EOF", "application/octet-stream"))

    def part_paths(self, column: Column, entry: Entry) -> tuple[str, ...]:
        """Further pages and pictures of an article, in their order."""
        stem = self.path_of(column, entry).rpartition(".")[0]
        if entry.way == "paged":
            path = self.path_of(column, entry)
            return tuple(f"{path}?page={n}" for n in range(2, len(entry.further) + 2))
        if entry.way == "split":
            return tuple(f"{stem}_{n}.html" for n in range(1, len(entry.further) + 1))
        return tuple(f"{stem}/{picture.name}" for picture in entry.pictures)

    def text_path(self, column: Column, entry: Entry) -> str:
        if entry.way in ("nested", "script"):
            return self._inner(column, entry)
        return super().text_path(column, entry)

    def attachment_path(self, column: Column, entry: Entry) -> str:
        assert entry.attachment is not None
        if entry.way == "unnamed":  # what it is, only its bytes say
            return f"/portal/attach/?id={entry.number}"
        return super().attachment_path(column, entry)

    def _inner(self, column: Column, entry: Entry) -> str:
        return f"{self.path_of(column, entry).rpartition('.')[0]}_inner.html"

    def _text(self, column: Column, entry: Entry) -> str:
        stem = self.path_of(column, entry).rpartition(".")[0]
        if entry.way == "split":
            name, pages = stem.rpartition("/")[2], len(entry.further) + 1
            return f'{entry.body}<script>createPageHTML({pages}, 0, "{name}", "html");</script>'
        if entry.way == "paged":
            return entry.body + self._pager(column, entry, 1)
        if entry.way == "pictures":
            return "".join(f'<p><img src="{path}"></p>' for path in self.part_paths(column, entry))
        if entry.way == "nested":
            return f'<iframe src="{stem}_frame.html" width="100%" height="900"></iframe>'
        return super()._text(column, entry)

    def _pager(self, column: Column, entry: Entry, number: int) -> str:
        paths = (self.path_of(column, entry), *self.part_paths(column, entry))
        links = "".join(f'<a href="{path}">{n}</a> ' for n, path in enumerate(paths, start=1))
        following = f'<a href="{paths[number]}">下一页</a>' if number < len(paths) else ""
        return f'<div class="fenye">{links}{following}</div>'

    def _attached(self, column: Column, entry: Entry) -> str:
        if entry.way == "clicked" and entry.attachment:
            path = self.attachment_path(column, entry).replace("/", "\\", 1)
            own = (
                f'<div class="fujian"><a href="javascript:void(0)" onclick="window.open(\'{path}\')">'
                "点击下载</a></div>\n"
            )
        elif entry.way == "unnamed":
            href = escape(self.attachment_path(column, entry))
            own = f'<div class="fujian"><a href="{href}">附件</a></div>\n'
        else:
            own = super()._attached(column, entry)
        return own + self._decoys()

    def _decoys(self) -> str:
        return (
            f'<!-- <a href="{_COMMENTED}">附件：年度报告.pdf</a> -->\n'
            f'<template><a href="{_TEMPLATED}">附件</a></template>\n'
            f'<div class="xgxz"><h3>推荐下载</h3><ul><li><a href="{_OTHERS}">附件下载</a></li></ul></div>\n'
            f'<div class="footer"><a href="{_MANUAL}">使用帮助.pdf</a><img src="{_LOGO}"></div>\n'
        )

    def _add_article(self, column: Column, entry: Entry) -> None:
        if entry.way == "script":
            inner = self._inner(column, entry)
            shell = f"<html><head></head><body><script>window.location.href='{inner}';</script></body></html>"
            self.fixed(self.address(column, entry), Answer(shell.encode()))
            self.add(inner, lambda request: self.html(self.article(column, self.current(entry))))
            return
        if entry.way == "paged":
            self.add(self.path_of(column, entry), lambda request: self._paged(column, entry, request.query))
            return
        super()._add_article(column, entry)
        stem = self.path_of(column, entry).rpartition(".")[0]
        if entry.way == "nested":
            self.fixed(f"{stem}_frame.html", self._frame_of(f'<iframe src="{self._inner(column, entry)}">'))
            self.fixed(self._inner(column, entry), self._frame_of(entry.body))
        for path, body in zip(self.part_paths(column, entry), entry.further, strict=False):
            self.fixed(path, self.html(self._page(column, entry, body)))
        for path, picture in zip(self.part_paths(column, entry), entry.pictures, strict=False):
            self.fixed(path, Answer(picture.data, picture.media_type))

    def _add_file(self, column: Column, entry: Entry) -> None:
        if entry.way == "unnamed" and entry.attachment:
            data = entry.attachment.data
            self.add("/portal/attach/", lambda request: Answer(data, "application/octet-stream"))
        else:
            super()._add_file(column, entry)

    def _paged(self, column: Column, entry: Entry, query: str) -> Answer:
        """An article that takes its page's number from the query, and takes it for 1 if it has none such."""
        wanted = query.removeprefix("page=")
        number = int(wanted) if wanted.isdigit() and 1 < int(wanted) <= len(entry.further) + 1 else 1
        if number == 1:
            return self.html(self.article(column, entry))
        body = entry.further[number - 2] + self._pager(column, entry, number)
        return self.html(self._page(column, entry, body))

    def _page(self, column: Column, entry: Entry, body: str) -> str:
        """A further page: the same head and chrome around another body."""
        return self.article(column, entry).replace(self._text(column, entry), body)

    def _frame_of(self, body: str) -> Answer:
        return self.html(f"<html><body>{body}</body></html>")
