"""What an export consists of: every table of the schema with its names, and all figures in one long table."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from archive import schema, tabular
from archive.export import figures

Kind = Literal["text", "integer", "real", "date", "datetime"]
Values = tuple[Any, ...]

#: Rows read at a time: small beside memory, large beside the cost of a call.
_ROWS = 2000


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of the export: what it means, its columns and how its rows are read."""

    table: schema.TableDef
    fields: tuple[schema.Column, ...]
    """Its own columns, and the names of what they point to."""
    read: Callable[[sqlite3.Connection], Iterator[Sequence[Values]]]
    """Its rows, sorted by its key, in pieces."""

    @property
    def name(self) -> str:
        return self.table.name


def kind(column: schema.Column) -> Kind:
    """What a column holds; ``schema`` keeps dates and times as text and names them alike."""
    if column.type != "text":
        return column.type
    if column.name.endswith("_at"):
        return "datetime"
    return "date" if column.name.endswith("_on") or column.name == "deadline" else "text"


def _stored(table: schema.TableDef) -> Sheet:
    exported = tabular.export(table, pages=False)

    def read(conn: sqlite3.Connection) -> Iterator[Sequence[Values]]:
        cursor = conn.execute(exported.sql())
        while rows := cursor.fetchmany(_ROWS):
            yield rows

    return Sheet(table, exported.fields, read)


def _long() -> Sheet:
    return Sheet(figures.FIGURES, figures.FIGURES.columns, figures.read)


def sheets() -> tuple[Sheet, ...]:
    """All of them: the tables in the schema's order, then the figures."""
    return (*(_stored(table) for table in schema.TABLES), _long())
