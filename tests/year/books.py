"""What the archive says at the end of the year, in plain rows. Times are Beijing's."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive import times
from crawler.night import BEIJING


@dataclass(frozen=True)
class Made:
    """A visit as the ledger has it."""

    at: datetime
    ended: datetime | None
    mode: str
    reason: str | None
    outcome: str | None
    kinds: frozenset[str]


@dataclass(frozen=True)
class State:
    """A state of a report."""

    agency: str
    year: int
    number: int
    seen: datetime
    changes: dict[tuple[str, str, str], tuple[float | None, float | None]]


@contextmanager
def _reading(data: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{data / 'gongkai.db'}?mode=ro", uri=True)) as db:
        yield db


def _time(text: str) -> datetime:
    return times.read(text).astimezone(BEIJING)


def visits(data: Path, portal: str) -> list[Made]:
    """The visits of a portal, in their order."""
    sql = """
        SELECT started_at, finished_at, mode, finish_reason, outcome,
            (SELECT group_concat(DISTINCT kind) FROM run_issues i WHERE i.run = runs.id)
        FROM runs WHERE portal = ? ORDER BY started_at
    """
    with _reading(data) as db:
        return [
            Made(_time(begun), _time(ended) if ended else None, mode, reason, outcome,
                 frozenset((kinds or "").split(",")))
            for begun, ended, mode, reason, outcome, kinds in db.execute(sql, [portal])
        ]  # fmt: skip


def states(data: Path) -> list[State]:
    """Every state of every report."""
    sql = """
        SELECT v.report, a.name, r.year, v.number, v.seen_at FROM revisions v
        JOIN reports r ON r.id = v.report JOIN agencies a ON a.id = r.agency ORDER BY a.name, r.year, v.number
    """
    cells = "SELECT table_key, line, column_key, old, new FROM changes WHERE report = ? AND revision = ?"
    with _reading(data) as db:
        return [
            State(agency, year, number, _time(seen), {
                (table, line.rpartition(":")[2], column): (old, new)
                for table, line, column, old, new in db.execute(cells, [report, number])
            })
            for report, agency, year, number, seen in db.execute(sql).fetchall()
        ]  # fmt: skip


def documents(data: Path) -> list[tuple[str, str, str]]:
    """(portal, address, outcome) of every original."""
    with _reading(data) as db:
        return db.execute("SELECT portal, url, outcome FROM documents").fetchall()
