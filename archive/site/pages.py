"""The site's own addresses, as Datasette views."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from datasette import Response
from datasette.filters import Filters
from datasette.utils import sqlite_timelimit
from datasette.utils.asgi import BadRequest, NotFound

from archive import schema, tabular
from archive.metadata import DATABASE
from archive.queries import QUERIES
from archive.site import charts, downloads, front, issuer, keyfigures, original, report, search, totals
from archive.site.i18n import Words
from archive.site.language import POLICY, language
from archive.site.memo import Memo
from archive.site.place import in_words
from archive.site.streams import send_rows

T = TypeVar("T")

#: Our own pages run no script at all, those with charts only the files that come with this package.
_STRICT = {"Content-Security-Policy": POLICY.replace("script-src 'self'", "script-src 'none'")}
_CHARTS = {"Content-Security-Policy": POLICY}
CSV = "text/csv; charset=utf-8"
_LOOKUPS = frozenset(key for key, _, _ in Filters(()).lookups())


def words_of(request: Any) -> Words:
    """The words of the request's language."""
    return Words(language(request.scope) if request is not None else "zh")


_memos: WeakKeyDictionary[Any, Memo] = WeakKeyDictionary()


def memo(datasette: Any) -> Memo:
    """What this Datasette has computed of its archive."""
    found = _memos.get(datasette)
    if found is None:
        found = _memos[datasette] = Memo(database_file(datasette))
    return found


async def read(datasette: Any, load: Callable[[sqlite3.Connection], T], *, slow: bool = False) -> T:
    """Run ``load`` on a read connection, under the site's time limit and in one transaction.

    One transaction, so that a page never mixes the states before and after a crawl's write. What a reader
    can make ``slow`` waits with Datasette's own queries, so that all other pages find a thread.
    """

    def in_thread(conn: sqlite3.Connection) -> T:
        with _snapshot(conn), sqlite_timelimit(conn, datasette.setting("sql_time_limit_ms")):
            return load(conn)

    database = datasette.get_database(DATABASE)
    async with database.share if slow else nullcontext():
        result: T = await database.execute_fn(in_thread)
    return result


@contextmanager
def _snapshot(conn: sqlite3.Connection) -> Any:
    conn.execute("begin")
    try:
        yield
    finally:
        conn.rollback()


async def html(
    datasette: Any, request: Any, template: str, *, charts: bool = False, **context: object
) -> Any:
    """A page of ours; ``charts`` lets it run the scripts that draw them."""
    body = await datasette.render_template(template, context, request=request, view_name="gongkai")
    return Response.html(body, headers=dict(_CHARTS if charts else _STRICT))


def ident(request: Any) -> int:
    """The id in the address."""
    number = int(request.url_vars["id"])
    # SQLite integers end at 2**63; a longer number cannot be an id.
    return number if number < 2**63 else -1


def site(datasette: Any, request: Any) -> str:
    """Absolute URL of the site, with a slash at the end."""
    return str(datasette.absolute_url(request, datasette.urls.path("/")))


async def front_page(request: Any, datasette: Any) -> Any:
    """``/``"""
    page, found = await read(datasette, lambda conn: (front.load(conn), totals.load(conn, by=("year",))))
    drawn = charts.of_totals(found, words_of(request))
    return await html(datasette, request, "front.html", charts=True, page=page, queries=QUERIES, trends=drawn)


async def _report(request: Any, datasette: Any) -> report.ReportPage:
    number = ident(request)
    page = await read(datasette, lambda conn: report.load(conn, number))
    if page is None:
        raise NotFound(words_of(request)("error.report", id=request.url_vars["id"]))
    return page


def _address(datasette: Any, request: Any, page: report.ReportPage) -> str:
    return f"{site(datasette, request)}report/{page.row['id']}"


async def report_page(request: Any, datasette: Any) -> Any:
    """``/report/<id>``"""
    page = await _report(request, datasette)
    address = _address(datasette, request, page)
    told = partial(in_words, words=words_of(request))
    return await html(datasette, request, "report.html", page=page, address=address, in_words=told)


#: A figure's page has the original read again, a query may take seconds, and pages of filters are endless.
_ROBOTS = """User-agent: *
Disallow: /original/
Disallow: /report/*/at/
Disallow: /gongkai?
Disallow: /gongkai/*?
Disallow: /compare
Disallow: /search
Disallow: /findings?
Disallow: /coverage?
Disallow: /download/
"""


async def robots(request: Any) -> Any:
    """``/robots.txt``"""
    return Response.text(_ROBOTS)


async def nothing(request: Any) -> Any:
    """An address that is closed on purpose."""
    raise NotFound("404")


