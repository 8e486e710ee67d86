"""What tables, columns and queries are called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archive import schema
from archive.queries import QUERIES
from archive.site.codes import coded
from archive.site.i18n import Words


def columns(t: Words) -> Callable[[str | None, str], str]:
    def title(table: str | None, column: str) -> str:
        """What a column is called; its own name where the schema has no such column."""
        places = [schema.table(table)] if table in {d.name for d in schema.TABLES} else schema.TABLES
        for definition in places:
            for known in definition.columns:
                if known.name == column:
                    # In English the column's own name is the short one; its meaning stands in the list above.
                    return t.pick(known.zh, column.replace("_", " "))
        key = f"column.{column}"
        return t(key) if t.has(key) else column

    return title


def tables(t: Words) -> Callable[[str], str]:
    names = {table.name: (table.zh, table.en) for table in schema.TABLES}

    def title(table: str) -> str:
        return t.pick(*names[table]) if table in names else table

    return title


def in_order(shown: list[dict[str, Any]]) -> list[str]:
    """Names of Datasette's tables as the schema lists them, any others behind."""
    order = [table.name for table in schema.TABLES]
    names = [table["name"] for table in shown]
    return sorted(names, key=lambda name: (order.index(name) if name in order else len(order), name))


def queries(t: Words) -> Callable[[str], tuple[str, str]]:
    known = {query.name: query for query in QUERIES}

    def of(name: str) -> tuple[str, str]:
        """Title and note of a canned query; its bare name where it is none of ours."""
        query = known.get(name)
        if query is None:
            return name, ""
        return t.pick(query.zh, query.en), t.pick(query.note_zh, query.note_en)

    return of


def narrowed(t: Words) -> Callable[[str, Any, str], str]:
    """``narrowed(table, filters, search)``: a table's title with what Datasette's filters leave of it."""
    table_title, column_title, in_words = tables(t), columns(t), coded(t)

    def condition(table: str, column: str, lookup: str, value: str) -> str:
        operator = t.code("op", lookup)
        said = f"{column_title(table, column)} {operator}"
        plain = lookup in ("isnull", "notnull", "isblank", "notblank")
        return said if plain else f"{said} {in_words(table, column, value) or value}"

    def title(table: str, filters: Any, search: str) -> str:
        conditions = [condition(table, *one) for one in filters.selections()]
        if search:
            conditions.insert(0, t("ds.searched", q=search))
        name = table_title(table)
        if not conditions:
            return name
        return t("ds.narrowed", title=name, conditions=t("join.list").join(conditions))

    return title
