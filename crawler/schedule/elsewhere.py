"""Rounds of the schedule whose visits are made on the workers of a cluster."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from archive.errors import ArchiveError
from crawler.cluster import connected, possible
from crawler.cluster.crawling import Wanted, crawl
from crawler.cluster.shards import Shards
from crawler.runner import ArchiveShutError, CrawlFailedError
from crawler.summary import CrawlSummary
from pipelines.reading import Limits
from spiders.portals import Portal

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OnCluster:
    """Crawls as ``crawler.runner.crawl`` does, but on a cluster, to which it connects anew each time.

    A portal of which an earlier crawl left a visit behind is not visited again: when it is due next follows
    from that visit, now that the archive has it. Where not one visit could be made, that is raised; the
    archive knows of no try then, and the portals would be due again at once.
    """

    address: str
    shards: str
    limits: Limits

    def check(self) -> None:
        """Raises ``ClusterError`` for what no later round would find better."""
        possible(self.address)
        Shards(self.shards)

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
        if ahead:
            raise ValueError(f"the workers of {self.address} live in the present: no other time can be had")
        wanted = Wanted(demo=demo, refetch=tuple(sorted(refetch)))
        try:
            with connected(self.address) as client:
                summary = crawl(
                    client,
                    portals,
                    wanted,
                    data=data,
                    shards=Shards(self.shards),
                    limits=self.limits,
                    progress=progress,
                    stop=stop,
                    again=False,
                )
        except (ArchiveError, CrawlFailedError):
            raise
        except Exception as error:
            # As with the process of a crawl that is made here: whatever ends it, the schedule goes on.
            log.exception("the crawl died")
            raise CrawlFailedError(f"the crawl died: {type(error).__name__}: {error}") from error
        return _made(summary)


def _made(summary: CrawlSummary) -> CrawlSummary:
    """The same; raises where the archive has nothing of it."""
    if summary.fault:
        raise ArchiveShutError(summary.fault)
    if summary.portals and not summary.interrupted and all(run.run is None for run in summary.portals):
        why = sorted({run.finish_reason for run in summary.portals})
        raise CrawlFailedError(f"none of {len(summary.portals)} portals could be visited: {'; '.join(why)}")
    return summary
