"""Is an archive whole, and does it hold what another one holds?"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from archive.warc import Torn, iter_records
from crawler.commands.check import checks
from pipelines.items import DATABASE, WARCS

#: Books of runs; whose coverage is to be looked at.
#: How an index lies on the disk (``gongkai check`` proves what it finds); migrations.
BOOKS = re.compile(r"runs|run_issues|_search.*|_count_.*|_uncovered|_covered|_sqlite_migrations|sqlite_.*")
#: Where in which file an original lies differs from run to run.
_PLACES = ("warc_file", "warc_offset", "warc_length")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def tables(database: Path, *, times: bool = True) -> dict[str, list[str]]:
    """Every row of every table but the books; without ``times`` no moment of the day is looked at."""
    found: dict[str, list[str]] = {}
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            if BOOKS.fullmatch(name):
                continue
            columns = [row[1] for row in db.execute(f'PRAGMA table_info("{name}")') if row[1] not in _PLACES]
            chosen = ", ".join(f'"{column}"' for column in columns)
            rows = sorted(repr(row) for row in db.execute(f'SELECT {chosen} FROM "{name}"'))
            found[name] = rows if times else sorted(_TIME.sub("T", row) for row in rows)
    return found


def differences(one: dict[str, list[str]], other: dict[str, list[str]]) -> list[str]:
    """What rows only one of the two has, in words."""
    said = []
    for name in sorted({*one, *other}):
        left, right = one.get(name, []), other.get(name, [])
        if left != right:
            only, more = sorted(set(left) - set(right)), sorted(set(right) - set(left))
            said += [f"{name} lacks {row[:300]}" for row in more[:3]]
            said += [f"{name} has besides {row[:300]}" for row in only[:3]]
            said += [f"{name}: {len(left)} rows, {len(right)} in the other"]
    return said


def equal(data: Path, other: Path, *, times: bool = True) -> None:
    """Both archives hold the same, table by table."""
    assert not differences(tables(data / DATABASE, times=times), tables(other / DATABASE, times=times))


def books(data: Path) -> list[tuple[object, ...]]:
    """What the books say came of each visit, without times and traffic, and what went wrong in it."""
    counts = "r.found, r.stored, r.unchanged, r.revised, r.copied, r.refused, r.failed, r.finish_reason"
    sql = f"""
        SELECT r.portal, {counts}, i.kind, i.url, i.message
        FROM runs r LEFT JOIN run_issues i ON i.run = r.id
    """
    with closing(sqlite3.connect(data / DATABASE)) as db:
        return sorted(db.execute(sql).fetchall(), key=repr)


def readable(data: Path) -> int:
    """Every WARC file can be read to its end, by ours and by another reader; gives how many records."""
    torn: list[Torn] = []
    unread: list[str] = []
    records = sum(1 for _ in iter_records(data / WARCS, torn, unread))
    assert (torn, unread) == ([], [])
    others = 0
    for path in sorted((data / WARCS).glob("*.warc.gz")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests="raise"):
                record.content_stream().read()
                others += 1
    assert not list((data / WARCS).glob("*.open"))
    assert others >= records
    return others


def checked(data: Path) -> None:
    """The checks of ``gongkai check`` find nothing."""
    assert [one for one in checks(data / DATABASE, data / WARCS, None) if not one.ok] == []


def left_torn(data: Path) -> int:
    """How many WARC files of killed processes end within a record."""
    torn: list[Torn] = []
    for _ in iter_records(data / WARCS, torn, []):
        continue
    return len(torn)


def sound(data: Path) -> None:
    """Right after a kill: the database is whole, if it is there at all, and no row points into nothing."""
    if not (data / DATABASE).exists():
        return
    with closing(sqlite3.connect(data / DATABASE)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
