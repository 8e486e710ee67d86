"""The search box above Datasette's table of reports, bounded like the search page.

Pure, but for what is known of the page under way (``asks_each``, ``listed``).

A word that few reports have becomes a list of these reports: rows, their number and facets are worked out
from it. Of a word with more hits each report is asked by itself whether it has the word, in the order of the
table and until a page is full (``walked``); nobody counts them all, and no facet is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from archive import schema
from archive.derived.search import ROWS, TABLE, year_rows
from archive.site.search.ask import Ask
from archive.site.search.hits import index_words

#: Hits of which rows, number and four facets are worked out: each goes over all of them, 6 to 9 µs a hit, and
#: together they take 0.1 s.
MOST = 2000

_COLUMNS = frozenset(column.name for column in schema.REPORTS.columns)
#: Columns whose values are words of the index too, what the search page calls them, and the values that stand
#: there as in the table: FTS5 knows no capitals, the index no blanks, and to SQLite 2020.0 is a year too.
_INDEXED = {
    "year": ("year", re.compile(r"[1-9][0-9]{3}")),
    "province": ("province", re.compile(r"[^\W_A-Z]{1,40}")),
    "form": ("form", re.compile(r"[a-z0-9]{1,12}")),
    "agency": ("issuer", re.compile(r"[1-9][0-9]{0,17}")),
}
#: Parameters that add conditions and are no filters.
_OTHERS = ("_through", "_fts", "_search_")


@dataclass(frozen=True, slots=True)
class Box:
    """What was typed into the box, with the filters beside it."""

    ask: Ask
    """The question put to the search page, as far as that knows it."""
    whole: bool
    """Whether that is all of it."""


@dataclass(frozen=True, slots=True)
class Wide:
    """A search with more hits than are gone over: there is no facet, and the number of rows may be open."""

    hits: int | None
    """Hits of words and filters in the index; there are more than these, unless they are the rows. ``None``
    where to count them takes as long as to go over them.
    """
    counted: bool
    """Whether they are the rows."""
    box: Box
    shown: bool
    """Whether the page has room for rows; without any (``_size=0``) Datasette asks for one all the same."""

    @property
    def more(self) -> int | None:
        """There are certainly more reports than these with the words."""
        return MOST if self.counted else self.hits


def typed(text: str, args: Any) -> Box | None:
    """``args`` as Datasette has them; ``None`` where a row may not have to fit each of the conditions."""
    if "_where" in args:
        return None  # of "a or b and the word" the word leaves out no row that fits a
    pairs = [
        (key, value)
        for key in args
        if not (key.startswith("_") and "__" not in key)
        for value in args.getlist(key)
    ]
    if not all(key.partition("__")[0] in _COLUMNS for key, _ in pairs):
        return None  # it stands in the SQL as it was written
    found = _known((key.removesuffix("__exact"), value) for key, value in pairs)
    whole = len(found) == len(pairs) and not any(key.startswith(_OTHERS) for key in args)
    return Box(Ask(q=" ".join(text.split()), **found), whole)


def shows_rows(size: str | None) -> bool:
    """Whether a page of this ``_size`` has room for a row; what is no number is refused by Datasette."""
    try:
        return size is None or int(size) != 0
    except ValueError:
        return True


def _known(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Columns that have to have a value, as filters of the search page."""
    found: dict[str, Any] = {}
    for column, value in pairs:
        name, allowed = _INDEXED.get(column, ("", None))
        if allowed is not None and name not in found and allowed.fullmatch(value):
            found[name] = int(value) if name in ("year", "issuer") else value
    return found


def columns(filters: Ask) -> dict[str, object]:
    """Filters of the search page as columns of the table and their values."""
    found = {column: getattr(filters, name) for column, (name, _) in _INDEXED.items()}
    return {column: value for column, value in found.items() if value is not None}


def among(name: str = "search", year: int | None = None) -> str:
    """The condition that a report is among the hits of a parameter, or among those of a year."""
    within = "" if year is None else " and rowid between {} and {}".format(*year_rows(year))
    return (
        f'id in (select report from {ROWS} where "row" in'  # noqa: S608 - names of the schema
        f" (select rowid from {TABLE} where {TABLE} match :{name}{within}))"
    )


AMONG = among()

#: The same of a list that was made of them; ``:listed`` is its JSON.
_LISTED = "id in (select value from json_each(:listed))"

#: Whether the page under way is one of a search that is too wide to be gone over.
asks_each: ContextVar[bool] = ContextVar("asks_each", default=False)
#: Else the reports that were found for it, as JSON: all its questions are asked of them.
listed: ContextVar[str | None] = ContextVar("listed", default=None)


def wide(sql: str) -> bool:
    """Whether this is asked of a search that is too wide."""
    return asks_each.get() and AMONG in sql


def of_list(sql: str, params: Any) -> tuple[str, Any]:
    """The same question asked of the list, if the page under way has one: the index is asked once a page."""
    if listed.get() is None or AMONG not in sql:
        return sql, params
    return sql.replace(AMONG, _LISTED), {**params, "listed": listed.get()}


_PAGE = re.compile(
    r"select .+? from \[?reports\]? where (?P<where>.+)"
    r" order by (?P<order>[\w\[\], ]+) limit (?P<limit>\d+)\s*",
    re.DOTALL,
)
_FILTER = re.compile(r'"(?P<column>\w+)" = :(?P<value>p\d+)')
_LIMIT = re.compile(r"\d+\s*$")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the reports that have the words."""

    sql: str
    words: str
    filters: Ask
    """What is in the index of that which every row has to fit."""
    order: str
    falls: bool
    size: int

    @property
    def every(self) -> str:
        """Words and filters, for the index."""
        return " AND ".join([f"({self.words})", *index_words(self.filters)])

    def years(self, known: Sequence[int]) -> Sequence[int | None]:
        """The years it is found in, one after the other; ``None`` for all of them together.

        In the order of years one by one, for a word may be in few of them.
        """
        if self.filters.year is not None or self.order != "year":
            return [self.filters.year]
        return sorted(known, reverse=self.falls)

    def candidates(self, year: int | None) -> str:
        """The same page of all reports that fit everything but the words; ``:of_year`` is the year."""
        if year is not None and self.filters.year is None:
            return self.sql.replace(AMONG, '"year" = :of_year')
        for one, other in ((f" and {AMONG}", ""), (f"where {AMONG} and ", "where "), (f"where {AMONG} ", "")):
            if one in self.sql:
                return self.sql.replace(one, other)
        raise ValueError(self.sql)

    def gathered(self, year: int | None) -> str:
        """The same page by putting all hits of a year in order; ``:every`` is what the index has to have."""
        return self.sql.replace(AMONG, among("every", year))


def limited(sql: str, most: int) -> str:
    """The first ``most`` rows of a page."""
    return _LIMIT.sub(str(most), sql)


def page(sql: str, params: Mapping[str, Any]) -> Page | None:
    """The page of rows that Datasette asks for; ``None`` where it asks for something else."""
    found = _PAGE.fullmatch(sql) if AMONG in sql else None
    if found is None:
        return None
    filters = map(_FILTER.fullmatch, found["where"].partition(AMONG)[0].split(" and "))
    known = _known((one["column"], str(params[one["value"]])) for one in filters if one is not None)
    order, *falls = re.sub(r"[\[\]]", "", found["order"]).split(",")[0].split()
    return Page(sql, params["search"], Ask(**known), order, falls == ["desc"], int(found["limit"]))
