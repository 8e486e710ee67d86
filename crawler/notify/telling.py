"""One round of telling: what stands, who knows it already, who could not be reached. Never ends a run."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from archive import health, lock, times
from archive.errors import ArchiveError, BusyError
from archive.merges import reading
from crawler.config import Config, keys
from crawler.notify import memory
from crawler.notify.channels import Channel, ChannelError, channels
from crawler.notify.memory import Memory
from crawler.notify.news import News, Told, of_portals, of_schedule, remembered, shortened, to_tell
from pipelines.items import DATABASE

log = logging.getLogger(__name__)

#: A channel that does not come back is tried once a day.
_LONGEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Result:
    """What one channel came to."""

    channel: str
    told: tuple[Told, ...] = ()
    error: str = ""
    waits: str = ""
    """When it is tried again, where it was left alone this time."""


@dataclass
class Notifier:
    """Tells the channels that are set; ``failed`` says why the schedule could make no crawl, or nothing."""

    config: Config
    channels: Sequence[Channel] = field(default_factory=tuple)

    @classmethod
    def of(cls, config: Config) -> Notifier:
        """With the channels of the settings."""
        return cls(config, channels(config))

    def after(self, failed: str) -> None:
        """After a round of the schedule: tell what is new, and log whatever keeps it from being told."""
        if not self.channels:
            return
        try:
            self.tell(failed=failed)
        except BusyError:
            log.info("another process tells the news just now")
        except ArchiveError as error:
            log.error("the news could not be told: %s", error)
        except Exception:
            # Whatever is wrong with the telling, the visits go on.
            log.exception("the news could not be told")

    def current(self, failed: str | None) -> list[News]:
        """All that is not as it should be; raises ``ArchiveError``."""
        database = self.config[keys.DATA] / DATABASE
        found: list[News] = of_schedule(failed or "")
        outcomes: tuple[str, ...] = self.config[keys.NOTIFY_OUTCOMES]
        if database.exists():
            with reading(database) as db:
                found += of_portals(health.standings(db.conn), outcomes)
        return found

    def tell(self, *, failed: str | None = None, at_once: bool = False) -> list[Result]:
        """Tell each channel what it does not know.

        ``failed``: ``None`` leaves what was told of the schedule as it is. ``at_once``: also channels
        that wait after a failure. What a channel was told is written down before the next one's
        turn, so that a kill between the two tells nobody twice. Raises ``ArchiveError``, ``BusyError``
        among them where another process is at it.
        """
        data: Path = self.config[keys.DATA]
        data.mkdir(parents=True, exist_ok=True)
        with lock.held(data / "notify", timeout=0):
            known = memory.load(data)
            current = self.current(failed)
            return [self._one(channel, current, known, data, failed, at_once) for channel in self.channels]

    def _one(
        self,
        channel: Channel,
        current: Sequence[News],
        known: Memory,
        data: Path,
        failed: str | None,
        at_once: bool,
    ) -> Result:
        told, now = known.told.get(channel.name, {}), times.now()
        given = [one for one in to_tell(current, told) if failed is not None or one.news.key != "schedule"]
        if not given:
            if known.failures.pop(channel.name, None):  # what it could not be told is over
                memory.save(data, known)
            return Result(channel.name)
        if known.waits(channel.name, now) and not at_once:
            return Result(channel.name, waits=known.failures[channel.name].again)
        given = shortened(given)
        try:
            channel.send(given)
        except ChannelError as error:
            log.error("news could not be told by %s: %s", channel.name, error)
            known.fail(channel.name, str(error), now, now + self._patience(known, channel.name))
            memory.save(data, known)
            return Result(channel.name, error=str(error))
        known.failures.pop(channel.name, None)
        known.told[channel.name] = remembered(told, given)
        memory.save(data, known)
        log.info("told %s pieces of news by %s", len(given), channel.name)
        return Result(channel.name, tuple(given))

    def _patience(self, known: Memory, channel: str) -> timedelta:
        """Before a channel is tried again; doubled each time, up to a day."""
        before = known.failures.get(channel)
        first: timedelta = timedelta(minutes=self.config[keys.NOTIFY_RETRY_MINUTES])
        return min(first * float(2 ** min(before.times if before else 0, 20)), _LONGEST)


def waiting(data: Path) -> list[str]:
    """Channels that cannot be reached, in words; for the status."""
    return [
        f"{name}: {one.times} × since {one.since}, again {one.again}: {one.error}"
        for name, one in sorted(memory.load(data).failures.items())
    ]
