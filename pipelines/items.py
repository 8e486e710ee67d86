"""Scrapy item pipelines around ``pipelines.report`` and ``pipelines.keep``, and nothing more.

``ParsePipeline`` has originals read in processes of their own (``pipelines.reading``), several at a time,
and hands each on when those before it have been; ``StorePipeline`` has them stored by one thread for all
spiders, in that order. The reactor waits for neither.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar

from scrapy.exceptions import DropItem
from scrapy.utils.asyncio import is_asyncio_available

from archive.candidates import Outcome
from archive.errors import ArchiveError
from archive.records import Report, Snapshot
from archive.store import Store
from pipelines.across import prove
from pipelines.keep import keep
from pipelines.reading import Limits, Readers

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)
T = TypeVar("T")

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
WARCS = "warc"


@dataclass(frozen=True, slots=True)
class Parsed:
    """An original with what was read from it."""

    snapshot: Snapshot
    report: Report


def stat(portal: str | None, name: str) -> str:
    """Key of a portal's count in the crawler's stats."""
    return f"gongkai/{portal or '-'}/{name}"


def open_store(crawler: Crawler) -> Store:
    """This process's store for the crawler's settings GONGKAI_DATA and GONGKAI_DEMO; close it when done."""
    data = Path(crawler.settings.get("GONGKAI_DATA") or "data")
    return Store.shared(data / DATABASE, demo=crawler.settings.getbool("GONGKAI_DEMO"))


def _limits(crawler: Crawler) -> Limits:
    own = Limits()
    return Limits(
        crawler.settings.getfloat("GONGKAI_READ_SECONDS") or own.seconds,
        crawler.settings.getint("GONGKAI_READ_MB") or own.megabytes,
    )


class Writer:
    """The one thread that stores what all spiders of this process bring; ends with its last user."""

    _shared: ClassVar[Writer | None] = None

    def __init__(self) -> None:
        self._users = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="storing")

    @classmethod
    def shared(cls) -> Writer:
        """This process's writer."""
        writer = cls._shared = cls._shared or cls()
        writer._users += 1
        return writer

    async def run(self, work: Callable[..., T], *given: object) -> T:
        """Has something done when all that was asked for before is done."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *given)

    def close(self) -> None:
        """Nothing more is to be stored for one user."""
        self._users -= 1
        if not self._users:
            type(self)._shared = None
            self._thread.shutdown()


class _Pipeline:
    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._store: Store | None = None
        self._readers: Readers | None = None

    @property
    def store(self) -> Store:
        if self._store is None:
            raise RuntimeError(f"{type(self).__name__} is used before open_spider()")
        return self._store

    def open_spider(self) -> None:
        self._store = open_store(self.crawler)
        number = self.crawler.settings.getint("GONGKAI_READERS") or None
        extra = self._store.extra_divisions()
        self._readers = Readers.shared(extra, number=number, limits=_limits(self.crawler))

    @property
    def readers(self) -> Readers:
        if self._readers is None:
            raise RuntimeError(f"{type(self).__name__} is used before open_spider()")
        return self._readers

    async def _close(self) -> None:
        store, self._store = self._store, None
        readers, self._readers = self._readers, None
        if readers is not None and readers.leave():
            await asyncio.to_thread(readers.end)
        if store is not None:
            store.close()

    def _count(self, portal: str | None, name: str, number: int = 1) -> None:
        stats = self.crawler.stats
        if stats is not None and number:
            stats.inc_value(stat(portal, name), number)
            stats.inc_value(f"gongkai/{name}", number)


class ParsePipeline(_Pipeline):
    """Snapshot → ``Parsed``. What cannot be read is a report that says so; the crawl goes on."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._turn = asyncio.Lock()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ParsePipeline:
        return cls(crawler)

    def open_spider(self) -> None:
        if not is_asyncio_available():
            raise RuntimeError("gongkai needs Scrapy's asyncio reactor (TWISTED_REACTOR, the default)")
        super().open_spider()

    async def close_spider(self) -> None:
        await self._close()

    async def process_item(self, item: object) -> object:
        if not isinstance(item, Snapshot):
            return item
        # How many wait here is bounded by Scrapy, which asks for nothing more while answers of
        # SCRAPER_SLOT_MAX_ACTIVE_SIZE bytes are in work.
        reading = asyncio.wrap_future(self.readers.submit(item))
        # The lock is first come, first served, and so keeps the order within a spider.
        async with self._turn:
            return Parsed(item, await reading)


class StorePipeline(_Pipeline):
    """``Parsed`` → ``Outcome``: dedupe, one transaction, counts.

    Counts are in the crawler's stats as ``gongkai/PORTAL/NAME`` and, over all
    portals, ``gongkai/NAME``; NAME is a value of ``COUNTED`` or ``findings``. When
    the archive cannot be written (disk full, locked) the crawl is closed with
    the reason ``archive_failed``: going on would fetch what cannot be kept.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._closing: asyncio.Task[None] | None = None
        self._writer: Writer | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> StorePipeline:
        return cls(crawler)

    def open_spider(self) -> None:
        super().open_spider()
        self._writer = Writer.shared()

    async def close_spider(self) -> None:
        """Works out what the new reports say of others, and others of them.

        Left to the runner where several spiders run side by side (GONGKAI_COVERAGE is off), for the
        reports of one issuer may come from two portals.
        """
        writer, self._writer = self._writer, None
        try:
            if writer is not None and self.crawler.settings.getbool("GONGKAI_COVERAGE"):
                await writer.run(prove, self.store)
        except ArchiveError as error:
            # Noted in the archive as not done, so the next crawl or `gongkai prove` does it.
            logger.error("The reports could not be proved against each other: %s", error)
        finally:
            if writer is not None:
                writer.close()
            await self._close()

    async def process_item(self, item: object) -> object:
        if not isinstance(item, Parsed):
            return item
        portal = item.snapshot.context.portal
        if self._writer is None:
            raise RuntimeError("StorePipeline is used before open_spider()")
        try:
            outcome = await self._writer.run(self._keep, item)
        except ArchiveError as error:
            self._count(portal, "failed")
            logger.error("The archive cannot be written: %s", error)
            if self.crawler.engine is not None and self._closing is None:
                # Not awaited: closing waits for the items in work, and this is one of them.
                closing = self.crawler.engine.close_spider_async(reason="archive_failed")
                self._closing = asyncio.get_running_loop().create_task(closing)
            raise DropItem(f"{item.snapshot.url}: {error}") from error
        self._count(portal, COUNTED[outcome.action])
        self._count(portal, "findings", outcome.findings)
        return outcome

    def _keep(self, item: Parsed) -> Outcome:
        return keep(
            self.store,
            item.snapshot,
            item.report,
            parse=self.readers.parse,
            warcs=self.store.path.parent / WARCS,
        )
