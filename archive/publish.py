"""The archive as one file for readers: of one moment, compact, never written again, put in place whole.

The copy is taken in one read transaction, so a crawl may go on writing. Whoever calls has it
completed and checked (``prepare``), and what was checked is what is published. It is written
beside the target and takes its name in one step: a reader, or a power cut, meets the old file or
the new one. What a killed publish leaves has fixed names, and the next one clears it away.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from archive import coverage, lock
from archive.derived import search
from archive.durable import sync_file, sync_folder
from archive.errors import ArchiveError, BusyError, DamagedError, WrongArchiveError, named
from archive.migrations import INTERNAL
from archive.warc_files import on_disk

#: Tables of the store's own that the site reads: the further pages of an article, the full-text index.
#: (It reads the counts of rows too; those are no part of ``INTERNAL``.)
KEPT = ("_parts", *search.DDL)
#: What only a writer needs.
DROPPED = tuple(name for name in INTERNAL if name not in KEPT)

#: The copy while it is completed and checked, and the one that gets the target's name.
COPY, PART = ".copy", ".part"
#: What SQLite and the lock keep beside a database.
_BESIDE = ("-wal", "-shm", "-journal")
#: Pages copied at a time, about 16 MB: Ctrl-C is heard between two steps.
_STEP = 4096
#: Everyone may read it, and nobody writes into it by a slip.
_MODE = 0o444


class RefusedError(ArchiveError):
    """The archive's checks found something, so nothing was published."""


@dataclass(frozen=True, slots=True)
class Published:
    """What stands at the target now."""

    reports: int
    bytes: int


def publish(database: Path, target: Path, prepare: Callable[[Path], None]) -> Published:
    """Put a reader's copy of ``database`` at ``target``, in place of an earlier one.

    ``prepare`` is given the path of the whole copy, to write to and to check; what it raises ends the
    attempt, and the target stays as it was. Raises ``WrongArchiveError`` where the target is anything
    but an earlier copy of such an archive, and the other errors of ``archive.errors``.
    """
    target = Path(os.path.realpath(target))  # a link stays one, and what it leads to is replaced
    with on_disk(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        same = target.exists() and target.samefile(database)
    if same:
        raise WrongArchiveError(f"{target}: this is the archive itself; a copy needs a place of its own")
    try:
        lock.acquire(target, timeout=0)
    except BusyError as error:
        raise BusyError(f"{target}: another gongkai publishes there just now") from error
    try:
        _clear(target)
        copy, part = _beside(target, COPY), _beside(target, PART)
        try:
            kind = _copy(database, copy)
            _inspect(target, kind)
            prepare(copy)
            reports = _slim(copy, part)
            size = _swap(part, target)
        finally:
            _clear(target)
    finally:
        lock.release(target)
    return Published(reports, size)


def _copy(database: Path, copy: Path) -> str:
    """The database as it stands at one moment; gives its kind."""
    with named(database):
        source = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        with closing(source):
            source.execute("BEGIN")
            # The first read fixes the moment, and a backup keeps to the transaction it is begun in.
            kind = str(source.execute("SELECT value FROM about WHERE key = 'kind'").fetchone()[0])
            with named(copy), closing(sqlite3.connect(copy)) as made:
                source.backup(made, pages=_STEP)
    return kind


def _inspect(target: Path, kind: str) -> None:
    """Only an earlier copy of an archive of this kind may be replaced."""
    if not target.exists():
        return
    with named(target), closing(_reading(target)) as conn:
        tables = {row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "about" not in tables:
            raise WrongArchiveError(f"{target}: a database of another program (it has no table about)")
        if "_unproved" in tables:  # copies of earlier versions have some of the other tables
            raise WrongArchiveError(f"{target}: an archive that gongkai writes to, and no published copy")
        there = conn.execute("SELECT value FROM about WHERE key = 'kind'").fetchone()
    if there is None or there[0] != kind:
        raise WrongArchiveError(
            f"{target}: a copy of a gongkai {there and there[0]}, not of a gongkai {kind}; "
            "a demonstration and real data are published in places of their own"
        )


def _slim(copy: Path, part: Path) -> int:
    """Leave out what readers do not need, gather statistics, write all of it anew; gives how many reports."""
    with named(copy), closing(sqlite3.connect(copy, isolation_level=None)) as conn:
        coverage.drop(Database(conn))
        for name in DROPPED:
            conn.execute(f'DROP TABLE "{name}"')
        conn.execute("ANALYZE")
        # In order, without gaps, and in no WAL mode: such a file is read without any other beside it.
        with named(part):
            conn.execute("VACUUM INTO ?", [str(part)])
    with named(part), closing(_reading(part)) as conn:
        for pragma in ("integrity_check", "foreign_key_check"):
            wrong = [row for row in conn.execute(f"PRAGMA {pragma}") if row != ("ok",)]
            if wrong:
                raise DamagedError(f"{part}: the copy came out wrong ({pragma}: {wrong[0]})")
        return int(conn.execute("SELECT count(*) FROM reports").fetchone()[0])


def _swap(part: Path, target: Path) -> int:
    """Give the finished file its name; gives its size."""
    with on_disk(target.parent):
        part.chmod(_MODE)
        sync_file(part)
        size = part.stat().st_size
        # A journal of whatever bore this name before would be played into the new file.
        for ending in _BESIDE:
            _beside(target, ending).unlink(missing_ok=True)
        part.replace(target)
        sync_folder(target.parent)
    return size


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)


def _clear(target: Path) -> None:
    """Take away what an attempt left."""
    with on_disk(target.parent):
        for name in (COPY, PART):
            for ending in ("", *_BESIDE, ".lock"):
                _beside(target, name + ending).unlink(missing_ok=True)


def _beside(target: Path, ending: str) -> Path:
    return target.with_name(target.name + ending)
