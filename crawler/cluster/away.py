"""A crawl for the archive of another machine: it fetches and notes, and reads, judges and proves nothing.

What it leaves in its data folder is all that the archive needs: WARC files with their notes, the
runs as they stand (``gongkai.db``), and ``visits.jsonl``, a visit a line: its run, and ``Ended``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from archive import times
from crawler.books import Ended, Say, told
from crawler.runs import Ledger
from crawler.summary import PortalRun
from spiders.portals import Portal, from_entry
from spiders.visit import Visit

FILE = "visits.jsonl"
#: What books and outcome ask of a visit that is over.
_SETS = ("found", "known", "asked")
_COUNTS = ("refused", "issues")
_PLAIN = ("read", "reports", "system", "shut")


def settings(known: Mapping[str, Iterable[str]], prefix: str) -> dict[str, Any]:
    """Scrapy settings of such a crawl; ``prefix`` is that of its WARC files."""
    return {
        "GONGKAI_KNOWN": dict(known),
        "GONGKAI_WARC_PREFIX": prefix,
        "ITEM_PIPELINES": {"crawler.capture.Noting": 200},
        "EXTENSIONS": {
            "scrapy.extensions.throttle.AutoThrottle": None,
            "crawler.politeness.Throttle": 100,
            "crawler.cluster.away.Away": 200,
        },
    }


class Away(Ledger):
    """The ledger of such a crawl: what the archive knows is told to it, and it tells how visits ended."""

    def _known(self, portal: Portal) -> frozenset[str]:
        return frozenset(self._crawler.settings["GONGKAI_KNOWN"][portal.key])

    def _close(self, run: int, ended: Ended, say: Say) -> PortalRun:
        line = json.dumps(as_json(run, ended), ensure_ascii=False)
        with (self.store.path.parent / FILE).open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")
        return told(run, ended, {})

    def _note_end(self, run: int) -> None:
        """The archive notes the end, for only there it is known what came of the originals."""


def as_json(run: int, ended: Ended) -> dict[str, Any]:
    """A visit that is over, for ``from_json``."""
    visit = ended.visit
    return {
        "run": run,
        "portal": visit.portal.entry(),
        "reason": ended.reason,
        "requests": ended.requests,
        "responses": ended.responses,
        "whole": ended.whole,
        "finished_at": times.text(ended.finished_at),
        "visit": {
            **{name: sorted(getattr(visit, name)) for name in _SETS},
            **{name: dict(getattr(visit, name)) for name in (*_COUNTS, "statuses")},
            **{name: getattr(visit, name) for name in _PLAIN},
            "said": sorted(visit.said),
        },
    }


def from_json(content: Mapping[str, Any]) -> tuple[int, Ended]:
    """Number of the run, and the visit."""
    given = content["visit"]
    visit = Visit(
        from_entry(content["portal"]),
        **{name: set(given[name]) for name in _SETS},
        **{name: Counter(given[name]) for name in _COUNTS},
        **{name: given[name] for name in _PLAIN},
        statuses=Counter({int(status): count for status, count in given["statuses"].items()}),
        said={(kind, url, message) for kind, url, message in given["said"]},
        run=content["run"],
    )
    ended = Ended(
        visit=visit,
        reason=content["reason"],
        requests=content["requests"],
        responses=content["responses"],
        whole=content["whole"],
        finished_at=times.read(content["finished_at"]),
    )
    return content["run"], ended


def visits(data: Path) -> Iterator[tuple[int, Ended]]:
    """The visits of such a crawl in the order in which they ended."""
    path = data / FILE
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            yield from_json(json.loads(line))
