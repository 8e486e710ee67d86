"""``crawl(...)``: portals in, a summary out, as often in one process as one likes.

A Twisted reactor runs once a process, so every crawl is a process of its own
(``python -m crawler.runner``). It takes the portals from a file and leaves the summary
in another; its stderr is ours, for the bar and the log.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import IO, Any

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings
from twisted.internet.error import ReactorNotRunning

from archive import cdxj, times
from archive.errors import ArchiveError
from archive.store import Store
from crawler import config, logs
from crawler.cluster import away
from crawler.config import keys
from crawler.runs import Ledger
from crawler.shut import FAULT, REASON
from crawler.sites import groups
from crawler.summary import CrawlSummary, PortalRun
from pipelines.across import prove
from pipelines.items import DATABASE, WARCS, limits
from pipelines.storing import Storing
from spiders.portals import Portal, from_entry

log = logging.getLogger(__name__)

_STDIN = 0


class CrawlFailedError(RuntimeError):
    """The crawling process ended without a summary."""


class ArchiveShutError(CrawlFailedError):
    """The archive could not be opened or written: full, read-only, or in another writer's hands."""


def crawl(
    portals: Sequence[Portal],
    *,
    data: Path,
    year: int | None = None,
    sample: int | None = None,
    refetch_all: bool = False,
    demo: bool = False,
    progress: bool = True,
    delay: float | None = None,
    log_file: Path | None = None,
    refetch: Collection[str] = (),
    stop: threading.Event | None = None,
    ahead: timedelta = timedelta(),
) -> CrawlSummary:
    """Crawls portals into the archive under ``data``; waits until all are done.

    ``year``: only reports of that year, where the list tells. ``sample``: at most so
    many reports a portal. ``refetch_all``: also what is known; ``refetch``: of these portals
    only. ``delay``: seconds between two requests to a site, instead of the setting's (3; none in
    a demonstration). ``log_file``: where what goes to stderr is added; the log has a file of its
    own under ``data`` besides. ``stop``: ends the crawl after the requests under way, for callers that
    are not the main thread. ``ahead``: how much later than it is the crawl takes it to be, in a
    demonstration only.

    Raises ``ArchiveShutError`` if the archive cannot be opened, ``CrawlFailedError`` if the process dies;
    what it had stored stays stored. Where the archive cannot be written any more the crawl ends, and the
    summary says why (``fault``).
    """
    job = {
        "portals": [portal.entry() for portal in portals],
        "data": str(data.absolute()),
        "year": year,
        "sample": sample,
        "refetch_all": refetch_all,
        "demo": demo,
        "progress": progress,
        "delay": delay,
        "refetch": sorted(refetch),
        "ahead": ahead.total_seconds(),
    }
    if ahead and not demo:
        raise ValueError("only a demonstration may live in another time")
    return carry_out(job, log_file=log_file, stop=stop)


def carry_out(
    job: Mapping[str, Any],
    *,
    log_file: Path | None = None,
    stop: threading.Event | None = None,
    environment: Mapping[str, str] | None = None,
) -> CrawlSummary:
    """Runs a job in a process of its own, under this process's environment or another; raises as ``crawl``.

    A job is what ``crawl`` makes of its arguments. One with ``known`` (portal → addresses that are to be
    left alone) is done for the archive of another machine: see ``crawler.cluster.away``.
    """
    with TemporaryDirectory(prefix="gongkai-") as folder:
        order, result = Path(folder) / "job.json", Path(folder) / "summary.json"
        order.write_text(json.dumps(job, ensure_ascii=False), encoding="utf-8")
        # -P: a folder called crawler in the working directory must not be taken for ours.
        command = [sys.executable, "-P", "-m", "crawler.runner", str(order), str(result), "--with-parent"]
        # A group of its own: Ctrl-C reaches this process alone, as a signal sent by a program does.
        group: dict[str, Any] = {"process_group": 0} if os.name == "posix" else {}
        with _opened(log_file) as lines:
            child = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.PIPE, stderr=lines, env=environment, **group
            )
            code = _wait(child, stop)
        if not result.exists():
            raise CrawlFailedError(f"the crawling process ended with code {code} and without a summary")
        outcome = json.loads(result.read_text(encoding="utf-8"))
        if "error" in outcome:
            raise (ArchiveShutError if outcome.get("archive") else CrawlFailedError)(outcome["error"])
        return CrawlSummary.from_dict(outcome)


def _opened(log_file: Path | None) -> AbstractContextManager[IO[bytes] | None]:
    return nullcontext() if log_file is None else log_file.open("ab")


