"""Cells that point to another row, as links with the name of what they point to."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

from datasette.utils import is_url, path_with_format, truncate_url
from markupsafe import Markup, escape

from archive import schema
from archive.metadata import DATABASE
from archive.site.safety import plain

#: Tables whose rows have a page of ours, and the column that leads to it in their own table.
_PAGES = {"reports": ("report", "title"), "agencies": ("issuer", "name"), "divisions": ("division", None)}
#: Archived bytes are asked for by their digest, or saved.
_ORIGINAL = ("documents", "sha256")

_LINK = Markup('<a href="{}">{}</a>')
_BYTES = Markup('<a class="blob-download" href="{}">&lt;Binary:&nbsp;{:,}&nbsp;byte{}&gt;</a>')
_KNOWN = {table.name: table for table in schema.TABLES}
#: (table, column) → table it points to, where that has names; rows without are linked by Datasette.
_TARGETS = {
    (table.name, column.name): column.references
    for table in schema.TABLES
    for column in table.columns
    if column.references is not None and _KNOWN[column.references].label is not None
}


def shown(
    datasette: Any, table: str | None, column: str, value: Any, row: Any
) -> Markup | Callable[[], Awaitable[Markup | None]] | None:
    """A cell as ``render_cell`` gives it; ``None`` where there is nothing to add to the bare value.

    A table page has the names already (``{"value": …, "label": …}``), the page of one row has not.
    """
    if table is None:
        return None  # an answer's cells are made without asking (``of_answer``)
    own = _own(datasette, table, column, value, row)
    target = _TARGETS.get((table, column))
    if own is not None or target is None or value is None:
        return own
    if isinstance(value, dict):
        if target not in _PAGES:
            return None  # Datasette's own link leads to the row
        return _LINK.format(_address(datasette, target, value["value"]), value["label"] or value["value"])

    async def named() -> Markup | None:
        label = await _label(datasette, target, value)
        return None if label is None else _LINK.format(_address(datasette, target, value), label or value)

    return named


def of_answer(datasette: Any, request: Any, column: str, value: Any) -> str:
    """A text, or nothing, or bytes, in the answer to a query, as HTML: as Datasette shows it, but for the
    address of a report's page.
    """
    if value is None or value == "":
        return "&nbsp;"
    if isinstance(value, bytes):
        digest = hashlib.sha256(value).hexdigest()
        query = {"_blob_column": column, "_blob_hash": digest}
        address = path_with_format(request=request, format="blob", extra_qs=query)
        return str(_BYTES.format(address, len(value), "" if len(value) == 1 else "s"))
    most = datasette.setting("truncate_cells_html")
    if column == "page" and value.startswith("/report/"):
        return _link(str(datasette.urls.path(value)), value.removeprefix("/report/"))
    if is_url(value.strip()):
        return _link(value.strip(), truncate_url(value.strip(), most))
    return str(escape(plain(f"{value[:most]}…" if most and len(value) > most else value)))


def _link(address: str, text: str) -> str:
    return f'<a href="{escape(plain(address))}">{escape(plain(text))}</a>'


def _own(datasette: Any, table: str, column: str, value: Any, row: Any) -> Markup | None:
    if not isinstance(value, str):
        return None
    page, titled = _PAGES.get(table, ("", None))
    if (table, column) == _ORIGINAL:
        page = "original"
    elif column != titled:
        return None
    number = row["id"]
    number = number["value"] if isinstance(number, dict) else number
    return _LINK.format(datasette.urls.path(f"{page}/{number}"), value or number)


def _address(datasette: Any, target: str, value: object) -> str:
    if target in _PAGES:
        return str(datasette.urls.path(f"{_PAGES[target][0]}/{value}"))
    return str(datasette.urls.row(DATABASE, target, value))


async def _label(datasette: Any, target: str, value: object) -> str | None:
    """What a row is called; empty where it has no name, ``None`` where it is not there."""
    if target == "documents":
        return str(value)  # its address would look like a link to the portal
    to = _KNOWN[target]
    sql = f'select "{to.label}" from "{target}" where "{to.key[0]}" = ?'  # noqa: S608 - names of the schema
    found = (await datasette.get_database(DATABASE).execute(sql, (value,))).first()
    return None if found is None else str(found[0] or "")
