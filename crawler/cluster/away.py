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

from scrapy.settings import Settings

from archive import times
from crawler.books import Ended, Say, told
from crawler.runs import Ledger
from crawler.summary import PortalRun
from spiders.portals import Portal, from_entry
from spiders.visit import Visit

FILE = "visits.jsonl"


def lay(settings: Settings, known: Mapping[str, Iterable[str]], prefix: str) -> None:
    """Make the settings of a crawl those of such a crawl; ``prefix`` is that of its WARC files."""
    extensions = {
        **settings.getdict("EXTENSIONS"),
        "crawler.runs.Ledger": None,
        "crawler.cluster.away.Away": 200,
    }
    chosen = {
        "GONGKAI_KNOWN": dict(known),
        "GONGKAI_WARC_PREFIX": prefix,
        "ITEM_PIPELINES": {"crawler.capture.Noting": 200},
        "EXTENSIONS": extensions,
    }
    settings.setdict(chosen, priority="cmdline")


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
    """A visit that is over, for ``from_json``; of the visit what books and outcome ask of it."""
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
            "found": sorted(visit.found),
            "known": sorted(visit.known),
            "asked": sorted(visit.asked),
            "reports": visit.reports,
            "read": visit.read,
            "refused": visit.refused,
            "issues": visit.issues,
            "said": sorted(visit.said),
            "statuses": visit.statuses,
            "shut": visit.shut,
            "system": visit.system,
        },
    }


def from_json(content: Mapping[str, Any]) -> tuple[int, Ended]:
    """Number of the run, and the visit."""
    given = content["visit"]
    visit = Visit(
        from_entry(content["portal"]),
        found=set(given["found"]),
        known=set(given["known"]),
        asked=set(given["asked"]),
        reports=given["reports"],
        read=given["read"],
        refused=Counter(given["refused"]),
        issues=Counter(given["issues"]),
        said={(kind, url, message) for kind, url, message in given["said"]},
        statuses=Counter({int(status): count for status, count in given["statuses"].items()}),
        closed=True,
        shut=given["shut"],
        run=content["run"],
        system=given["system"],
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
