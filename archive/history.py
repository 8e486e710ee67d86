"""What the runs say of each portal over time: read only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlite_utils import Database

#: Visits that are a portal's turn: neither a sample nor one year, nor the run of another command.
VISITS = "command = 'crawl' AND mode IS NOT 'some' AND portal IS NOT NULL"


def latest(db: Database, portal: str, count: int) -> list[dict[str, Any]]:
    """A portal's latest visits, newest first."""
    sql = f"SELECT * FROM runs WHERE portal = ? AND {VISITS} ORDER BY started_at DESC LIMIT ?"  # noqa: S608
    return list(db.query(sql, [portal, count]))


def all_latest(db: Database, count: int) -> dict[str, list[dict[str, Any]]]:
    """The same for every portal that was ever visited."""
    sql = f"""
        SELECT portal, started_at, finish_reason, mode, outcome FROM (
            SELECT *, row_number() OVER (PARTITION BY portal ORDER BY started_at DESC) AS back
            FROM runs WHERE {VISITS}
        ) WHERE back <= ? ORDER BY portal, started_at DESC
    """  # noqa: S608 - only the constant above is put in
    found: dict[str, list[dict[str, Any]]] = {}
    for row in db.query(sql, [count]):
        found.setdefault(row["portal"], []).append(row)
    return found


def whole(db: Database) -> Iterator[tuple[str, str | None, str | None]]:
    """(portal, start of its last visit that fetched everything, start of its first).

    One that had its requests of the day has fetched what there was time for. One that was kept out, or
    found nothing to fetch, has not: what was altered meanwhile is still to be found.
    """
    sql = f"""
        SELECT portal, max(started_at) FILTER (
            WHERE mode = 'all' AND finish_reason IN ('finished', 'budget', 'retry_after')
            AND coalesce(outcome, 'ok') NOT IN ('broken', 'blocked')
        ), min(started_at) FILTER (WHERE finish_reason = 'finished')
        FROM runs WHERE {VISITS} GROUP BY portal
    """  # noqa: S608
    yield from db.execute(sql)
