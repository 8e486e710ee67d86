"""One request at a time to a server, whichever portal asks: hosts that mean one IP address share a lane.

Scrapy's slots keep one site's requests apart, and ``sites.groups`` lets portals of one
registry group wait for each other. What neither sees is that the counties of a prefecture
may stand on one machine under names of their own; that shows only when a name is resolved.
A registry group has a lane as well, so that the delay is kept between its portals too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from time import monotonic
from typing import Any

from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import DeferredLock
from twisted.internet.error import DNSLookupError
from twisted.internet.task import deferLater


class _Lane:
    """Where requests to one address wait for each other."""

    def __init__(self) -> None:
        self.lock = DeferredLock()
        self.last = float("-inf")


#: By address; one process has one reactor and so one set of lanes, for all its crawls.
_lanes: dict[str, _Lane] = {}


@asynccontextmanager
async def turn(host: str, spacing: float, group: str | None = None) -> AsyncIterator[None]:
    """Waits until no request to the host's address or group is under way, and ``spacing`` seconds
    after the last."""
    # "=" is in no host name. Always in the same order, so that two never wait for each other.
    names = sorted({await _address(host), *([f"group={group}"] if group else [])})
    taken: list[_Lane] = []
    try:
        for name in names:
            lane = _lanes.setdefault(name, _Lane())
            await maybe_deferred_to_future(lane.lock.acquire())
            taken.append(lane)
        wait = max(lane.last for lane in taken) + spacing - monotonic()
        if wait > 0:
            await maybe_deferred_to_future(deferLater(_reactor(), wait))
        for lane in taken:
            lane.last = monotonic()
        yield
    finally:
        for lane in taken:
            lane.lock.release()


async def _address(host: str) -> str:
    """The address a host's name means; the name itself where it means none, which the request will report."""
    try:
        return str(await maybe_deferred_to_future(_reactor().resolve(host)))
    except (DNSLookupError, OSError):
        return host


def _reactor() -> Any:
    # Not imported at the top: the first import installs a reactor, and not the one that is wanted.
    return import_module("twisted.internet.reactor")
