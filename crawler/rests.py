"""Hosts at rest after a challenge, over all runs: not even robots.txt is asked for.

Kept beside the counts of the daily budget. The WAFs that set challenges stand before whole
prefectures (docs/nuisances.md), so the portals of one registry group rest together.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from archive.errors import named
from crawler.budget import FILE, name_of
from crawler.night import BEIJING
from spiders.portals import Portal

TABLE = """CREATE TABLE IF NOT EXISTS rests (
    name TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, until TEXT NOT NULL
) WITHOUT ROWID"""


def names_of(url: str, portal: Portal) -> tuple[str, ...]:
    """What rests when this address answers with a challenge: its host, and its portal's group."""
    # "=" is in no host name, so a group is never taken for a host.
    return (name_of(url), *((f"group={portal.group}",) if portal.group else ()))


class Rests:
    """Who rests until when; ``hours`` 0: nobody does, beyond the run."""

    def __init__(self, folder: Path, hours: float) -> None:
        if hours < 0:
            raise ValueError(f"{hours} is no number of hours")
        self._hours = hours
        self._path = folder / FILE
        self._db: sqlite3.Connection | None = None

    def begin(self, names: tuple[str, ...], kind: str, now: datetime) -> None:
        """Lets these names rest from now on; raises ``ArchiveError`` if that cannot be noted."""
        if not self._hours:
            return
        until = _text(now + timedelta(hours=self._hours))
        with named(self._path), self._open() as db:
            db.execute("DELETE FROM rests WHERE until <= ?", [_text(now)])
            db.executemany("INSERT OR REPLACE INTO rests VALUES (?, ?, ?)", [(n, kind, until) for n in names])

    def of(self, names: tuple[str, ...], now: datetime) -> tuple[str, str, str] | None:
        """(name, kind, until in Beijing time) of the first among these that rests now."""
        if not self._hours or (self._db is None and not self._path.exists()):
            return None
        with named(self._path):
            db = self._open()
            for name in names:
                row = db.execute("SELECT name, kind, until FROM rests WHERE name = ?", [name]).fetchone()
                if row is not None and row[2] > _text(now):
                    return row[0], row[1], _local(row[2])
                if row is not None:  # it is over, and stays so
                    with db:
                        db.execute("DELETE FROM rests WHERE name = ?", [name])
        return None

    def _open(self) -> sqlite3.Connection:
        """Open as long as this lives: every request asks."""
        if self._db is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(self._path, timeout=30)
            try:
                with db:
                    db.execute(TABLE)
            except BaseException:
                db.close()
                raise
            self._db = db
        return self._db


def resting(folder: Path, names: tuple[str, ...], hosts: list[str], now: datetime) -> list[str]:
    """Who among these names, hosts and their sub-domains rests now, in words; nothing is written."""
    path = folder / FILE
    if not path.exists():
        return []
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'rests'").fetchone():
            return []
        rows = db.execute("SELECT name, kind, until FROM rests WHERE until > ? ORDER BY name", [_text(now)])
        return [
            f"{name} until {_local(until)} ({kind})"
            for name, kind, until in rows
            if name in names
            or any(name == host or name.endswith(f".{host}") or name.startswith(f"{host}:") for host in hosts)
        ]


def _text(moment: datetime) -> str:
    """In one zone and to the second, so that texts compare as moments do."""
    return moment.astimezone(BEIJING).isoformat(timespec="seconds")


def _local(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M}"
