"""Issuer × year: who filed in time, who late, who not at all.

The table ``coverage`` follows from reports, issuers, portals and the day. Triggers note each issuer of whom
any of that changed (``_uncovered``), and ``refresh`` works these off: what it costs goes with what changed,
not with the archive. Triggers and no code, because rows are written in many places. Only when a deadline has
passed, twice a year, every issuer is looked at; ``_covered`` says up to which year that was done.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlite_utils import Database

from archive.agencies import deadline
from archive.schema import table
from archive.statements import transaction

Row = dict[str, Any]
Key = tuple[int, int]
"""Issuer and year."""

_DUE, _DONE = "_uncovered", "_covered"
_BLOCKED = "status LIKE 'blocked%'"
#: Issuers looked at a time: their rows are held in memory.
_AT_ONCE = 2000

#: Name → statement. An issuer that is gone takes its note with it.
TABLES = {
    _DUE: (
        f'CREATE TABLE "{_DUE}" ("agency" INTEGER PRIMARY KEY REFERENCES "agencies"("id") ON DELETE CASCADE'
        " DEFERRABLE INITIALLY DEFERRED) STRICT"
    ),
    _DONE: f'CREATE TABLE "{_DONE}" ("deadline" TEXT PRIMARY KEY, "year" INTEGER NOT NULL) STRICT',
}


def _note(agencies: str) -> str:
    """Note the issuers that a SELECT gives, if they are there: a row may come before its issuer's."""
    # Not INSERT OR IGNORE: what the statement that sets off a trigger says of conflicts holds within it too.
    return (
        f"INSERT INTO {_DUE} SELECT id FROM agencies WHERE id IN ({agencies})"
        f" AND NOT EXISTS (SELECT 1 FROM {_DUE} WHERE agency = agencies.id);"
    )


def _differs(*columns: str) -> str:
    return " OR ".join(f'old."{column}" IS NOT new."{column}"' for column in columns)


def _of_original(row: str) -> str:
    """An original says something of its report's issuer only by the portal that keeps the crawler out."""
    shut = f"EXISTS (SELECT 1 FROM portals WHERE key = {row}.portal AND {_BLOCKED})"
    return _note(f"SELECT agency FROM reports WHERE id = {row}.report AND {shut}")


def _of_portal(row: str) -> str:
    """Everybody who may have become unknown, or known, with a portal."""
    return _note(
        f"SELECT r.agency FROM documents AS d JOIN reports AS r ON r.id = d.report WHERE d.portal = {row}.key"
        f" UNION SELECT id FROM agencies WHERE division = {row}.division"
    )


_EVENTS = {
    f"{_DUE}_agency_insert": f"AFTER INSERT ON agencies BEGIN {_note('new.id')} END",
    f"{_DUE}_agency_update": (
        f"AFTER UPDATE OF id, kind, division ON agencies WHEN {_differs('id', 'kind', 'division')}"
        f" BEGIN {_note('new.id')} END"
    ),
    f"{_DUE}_report_insert": f"AFTER INSERT ON reports BEGIN {_note('new.agency')} END",
    f"{_DUE}_report_delete": f"AFTER DELETE ON reports BEGIN {_note('old.agency')} END",
    f"{_DUE}_report_update": (
        "AFTER UPDATE OF id, agency, year, published_on ON reports"
        f" WHEN {_differs('id', 'agency', 'year', 'published_on')}"
        f" BEGIN {_note('old.agency, new.agency')} END"
    ),
    f"{_DUE}_original_insert": f"AFTER INSERT ON documents BEGIN {_of_original('new')} END",
    f"{_DUE}_original_delete": f"AFTER DELETE ON documents BEGIN {_of_original('old')} END",
    f"{_DUE}_original_update": (
        f"AFTER UPDATE OF portal, report ON documents WHEN {_differs('portal', 'report')}"
        f" BEGIN {_of_original('old')} {_of_original('new')} END"
    ),
    f"{_DUE}_portal_insert": f"AFTER INSERT ON portals WHEN new.{_BLOCKED} BEGIN {_of_portal('new')} END",
    f"{_DUE}_portal_delete": f"AFTER DELETE ON portals WHEN old.{_BLOCKED} BEGIN {_of_portal('old')} END",
    f"{_DUE}_portal_update": (
        "AFTER UPDATE OF key, status, division ON portals"
        f" WHEN (old.{_BLOCKED} OR new.{_BLOCKED})"
        f" AND ((old.{_BLOCKED}) IS NOT (new.{_BLOCKED}) OR {_differs('key', 'division')})"
        f" BEGIN {_of_portal('old')} {_of_portal('new')} END"
    ),
}
# What is altered in the table by whatever hand is put right by the next refresh. (Its own writing is noted
# too, before it takes all notes away.)
_EVENTS |= {
    f"{_DUE}_insert": f"AFTER INSERT ON coverage BEGIN {_note('new.agency')} END",
    f"{_DUE}_delete": f"AFTER DELETE ON coverage BEGIN {_note('old.agency')} END",
    f"{_DUE}_update": f"AFTER UPDATE ON coverage BEGIN {_note('old.agency, new.agency')} END",
}
#: Name → statement.
TRIGGERS = {name: f'CREATE TRIGGER "{name}" {event}' for name, event in _EVENTS.items()}


