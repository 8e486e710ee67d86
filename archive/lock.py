"""One writer at a time: a lock that a killed process cannot leave behind.

The lock is SQLite's own, on an empty file beside the database, so it works
wherever the database does, needs no clean-up, and leaves readers alone. Within
one process it is shared: several stores on one database are one writer.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from archive.errors import BusyError, named


@dataclass
class _Hold:
    connection: sqlite3.Connection
    count: int


_held: dict[Path, _Hold] = {}


def acquire(database: Path, *, timeout: float) -> None:
    """Take the lock of a database; ``BusyError`` if another process keeps it for ``timeout`` seconds."""
    path = _path(database)
    if path in _held:
        _held[path].count += 1
        return
    with named(path):
        # Any thread may give it back; SQLite's own mutex guards the connection.
        connection = sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            connection.close()
            if (error.sqlite_errorcode & 0xFF) == sqlite3.SQLITE_BUSY:
                raise BusyError(
                    f"{database}: another gongkai process is writing to it; "
                    "let it end first (an archive has one writer, and any number of readers)"
                ) from error
            raise
    _held[path] = _Hold(connection, 1)


def busy(database: Path) -> bool:
    """Whether somebody writes to a database just now; makes no file."""
    try:
        if not _path(database).exists():
            return False
        acquire(database, timeout=0)
    except BusyError:
        return True
    release(database)
    return False


@contextmanager
def held(database: Path, *, timeout: float) -> Iterator[None]:
    """The lock of a database for the length of a block; raises as ``acquire``."""
    acquire(database, timeout=timeout)
    try:
        yield
    finally:
        release(database)


def release(database: Path) -> None:
    """Give the lock back; the last holder of this process sets it free."""
    path = _path(database)
    hold = _held[path]
    hold.count -= 1
    if not hold.count:
        del _held[path]
        hold.connection.close()


def _path(database: Path) -> Path:
    whole = database.absolute()
    return whole.with_name(whole.name + ".lock")
