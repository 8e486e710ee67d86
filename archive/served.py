"""A database that Datasette serves while another file may take its name (``gongkai publish``).

Datasette 0.65 keeps one connection a thread for each *name* of a database, for as long as it runs:
it would read the file that has lost its name for ever, also through ``remove_database`` and
``add_database``. So this database has connections of its own, in sets: a *state* is one file with
as many connections as there are threads, all opened at once. A request takes the state that is there
when it begins and reads nothing else, so no page mixes two files; a state that has been
replaced is closed by its last reader.
"""

from __future__ import annotations

import asyncio
import queue
import secrets
import sqlite3
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

from datasette.database import Database

from archive import schema
from archive.errors import ArchiveError

T = TypeVar("T")
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
#: Device and inode, time of change, size.
Stamp = tuple[int, int, int, int]

#: Looks at a file that is swapped faster than it can be opened before that is an error.
_TRIES = 20


class NoArchiveError(Exception):
    """The file is not there, or is no archive of ours."""


class State:
    """One file, by the connections that keep it readable after it has lost its name."""

    def __init__(self, stamp: Stamp, connections: list[sqlite3.Connection]) -> None:
        self.stamp = stamp
        self._free: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        for connection in connections:
            self._free.put(connection)
        self.tag = secrets.token_hex(8)
        """Told as ETag. Of this process too, for its templates may be newer than those before a restart."""
        self._lock = threading.Lock()
        self._readers = 0
        self._replaced = False

    def enter(self) -> bool:
        """Count a reader in; ``False`` if the connections are closed already."""
        with self._lock:
            if self._replaced and not self._readers:
                return False
            self._readers += 1
            return True

    def leave(self) -> None:
        """Count a reader out; the last one of a state that was replaced closes it."""
        with self._lock:
            self._readers -= 1
        self._close()

    def replace(self) -> None:
        """No new readers from here on."""
        with self._lock:
            self._replaced = True
        self._close()

    def run(self, fn: Callable[[sqlite3.Connection], T]) -> T:
        """``fn`` with a connection of its own; there is one for each thread that may ask.

        It counts as a reader, for who asked may be cut off and leave before the query ends.
        """
        if not self.enter():
            raise sqlite3.ProgrammingError("nobody waits for this any more")
        connection = self._free.get()
        try:
            return fn(connection)
        finally:
            self._free.put(connection)
            self.leave()

    def _close(self) -> None:
        with self._lock:
            if not self._replaced or self._readers:
                return
            while not self._free.empty():
                self._free.get_nowait().close()


#: Database and state that the request under way reads.
_pinned: ContextVar[tuple[ServedDatabase, State] | None] = ContextVar("pinned", default=None)


