"""A bar while crawling: pages, reports, findings. Only where stderr is a terminal."""

from __future__ import annotations

import sys
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from tqdm import tqdm

from archive.candidates import Outcome


class Progress:
    """One bar for all portals that this process crawls."""

    _bar: tqdm[Any] | None = None
    _counts: dict[str, int] = {}  # noqa: RUF012 (the bar is shared, and so is what it shows)
    _open = 0

    def __init__(self, crawler: Crawler) -> None:
        if not (crawler.settings.getbool("GONGKAI_PROGRESS") and sys.stderr.isatty()):
            raise NotConfigured
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._page, signals.response_received)
        crawler.signals.connect(self._item, signals.item_scraped)
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Progress:
        return cls(crawler)

    def _opened(self) -> None:
        cls = type(self)
        if cls._bar is None:
            cls._bar = tqdm(unit=" pages", desc="crawling", file=sys.stderr, leave=False)
            cls._counts = {"reports": 0, "findings": 0}
        cls._open += 1

    def _page(self) -> None:
        if self._bar is not None:
            self._bar.update()

    def _item(self, item: Any) -> None:
        if self._bar is None or not isinstance(item, Outcome) or item.report is None:
            return
        self._counts["reports"] += 1
        self._counts["findings"] += item.findings
        self._bar.set_postfix(self._counts, refresh=False)

    def _closed(self) -> None:
        cls = type(self)
        cls._open -= 1
        if cls._open == 0 and cls._bar is not None:
            cls._bar.close()
            cls._bar = None
