"""The everyday statements of whoever writes the database, each spelt once and so prepared once.

sqlite-utils looks up the schema and opens a savepoint for every row and every question, which a report with
some twenty of each pays with a third of its time. All that is written here is written within a transaction
that is open already.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # Whoever only reads pages needs the words, and no database.
    from sqlite_utils import Database

Row = dict[str, Any]
Values = Sequence[Any] | Mapping[str, Any]


#: Seconds between two looks whether another connection's transaction has ended.
_LOOK = 0.001


@contextmanager
def transaction(db: Database, *, patience: float = 0.0) -> Iterator[None]:
    """All that is written within, or nothing; within another one it is a part of that, undone by itself.

    It has the right to write from its beginning. One that reads first and then asks for it is refused at
    once, however long it may wait, if another connection has written in between (SQLITE_BUSY_SNAPSHOT,
    sqlite.org/rescode.html).

    ``patience``: seconds to wait for another connection that writes often, instead of the connection's own
    time-out.
    """
    if db.conn.in_transaction:
        with _within_another(db.conn):
            yield
        return
    _begin(db.conn, patience)
    try:
        yield
        db.conn.execute("COMMIT")
    except BaseException:
        db.conn.rollback()  # nothing to do where the error has ended the transaction
        raise


@contextmanager
def _within_another(conn: sqlite3.Connection) -> Iterator[None]:
    # Savepoints may share a name: the latest is meant. With one of its own each would be compiled anew.
    conn.execute("SAVEPOINT within")
    try:
        yield
        conn.execute("RELEASE within")
    except BaseException:
        if conn.in_transaction:  # or the error has ended it whole
            conn.execute("ROLLBACK TO within")
            conn.execute("RELEASE within")
        raise


def _begin(conn: sqlite3.Connection, patience: float) -> None:
    """Begin as soon as nobody else writes.

    SQLite by itself looks again after 1, 2, 5 … milliseconds, in the end ten times a second. One that writes
    without a pause has had its turn many times between two such looks, and whoever waits may wait long.
    """
    if not patience:
        conn.execute("BEGIN IMMEDIATE")
        return
    [[usual]] = conn.execute("PRAGMA busy_timeout")
    conn.execute("PRAGMA busy_timeout = 0")
    until = time.monotonic() + patience
    try:
        while True:
            try:
                conn.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
            time.sleep(_LOOK)
    finally:
        conn.execute(f"PRAGMA busy_timeout = {usual:d}")


def small(db: Database) -> None:
    """From now on what is to be undone or sorted is that of one report or issuer: it is kept in memory.

    SQLite else makes a file for each statement that may have to be undone, a quarter of the store's time.
    """
    db.conn.execute("PRAGMA temp_store = MEMORY")


@contextmanager
def large(db: Database) -> Iterator[None]:
    """Within, it may be that of the whole archive, and goes to files.

    A transaction that is open already goes on as it began.
    """
    if db.conn.in_transaction:
        yield
        return
    [[before]] = db.conn.execute("PRAGMA temp_store")
    db.conn.execute("PRAGMA temp_store = FILE")
    try:
        yield
    finally:
        db.conn.execute(f"PRAGMA temp_store = {before:d}")


def rows(db: Database, sql: str, values: Values = ()) -> list[Row]:
    """Everything a question gives."""
    cursor = db.conn.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def first(db: Database, sql: str, values: Values = ()) -> Row | None:
    """The first row a question gives, if it gives any."""
    cursor = db.conn.execute(sql, values)
    row = cursor.fetchone()
    if row is None:
        return None
    return dict(zip((column[0] for column in cursor.description), row, strict=True))


def get(db: Database, name: str, key: str, value: Any) -> Row:
    """The row of a table with this key; raises ``LookupError``."""
    row = first(db, f'SELECT * FROM "{name}" WHERE "{key}" = ?', [value])  # noqa: S608 - names of the schema
    if row is None:
        raise LookupError(f"{name} has no {key} {value!r}")
    return row


def _within(db: Database) -> None:
    """What is written outside of a transaction would be undone when the database is closed."""
    if not db.conn.in_transaction:
        raise RuntimeError("the store writes within a transaction only")


@cache
def _insertion(name: str, columns: tuple[str, ...], instead: str) -> str:
    listed, marks = ", ".join(f'"{column}"' for column in columns), ", ".join("?" * len(columns))
    return f'INSERT {instead}INTO "{name}" ({listed}) VALUES ({marks})'  # noqa: S608 - names of the schema


def insert(db: Database, name: str, row: Row, *, ignore: bool = False, replace: bool = False) -> None:
    """A new row; one that is there already stays (``ignore``) or gives way (``replace``)."""
    _within(db)
    instead = "OR IGNORE " if ignore else "OR REPLACE " if replace else ""
    db.conn.execute(_insertion(name, tuple(row), instead), tuple(row.values()))


def insert_all(db: Database, name: str, new: Sequence[Row]) -> None:
    """New rows, all with the columns of the first."""
    _within(db)
    if new:
        columns = tuple(new[0])
        db.conn.executemany(
            _insertion(name, columns, ""), [tuple(row[column] for column in columns) for row in new]
        )


def update(db: Database, name: str, key: str, value: Any, changed: Row) -> None:
    """Change columns of the row with this key."""
    _within(db)
    said = ", ".join(f'"{column}" = ?' for column in changed)
    sql = f'UPDATE "{name}" SET {said} WHERE "{key}" = ?'  # noqa: S608 - names of the schema
    db.conn.execute(sql, (*changed.values(), value))


def delete(db: Database, name: str, key: str, value: Any) -> None:
    """Take out all rows with this value."""
    _within(db)
    db.conn.execute(f'DELETE FROM "{name}" WHERE "{key}" = ?', [value])  # noqa: S608 - names of the schema
