"""What no answer means, for a page and for robots.txt."""

from __future__ import annotations

from typing import Any, cast

import pytest
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.http import Request
from scrapy.utils.test import get_crawler
from twisted.internet.defer import Deferred

from crawler.robots import Refusal, RobotsMiddleware
from spiders.base import Recorded
from spiders.failures import describe

URL = "http://www.shilixian.gov.cn/nb/"

FAILURES: list[tuple[Exception, str]] = [
    (CannotResolveHostError("no such name"), "dns"),
    (DownloadConnectionRefusedError("refused"), "refused_connection"),
    (DownloadTimeoutError("slow"), "timeout"),
    (DownloadFailedError("broken off"), "network"),
    (DownloadCancelledError("DOWNLOAD_MAXSIZE"), "too_large"),
    (IgnoreRequest("max redirections reached"), "redirects"),
    (IgnoreRequest("for some reason"), "ignored"),
]


@pytest.mark.parametrize(("error", "kind"), FAILURES)
def test_failures_by_kind(error: Exception, kind: str) -> None:
    assert describe(error, URL)[:2] == (kind, URL)


@pytest.mark.parametrize(("status", "kind"), [(404, "gone"), (410, "gone"), (403, "http"), (500, "http")])
def test_statuses_by_kind(status: int, kind: str) -> None:
    assert describe(ValueError(), URL, status)[0] == kind


class _Spider:
    """What the middleware needs of a spider."""

    def __init__(self) -> None:
        self.rested: dict[str, str] = {}
        self.issues: list[tuple[str, str]] = []

    def issue(self, kind: str, url: str, message: str) -> None:
        self.issues.append((kind, url))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        *((error, "unreachable") for error, kind in FAILURES[:4]),
        # An answer came, and it is no set of rules; or the address is none that may be asked.
        *((error, "robots") for error, kind in FAILURES[4:]),
        (Recorded("leads to a private address", kind="private_address"), "robots"),
        # Moved, and silent on robots.
        (Recorded("is not on a host of this portal", kind="foreign_host"), "foreign_host"),
    ],
)
def test_robots_txt_that_does_not_come(monkeypatch: pytest.MonkeyPatch, error: Exception, kind: str) -> None:
    crawler = get_crawler(settings_dict={"ROBOTSTXT_OBEY": True, "ROBOTSTXT_USER_AGENT": "gongkai"})
    middleware = RobotsMiddleware.from_crawler(crawler)
    middleware._parsers["www.shilixian.gov.cn"] = Deferred()
    middleware._robots_error(error, "www.shilixian.gov.cn")
    rules = middleware._parsers["www.shilixian.gov.cn"]
    assert isinstance(rules, Refusal)
    assert rules.kind == kind

    spider = _Spider()
    crawler.spider = cast(Any, spider)
    monkeypatch.setattr("crawler.robots.FamilySpider", _Spider)
    with pytest.raises(Recorded, match=r"robots\.txt cannot be had"):
        middleware.process_request_2(rules, Request(URL))
    assert spider.issues == [(kind, URL)]
