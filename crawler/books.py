"""The books of an archive on visits, kept by whoever writes it: ``runs`` and ``run_issues``.

A visit is made in this process or on a worker of a cluster; in either case it is entered here,
when what it brought is in the archive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from archive import times
from archive.errors import named
from archive.store import Store
from crawler import measured
from crawler.expectations import Pages, judge
from crawler.outcome import outcome, portal_status, too_few
from crawler.summary import PortalRun
from pipelines.version import PARSER
from spiders.portals import Portal
from spiders.visit import Visit

Mode = Literal["some", "all", "new"]
#: Says what is wrong with a visit: kind, address, message.
Say = Callable[[str, str, str], None]

#: What became of documents that were read and are no report of anyone, in the summary's words.
_SET_ASIDE = {
    "refused": "content is no report",
    "unassigned": "issuer or year unknown",
    "unreadable": "unreadable",
}


@dataclass(frozen=True, slots=True)
class Ended:
    """A visit that is over, as whoever made it tells it."""

    visit: Visit
    reason: str
    """Why it ended (``runs.finish_reason``)."""
    requests: int
    responses: int
    whole: bool
    """Neither a sample nor one year."""
    finished_at: datetime


def mode_of(*, some: bool, whole: bool) -> Mode:
    """How a visit goes about: a sample or one year, everything again, or what is new."""
    return "some" if some else "all" if whole else "new"


class Books:
    """Of one archive. What cannot be written raises ``ArchiveError``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, portal: Portal, *, mode: Mode, log: str | None) -> int:
        """Open the row of a visit; gives its number."""
        self._store.add_portals([portal])
        return self._store.start_run(portal.key, command="crawl", parser=PARSER, mode=mode, log=log)

    def known(self, portal: str) -> frozenset[str]:
        """Addresses that a visit leaves alone unless it is to fetch all."""
        return self._store.known(portal) - self._wanting(portal)

    def _wanting(self, portal: str) -> frozenset[str]:
        """Pages whose attachments did not come, since and in the last run that asked for everything."""
        sql = """
            SELECT DISTINCT i.url FROM run_issues i JOIN runs r ON r.id = i.run
            WHERE r.portal = :portal AND i.kind = 'attachment' AND r.started_at >= coalesce((
                SELECT max(started_at) FROM runs WHERE portal = :portal AND finish_reason = 'finished'
            ), '')
        """
        with self._store.alone():
            return frozenset(row["url"] for row in self._store.db.query(sql, {"portal": portal}))

    def close(self, run: int, ended: Ended, done: Mapping[str, int], say: Say) -> PortalRun:
        """Hold a visit against what is expected of its portal, and enter how it ended.

        ``done``: what became of its originals, by the values of ``pipelines.items.COUNTED``. ``say`` gets
        what is not as expected, counts it in the visit and has it written.
        """
        pages = self._held(run, ended, say)
        came = told(run, ended, done)
        self._enter(run, ended, came, done.get("refused", 0), pages)
        return came

    def lost(self, portal: Portal, *, mode: Mode, why: str) -> PortalRun:
        """Enter a visit of which nothing came, for whoever made it died.

        A schedule then waits before it is made again, longer each time: it may be what they died of.
        """
        run = self.begin(portal, mode=mode, log=None)
        ended = Ended(Visit(portal), "error", 0, 0, whole=False, finished_at=times.now())

        def say(kind: str, url: str, message: str) -> None:
            noted = ended.visit.note(kind, url, message)
            if noted is not None:
                self._store.add_issue(run, *noted)

        say("error", portal.start[0], why)
        return self.close(run, ended, {}, say)

    def _held(self, run: int, ended: Ended, say: Say) -> Pages:
        """What the new pages of a visit came to, after it was held against what is expected."""
        visit, portal, db = ended.visit, ended.visit.portal, self._store.db
        with self._store.alone(), named(self._store.path):
            came = measured.came(db, run, visit, ended.reason)
            if not ended.whole:
                return came.pages
            before = measured.before(db, run, portal, came.system)
            year = measured.year(db, portal.key, times.now())
        if self._store.demo and portal.expect.reports_a_year is None:
            year = None  # the years of sample portals stand still
        if short := too_few(visit, ended.reason):
            say("fewer_than_expected", portal.start[0], short)
        for broken in judge(portal.expect, came, before, year):
            say(broken.kind, portal.start[0], broken.message)
        return came.pages

    def _enter(self, run: int, ended: Ended, came: PortalRun, refused: int, pages: Pages) -> None:
        """Close the row of a visit, and with it say how the portal stands."""
        visit = ended.visit
        status = portal_status(visit, ended.reason)
        self._store.finish_run(
            run,
            reason=ended.reason,
            finished_at=ended.finished_at,
            outcome=outcome(status, silent_before=self._silent_before(visit.portal.key, run)),
            system=visit.system,
            requests=came.requests,
            responses=came.responses,
            found=came.found,
            known=came.known,
            stored=came.stored,
            unchanged=came.unchanged,
            revised=came.revised,
            copied=came.copied,
            refused=refused,
            failed=sum(came.failed.values()),
            pages=pages.pages,
            titled=pages.titled,
            assigned=pages.assigned,
            dated=pages.dated,
            tabled=pages.tabled,
            failing=pages.failing,
        )
        if status is not None:
            self._store.set_portal_status(visit.portal.key, status)

    def _silent_before(self, portal: str, run: int) -> bool:
        """Whether the visit before this one, that was no sample, had no answer either."""
        sql = """
            SELECT finish_reason FROM runs WHERE portal = ? AND id IS NOT ? AND command = 'crawl'
            AND mode IS NOT 'some' ORDER BY started_at DESC LIMIT 1
        """
        with self._store.alone():
            row = self._store.db.execute(sql, [portal, run]).fetchone()
        return row is not None and row[0] == "unreachable"


def told(run: int, ended: Ended, done: Mapping[str, int]) -> PortalRun:
    """A visit in the words of a crawl's summary."""
    visit = ended.visit
    return PortalRun(
        portal=visit.portal.key,
        run=run,
        finish_reason=ended.reason,
        requests=ended.requests,
        responses=ended.responses,
        found=len(visit.found),
        known=len(visit.known),
        stored=done.get("stored", 0),
        unchanged=done.get("unchanged", 0),
        revised=done.get("revised", 0),
        copied=done.get("copied", 0),
        refused=dict(Counter(_set_aside(done)) + visit.refused),
        failed=dict(visit.issues),
    )


def _set_aside(done: Mapping[str, int]) -> dict[str, int]:
    return {words: done[name] for name, words in _SET_ASIDE.items() if done.get(name)}
