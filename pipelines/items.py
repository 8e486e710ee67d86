"""Scrapy item pipelines around ``pipelines.report`` and ``pipelines.keep``, and nothing more.

``ParsePipeline`` has originals read in processes of their own (``pipelines.reading``), several at a time,
and hands each on when those before it have been; ``StorePipeline`` has them stored by another one for all
spiders, in that order (``pipelines.storing``). The reactor waits for neither.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import DropItem
from scrapy.utils.asyncio import is_asyncio_available

from archive.errors import ArchiveError
from archive.records import Snapshot
from archive.store import Store
from pipelines.reading import Limits, Readers
from pipelines.storing import WARCS, Parsed, Storing

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

__all__ = ["COUNTED", "DATABASE", "WARCS", "ParsePipeline", "Parsed", "StorePipeline", "open_store", "stat"]

logger = logging.getLogger(__name__)

#: What ``StorePipeline`` counts for each action, named like the columns of ``runs`` where there is one.
COUNTED = {
    "stored": "stored",
    "unchanged": "unchanged",
    "reread": "unchanged",
    "revised": "revised",
    "copied": "copied",
    "refused": "refused",
    "unassigned": "unassigned",
    "unreadable": "unreadable",
}
DATABASE = "gongkai.db"


def stat(portal: str | None, name: str) -> str:
    """Key of a portal's count in the crawler's stats."""
    return f"gongkai/{portal or '-'}/{name}"


def open_store(crawler: Crawler) -> Store:
    """This process's store for the crawler's settings GONGKAI_DATA and GONGKAI_DEMO; close it when done."""
    data = Path(crawler.settings.get("GONGKAI_DATA") or "data")
    return Store.shared(data / DATABASE, demo=crawler.settings.getbool("GONGKAI_DEMO"))


def limits(settings: BaseSettings) -> Limits:
    """What reading may take by GONGKAI_READ_SECONDS and GONGKAI_READ_MB."""
    own = Limits()
    return Limits(
        settings.getfloat("GONGKAI_READ_SECONDS") or own.seconds,
        settings.getint("GONGKAI_READ_MB") or own.megabytes,
    )


class ParsePipeline:
    """Snapshot → ``Parsed``. What cannot be read is a report that says so; the crawl goes on."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._readers: Readers | None = None
        self._turn = asyncio.Lock()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ParsePipeline:
        return cls(crawler)

    def open_spider(self) -> None:
        if not is_asyncio_available():
            raise RuntimeError("gongkai needs Scrapy's asyncio reactor (TWISTED_REACTOR, the default)")
        settings = self._crawler.settings
        store = open_store(self._crawler)
        try:
            extra = store.extra_divisions()
        finally:
            store.close()
        number = settings.getint("GONGKAI_READERS") or None
        self._readers = Readers.shared(extra, number=number, limits=limits(settings))

    async def close_spider(self) -> None:
        readers, self._readers = self._readers, None
        if readers is not None and readers.leave():
            await asyncio.to_thread(readers.end)

    async def process_item(self, item: object) -> object:
        if not isinstance(item, Snapshot):
            return item
        if self._readers is None:
            raise RuntimeError("ParsePipeline is used before open_spider()")
        # How many wait here is bounded by Scrapy, which asks for nothing more while answers of
        # SCRAPER_SLOT_MAX_ACTIVE_SIZE bytes are in work.
        reading = asyncio.wrap_future(self._readers.submit(item))
        # The lock is first come, first served, and so keeps the order within a spider.
        async with self._turn:
            read = await reading
        # The bytes are in the WARC, and have been in memory for long enough.
        return Parsed(item.without_bytes(), read)


class StorePipeline:
    """``Parsed`` → ``Outcome``: dedupe, one transaction, counts.

    Counts are in the crawler's stats as ``gongkai/PORTAL/NAME`` and, over all
    portals, ``gongkai/NAME``; NAME is a value of ``COUNTED`` or ``findings``. When
    the archive cannot be written (disk full, locked) the crawl is closed with
    the reason ``archive_failed``: going on would fetch what cannot be kept.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._store: Store | None = None
        self._storing: Storing | None = None
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> StorePipeline:
        return cls(crawler)

    def open_spider(self) -> None:
        settings = self._crawler.settings
        # Open for as long as its child stores.
        self._store = open_store(self._crawler)
        self._store.lend()
        self._storing = Storing.shared(self._store.path, demo=self._store.demo, limits=limits(settings))

    async def close_spider(self) -> None:
        """Works out what the new reports say of others, and others of them.

        Left to the runner where several spiders run side by side (GONGKAI_COVERAGE is off), for the
        reports of one issuer may come from two portals.
        """
        storing, self._storing = self._storing, None
        store, self._store = self._store, None
        try:
            if storing is not None and self._crawler.settings.getbool("GONGKAI_COVERAGE"):
                await storing.prove()
        except ArchiveError as error:
            # Noted in the archive as not done, so the next crawl or `gongkai prove` does it.
            logger.error("The reports could not be proved against each other: %s", error)
        finally:
            if storing is not None and storing.leave():
                await asyncio.to_thread(storing.end)
            if store is not None:
                store.close()

    async def process_item(self, item: object) -> object:
        if not isinstance(item, Parsed):
            return item
        portal = item.snapshot.context.portal
        if self._storing is None:
            raise RuntimeError("StorePipeline is used before open_spider()")
        try:
            outcome = await self._storing.keep(item)
        except ArchiveError as error:
            self._count(portal, "failed")
            logger.error("The archive cannot be written: %s", error)
            if self._crawler.engine is not None and self._closing is None:
                # Not awaited: closing waits for the items in work, and this is one of them.
                closing = self._crawler.engine.close_spider_async(reason="archive_failed")
                self._closing = asyncio.get_running_loop().create_task(closing)
            raise DropItem(f"{item.snapshot.url}: {error}") from error
        self._count(portal, COUNTED[outcome.action])
        self._count(portal, "findings", outcome.findings)
        return outcome

    def _count(self, portal: str | None, name: str, number: int = 1) -> None:
        stats = self._crawler.stats
        if stats is not None and number:
            stats.inc_value(stat(portal, name), number)
            stats.inc_value(f"gongkai/{name}", number)
