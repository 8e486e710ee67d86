"""The canned queries' answers as files."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

from datasette import Response

from archive.metadata import DATABASE
from archive.queries import QUERIES
from archive.site import titles
from archive.site.pages import CSV, attachment, read, site, words_of
from archive.tabular import BOM, csv_bytes

_KNOWN = {query.name: query for query in QUERIES}


async def answer_csv(request: Any, datasette: Any) -> Any:
    """``/gongkai/<query>.csv``: all of the answer.

    Datasette's ends after as many rows as a page may have, without a word, and a file that ends early
    looks whole.
    """
    query = _KNOWN[request.url_vars["query"]]
    values = {name: request.args.get(name) or "" for name in query.params}
    home = site(datasette, request)
    title = titles.columns(words_of(request)) if request.args.get("_header") == "zh" else None

    def load(conn: sqlite3.Connection) -> bytes:
        cursor = conn.execute(query.sql, values)
        names = [column[0] for column in cursor.description]
        heading = [title(None, name) if title else name for name in names]
        at = names.index("page") if "page" in names else None
        rows = (row if at is None else _addressed(row, at, home) for row in cursor)
        return BOM.encode() + csv_bytes([heading, *rows])

    body = await read(datasette, load, slow=True)
    return Response(body, headers=attachment(f"gongkai-{query.name}.csv"), content_type=CSV)


def _addressed(row: tuple[object, ...], at: int, home: str) -> tuple[object, ...]:
    """A row with the whole address of its page: a file is not beside the site."""
    return (*row[:at], f"{home}{str(row[at]).lstrip('/')}", *row[at + 1 :])


ROUTES: list[tuple[str, Callable[..., Awaitable[Any]]]] = [
    (rf"^/{DATABASE}/(?P<query>{'|'.join(_KNOWN)})\.csv$", answer_csv),
]
