"""Pages a second of a whole crawl, beside Scrapy that only downloads and beside reading the same from WARCs.

All fetch from one portal on loopback, in turns; what counts is the best of each. A rate is that of the last
nine tenths: the first tenth pays for processes that begin.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import child, crawling
from benchmarks.pages import COUNTIES, VARIANTS
from benchmarks.portal import Portal
from benchmarks.replaying import TARGET
from pipelines.items import DATABASE, WARCS

#: Portals that are asked side by side, as many as ``at_once`` has by default.
PORTALS = 8
BARE, CRAWL = "Scrapy, downloads only", "crawl, 2 readers"
#: On two cores: fetching and storing have one to themselves, as they have on more cores beside more readers.
CRAWL_1 = "crawl, 1 reader"
REPARSE_2, REPARSE_1 = "reparse, 2 workers", "reparse, 1 worker"
#: The one that stores is a process of its own beside the workers.
ONE_CORE = "reparse, all on one core"
#: Reading and nothing else, by processes that share nothing: no other job gains more by the second.
ALONE_2, ALONE_1 = "reading alone, 2", "reading alone, 1"
#: What that comes to, of the machine and not of ours.
MACHINE = "reading alone, 2 processes beside 1"
_ALONE = 200


@dataclass(frozen=True, slots=True)
class Turn:
    """One contestant's turn."""

    rate: float
    """Pages a second."""
    cpu: float
    """Milliseconds of processors a page, beginning and end of the process included."""
    own: float
    """Of these, those of the process that fetches, writes and stores."""
    peak: float
    """Megabytes in memory at most, all processes together."""
    whole: float
    """Pages a second from the process's beginning to its end, proof of all against each other included."""
    late: float = 0.0
    """Milliseconds by which the reactor came late at most."""
    late_99: float = 0.0
    """By how much it came late no more than once in a hundred times."""
    worked: float = 0.0
    """Milliseconds that its thread worked at a stretch, at most."""


def rate(done: list[float]) -> float:
    """Pages a second once a tenth of them is done."""
    first = len(done) // 10
    return (len(done) - first - 1) / (done[-1] - done[first])


