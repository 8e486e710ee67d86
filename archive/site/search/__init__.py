"""The page that finds reports by their words: a query, filters, results, and help where there are none."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archive.derived import tokens
from archive.derived.tokens import Phrase
from archive.site.memo import Memo
from archive.site.rows import Row, many, one
from archive.site.search import hits, near, snippets
from archive.site.search.ask import PAGES, SIZE, Ask, parse
from archive.site.search.hits import Count
from archive.site.search.near import Other
from archive.site.search.snippets import Pieces, Snippet

__all__ = ["Ask", "Result", "SearchPage", "as_json", "load", "parse"]


@dataclass(frozen=True, slots=True)
class Result:
    """One report found. ``row`` has its columns and ``agency_name``."""

    row: Row
    title: Pieces
    issuer: Pieces
    snippets: tuple[Snippet, ...]
    lead: str
    """How the report begins, where no stretch of it has the words."""


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What the page shows."""

    ask: Ask
    phrases: tuple[Phrase, ...]
    count: Count
    ranked: bool
    """Whether the order is that of the words; else issuers that have them come first, then the newest."""
    results: tuple[Result, ...]
    issuers: tuple[Row, ...]
    divisions: tuple[Row, ...]
    others: tuple[Other, ...]
    choices: Mapping[str, tuple[str | int, ...]]
    """What there is to filter by: ``year``, ``province``, ``form``."""
    issuer: Row | None
    division: Row | None
    """The issuer and the division asked for."""

    @property
    def asked(self) -> bool:
        return bool(self.phrases) or self.ask.filtered

    @property
    def first(self) -> int:
        """Number of the first result of this page."""
        return self.ask.offset + 1

    @property
    def more(self) -> bool:
        """Whether there is a next page."""
        return self.ask.page < PAGES and (self.count.total > self.ask.page * SIZE)

    @property
    def most(self) -> int:
        """Hits of the year that has most."""
        return max((n for _, n in self.count.years), default=1)


#: Issuers that are looked for one by one; the reports of more are found by going through the newest.
_FEW = 50


def load(conn: sqlite3.Connection, asked: Ask, memo: Memo) -> SearchPage:
    """Find what was asked for."""
    phrases = tokens.phrases(asked.q)
    choices = _choices(conn)
    anything = bool(phrases) or asked.filtered
    years = [int(year) for year in choices["year"]]
    counted = hits.count(conn, asked, phrases, years) if anything else Count(0, True, ())
    named = memo.get("issuers' names", conn, near.Names.load).having(phrases) if phrases else []
    few = named if len(named) <= _FEW else None
    rows = hits.page(conn, asked, phrases, counted, few) if anything else []
    first = asked.page == 1
    return SearchPage(
        ask=asked,
        phrases=phrases,
        count=counted,
        ranked=hits.ranked(counted),
        results=_results(conn, rows, phrases),
        issuers=near.issuers(conn, named) if first and asked.issuer is None else (),
        divisions=near.divisions(conn, phrases) if first and asked.division is None else (),
        others=near.others(conn, asked, phrases) if phrases and not counted.total else (),
        choices=choices,
        issuer=one(conn, "SELECT id, name FROM agencies WHERE id = ?", (asked.issuer,)),
        division=one(conn, "SELECT code, full_name FROM divisions WHERE code = ?", (asked.division,)),
    )


def _choices(conn: sqlite3.Connection) -> dict[str, tuple[str | int, ...]]:
    """What reports can be filtered by, from the counts that are kept of them."""
    known = many(conn, "SELECT name, code FROM divisions WHERE level = 'province'")
    order = {row["name"]: row["code"] for row in known}

    def of(column: str) -> list[str | int]:
        sql = f"SELECT DISTINCT {column} FROM _count_reports WHERE n > 0 AND {column} IS NOT NULL"  # noqa: S608
        return [row[0] for row in conn.execute(sql)]

    return {
        "year": tuple(sorted(of("year"), reverse=True)),
        # In the order of their codes, as Chinese statistics list them.
        "province": tuple(sorted(of("province"), key=lambda name: (order.get(str(name), "~"), str(name)))),
        "form": tuple(sorted(of("form"), key=str)),
    }


_REPORTS = """
SELECT s."row", r.id, r.title, r.year, r.province, r.published_on, r.form, r.verdict, r.url, r.agency,
  a.name AS agency_name
FROM _search_rows AS s JOIN reports AS r ON r.id = s.report JOIN agencies AS a ON a.id = r.agency
WHERE s."row" IN ({})"""


def _results(
    conn: sqlite3.Connection, rows: Sequence[int], phrases: tuple[Phrase, ...]
) -> tuple[Result, ...]:
    marks = ", ".join("?" * len(rows))
    reports = {row["row"]: row for row in many(conn, _REPORTS.format(marks), rows)}
    ids = [row["id"] for row in reports.values()]
    sql = f"SELECT report, number, text FROM sections WHERE report IN ({marks}) ORDER BY report, number"  # noqa: S608
    sections: dict[int, list[tuple[int, str]]] = {}
    for row in many(conn, sql, ids):
        sections.setdefault(row["report"], []).append((row["number"], row["text"] or ""))
    return tuple(_result(reports[row], sections.get(reports[row]["id"], []), phrases) for row in rows)


def _result(row: Row, texts: Sequence[tuple[int, str]], phrases: tuple[Phrase, ...]) -> Result:
    shown = snippets.snippets(texts, phrases)
    return Result(
        row=row,
        title=snippets.marked(row["title"], phrases),
        issuer=snippets.marked(row["agency_name"], phrases),
        snippets=shown,
        lead="" if shown else snippets.lead(texts),
    )


def as_json(page: SearchPage, site: str) -> dict[str, object]:
    """The page as one JSON object; ``site`` is the site's absolute URL, with a slash at the end."""

    def address(query: str) -> str:
        return f"{site}search.json?{query}"

    return {
        "query": page.ask.q,
        "phrases": [phrase.text for phrase in page.phrases],
        "filters": page.ask.filters,
        "sort": page.ask.sort,
        "total": page.count.total,
        "total_is_exact": page.count.exact,
        "years": [{"year": year, "reports": n} for year, n in page.count.years],
        "years_are_complete": page.count.whole,
        "page": page.ask.page,
        "next": address(page.ask.query(page=page.ask.page + 1)) if page.more else None,
        "reports": [_json_result(result, site) for result in page.results],
        "issuers": [{**row, "address": f"{site}issuer/{row['id']}"} for row in page.issuers],
        "divisions": [
            {
                **{k: v for k, v in row.items() if k != "rest"},
                "address": address(Ask(division=row["code"]).query()),
            }
            for row in page.divisions
        ],
        "others": [
            {"query": other.ask.q, "reports": other.hits, "address": address(other.ask.query())}
            for other in page.others
        ],
    }


def _json_result(result: Result, site: str) -> dict[str, object]:
    row = {name: value for name, value in result.row.items() if name != "row"}
    shown = [{"section": one.section, "text": one.text, "marks": one.marks} for one in result.snippets]
    return {**row, "address": f"{site}report/{row['id']}", "snippets": shown}
