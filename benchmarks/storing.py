"""Rows a second that the store takes, beside sqlite3's executemany of the same rows; in a process of its own.

The store weighs each report against what is held, writes it in a transaction of its own, and keeps the
full-text index, sums and counts in step. The plain database has the same tables with their keys, and no more.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from archive.migrations import create_table
from archive.records import Context, Snapshot, WarcLocation
from archive.rows import Reading
from archive.schema import TABLES
from archive.store import Store
from benchmarks import crawling
from benchmarks.pages import VARIANTS, divisions
from benchmarks.pages import report as page
from pipelines.items import DATABASE
from pipelines.keep import keep
from pipelines.reader import ready
from pipelines.report import parse

#: Turns of each; the least time counts.
_ROUNDS = 3
#: Tables that an archive has filled before there is a report.
_FIXED = ("divisions", "lines", "portals", "about")
_WHEN = datetime(2026, 1, 2, tzinfo=UTC)

Read = tuple[Snapshot, Reading]
Rows = dict[str, list[tuple[object, ...]]]


def read(reports: int) -> list[Read]:
    """So many pages, as a crawl hands them on to be stored."""
    made = []
    for number in range(reports):
        snapshot = Snapshot(
            url=f"http://www.example.gov.cn/{number}.html",
            body=page(number),
            fetched_at=_WHEN,
            media_type="text/html; charset=utf-8",
            context=Context(portal="timed"),
            warc=WarcLocation("timed.warc.gz", 1 + number, 1),
        )
        made.append((snapshot, ready(snapshot, parse(snapshot, divisions()))))
    return made


def put(store: Store, some: Sequence[Read]) -> list[str]:
    """Store them; gives what each was."""
    return [keep(store, snapshot, read).action for snapshot, read in some]


def ours(folder: Path, some: Sequence[Read]) -> tuple[float, Rows]:
    """Seconds of processor that the store took, and all rows it has of these reports."""
    shutil.rmtree(folder, ignore_errors=True)
    crawling.prepare(folder, VARIANTS)
    with Store(folder / DATABASE, demo=True) as store:
        begun = time.process_time()
        actions = put(store, some)
        taken = time.process_time() - begun
        assert set(actions) == {"stored"}, actions
        tables = [table.name for table in TABLES if table.name not in _FIXED]
        return taken, {name: store.db.execute(f'SELECT * FROM "{name}"').fetchall() for name in tables}  # noqa: S608


def raw(folder: Path, rows: Rows) -> float:
    """Seconds of processor that a plain database takes for the same rows, all in one transaction."""
    path = folder / "plain.db"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        for table in TABLES:
            db.execute(create_table(table))
        begun = time.process_time()
        with db:
            for name, found in rows.items():
                if found:
                    marks = ", ".join("?" * len(found[0]))
                    db.executemany(f'INSERT INTO "{name}" VALUES ({marks})', found)  # noqa: S608
        return time.process_time() - begun


def measure(folder: Path, reports: int) -> dict[str, float]:
    """Rows, rows a second of both by processor time, and the share of ours."""
    some = read(reports)
    turns = []
    for _ in range(_ROUNDS):
        taken, rows = ours(folder, some)
        turns.append((taken, raw(folder, rows)))
    count = sum(map(len, rows.values()))
    store, plain = (min(times) for times in zip(*turns, strict=True))
    return {
        "rows a report": count / reports,
        "rows/s": count / store,
        "rows/s, executemany": count / plain,
        "beside executemany": plain / store,
        "milliseconds a report": 1e3 * store / reports,
    }


if __name__ == "__main__":
    found = measure(Path(sys.argv[1]) / "store", int(sys.argv[2]))
    (Path(sys.argv[1]) / "storing.json").write_text(json.dumps(found), encoding="utf-8")