def ensure(db: Database) -> None:
    """Make what is missing or was made otherwise; the next ``refresh`` then looks at every issuer.

    Not a migration: it changes nothing that the archive holds.
    """
    sql = f"SELECT name, sql FROM sqlite_master WHERE name IN ('{_DONE}', '{_DUE}') OR name GLOB '{_DUE}_*'"
    there = {row[0]: row[1] for row in db.execute(sql)}
    wanted = TABLES | TRIGGERS
    if there == wanted:
        return
    with db.atomic():
        drop(db)
        for statement in wanted.values():
            db.execute(statement)


def drop(db: Database) -> None:
    """Take the notes away, e.g. before millions of rows are put in at once."""
    for name in TRIGGERS:
        db.execute(f'DROP TRIGGER IF EXISTS "{name}"')
    for name in TABLES:
        db.execute(f'DROP TABLE IF EXISTS "{name}"')


def refresh(db: Database, today: date) -> int:
    """Bring the table ``coverage`` up to date; gives the number of its rows that changed.

    Each issuer is followed from its first known year to the last year any
    issuer has a report for. A year without a report is ``missing`` only when
    its deadline has passed, and ``blocked`` instead where a portal of the
    issuer keeps the crawler out: then nobody knows.
    """
    # What is noted by another connection meanwhile must not be taken away with what was looked at.
    with transaction(db):
        until = _until(db, today)
        done = {row["deadline"]: row["year"] for row in db.query(f"SELECT * FROM {_DONE}")}
        due = [row["agency"] for row in db.query(f"SELECT agency FROM {_DUE} ORDER BY agency")]
        if until == done and not due:
            return 0
        changed = sum(_bring(db, some, until) for some in _parts(due if until == done else _everyone(db)))
        db.execute(f"DELETE FROM {_DUE}")
        if until != done:
            db.execute(f"DELETE FROM {_DONE}")
            db.conn.executemany(f"INSERT INTO {_DONE} VALUES (?, ?)", sorted(until.items()))
    return changed


def _bring(db: Database, issuers: Sequence[int], until: Mapping[str, int]) -> int:
    """Bring the rows of these issuers up to date; gives how many changed."""
    wanted, there = _wanted(db, issuers, until), _stored(db, issuers)
    gone = [key for key in there if key not in wanted]
    changed = [row for key, row in wanted.items() if there.get(key) != row]
    db.conn.executemany("DELETE FROM coverage WHERE agency = ? AND year = ?", gone)
    db.conn.executemany(_PUT, changed)
    return len(gone) + len(changed)


_COLUMNS = [column.name for column in table("coverage").columns]
_PUT = (
    f"INSERT INTO coverage ({', '.join(_COLUMNS)}) VALUES ({', '.join(f':{name}' for name in _COLUMNS)})"
    f" ON CONFLICT ({', '.join(table('coverage').key)}) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in table("coverage").key)
)


def wrong(db: Database, since: date) -> Iterator[str]:
    """What the table says that does not follow from reports and portals.

    ``since``: a day on or before that on which it was last brought up to date; a year whose deadline
    has passed only since then may be lacking.
    """
    until = _until(db, date.max)
    for issuers in _parts(_everyone(db)):
        wanted, there = _wanted(db, issuers, until), _stored(db, issuers)
        for key in sorted({*wanted, *there}):
            should, does = wanted.get(key), there.get(key)
            if should == does:
                continue
            open_yet = (
                should is not None and should["report"] is None and should["deadline"] >= since.isoformat()
            )
            if does is not None or not open_yet:
                yield f"{key[0]} {key[1]}: {_said(does)} as stored, {_said(should)} by its reports"


