"""The full-text index asked: how many reports, and which come first.

Work is bounded whatever the archive's size. Hits are counted up to ``COUNTED`` and ranked by
their words up to ``RANKED``; where there are more, those whose issuer has the words come first, and
each part newest first, which is the order the index is kept in.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from archive.derived import tokens
from archive.derived.search import ROWS, TABLE, division_filter, year_rows
from archive.derived.tokens import Phrase, filter_token
from archive.site.search.ask import SIZE, Ask

#: Hits that are counted, newest first.
COUNTED = 20_000
#: Hits that are ranked by how often and where the words stand (BM25).
RANKED = 5_000
#: Weights of title, issuer, text and the words to filter by.
_WEIGHTS = "10.0, 6.0, 1.0, 0.0"


@dataclass(frozen=True, slots=True)
class Count:
    """How many reports were found."""

    total: int
    exact: bool
    """Whether these are all; else there are more."""
    years: tuple[tuple[int, int], ...]
    """By year, newest first, whatever year was asked for; as far as they were counted."""
    whole: bool = True
    """Whether ``years`` has all of them."""


class Index:
    """The index, asked with one set of words and filters."""

    def __init__(self, conn: sqlite3.Connection, asked: Ask, phrases: tuple[Phrase, ...]) -> None:
        self._conn = conn
        self._words = tokens.expression(phrases)
        self._filters = index_words(asked)
        self._bounds = year_rows(asked.year) if asked.year is not None else (0, 2**63 - 1)

    @property
    def _all(self) -> str:
        return " AND ".join([*([f"({self._words})"] if self._words else []), *self._filters])

    def _select(self, match: str, order: str, more: Mapping[str, int]) -> list[int]:
        first, last = self._bounds
        if match:
            table = f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH :match AND rowid BETWEEN :first AND :last"  # noqa: S608
        else:  # every report is in the index: the list of its rows is enough
            table = f'SELECT "row" AS rowid FROM {ROWS} WHERE "row" BETWEEN :first AND :last'  # noqa: S608
        values: dict[str, object] = {"match": match, "first": first, "last": last, **more}
        return [row[0] for row in self._conn.execute(f"{table} {order}", values)]

    def count(self, most: int, match: str | None = None) -> int:
        """How many reports, at most ``most``."""
        found = self._all if match is None else match
        first, last = self._bounds
        table, where = (TABLE, f"{TABLE} MATCH :match AND rowid") if found else (ROWS, '"row"')
        sql = f"SELECT 1 FROM {table} WHERE {where} BETWEEN :first AND :last LIMIT :most"  # noqa: S608
        values = {"match": found, "first": first, "last": last, "most": most}
        [row] = self._conn.execute(f"SELECT count(*) FROM ({sql})", values)  # noqa: S608
        return int(row[0])

    def _page(self, match: str, order: str, size: int, offset: int) -> list[int]:
        limit = f"ORDER BY {order} LIMIT :size OFFSET :offset"
        return self._select(match, limit, {"size": size, "offset": offset})

    def oldest(self, most: int) -> list[int]:
        """Rows of the index, the oldest first and at most ``most``."""
        return self._select(self._all, "ORDER BY rowid LIMIT :most", {"most": most})

    def newest(self, offset: int) -> list[int]:
        """Rows of the index, the newest first."""
        return self._page(self._all, "rowid DESC", SIZE, offset)

    def best(self, offset: int) -> list[int]:
        """Those with the words oftenest, in title and issuer before the text, first."""
        return self._page(self._all, f"bm25({TABLE}, {_WEIGHTS}), rowid DESC", SIZE, offset)

    def named_first(self, issuers: Sequence[int] | None, offset: int) -> list[int]:
        """Those whose issuer has the words, newest first, then all others, newest first.

        ``issuers``: who they are; ``None`` where they are many, and soon found in the index itself.
        A look for words in one column goes through all that have them anywhere.
        """
        if issuers is None:
            named = f"(issuer : ({self._words}))"
        elif issuers:
            named = f"(({self._words}) AND about : ({' OR '.join(map(_quoted, _tokens(issuers)))}))"
        else:
            return self.newest(offset)
        before = " AND ".join([named, *self._filters])
        found = self._page(before, "rowid DESC", SIZE, offset)
        if len(found) == SIZE:
            return found
        passed = offset + len(found) if found or not offset else self.count(offset, before)
        if not passed:
            return self.newest(offset)
        after = " AND ".join([f"(({self._words}) NOT {named})", *self._filters])
        return found + self._page(after, "rowid DESC", SIZE - len(found), max(0, offset - passed))


def _tokens(issuers: Sequence[int]) -> list[str]:
    return [filter_token("a", issuer) for issuer in issuers]


def _quoted(word: str) -> str:
    return '"{}"'.format(word.replace('"', '""'))


def index_words(asked: Ask) -> list[str]:
    """The filters as expressions of the index; that of the year is a range of its rows."""
    found = []
    if asked.province is not None:
        found.append(filter_token("p", asked.province))
    if asked.form is not None:
        found.append(filter_token("f", asked.form))
    if asked.issuer is not None:
        found.append(filter_token("a", asked.issuer))
    if asked.division is not None:
        found.append(division_filter(asked.division))
    return [f"about : {_quoted(word)}" for word in found]


def count(conn: sqlite3.Connection, asked: Ask, phrases: tuple[Phrase, ...], years: Sequence[int]) -> Count:
    """Count the hits of each of ``years``, those of the year asked for before all others."""
    if asked.year is not None and asked.year not in years:
        years = [asked.year, *years]
    order = sorted(years, key=lambda year: (year != asked.year, -year))
    left, found, whole = COUNTED, {}, True
    for year in order:
        hits = Index(conn, replace(asked, year=year), phrases).count(left + 1)
        found[year] = min(hits, left)
        left -= found[year]
        if hits > found[year]:
            whole = False
            break
    exact = whole or (asked.year is not None and len(found) > 1)
    total = sum(found.values()) if asked.year is None else found[asked.year]
    shown = tuple((year, n) for year, n in sorted(found.items(), reverse=True) if n)
    return Count(total, exact, shown, whole)


def page(
    conn: sqlite3.Connection,
    asked: Ask,
    phrases: tuple[Phrase, ...],
    counted: Count,
    issuers: Sequence[int] | None,
) -> list[int]:
    """Rows of the index for one page of results. ``issuers``: see ``Index.named_first``."""
    index = Index(conn, asked, phrases)
    if not counted.total:
        return []
    if not phrases or asked.sort == "newest":
        return index.newest(asked.offset)
    return index.best(asked.offset) if ranked(counted) else index.named_first(issuers, asked.offset)


def ranked(counted: Count) -> bool:
    """Whether there are few enough to rank them by their words."""
    return counted.exact and counted.total <= RANKED
