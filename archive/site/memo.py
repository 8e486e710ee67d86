"""Answers of queries over the whole archive, kept while the file is the same.

Counts over all findings or all issuers take a second where there are a million reports;
they change only when a crawl writes. The file's own stamp says when they are old, and one
reader at a time makes them anew while the others get the ones before.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

#: A crawl writes many times a second; a reader need not wait for a count anew each time. As long
#: as a cache may keep any page (``serve.SETTINGS``).
SECONDS = 30.0

#: Answers held at a time; the one made first goes first. One of a division is some kilobytes.
_MOST = 500

Stamp = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class _Held:
    value: Any
    stamp: Stamp
    made: float


class Memo:
    """What was computed of one database file; safe for threads."""

    def __init__(self, file: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._files = (file, file.with_name(f"{file.name}-wal"))
        self._clock = clock
        self._held: dict[str, _Held] = {}
        self._making: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def get(self, key: str, conn: sqlite3.Connection, load: Callable[[sqlite3.Connection], T]) -> T:
        """``load(conn)``, or what it gave before if the file has not changed since, or only just now."""
        held = self._fresh(key)
        if held is not None:
            return held.value  # type: ignore[no-any-return]
        with self._guard:
            making = self._making.setdefault(key, threading.Lock())
        old = self._held.get(key)
        # Who finds an old answer does not wait for the new one; who finds none has to.
        if not making.acquire(blocking=old is None):
            assert old is not None
            return old.value  # type: ignore[no-any-return]
        try:
            held = self._fresh(key)
            if held is None:
                stamp = self._stamp()  # before reading: a write meanwhile makes the answer old
                held = _Held(load(conn), stamp, self._clock())
                with self._guard:
                    self._held[key] = held
                    while len(self._held) > _MOST:
                        oldest = min(self._held, key=lambda one: self._held[one].made)
                        del self._held[oldest], self._making[oldest]
            return held.value  # type: ignore[no-any-return]
        finally:
            making.release()

    def _fresh(self, key: str) -> _Held | None:
        held = self._held.get(key)
        if held is None:
            return None
        young = self._clock() - held.made < SECONDS
        return held if young or held.stamp == self._stamp() else None

    def _stamp(self) -> Stamp:
        return tuple(_stamp(file) for file in self._files)


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None  # no write-ahead log: nobody writes
    return found.st_ino, found.st_mtime_ns, found.st_size