def _said(row: Row | None) -> str:
    if row is None:
        return "nothing"
    return " ".join(str(row[name]) for name in ("status", "report", "published_on", "days_late") if row[name])


def _parts(issuers: Sequence[int]) -> Iterator[Sequence[int]]:
    return (issuers[at : at + _AT_ONCE] for at in range(0, len(issuers), _AT_ONCE))


def _everyone(db: Database) -> list[int]:
    sql = "SELECT agency FROM reports UNION SELECT agency FROM coverage ORDER BY agency"
    return [row["agency"] for row in db.query(sql)]


def _held_to(kind: str | None) -> str:
    """By which deadline an issuer is told: that of governments, or the others'."""
    return "government" if kind == "government" else "other"


def _until(db: Database, today: date) -> dict[str, int]:
    """Deadline → the last year that is due by it; nothing where there is no report at all."""
    last = db.execute("SELECT max(year) FROM reports").fetchone()[0]
    if last is None:
        return {}
    return {
        held_to: next(year for year in range(last, 0, -1) if deadline(held_to, year) < today)
        for held_to in ("government", "other")
    }


def _stored(db: Database, issuers: Sequence[int]) -> dict[Key, Row]:
    return {(row["agency"], row["year"]): row for row in _of(db, "SELECT * FROM coverage", issuers)}


def _wanted(db: Database, issuers: Sequence[int], until: Mapping[str, int]) -> dict[Key, Row]:
    """The rows that follow for these issuers."""
    filed: dict[int, dict[int, Row]] = {}
    for report in _of(db, "SELECT id, agency, year, published_on FROM reports", issuers):
        filed.setdefault(report["agency"], {})[report["year"]] = report
    kinds = {row["id"]: row["kind"] for row in _of(db, "SELECT id, kind FROM agencies", issuers, "id")}
    blocked = _blocked(db, issuers)
    made = {}
    for agency in sorted(filed):
        reports, kind = filed[agency], kinds[agency]
        for year in sorted({*reports, *range(min(reports), until[_held_to(kind)] + 1)}):
            due = deadline(kind, year)
            row = {"agency": agency, "year": year, "deadline": due.isoformat()}
            made[agency, year] = row | _state(reports.get(year), due, blocked=agency in blocked)
    return made


def _of(db: Database, select: str, issuers: Sequence[int], column: str = "agency") -> Iterator[Row]:
    return db.query(f"{select} WHERE {column} IN (SELECT value FROM json_each(?))", [json.dumps(issuers)])


def _state(report: Row | None, due: date, *, blocked: bool) -> Row:
    state: Row = {"status": None, "report": None, "published_on": None, "days_late": None}
    if report is None:
        return state | {"status": "blocked" if blocked else "missing"}
    state |= {"report": report["id"], "published_on": report["published_on"]}
    if report["published_on"] is None:
        return state | {"status": "undated"}
    days = (date.fromisoformat(report["published_on"]) - due).days
    return state | ({"status": "late", "days_late": days} if days > 0 else {"status": "filed"})


def _blocked(db: Database, issuers: Sequence[int]) -> set[int]:
    """Those of whom at least one portal is blocked: one that carried a report, or that of the division."""
    if not db.execute(f"SELECT EXISTS (SELECT 1 FROM portals WHERE {_BLOCKED})").fetchone()[0]:
        return set()
    # The order of tables is meant: from these issuers to their portals, never from a portal to all it has.
    sql = f"""
        WITH given AS (SELECT value AS agency FROM json_each(?))
        SELECT r.agency FROM given CROSS JOIN reports AS r ON r.agency = given.agency
        CROSS JOIN documents AS d ON d.report = r.id CROSS JOIN portals AS p ON p.key = d.portal
        WHERE p.{_BLOCKED}
        UNION SELECT a.id FROM given CROSS JOIN agencies AS a ON a.id = given.agency
        CROSS JOIN portals AS p ON p.division = a.division WHERE p.{_BLOCKED}
    """
    return {row["agency"] for row in db.query(sql, [json.dumps(issuers)])}
