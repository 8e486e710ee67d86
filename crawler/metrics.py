"""What ``gongkai status`` knows, as Prometheus reads it.

All of it is worked out from the archive when it is asked for (a custom collector), so a restart loses no
count, and what a crawl by hand did is counted like any other. Names and types follow the exposition
format's rules (prometheus.io/docs/instrumenting): seconds since 1970, ``_total`` for what only grows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from archive import health, times
from archive.errors import ArchiveError
from crawler.config.keys import host_and_port
from spiders.portals import RegistryError

log = logging.getLogger(__name__)

#: What ``gather`` of ``gongkai status`` gives.
Told = Mapping[str, Any]
#: Column of the sums of all runs → what it counts.
_COUNTED = {
    "requests": "Requests to portals",
    "found": "Report links found",
    "stored": "New reports",
    "revised": "Revisions",
    "failed": "Issues recorded",
}
assert tuple(_COUNTED) == health.COUNTED


def text(told: Told) -> str:
    """One moment in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Standing(lambda: told))
    return generate_latest(registry).decode()


def serve(address: str, ask: Callable[[], Told]) -> None:
    """Answers on ``HOST:PORT`` until this process ends, each time anew.

    Raises ``OSError`` where the port is taken.
    """
    host, port = host_and_port(address)
    registry = CollectorRegistry(auto_describe=False)
    # Not asked when it is registered: there may be no archive yet.
    registry.register(_Standing(ask))
    start_http_server(port, host, registry)


class _Standing(Collector):
    def __init__(self, ask: Callable[[], Told]) -> None:
        self._ask = ask

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        readable = GaugeMetricFamily("gongkai_archive_readable", "Whether the archive could be read: 1 or 0")
        try:
            told = self._ask()
        except (ArchiveError, RegistryError) as error:
            log.error("no metrics: %s", error)
            readable.add_metric((), 0)
            yield readable
            return
        readable.add_metric((), 1)
        yield readable
        yield from _families(told)


def _families(told: Told) -> Iterable[Metric]:
    portals = GaugeMetricFamily(
        "gongkai_portals", "Portals by outcome of their latest visit", labels=["outcome"]
    )
    for outcome, number in told["outcomes"].items():
        portals.add_metric([outcome], number)
    yield portals
    trouble = GaugeMetricFamily(
        "gongkai_portal_trouble_since_timestamp_seconds",
        "Since when a portal is in trouble",
        labels=["portal", "outcome"],
    )
    for one in told["troubled"]:
        trouble.add_metric([one["portal"], one["outcome"]], _seconds(one["since"]))
    yield trouble
    yield GaugeMetricFamily("gongkai_portals_due", "Portals whose visit is due now", value=len(told["due"]))
    yield GaugeMetricFamily(
        "gongkai_channels_failing", "Channels that could not be told", value=len(told["untold"])
    )
    if told["runs"]:
        last = max(run["started_at"] for run in told["runs"])
        yield GaugeMetricFamily(
            "gongkai_last_run_timestamp_seconds", "When the latest run began", value=_seconds(last)
        )
    for column, meaning in _COUNTED.items():
        yield CounterMetricFamily(f"gongkai_{column}", f"{meaning}, all runs", value=told["sums"][column])
    reports = GaugeMetricFamily(
        "gongkai_coverage",
        f"Issuers of the year {told['year']} by province and whether they have filed",
        labels=["province", "status"],
    )
    for part in told["coverage"]:
        for status, number in part.items():
            if status != "province":
                reports.add_metric([part["province"] or "", status], number)
    yield reports


def _seconds(moment: str) -> float:
    return times.read(moment).timestamp()
