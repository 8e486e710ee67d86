"""How many requests a host may have in a day, counted across runs.

The count is on disk before a request is sent: a run that is killed and begun again does
not begin again at nought. A day is one in Beijing, where the servers are.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlsplit

from archive.errors import named
from crawler.night import BEIJING
from spiders.hosts import host_of, is_literal

#: File of the data folder.
FILE = "requests.db"

TABLE = """CREATE TABLE IF NOT EXISTS requests (
    day TEXT NOT NULL, host TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (day, host)
) WITHOUT ROWID"""

_SPEND = """INSERT INTO requests VALUES (?1, ?2, 1)
    ON CONFLICT (day, host) DO UPDATE SET count = count + 1 WHERE ?3 = 0 OR count < ?3
"""


def day_of(now: datetime) -> date:
    """The day in Beijing."""
    return now.astimezone(BEIJING).date()


def name_of(url: str) -> str:
    """What a request is counted under: its host, with the port where the host is an IP address."""
    host = host_of(url)
    return urlsplit(url).netloc.lower() if is_literal(host) else host


class Budget:
    """Requests a host a day; 0 means no limit, and they are counted all the same."""

    def __init__(self, folder: Path, limit: int) -> None:
        if limit < 0:
            raise ValueError(f"{limit} is no number of requests")
        self.limit = limit
        self._path = folder / FILE
        self._db: sqlite3.Connection | None = None

    def spend(self, url: str, now: datetime) -> bool:
        """Counts one request; ``False``, and nothing counted, if the host has had all of the day's."""
        key = day_of(now).isoformat(), name_of(url)
        with named(self._path):
            return self._open(day_of(now)).execute(_SPEND, (*key, self.limit)).rowcount == 1

    def _open(self, today: date) -> sqlite3.Connection:
        if self._db is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # Several crawls of one process write in turn, each with one statement that is a transaction.
            self._db = sqlite3.connect(self._path, timeout=30, isolation_level=None)
            # A count is with the system, and so safe from a kill, without a wait for the disk before each
            # request; a power cut may lose the last.
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute(TABLE)
            self._db.execute("DELETE FROM requests WHERE day < ?", [today.isoformat()])
        return self._db

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None


def spent(folder: Path, hosts: list[str], now: datetime) -> dict[str, int]:
    """Requests of today to each host or its sub-domains that has had any; nothing is written."""
    if not (folder / FILE).exists():
        return {}
    with closing(sqlite3.connect(f"{(folder / FILE).absolute().as_uri()}?mode=ro", uri=True)) as db:
        rows = db.execute(
            "SELECT host, count FROM requests WHERE day = ? ORDER BY host", [day_of(now).isoformat()]
        ).fetchall()
    return {
        name: count
        for name, count in rows
        if any(name == host or name.endswith(f".{host}") or name.startswith(f"{host}:") for host in hosts)
    }
