"""What every sample portal does, whatever its system: pages by address, robots.txt, counters, charset."""

from __future__ import annotations

import itertools
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from demo import chrome
from demo.site import Column, Entry, Site

#: Where the counters of a counting portal start; any number will do.
_FIRST_HIT = 1207


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for, nothing decoded."""

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    referer: str = ""
    scheme: str = "http"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    body: bytes
    media_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Page = Callable[[Request], Answer]


class Portal(ABC):
    """One site at one address. Subclasses know a family's addresses and markup.

    Options of every family: ``silent`` (no answer), ``challenging`` (a challenge is all there is),
    ``led_to`` (everything leads to the same path at this base), ``drawn`` (a script draws the lists).
    """

    def __init__(self, site: Site, base: str) -> None:
        """``base``: scheme, host and port, without a slash at the end."""
        self.site = site
        self.base = base
        self._hits = itertools.count(_FIRST_HIT)
        #: What is answered in the place of everything.
        self.instead: Answer | None = None
        self._edited: dict[str, Entry] = {}
        self._pages: dict[str, Page] = {}
        for column in site.columns:
            for entry in column.entries:
                self._add_article(column, entry)
        self.add_lists()
        self.add("/", lambda request: self.html(self.home()))
        if site.options.get("drawn"):
            self._draw_lists()

    @property
    def speaks(self) -> frozenset[str]:
        """Schemes the portal answers over; none: it takes no connection."""
        return frozenset() if self.site.options.get("silent") else frozenset(("http",))

    @property
    def issues(self) -> tuple[tuple[str, str], ...]:
        """What a crawl must record of the portal beside its entries: (kind, address)."""
        return tuple((kind, self.base + path) for kind, path in self.site.issues)

    @property
    def start(self) -> tuple[str, ...]:
        """Addresses of the report columns, for the registry."""
        return tuple(self.base + self.list_path(column) for column in self.site.columns)

    @abstractmethod
    def list_path(self, column: Column) -> str:
        """Path of a column's first page."""

    @abstractmethod
    def path_of(self, column: Column, entry: Entry) -> str:
        """Where the family puts an article."""

    @abstractmethod
    def add_lists(self) -> None:
        """Put the family's list pages in place with ``add``."""

    @abstractmethod
    def article(self, column: Column, entry: Entry) -> str:
        """The article's page."""

    def breadcrumb(self, column: Column, link_class: str = "") -> str:
        """您现在的位置, for the column's lists and articles."""
        return chrome.breadcrumb(column, self.list_path(column), link_class)

    def home(self) -> str:
        """The front page: a link to each report column."""
        links = "".join(
            f'<li><a href="{self.list_path(column)}">{escape(column.name)}</a></li>'
            for column in self.site.columns
        )
        column = self.site.columns[0]
        return chrome.page(self.site, chrome.head(self.site, column), f"<ul>{links}</ul>")

    def add(self, path: str, page: Page) -> None:
        """Answer this path with this page; raises ``ValueError`` for a path that is taken."""
        if path in self._pages:
            raise ValueError(f"{self.site.key}: two pages at {path}")
        self._pages[path] = page

    def address(self, column: Column, entry: Entry) -> str:
        """Path of an article, wherever it lies."""
        return entry.path or self.path_of(column, entry)

    def text_path(self, column: Column, entry: Entry) -> str:
        """Where an article's text itself stands, if its page only leads there."""
        return self.address(column, entry)

    def part_paths(self, column: Column, entry: Entry) -> tuple[str, ...]:
        """Paths of an article's further pages and pictures."""
        return ()

    @property
    def decoys(self) -> tuple[str, ...]:
        """Paths that articles link to and that are no part of them."""
        return ()

    def attachment_path(self, column: Column, entry: Entry) -> str:
        """Path of an article's attachment; beside the article unless the family says otherwise."""
        assert entry.attachment is not None
        return f"{self.address(column, entry).rpartition('.')[0]}.{entry.attachment.extension}"

    def current(self, entry: Entry) -> Entry:
        """The entry as it stands after any edit."""
        return self._edited.get(entry.key, entry)

    def edit(self, entry: Entry) -> None:
        """Let this entry stand in the place of the one with the same key."""
        self._edited[entry.key] = entry

    def answer(self, request: Request) -> Answer:
        """The answer to one request; unknown addresses get a 404."""
        if self.instead is not None:
            return self.instead
        if base := self.site.options.get("led_to"):
            return Answer(b"", status=301, headers={"Location": f"{base}{request.path}"})
        if request.path == "/robots.txt":
            if self.site.robots is None:
                return self.not_found()
            return Answer(self.site.robots.encode(), "text/plain; charset=utf-8")
        page = self._pages.get(request.path)
        return page(request) if page else self.not_found()

    def _draw_lists(self) -> None:
        """First pages are shells, so that nothing leads to the others."""

        def shell(column: Column) -> Page:
            body = f'{self.breadcrumb(column)}\n<div id="app"></div><script src="/static/app.js"></script>'
            return lambda request: self.html(chrome.page(self.site, chrome.head(self.site, column), body))

        for column in self.site.columns:
            self._pages[self.list_path(column)] = shell(column)

    def not_found(self) -> Answer:
        """The portal's 404."""
        return Answer("<html><body><h1>404</h1><p>页面不存在</p></body></html>".encode(), status=404)

    def html(self, text: str) -> Answer:
        """A page in the portal's charset; gb2312 is what GBK portals call their GBK."""
        codec = "gbk" if self.site.charset == "gb2312" else self.site.charset
        return Answer(text.encode(codec), f"text/html; charset={self.site.charset}")

    def json(self, content: Any) -> Answer:
        """A JSON answer."""
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return Answer(text.encode(), "application/json;charset=UTF-8")

    def hits(self, entry: Entry | None = None) -> int:
        """Page views: moves with every fetch on a counting portal, else stands still."""
        if self.site.counting:
            return next(self._hits)
        return entry.number % 900 if entry else 0

    def _add_article(self, column: Column, entry: Entry) -> None:
        def page(request: Request) -> Answer:
            return self.html(self.article(column, self.current(entry)))

        self.add(self.address(column, entry), page)
        attachment = entry.attachment
        if attachment is not None:
            answer = Answer(attachment.data, attachment.media_type)
            self.add(self.attachment_path(column, entry), lambda request: answer)