class ServedDatabase(Database):  # type: ignore[misc]  # datasette has no types
    """The archive as it is served: ``published`` copies are never written again, other files may be."""

    def __init__(self, app: Any, path: Path, *, published: bool, warcs: Path) -> None:
        # For Datasette it can change at any time: of an immutable file it would remember counts and size.
        super().__init__(app, path=str(path), is_mutable=True)
        self.published = published
        self.warcs = warcs
        """Folder with the WARC files of its originals."""
        self._state: State | None = None
        self._refused: Stamp | None = None
        self._renewing = threading.Lock()

    def connect(self, write: bool = False) -> sqlite3.Connection:
        """A new connection, read-only; see ``archive.serve`` on locks."""
        if write:
            raise ArchiveError("the site writes nothing")
        mode = "immutable=1" if self.published else "mode=ro"
        uri = f"{Path(self.path).as_uri()}?{mode}"
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        try:
            self.ds._prepare_connection(connection, self.name)
            connection.execute("PRAGMA schema_version").fetchone()  # opens the file
        except BaseException:
            connection.close()
            raise
        return connection

    @asynccontextmanager
    async def pinned(self) -> AsyncIterator[State]:
        """All that is read within is read from one file."""
        while not (state := await self._now()).enter():
            pass  # replaced since: look again
        before = _pinned.set((self, state))
        try:
            yield state
        finally:
            _pinned.reset(before)
            state.leave()

    async def execute_fn(self, fn: Callable[[sqlite3.Connection], T]) -> T:
        """``fn`` with a connection, in a thread; as in ``Database``."""
        pinned = _pinned.get()
        if pinned is None or pinned[0] is not self:
            async with self.pinned() as state:
                return await self._in_thread(state, fn)
        return await self._in_thread(pinned[1], fn)

    async def _in_thread(self, state: State, fn: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.ds.executor, state.run, fn)

    async def _now(self) -> State:
        """The state of the file that has the name just now."""
        state = self._state
        if state is not None and self._stays(state, self._stamp()):
            return state
        return await asyncio.to_thread(self.renew)

    def _stays(self, state: State, stamp: Stamp | None) -> bool:
        """Whether there is nothing to take up. A live archive keeps its inode and changes its time."""
        return stamp is None or stamp[:2] == state.stamp[:2] or stamp == self._refused

    def renew(self) -> State:
        """Take up the file if it is another; one that is no archive is told once and left alone.

        Raises ``NoArchiveError`` in words if there was none before it.
        """
        with self._renewing:
            state, stamp = self._state, self._stamp()
            if state is not None and self._stays(state, stamp):
                return state
            try:
                self._state = self._open()
            except NoArchiveError as error:
                if state is None:
                    raise
                self._refused = stamp
                print(f"{error}; the file before it is served on", file=sys.stderr, flush=True)
                return state
            if state is not None:
                state.replace()
            return self._state

    def _open(self) -> State:
        path = Path(self.path)
        for _ in range(_TRIES):
            stamp = self._stamp()
            if stamp is None:
                raise NoArchiveError(f"{path}: no such file; crawl or ingest something first")
            opened: list[sqlite3.Connection] = []
            try:
                while len(opened) < self.ds.setting("num_sql_threads"):
                    opened.append(self.connect())
                if self._stamp() == stamp:  # all of them have opened this one
                    check(opened[0], path)
                    return State(stamp, opened)
            except sqlite3.DatabaseError as error:
                _close(opened)
                raise NoArchiveError(f"{path}: cannot be read as an SQLite database ({error})") from error
            except BaseException:
                _close(opened)
                raise
            _close(opened)
        raise NoArchiveError(f"{path}: it is swapped for another all the time")

    def _stamp(self) -> Stamp | None:
        """Which file has the name. An inode is not used again while a connection holds its file."""
        try:
            found = Path(self.path).stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size


class OneState:
    """Wraps an ASGI application: all that a request reads is of one state.

    Of a published copy the answer says which, so that a cache that asks again is told in a
    few bytes that nothing has changed.
    """

    def __init__(self, app: App, database: Callable[[], ServedDatabase]) -> None:
        self.app = app
        self.database = database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        database = self.database()
        async with database.pinned() as state:
            if not database.published or scope["method"] not in ("GET", "HEAD"):
                await self.app(scope, receive, send)
                return
            # The language is not in the address; its middleware is around this one.
            tag = f'W/"{state.tag}-{scope.get("gongkai_lang", "")}"'
            cache = f"public, max-age={database.ds.setting('default_cache_ttl')}"
            told = [(b"etag", tag.encode()), (b"cache-control", cache.encode())]
            if told[0][1] in _asked(scope):
                await send({"type": "http.response.start", "status": 304, "headers": told})
                await send({"type": "http.response.body", "body": b""})
                return

            async def send_with_tag(message: Message) -> None:
                if message["type"] == "http.response.start" and message["status"] == 200:
                    headers = list(message.get("headers", ()))
                    present = {name.lower() for name, _ in headers}
                    if not present & {b"etag", b"set-cookie"}:
                        headers += [(name, value) for name, value in told if name not in present]
                        message = {**message, "headers": headers}
                await send(message)

            await self.app(scope, receive, send_with_tag)


def _asked(scope: Scope) -> set[bytes]:
    """The tags of If-None-Match; ours hold no comma."""
    values = [value for name, value in scope.get("headers", ()) if name.lower() == b"if-none-match"]
    return {tag.strip() for value in values for tag in value.split(b",")}


def check(connection: sqlite3.Connection, path: Path) -> None:
    """Raise ``NoArchiveError`` in words unless it has our tables."""
    found = {row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")}
    missing = [table.name for table in schema.TABLES if table.name not in found]
    if missing:
        raise NoArchiveError(f"{path}: not a gongkai archive of this version; it lacks {', '.join(missing)}")


def _close(connections: list[sqlite3.Connection]) -> None:
    for connection in connections:
        connection.close()