def turn(said: Mapping[str, Any], ran: child.Ran) -> Turn:
    """What a turn came to: ``said`` is what it noted itself, ``ran`` what was seen of it."""
    pages = len(said["done"])
    late, worked = sorted(said.get("late", [])), sorted(said.get("worked", []))
    return Turn(
        rate=rate(said["done"]),
        cpu=1e3 * ran.cpu / pages,
        own=1e3 * said["cpu"] / pages,
        peak=ran.peak / 1e6,
        whole=pages / ran.seconds,
        late=1e3 * late[-1] if late else 0.0,
        late_99=1e3 * late[len(late) * 99 // 100] if late else 0.0,
        worked=1e3 * worked[-1] if worked else 0.0,
    )


class Course:
    """The portal, and the folder in which all contestants work."""

    def __init__(self, portal: Portal, folder: Path, reports: int) -> None:
        self._portal, self._folder, self._reports = portal, folder, reports
        self.data = folder / "data"

    def _empty(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self.data.mkdir(parents=True)

    def _turn(self, module: str, *given: object) -> Turn:
        ran = child.run(module, *given, log=self._folder / "log")
        said = json.loads((self.data / "probe.json").read_text(encoding="utf-8"))
        return turn(said, ran)

    def bare(self) -> Turn:
        """Scrapy alone."""
        self._empty()
        addresses = json.dumps(self._portal.addresses())
        (self.data / "addresses.json").write_text(addresses, encoding="utf-8")
        return self._turn("benchmarks.crawling", "bare", self.data, 0)

    def crawl(self, readers: int = 2) -> Turn:
        """A crawl into an empty archive; raises ``child.FailedError`` where it did not take every report."""
        self._empty()
        crawling.prepare(self.data, VARIANTS if self._reports <= VARIANTS else COUNTIES)
        order = json.dumps(crawling.order(self._portal.entries(), self.data))
        (self.data / "job.json").write_text(order, encoding="utf-8")
        found = self._turn("benchmarks.crawling", "crawl", self.data, readers)
        held = documents(self.data / DATABASE)
        if held != self._reports:
            raise child.FailedError(f"the crawl stored {held} of {self._reports} reports")
        return found

    def reparse(self, workers: int, *more: str) -> Turn:
        """The WARCs of the crawl before, read anew."""
        return self._turn("benchmarks.replaying", self.data, workers, *more)

    def alone(self, processes: int) -> Turn:
        """The same pages read, and neither loaded nor stored."""
        return self._turn("benchmarks.alone", self.data, processes, _ALONE)

    def bytes_each(self) -> dict[str, float]:
        """Bytes a report: in the database, in the WARCs, and as the portal sent it."""
        with closing(sqlite3.connect(self.data / TARGET)) as db:
            [[pages, size]] = db.execute(
                "SELECT page_count, page_size FROM pragma_page_count, pragma_page_size"
            )
            [[body]] = db.execute("SELECT sum(bytes) FROM documents")
        crawling.prepare(self._folder / "empty", VARIANTS if self._reports <= VARIANTS else COUNTIES)
        empty = (self._folder / "empty" / DATABASE).stat().st_size
        warcs = sum(path.stat().st_size for path in (self.data / WARCS).glob("*.warc.gz"))
        return {
            "SQLite": (pages * size - empty) / self._reports,
            "WARC": warcs / self._reports,
            "as sent": body / self._reports,
        }


def documents(database: Path) -> int:
    """Originals that carry a report."""
    with closing(sqlite3.connect(database)) as db:
        return int(db.execute("SELECT count(*) FROM documents WHERE outcome = 'current'").fetchone()[0])


def best(turns: list[Turn]) -> Turn:
    """The best of each figure."""
    names = Turn.__dataclass_fields__
    least = {name: min(getattr(one, name) for one in turns) for name in names}
    most = {name: max(getattr(one, name) for one in turns) for name in ("rate", "whole")}
    return Turn(**(least | most))


def measure(folder: Path, reports: int, rounds: int) -> tuple[dict[str, Turn], dict[str, float]]:
    """Each contestant's best, and bytes a report."""
    turns: dict[str, list[Turn]] = {}
    with Portal(reports, PORTALS) as portal:
        course = Course(portal, folder, reports)
        contestants: dict[str, Callable[[], Turn]] = {
            BARE: course.bare,
            CRAWL_1: lambda: course.crawl(1),
            CRAWL: course.crawl,
            REPARSE_2: lambda: course.reparse(2),
            REPARSE_1: lambda: course.reparse(1),
            ONE_CORE: lambda: course.reparse(1, "one core"),
            ALONE_2: lambda: course.alone(2),
            ALONE_1: lambda: course.alone(1),
        }
        for _ in range(rounds):
            for name, take in contestants.items():
                turns.setdefault(name, []).append(take())
        sizes = course.bytes_each()
    return {name: best(taken) for name, taken in turns.items()}, sizes


def ratios(turns: Mapping[str, Turn]) -> dict[str, float]:
    """What the targets are stated in; of rates and, for busy machines, of the processors' time."""
    return {
        "crawl beside reparse": turns[CRAWL].rate / turns[REPARSE_2].rate,
        "crawl beside reparse, by processor time": turns[REPARSE_2].cpu / turns[CRAWL].cpu,
        "crawl beside reparse, 1 reader each": turns[CRAWL_1].rate / turns[REPARSE_1].rate,
        "crawl beside downloading only": turns[CRAWL].rate / turns[BARE].rate,
        "reparse, 2 workers beside 1": turns[REPARSE_2].rate / turns[REPARSE_1].rate,
        "reparse, 2 workers on all cores beside one core": turns[REPARSE_2].rate / turns[ONE_CORE].rate,
        MACHINE: turns[ALONE_2].rate / turns[ALONE_1].rate,
    }


def report(turns: Mapping[str, Turn], sizes: Mapping[str, float]) -> list[str]:
    """What was measured, in lines."""
    lines = ["\nfrom a portal on loopback"]
    for name, one in turns.items():
        lines.append(
            f"  {name:24}{one.rate:8.1f} pages/s ({one.whole:5.1f} all in all)"
            f" {one.cpu:7.1f} ms of processors a page (main {one.own:5.1f}) {one.peak:6.0f} MB at most"
        )
    crawl = turns[CRAWL]
    lines.append(
        f"  reactor of the crawl late by {crawl.late:.0f} ms at most, 99 of 100 times by no more than"
        f" {crawl.late_99:.1f} ms; it worked {crawl.worked:.0f} ms at a stretch at most"
    )
    lines += [f"  {name:42}{ratio:6.2f} ×" for name, ratio in ratios(turns).items()]
    lines.append("bytes a report: " + ", ".join(f"{name} {size:,.0f}" for name, size in sizes.items()))
    return lines
