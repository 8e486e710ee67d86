"""Issuer × year: who filed in time, who late, who not at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlite_utils import Database

from archive.agencies import deadline
from archive.schema import table


def refresh(db: Database, today: date) -> int:
    """Bring the table ``coverage`` up to date; gives the number of its rows that changed.

    Each issuer is followed from its first known year to the last year any
    issuer has a report for. A year without a report is ``missing`` only when
    its deadline has passed, and ``blocked`` instead where a portal of the
    issuer keeps the crawler out: then nobody knows.
    """
    wanted = {(row["agency"], row["year"]): row for row in _rows(db, today)}
    coverage = db.table("coverage")
    there = {(row["agency"], row["year"]): row for row in coverage.rows}
    gone = [key for key in there if key not in wanted]
    changed = [row for key, row in wanted.items() if there.get(key) != row]
    with db.atomic():
        for key in gone:
            coverage.delete(key)
        if changed:
            coverage.upsert_all(changed, pk=table("coverage").key)
    return len(gone) + len(changed)


def wrong(db: Database, since: date) -> Iterator[str]:
    """What the table says that does not follow from reports and portals.

    ``since``: a day on or before that on which it was last brought up to date; a year whose deadline
    has passed only since then may be lacking.
    """
    wanted = {(row["agency"], row["year"]): row for row in _rows(db, date.max)}
    there = {(row["agency"], row["year"]): row for row in db.table("coverage").rows}
    for key in sorted({*wanted, *there}):
        should, does = wanted.get(key), there.get(key)
        if should == does:
            continue
        open_yet = should is not None and should["report"] is None and should["deadline"] >= since.isoformat()
        if does is not None or not open_yet:
            yield f"{key[0]} {key[1]}: {_said(does)} as stored, {_said(should)} by its reports"


def _said(row: dict[str, Any] | None) -> str:
    if row is None:
        return "nothing"
    return " ".join(str(row[name]) for name in ("status", "report", "published_on", "days_late") if row[name])


def _rows(db: Database, today: date) -> list[dict[str, Any]]:
    last = db.execute("SELECT max(year) FROM reports").fetchone()[0]
    blocked = _blocked(db)
    filed: dict[int, dict[int, dict[str, Any]]] = {}
    for report in db.query("SELECT id, agency, year, published_on FROM reports ORDER BY agency, year"):
        filed.setdefault(report["agency"], {})[report["year"]] = report
    kinds = {row["id"]: row["kind"] for row in db.query("SELECT id, kind FROM agencies")}
    made = []
    for agency, reports in filed.items():
        for year in range(min(reports), last + 1):
            due = deadline(kinds[agency], year)
            if year in reports or due < today:
                row = {"agency": agency, "year": year, "deadline": due.isoformat()}
                made.append(row | _state(reports.get(year), due, blocked=agency in blocked))
    return made


def _state(report: dict[str, Any] | None, due: date, *, blocked: bool) -> dict[str, Any]:
    state: dict[str, Any] = {"status": None, "report": None, "published_on": None, "days_late": None}
    if report is None:
        return state | {"status": "blocked" if blocked else "missing"}
    state |= {"report": report["id"], "published_on": report["published_on"]}
    if report["published_on"] is None:
        return state | {"status": "undated"}
    days = (date.fromisoformat(report["published_on"]) - due).days
    return state | ({"status": "late", "days_late": days} if days > 0 else {"status": "filed"})


def _blocked(db: Database) -> set[int]:
    """Issuers of whom at least one portal is blocked: one that carried a report, or that of the division."""
    sql = """
        SELECT r.agency FROM portals AS p JOIN documents AS d ON d.portal = p.key
        JOIN reports AS r ON r.id = d.report WHERE p.status LIKE 'blocked%'
        UNION SELECT a.id FROM portals AS p JOIN agencies AS a ON a.division = p.division
        WHERE p.status LIKE 'blocked%'
    """
    return {row["agency"] for row in db.query(sql)}
