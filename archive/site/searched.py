"""What Datasette is told of the box above the table of reports."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from datasette.database import QueryInterrupted
from datasette.filters import FilterArguments

from archive.derived import tokens
from archive.derived.search import ROWS
from archive.derived.tokens import Phrase
from archive.site import box, pages
from archive.site.having import Words
from archive.site.search.ask import Ask
from archive.site.search.hits import COUNTED, Index


async def conditions(request: Any, datasette: Any) -> FilterArguments:
    """Which reports have the words, and on a page that is bounded whether they are too many to go over."""
    typed = request.args.get("_search", "").strip()
    phrases = tokens.phrases(typed)
    context: dict[str, object] = {"supports_search": True, "search": typed}
    if not phrases:
        return FilterArguments([], extra_context=context)
    said = [pages.words_of(request)("ds.searched", q=typed)]
    words = tokens.expression(phrases)
    # Whoever takes a file away takes all of it, and waits.
    paged = request.url_vars.get("format") in (None, "json")
    asked = box.typed(typed, request.args) if paged else None
    if asked is None:
        return FilterArguments([box.AMONG], {"search": words}, said, context)
    try:
        found = await pages.read(datasette, lambda conn: _found(conn, asked.ask, phrases), slow=True)
    except sqlite3.OperationalError as error:
        if error.args == ("interrupted",):
            raise QueryInterrupted(error, box.AMONG, {"search": words}) from error
        raise
    # Both for this request alone: ``Shown`` takes them back.
    if isinstance(found, list):
        box.listed.set(json.dumps(found))
    else:
        box.asks_each.set(True)
        counted = found is not None and asked.whole and found <= COUNTED
        hits = found if found is None or counted else COUNTED if found > COUNTED else box.MOST
        context["wide"] = box.Wide(hits, counted, asked, box.shows_rows(request.args.get("_size")))
    return FilterArguments([box.AMONG], {"search": words}, said, context)


def _found(conn: sqlite3.Connection, asked: Ask, phrases: tuple[Phrase, ...]) -> list[int] | int | None:
    """The reports that the index finds, or how many if these are many, as far as they are counted.

    ``None``: to count them takes too long. The index gathers all hits of a single character before it gives
    the first, 2 µs each.
    """
    words, index = Words(tokens.expression(phrases)), Index(conn, asked, phrases)
    [reports] = conn.execute("select coalesce(sum(n), 0) from _count_reports").fetchone()
    if words.characters and reports > COUNTED:
        few = asked.filtered and Index(conn, asked, ()).count(box.MOST + 1) <= box.MOST
        if few or words.of_most(conn, box.columns(asked)):
            return None
    rows = index.oldest(box.MOST + 1)
    if len(rows) > box.MOST:
        return index.count(COUNTED + 1)
    sql = f'select report from {ROWS} where "row" in (select value from json_each(?))'  # noqa: S608
    return [row[0] for row in conn.execute(sql, [json.dumps(rows)])]
