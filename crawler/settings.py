"""Scrapy settings. Every number that is no default says why; what a user sets comes from ``crawler.config``.

Names that begin with ``GONGKAI_`` are ours; docs/configuration.md lists what a user may set.
"""

from __future__ import annotations

from importlib.metadata import version

from crawler import config
from crawler.config import keys

BOT_NAME = "gongkai"
SPIDER_MODULES = ["spiders.families"]
NEWSPIDER_MODULE = "spiders.families"

_config = config.current()

GONGKAI_CONTACT = _config[keys.CONTACT]
GONGKAI_DATA = str(_config[keys.DATA])
GONGKAI_PORTALS = str(_config[keys.PORTALS]) if _config[keys.PORTALS] else None
GONGKAI_DEMO = _config[keys.DEMO]
GONGKAI_WARC_SIZE = _config[keys.WARC_SIZE]
#: Names of WARC files begin with it; a worker's are told from those of all others by more.
GONGKAI_WARC_PREFIX = "gongkai"
GONGKAI_WARC_LISTS = _config[keys.WARC_LISTS]
GONGKAI_READ_SECONDS = _config[keys.READ_SECONDS]
GONGKAI_READ_MB = _config[keys.READ_MB]
#: Processes that read what comes; 0: one a core.
GONGKAI_READERS = 0
#: Fetch documents again that are settled in the archive.
GONGKAI_REFETCH = False
GONGKAI_PORTALS_AT_ONCE = _config[keys.AT_ONCE]
#: Bring ``coverage`` up to date at the end of each spider; ``gongkai crawl`` does it once for all.
GONGKAI_COVERAGE = True
#: A bar on the terminal; never one where stderr is none.
GONGKAI_PROGRESS = True


def user_agent(contact: str) -> str:
    """Who we are and how to reach us (RFC 9110 §10.1.5); never a browser's name."""
    return (
        f"gongkai/{version('gongkai')} (archive of disclosure annual reports; {contact or 'demonstration'})"
    )


USER_AGENT = user_agent(GONGKAI_CONTACT)
#: The name that robots.txt knows us by.
ROBOTSTXT_USER_AGENT = "gongkai"
ROBOTSTXT_OBEY = True

# -- politeness -------------------------------------------------------------------------------
#: A spider is on one portal at a time, and a portal is one site. More would only stand in the
#: downloader's queue, where Ctrl-C has to wait for them.
CONCURRENT_REQUESTS = 1
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 0.0 if GONGKAI_DEMO else _config[keys.DELAY]
#: Half as long to half as long again, so that we do not knock in step with other clients.
DOWNLOAD_DELAY_JITTER = 0.5
AUTOTHROTTLE_ENABLED = True
#: Seconds before anything is known of how fast a server answers.
AUTOTHROTTLE_START_DELAY = 0.0 if GONGKAI_DEMO else max(5.0, DOWNLOAD_DELAY)
AUTOTHROTTLE_MAX_DELAY = max(60.0, DOWNLOAD_DELAY)
#: Below 1: a server that takes 2 s to answer is asked every 4 s.
AUTOTHROTTLE_TARGET_CONCURRENCY = 0.5
#: Seconds to rest after a 429 that does not say how long.
GONGKAI_PAUSE = 60.0
GONGKAI_MAX_PAUSE = _config[keys.LONGEST_PAUSE]
GONGKAI_DAILY_BUDGET = _config[keys.DAILY_BUDGET]
GONGKAI_REST_HOURS = _config[keys.REST_HOURS]
GONGKAI_NIGHT = _config[keys.NIGHT]

# -- bounds on one fetch ----------------------------------------------------------------------
DOWNLOAD_TIMEOUT = _config[keys.TIMEOUT]
DOWNLOAD_MAXSIZE = _config[keys.MAX_MEGABYTES] * 1024 * 1024
DOWNLOAD_WARNSIZE = 16 * 1024 * 1024
#: From http to https, to a www host and to a moved column is three; the default of 20 serves loops.
REDIRECT_MAX_TIMES = 5
#: Both would drop requests without a word. Guard refuses what is too long and records it; a spider
#: asks for nothing twice in a visit, and two addresses that lead to one are two answers.
URLLENGTH_LIMIT = 0
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"
#: Two more tries for what passes by itself. A refusal (401, 403), a challenge (412, 468, 521) or a
#: missing page is an answer and is never asked for again; 429 waits for as long as the server says.
RETRY_TIMES = 2
RETRY_HTTP_CODES = [408, 429, 500, 502, 503, 504]
RETRY_EXCEPTIONS = [
    "scrapy.exceptions.DownloadTimeoutError",
    "scrapy.exceptions.DownloadFailedError",
    "scrapy.exceptions.ResponseDataLossError",
    "twisted.internet.error.TCPTimedOutError",
    "twisted.internet.error.ConnectionLost",
]

#: In the order of the list, newest report first; the default takes the last link first.
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"

#: What a page leads to is handed on by so many tasks, all made for each page; the default of 100 takes
#: longer than the page.
CONCURRENT_ITEMS = 4
#: Bytes of answers that a spider has in work before it asks for no more. With its text and its tree a page
#: takes ten to twenty times as much memory as its bytes; the default of 5 MB made 600 MB of eight portals
#: that answer faster than is read.
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 500_000

#: Scrapy would take apart the source of each callback, a tenth of a second in which no portal has its turn.
WARN_ON_GENERATOR_RETURN_VALUE = False

# -- what is off ------------------------------------------------------------------------------
#: No session is kept: a portal that wants cookies wants a browser.
COOKIES_ENABLED = False
#: Both let others run code in the crawler.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
#: A proxy would resolve names for us and so get around the check of addresses.
HTTPPROXY_ENABLED = False
DOWNLOAD_HANDLERS = {
    "http": "crawler.guard.Handler",
    "https": "crawler.guard.Handler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
TWISTED_DNS_RESOLVER = "crawler.guard.PublicResolver"

DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,application/pdf,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9",
    # Codings that every reader of WARC files can undo.
    "Accept-Encoding": "gzip, deflate",
}

# Requests pass from low numbers to high, responses from high to low; capture is nearest the wire.
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # Guard refuses, and says so
    "crawler.guard.Guard": 10,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    # In its place one that undoes codings exactly as they are undone when the WARC is read.
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.inflate.Inflate": 590,
    "crawler.robots.RobotsMiddleware": 100,
    "crawler.redirects.SchemeSwitch": 545,  # after the retries
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "crawler.redirects.Refreshes": 580,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "crawler.redirects.Redirects": 600,
    "crawler.blocking.GoneMiddleware": 585,  # after the body is inflated, before a retry or a refresh
    "crawler.blocking.ChallengeMiddleware": 640,  # before a redirect to itself is followed
    "crawler.capture.Capture": 950,
}
ITEM_PIPELINES = {
    "crawler.capture.Noting": 200,
    "pipelines.items.ParsePipeline": 300,
    "pipelines.items.StorePipeline": 400,
}
EXTENSIONS = {
    "scrapy.extensions.throttle.AutoThrottle": None,
    "crawler.politeness.Throttle": 100,
    "crawler.runs.Ledger": 200,
    "crawler.progress.Progress": 300,
}

# -- logging ----------------------------------------------------------------------------------
LOG_LEVEL = "INFO"
#: The runs table keeps what counts.
STATS_DUMP = False
#: The default writes items out, and an item holds the bytes of a document.
LOG_FORMATTER = "crawler.logs.Formatter"
