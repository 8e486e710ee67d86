"""What the status page of a running site says is due, and who could not be told; asked anew at most twice
a minute, however often the page is."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from pathlib import Path

from archive import times
from archive.errors import ArchiveError
from archive.outlook import Late, Outlook, Untold
from crawler.config import Config, keys
from crawler.notify import memory
from crawler.schedule.plan import plan
from crawler.schedule.registry import Registry
from spiders.portals import RegistryError

log = logging.getLogger(__name__)

_KEPT = timedelta(seconds=30)


def outlook(data: Path, settings: Config, registry: Registry, now: datetime) -> Outlook:
    """Raises ``ArchiveError`` and ``RegistryError``."""
    planned = plan(registry.portals(), data, settings, now)
    return Outlook(
        tuple(
            Late(one.portal.key, one.portal.name, times.text(one.due.at))
            for one in planned
            if one.due.at <= now
        ),
        tuple(
            Untold(channel, one.since, one.times, one.again)
            for channel, one in sorted(memory.load(data).failures.items())
        ),
    )


class Watcher:
    """The outlook on a data folder, for ``archive.serve``; safe for threads."""

    def __init__(self, data: Path, settings: Config) -> None:
        self._data, self._settings = data, settings
        self._registry = Registry(settings[keys.PORTALS])
        self._guard = threading.Lock()
        self._held: Outlook | None = None
        self._until: datetime | None = None

    def __call__(self) -> Outlook | None:
        with self._guard:
            now = times.now()
            if self._until is None or now >= self._until:
                self._held, self._until = self._asked(now), now + _KEPT
            return self._held

    def _asked(self, now: datetime) -> Outlook | None:
        try:
            return outlook(self._data, self._settings, self._registry, now)
        except (ArchiveError, RegistryError) as error:
            log.error("what is due cannot be told: %s", error)
            return None
