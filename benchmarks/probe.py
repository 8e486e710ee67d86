"""What is watched inside a crawl that is timed: when items were through, and how late the reactor came.

A beat every 5 ms is as late as the reactor was held up. ``STATE`` is one for all crawlers of the process.
"""

from __future__ import annotations

import asyncio
import time
from array import array
from dataclasses import dataclass, field

from scrapy import signals
from scrapy.crawler import Crawler

#: Seconds from one beat to the next.
BEAT = 0.005


def _none() -> array[float]:
    """Numbers in a row of memory: what is watched must not grow with the watching."""
    return array("d")


@dataclass(slots=True)
class State:
    """Seconds, by the monotonic clock of the process."""

    opened: float = 0.0
    """When the first spider was opened."""
    done: array[float] = field(default_factory=_none)
    """When each item, or each page of a crawl without items, was through."""
    late: array[float] = field(default_factory=_none)
    """How late each beat came."""
    worked: array[float] = field(default_factory=_none)
    """What the reactor's thread worked from each beat to the next, waiting left out."""
    closed: float = 0.0
    """When the last spider was closed."""
    cpu: float = 0.0
    """What all threads of the process worked from the first spider's opening to the last one's end."""
    reactor: float = 0.0
    """The reactor's thread alone."""

    def as_dict(self) -> dict[str, object]:
        series = {name: list(getattr(self, name)) for name in ("done", "late", "worked")}
        spent = {name: getattr(self, name) + end for name, end in _END.items()}
        return series | spent | {"opened": self.opened, "closed": self.closed}


STATE = State()
#: The same clocks at the end of the last spider so far.
_END: dict[str, float] = {}


class Probe:
    """Extension: watches from the first spider's opening to the last one's end."""

    def __init__(self, crawler: Crawler) -> None:
        for handler, signal in (
            (self._opened, signals.spider_opened),
            (self._scraped, signals.item_scraped),
            (self._closed, signals.spider_closed),
        ):
            crawler.signals.connect(handler, signal)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Probe:
        return cls(crawler)

    def _opened(self) -> None:
        if not STATE.opened:
            STATE.opened = time.monotonic()
            STATE.cpu, STATE.reactor = -time.process_time(), -time.thread_time()
            _beat(asyncio.get_running_loop(), STATE.opened, time.thread_time())

    def _scraped(self) -> None:
        STATE.done.append(time.monotonic())

    def _closed(self) -> None:
        STATE.closed = time.monotonic()
        _END["cpu"], _END["reactor"] = time.process_time(), time.thread_time()


def _beat(loop: asyncio.AbstractEventLoop, due: float, worked: float) -> None:
    """Notes how late this beat is, and calls the next."""
    now, cpu = time.monotonic(), time.thread_time()
    STATE.late.append(max(0.0, now - due))
    STATE.worked.append(cpu - worked)
    loop.call_later(BEAT, _beat, loop, now + BEAT, cpu)
