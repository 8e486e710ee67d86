"""The archive cannot be written (disk full, read-only, taken): the crawl ends, and no portal is to blame."""

from __future__ import annotations

import logging

from scrapy.crawler import Crawler
from scrapy.utils.defer import deferred_from_coro

from archive.errors import ArchiveError
from spiders.base import FamilySpider, Recorded

log = logging.getLogger(__name__)

#: Why such a crawl ended (``runs.finish_reason``).
REASON = "archive"
#: Key of a crawl's stats: what was said of the archive.
FAULT = "gongkai/fault"


def shut(crawler: Crawler, url: str, error: ArchiveError) -> Recorded:
    """Ends the crawl; gives what the request or answer at hand is to be refused with.

    What cannot be kept must not be asked for, and a fault of ours must never stand in the books as one of
    the portal.
    """
    spider = crawler.spider
    if crawler.stats is not None and not crawler.stats.get_value(FAULT):
        crawler.stats.set_value(FAULT, str(error))
    if isinstance(spider, FamilySpider) and hasattr(spider, "visit"):
        if spider.visit.shut:  # said already; and to say it writes to the archive
            return Recorded(str(error))
        spider.visit.shut = True
        spider.issue(REASON, url, str(error))
    else:
        log.error("%s: %s", url, error)
    if crawler.engine is not None and crawler.engine.spider is not None:
        deferred_from_coro(crawler.engine.close_spider_async(reason=REASON))
    return Recorded(str(error))
