"""Datasette's hooks into ``archive.site``: addresses, words, links in cells, errors in words."""

from __future__ import annotations

import sqlite3
import sys
import traceback
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from datasette import Response
from datasette.database import QueryInterrupted
from datasette.utils.asgi import BadRequest, Base400
from datasette.views.base import DatasetteError
from pluggy import HookimplMarker

from archive import schema
from archive.metadata import DATABASE, notes
from archive.served import OneState
from archive.site import (
    answers,
    asked,
    assets,
    cells,
    cite,
    codes,
    counted,
    i18n,
    looks,
    markup,
    pages,
    pointers,
    rendering,
    safety,
    searched,
    titles,
    views,
    words,
)
from archive.site.language import Language
from archive.site.readonly import ReadOnly
from archive.site.report import web_address
from archive.site.shown import Shown
from archive.site.spreadsheet import Spreadsheets

hookimpl = HookimplMarker("datasette")

Vars = dict[str, object]

#: What Datasette calls its page of a question whose time was over, in HTML and beside the SQL.
_INTERRUPTED = "SQL Interrupted"

_CLOSED = ("allow-debug", "databases", "messages", "patterns", "permissions", "threads")


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Awaitable[Any]]]]:
    return [
        (r"^/$", pages.front_page),
        (r"^/robots\.txt$", pages.robots),
        (r"^/report/(?P<id>\d{1,19})$", pages.report_page),
        (r"^/report/(?P<id>\d{1,19})\.csv$", pages.report_csv),
        (r"^/report/(?P<id>\d{1,19})\.json$", pages.report_json),
        (r"^/issuer/(?P<id>\d{1,19})$", pages.issuer_page),
        (r"^/search$", pages.search_page),
        (r"^/search\.json$", pages.search_json),
        (r"^/original/(?P<id>\d{1,19})$", pages.original_page),
        (r"^/download/(?P<table>\w{1,64})\.csv$", pages.table_csv),
        # Datasette's own pages there name folders and threads of this machine, or are for its developers.
        (rf"^/-/(?:{'|'.join(_CLOSED)})(?:\.json)?$", pages.nothing),
        *answers.ROUTES,
        *looks.ROUTES,
        *views.ROUTES,
    ]


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    # Runs over everything a template puts out, attributes included, before it is escaped.
    env.finalize = safety.plain
    env.is_async = False
    env.template_class = rendering.Plain


@hookimpl
def asgi_wrapper(datasette: Any) -> Callable[[Any], Language]:
    # Datasette wraps its application while it is made, before the database is added.
    def wrapped(app: Any) -> Language:
        one = OneState(Shown(app), lambda: datasette.get_database(DATABASE))
        return Language(ReadOnly(Spreadsheets(one, f"/{DATABASE}")))

    return wrapped


def _about(conn: sqlite3.Connection) -> dict[str, str]:
    return dict(conn.execute("select key, value from about").fetchall())


@hookimpl
def extra_template_vars(datasette: Any, request: Any) -> Callable[[], Awaitable[Vars]]:
    async def read() -> Vars:
        about = await pages.read(datasette, _about)
        t = pages.words_of(request)
        coded, title = codes.coded(t), titles.columns(t)
        return {
            "t": t,
            "lang": t.lang,
            "demo": about.get("kind") == "demonstration",
            "switch_url": _switch(request, "en" if t.lang == "zh" else "zh"),
            "database_name": DATABASE,
            "words": words,
            "web_address": web_address,
            "column_title": title,
            "table_title": titles.tables(t),
            "narrowed": titles.narrowed(t),
            "rows_shown": asked.ROWS,
            "tables_of_schema": frozenset(table.name for table in schema.TABLES),
            "tables_in_order": titles.in_order,
            "table_note": lambda table: t.pick(*notes(table)),
            "query_words": titles.queries(t),
            "coded": coded,
            "table_body": lambda table, rows: cells.body(table, rows, coded, title),
            "answer_body": lambda columns, rows: cells.answer(
                columns, rows, coded, title, partial(pointers.of_answer, datasette, request)
            ),
            "cite": cite,
            **_markup(t),
            "asset": lambda name: datasette.urls.path(assets.address(name)),
        }

    return read


