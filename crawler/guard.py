"""Where requests may go: http(s), the portal's own hosts, public addresses, no host at rest.

Three doors, because each sees what the others do not: the middleware refuses
addresses as written, redirects included; the resolver refuses what a name turns out
to mean; the handler is the last to ask whether a host has meanwhile blocked us.
"""

from __future__ import annotations

import logging
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from typing import Any

from scrapy import signals
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, CloseSpider
from scrapy.http import Request, Response
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from archive import times
from archive.errors import ArchiveError
from crawler import lanes
from crawler.head import BoundedFactory
from crawler.limits import Limits
from crawler.rests import Rests, names_of
from crawler.shut import shut
from spiders.base import FamilySpider, Recorded
from spiders.hosts import host_of, is_literal, site_of
from spiders.portals import Portal

log = logging.getLogger(__name__)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet.

    Private, loopback, link-local, multicast and reserved addresses do not (IANA
    special-purpose registries, RFC 6890), nor do IPv6 forms that carry such an IPv4 address.
    """
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or _carried(ip)
        if inner is not None and not is_public(str(inner)):
            return False
    return ip.is_global and not ip.is_multicast


#: IPv4-compatible (RFC 4291 §2.5.5.1), IPv4-translated (RFC 2765) and the two NAT64 prefixes
#: (RFC 6052, RFC 8215): all carry an IPv4 address in their last 32 bits.
_CARRIERS = tuple(map(IPv6Network, ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")))


def _carried(ip: IPv6Address) -> IPv4Address | None:
    return IPv4Address(int(ip) & 0xFFFFFFFF) if any(ip in network for network in _CARRIERS) else None


#: Characters. What browsers of old took (2083), and Scrapy's own limit, which drops in silence.
MAX_ADDRESS = 2083

_PERMITTED = {False: "public", True: "loopback"}


def permitted(address: str, *, demo: bool) -> bool:
    """Whether an address may be connected to: a public one; in a demonstration loopback and no other."""
    return ip_address(address).is_loopback if demo else is_public(address)


def refusal(url: str, portal: Portal, *, demo: bool) -> tuple[str, str] | None:
    """(kind, message) if an address must not be asked for on this portal's account, else ``None``."""
    if len(url) > MAX_ADDRESS:
        return "long_address", f"has {len(url)} characters; not asked"
    if not url.startswith(("http://", "https://")):
        return "scheme", "is no http(s) address; not asked"
    if not portal.owns(url):
        return "foreign_host", "is not on a host of this portal; not asked"
    host = host_of(url)
    if is_literal(host) and not permitted(host, demo=demo):
        return "private_address", f"{host} is no {_PERMITTED[demo]} address; not asked"
    return None


class Guard:
    """Downloader middleware before all others; also gives all hosts of one site one slot."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._demo = crawler.settings.getbool("GONGKAI_DEMO")
        self._contact = crawler.settings.get("GONGKAI_CONTACT")
        folder, hours = crawler.settings["GONGKAI_DATA"], crawler.settings.getfloat("GONGKAI_REST_HOURS")
        self._rests = Rests(Path(folder), hours)
        crawler.signals.connect(self._opened, signals.spider_opened)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Guard:
        return cls(crawler)

    @property
    def _spider(self) -> FamilySpider:
        assert isinstance(self._crawler.spider, FamilySpider)
        return self._crawler.spider

    def _opened(self) -> None:
        if not self._demo and not self._contact:
            log.error("no contact: set GONGKAI_CONTACT to an address at which a webmaster can reach you")
            raise CloseSpider("no_contact")

    def process_request(self, request: Request) -> None:
        spider = self._spider
        reason = refusal(request.url, spider.visit.portal, demo=self._demo)
        if reason is not None:
            spider.issue(reason[0], request.url, reason[1])
            raise Recorded(reason[1], kind=reason[0])
        host = host_of(request.url)
        refuse_rested(spider, host)
        self._refuse_resting(spider, request.url, host)
        # Departments' sub-domains stand on their city's server: one request at a time to all of them.
        request.meta["download_slot"] = site_of(host)

    def _refuse_resting(self, spider: FamilySpider, url: str, host: str) -> None:
        """Raises ``Recorded`` if the host or its group answered an earlier run with a challenge."""
        try:
            rest = self._rests.of(names_of(url, spider.visit.portal), times.now())
        except ArchiveError as error:
            raise shut(self._crawler, url, error) from error
        if rest is not None:
            name, kind, until = rest
            message = f"{name} answered with {kind}; not asked before {until} Beijing time"
            spider.rested[host] = "resting"
            spider.issue("resting", url, message)
            raise Recorded(message)

    def process_exception(self, request: Request, exception: Exception) -> None:
        address = PublicResolver.refused.get(host_of(request.url))
        if isinstance(exception, CannotResolveHostError) and address is not None:
            message = f"the name means {address}, which is no {_PERMITTED[self._demo]} address; not asked"
            self._spider.issue("private_address", request.url, message)
            raise Recorded(message) from exception


def refuse_rested(spider: FamilySpider, host: str) -> None:
    """Raises ``Recorded`` if the host has blocked us in this run."""
    if host in spider.rested:
        spider.crawler.stats.inc_value("gongkai/not_asked")
        raise Recorded(f"{host} is at rest ({spider.rested[host]})")


class Handler(HTTP11DownloadHandler):
    """The download handler, closed to hosts that came to rest while requests stood in the queue.

    Every request that goes out passes here, robots.txt and redirects included: one at a
    time to an address, and only as long as the night window and the host's budget allow.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = BoundedFactory
        self._of = crawler
        self._limits = Limits(crawler.settings)
        # The least that a site's own slot leaves between two requests.
        self._spacing = crawler.settings.getfloat("DOWNLOAD_DELAY") * (
            1 - crawler.settings.getfloat("DOWNLOAD_DELAY_JITTER")
        )

    async def download_request(self, request: Request) -> Response:
        spider, host = self._of.spider, host_of(request.url)
        if not isinstance(spider, FamilySpider):
            return await super().download_request(request)
        refuse_rested(spider, host)
        async with lanes.turn(host, self._spacing, spider.visit.portal.group):
            refuse_rested(spider, host)  # again: it may have come to rest while this waited
            try:
                self._limits.admit(spider, request.url)
            except ArchiveError as error:  # it cannot be counted, so it is not sent
                raise shut(self._of, request.url, error) from error
            return await super().download_request(request)

    async def close(self) -> None:
        self._limits.close()
        await super().close()


class PublicResolver(CachingThreadedResolver):
    """Resolves names (IPv4) and refuses what is no permitted address, at the moment of connecting."""

    #: Names refused and the address each had.
    refused: dict[str, str] = {}  # noqa: RUF012 (one reactor has one resolver)
    demo = False

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> PublicResolver:
        resolver = super().from_crawler(crawler, reactor)
        resolver.demo = crawler.settings.getbool("GONGKAI_DEMO")
        return resolver

    def getHostByName(self, name: str, timeout: Any = ()) -> Deferred[str]:
        found: Deferred[str] = super().getHostByName(name, timeout)
        return found.addCallback(self._permitted, name)

    def _permitted(self, address: str, name: str) -> str:
        if permitted(address, demo=self.demo):
            return address
        self.refused[name.lower()] = address
        raise DNSLookupError(f"{name} means {address}, which is no {_PERMITTED[self.demo]} address")
