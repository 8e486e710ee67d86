"""Datasette's database, with counts that the archive keeps (``derived.counts``) and its schema remembered.

Datasette counts the rows of a table and of each of its facets' values anew for every page, and
remembers nothing while a database may change: seconds on a table of millions. Ours knows them at any
time. Its pages ask in two forms of SQL only; where one of these asks by facets alone, it is answered
from the counts, and everything else is left as it is.
"""

from __future__ import annotations

import asyncio
import copy
import re
import sys
import time
from collections.abc import Awaitable, Callable, Hashable
from functools import partial
from typing import Any, TypeVar

from datasette.database import QueryInterrupted, Results
from datasette.facets import ArrayFacet, ColumnFacet, DateFacet

from archive import schema
from archive.derived import counts
from archive.served import ServedDatabase, State
from archive.site import box
from archive.site.paged import NEXT, in_order, known, narrowest, settled
from archive.site.shown import beginning, needed
from archive.site.walked import Walk

T = TypeVar("T")

#: ``TableView``: the rows that fit the filters.
_COUNT = re.compile(r"select count\(\*\) from \[?(?P<table>\w+)\]?(?: where (?P<where>.+?))?\s*")
#: ``ColumnFacet.facet_results``.
_FACET = re.compile(
    r"\s*select (?P<column>\[?\w+\]?) as value, count\(\*\) as count from \(\s*"
    r"select [\w\[\], ]+ from \[?(?P<table>\w+)\]? (?:where (?P<where>.+?))?\s*\)\s*"
    r"where (?P=column) is not null\s*"
    r"group by (?P=column) order by count desc, value limit (?P<limit>\d+)\s*",
    re.DOTALL,
)


def answered(sql: str) -> str | None:
    """The same question put to the counts; ``None`` where they cannot answer it."""
    count = _COUNT.fullmatch(sql)
    if count is not None:
        table = known(count["table"], count["where"])
        if table is None:
            return None
        return f"select coalesce(sum(n), 0) from {counts.name(table.name)}{_where(count['where'])}"
    facet = _FACET.fullmatch(sql)
    if facet is None:
        return None
    column = facet["column"].strip("[]")
    table = known(facet["table"], facet["where"])
    if table is None or column not in table.facets:
        return None
    where = _where(facet["where"]) + (" and" if facet["where"] else " where")
    return (
        f'select "{column}" as value, sum(n) as count from {counts.name(table.name)}{where}'
        f' "{column}" is not null group by "{column}" having sum(n) > 0'
        f" order by count desc, value limit {facet['limit']}"
    )


def _where(where: str | None) -> str:
    return f" where {where}" if where else ""


#: Questions about the schema that Datasette puts in SQL: some ten a page.
_OF_SCHEMA = re.compile(r"\s*select (?:name|sql|1) from sqlite_master\b")
#: And those it has methods for: some fifteen a page.
_METHODS = (
    *("table_columns", "table_column_details", "primary_keys", "fts_table", "foreign_keys_for_table"),
    *("get_all_foreign_keys", "label_column_for_table", "hidden_table_names"),
)
_SCHEMA_VERSION = "PRAGMA schema_version"
#: What is remembered at a time: some twenty of each table. Datasette asks the schema for every name that
#: stands in an address, so whoever makes up names would fill the memory; a name as long as this is made up.
_MOST, _LONGEST = 2000, 500


