"""What can go wrong with the archive on disk, each by its name and in words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class ArchiveError(Exception):
    """Anything that keeps the archive from being read or written; its text is meant for people."""


class BusyError(ArchiveError):
    """Somebody else is writing."""


class ReadOnlyError(ArchiveError):
    """The place cannot be written to."""


class DiskFullError(ArchiveError):
    """No room left; what was being written is undone."""


class DamagedError(ArchiveError):
    """Bytes on disk are not what was written."""


class NewerSchemaError(ArchiveError):
    """The database was written by a newer gongkai."""


class WrongArchiveError(ArchiveError):
    """Not what was asked for: a demonstration for real data, or another program's file."""


class ClashError(ArchiveError):
    """Two natural keys share one identifier (``keys.stable_id``): stored as an error, never as a merge."""


class StoppedError(ArchiveError):
    """The process that stores cannot be begun, or ended in the midst of it again and again."""


class UnfitError(ArchiveError, ValueError):
    """A report whose cells the tables cannot hold: a column the form has not, or one cell twice."""


_BY_CODE: dict[int, tuple[type[ArchiveError], str]] = {
    sqlite3.SQLITE_BUSY: (BusyError, "another program is writing to it; wait until it has ended"),
    sqlite3.SQLITE_LOCKED: (BusyError, "another part of this program holds it locked"),
    sqlite3.SQLITE_READONLY: (ReadOnlyError, "the file or its folder is read-only"),
    sqlite3.SQLITE_CANTOPEN: (ReadOnlyError, "it can be neither opened nor created there"),
    sqlite3.SQLITE_PERM: (ReadOnlyError, "access is not permitted"),
    sqlite3.SQLITE_FULL: (DiskFullError, "the disk is full; nothing of this step was kept"),
    sqlite3.SQLITE_IOERR: (DiskFullError, "the disk did not take or give the bytes (full or failing)"),
    sqlite3.SQLITE_CORRUPT: (DamagedError, "the database is damaged"),
    sqlite3.SQLITE_NOTADB: (WrongArchiveError, "it is not an SQLite database"),
}


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Turn SQLite's own errors on ``path`` into the ones above; the original stays as the cause."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        # Extended codes carry the primary one in their low byte (sqlite.org/rescode.html).
        code = getattr(error, "sqlite_errorcode", None)
        known = _BY_CODE.get(code & 0xFF) if code is not None else None
        if known is None:
            raise
        kind, words = known
        raise kind(f"{path}: {words} ({error})") from error


@contextmanager
def making(folder: Path) -> Iterator[None]:
    """Turn what the system says of a folder that is to be made into ``ReadOnlyError``."""
    try:
        yield
    except OSError as error:
        raise ReadOnlyError(f"{folder}: the folder cannot be made ({error})") from error
