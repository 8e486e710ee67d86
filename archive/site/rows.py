"""Small helpers to read rows as dictionaries, whatever row factory a connection has."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

Row = dict[str, Any]


def many(
    conn: sqlite3.Connection, sql: str, params: Sequence[object] | Mapping[str, object] = ()
) -> list[Row]:
    """All rows of a query as dictionaries; a repeated column name keeps its last value."""
    cursor = conn.execute(sql, params)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def one(conn: sqlite3.Connection, sql: str, params: Sequence[object] = ()) -> Row | None:
    """The first row, or ``None``."""
    found = many(conn, sql, params)
    return found[0] if found else None