def attachment(name: str) -> dict[str, str]:
    """Headers that have a browser save what comes."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


async def report_csv(request: Any, datasette: Any) -> Any:
    """``/report/<id>.csv``"""
    page = await _report(request, datasette)
    body = downloads.report_csv(page, words_of(request), chinese=request.args.get("_header") == "zh")
    return Response(body, headers=attachment(f"gongkai-{page.row['id']}.csv"), content_type=CSV)


async def report_json(request: Any, datasette: Any) -> Any:
    """``/report/<id>.json``"""
    page = await _report(request, datasette)
    body = json.dumps(report.as_json(page, _address(datasette, request, page)), ensure_ascii=False)
    return Response(body, content_type="application/json; charset=utf-8")


async def issuer_page(request: Any, datasette: Any) -> Any:
    """``/issuer/<id>``"""
    number = ident(request)
    page = await read(datasette, lambda conn: issuer.load(conn, number))
    if page is None:
        raise NotFound(words_of(request)("error.issuer", id=request.url_vars["id"]))
    words = words_of(request)
    years = page.years[::-1]  # the newest first: on a narrow screen it is the one in view
    groups = keyfigures.groups(page.cells, [year["report"] for year in years], words)
    drawn = charts.of_issuer([year["year"] for year in years], groups, words)
    return await html(
        datasette, request, "issuer.html", charts=True, page=page, years=years, groups=groups, drawn=drawn
    )


async def search_page(request: Any, datasette: Any) -> Any:
    """``/search?q=…``"""
    asked = search.parse(request.args)
    page = await read(datasette, lambda conn: search.load(conn, asked, memo(datasette)), slow=True)
    return await html(datasette, request, "search.html", page=page)


async def search_json(request: Any, datasette: Any) -> Any:
    """``/search.json?q=…``"""
    asked = search.parse(request.args)
    page = await read(datasette, lambda conn: search.load(conn, asked, memo(datasette)), slow=True)
    body = json.dumps(search.as_json(page, site(datasette, request)), ensure_ascii=False)
    return Response(body, content_type="application/json; charset=utf-8")


def database_file(datasette: Any) -> Path:
    """The file that is served."""
    return Path(datasette.get_database(DATABASE).path)


async def original_page(request: Any, datasette: Any) -> Any:
    """``/original/<document>``: the archived bytes; ``?download=1`` to save them whatever they are."""
    number = ident(request)
    document = await read(datasette, lambda conn: original.find(conn, number))
    words = words_of(request)
    if document is None:
        raise NotFound(words("error.document", id=request.url_vars["id"]))
    folder = datasette.get_database(DATABASE).warcs
    try:
        found = await asyncio.to_thread(
            original.read, document, folder, download=bool(request.args.get("download"))
        )
    except original.OriginalError as error:
        raise NotFound(words(error.key, **error.values)) from error
    return Response(found.body, headers=found.headers, content_type=found.content_type)


def _filters(request: Any, exported: tabular.Export) -> tuple[list[str], dict[str, object]]:
    """Datasette's own filters (``year__gte=2020``) as where clauses."""
    pairs = [
        (key, value)
        for key in request.args
        if not (key.startswith("_") and "__" not in key)
        for value in request.args.getlist(key)
    ]
    for key, _ in pairs:
        column = key.rsplit("__", 1)[0]  # as Datasette splits it
        # SQLite takes an unknown "column" for a text and would answer with nothing, or everything.
        if column not in exported.columns:
            raise BadRequest(words_of(request)("error.filter", table=exported.table.name, column=column))
        # A condition that is passed over would give a file that looks filtered and is not.
        if "__" in key and key.rsplit("__", 1)[1] not in _LOOKUPS:
            raise BadRequest(words_of(request)("error.argument", text=key))
    clauses, params = Filters(sorted(pairs)).build_where_clauses(exported.table.name)
    return list(clauses), dict(params)


async def table_csv(request: Any, datasette: Any, send: Any, receive: Any) -> Any:
    """``/download/<table>.csv``: a whole table, or what Datasette's filters leave of it."""
    name = request.url_vars["table"]
    words = words_of(request)
    try:
        exported = tabular.export(schema.table(name))
    except KeyError as error:
        raise NotFound(words("error.table", table=name)) from error
    where, params = _filters(request, exported)
    if request.method == "HEAD":
        return Response("", headers=attachment(f"gongkai-{name}.csv"), content_type=CSV)
    stream = downloads.RowStream(
        database_file(datasette),
        exported,
        where,
        params,
        site=site(datasette, request),
        chinese=request.args.get("_header") == "zh",
    )
    await send_rows(stream, {**attachment(f"gongkai-{name}.csv"), "content-type": CSV}, send, receive)
    return None
