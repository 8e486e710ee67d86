"""Which portals are due when: registry, runs and settings put together. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from archive import history, times
from archive.merges import reading
from crawler.config import Config, keys
from crawler.night import window
from crawler.schedule.cadence import Cadence, season
from crawler.schedule.due import TRIES, Due, Rules, Run, due
from pipelines.items import DATABASE
from spiders.portals import Portal

#: Visits that are looked at: tries in a row, and a few that were killed between them.
_BACK = TRIES + 5


@dataclass(frozen=True, slots=True)
class Planned:
    """A portal with its next visit."""

    portal: Portal
    due: Due
    last: Run | None


def rules(config: Config) -> Rules:
    """What the settings say about visits."""
    cadence = Cadence(
        season(config[keys.SEASON]),
        config[keys.DENSE_DAYS],
        config[keys.DAYS],
        config[keys.REFETCH_DAYS],
    )
    return Rules(
        cadence,
        retry=timedelta(hours=config[keys.RETRY_HOURS]),
        rest=timedelta(hours=config[keys.REST_HOURS]),
        night=window(config[keys.NIGHT]),
    )


def plan(portals: Iterable[Portal], data: Path, config: Config, now: datetime) -> list[Planned]:
    """Every portal with its next visit, the soonest first; raises ``ArchiveError``."""
    visits, whole = _visits(data / DATABASE)
    common = rules(config)
    planned = []
    for portal in portals:
        runs = [_run(row) for row in visits.get(portal.key, ())]
        own = Rules(common.cadence.of(portal.visits), common.retry, common.rest, common.night)
        when = due(portal.key, runs, whole.get(portal.key), own, now)
        planned.append(Planned(portal, when, runs[0] if runs else None))
    return sorted(planned, key=lambda one: (one.due.at, one.portal.key))


def _visits(database: Path) -> tuple[dict[str, list[dict[str, Any]]], dict[str, datetime]]:
    """Latest visits of each portal, and when all of it was last fetched, or first."""
    if not database.exists():
        return {}, {}
    with reading(database) as db:
        whole = {
            portal: times.read(when)
            for portal, last, first in history.whole(db)
            if (when := last or first) is not None
        }
        return history.all_latest(db, _BACK), whole


def _run(row: dict[str, Any]) -> Run:
    return Run(times.read(row["started_at"]), row["finish_reason"], row["mode"] or "new", row["outcome"])
