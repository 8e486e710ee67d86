"""A crawl on the workers of a cluster: here it is said what is to be visited, and kept what comes."""

from __future__ import annotations

import logging
import queue
import secrets
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from archive import cdxj, times
from archive.errors import ArchiveError, WrongArchiveError
from archive.store import Store
from archive.warc import WarcWriter
from crawler import carried, config
from crawler.books import Books, mode_of
from crawler.cluster import ClusterError, visiting
from crawler.cluster.adopting import Archive, adopt, clear, noted
from crawler.cluster.reading import AT_ONCE, ClusterReaders
from crawler.cluster.shards import DamagedShardError, Shards
from crawler.cluster.visiting import Order, Visited
from crawler.config import Config, keys
from crawler.config.keys import Setting
from crawler.sites import groups, shared
from crawler.summary import CrawlSummary, PortalRun
from pipelines.across import prove
from pipelines.items import DATABASE, WARCS
from pipelines.reading import Limits
from pipelines.version import PARSER
from spiders.portals import Portal

if TYPE_CHECKING:
    from distributed import Client, Future

log = logging.getLogger(__name__)

#: Settings by which a portal is asked; what else is set concerns this machine alone.
_MANNERS: tuple[Setting[Any], ...] = (
    keys.CONTACT,
    keys.NIGHT,
    keys.DAILY_BUDGET,
    keys.REST_HOURS,
    keys.DELAY,
    keys.TIMEOUT,
    keys.MAX_MEGABYTES,
    keys.LONGEST_PAUSE,
    keys.WARC_SIZE,
    keys.WARC_LISTS,
)
#: Seconds between two looks whether the crawl is to stop, or the cluster is gone.
_LOOK = 1.0
#: Why visits were not made whose scheduler is gone.
_GONE = "cluster"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a crawl is asked for; as the arguments of ``crawler.runner.crawl``."""

    year: int | None = None
    sample: int | None = None
    refetch_all: bool = False
    demo: bool = False
    delay: float | None = None
    refetch: tuple[str, ...] = ()

    @property
    def some(self) -> bool:
        """Whether a sample, or one year, is all that is fetched."""
        return self.sample is not None or self.year is not None

    def whole(self, portal: Portal) -> bool:
        """Whether of this portal is fetched also what is known."""
        return self.refetch_all or portal.key in self.refetch


def crawl(
    client: Client,
    portals: Sequence[Portal],
    wanted: Wanted,
    *,
    data: Path,
    shards: Shards,
    limits: Limits,
    progress: bool = True,
    stop: threading.Event | None = None,
    again: bool = True,
) -> CrawlSummary:
    """Visits portals on the workers of a cluster and takes what comes into the archive under ``data``.

    The portals of one site are one visit, made by one worker from beginning to end; so many visits are
    under way as the setting ``at_once`` says, for each worker. Shards that an earlier crawl left come first.
    One Ctrl-C or SIGTERM ends the visits after the requests under way; a second ends this at once, and what
    the visits bring then is taken in by the next crawl. ``stop`` does what the first signal does, for
    callers that have handlers of their own. ``again``: also portals of which such a shard has just told the
    visit.

    Closes ``client``. Raises ``ClusterError`` where a worker does not reach ``shards``, and ``ArchiveError``
    if the archive cannot be opened; where it cannot be written any more the summary says why.
    """
    begun = monotonic()
    with ExitStack() as stack:
        stack.callback(client.close)
        _reached(client, shards)
        store = stack.enter_context(Store.shared(data / DATABASE, demo=wanted.demo))
        readers = ClusterReaders(client, store.extra_divisions(), limits=limits)
        stack.callback(readers.close)
        writer = stack.enter_context(WarcWriter(data / WARCS, "gongkai"))
        archive = Archive(store, readers, AT_ONCE, writer)
        work = _Work(client, archive, shards, wanted, config.current(), stop or threading.Event())
        stack.enter_context(_bar(work, progress))
        work.leftovers()
        told: set[str] = set() if again else {run.portal for run in work.runs}
        with _told_to_stop(work.stop) if stop is None else nullcontext():
            work.run(groups([portal for portal in portals if portal.key not in told]))
        work.settle_lost()
        if not work.fault:  # else the next crawl does it
            writer.close()
            prove(store)
            store.refresh_coverage()
            cdxj.merge(data / WARCS)
    return CrawlSummary(tuple(work.runs), monotonic() - begun, work.stop.is_set(), work.fault)


def _reached(client: Client, shards: Shards) -> None:
    """Raises ``ClusterError`` unless every worker reaches the place for shards."""
    word = f"word-{secrets.token_hex(6)}"
    shards.leave_word(word)
    try:
        heard = client.run(shards.hears, word, on_error="return")
    finally:
        shards.take_back(word)
    for worker, said in sorted(heard.items()):
        if said is not True:
            why = f" ({said})" if isinstance(said, Exception) else ""
            raise ClusterError(
                f"{worker}: does not reach {shards.address}{why};"
                " name a folder or bucket that all machines reach: --shards"
            )


@dataclass
class _Work:
    """The visits of one crawl."""

    client: Client
    archive: Archive
    shards: Shards
    wanted: Wanted
    config: Config
    stop: threading.Event
    runs: list[PortalRun] = field(default_factory=list)
    fault: str = ""
    told: Callable[[int, int], None] = lambda _done, _all: None

    def __post_init__(self) -> None:
        self._name = f"{times.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        self._under_way: dict[Future, list[Portal]] = {}
        self._lost: list[tuple[list[Portal], str]] = []
        self._done: queue.SimpleQueue[Future] = queue.SimpleQueue()

    def leftovers(self) -> None:
        """Take in what visits of a crawl brought that was not there any more."""
        clear(self.archive.data)
        for name in self.shards.whole():
            if self._ending:
                return
            log.warning("%s: left by an earlier crawl, taken in now", name)
            self._adopt(name, ())

    def run(self, waiting: Sequence[list[Portal]]) -> None:
        """Have all groups of portals visited; returns when nothing is under way any more."""
        left, told = deque(waiting), False
        while self._under_way or (left and not self._ending):
            if self.client.status in ("closing", "closed"):
                self._gone(left)
            while left and not self._ending and len(self._under_way) < self._at_once():
                self._submit(left.popleft())
            if self._ending and not told and self._under_way:
                self.client.run(visiting.end, self._name, on_error="return")
                told = True
            for future in self._ended():
                if future.cancelled():  # not by us
                    self._gone(left)
                self._take(future)
                self.told(len(waiting) - len(left) - len(self._under_way), len(waiting))

    @property
    def _ending(self) -> bool:
        return self.stop.is_set() or bool(self.fault)

    def _at_once(self) -> int:
        return self.config[keys.AT_ONCE] * max(1, len(self.client.nthreads()))

    def _submit(self, group: list[Portal]) -> None:
        asked = order(self.archive.store, group, self.wanted, self.config, self._name, self.shards)
        future = self.client.submit(visiting.visit, asked, pure=False)
        self._under_way[future] = group
        future.add_done_callback(self._done.put)

    def _ended(self) -> Iterator[Future]:
        """Visits that ended; after a second at the latest it is time to look at the rest."""
        try:
            yield self._done.get(timeout=_LOOK)
            while True:
                yield self._done.get_nowait()
        except queue.Empty:
            return

    def _take(self, future: Future) -> None:
        group = self._under_way.pop(future, None)
        if group is None:  # given up already
            return
        # Whatever a worker raised, or died of, is about these portals alone.
        error = future.exception()
        if error is not None:
            from distributed import KilledWorker

            if isinstance(error, KilledWorker):
                why = f"{error.allowed_failures + 1} workers were lost with this visit"
                log.error("%s: not visited: %s", _named(group), why)
                self._lost.append((group, why))
                return
            log.error("%s: not visited: %s: %s", _named(group), type(error).__name__, error)
            self._failed(group, f"{type(error).__name__}: {error}")
            return
        visited: Visited = future.result()
        future.release()
        before = len(self.runs)
        if visited.shard:
            self._adopt(visited.shard, group)
        if visited.error:
            log.error("%s: %s", _named(group), visited.error)
            told = {run.portal for run in self.runs[before:]}  # it died after these
            self._failed([portal for portal in group if portal.key not in told], visited.error)

    def _adopt(self, name: str, group: Sequence[Portal]) -> None:
        if self.fault:  # the next crawl takes it in
            return
        try:
            self.runs += adopt(self.archive, self.shards, name)
        except (DamagedShardError, WrongArchiveError, ClusterError) as error:
            log.error("%s: not taken in: %s", name, error)
            self._failed(group, str(error))
        except ArchiveError as error:
            log.error("%s: %s", name, error)
            self.fault = str(error)

    def settle_lost(self) -> None:
        """Enter the visits with which workers were lost: it may be what they died of, so they have to wait.

        Where nothing but such came, it is the workers and not the portals, and no portal has to wait for it.
        """
        made = any(run.run is not None for run in self.runs)
        for group, why in self._lost:
            if made and not self.fault:
                self._enter_lost(group, why)
            else:
                self._failed(group, why)
        self._lost.clear()

    def _enter_lost(self, group: Sequence[Portal], why: str) -> None:
        store = self.archive.store
        for portal in group:
            mode = mode_of(some=self.wanted.some, whole=self.wanted.whole(portal))
            try:
                with store.writing():
                    run = Books(store).lost(portal, mode=mode, why=why)
            except ArchiveError as error:
                log.error("%s: %s", portal.key, error)
                self.fault = str(error)
                self._failed([portal], why)
                continue
            self.runs.append(run)
            assert run.run is not None
            noted(self.archive.writer, store, run.run)

    def _failed(self, group: Sequence[Portal], reason: str) -> None:
        self.runs += [PortalRun(portal.key, None, reason, failed={"error": 1}) for portal in group]

    def _gone(self, left: deque[list[Portal]]) -> None:
        """The scheduler is gone, and with it who could tell how the visits end."""
        if not self._under_way and not left:
            return
        log.error("the scheduler is gone; %s visits were under way", len(self._under_way))
        for group in (*self._under_way.values(), *left):
            self._failed(group, _GONE)
        self._under_way.clear()
        left.clear()


def order(
    store: Store, group: Sequence[Portal], wanted: Wanted, config: Config, crawl: str, shards: Shards
) -> Order:
    """What a worker is told of portals of one site, with all that this archive knows of them."""
    books, whole = Books(store), {portal.key for portal in group if wanted.whole(portal)}
    job = {
        "portals": [portal.entry() for portal in group],
        "year": wanted.year,
        "sample": wanted.sample,
        "refetch_all": wanted.refetch_all,
        "demo": wanted.demo,
        "progress": False,
        "delay": wanted.delay,
        "refetch": sorted(whole),
        "known": {p.key: [] if p.key in whole else sorted(books.known(p.key)) for p in group},
    }
    marks = ", ".join("?" * len(group))
    rows = store.db.query(f"SELECT * FROM portals WHERE key IN ({marks})", [p.key for p in group])  # noqa: S608
    return Order(
        crawl=crawl,
        job=job,
        sites=tuple(sorted({site for portal in group for site in shared(portal)})),
        settings=_as_toml(config),
        divisions=tuple(store.extra_divisions()),
        portals=tuple(rows),
        carried=carried.of(store.path.parent, group, times.now()),
        shards=shards,
        parser=PARSER,
    )


def _as_toml(config: Config) -> str:
    """The settings by which portals are asked, as a file for ``GONGKAI_CONFIG``."""
    return "".join(f"{one.key} = {one.kind.show(config.values[one.key])}\n" for one in _MANNERS)


def _named(group: Sequence[Portal]) -> str:
    return ", ".join(portal.key for portal in group)


@contextmanager
def _told_to_stop(stop: threading.Event) -> Iterator[None]:
    """The first signal lets the visits end, the second ends this."""

    def told(number: int, _frame: Any) -> None:
        if stop.is_set():
            signal.default_int_handler(number, None)
        stop.set()

    mine = threading.current_thread() is threading.main_thread()  # only there can a signal be handled
    before = {number: signal.signal(number, told) for number in (signal.SIGINT, signal.SIGTERM) if mine}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _bar(work: _Work, progress: bool) -> Iterator[None]:
    """Sites done of all, on a terminal."""
    hidden = not (progress and sys.stderr.isatty())
    with tqdm(unit=" sites", desc="crawling", disable=hidden, file=sys.stderr, leave=False) as bar:

        def told(done: int, whole: int) -> None:
            bar.total = whole
            bar.update(done - bar.n)

        work.told = told
        yield
