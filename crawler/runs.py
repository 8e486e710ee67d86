"""One ``runs`` row a portal a crawl, and ``run_issues`` for all that went wrong."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from archive import times
from archive.candidates import Outcome as Kept
from archive.errors import ArchiveError
from archive.store import Store
from crawler import capture
from crawler.books import Books, Ended, Say, mode_of, told
from crawler.outcome import finish_reason
from crawler.shut import REASON, shut
from crawler.summary import PortalRun
from pipelines.items import COUNTED, open_store, stat
from spiders.base import FamilySpider, issue_found, portal_closed, portal_opened
from spiders.portals import Portal

log = logging.getLogger(__name__)

_TRAFFIC = {"requests": "downloader/request_count", "responses": "downloader/response_count"}


class Ledger:
    """Extension that keeps the books and tells the spider what is known already."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._refetch = crawler.settings.getbool("GONGKAI_REFETCH")
        self._refetched = frozenset(crawler.settings.getlist("GONGKAI_REFETCH_PORTALS"))
        self._log = crawler.settings.get("GONGKAI_LOG")
        self._alone = crawler.settings.getbool("GONGKAI_COVERAGE")
        self._store: Store | None = None
        self._run: int | None = None
        self._before: Counter[str] = Counter()
        #: Visits that have ended.
        self.runs: list[PortalRun] = []
        for handler, signal in (
            (self._spider_opened, signals.spider_opened),
            (self._portal_opened, portal_opened),
            (self._issue_found, issue_found),
            (self._spider_error, signals.spider_error),
            (self._item_error, signals.item_error),
            (self._item_scraped, signals.item_scraped),
            (self._item_dropped, signals.item_dropped),
            (self._portal_closed, portal_closed),
            (self._spider_closed, signals.spider_closed),
        ):
            crawler.signals.connect(handler, signal)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Ledger:
        return cls(crawler)

    @property
    def store(self) -> Store:
        assert self._store is not None, "the ledger is open from spider_opened to spider_closed"
        return self._store

    @property
    def books(self) -> Books:
        return Books(self.store)

    def _spider_opened(self) -> None:
        self._store = open_store(self._crawler)

    def _portal_opened(self, spider: FamilySpider, portal: Portal) -> None:
        try:
            self._begin(spider, portal)
        except ArchiveError as error:
            shut(self._crawler, portal.start[0], error)
            raise CloseSpider(REASON) from error

    def _begin(self, spider: FamilySpider, portal: Portal) -> None:
        whole = self._refetch or portal.key in self._refetched
        self._run = self.books.begin(portal, mode=mode_of(some=_some(spider), whole=whole), log=self._log)
        spider.visit.run = self._run
        capture.of(self._crawler).note_run(self.store.run_state(self._run), portal.start[0])
        if not whole:
            spider.known = self._known(portal)
        self._before = self._traffic()
        log.info("visit begins, %s addresses known", len(spider.known), extra={"spider": spider})

    def _known(self, portal: Portal) -> frozenset[str]:
        return self.books.known(portal.key)

    def _traffic(self) -> Counter[str]:
        stats = self._crawler.stats
        return Counter({name: stats.get_value(key, 0) for name, key in _TRAFFIC.items()})

    # -- what goes wrong -------------------------------------------------------

    def _issue_found(self, kind: str, url: str, message: str) -> None:
        if self._run is None:
            return
        try:
            self.store.add_issue(self._run, kind, url, message)
        except ArchiveError as error:
            shut(self._crawler, url, error)

    def _spider_error(self, failure: Failure, response: Response | None, spider: FamilySpider) -> None:
        self._error(spider, response.url if response is not None else "", failure)

    def _item_error(
        self, item: Any, response: Response | None, spider: FamilySpider, failure: Failure
    ) -> None:
        self._error(spider, getattr(item, "url", response.url if response is not None else ""), failure)

    def _error(self, spider: FamilySpider, url: str, failure: Failure) -> None:
        if not hasattr(spider, "visit"):  # nothing has begun that it could belong to; Scrapy has logged it
            return
        spider.issue("error", url, f"{failure.type.__name__}: {failure.getErrorMessage()}"[:500])  # type: ignore[union-attr]

    def _item_dropped(self, item: Any, exception: BaseException, spider: FamilySpider) -> None:
        snapshot = getattr(item, "snapshot", item)
        if isinstance(exception.__cause__, ArchiveError):
            shut(self._crawler, getattr(snapshot, "url", ""), exception.__cause__)
            return
        spider.issue("dropped", getattr(snapshot, "url", ""), str(exception))

    def _item_scraped(self, item: Any, spider: FamilySpider) -> None:
        if not isinstance(item, Kept):
            return
        if item.action in ("unassigned", "unreadable"):
            spider.issue(item.action, item.url, item.reason or item.action)
        else:
            about = {"spider": spider, "url": item.url, "report": item.report}
            log.info("%s%s", item.action, f": {item.reason}" if item.reason else "", extra=about)

    # -- the end ---------------------------------------------------------------

    def _portal_closed(self, spider: FamilySpider, portal: Portal, reason: str) -> None:
        if self._run is None:
            return
        visit = spider.visit
        traffic = self._traffic() - self._before
        ended = Ended(
            visit=visit,
            reason=finish_reason(visit, reason, spider.rested, sampled=spider.enough()),
            requests=traffic["requests"],
            responses=traffic["responses"],
            whole=not _some(spider),
            finished_at=times.now(),
        )
        try:
            came = self._close(self._run, ended, spider.issue)
        except ArchiveError as error:
            shut(self._crawler, portal.start[0], error)
            came = told(self._run, replace(ended, reason=REASON), self._done(portal))
        run, self._run = self._run, None
        self.runs.append(came)
        log.info("visit ended: %s", came, extra={"spider": spider})
        self._note_end(run)

    def _close(self, run: int, ended: Ended, say: Say) -> PortalRun:
        return self.books.close(run, ended, self._done(ended.visit.portal), say)

    def _done(self, portal: Portal) -> dict[str, int]:
        stats = self._crawler.stats
        return {name: stats.get_value(stat(portal.key, name), 0) for name in COUNTED.values()}

    def _note_end(self, run: int) -> None:
        capture.of(self._crawler).note_run(self.store.run_state(run))

    def _spider_closed(self, spider: FamilySpider, reason: str) -> None:
        spider.close_visit(reason)
        if self._store is None:
            return
        try:
            if self._alone:
                self._store.refresh_coverage()
        finally:
            self._store.close()
            self._store = None


def _some(spider: FamilySpider) -> bool:
    """Whether a visit is a sample, or for one year."""
    return spider.year is not None or spider.sample is not None
