"""A new archive filled from nothing, for whoever throws it away unless it comes to its end.

``loading`` puts finished rows in at once, for archives that are generated; ``afresh`` is for reports that
come one by one through the store, for archives that are made anew. What is worked out from the tables
(``derived``) is made when all rows are there; references are looked at then too, and not row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from operator import itemgetter
from typing import Any

from sqlite_utils import Database

from archive import coverage, derived, statements
from archive.derived import counts, filing, search
from archive.errors import ArchiveError
from archive.rows import Row
from archive.schema import TABLES

#: Table → rows, each in the order of ``columns``.
Batch = dict[str, list[tuple[Any, ...]]]

_INTERNAL: Mapping[str, tuple[str, ...]] = {
    "_base": ("report", "rows"),
    "_states": ("url", "seen_at", "document"),
    "_readings": ("document", "parser", "text_hash", "rows"),
}
#: Megabytes of pages kept in memory, so that the indices of some million rows are not read again and again.
_CACHE = 768
#: The same where reports come one by one, beside processes that read them. SQLite's own 2 are soon too few.
_CACHE_BESIDE = 128


@cache
def columns(name: str) -> tuple[str, ...]:
    """The columns of a table, in the order in which its rows are given."""
    if name in _INTERNAL:
        return _INTERNAL[name]
    return next(tuple(column.name for column in table.columns) for table in TABLES if table.name == name)


def tuples(name: str, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    """Rows as a batch holds them; a column that a row has not is NULL."""
    names = columns(name)
    return [tuple(map(row.get, names)) for row in rows]


def ordered(batch: Batch) -> Batch:
    """The batch with each table's rows in the order of its key.

    Neighbours in a table and its indices are then written together. Whoever makes a batch has it done,
    so that the one process that writes need not.
    """
    return {name: sorted(rows, key=_key(name)) for name, rows in batch.items()}


def _key(name: str) -> Callable[[tuple[Any, ...]], Any]:
    table = next((table for table in TABLES if table.name == name), None)
    return itemgetter(*([0] if table is None else [columns(name).index(column) for column in table.key]))


@contextmanager
def loading(
    db: Database, *, parser: str, words: search.Worded = search.worded
) -> Iterator[Callable[[Batch], None]]:
    """Gives what puts a batch in. At the end everything is complete, or ``ArchiveError`` is raised.

    The file is worth nothing if this is broken off: it is written without a journal that could undo it,
    so it should bear its name only when it is whole. ``words`` makes the words of the search index.
    """
    _unguarded(db, journal="OFF", cache=_CACHE)
    # Indices of millions of rows are sorted; what does not fit into the memory for pages goes to files.
    db.execute("PRAGMA temp_store = FILE")
    coverage.drop(db)
    filing.drop(db)
    # An index made of rows that are there is sorted once; kept up row by row, its pages are read and written
    # again and again as soon as they are more than the memory for them.
    indices = db.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    for name, _ in indices:
        db.execute(f'DROP INDEX "{name}"')

    def load(batch: Batch) -> None:
        with db.atomic():
            for name, rows in batch.items():
                db.conn.executemany(_insert(name), rows)

    yield load
    for _, statement in indices:
        db.execute(statement)
    with db.atomic():
        derived.rebuild(db, words=words)
        sql = "INSERT INTO about (key, value) VALUES ('parser', ?) ON CONFLICT DO UPDATE SET value = ?"
        db.execute(sql, [parser, parser])
    coverage.ensure(db)
    filing.ensure(db)
    _guarded(db)
    statements.small(db)


@contextmanager
def afresh(db: Database) -> Iterator[None]:
    """Within, reports come through the store. At the end all is complete, or ``ArchiveError`` is raised.

    What is undone within is undone; but if the process or the machine ends, the file is worth nothing, so
    it should bear its name only when it is whole.
    """
    [[cache]] = db.execute("PRAGMA cache_size")
    # In memory and not OFF: what of a report cannot be stored has to be undone.
    _unguarded(db, journal="MEMORY", cache=_CACHE_BESIDE)
    with derived.without_sums():
        yield
    with statements.large(db):
        with db.atomic():
            derived.rebuild_sums(db)
        _guarded(db)
    db.execute(f"PRAGMA cache_size = {cache:d}")


def _unguarded(db: Database, *, journal: str, cache: int) -> None:
    """No row is counted and no reference looked at from now on, and nothing waits for the disk."""
    for pragma in ("foreign_keys = OFF", "synchronous = OFF", f"cache_size = {-cache * 1024}"):
        db.execute(f"PRAGMA {pragma}")
    db.execute(f"PRAGMA journal_mode = {journal}")
    for table in TABLES:
        counts.drop(db, table)


def _guarded(db: Database) -> None:
    """Count what there is, look at all references, and be an archive as any other."""
    counts.ensure(db)
    if db.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise ArchiveError("rows were given that point at nothing")
    for pragma in ("foreign_keys = ON", "synchronous = NORMAL", "journal_mode = WAL"):
        db.execute(f"PRAGMA {pragma}")


@cache
def _insert(name: str) -> str:
    marks = ", ".join("?" * len(columns(name)))
    listed = ", ".join(f'"{column}"' for column in columns(name))
    # A portal comes with each of its issuers; nothing else comes twice.
    verb = "INSERT OR IGNORE" if name == "portals" else "INSERT"
    return f'{verb} INTO "{name}" ({listed}) VALUES ({marks})'
