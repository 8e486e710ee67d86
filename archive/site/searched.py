"""What Datasette is told of the box above the table of reports."""

from __future__ import annotations

import sqlite3
from typing import Any

from datasette.database import QueryInterrupted
from datasette.filters import FilterArguments

from archive.derived import tokens
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
        hits = await pages.read(datasette, lambda conn: _hits(conn, asked.ask, phrases), slow=True)
    except sqlite3.OperationalError as error:
        if error.args == ("interrupted",):
            raise QueryInterrupted(error, box.AMONG, {"search": words}) from error
        raise
    if hits is not None and hits <= box.MOST:
        every = box.every(words, asked.ask)
        return FilterArguments([box.among(year=asked.ask.year)], {"search": every}, said, context)
    counted = hits is not None and asked.whole and hits <= COUNTED
    wide = box.Wide(hits if hits is None or counted else min(hits - 1, COUNTED), counted, asked)
    box.asks_each.set(True)  # for this request: ``Shown`` takes it back
    return FilterArguments([box.AMONG], {"search": words}, said, {**context, "wide": wide})


def _hits(conn: sqlite3.Connection, asked: Ask, phrases: tuple[Phrase, ...]) -> int | None:
    """How many reports the index finds, as far as they are counted; ``None``: to count them takes too long.

    The index gathers all hits of a single character before it gives the first, 2 µs each.
    """
    words = Words(tokens.expression(phrases))
    [reports] = conn.execute("select coalesce(sum(n), 0) from _count_reports").fetchone()
    if words.characters and reports > COUNTED:
        few = asked.filtered and Index(conn, asked, ()).count(box.MOST + 1) <= box.MOST
        if few or words.of_most(conn, box.columns(asked)):
            return None
    return Index(conn, asked, phrases).count(COUNTED + 1)
