"""The full-text index: one row a report, written by the store in the report's own transaction.

FTS5 without content: the text is in ``sections`` already, and the index keeps no second
copy. To take a row out FTS5 must be given what was put in, so a row is taken out while its
report still stands in the tables.

Rows are numbered so that the newest come last: year, day of publication, order of arrival.
The headings of the sections are left out: the form prescribes them, and 行政复议 would be
found in every report.

Small steps between numbers keep the index small, and whoever wants the newest reads it from its end.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from archive.derived.tokens import filter_token, tokens
from archive.errors import ClashError

if TYPE_CHECKING:
    # Whoever only reads pages needs the words, and no database.
    from sqlite_utils import Database

TABLE = "_search"
ROWS = "_search_rows"

#: Columns of the index; ``about`` has the words to filter by.
COLUMNS = ("title", "issuer", "text", "about")
_LIST = ", ".join(COLUMNS)
_MARKS = ", ".join("?" * len(COLUMNS))

DDL = {
    TABLE: f"CREATE VIRTUAL TABLE {TABLE} USING fts5({_LIST}, content='', tokenize='ascii')",
    ROWS: (
        f'CREATE TABLE "{ROWS}" ("row" INTEGER PRIMARY KEY, "report" INTEGER NOT NULL UNIQUE'
        ' REFERENCES "reports"("id") DEFERRABLE INITIALLY DEFERRED) STRICT'
    ),
}

#: Bits of a row's number that tell reports of one day apart: a million, seven times a year's reports.
WITHIN_DAY = 20
#: Bits for the day: eleven years from the year reported on; what is later counts as the last of them.
_DAYS = 12


#: Bytes of words that FTS5 gathers in memory before it writes them as one sorted piece. While all is made
#: anew pieces may be large: each four of them are merged into one, and these again.
_GATHERED, _GATHERED_BY_DEFAULT = 64 << 20, 1 << 20

#: The words of a report for each of the ``COLUMNS``.
Words = tuple[str, str, str, str]

#: Text → words, of the report that is being stored.
_made: ContextVar[Mapping[str, str]] = ContextVar("made", default={})  # noqa: B039 - never changed


@contextmanager
def knowing(words: Mapping[str, str]) -> Iterator[None]:
    """Within, these texts have these words: ``tokens`` of each, made by whoever read them."""
    before = _made.set(words)
    try:
        yield
    finally:
        _made.reset(before)


def _words(text: str) -> str:
    made = _made.get().get(text)
    return tokens(text) if made is None else made


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index holds of one report, in plain words."""

    report: int
    year: int
    published_on: str | None
    title: str
    issuer: str
    sections: tuple[str, ...]
    filters: tuple[str, ...]

    @property
    def words(self) -> Words:
        """The columns of the index."""
        text = " ".join(filter(None, map(_words, self.sections)))
        return tokens(self.title), tokens(self.issuer), text, " ".join(self.filters)

    @property
    def first_row(self) -> int:
        """Number of the first row of its day."""
        return day_number(self.year, self.published_on) << WITHIN_DAY


#: What gives entries with their words, in the same order.
Worded = Callable[[Iterable[Entry]], Iterator[tuple[Entry, Words]]]


def day_number(year: int, published_on: str | None) -> int:
    """Year and day of publication as one number; reports without a date come first in their year."""
    day = 0
    if published_on is not None:
        passed = (date.fromisoformat(published_on) - date(year, 1, 1)).days
        day = min(max(passed, 0) + 1, (1 << _DAYS) - 1)
    return (year << _DAYS) + day


def year_rows(year: int) -> tuple[int, int]:
    """First and last number a row of a year can have."""
    return (year << _DAYS) << WITHIN_DAY, (((year + 1) << _DAYS) << WITHIN_DAY) - 1


_ENTRY = """
    SELECT r.id, r.year, r.published_on, r.title, r.province, r.division, r.form, r.agency,
        a.name, a.aliases,
        (SELECT json_group_array(text) FROM (
            SELECT s.text FROM sections AS s WHERE s.report = r.id AND s.text IS NOT NULL ORDER BY s.number
        )) AS sections
    FROM reports AS r JOIN agencies AS a ON a.id = r.agency
"""


def _entry(row: dict[str, Any]) -> Entry:
    names = [row["name"], *json.loads(row["aliases"] or "[]")]
    return Entry(
        report=row["id"],
        year=row["year"],
        published_on=row["published_on"],
        title=row["title"],
        # A line each: a mark between them keeps the last character of one from pairing with the next.
        issuer=" / ".join(names),
        sections=tuple(json.loads(row["sections"])),
        filters=tuple(_filters(row)),
    )


def _filters(row: dict[str, Any]) -> Iterator[str]:
    yield filter_token("a", row["agency"])
    if row["province"]:
        yield filter_token("p", row["province"])
    if row["form"]:
        yield filter_token("f", row["form"])
    for length in (2, 4, 6, 9):  # province, prefecture, county, township
        if row["division"] and len(row["division"]) >= length:
            yield filter_token("d", row["division"][:length])


