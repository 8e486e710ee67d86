"""Addresses at which a figure or a finding is shown where it stands in the original."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from weakref import WeakKeyDictionary

from datasette.views.base import DatasetteError

from archive.metadata import DATABASE
from archive.seen import Look
from archive.site import figure, place, words
from archive.site.pages import html, ident, read, words_of
from archive.site.place import Glass

_glasses: WeakKeyDictionary[Any, Glass] = WeakKeyDictionary()


def enable(datasette: Any, look: Look) -> None:
    """Let this Datasette read originals again with ``look``; without it places are told in words only."""
    _glasses[datasette] = Glass(look)


#: Threads of their own: who looks waits for whoever looks before, and originals that are only handed out
#: must not wait with them.
_THREADS = ThreadPoolExecutor(4, thread_name_prefix="look")


async def _looking(view: Callable[..., figure.View], *args: object) -> figure.View:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, partial(view, *args))


def _folder(datasette: Any) -> Path:
    folder: Path = datasette.get_database(DATABASE).warcs
    return folder


def _not_found(message: str) -> DatasetteError:
    """Not ``NotFound``: Datasette answers that for an address with % in it by another address."""
    return DatasetteError(message, status=404)


async def figure_page(request: Any, datasette: Any) -> Any:
    """``/report/<id>/at/<table>.<line>.<column>``"""
    t = words_of(request)
    number, cell = ident(request), unquote(request.url_vars["cell"])
    page = await read(datasette, lambda conn: figure.load(conn, number, cell))
    if page is None:
        raise _not_found(t("error.figure", cell=cell))
    f = page.figure
    view = await _looking(
        figure.view,
        page.document,
        page.parts,
        f.place,
        (f.table, f.row, f.column),
        _glasses.get(datasette),
        _folder(datasette),
    )
    form = page.table.form
    heading = " · ".join(
        words.label(t, f.table, part, key, form) for part, key in (("row", f.row), ("column", f.column))
    )
    return await html(
        datasette,
        request,
        "place.html",
        page=page,
        view=view,
        exact=view.excerpt is not None and view.excerpt.exact,
        heading=heading,
        anchor=f"#cell-{f.table}-{f.row}-{f.column}",
        in_words=partial(place.in_words, words=t),
    )


async def place_page(request: Any, datasette: Any) -> Any:
    """``/original/<document>/at/<place>``"""
    t = words_of(request)
    number, where = ident(request), unquote(request.url_vars["place"])
    if not place.PLACE.fullmatch(where):
        raise _not_found(t("error.place", place=where))
    found = await read(datasette, lambda conn: figure.original(conn, number))
    if found is None:
        raise _not_found(t("error.document", id=number))
    view = await _looking(
        figure.view,
        found.document,
        found.parts,
        where,
        None,
        _glasses.get(datasette),
        _folder(datasette),
    )
    return await html(
        datasette,
        request,
        "place.html",
        page=None,
        original=found,
        view=view,
        exact=view.excerpt is not None and view.excerpt.exact,
        heading=t("place.title"),
        anchor="",
        in_words=partial(place.in_words, words=t),
    )


ROUTES: list[tuple[str, Callable[..., Awaitable[Any]]]] = [
    (r"^/report/(?P<id>\d{1,19})/at/(?P<cell>[^?]{1,300})$", figure_page),
    (r"^/original/(?P<id>\d{1,19})/at/(?P<place>[^?]{1,300})$", place_page),
]
