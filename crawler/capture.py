"""Every answer into the WARC before anything reads it.

Nearest the downloader, so above decompression and redirects: the record holds what
came over the wire. Twisted has undone the chunking by then, so Transfer-Encoding is
not kept, and Content-Encoding still tells the truth about the body.

A record is compressed and written by a thread of the crawler's own, which also waits for the disk: only what
came goes no further meanwhile, and the reactor has other portals to serve. The disk has an original with the
note of it, before anything is read; all else that comes it has at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.http import Headers, Request, Response
from scrapy.http.request import NO_CALLBACK

from archive import notes, times
from archive.errors import ArchiveError
from archive.records import Snapshot
from archive.warc import WarcWriter
from crawler.shut import shut
from pipelines.items import WARCS
from spiders.base import LIST

log = logging.getLogger(__name__)
T = TypeVar("T")


class Capture:
    """Downloader middleware; puts ``warc`` (WarcLocation) and ``fetched_at`` into the request's meta.

    Of a list page that is not to be kept only ``fetched_at``.
    """

    def __init__(self, crawler: Crawler, folder: Path) -> None:
        self._crawler = crawler
        self._lists = crawler.settings.getbool("GONGKAI_WARC_LISTS")
        self._closing = self._ended = False
        # One, for a writer is one thread's, and records have the order in which they were handed over.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="warc")
        prefix = crawler.settings["GONGKAI_WARC_PREFIX"]
        self._writer = WarcWriter(folder, prefix, rotate_at=crawler.settings.getint("GONGKAI_WARC_SIZE"))
        for torn in self._writer.mended:
            log.warning("%s: cut %s bytes of a record that was never finished", torn.file, torn.cut)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Capture:
        capture = cls(crawler, Path(crawler.settings["GONGKAI_DATA"]) / WARCS)
        crawler.signals.connect(capture.close, signals.spider_closed)
        return capture

    async def _run(self, work: Callable[..., T], *given: object, **named: object) -> T:
        """Has something written, and waits without holding up the reactor."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, partial(work, *given, **named))

    async def process_response(self, request: Request, response: Response) -> Response:
        fetched_at = request.meta["fetched_at"] = times.now()
        # What came in the place of a list, a refusal or a redirect, is evidence that nothing else keeps.
        if request.meta.get(LIST) and not self._lists and response.status == HTTPStatus.OK:
            return response
        try:
            request.meta["warc"] = await self._run(
                self._writer.write,
                url=response.url,
                fetched_at=fetched_at,
                status=response.status,
                reason=_reason(response.status),
                headers=list(_pairs(response.headers)),
                body=response.body,
                method=request.method,
                request_headers=list(_pairs(request.headers)),
                request_body=request.body,
                ip=str(response.ip_address) if response.ip_address else None,
                synced=not _to_be_noted(request, response),
            )
        except ArchiveError as error:
            raise shut(self._crawler, response.url, error) from error
        return response

    async def note(self, snapshot: Snapshot) -> None:
        """Write down what is known of an original besides its bytes; raises ``ArchiveError``."""
        try:
            await self._run(notes.write_original, self._writer, snapshot)
        except ArchiveError as error:
            shut(self._crawler, snapshot.url, error)
            raise

    def note_run(self, state: Mapping[str, Any], url: str | None = None) -> None:
        """Write down how the crawl stands, at a visit's begin and end, before all that comes after.

        Not waited for. Where it cannot be written the crawl ends, on account of ``url`` where the visit
        began with that.
        """
        if self._ended:  # its end is told to others before or after us
            self._noted(self._try(state), url)
            return
        loop = asyncio.get_running_loop()
        self._thread.submit(self._try, state).add_done_callback(
            lambda noted: loop.call_soon_threadsafe(self._noted, noted.result(), url)
        )

    def _try(self, state: Mapping[str, Any]) -> ArchiveError | None:
        try:
            notes.write_run(self._writer, state)
            if self._closing:
                self._writer.close()
        except ArchiveError as error:
            return error
        return None

    def _noted(self, error: ArchiveError | None, url: str | None) -> None:
        if error is not None and url is not None:
            shut(self._crawler, url, error)
        elif error is not None:
            # The database has it; only a database made anew from the WARCs will show the run as cut short.
            log.error("how the visit ended could not be written to the WARC: %s", error)

    async def close(self) -> None:
        self._closing = True
        try:
            # The list of a file is made when it is closed, and a large file has a long one.
            await self._run(self._writer.close)
        except ArchiveError as error:
            # All that was written is on the disk; the next writer closes the file and makes its list.
            shut(self._crawler, self._writer.folder.as_uri(), error)
        finally:
            self._ended = True
            self._thread.shutdown()


class Noting:
    """Item pipeline before all others: where an original was found stands in the WARC before it is read."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Noting:
        return cls(crawler)

    async def process_item(self, item: object) -> object:
        if isinstance(item, Snapshot):
            try:
                await of(self._crawler).note(item)
            except ArchiveError as error:
                raise DropItem(f"{item.url}: {error}") from error
        return item


def of(crawler: Crawler) -> Capture:
    """A crawler's capture; raises ``RuntimeError`` where it was taken out of the settings."""
    capture = crawler.get_downloader_middleware(Capture)
    if capture is None:
        raise RuntimeError("crawler.capture.Capture is not among the DOWNLOADER_MIDDLEWARES")
    return capture


def _to_be_noted(request: Request, response: Response) -> bool:
    """Whether this may be an original: its note, which is waited for, then takes it to the disk.

    One that turns out to be none goes there with whatever is next, or when the file is closed.
    """
    asked = request.meta.get(LIST) or request.callback is NO_CALLBACK  # a list, or robots.txt
    return response.status == HTTPStatus.OK and not asked


def _pairs(headers: Headers) -> Iterator[tuple[bytes, bytes]]:
    for name in headers:
        for value in headers.getlist(name):
            yield name, value


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # 521 and 468 are no registered codes
        return ""
