"""Finished rows put into a new archive at once, instead of report by report through the store.

For archives that are generated. What is worked out from the tables (``derived``) is made when all
rows are there; references are looked at then too, and not row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlite_utils import Database

from archive import derived
from archive.derived import counts
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


@contextmanager
def loading(db: Database, *, parser: str) -> Iterator[Callable[[Batch], None]]:
    """Gives what puts a batch in. At the end everything is complete, or ``ArchiveError`` is raised.

    The file is worth nothing if this is broken off: it is written without a journal that could undo it.
    """
    for pragma in ("foreign_keys = OFF", "synchronous = OFF", f"cache_size = {-_CACHE * 1024}"):
        db.execute(f"PRAGMA {pragma}")
    for table in TABLES:
        counts.drop(db, table)

    def load(batch: Batch) -> None:
        with db.atomic():
            for name, rows in batch.items():
                marks = ", ".join("?" * len(columns(name)))
                listed = ", ".join(f'"{column}"' for column in columns(name))
                # A portal comes with each of its issuers; nothing else comes twice.
                verb = "INSERT OR IGNORE" if name == "portals" else "INSERT"
                sql = f'{verb} INTO "{name}" ({listed}) VALUES ({marks})'
                ordered: list[tuple[Any, ...]] = sorted(rows, key=_key(name))
                db.conn.executemany(sql, ordered)

    yield load
    with db.atomic():
        derived.rebuild(db)
        sql = "INSERT INTO about (key, value) VALUES ('parser', ?) ON CONFLICT DO UPDATE SET value = ?"
        db.execute(sql, [parser, parser])
    counts.ensure(db)
    if db.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise ArchiveError("rows were given that point at nothing")
    for pragma in ("foreign_keys = ON", "synchronous = NORMAL", "wal_checkpoint(TRUNCATE)"):
        db.execute(f"PRAGMA {pragma}")


def _key(name: str) -> Callable[[tuple[Any, ...]], Any]:
    """Order of the table's key: neighbours in a table and its indices are written together."""
    table = next((table for table in TABLES if table.name == name), None)
    places = [0] if table is None else [columns(name).index(column) for column in table.key]
    return lambda row: [row[place] for place in places]
