"""One request at a time to a server, whichever portal asks: hosts that mean one IP address share a lane.

Scrapy's slots keep one site's requests apart, and ``runner.groups`` lets portals of one
registry group wait for each other. What neither sees is that the counties of a prefecture
may stand on one machine under names of their own; that shows only when a name is resolved.
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
async def turn(host: str, spacing: float) -> AsyncIterator[None]:
    """Waits until no request to the host's address is under way, and ``spacing`` seconds after the last."""
    lane = _lanes.setdefault(await _address(host), _Lane())
    await maybe_deferred_to_future(lane.lock.acquire())
    try:
        wait = lane.last + spacing - monotonic()
        if wait > 0:
            await maybe_deferred_to_future(deferLater(_reactor(), wait))
        lane.last = monotonic()
        yield
    finally:
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
