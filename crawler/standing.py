"""Do the portals give what they should, and does the table of coverage say what is there? Reads only.

Beside ``archive.check``: that asks whether what was written is whole, this whether it is what was expected.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from archive import coverage, health, lock, times
from archive.check import Checked
from archive.health import Standing
from archive.merges import reading
from crawler.schedule.registry import Registry
from spiders.portals import RegistryError

EXPECTATIONS = "expectations"


def left_out(folder: Path | None) -> tuple[str, ...]:
    """Portals whose entries say that they are gone or blocked; none where there is no registry."""
    registry = Registry(folder)
    try:
        registry.portals()
    except RegistryError:
        return ()
    return registry.left_out


def expectations(database: Path, known: Collection[str] = ()) -> Checked:
    """Every portal was found as it should be by the latest visit that said something of it.

    ``known``: portals of whose trouble somebody knows.
    """
    with reading(database) as db:
        found = health.standings(db.conn)
    judged = [one for one in found if one.outcome != "unknown" and one.portal not in known]
    return Checked(EXPECTATIONS, len(judged), "portals", tuple(_said(one) for one in judged if one.troubled))


def _said(one: Standing) -> str:
    why = "; ".join(f"{issue.kind} {issue.message}" for issue in one.issues)
    return f"{one.portal} {one.name}: {one.outcome} since {(one.since or '')[:10]}" + (
        f": {why}" if why else ""
    )


def covered(database: Path) -> Checked:
    """The table of coverage follows from the reports, as far as nobody is just writing them."""
    of = "issuers × years"
    if lock.busy(database):  # a crawl brings it up to date at its end
        return Checked("coverage", 0, of, ())
    with reading(database) as db:
        [count] = db.execute("SELECT count(*) FROM coverage").fetchone()
        [ended] = db.execute("SELECT max(finished_at) FROM runs").fetchone()
        since = times.read(ended).date() if ended else times.now().date()
        wrong = tuple(coverage.wrong(db, since))
    if wrong and lock.busy(database):  # it began meanwhile
        wrong = ()
    return Checked("coverage", count, of, wrong)
