"""Where answers lead: redirects and refreshes within bounds, and http for https once.

Scrapy follows both as often as ``REDIRECT_MAX_TIMES``. Here what leads back to an address
it came from is asked no second time, a meta refresh is followed once, and from http to
https or back goes one way only.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from urllib.parse import urldefrag, urlsplit

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware, RedirectMiddleware
from scrapy.exceptions import (
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)
from scrapy.http import HtmlResponse, Request, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.response import get_meta_refresh

from crawler.blocking import LITTLE_TEXT, visible
from spiders.base import FamilySpider, Recorded
from spiders.hosts import host_of

_REFRESH = "meta refresh"
_OTHER = {"http": "https", "https": "http"}
_DEFAULT_PORT = {"http": 80, "https": 443}
#: What a server that speaks only the other scheme looks like; a name that means nothing is none of it.
_MUTE = (DownloadConnectionRefusedError, DownloadFailedError, DownloadTimeoutError)


def switches(addresses: list[str]) -> int:
    """How often a chain of addresses changes between http and https without changing the host."""
    parts = [urlsplit(address) for address in addresses]
    return sum(a.hostname == b.hostname and a.scheme != b.scheme for a, b in pairwise(parts))


def over(url: str, scheme: str) -> str:
    """The address with the other scheme; the old scheme's own port goes with it."""
    parts = urlsplit(url)
    netloc = parts.netloc
    if parts.port is not None and parts.port == _DEFAULT_PORT[parts.scheme]:
        netloc = netloc.rpartition(":")[0]
    return parts._replace(scheme=scheme, netloc=netloc).geturl()


def objection(passed: list[str], reasons: list[Any], to: str, reason: Any) -> str | None:
    """Why the next step of a chain of GETs is not taken, or ``None``; ``passed`` are the addresses so far."""
    if urldefrag(to).url in {urldefrag(url).url for url in passed}:
        return f"leads back to {to}"
    if reason == _REFRESH and _REFRESH in reasons:
        return f"a second refresh, to {to}; a refresh is followed once"
    if switches([*passed, to]) > 1:
        return f"changes between http and https a second time, to {to}"
    return None


def _root(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


class _Bounded:
    """What both ways of being sent on have in common."""

    crawler: Crawler

    def _redirect(self, redirected: Request, request: Request, reason: Any) -> Request:
        spider = self.crawler.spider
        assert isinstance(spider, FamilySpider)
        passed = [*request.meta.get("redirect_urls", []), request.url]
        # A form that is answered with "see there" may well be sent back to its own page.
        why = (
            objection(passed, request.meta.get("redirect_reasons", []), redirected.url, reason)
            if request.method == "GET"
            else None
        )
        if why is not None:
            spider.issue("redirects", passed[0], why)
            raise Recorded(why)
        followed: Request = super()._redirect(redirected, request, reason)  # type: ignore[misc]
        if switches([request.url, redirected.url]) and spider.visit.portal.owns(redirected.url):
            scheme = urlsplit(redirected.url).scheme
            spider.issue("scheme_switched", _root(redirected.url), f"the portal leads to {scheme}")
        return followed


class Redirects(_Bounded, RedirectMiddleware):
    """Redirects by status."""


class Refreshes(_Bounded, MetaRefreshMiddleware):
    """Redirects by a page's meta refresh."""

    def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Request | Response:
        if request.callback is NO_CALLBACK:  # robots.txt is a file of rules; a page in its place is none
            return response
        if isinstance(response, HtmlResponse) and self._reloads(response):
            # A page that loads itself anew every minute is read as it is.
            if len(visible(response.text)) >= LITTLE_TEXT:
                return response
            spider = self.crawler.spider
            assert isinstance(spider, FamilySpider)
            message = "a page with nothing but a refresh to itself"
            spider.issue("redirects", request.url, message)
            raise Recorded(message)
        return super().process_response(request, response)

    def _reloads(self, page: HtmlResponse) -> bool:
        _, url = get_meta_refresh(page, ignore_tags=self._ignore_tags)
        return url is not None and urldefrag(url).url == urldefrag(page.url).url


class SchemeSwitch:
    """A portal that is mute over the scheme of its entry is asked over the other one, once."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> SchemeSwitch:
        return cls(crawler)

    @property
    def _spider(self) -> FamilySpider:
        assert isinstance(self._crawler.spider, FamilySpider)
        return self._crawler.spider

    def process_request(self, request: Request) -> Request | None:
        scheme = self._spider.visit.schemes.get(host_of(request.url))
        if scheme is None or urlsplit(request.url).scheme == scheme:
            return None
        return _switched(request, scheme)

    def process_response(self, request: Request, response: Response) -> Response:
        if self._spider.visit.schemes.get(host_of(request.url)) == urlsplit(request.url).scheme:
            scheme = urlsplit(request.url).scheme
            message = f"no answer over {_OTHER[scheme]}; asked over {scheme}"
            self._spider.issue("scheme_switched", _root(request.url), message)
        return response

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        visit, host = self._spider.visit, host_of(request.url)
        if not isinstance(exception, _MUTE) or host in visit.heard or host in visit.schemes:
            return None
        visit.schemes[host] = _OTHER[urlsplit(request.url).scheme]
        return _switched(request, visit.schemes[host])


def _switched(request: Request, scheme: str) -> Request:
    """The same request over the other scheme; what was asked for first stays on record."""
    meta = {key: value for key, value in request.meta.items() if key != "retry_times"}
    asked = [*request.meta.get("redirect_urls", []), request.url]
    return request.replace(url=over(request.url, scheme), meta={**meta, "redirect_urls": asked})
