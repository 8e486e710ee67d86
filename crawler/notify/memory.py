"""What each channel was told, and what did not get there: a file of the data folder, replaced whole.

Not in the archive: that is a function of its originals, is rebuilt from them, and cannot be written
just when there is most to tell.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from archive import times
from archive.durable import sync_folder
from archive.warc_files import on_disk

log = logging.getLogger(__name__)

FILE = "notified.json"


@dataclass
class Failure:
    """A channel that cannot be reached: since when, how often it was tried, and when it is tried again."""

    since: str
    last: str
    times: int
    error: str
    again: str


@dataclass
class Memory:
    """All that is remembered."""

    told: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    """Channel → key of the news → its mark and title."""
    failures: dict[str, Failure] = field(default_factory=dict)
    """By channel; one that has been reached since is not among them."""

    def fail(self, channel: str, error: str, now: datetime, again: datetime) -> None:
        """Note that a channel was not reached."""
        before = self.failures.get(channel)
        at = times.text(now)
        self.failures[channel] = Failure(
            before.since if before else at, at, before.times + 1 if before else 1, error, times.text(again)
        )

    def waits(self, channel: str, now: datetime) -> bool:
        """Whether a channel is not to be tried yet."""
        failure = self.failures.get(channel)
        return failure is not None and times.text(now) < failure.again


def load(data: Path) -> Memory:
    """What is remembered in a data folder.

    A file that cannot be read is put aside, with a line in the log: to tell twice is better than
    never to tell again. Raises ``ArchiveError`` where that cannot be done either.
    """
    path = data / FILE
    with on_disk(data):
        if not path.exists():
            return Memory()
        raw = path.read_bytes()
    try:
        return _memory(json.loads(raw))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        log.error("%s is damaged (%s); what was told may be told once more", path, error)
        with on_disk(data):
            path.replace(path.with_suffix(".damaged"))
        return Memory()


def _memory(raw: Any) -> Memory:
    told = {
        str(channel): {str(key): {"mark": one["mark"], "title": one["title"]} for key, one in news.items()}
        for channel, news in raw["told"].items()
    }
    return Memory(told, {str(name): Failure(**one) for name, one in raw["failures"].items()})


def save(data: Path, memory: Memory) -> None:
    """Put it in place, whole or not at all; raises ``ArchiveError``."""
    path = data / FILE
    part = path.with_suffix(".part")
    body = json.dumps(asdict(memory), ensure_ascii=False, indent=1, sort_keys=True)
    with on_disk(data):
        with part.open("w", encoding="utf-8") as stream:
            stream.write(body + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
        sync_folder(data)
