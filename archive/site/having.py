"""Whether one report has the words of a search.

FTS5 answers for one report as for all: 60 µs a pair of characters. For a single character, which is the
beginning of many pairs, it gathers the hits of all of these first (seconds in a million reports, for each
report that is asked anew); so this is looked for in the report's own texts.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping

from archive.derived import tokens
from archive.derived.search import ROWS, TABLE

_ASKED = (
    f"select 1 from {TABLE} where rowid ="  # noqa: S608 - names of the schema
    f' (select "row" from {ROWS} where report = :report) and {TABLE} match :search'
)
#: What is in the index of a report, but for the words to filter by.
_TEXTS = (
    "select title from reports where id = :report union all"
    " select name from agencies where id = (select agency from reports where id = :report) union all"
    " select value from json_each((select aliases from agencies"
    " where id = (select agency from reports where id = :report))) union all"
    " select text from sections where report = :report and text is not null"
)
_BEGINNING = re.compile(r'"(\S)" \*')
#: Places in the archive at which a report is looked at to learn whether most have a character, reports among
#: which one is looked for that fits, and how many have to be found.
_SOME, _NEAR, _LEAST = 64, 300, 8
#: Each by itself, for together they are looked for in all reports.
_ENDS = ("select min(id) from reports", "select max(id) from reports")


class Words:
    """An expression of ``tokens.expression``, taken apart."""

    def __init__(self, expression: str) -> None:
        parts = expression.split(" AND ")  # in capitals, which no word has
        found = [_BEGINNING.fullmatch(part) for part in parts]
        self.characters = [one[1] for one in found if one is not None]
        """Single characters."""
        self._others = " AND ".join(part for part, one in zip(parts, found, strict=True) if one is None)

    def of(self, conn: sqlite3.Connection, report: int) -> bool:
        """Whether a report has all of them."""
        values = {"report": report, "search": self._others}
        if self._others and conn.execute(_ASKED, values).fetchone() is None:
            return False
        left = set(self.characters)
        for [text] in conn.execute(_TEXTS, values) if left else ():
            folded = tokens.fold(text)
            left = {one for one in left if one not in folded}
            if not left:
                break
        return not left

    def of_most(self, conn: sqlite3.Connection, filters: Mapping[str, object]) -> bool:
        """Whether most of the reports that fit have them, as far as some show from all over the archive."""
        fits = " and ".join(f"{column} = :{column}" for column in filters)
        # In the order of ids, which are digests; by the index of a filter all that fit would be sorted.
        asked = (
            f"select id from (select * from reports where id >= :at order by id limit {_NEAR})"  # noqa: S608
            f" where {fits or 1} limit 1"
        )
        [first, last] = (conn.execute(end).fetchone()[0] for end in _ENDS)
        seen = having = 0
        for number in range(_SOME if first is not None else 0):
            at = first + (last - first) * number // _SOME
            for [report] in conn.execute(asked, {**filters, "at": at}):
                seen += 1
                having += self.of(conn, report)
        return seen >= _LEAST and 2 * having > seen
