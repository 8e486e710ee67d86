"""robots.txt (RFC 9309), on the strict side.

403 and 401 on robots.txt mean that robots are not wanted, so the host is not asked. Nor is
it where robots.txt cannot be had: no name, no connection, no time, 429 or 5xx (§2.3.1.4);
but that says nothing of what the portal wants, so it is ``unreachable`` and asked again by
the next run. One that leads to another's host is a portal that has moved. Any other 4xx
means there is none (§2.3.1.3). What it forbids is recorded, address by address.

Scrapy's own middleware parses whatever comes back, a 403 page included; the four methods
overridden here are where it does.
"""

from __future__ import annotations

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.robotstxt import RobotParser
from twisted.internet.defer import Deferred

from crawler.guard import refuse_rested
from spiders import failures
from spiders.base import FamilySpider, Recorded
from spiders.hosts import host_of

#: Bytes of a robots.txt that are read; RFC 9309 §2.5 asks for 500 KiB at least.
_LIMIT = 512 * 1024


def _bounded(rules: bytes) -> bytes:
    """Rules up to the last whole line within the limit."""
    return rules if len(rules) <= _LIMIT else rules[:_LIMIT].rpartition(b"\n")[0]


class Refusal(RobotParser):
    """Rules of a host that is not to be asked for anything."""

    def __init__(self, reason: str, kind: str = "robots") -> None:
        self.reason = reason
        self.kind = kind

    @classmethod
    def from_crawler(cls, crawler: object, robotstxt_body: bytes) -> Refusal:
        return cls("refused")

    def allowed(self, url: str | bytes, user_agent: str | bytes) -> bool:
        return False


class RobotsMiddleware(RobotsTxtMiddleware):
    """Obeys robots.txt and records what it forbids."""

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status in (401, 403):
            self._settle(netloc, Refusal(f"robots.txt answers {response.status}: robots are not wanted"))
        elif response.status >= 500 or response.status == 429:
            reason = f"robots.txt cannot be had: HTTP status {response.status}"
            self._settle(netloc, Refusal(reason, "unreachable"))
        elif 300 <= response.status < 400:
            # A redirect that is still one leads to no web address.
            self._settle(netloc, Refusal(f"robots.txt cannot be had: HTTP status {response.status}"))
        else:
            # The page that says "not found" is no set of rules.
            rules = response.body if response.status < 400 else b""
            await super()._parse_robots(response.replace(body=_bounded(rules)), netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        kind, _, message = failures.describe(exc, netloc)
        if kind in failures.SILENT:
            kind = "unreachable"
        else:
            # Who leads elsewhere has moved; it does not say that robots are unwanted.
            moved = isinstance(exc, Recorded) and exc.kind == "foreign_host"
            kind = "foreign_host" if moved else "robots"
        self._settle(netloc, Refusal(f"robots.txt cannot be had: {message}", kind))

    def _settle(self, netloc: str, rules: RobotParser) -> None:
        waiting = self._parsers[netloc]
        self._parsers[netloc] = rules
        assert isinstance(waiting, Deferred)
        waiting.callback(rules)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest as error:
            spider = self.crawler.spider
            assert isinstance(spider, FamilySpider)
            refuse_rested(spider, host_of(request.url))  # robots.txt itself met a challenge: recorded as that
            kind, message = "robots", "forbidden by robots.txt; not asked"
            if isinstance(rp, Refusal):
                kind, message = rp.kind, rp.reason
            spider.issue(kind, request.url, message)
            raise Recorded(message) from error
