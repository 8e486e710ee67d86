"""No more rows are read and made ready for a page than it shows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from datasette.database import QueryInterrupted, Results
from datasette.utils import sqlite_timelimit

from archive.site import asked
from archive.site.box import asks_each, listed
from archive.site.language import App, Receive, Scope, Send

#: Rows that the answer under way needs of a question at most; ``None``: all that may be returned. One more
#: than is shown, which says that there are more.
needed: ContextVar[int | None] = ContextVar("needed", default=None)


class Beginning(Results):  # type: ignore[misc]  # datasette has no types
    """The first rows of an answer, for a page of ours.

    Datasette asks all plugins about every cell of an answer before the template is asked. Of cells that stand
    in no column it asks nothing, and the template makes them itself (``cells.answer``), four times as fast.
    """

    columns = ()


def beginning(
    sql: str, params: Sequence[object] | Mapping[str, object] | None, most: int, milliseconds: int
) -> Callable[[sqlite3.Connection], Beginning]:
    """What reads the first ``most`` rows of an answer, and whether there are more, within a time.

    Raises ``QueryInterrupted`` after it, as ``Database.execute`` does, which would read on to the last row
    that may be returned.
    """

    def read(conn: sqlite3.Connection) -> Beginning:
        with sqlite_timelimit(conn, milliseconds):
            try:
                cursor = conn.execute(sql, {} if params is None else params)
                rows: list[Any] = cursor.fetchmany(most + 1)
            except sqlite3.OperationalError as error:
                if error.args == ("interrupted",):
                    raise QueryInterrupted(error, sql, params) from error
                raise
        return Beginning(rows[:most], len(rows) > most, cursor.description)

    return read


class Shown:
    """Wraps an ASGI application: pages need the rows they show, JSON and CSV all that may be returned.

    Datasette reads and makes ready every row that may be returned for its page, of which the page then shows
    the first: of five thousand that took half a second, in which nobody else was served.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        page = scope["type"] == "http" and "." not in scope["path"].rpartition("/")[2]
        token = needed.set(asked.ROWS + 1 if page else None)
        each, list_ = asks_each.set(False), listed.set(None)
        try:
            await self.app(scope, receive, send)
        finally:
            listed.reset(list_)
            asks_each.reset(each)
            needed.reset(token)
