"""Addresses of the pages on divisions, filing, findings and comparison, as Datasette views."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta, timezone
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode

from datasette import Response
from datasette.utils.asgi import NotFound

from archive import forms, times
from archive.agencies import KINDS
from archive.forms import indicators
from archive.site import (
    charts,
    compare,
    coverage,
    dictionary,
    division,
    feeds,
    filing,
    findings,
    keyfigures,
    status,
)
from archive.site.pages import CSV, attachment, html, memo, read, site, words_of

_BEIJING = timezone(timedelta(hours=8))


def number(request: Any, name: str) -> int | None:
    """A parameter that should be a whole number; ``None`` for anything else: a link may be mistyped."""
    text = request.args.get(name) or ""
    return int(text) if re.fullmatch(r"\d{1,9}", text) else None


def identifier(request: Any, name: str) -> int | None:
    """A parameter that should be an id of the archive."""
    text = request.args.get(name) or ""
    return int(text) if re.fullmatch(r"\d{1,18}", text) else None


async def divisions_page(request: Any, datasette: Any) -> Any:
    """``/division``"""
    found = await read(datasette, division.provinces)
    return await html(datasette, request, "divisions.html", provinces=found)


async def division_page(request: Any, datasette: Any) -> Any:
    """``/division/<code>``"""
    words = words_of(request)
    code, year = request.url_vars["code"], number(request, "year")
    page = await read(datasette, lambda conn: division.load(conn, code, memo(datasette), year))
    if page is None:
        raise NotFound(words("error.division", code=code))
    drawn = charts.of_totals(page.trends, words)
    return await html(datasette, request, "division.html", charts=True, page=page, trends=drawn)


async def coverage_page(request: Any, datasette: Any) -> Any:
    """``/coverage``: the whole country by province, or a division issuer by issuer (``?division=``)."""
    words = words_of(request)
    code = request.args.get("division") or None
    chosen = filing.Chosen(
        year=number(request, "year"),
        status=_one_of(request, "status", filing.STATUSES),
        kind=_one_of(request, "kind", KINDS),
        page=max(1, number(request, "page") or 1),
    )
    page = await read(datasette, lambda conn: coverage.load(conn, code, chosen, memo(datasette)))
    if page is None:
        raise NotFound(words("error.division", code=code))

    def page_url(to: int) -> str:
        return _with(request, page=str(to))

    return await html(
        datasette,
        request,
        "coverage.html",
        page=page,
        chosen=chosen,
        statuses=filing.STATUSES,
        kinds=KINDS,
        page_url=page_url,
    )


async def status_page(request: Any, datasette: Any) -> Any:
    """``/status``: how the portals stand."""
    today = times.now().astimezone(_BEIJING).date()
    page = await read(datasette, lambda conn: status.load(conn, memo(datasette), today))
    ask = status.asks.get(datasette)
    outlook = None if ask is None else await asyncio.to_thread(ask)
    words = words_of(request)
    return await html(
        datasette,
        request,
        "status.html",
        page=page,
        outlook=outlook,
        listed=status.DUE,
        why=partial(status.why, words),
        ended=partial(status.ended, words),
    )


async def findings_page(request: Any, datasette: Any) -> Any:
    """``/findings``: failed checks, newest first, by province, year, identity, blame and issuer."""
    chosen = findings.Filter(
        province=request.args.get("province") or None,
        year=number(request, "year"),
        identity=request.args.get("identity") or None,
        blame=request.args.get("blame") or None,
        issuer=identifier(request, "issuer"),
    )
    after = None
    if found := re.fullmatch(r"(\d{4})-(\d{1,18})", request.args.get("after") or ""):
        after = findings.After(int(found[1]), int(found[2]))
    page = await read(datasette, lambda conn: findings.load(conn, chosen, after, memo(datasette)))
    following = page.next and _with(request, after=f"{page.next.year}-{page.next.report}")
    within = [(key, value) for key, value in (("province", chosen.province), ("year", chosen.year)) if value]
    narrower = (("identity", chosen.identity), ("blame", chosen.blame), ("agency", chosen.issuer))
    rows = [("verdict", "fail"), *within, *((key, value) for key, value in narrower if value)]
    return await html(
        datasette,
        request,
        "findings.html",
        page=page,
        kinds=findings.sort_kinds(page.counts["identity"]),
        next_url=following,
        download=datasette.urls.path("download/findings.csv") + f"?{urlencode(rows)}",
        feed=datasette.urls.path("feed/findings.atom") + (f"?{urlencode(within)}" if within else ""),
    )


async def feed(request: Any, datasette: Any) -> Any:
    """``/feed/reports.atom`` and ``/feed/findings.atom``, of one ``province`` or ``year`` if asked for."""
    words = words_of(request)
    kind: feeds.Kind = "findings" if request.url_vars["kind"] == "findings" else "reports"
    province, year = request.args.get("province") or None, number(request, "year")
    entries = await read(datasette, lambda conn: feeds.load(conn, kind, province, year))
    within = [(key, str(value)) for key, value in (("province", province), ("year", year)) if value]
    about = await read(datasette, lambda conn: dict(conn.execute("select key, value from about").fetchall()))
    title = words("join.list").join(
        text
        for text in (
            words("site.demo") if about.get("kind") == "demonstration" else "",
            words(f"feed.{kind}"),
            *(value for _, value in within),
        )
        if text
    )
    query = f"?{urlencode(within)}" if within else ""
    home = site(datasette, request)
    body = feeds.atom(kind, entries, words, site=home, address=f"{home}feed/{kind}.atom{query}", title=title)
    return Response(body, content_type="application/atom+xml; charset=utf-8")


async def dictionary_page(request: Any, datasette: Any) -> Any:
    """``/dictionary``"""
    words = words_of(request)
    national = indicators.national()
    return await html(
        datasette,
        request,
        "dictionary.html",
        tables=dictionary.tables(words),
        statutory=dictionary.statutory(words),
        listed=dictionary.listed(),
        forms=dictionary.FORMS,
        bases=[*((form.key, form.basis) for form in forms.forms()), (national.key, national.basis)],
        statuses=dictionary.STATUSES,
        identities=dictionary.IDENTITIES,
        codes=dictionary.CODES,
    )


async def _comparison(request: Any, datasette: Any) -> compare.Comparison:
    wanted = compare.asked(
        request.args.getlist("issuers"),
        request.args.getlist("years"),
        request.args.get("figure") or compare.FIGURE,
        request.args.get("q") or "",
    )
    found: compare.Comparison = await read(datasette, lambda conn: compare.load(conn, wanted))
    return found


async def compare_page(request: Any, datasette: Any) -> Any:
    """``/compare?issuers=1,2&years=2022,2023``"""
    words = words_of(request)
    page = await _comparison(request, datasette)
    table = page.table(words) if page.years else ()
    figure = keyfigures.line(table, page.asked.figure) or next(
        (line for g in table for line in g.lines), None
    )
    return await html(
        datasette,
        request,
        "compare.html",
        charts=True,
        page=page,
        table=table,
        figure=figure,
        chart=figure and compare.chart(page, figure, words),
        query_of=lambda asked: "?" + urlencode(asked.query(), safe=","),
    )


async def compare_csv(request: Any, datasette: Any) -> Any:
    """``/compare.csv``: what the page of the same query shows."""
    page = await _comparison(request, datasette)
    body = compare.as_csv(page, words_of(request), chinese=request.args.get("_header") == "zh")
    return Response(body, headers=attachment("gongkai-compare.csv"), content_type=CSV)


def _one_of(request: Any, name: str, known: Sequence[str]) -> str | None:
    text = request.args.get(name)
    return text if text in known else None


def _with(request: Any, **changes: str | None) -> str:
    """This page's query with some parameters changed; ``None`` takes one out."""
    kept = [(key, value) for key, value in parse_qsl(request.query_string) if key not in changes]
    return "?" + urlencode([*kept, *((key, value) for key, value in changes.items() if value is not None)])


ROUTES: list[tuple[str, Callable[..., Awaitable[Any]]]] = [
    (r"^/division$", divisions_page),
    (r"^/division/(?P<code>\d{6,9})$", division_page),
    (r"^/coverage$", coverage_page),
    (r"^/status$", status_page),
    (r"^/findings$", findings_page),
    (r"^/feed/(?P<kind>reports|findings)\.atom$", feed),
    (r"^/dictionary$", dictionary_page),
    (r"^/compare$", compare_page),
    (r"^/compare\.csv$", compare_csv),
]
