"""How the portals stand: what each was last found to be, since when, and why. Reads only.

Everything follows from ``portals``, ``runs`` and ``run_issues``, which a published copy has too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archive.history import VISITS
from archive.rows import Row

#: What a visit may say of its portal (``runs.outcome``), the worst first; ``unknown``: none has spoken.
OUTCOMES = ("broken", "blocked", "gone", "partial", "ok", "unknown")
#: Those about which something is to be done.
TROUBLES = ("broken", "blocked", "gone", "partial")
#: What is summed up over all runs.
COUNTED = ("requests", "found", "stored", "revised", "failed")
#: Issues that are told with a portal; the others are in ``run_issues``.
_TOLD = 5


@dataclass(frozen=True, slots=True)
class Issue:
    """One row of ``run_issues``."""

    kind: str
    url: str
    message: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a portal stands by its latest visit that said something of it."""

    portal: str
    name: str
    outcome: str
    status: str
    """``portals.status``: the outcome with its kind (``blocked:waf``)."""
    since: str | None
    """Start of the first of the latest visits in a row that all found it in trouble, or all well."""
    last: str | None
    """Start of its latest visit, whatever that said."""
    run: int | None
    """The visit that said it."""
    issues: tuple[Issue, ...] = ()
    """Of that visit, the first of each kind; none of a portal that is well."""

    @property
    def troubled(self) -> bool:
        return self.outcome in TROUBLES


#: Visits of each portal that said something, newest first.
_SAID = f"""
    SELECT id, portal, started_at, outcome FROM runs WHERE {VISITS} AND outcome IS NOT NULL
    ORDER BY portal, started_at DESC
"""  # noqa: S608 - only a constant is put in
_LAST = f"SELECT portal, max(started_at) AS last FROM runs WHERE {VISITS} GROUP BY portal"  # noqa: S608
_RUNS = """
    SELECT r.id, r.portal, p.name, r.command, r.mode, r.started_at, r.finished_at, r.finish_reason, r.outcome,
        r.found, r.stored, r.revised, r.failed
    FROM runs r LEFT JOIN portals p ON p.key = r.portal ORDER BY r.started_at DESC, r.id LIMIT ?
"""


def standings(conn: sqlite3.Connection) -> tuple[Standing, ...]:
    """Every portal of the archive, the worst first, of these the one longest in trouble."""
    said: dict[str, list[Row]] = {}
    for row in _rows(conn, _SAID):
        said.setdefault(row["portal"], []).append(row)
    last = {row["portal"]: row["last"] for row in _rows(conn, _LAST)}
    found = [
        _standing(conn, portal, said.get(portal["key"], ()), last.get(portal["key"]))
        for portal in _rows(conn, "SELECT key, name, status FROM portals ORDER BY key")
    ]
    return tuple(sorted(found, key=lambda one: (OUTCOMES.index(one.outcome), one.since or "", one.portal)))


def _standing(conn: sqlite3.Connection, portal: Row, said: Sequence[Row], last: str | None) -> Standing:
    if not said:
        return Standing(portal["key"], portal["name"], "unknown", portal["status"], None, last, None)
    now = said[0]
    troubled = now["outcome"] in TROUBLES
    since = now["started_at"]
    for visit in said:
        if (visit["outcome"] in TROUBLES) != troubled:
            break
        since = visit["started_at"]
    issues = _issues(conn, now["id"]) if troubled else ()
    return Standing(
        portal["key"], portal["name"], now["outcome"], portal["status"], since, last, now["id"], issues
    )


def _issues(conn: sqlite3.Connection, run: int) -> tuple[Issue, ...]:
    sql = """
        SELECT kind, url, message FROM run_issues WHERE run = ?1 AND number IN (
            SELECT min(number) FROM run_issues WHERE run = ?1 GROUP BY kind
        ) ORDER BY number DESC LIMIT ?2
    """
    # What is said of the visit as a whole is said at its end; it tells most.
    return tuple(
        Issue(row["kind"], row["url"] or "", row["message"] or "") for row in _rows(conn, sql, (run, _TOLD))
    )


def tally(found: Sequence[Standing]) -> Mapping[str, int]:
    """Outcome → portals, all outcomes in their order."""
    return {outcome: sum(one.outcome == outcome for one in found) for outcome in OUTCOMES}


def oldest(found: Sequence[Standing]) -> Standing | None:
    """The portal that has been in trouble longest."""
    return min((one for one in found if one.troubled), key=lambda one: (one.since, one.portal), default=None)


def last_runs(conn: sqlite3.Connection, count: int) -> list[Row]:
    """The latest runs of every command, newest first."""
    return _rows(conn, _RUNS, (count,))


def sums(conn: sqlite3.Connection) -> Row:
    """What all runs together asked for, found and stored."""
    [row] = _rows(conn, f"SELECT {', '.join(f'coalesce(sum({c}), 0) AS {c}' for c in COUNTED)} FROM runs")  # noqa: S608
    return row


def _rows(conn: sqlite3.Connection, sql: str, params: Sequence[object] = ()) -> list[Row]:
    cursor = conn.execute(sql, params)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