#: Seconds between two looks whether a crawl is to stop.
_LOOK = 0.2


def _wait(child: subprocess.Popen[bytes], stop: threading.Event | None = None) -> int:
    """Waits for the child; one Ctrl-C or SIGTERM is passed on, and it ends its requests in order.

    The second ends it at once. If this process dies, the child's stdin ends, which tells it.
    """
    assert child.stdin is not None
    with child.stdin, _passing_on(child) if stop is None else nullcontext():
        try:
            return child.wait() if stop is None else _until(child, stop)
        except KeyboardInterrupt:
            try:
                if os.name == "posix":  # elsewhere the console has told it
                    child.send_signal(signal.SIGINT)
                return child.wait()
            except KeyboardInterrupt:
                child.kill()
                child.wait()
                raise


def _until(child: subprocess.Popen[bytes], stop: threading.Event) -> int:
    """Waits for the child, and tells it once to end when it is to stop."""
    while not stop.is_set():
        try:
            return child.wait(_LOOK)
        except subprocess.TimeoutExpired:
            continue
    child.terminate()
    return child.wait()


@contextmanager
def _passing_on(child: subprocess.Popen[bytes]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # only there can a signal be handled
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


# -- in the child ------------------------------------------------------------------------


class Work:
    """Portals in groups of one site each; groups side by side, within a group one after another.

    So a site is never asked twice at one time, whichever of its portals asks.
    """

    def __init__(self, process: AsyncCrawlerProcess, portals: Iterable[Portal], job: dict[str, Any]) -> None:
        self._process = process
        self._job = job
        self._groups = deque(groups(portals))
        #: What came of each, in the order in which they began.
        self._came: list[list[PortalRun]] = []
        #: Those under way, by their place. A crawler holds all that its spider has met, so none is kept
        #: when it is done: a country has thousands of portals.
        self._crawls: dict[int, tuple[Portal, Crawler]] = {}
        self._stopping = False
        self._fault = ""

    @property
    def _ending(self) -> bool:
        return self._stopping or bool(self._fault)

    async def run(self) -> None:
        """Crawls all portals; returns when the last is done or the process was told to stop."""
        at_once = self._process.settings.getint("GONGKAI_PORTALS_AT_ONCE")
        await asyncio.gather(*(self._worker() for _ in range(at_once)))

    async def _worker(self) -> None:
        while self._groups and not self._ending:
            for portal in self._groups.popleft():
                await self._one(portal)
                if self._ending:
                    return

    async def _one(self, portal: Portal) -> None:
        crawler = self._process.create_crawler(portal.family)
        place = len(self._came)
        self._came.append([])
        self._crawls[place] = portal, crawler
        error = ""
        try:
            error = await self._crawled(portal, crawler)
        finally:
            self._came[place] = _came(portal, crawler, error)
            del self._crawls[place]

    async def _crawled(self, portal: Portal, crawler: Crawler) -> str:
        """Lets it crawl; gives why it did not even begin."""
        try:
            await self._process.crawl(
                crawler, portal=portal, year=self._job["year"], sample=self._job["sample"]
            )
        except ArchiveError as error:
            log.error("%s: %s", portal.key, error)
            self._fault = self._fault or str(error)
            return REASON
        except Exception as error:
            # One portal that cannot begin must not keep the others from their turn; it is in the summary.
            log.exception("the crawl of %s could not begin", portal.key)
            return f"{type(error).__name__}: {error}"
        # No other portal fares better with an archive that cannot be written.
        self._fault = self._fault or str(crawler.stats.get_value(FAULT, ""))
        if crawler.stats.get_value("finish_reason") == "shutdown":
            self._stopping = True
        return ""

    def summary(self, seconds: float) -> CrawlSummary:
        """What came of it; a portal whose turn never came is not in it."""
        for place, (portal, crawler) in self._crawls.items():
            self._came[place] = _came(portal, crawler, "")
        runs = tuple(run for came in self._came for run in came)
        return CrawlSummary(runs, seconds, self._stopping, self._fault)

    @property
    def whole(self) -> bool:
        """Whether the archive took all that was to be kept."""
        return not self._fault


def _came(portal: Portal, crawler: Crawler, error: str) -> list[PortalRun]:
    ended = _ended(crawler)
    if ended:
        return ended
    reason = error or str(crawler.stats.get_value("finish_reason", "error"))
    return [PortalRun(portal.key, None, reason, failed={reason if reason == REASON else "error": 1})]


def _ended(crawler: Crawler) -> list[PortalRun]:
    try:
        ledger = crawler.get_extension(Ledger)
    except RuntimeError:  # it never came to have extensions
        return []
    return ledger.runs if ledger is not None else []


def _settings(job: dict[str, Any]) -> Settings:
    settings = Settings()
    # By the module and not by scrapy.cfg, which is found only from within the project's folder.
    settings.setmodule("crawler.settings", priority="project")
    demo = {
        "DOWNLOAD_DELAY": 0.0,
        "AUTOTHROTTLE_START_DELAY": 0.0,
    }
    chosen = {
        "GONGKAI_DATA": job["data"],
        "GONGKAI_DEMO": job["demo"],
        "GONGKAI_REFETCH": job["refetch_all"],
        "GONGKAI_REFETCH_PORTALS": job.get("refetch", []),
        "GONGKAI_LOG": job.get("log"),
        "GONGKAI_PROGRESS": job["progress"],
        "GONGKAI_COVERAGE": False,
        "LOG_INSTALL_ROOT_HANDLER": False,  # logs.configure has done it
        **(demo if job["demo"] else {}),
        **({} if job.get("delay") is None else {"DOWNLOAD_DELAY": job["delay"]}),
    }
    settings.setdict(chosen, priority="cmdline")
    if "known" in job:
        away.lay(settings, job["known"], job["prefix"])
    return settings


def _settled() -> None:
    """All that is loaded by now stays for good, some hundred thousand objects: it is not looked at again.

    Each look for what may be freed would take a tenth of a second, in which no portal has its turn.
    """
    gc.collect()
    gc.freeze()


def _stop_reactor() -> None:
    # Not imported at the top: the first import installs a reactor, and not the one that is wanted.
    reactor: Any = import_module("twisted.internet.reactor")
    with suppress(ReactorNotRunning):  # a signal has stopped it already
        reactor.stop()


def _end_with_parent() -> None:
    """Stops the crawl when stdin ends: the process that holds the other end is gone, by whatever means.

    Otherwise a crawl would go on that nobody waits for, and keep the archive from the next one.
    """

    def watch() -> None:
        # Past Python's buffer: a thread that waits inside it at the end of the process is a fatal error.
        while os.read(_STDIN, 1):
            pass
        log.warning("the process that began this crawl has ended; the crawl ends too")
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def main(order: Path, result: Path, *, with_parent: bool = False) -> None:
    """Runs one job and writes its summary, or ``{"error"}`` if the archive is shut or the crawl dies."""
    job = json.loads(order.read_text(encoding="utf-8"))
    times.shift(timedelta(seconds=job.get("ahead", 0)))
    data = Path(job["data"])
    logs.configure(terminal=bool(job["progress"]) and sys.stderr.isatty())
    outcome: dict[str, Any]
    try:
        job["log"] = logs.keep(data, config.current()[keys.LOG_DAYS])
        # Open from before the first request to the end, so that no other writer comes in between.
        with Store.shared(data / DATABASE, demo=job["demo"]) as store:
            outcome = _run(job, store, with_parent=with_parent).as_dict()
    except ArchiveError as error:
        outcome = {"error": str(error), "archive": True}
    except Exception as error:
        # Whoever waits for the summary must learn why there is none.
        log.exception("the crawl died")
        outcome = {"error": f"the crawl died: {type(error).__name__}: {error}"}
    with suppress(FileNotFoundError):  # the parent has died and taken the folder with it
        result.write_text(json.dumps(outcome), encoding="utf-8")


def _run(job: dict[str, Any], store: Store, *, with_parent: bool) -> CrawlSummary:
    begun = monotonic()
    process = AsyncCrawlerProcess(_settings(job))
    _settled()
    if with_parent:
        _end_with_parent()
    work = Work(process, [from_entry(entry) for entry in job["portals"]], job)
    # One from the first portal to the last, and none beside this process when it proves.
    storing = Storing.shared(store.path, demo=store.demo, limits=limits(process.settings))
    try:
        running = asyncio.get_event_loop().create_task(work.run())
        running.add_done_callback(lambda _: _stop_reactor())
        process.start(stop_after_crawl=False)
    finally:
        # Also where spiders had no time to leave it: what is stored while others prove would be taken for
        # proved.
        storing.leave()
        storing.end()
    if running.done() and not running.cancelled():
        running.result()  # raises what went wrong in the work itself
    if work.whole and "known" not in job:  # else the next crawl does it, or who has sent us
        prove(store)
        store.refresh_coverage()
        cdxj.merge(Path(job["data"]) / WARCS)
    return work.summary(monotonic() - begun)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), with_parent="--with-parent" in sys.argv[3:])
