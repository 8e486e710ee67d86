"""How fast: a delay that grows with the server's own slowness, Crawl-delay, Retry-After.

Where requests may go at all is ``guard.py``; robots.txt is ``robots.py``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic

from scrapy import Spider, signals
from scrapy.core.downloader import Slot
from scrapy.crawler import Crawler
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Request, Response
from scrapy.robotstxt import RobotParser

from spiders.base import FamilySpider
from spiders.hosts import host_of

#: Answers whose Retry-After says when to come back (RFC 9110 §10.2.3, RFC 6585 §4).
_BUSY = frozenset((429, 503))
#: The least delay (seconds) after a server has said it is too much; doubled each time it says so.
_SLOWER = 2.0
#: Seconds between two requests beyond which a Crawl-delay is a polite no: a column of a hundred
#: reports would take a working day. The host is left for the run, and that is recorded.
LONGEST_DELAY = 300.0


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header, seconds or an HTTP date; ``None`` if it is neither."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the year 99999999999
        return None
    if moment.tzinfo is None:  # "-0000": a date without zone is UTC (RFC 5322 §3.3)
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


class Throttle(AutoThrottle):
    """AutoThrottle with a floor for each site, and pauses when a server asks for one.

    It acts on ``response_downloaded``, before the next request of the queue is let go;
    a middleware would come too late.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pause = crawler.settings.getfloat("GONGKAI_PAUSE")
        self._max_pause = crawler.settings.getfloat("GONGKAI_MAX_PAUSE")
        self._jitter = crawler.settings.getfloat("DOWNLOAD_DELAY_JITTER")
        self._robot = crawler.settings["ROBOTSTXT_USER_AGENT"]
        self._floors: dict[str, float] = {}
        self._pauses: dict[str, float] = {}
        crawler.signals.connect(self._robots_parsed, signals.robots_parsed)

    def _robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        delay = robotparser.crawl_delay(self._robot)
        if delay and delay > LONGEST_DELAY:
            self._leave(request.url, "crawl_delay", f"robots.txt asks for {delay:.0f} s between requests")
        elif delay:
            # Each wait is drawn around the slot's delay; the shortest must be what the portal asks for.
            self._keep(request.meta["download_slot"], delay / (1 - self._jitter))

    def _keep(self, key: str, delay: float) -> None:
        self._floors[key] = max(delay, self._floors.get(key, 0.0))
        slot = self.crawler.engine.downloader.slots.get(key)
        if slot is not None:
            slot.delay = max(slot.delay, self._floors[key])

    def _response_downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        super()._response_downloaded(response, request, spider)
        key, slot = self._get_slot(request, spider)
        if key is None or slot is None:
            return
        slot.delay = max(slot.delay, self._floors.get(key, 0.0))
        if response.status not in _BUSY:
            return
        header = response.headers.get("Retry-After")
        pause = retry_after(header.decode("latin-1") if header else None, datetime.now(UTC))
        if pause is None and response.status == 429:
            pause = self._pause
        if pause is not None:
            self._keep(key, max(_SLOWER, slot.delay * 2))
            self._rest(response, key, slot, pause)

    def _rest(self, response: Response, key: str, slot: Slot, pause: float) -> None:
        # All pauses of a run together: a server that is busy at every request would hold it for weeks.
        self._pauses[key] = self._pauses.get(key, 0.0) + pause
        if self._pauses[key] <= self._max_pause:
            # The slot's next request waits for its delay after this moment; the delay above is never 0.
            slot.lastseen = monotonic() + pause
            self.crawler.stats.inc_value("gongkai/pauses")
            self.crawler.stats.inc_value("gongkai/pause_seconds", round(pause))
            return
        asked = f"a pause of {pause:.0f} s, with those before {self._pauses[key]:.0f} s"
        self._leave(response.url, "retry_after", f"the server asks for {asked}")

    def _leave(self, url: str, kind: str, message: str) -> None:
        spider = self.crawler.spider
        assert isinstance(spider, FamilySpider)
        spider.rested[host_of(url)] = kind
        spider.issue(kind, url, f"{message}; left for this run")
