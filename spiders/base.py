"""The one contract of all spiders: a portal, a year, a sample; lists are paged, reports fetched.

A family is a subclass with a ``name`` and ``read``: what one page of its lists says.
Everything else is here: which links are reports, what is known already, attachments,
bounds, and that nothing that goes wrong is lost. Items are ``archive.records.Snapshot``.
A spider visits its portals one after another.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DontCloseSpider
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from twisted.python.failure import Failure

from spiders import failures, portals
from spiders.documents import DocumentSpider, status_of
from spiders.documents import Recorded as Recorded  # what has been reported, for all that report
from spiders.fingerprints import system_of
from spiders.hosts import host_of
from spiders.identity import contradiction
from spiders.kinds import KINDS
from spiders.links import Link, TooManyLinksError, clipped, plain
from spiders.lists import Column, ListError, ListPage
from spiders.portals import Portal
from spiders.titles import judge
from spiders.visit import Chain, Visit

log = logging.getLogger(__name__)

#: Signals: a portal's visit begins (before its first request), ends, has something to report.
portal_opened = object()
portal_closed = object()
issue_found = object()

#: In a request's meta: it asks for a page of a list.
LIST = "list"
#: A report column has about twenty rows an issuer, 15 to 20 a page: 30 pages are a city's whole
#: collection, and more is a calendar or a pager that never ends.
MAX_PAGES = 30
#: Collections of collections end at the third level: city, its districts, a district's offices.
MAX_DEPTH = 3
#: Columns followed from one portal; the largest collections seen list a city's fifty-odd units.
MAX_COLUMNS = 100
#: Failures in a row without as much as a header; each has had its tries and time-outs. No county's
#: network is down for so long and back for the rest of the run.
MAX_SILENT = 5


class FamilySpider(DocumentSpider):
    """Visits portals of one family. ``-a portal=KEY`` one of them, else all of the registry."""

    def __init__(
        self,
        portal: Portal | str | None = None,
        year: int | str | None = None,
        sample: int | str | None = None,
        _job: str | None = None,  # Scrapyd gives each spider the number of its job
    ) -> None:
        super().__init__()
        self.year = _number("year", year, least=1990)
        self.sample = _number("sample", sample, least=1)
        self.rested = {}
        self._wanted = portal
        self._waiting: deque[Portal] = deque()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> FamilySpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider._waiting.extend(spider._choose(crawler.settings.get("GONGKAI_PORTALS")))
        crawler.signals.connect(spider._idle, signals.spider_idle)
        crawler.signals.connect(spider._heard, signals.response_downloaded)
        return spider

    def _choose(self, folder: str | Path | None) -> list[Portal]:
        if isinstance(self._wanted, Portal):
            chosen = [self._wanted]
        else:
            registry = portals.load(Path(folder) if folder else None)
            chosen = [p for p in registry.values() if p.family == self.name and self._wanted in (None, p.key)]
        if not chosen or any(p.family != self.name for p in chosen):
            asked = f"portal {self._wanted!r}" if self._wanted else "no portal"
            raise ValueError(f"{asked} of family {self.name} in the registry")
        return chosen

    # -- what a family says ------------------------------------------------

    def first_requests(self, portal: Portal) -> list[Request]:
        """The requests a visit begins with: the portal's report columns."""
        return [Request(url) for url in portal.start]

    def read(self, response: Response, portal: Portal, **state: Any) -> ListPage:
        """One page of a list; raises ``ListError`` if it is none. No request, no side effect."""
        raise NotImplementedError(f"{type(self).__name__} does not say how its lists are read")

    # -- a visit -----------------------------------------------------------

    async def start(self) -> AsyncIterator[Any]:
        for request in self._open():
            yield request

    def _open(self) -> list[Request]:
        """Begins the next visit; raises what a listener raised, for a crawl nobody records is no crawl."""
        portal = self._waiting.popleft()
        self.visit = Visit(portal)
        self.known = frozenset()
        told = self.crawler.signals.send_catch_log(
            portal_opened, dont_log=CloseSpider, spider=self, portal=portal
        )
        for _, result in told:
            if isinstance(result, Failure):
                result.raiseException()
        requests = self.first_requests(portal)
        self.visit.columns.update(request.url for request in requests)
        return [self._list_request(request, Chain(request.url)) for request in requests]

    def _idle(self) -> None:
        """Nothing left to do for this portal: close the visit and go on to the next."""
        self.close_visit("finished")
        if not self._waiting:
            return
        try:
            requests = self._open()
        except CloseSpider:
            raise
        except Exception as error:
            log.exception("the visit could not begin")
            raise CloseSpider("error") from error
        for request in requests:
            self.crawler.engine.crawl(request)
        raise DontCloseSpider

    def close_visit(self, reason: str) -> None:
        """Ends the present visit once."""
        if hasattr(self, "visit") and not self.visit.closed:
            self.visit.closed = True
            self.crawler.signals.send_catch_log(
                portal_closed, spider=self, portal=self.visit.portal, reason=reason
            )

    def issue(self, kind: str, url: str, message: str) -> None:
        """Reports what went wrong, as ``Visit.note`` has it listed.

        Raises ``ValueError`` for a kind that ``spiders.kinds`` does not explain.
        """
        if kind not in KINDS:
            raise ValueError(f"{kind!r} is no kind of issue")
        listed = self.visit.note(kind, clipped(url), plain(message))
        if listed is None:
            return
        kind, url, message = listed
        log.warning(
            "%s: %s", kind, message, extra={"portal": self.visit.portal.key, "url": url, "spider": self}
        )
        self.crawler.signals.send_catch_log(issue_found, spider=self, kind=kind, url=url, message=message)

    # -- lists -------------------------------------------------------------

    def _list_request(self, request: Request, chain: Chain) -> Request:
        return request.replace(
            callback=self.parse_list,
            errback=self.list_failed,
            cb_kwargs={"chain": chain, **request.cb_kwargs},
            meta={**request.meta, LIST: True},
            priority=1,  # lists before reports, so that totals and years are known early
        )

    def parse_list(self, response: Response, chain: Chain, **state: Any) -> Iterator[Request]:
        """Follows what one page of a list offers."""
        if self.visit.system is None:
            self.visit.system = system_of(response)
        try:
            page = self.read(response, self.visit.portal, **state)
        except (ListError, TooManyLinksError) as error:
            self.issue("unreadable_list", response.url, str(error))
            self._end(chain)
            return
        said = page.links or page.columns or page.next or page.issues or page.total is not None
        if chain.pages == 0 and not said:
            # A challenge may leave an empty page with status 200; a list links something, if only menus.
            self.issue("unreadable_list", response.url, "the page holds not one link")
            return
        self.visit.read += 1
        chain.pages += 1
        chain.name = chain.name or page.name
        chain.total = page.total if page.total is not None else chain.total
        for kind, message in page.issues:
            self.issue(kind, response.url, message)
        if elsewhere := contradiction(response, self.visit.portal):
            self.issue("site_id_code", chain.start, elsewhere)
        fresh = [link for link in page.links if link.url not in chain.seen]
        new_rows = len({link.url for link in page.rows()} - chain.seen)
        chain.rows += new_rows
        chain.seen.update(link.url for link in fresh)
        found = len(self.visit.found)
        for link in fresh:
            yield from self._follow(link, chain)
        for column in page.columns:
            yield from self._column(column, chain)
        # A first page may be a shell whose rows come with the next answer. After that only rows and
        # reports count as progress: a pager's own links are new on every page.
        progress = chain.pages == 1 or new_rows > 0 or len(self.visit.found) > found or page.repeats
        yield from self._onward(page, chain, progress)

    def _onward(self, page: ListPage, chain: Chain, progress: bool) -> Iterator[Request]:
        """The next page, unless the list is over or enough has been seen of it."""
        complete = page.exact and chain.total is not None and chain.rows >= chain.total
        if page.next is None or complete or not progress:
            self._end(chain)
        elif self.enough():
            return
        elif chain.pages >= MAX_PAGES:
            self.issue("partial", chain.start, f"the list goes on after {MAX_PAGES} pages; no more were read")
        else:
            yield self._list_request(page.next, chain)

    def _end(self, chain: Chain) -> None:
        if chain.total is not None and chain.rows < chain.total:
            message = f"the list states {chain.total} rows, {chain.rows} were found on {chain.pages} pages"
            self.issue("partial", chain.start, message)

    def enough(self) -> bool:
        """Whether the sample that was asked for is complete."""
        return self.sample is not None and self.visit.reports >= self.sample

    def _column(self, column: Column, chain: Chain) -> Iterator[Request]:
        """A list found on a list, within bounds."""
        url = column.request.url
        if url in self.visit.columns or not self._own(url):
            return
        if chain.depth >= MAX_DEPTH or len(self.visit.columns) >= MAX_COLUMNS:
            self.issue("partial", url, f"{MAX_COLUMNS} columns or {MAX_DEPTH} levels reached; not followed")
            return
        self.visit.columns.add(url)
        yield self._list_request(column.request, Chain(url, column.name, chain.depth + 1))

    def _follow(self, link: Link, chain: Chain) -> Iterator[Request]:
        """A link of a list: a report, a list of reports, or neither."""
        if (link.url, link.text) in self.visit.judged:
            return
        self.visit.judged.add((link.url, link.text))
        judgement = judge(link.text, column=chain.name, list_date=link.date)
        if judgement.is_collection:
            yield from self._column(Column(Request(link.url), link.text), chain)
        elif not judgement.is_candidate:
            if link.date is not None:  # a row of the list; menus and footers are not worth a count
                self._refuse(judgement.reason)
        elif urlsplit(link.url).path in ("", "/"):
            self._refuse("a site's home page")  # the menu of a collection names every office
        elif self._own(link.url):
            # An unknown year stays in: only the report itself can tell.
            if self.year is not None and judgement.year not in (None, self.year):
                self._refuse("another year")
            else:
                yield from self._report(link)

    def _report(self, link: Link) -> Iterator[Request]:
        self.visit.found.add(link.url)
        if link.url in self.known:
            self.visit.known.add(link.url)
        elif link.url not in self.visit.asked and not self.enough():
            self.visit.asked.add(link.url)
            self.visit.reports += 1
            yield self.document_request(link)

    def _own(self, url: str) -> bool:
        if self.visit.portal.owns(url):
            return True
        self.issue("foreign_host", url, "is not on a host of this portal; not asked")
        return False

    def _refuse(self, reason: str) -> None:
        self.visit.refused[reason] += 1
        self.crawler.stats.inc_value(f"gongkai/refused_links/{reason}")

    # -- what goes wrong ---------------------------------------------------

    def failed(self, failure: Failure) -> None:
        """A document that did not come."""
        error: Any = failure.value
        request: Request = failure.request  # type: ignore[attr-defined]
        if isinstance(error, Recorded):
            return
        kind, url, message = failures.describe(error, request.url, status_of(error))
        self.issue(kind, url, message)
        # The latency is known as soon as headers have come.
        if kind in failures.SILENT and "download_latency" not in request.meta:
            self._silent(host_of(url))

    def _heard(self, response: Response, request: Request) -> None:
        host = host_of(response.url)
        if request.callback is not NO_CALLBACK:  # robots.txt is asked by the middleware
            self.visit.statuses[response.status] += 1
        self.visit.heard.add(host)
        self.visit.silent.pop(host, None)

    def _silent(self, host: str) -> None:
        self.visit.silent[host] += 1
        if self.visit.silent[host] >= MAX_SILENT and host not in self.rested:
            self.rested[host] = "unreachable"
            self.issue("unreachable", host, f"{MAX_SILENT} requests had no answer; left for this run")

    def list_failed(self, failure: Failure) -> Iterator[Request]:
        """A list page that did not come: the list ends here, or goes on where the family says."""
        state = failure.request.cb_kwargs  # type: ignore[attr-defined]
        response = getattr(failure.value, "response", None)
        # A page that no one said exists may well not: that is no failure.
        if not (state.get("guess") and response is not None and response.status == 404):
            self.failed(failure)
        if isinstance(state.get("fallback"), Request):
            yield self._list_request(state["fallback"], state["chain"])
        else:
            self._end(state["chain"])


def _number(name: str, value: int | str | None, *, least: int) -> int | None:
    if value is None or value == "":
        return None
    try:
        number = int(value)
    except ValueError as error:
        raise ValueError(f"{name}: {value!r} is no number") from error
    if number < least:
        raise ValueError(f"{name}: {number} is below {least}")
    return number
