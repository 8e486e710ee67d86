"""What a visit came to and what earlier ones did, as the archive has it. Reads only."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

from sqlite_utils import Database

from archive.history import VISITS
from crawler.expectations import LASTING, Before, Came, Pages, Year
from crawler.night import BEIJING
from spiders.fingerprints import FAMILIES
from spiders.kinds import EXPECTATIONS
from spiders.portals import Portal
from spiders.visit import Visit

#: Statuses that say that a page is there and not for us. Challenges have their own (``blocking``).
REFUSALS = (401, 403, 429, 451)
#: Requests for reports that must have been refused, all of them, before that is said of all.
_LEAST_REFUSED = 3

_COUNTS = tuple(one.name for one in fields(Pages))

_KINDS = ", ".join(f"'{kind}'" for kind in EXPECTATIONS)
#: A good run: it went through, and met every expectation.
_GOOD = f"""
    {VISITS} AND portal = :portal AND id <> :run AND finish_reason = 'finished'
    AND outcome IN ('ok', 'partial') AND NOT EXISTS (
        SELECT 1 FROM run_issues i WHERE i.run = runs.id
        AND i.kind IN ({_KINDS})
    )
"""  # noqa: S608 - only constants are put in


def came(db: Database, run: int, visit: Visit, reason: str) -> Came:
    """What a visit came to."""
    sql = """
        SELECT count(*) AS pages, coalesce(sum(r.title <> ''), 0) AS titled, count(r.id) AS assigned,
            count(r.published_on) AS dated, coalesce(sum(r.figures > 0), 0) AS tabled,
            coalesce(sum(r.verdict = 'fail'), 0) AS failing, min(r.figures) AS least
        FROM documents d LEFT JOIN reports r ON r.id = d.report
        WHERE d.portal = :portal AND d.role = 'page' AND d.outcome <> 'part'
        AND d.fetched_at >= (SELECT started_at FROM runs WHERE id = :run)
    """
    [row] = db.query(sql, {"portal": visit.portal.key, "run": run})
    least = row.pop("least")
    return Came(reason, len(visit.found), visit.system, all_refused(visit), Pages(**row), least)


def all_refused(visit: Visit) -> bool:
    """Whether every page of a visit was refused, or every report while lists were given."""
    refused = sum(visit.statuses[status] for status in REFUSALS)
    if not refused:
        return False
    if visit.read == 0:
        return refused == sum(visit.statuses.values())
    return len(visit.asked) >= _LEAST_REFUSED and visit.statuses[200] <= visit.read


def before(db: Database, run: int, portal: Portal, system: str | None) -> Before:
    """What the visits before this one came to; ``system``: what its lists show now."""
    given = {"portal": portal.key, "run": run}
    last = f"SELECT found, system FROM runs WHERE {_GOOD} ORDER BY started_at DESC LIMIT 1"  # noqa: S608
    row = next(iter(db.query(last, given)), {"found": None, "system": None})
    sums = ", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in _COUNTS)
    [counted] = db.query(f"SELECT {sums} FROM runs WHERE {_GOOD}", given)  # noqa: S608
    said = f"""
        SELECT kind, message FROM run_issues WHERE run = (
            SELECT id FROM runs WHERE {VISITS} AND portal = :portal AND id <> :run
            AND finish_reason = 'finished' ORDER BY started_at DESC LIMIT 1
        ) ORDER BY number
    """  # noqa: S608 - only the constant above is put in
    lasting = {one["kind"]: one["message"] for one in db.query(said, given) if one["kind"] in LASTING}
    shown = None if _rewritten(portal.family, row["system"], system) else row["system"]
    return Before(row["found"], shown, Pages(**counted), lasting)


def _rewritten(family: str, before: str | None, now: str | None) -> bool:
    """Whether the entry has been given the family that reads the new lists, and so knows of them."""
    return FAMILIES.get(now or "") == family != FAMILIES.get(before or "")


def year(db: Database, portal: str, now: datetime) -> Year | None:
    """Reports for the last year, from April on: by the end of March all are due (Decree 711, article 49)."""
    today = now.astimezone(BEIJING).date()
    if today.month < 4:
        return None
    last = today.year - 1
    sql = """
        SELECT r.year, count(DISTINCT r.id) AS n FROM documents d JOIN reports r ON r.id = d.report
        WHERE d.portal = ? AND d.outcome IN ('current', 'copy') AND r.year IN (?, ?) GROUP BY r.year
    """
    counted = {row["year"]: row["n"] for row in db.query(sql, [portal, last, last - 1])}
    return Year(last, counted.get(last, 0), counted.get(last - 1, 0))
