"""Looks at one portal: its family, its report column, a registry entry for it.

A few pages at most are asked for, through the crawler's own doors: robots.txt, the guard,
challenges, delays, the daily budget. Only the host that was named is asked, no sub-domain
and no other. Nothing is kept. As a crawl does, it runs in a process of its own
(``python -m crawler.detect``).
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Request, Response, TextResponse
from scrapy.settings import Settings
from twisted.python.failure import Failure

from archive.divisions import DEFAULT, Divisions
from crawler import logs
from spiders.base import FamilySpider, issue_found
from spiders.columns import Lead, by_family, is_column, leads, site
from spiders.fingerprints import fingerprint
from spiders.hosts import host_of, is_literal
from spiders.links import TooManyLinksError
from spiders.lists import ListError, text_page
from spiders.portals import COUNTRY, Portal
from spiders.visit import Visit

#: Pages after the first: from the home page over 政务公开 and 政府信息公开 to the column.
HOPS = 3


class DetectError(RuntimeError):
    """The looking process ended without an answer."""


@dataclass
class Detection:
    """What was found, all of it plain data."""

    url: str
    family: str | None = None
    """``None`` if not one page came."""
    system: str = ""
    sign: str = ""
    column: str | None = None
    """Address of the report column."""
    how: str = ""
    """What showed that it is one."""
    elsewhere: list[str] = field(default_factory=list)
    """Addresses on other hosts at which the column may be."""
    name: str | None = None
    site_id_code: str | None = None
    issues: list[tuple[str, str, str]] = field(default_factory=list)
    """(kind, address, message) of what went wrong."""

    def entry(self, divisions: Divisions = DEFAULT) -> dict[str, Any]:
        """The registry entry, with every field that could be told; ``missing`` names the others."""
        division, level = self._place(divisions)
        found = {
            "key": _key(host_of(self.url)),
            "name": self.name,
            "family": self.family,
            "division": division,
            "level": level,
            "start": [self.column] if self.column else None,
            "site_id_code": self.site_id_code,
            "status": "unverified",
            "evidence": self.url if self.url == self.column else f"derived from {self.url}",
        }
        return {name: value for name, value in found.items() if value}

    def missing(self, divisions: Divisions = DEFAULT) -> list[str]:
        """Required fields that could not be told."""
        entry = self.entry(divisions)
        return [name for name in ("name", "family", "division", "level", "start") if name not in entry]

    def _place(self, divisions: Divisions) -> tuple[str | None, str | None]:
        """Division and level by the site's identification code and the name it gives itself.

        The nearer of the two where one lies in the other; neither where they contradict.
        """
        code = self.site_id_code or ""
        if code[:2].lower() == "bm":  # 部门网站: ministries and other organs of the centre
            return COUNTRY, "ministry"
        by_code = divisions.get(code[:6]) if code[:6].isdigit() else None
        by_name = divisions.resolve(self.name, hint=by_code.code if by_code else None) if self.name else None
        if by_code and by_name and not divisions.within(by_name.code, by_code.code):
            if not divisions.within(by_code.code, by_name.code):
                return None, None
            by_name = None
        division = by_name or by_code
        return (division.code, division.level) if division else (None, None)


def _key(host: str) -> str:
    """A key from a host: ``www.luqiao.gov.cn`` → ``luqiao``, ``czj.cxz.gov.cn`` → ``cxz-czj``."""
    if is_literal(host):
        return host.replace(".", "-").replace(":", "-")
    labels = [label for label in host.removesuffix(".cn").removesuffix(".gov").split(".") if label != "www"]
    return "-".join(reversed(labels)) or "portal"


def detect(url: str, *, data: Path, demo: bool = False) -> Detection:
    """Asks ``url`` and at most three pages more of its host; raises ``DetectError`` if no process answers.

    ``data``: where requests to the host are counted. ``demo``: loopback addresses only.
    """
    with TemporaryDirectory(prefix="gongkai-") as folder:
        order, result = Path(folder) / "job.json", Path(folder) / "found.json"
        job = {"url": url, "data": str(data.absolute()), "demo": demo}
        order.write_text(json.dumps(job), encoding="utf-8")
        # -P: a folder called crawler in the working directory must not be taken for ours.
        command = [sys.executable, "-P", "-m", "crawler.detect", str(order), str(result)]
        code = subprocess.run(command, check=False).returncode  # noqa: S603
        if not result.exists():
            raise DetectError(f"the looking process ended with code {code} and without an answer")
        found = json.loads(result.read_text(encoding="utf-8"))
        found["issues"] = [tuple(issue) for issue in found["issues"]]
        return Detection(**found)


# -- in the child ------------------------------------------------------------------------


class OneHost(Portal):
    """A portal that is one host and nothing beside it."""

    def owns(self, url: str) -> bool:
        """Whether an address is on exactly this host, the port included where it is an IP address."""
        parts, own = urlsplit(url), urlsplit(self.start[0])
        if parts.scheme not in ("http", "https") or "@" in parts.netloc:
            return False
        if is_literal(host_of(self.start[0])):
            return parts.netloc == own.netloc
        return host_of(url) == host_of(self.start[0])


class Detective(FamilySpider):
    """Follows the likeliest lead of each page until one is a report column or ``HOPS`` are spent."""

    name = "detect"
    found: Detection

    async def start(self) -> AsyncIterator[Any]:
        self.visit = Visit(self._waiting.popleft())
        self.found = Detection(self.visit.portal.start[0])
        self.crawler.signals.connect(self._issue, issue_found)
        yield self._ask(self.found.url, 0)

    def _ask(self, url: str, hop: int) -> Request:
        self.visit.asked.add(url)
        return Request(url, callback=self.look, errback=self.failed, cb_kwargs={"hop": hop})

    def _issue(self, kind: str, url: str, message: str) -> None:
        self.found.issues.append((kind, url, message))

    def look(self, response: Response, hop: int) -> Iterator[Request]:
        """One page: what it is, and where to go from it."""
        if not isinstance(response, TextResponse):
            self.issue("unreadable_list", response.url, "is no page but a file")
            return
        try:
            yield from self._judge(response, hop)
        except (ListError, TooManyLinksError) as error:
            self.issue("unreadable_list", response.url, str(error))

    def _judge(self, response: TextResponse, hop: int) -> Iterator[Request]:
        text_page(response)  # raises for more bytes than a list has
        print_ = fingerprint(response.url, response.text)
        # A later page is nearer to the column and shows more; but no page takes a family away.
        if self.found.family is None or print_.system != "unknown":
            self.found.family, self.found.system, self.found.sign = (
                print_.family,
                print_.system,
                print_.sign,
            )
        about = site(response)
        self.found.name = self.found.name or about.name
        self.found.site_id_code = self.found.site_id_code or about.code
        how = is_column(response)
        if how is not None:
            self.found.column, self.found.how = response.url, how
        elif hop < HOPS:
            yield from self._seek(response, hop)

    def _seek(self, page: TextResponse, hop: int) -> Iterator[Request]:
        rule = by_family(self.found.family or "", page)
        # A rule's address is the column whatever its page says of itself: gkmlpt's is a script's shell.
        if rule is not None and (rule.url == page.url or rule.url in self.visit.asked):
            self.found.column, self.found.how = rule.url, rule.how
            return
        for lead in ([rule] if rule else []) + leads(page):
            if lead.url in self.visit.asked:
                continue
            if self.visit.portal.owns(lead.url):
                self._expect(lead)
                yield self._ask(lead.url, hop + 1)
                return
            if lead.how != "nearer" and lead.url not in self.found.elsewhere:
                self.found.elsewhere.append(lead.url)

    def failed(self, failure: Failure) -> None:
        """A page that did not come is no column, whatever led to it."""
        super().failed(failure)
        if failure.request.url == self.found.column:  # type: ignore[attr-defined]
            self.found.column, self.found.how = None, ""

    def _expect(self, lead: Lead) -> None:
        """A link that says 政府信息公开年报 leads to the column, also where the page has no metas."""
        if lead.how in ("link_text", "family_rule"):
            self.found.column, self.found.how = lead.url, lead.how


def _settings(job: dict[str, Any]) -> Settings:
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    chosen: dict[str, Any] = {
        "GONGKAI_DATA": job["data"],
        "GONGKAI_DEMO": job["demo"],
        "GONGKAI_PROGRESS": False,
        "LOG_INSTALL_ROOT_HANDLER": False,
        "ITEM_PIPELINES": {},
    }
    if job["demo"]:
        chosen |= {"DOWNLOAD_DELAY": 0.0, "AUTOTHROTTLE_START_DELAY": 0.0}
    settings.setdict(chosen, priority="cmdline")
    # No archive is open: nothing is kept, and no run is on the books.
    for name, unwanted in (
        ("DOWNLOADER_MIDDLEWARES", "crawler.capture.Capture"),
        ("EXTENSIONS", "crawler.runs.Ledger"),
        ("EXTENSIONS", "crawler.progress.Progress"),
    ):
        settings.set(name, {**settings.getdict(name), unwanted: None}, priority="cmdline")
    return settings


def _look(job: dict[str, Any]) -> Detection:
    url = job["url"]
    portal = OneHost("detect", host_of(url), "detect", COUNTRY, "ministry", (url,), "unverified", url)
    process = AsyncCrawlerProcess(_settings(job))
    crawler = process.create_crawler(Detective)
    process.crawl(crawler, portal=portal)
    process.start()
    spider = crawler.spider
    if not isinstance(spider, Detective) or not hasattr(spider, "found"):
        reason = crawler.stats.get_value("finish_reason", "error") if crawler.stats else "error"
        why = "set GONGKAI_CONTACT; nothing is asked without" if reason == "no_contact" else str(reason)
        return Detection(url, issues=[("not_asked", url, why)])
    return spider.found


def main(order: Path, result: Path) -> None:
    """Runs one job and writes what was found."""
    logs.configure(terminal=sys.stderr.isatty())
    # What goes wrong is in the answer, and said once by whoever asked.
    logging.getLogger("spiders").setLevel(logging.ERROR)
    logging.getLogger("crawler").setLevel(logging.CRITICAL)
    job = json.loads(order.read_text(encoding="utf-8"))
    result.write_text(json.dumps(asdict(_look(job)), ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