class CountedDatabase(ServedDatabase):
    """The file that is served with its counts, and with what its schema is remembered.

    Datasette asks for ``PRAGMA schema_version`` before each of its pages. What is remembered is
    forgotten when that is another.
    """

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._version: int | None = None
        self._known: dict[Hashable, Any] = {}
        # Tables with filters of a reader's own may take as long as SQL may, and so may a search for single
        # characters; one thread is left for the pages that never do.
        self.share = asyncio.Semaphore(max(1, self.ds.setting("num_sql_threads") - 1))

    def renew(self) -> State:
        """Another file has a schema of its own, whatever number it bears."""
        before, state = self._state, super().renew()
        if state is not before:
            self._known = {}
        return state

    async def execute(self, sql: str, params: Any = None, *args: Any, **more: Any) -> Results:
        if _OF_SCHEMA.match(sql):
            key = (sql, repr(params))
            if key not in self._known:
                return self._remember(key, await super().execute(sql, params, *args, **more))
            return self._known[key]
        # Not to the log: it is readers who ask what cannot be answered, and each error would bring its query.
        more["log_sql_errors"] = False
        async with self.share:
            if box.wide(sql):
                return await self._asked_each(sql, params, more.get("custom_time_limit"))
            sql, params = box.of_list(sql, params)
            chosen = answered(sql) or await self._in_order(settled(sql), params)
            most = needed.get()
            if most is not None and more.get("truncate"):
                most = min(most, self.ds.max_returned_rows)
                limit = min(more.get("custom_time_limit") or sys.maxsize, self.ds.sql_time_limit_ms)
                results = await self.execute_fn(beginning(chosen, params, most, limit))
            else:
                results = await super().execute(chosen, params, *args, **more)
        if sql == _SCHEMA_VERSION and results.rows[0][0] != self._version:
            self._version, self._known = results.rows[0][0], {}
        return results

    async def _asked_each(self, sql: str, params: Any, limit: int | None) -> Results:
        """A page of the reports with a common word.

        Raises ``QueryInterrupted`` when time is over, and at once for what asks for their number.
        """
        page = box.page(settled(sql), params)
        if page is None:
            raise QueryInterrupted(None, sql, params)
        milliseconds = min(limit or sys.maxsize, self.ds.sql_time_limit_ms)
        walk = Walk(page, params, time.perf_counter() + milliseconds / 1000)
        found: list[Any] = []
        for year in page.years(await self._years()):
            candidates = await self._in_order(page.candidates(year), {**params, "of_year": year})
            left = page.size - len(found)
            found += await self.execute_fn(partial(walk.of, year=year, candidates=candidates, size=left))
            if len(found) == page.size:
                break
        return Results(found, False, walk.columns)

    async def _years(self) -> list[int]:
        sql = f"select distinct year from {counts.name('reports')} where n > 0"
        return [row[0] for row in (await super().execute(sql)).rows]

    async def _in_order(self, sql: str, params: Any) -> str:
        """The same page of rows, found the way that is the least work."""
        if (page := in_order(sql)) is not None:
            count, limit, walked = page
            [(fit, every)] = (await super().execute(count, params)).rows
            return walked if fit * fit > limit * every else sql
        if (ways := narrowest(sql)) is not None:
            count, pages = ways
            [row] = (await super().execute(count, params)).rows
            return min(zip(row, pages, strict=True))[1]
        return sql

    def _remember(self, key: Hashable, answer: T) -> T:
        if len(self._known) >= _MOST:
            self._known.clear()
        if len(repr(key)) <= _LONGEST:
            self._known[key] = answer
        return answer

    async def table_counts(self, limit: int = 10) -> dict[str, int]:
        """Rows of each table of the schema; those of the machinery's own are not listed."""
        parts = [
            f"select '{table.name}' as name, coalesce(sum(n), 0) as n from {counts.name(table.name)}"
            for table in schema.TABLES
        ]
        found = await super().execute(" union all ".join(parts), page_size=len(parts) + 1)
        return {row["name"]: row["n"] for row in found.rows}


def _remembered(name: str) -> Callable[..., Awaitable[Any]]:
    ask = getattr(ServedDatabase, name)

    async def answer(self: CountedDatabase, *args: str) -> Any:
        key = (name, args)
        if key not in self._known:
            return copy.copy(self._remember(key, await ask(self, *args)))
        return copy.copy(self._known[key])

    return answer


for _name in _METHODS:
    setattr(CountedDatabase, _name, _remembered(_name))


class _Bounded:
    """No facets of rows that nobody counts."""

    sql: str

    def get_configs(self) -> Any:
        return [] if box.wide(self.sql) else super().get_configs()  # type: ignore[misc]


class CountedFacet(_Bounded, ColumnFacet):  # type: ignore[misc]
    """Facets of all rows that fit, on every page: Datasette's own leave out the pages before."""

    def __init__(self, ds: Any, request: Any, database: str, sql: str, **more: Any) -> None:
        sql = NEXT.sub("", sql) if request.args.get("_next") else sql
        super().__init__(ds, request, database, sql=sql, **more)


class _DateFacet(_Bounded, DateFacet):  # type: ignore[misc]
    """Those of a day."""


class _ArrayFacet(_Bounded, ArrayFacet):  # type: ignore[misc]
    """Those of a list."""


FACETS = (CountedFacet, _DateFacet, _ArrayFacet)
