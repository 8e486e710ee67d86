"""Requests of the day and hosts at rest, carried to where a visit is made and back.

A visit on a worker of a cluster goes on counting where this archive's folder stopped, and what it
counted counts here: a host's budget and its rest are one, whoever asks.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from archive.errors import named
from crawler import budget, rests
from spiders.portals import Portal

Carried = dict[str, list[list[Any]]]


def of(folder: Path, portals: Iterable[Portal], now: datetime) -> Carried:
    """What was counted today of the hosts of these portals, and which of them rest."""
    portals = tuple(portals)
    hosts = frozenset(host for portal in portals for host in portal.sites)
    groups = frozenset(f"group={portal.group}" for portal in portals if portal.group)
    found = everything(folder)
    today = budget.day_of(now).isoformat()
    return {
        "requests": [row for row in found["requests"] if row[0] == today and _is_of(row[1], hosts)],
        "rests": [row for row in found["rests"] if row[0] in groups or _is_of(row[0], hosts)],
    }


def everything(folder: Path) -> Carried:
    """All that a folder has counted, and all that rest there."""
    if not (folder / budget.FILE).exists():
        return {"requests": [], "rests": []}
    with _open(folder) as db:
        return {name: [list(row) for row in db.execute(f"SELECT * FROM {name}")] for name in _TABLES}  # noqa: S608


def lay(folder: Path, carried: Carried) -> None:
    """Add to a folder what was carried to it; the higher count and the longer rest hold."""
    folder.mkdir(parents=True, exist_ok=True)
    with _open(folder) as db:
        for name, sql in _LAID.items():
            db.executemany(sql, carried[name])


_TABLES = {"requests": budget.TABLE, "rests": rests.TABLE}
_LAID = {
    "requests": """INSERT INTO requests (day, host, count) VALUES (?, ?, ?)
        ON CONFLICT (day, host) DO UPDATE SET count = max(count, excluded.count)""",
    "rests": """INSERT INTO rests (name, kind, until) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE
        SET kind = excluded.kind, until = excluded.until WHERE excluded.until > until""",
}


@contextmanager
def _open(folder: Path) -> Iterator[sqlite3.Connection]:
    path = folder / budget.FILE
    with named(path), closing(sqlite3.connect(path, timeout=30)) as db, db:
        for table in _TABLES.values():
            db.execute(table)
        yield db


def _is_of(name: str, hosts: frozenset[str]) -> bool:
    """Whether a name that is counted under is one of these hosts, below one, or one with a port."""
    return name in hosts or any(name.endswith(f".{host}") or name.startswith(f"{host}:") for host in hosts)