def division_filter(code: str) -> str:
    """The word that all reports of a division and of what lies in it have."""
    short = code.rstrip("0") if len(code) == 6 else code
    return filter_token("d", code[: next((n for n in (2, 4, 6, 9) if n >= len(short)), 9)])


def entry(db: Database, report: int) -> Entry | None:
    """What the index has to hold of a report as it stands in the tables."""
    return next(_entries(db, _ENTRY + "WHERE r.id = ?", [report]), None)


def entries(db: Database) -> Iterator[Entry]:
    """All of them, in the order of the index."""
    # One by one: sorted with their texts they would all be written to a temporary file.
    order = "ORDER BY year, published_on IS NOT NULL, published_on, id"
    for [report] in db.conn.execute(f"SELECT id FROM reports {order}").fetchall():
        yield from _entries(db, _ENTRY + "WHERE r.id = ?", [report])


def _entries(db: Database, sql: str, values: Sequence[object] = ()) -> Iterator[Entry]:
    # Not by db.query, which opens a savepoint: the proof asks while another statement runs.
    cursor = db.conn.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return (_entry(dict(zip(names, row, strict=True))) for row in cursor)


def _insert(db: Database, row: int, report: int, words: Words) -> None:
    db.execute(f'INSERT INTO {ROWS} ("row", report) VALUES (?, ?)', [row, report])
    db.execute(f"INSERT INTO {TABLE} (rowid, {_LIST}) VALUES (?, {_MARKS})", [row, *words])


def _take(db: Database, old: Entry, words: Words) -> None:
    """Take a report out; ``old`` and ``words`` are what was put in."""
    [row] = db.execute(f'SELECT "row" FROM {ROWS} WHERE report = ?', [old.report]).fetchone()
    db.execute(f"INSERT INTO {TABLE} ({TABLE}, rowid, {_LIST}) VALUES ('delete', ?, {_MARKS})", [row, *words])
    db.execute(f"DELETE FROM {ROWS} WHERE report = ?", [old.report])


def change(db: Database, old: Entry | None, new: Entry | None) -> None:
    """Bring the index from what a report was to what it is."""
    if old == new:
        return
    # Their words at once: at the end nobody knows them any more (``knowing``).
    changed = _Change(*(None if one is None else (one, one.words) for one in (old, new)))
    waiting = _waiting.get()
    if waiting is None:
        changed.carry_out(db)
    else:
        waiting.append(changed)


@dataclass(frozen=True, slots=True)
class _Change:
    """What the index has of a report, and what it is to have, each with its words."""

    old: tuple[Entry, Words] | None
    new: tuple[Entry, Words] | None

    def carry_out(self, db: Database) -> None:
        if self.old is not None:
            _take(db, *self.old)
        if self.new is not None:
            entry, words = self.new
            _insert(db, _free_row(db, entry), entry.report, words)


_waiting: ContextVar[list[_Change] | None] = ContextVar("waiting", default=None)


@contextmanager
def together(db: Database) -> Iterator[None]:
    """Within, changes of the index wait, and are made at the end in their order; after an error they are not.

    FTS5 writes what it has in memory whenever another statement begins that may have to be undone, so that
    each report makes a piece of the index of its own, which is merged with others again and again.
    """
    waiting: list[_Change] = []
    before = _waiting.set(waiting)
    try:
        yield
    finally:
        _waiting.reset(before)
    for changed in waiting:
        changed.carry_out(db)


def _free_row(db: Database, new: Entry) -> int:
    first, last = new.first_row, new.first_row + (1 << WITHIN_DAY) - 1
    sql = f'SELECT max("row") FROM {ROWS} WHERE "row" BETWEEN ? AND ?'
    taken = db.execute(sql, [first, last]).fetchone()[0]
    if taken == last:
        raise ClashError(f"report {new.report}: the search index has no row left on {new.published_on}")
    return first if taken is None else int(taken) + 1


def worded(entries_: Iterable[Entry]) -> Iterator[tuple[Entry, Words]]:
    """Each with the words of its columns."""
    return ((one, one.words) for one in entries_)


def rebuild(db: Database, of: Iterable[Entry] | None = None, *, words: Worded = worded) -> int:
    """Make the index anew; gives the number of its rows.

    ``words`` gives the entries in their order with their words; other processes may work these out.
    """
    db.execute(f"INSERT INTO {TABLE} ({TABLE}) VALUES ('delete-all')")
    db.execute(f"DELETE FROM {ROWS}")
    db.execute(f"INSERT INTO {TABLE} ({TABLE}, rank) VALUES ('hashsize', {_GATHERED})")
    row, made = 0, 0
    for each, columns in words(entries(db) if of is None else of):
        row = max(row + 1, each.first_row)
        _insert(db, row, each.report, columns)
        made += 1
    # SQLite's own default again, for this connection and for the file.
    db.execute(f"INSERT INTO {TABLE} ({TABLE}, rank) VALUES ('hashsize', {_GATHERED_BY_DEFAULT})")
    return made
