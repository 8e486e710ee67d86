"""The database's side of a replay: originals that hang together, taken out and put back.

A *group* is everything that can bear upon one another when it is read again: the
originals of an address, of a page and what hangs on it, of an issuer. A group is replayed as
a whole and in one transaction; what it was before and what it is after are compared as
``state``, which leaves out what other reports laid over it (``overlay``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from archive import derived, near, statements
from archive.forms import indicators
from archive.notes import OriginalNote
from archive.rows import FILLED, Row
from archive.schema import table
from archive.shelf import STANDING, take, unpack

#: Tables with rows of a report that say how its originals stand to each other.
_STANDING_TABLES = ("copies", "revisions", "changes")
_CHUNK = 500
_ASIDE = "SELECT document, year, rows FROM _texts WHERE rows IS NOT NULL AND document IN ({})"


@dataclass(frozen=True, slots=True)
class Group:
    """Originals that are replayed together."""

    notes: tuple[OriginalNote, ...]
    """In the order in which they were written."""
    documents: tuple[int, ...]
    """What the database holds of them."""
    reports: tuple[int, ...]
    """Reports that these documents carry."""
    without_note: tuple[str, ...]
    """Addresses of held originals of which no WARC tells how they were found."""


@dataclass(frozen=True, slots=True)
class State:
    """What a group is in the database."""

    reports: dict[int, dict[str, list[Row]]]
    """Report → its base rows, by table."""
    documents: dict[int, Row]
    rest: dict[str, list[Row]]
    """Everything else, by table."""


class _Sets:
    """Disjoint sets (union by the smaller root, paths halved)."""

    def __init__(self) -> None:
        self._above: dict[Any, Any] = {}

    def find(self, one: Any) -> Any:
        above = self._above.setdefault(one, one)
        while above != one:
            self._above[one] = above = self._above[above]
            one, above = above, self._above[above]
        return one

    def join(self, one: Any, other: Any) -> None:
        self._above[self.find(other)] = self.find(one)


def groups(db: Database, notes: Sequence[OriginalNote]) -> list[Group]:
    """All groups, in the order of their first notes; those without any come last."""
    sql = """
        SELECT d.id, d.url, d.page_url, d.report, r.agency FROM documents AS d
        LEFT JOIN reports AS r ON r.id = d.report ORDER BY d.id
    """
    held = list(db.query(sql))
    sets = _Sets()
    noted: set[int] = set()
    for note in notes:
        for original in (note.original, *note.original.parts):
            noted.add(original.id)
            sets.join(note.original.url, original.url)
            if original.context.page_url:
                sets.join(note.original.url, original.context.page_url)
    for row in held:
        if row["page_url"]:
            sets.join(row["url"], row["page_url"])
        if row["agency"] is not None:  # whose name and other spellings come from all its reports
            sets.join(row["url"], row["agency"])
    of_group: dict[Any, list[OriginalNote]] = {}
    for note in notes:
        of_group.setdefault(sets.find(note.original.url), []).append(note)
    documents: dict[Any, list[Row]] = {}
    for row in held:
        documents.setdefault(sets.find(row["url"]), []).append(row)
    return [
        Group(
            notes=tuple(of_group.get(root, ())),
            documents=tuple(row["id"] for row in documents.get(root, ())),
            reports=tuple(sorted({r["report"] for r in documents.get(root, ()) if r["report"] is not None})),
            without_note=tuple(sorted(r["url"] for r in documents.get(root, ()) if r["id"] not in noted)),
        )
        for root in dict.fromkeys([*of_group, *documents])
    ]


def addresses(group: Group) -> list[str]:
    """Addresses of its originals, parts included."""
    noted = [note.original for note in group.notes]
    return sorted({original.url for whole in noted for original in (whole, *whole.parts)})


def documents_at(db: Database, urls: Iterable[str]) -> list[int]:
    """Documents held from these addresses."""
    return sorted(row["id"] for row in _in(db, "SELECT id FROM documents WHERE url IN ({})", list(urls)))


def state(db: Database, documents: Sequence[int]) -> State:
    """What the database says of these originals and the reports they carry."""
    rows = {row["id"]: row for row in _in(db, "SELECT * FROM documents WHERE id IN ({})", documents)}
    carried = sorted({row["report"] for row in rows.values() if row["report"] is not None})
    held = {row["id"]: row for row in _in(db, "SELECT * FROM reports WHERE id IN ({})", carried)}
    reports: dict[int, dict[str, list[Row]]] = {}
    rest: dict[str, list[Row]] = {
        "_states": _ordered(_in(db, "SELECT * FROM _states WHERE document IN ({})", documents)),
        "_parts": _ordered(_in(db, "SELECT * FROM _parts WHERE document IN ({})", documents)),
        "_readings": [
            row | {"rows": None if row["rows"] is None else unpack(row["rows"])}
            for row in _ordered(_in(db, "SELECT * FROM _readings WHERE document IN ({})", documents))
        ],
        "_variants": [
            row | {"rows": unpack(row["rows"])}
            for row in _ordered(_in(db, "SELECT * FROM _variants WHERE document IN ({})", documents))
        ],
        # Of texts that are nobody's; what they are signed with follows from that.
        "_texts": [row | {"rows": unpack(row["rows"])} for row in _ordered(_in(db, _ASIDE, documents))],
        "standing": [],
        **{name: [] for name in _STANDING_TABLES},
    }
    for report, row in sorted(held.items()):
        reports[report] = {name: _ordered(found) for name, found in take(db, report).items()}
        places = ("agency", "year", "province", "division", "document", "revision")
        reports[report]["stands"] = [{name: row[name] for name in places}]
        for name in _STANDING_TABLES:
            laid = statements.rows(db, _of_report(name, _key(name)), [report])
            # Near copies are laid over a report by the texts of others.
            rest[name] += [row for row in laid if name != "copies" or row["reason"] != near.NEAR]
        for found in statements.rows(db, _of_report("findings", "number"), [report]):
            if found["kind"] in STANDING:
                rest["standing"].append({k: v for k, v in found.items() if k != "number"})
    agencies = sorted({row["agency"] for row in held.values()})
    rest["agencies"] = _ordered(_in(db, "SELECT * FROM agencies WHERE id IN ({})", agencies))
    return State(reports, rows, rest)


def shared(db: Database, group: State) -> list[int]:
    """Reports of a group that have originals beyond it."""
    found = _in(db, "SELECT id, report FROM documents WHERE report IN ({})", list(group.reports))
    return sorted({row["report"] for row in found if row["id"] not in group.documents})


def forget(db: Database, group: Group) -> list[int]:
    """Take all of a group out; gives the issuers of its reports. References are mended before commit.

    What people decided (``splits``) stays.
    """
    found = _in(db, "SELECT DISTINCT agency FROM reports WHERE id IN ({})", group.reports)
    agencies = sorted({row["agency"] for row in found})
    # With its issuer's row gone, nothing tells what the index holds of a report that stays.
    theirs = _in(db, "SELECT id FROM reports WHERE agency IN ({})", agencies)
    derived.take_out(db, sorted({*group.reports, *(row["id"] for row in theirs)}))
    for name in (*FILLED, *_STANDING_TABLES, "_base", "coverage"):
        _out(db, name, "report", group.reports)
    _out(db, "reports", "id", group.reports)
    near.drop(db, group.documents)
    for name in ("_states", "_readings", "_parts", "_variants"):
        _out(db, name, "document", group.documents)
    _out(db, "documents", "id", group.documents)
    _out(db, "agencies", "id", agencies)
    return agencies


def mend(db: Database, group: Group, agencies: Sequence[int]) -> list[int]:
    """After a group was put back, drop what points at something that is no more.

    ``agencies`` are those that ``forget`` gave. Gives the reports in which something is split.
    """
    there = {row["id"] for row in _in(db, "SELECT id FROM agencies WHERE id IN ({})", agencies)}
    for name in ("coverage", "_unproved"):
        _out(db, name, "agency", [agency for agency in agencies if agency not in there])
    db.execute("DELETE FROM splits WHERE report NOT IN (SELECT id FROM reports)")
    db.execute("DELETE FROM splits WHERE document NOT IN (SELECT id FROM documents)")
    decided = _in(db, "SELECT DISTINCT report FROM splits WHERE report IN ({})", group.reports)
    return sorted(row["report"] for row in decided)


def drop_lines(db: Database) -> int:
    """Take out lines of a province's own that no original has any more; gives how many."""
    used = {row["line"] for name in (indicators.TABLE, "changes") for row in _lines(db, name)}
    used |= {row["line"] for row in _lines(db, "cell_notes")}
    for name in ("_readings", "_variants", "_base"):
        for row in db.query(f"SELECT rows FROM {name} WHERE rows IS NOT NULL"):  # noqa: S608
            rows = unpack(row["rows"])
            used |= {line["line"] for line in (*rows.get(indicators.TABLE, ()), *rows.get("cell_notes", ()))}
    own = [row["key"] for row in db.query("SELECT key FROM lines WHERE position IS NULL")]
    gone = [key for key in own if key not in used]
    _out(db, "lines", "key", gone)
    return len(gone)


def _lines(db: Database, name: str) -> Iterable[Row]:
    return db.query(f'SELECT DISTINCT line FROM "{name}" WHERE line IS NOT NULL')  # noqa: S608


def _of_report(name: str, order: str) -> str:
    return f'SELECT * FROM "{name}" WHERE report = ? ORDER BY {order}'  # noqa: S608 - names of the schema


def _key(name: str) -> str:
    return ", ".join(f'"{column}"' for column in table(name).key)


def _ordered(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True, default=repr))


def _in(db: Database, sql: str, values: Sequence[Any]) -> list[Row]:
    """Rows of a query with ``IN ({})``, in steps that SQLite takes."""
    found: list[Row] = []
    for start in range(0, len(values), _CHUNK):
        chunk = list(values[start : start + _CHUNK])
        found += statements.rows(db, sql.format(", ".join("?" * len(chunk))), chunk)
    return found


def _out(db: Database, name: str, column: str, values: Sequence[Any]) -> None:
    for start in range(0, len(values), _CHUNK):
        chunk = list(values[start : start + _CHUNK])
        marks = ", ".join("?" * len(chunk))
        db.execute(f'DELETE FROM "{name}" WHERE "{column}" IN ({marks})', chunk)  # noqa: S608 - the schema's