def _markup(t: i18n.Words) -> Vars:
    """What makes the cells of tables, in the reader's language."""
    return {
        "form_table": lambda table, at: markup.FormTable(table, t, at).html(),
        "value_cells": partial(markup.value_cells, t),
        "line_label": partial(markup.line_label, t),
        "filing_mark": partial(markup.filing_mark, t),
        "sums_table": partial(markup.sums_table, t),
        "share_bar": partial(markup.share_bar, t),
        "summary_cells": partial(markup.summary_cells, t),
        "failing": partial(markup.failing, t),
        "filing_cells": partial(markup.filing_cells, t),
    }


def _switch(request: Any, other: i18n.Lang) -> str:
    """This very page in the other language."""
    if request is None:
        return f"?lang={other}"
    return f"{request.path}?{request.query_string}&lang={other}".replace("?&", "?")


@hookimpl
def render_cell(row: Any, value: Any, column: str, table: str | None, datasette: Any) -> Any:
    """Cells that lead to our pages. Labels are escaped."""
    return pointers.shown(datasette, table, column, value, row)


@hookimpl
def permission_allowed(datasette: Any, action: str, resource: Any) -> bool | None:
    """Everything in the archive is public, and nothing else that the process holds."""
    if action == "execute-sql":
        return bool(datasette.setting("default_allow_sql")) and resource == DATABASE
    if not action.startswith("view-"):
        return None
    database = resource[0] if isinstance(resource, tuple) else resource
    return database in (None, DATABASE)


@hookimpl
def register_facet_classes() -> list[type]:
    return list(counted.FACETS)


@hookimpl(trylast=True)  # Datasette's own, which knows no index of reports, must not have the last word
def filters_from_request(datasette: Any, request: Any, database: str, table: str) -> Any:
    """The box above the table of reports asks the same index as the search page."""
    if asked.facets(request.args) > asked.FACETS:
        raise BadRequest(pages.words_of(request)("error.facets", n=asked.FACETS))
    if asked.long(request.args) and not request.url_vars.get("format"):
        raise BadRequest(pages.words_of(request)("error.rows", n=asked.ROWS))
    if (database, table) != (DATABASE, "reports"):
        return None
    return partial(searched.conditions, request, datasette)


@hookimpl
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Callable[[], Awaitable[Any]]:
    async def answer() -> Any:
        status, detail = _explain(request, exception)
        if status == 500:
            traceback.print_exception(exception, file=sys.stderr)
        if request.path.endswith(".json"):  # programs get Datasette's own shape of an error
            info = {"ok": False, "error": detail or str(status), "status": status, "title": None}
            return Response.json(info, status=status)
        return await _problem(datasette, request, status, detail)

    return answer


@hookimpl
def forbidden(datasette: Any, request: Any) -> Callable[[], Awaitable[Any]]:
    async def answer() -> Any:
        return await _problem(datasette, request, 403, "")

    return answer


async def _problem(datasette: Any, request: Any, status: int, detail: str) -> Any:
    context = {"status": status, "kind": status if status in (400, 403, 404) else 500, "error": detail}
    body = await datasette.render_template("problem.html", context, request=request, view_name="gongkai")
    return Response.html(body, status=status)


def _explain(request: Any, exception: Exception) -> tuple[int, str]:
    """(HTTP status, what to tell the reader beyond the page's own words)."""
    t = pages.words_of(request)
    interrupted = isinstance(exception, sqlite3.OperationalError) and exception.args == ("interrupted",)
    if interrupted or isinstance(exception, QueryInterrupted):
        return 400, t("error.busy")
    if isinstance(exception, Base400):
        text = str(exception.args[0]) if exception.args else ""
        return exception.status, "" if text.isdigit() else text
    if isinstance(exception, DatasetteError):
        if exception.title == _INTERRUPTED:
            return 400, t("error.busy")
        # Its 500 is said of a request that it cannot answer, such as an order by no column.
        return exception.status if exception.status != 500 else 400, str(exception.message)
    if isinstance(exception, sqlite3.ProgrammingError) and "did not supply a value" in str(exception):
        return 404, ""  # a row's address with too few parts of its key
    pairs = ((key, value) for key in request.args for value in request.args.getlist(key))
    if wrong := asked.unreadable(pairs):
        return 400, t("error.argument", text=wrong[:200])
    return 500, ""  # what went wrong inside is for the log, not for the public
