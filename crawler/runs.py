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
from archive.errors import ArchiveError, named
from archive.store import Store
from crawler import capture, measured
from crawler.expectations import Pages, judge
from crawler.outcome import finish_reason, outcome, portal_status, too_few
from crawler.shut import REASON, shut
from crawler.summary import PortalRun
from pipelines.items import COUNTED, open_store, stat
from pipelines.report import PARSER
from spiders.base import FamilySpider, issue_found, portal_closed, portal_opened
from spiders.portals import Portal
from spiders.visit import Visit

log = logging.getLogger(__name__)

_TRAFFIC = {"requests": "downloader/request_count", "responses": "downloader/response_count"}
#: What became of documents that were read and are no report of anyone, in the summary's words.
_SET_ASIDE = {
    "refused": "content is no report",
    "unassigned": "issuer or year unknown",
    "unreadable": "unreadable",
}


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

    def _spider_opened(self) -> None:
        self._store = open_store(self._crawler)

    def _portal_opened(self, spider: FamilySpider, portal: Portal) -> None:
        try:
            self._begin(spider, portal)
        except ArchiveError as error:
            shut(self._crawler, portal.start[0], error)
            raise CloseSpider(REASON) from error

    def _begin(self, spider: FamilySpider, portal: Portal) -> None:
        self.store.add_portals([portal])
        whole = self._refetch or portal.key in self._refetched
        some = spider.year is not None or spider.sample is not None
        self._run = self.store.start_run(
            portal.key,
            command="crawl",
            parser=PARSER,
            mode="some" if some else "all" if whole else "new",
            log=self._log,
        )
        spider.visit.run = self._run
        capture.of(self._crawler).note_run(self.store.run_state(self._run), portal.start[0])
        if not whole:
            spider.known = self.store.known(portal.key) - self._wanting(portal.key)
        self._before = self._traffic()
        log.info("visit begins, %s addresses known", len(spider.known), extra={"spider": spider})

    def _wanting(self, portal: str) -> frozenset[str]:
        """Pages whose attachments did not come, since and in the last run that asked for everything."""
        sql = """
            SELECT DISTINCT i.url FROM run_issues i JOIN runs r ON r.id = i.run
            WHERE r.portal = :portal AND i.kind = 'attachment' AND r.started_at >= coalesce((
                SELECT max(started_at) FROM runs WHERE portal = :portal AND finish_reason = 'finished'
            ), '')
        """
        with self.store.alone():
            return frozenset(row["url"] for row in self.store.db.query(sql, {"portal": portal}))

    def _silent_before(self, portal: str, run: int) -> bool:
        """Whether the visit before this one, that was no sample, had no answer either."""
        sql = """
            SELECT finish_reason FROM runs WHERE portal = ? AND id IS NOT ? AND command = 'crawl'
            AND mode IS NOT 'some' ORDER BY started_at DESC LIMIT 1
        """
        with self.store.alone():
            row = self.store.db.execute(sql, [portal, run]).fetchone()
        return row is not None and row[0] == "unreachable"

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
        why = finish_reason(visit, reason, spider.rested, sampled=spider.enough())
        pages = self._hold(spider, self._run, why)
        traffic = self._traffic() - self._before
        done = {name: self._crawler.stats.get_value(stat(portal.key, name), 0) for name in COUNTED.values()}
        aside = {words: done[name] for name, words in _SET_ASIDE.items() if done[name]}
        ended = PortalRun(
            portal=portal.key,
            run=self._run,
            finish_reason=why,
            requests=traffic["requests"],
            responses=traffic["responses"],
            found=len(visit.found),
            known=len(visit.known),
            stored=done["stored"],
            unchanged=done["unchanged"],
            revised=done["revised"],
            copied=done["copied"],
            refused=dict(Counter(aside) + visit.refused),
            failed=dict(visit.issues),
        )
        run, self._run = self._run, None
        try:
            self._enter(run, visit, ended, done["refused"], pages)
        except ArchiveError as error:
            shut(self._crawler, portal.start[0], error)
            ended = replace(ended, finish_reason=REASON)
        self.runs.append(ended)
        log.info("visit ended: %s", ended, extra={"spider": spider})
        capture.of(self._crawler).note_run(self.store.run_state(run))

    def _hold(self, spider: FamilySpider, run: int, why: str) -> Pages:
        """Hold a visit against what is expected of its portal; gives what its new pages came to."""
        visit, portal = spider.visit, spider.visit.portal
        try:
            with self.store.alone(), named(self.store.path):
                came = measured.came(self.store.db, run, visit, why)
                if spider.year is not None or spider.sample is not None:
                    return came.pages
                before = measured.before(self.store.db, run, portal, came.system)
                year = measured.year(self.store.db, portal.key, times.now())
            if self.store.demo and portal.expect.reports_a_year is None:
                year = None  # the years of sample portals stand still
        except ArchiveError as error:
            shut(self._crawler, portal.start[0], error)
            return Pages()
        if short := too_few(visit, why):
            spider.issue("fewer_than_expected", portal.start[0], short)
        for broken in judge(portal.expect, came, before, year):
            spider.issue(broken.kind, portal.start[0], broken.message)
        return came.pages

    def _enter(self, run: int, visit: Visit, ended: PortalRun, refused: int, pages: Pages) -> None:
        """Close the row of a visit, and with it say how the portal stands."""
        status = portal_status(visit, ended.finish_reason)
        self.store.finish_run(
            run,
            reason=ended.finish_reason,
            outcome=outcome(status, silent_before=self._silent_before(visit.portal.key, run)),
            system=visit.system,
            requests=ended.requests,
            responses=ended.responses,
            found=ended.found,
            known=ended.known,
            stored=ended.stored,
            unchanged=ended.unchanged,
            revised=ended.revised,
            copied=ended.copied,
            refused=refused,
            failed=sum(ended.failed.values()),
            pages=pages.pages,
            titled=pages.titled,
            assigned=pages.assigned,
            dated=pages.dated,
            tabled=pages.tabled,
            failing=pages.failing,
        )
        if status is not None:
            self.store.set_portal_status(visit.portal.key, status)

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
