"""Whether a crawl grows with what it crawls: memory of its processes at each tenth of many pages."""

from __future__ import annotations

import json
import shutil
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path

from benchmarks import child, crawling
from benchmarks.pages import COUNTIES
from benchmarks.portal import Portal
from benchmarks.throughput import documents
from pipelines.items import DATABASE

#: Reports of one portal; the largest collections have some.
_EACH = 500


@dataclass(frozen=True, slots=True)
class Tenth:
    """Where a crawl stood."""

    pages: int
    seconds: float
    own: float
    """Megabytes in memory of the process that fetches and writes."""
    readers: float
    """Of those that read and the one that stores, all together."""


def tenths(done: list[float], samples: list[tuple[float, int, int]]) -> list[Tenth]:
    """The state at each tenth of the pages: ``done`` says when each was through."""
    moments = [moment for moment, _, _ in samples]
    found = []
    for tenth in range(1, 11):
        pages = len(done) * tenth // 10
        at = min(bisect_left(moments, done[pages - 1]), len(samples) - 1)
        _, own, others = samples[at]
        found.append(Tenth(pages, done[pages - 1] - done[0], own / 1e6, others / 1e6))
    return found


def growth(found: list[Tenth]) -> float:
    """Memory at the end divided by that at three tenths, when all is warm."""
    return (found[-1].own + found[-1].readers) / (found[2].own + found[2].readers)


def measure(folder: Path, reports: int) -> list[Tenth]:
    """A crawl of so many pages into an empty archive.

    Raises ``child.FailedError`` where it did not store every report: what is not stored costs no memory.
    """
    shutil.rmtree(folder, ignore_errors=True)
    data = folder / "data"
    data.mkdir(parents=True)
    crawling.prepare(data, min(reports, COUNTIES))
    with Portal(reports, max(8, -(-reports // _EACH)), lazy=True) as portal:
        order = json.dumps(crawling.order(portal.entries(), data))
        (data / "job.json").write_text(order, encoding="utf-8")
        ran = child.run("benchmarks.crawling", "crawl", data, 2, log=folder / "log")
    held = documents(data / DATABASE)
    if held != reports:
        raise child.FailedError(f"the crawl stored {held} of {reports} reports; see {folder / 'log'}")
    said = json.loads((data / "probe.json").read_text(encoding="utf-8"))
    return tenths(said["done"], ran.samples)


def report(found: list[Tenth]) -> list[str]:
    """What was measured, in lines."""
    lines = ["\nmemory of a long crawl"]
    for one in found:
        both = one.own + one.readers
        lines.append(
            f"  {one.pages:7,} pages after {one.seconds:6.0f} s: {both:5.0f} MB"
            f" ({one.own:.0f} fetching and writing; {one.readers:.0f} reading and storing)"
        )
    return [*lines, f"  at the end {growth(found):.2f} × what it was at three tenths"]
