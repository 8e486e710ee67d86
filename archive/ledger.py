"""Portals, divisions, lines and runs: what the archive knows besides the reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from archive import forms, keys, times
from archive.derived import totals
from archive.errors import ClashError
from archive.forms import indicators
from archive.schema import table
from archive.shelf import put

#: Columns of ``runs`` that count something.
COUNTS = tuple(
    c.name for c in table("runs").columns if c.type == "integer" and c.name not in ("id", "portal")
)

#: Those that say what new pages gave; empty, and not zero, of a run that did not look.
MEASURED = ("pages", "titled", "assigned", "dated", "tabled", "failing")


def put_lines(db: Database) -> None:
    """The lines of every statutory table, in the order of the forms."""
    position = 0
    for name in forms.TABLES:
        for term in forms.terms(name)["rows"].values():
            position += 1
            row = {"key": term.key, "table_key": name, "position": position, "zh": term.zh, "en": term.en}
            put(db, "lines", row, ("table_key",))
    for line in indicators.national().lines.values():
        position += 1
        row = {
            "key": line.key,
            "table_key": indicators.TABLE,
            "position": position,
            "zh": line.full,
            "en": line.en,
        }
        put(db, "lines", row, ("table_key",))


def put_divisions(db: Database, rows: Iterable[Mapping[str, Any]]) -> int:
    """Add or change divisions; gives how many. None is ever deleted, for reports may point at it.

    A parent may come after its children; one that never comes is an error at commit.
    """
    names = [column.name for column in table("divisions").columns]
    there = {row["code"]: row for row in db.table("divisions").rows}
    wanted = {row["code"]: {name: row.get(name) for name in names} for row in rows}
    changed = [row for code, row in wanted.items() if there.get(code) != row]
    if changed:
        db.table("divisions").upsert_all(changed, pk="code")
        if any(row["code"] in there for row in changed):
            totals.rebuild(db)  # a level may be another; happens when the packaged list does
    return len(changed)


def put_portals(db: Database, portals: Iterable[Any]) -> None:
    """Enter the registry: objects or mappings with the fields of a registry entry.

    The status found by crawling stays, unless the registry itself says more than ``unverified``.
    """
    for portal in portals:
        start = _field(portal, "start") or ()
        division = _field(portal, "division")
        row = {
            "key": _field(portal, "key"),
            "name": _field(portal, "name"),
            "family": _field(portal, "family"),
            "url": next(iter([start] if isinstance(start, str) else start), None),
            "site_id_code": _field(portal, "site_id_code"),
            "division": division if db.table("divisions").count_where("code = ?", [division]) else None,
        }
        status = _field(portal, "status") or "unverified"
        new = not db.table("portals").count_where("key = ?", [row["key"]])
        put(db, "portals", row if status == "unverified" and not new else row | {"status": status}, ())


def _field(entry: Any, name: str) -> Any:
    return entry.get(name) if isinstance(entry, Mapping) else getattr(entry, name, None)


def start_run(
    db: Database,
    portal: str | None,
    command: str,
    started_at: datetime,
    parser: str | None,
    mode: str | None = None,
    log: str | None = None,
) -> int:
    """Open a run; gives its identifier."""
    started = times.text(started_at)
    run = keys.stable_id("run", started, portal, command)
    if db.table("runs").count_where("id = ?", [run]):
        raise ClashError(f"a {command} of {portal} has already begun at {started}")
    if portal is not None and not db.table("portals").count_where("key = ?", [portal]):
        put_portals(db, [{"key": portal, "name": portal, "family": "unregistered"}])
    row = {"id": run, "portal": portal, "command": command, "started_at": started, "parser": parser}
    db.table("runs").insert(row | {"mode": mode, "log": log})
    return run


def finish_run(
    db: Database,
    run: int,
    reason: str,
    finished_at: datetime,
    counts: Mapping[str, int],
    outcome: str | None = None,
    system: str | None = None,
) -> None:
    """Close a run with why it ended and what it did; raises ``ValueError`` for a count no column is for."""
    unknown = set(counts) - set(COUNTS)
    if unknown:
        raise ValueError(f"runs has no count {', '.join(sorted(unknown))}; known: {', '.join(COUNTS)}")
    ended = {"finished_at": times.text(finished_at), "finish_reason": reason}
    ended |= {name: said for name, said in (("outcome", outcome), ("system", system)) if said is not None}
    zeros = {name: 0 for name in COUNTS if name not in MEASURED}
    db.table("runs").update(run, zeros | dict(counts) | ended)


def add_issue(db: Database, run: int, kind: str, url: str | None, message: str) -> None:
    """Record what went wrong in a run."""
    sql = "SELECT coalesce(max(number), 0) + 1 FROM run_issues WHERE run = ?"
    number = db.execute(sql, [run]).fetchone()[0]
    db.table("run_issues").insert(
        {"run": run, "number": number, "kind": kind, "url": url, "message": message}
    )


def run_state(db: Database, run: int) -> dict[str, Any]:
    """A run with its issues and its portal, as rows."""
    row = dict(db.table("runs").get(run))
    issues = list(db.query("SELECT * FROM run_issues WHERE run = ? ORDER BY number", [run]))
    portal = dict(db.table("portals").get(row["portal"])) if row["portal"] is not None else None
    return {"run": row, "issues": issues, "portal": portal}


def put_run(db: Database, state: Mapping[str, Any]) -> None:
    """Enter a run as ``run_state`` gave it, over an earlier state of it; unknown columns are dropped."""
    portal = _known("portals", state["portal"]) if state["portal"] is not None else None
    if portal is not None:
        known = db.table("divisions").count_where("code = ?", [portal["division"]])
        put(db, "portals", portal if known else portal | {"division": None}, ())
    run = _known("runs", state["run"])
    put(db, "runs", run, ())
    db.table("run_issues").delete_where("run = ?", [run["id"]])
    if state["issues"]:
        db.table("run_issues").insert_all([_known("run_issues", issue) for issue in state["issues"]])


def _known(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return {column.name: row[column.name] for column in table(name).columns if column.name in row}
