"""One round of the schedule after the other: what is due is visited, a batch at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from archive import lock, times
from archive.errors import ArchiveError, BusyError
from crawler.config import Config, keys
from crawler.runner import CrawlFailedError, crawl
from crawler.schedule.plan import Planned, plan, rules
from crawler.schedule.registry import Registry
from crawler.summary import CrawlSummary
from spiders.portals import Portal, RegistryError

log = logging.getLogger(__name__)

#: After a crawl that could not even begin, doubled each time up to an hour: a full disk or a second
#: writer does not pass in a minute.
_PATIENCE = timedelta(minutes=1)
_LONGEST_PATIENCE = timedelta(hours=1)


class RunningError(Exception):
    """Another schedule runs on this data folder."""


class Crawl(Protocol):
    """Has portals visited, and waits until all are done; as ``crawler.runner.crawl``."""

    def __call__(
        self,
        portals: Sequence[Portal],
        *,
        data: Path,
        demo: bool,
        progress: bool,
        refetch: Collection[str],
        stop: threading.Event,
        ahead: timedelta,
    ) -> CrawlSummary:
        """Raises ``ArchiveError`` or ``CrawlFailedError`` where it could not be made."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did."""

    planned: tuple[Planned, ...] = ()
    summary: CrawlSummary | None = None
    """``None`` where nothing was asked."""
    failed: str = ""
    """Why the crawl could not be made."""


#: After a round that failed: nothing was tried, and nothing is known to be well again.
_WAITING = Round()


@dataclass
class Rounds:
    """Visits what is due, and remembers nothing that the archive does not.

    ``ahead``: how much later it is than the clock says, asked anew each time; only a demonstration
    may be ahead. ``stop``: ends the crawl that is under way.
    """

    config: Config
    registry: Registry
    stop: threading.Event = field(default_factory=threading.Event)
    ahead: Callable[[], timedelta] = timedelta
    progress: bool = False
    crawl: Crawl = crawl
    """Who visits: this machine, unless told otherwise."""
    after: Callable[[str], None] | None = None
    """Called after each round with why it failed, or nothing; it tells people, and must not raise."""
    _patience: timedelta = field(default=timedelta(), init=False)
    _not_before: datetime | None = field(default=None, init=False)

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.config[keys.DATA]

    def now(self) -> datetime:
        """The present moment, wherever the clock is."""
        times.shift(self.ahead())
        return times.now()

    def due(self) -> list[Planned]:
        """What is due now, the longest overdue first; nothing outside of the night window."""
        now = self.now()
        window = rules(self.config).night
        if window is not None and not window.is_open(now):
            return []
        planned = plan(self.registry.portals(), self.data, self.config, now)
        return [one for one in planned if one.due.at <= now]

    def run(self) -> Round:
        """One batch of what is due. Faults are logged and told, and leave everything due."""
        done = self._round()
        if self.after is not None and done is not _WAITING:
            self.after(done.failed)
        return done

    def _round(self) -> Round:
        if self._not_before is not None and self.now() < self._not_before:
            return _WAITING
        try:
            batch = tuple(self.due()[: self.config[keys.BATCH]])
            if not batch or self.stop.is_set():
                return Round()
            summary = self._crawl(batch)
        except (ArchiveError, CrawlFailedError, RegistryError) as error:
            self._patience = min(max(self._patience * 2, _PATIENCE), _LONGEST_PATIENCE)
            self._not_before = self.now() + self._patience
            log.error("the round failed, the next is in %s: %s", self._patience, error)
            return Round(failed=str(error))
        self._patience, self._not_before = timedelta(), None
        return Round(batch, summary)

    def _crawl(self, batch: tuple[Planned, ...]) -> CrawlSummary:
        log.info("visiting %s portals: %s", len(batch), ", ".join(one.portal.key for one in batch))
        summary = self.crawl(
            [one.portal for one in batch],
            data=self.data,
            demo=self.config[keys.DEMO],
            progress=self.progress,
            refetch=[one.portal.key for one in batch if one.due.mode == "all"],
            stop=self.stop,
            ahead=self.ahead(),
        )
        log.info(
            "visited %s portals: %s new reports, %s revisions, %s issues",
            len(summary.portals),
            summary.stored,
            summary.revised,
            sum(summary.failed.values()),
        )
        return summary


def alone(data: Path) -> None:
    """Keeps others from running a schedule on this data folder, until this process ends.

    Raises ``RunningError`` if another process does.
    """
    data.mkdir(parents=True, exist_ok=True)
    try:
        lock.acquire(data / "schedule", timeout=0)
    except BusyError as error:
        raise RunningError(f"{data}: another `gongkai schedule run` is at work here") from error
