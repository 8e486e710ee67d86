"""Bodies as they were before Content-Encoding, and charsets that can be read.

The same function undoes the codings when an original is read back from its WARC, so
what was parsed and what is archived cannot come apart: a body that is cut short or
inflates without bound is refused here as it would be there.
"""

from __future__ import annotations

from scrapy.crawler import Crawler
from scrapy.http import Request, Response, TextResponse
from scrapy.responsetypes import responsetypes

from archive.bodies import decode_body, text_encoding
from archive.errors import ArchiveError
from pipelines.readers.encoding import decode
from spiders.base import FamilySpider, Recorded
from spiders.lists import MAX_LIST


class Inflate:
    """Downloader middleware between capture and all that reads."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._limit = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Inflate:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        codings = b", ".join(response.headers.getlist("Content-Encoding")).decode("latin-1")
        if codings:
            response = self._inflated(response, codings)
        if not isinstance(response, TextResponse):
            return response
        if len(response.body) <= MAX_LIST:
            # Labels lie, and a list read in the wrong charset has no report in it: the bytes decide,
            # as they do when a report is read.
            return response.replace(encoding=decode(response.body, response.encoding).encoding)
        if text_encoding(response.encoding) is None:
            # A label no page can be in (base64, idna …): the page is read, its label is not believed.
            return response.replace(encoding="utf-8")
        return response

    def _inflated(self, response: Response, codings: str) -> Response:
        try:
            body = decode_body(response.body, codings, where="answer", limit=self._limit)
        except ArchiveError as error:
            spider = self._crawler.spider
            assert isinstance(spider, FamilySpider)
            spider.issue("encoding", response.url, f"{error} (Content-Encoding: {codings[:80]})")
            raise Recorded(str(error)) from error
        headers = response.headers.copy()
        del headers["Content-Encoding"]
        kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
        # Without a stated encoding a text response finds its own from headers and body.
        found = {"encoding": None} if issubclass(kind, TextResponse) else {}
        return response.replace(cls=kind, headers=headers, body=body, **found)
