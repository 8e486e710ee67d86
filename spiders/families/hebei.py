"""河北: columns, templates and blocks called by UUIDs; a list's further pages are pieces of HTML.

``GET /columns/{column}/templates/{template}/blocks/{block}?page=2&fix=0``. The ids stand in
the script of the column page, as that address or one by one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from scrapy.http import Request, Response, TextResponse

from spiders.base import FamilySpider
from spiders.links import fragment_links, links
from spiders.lists import ListPage, column_name, stated_total, text_page
from spiders.params import UUID, Param
from spiders.portals import Portal

PARAMS = {
    "column": Param("id of the column, where neither its address nor its script has it", UUID),
    "template": Param("id of the template, where the script does not have it", UUID),
    "block": Param("id of the block that is the list, where the script does not have it", UUID),
}

_ADDRESS = re.compile(rf"(/[\w/]{{0,100}})?/columns/({UUID})/templates/({UUID})/blocks/({UUID})")
_OWN = re.compile(rf"(/[\w/]{{0,100}})?/columns/({UUID})/")
_PAGES = re.compile(
    r"共\s{0,9}(\d{1,4})\s{0,9}页|\b(?:pageCount|totalPages?|pages)[\"']?\s{0,9}[:=]\s{0,9}['\"]?(\d{1,4})(?!\d)"
)


class HebeiSpider(FamilySpider):
    name = "hebei"

    def read(self, response: Response, portal: Portal, **state: Any) -> ListPage:
        page = text_page(response)
        return read_block(page, **state) if state else read_column(page, portal.params)


def read_column(page: TextResponse, params: Mapping[str, str] | None = None) -> ListPage:
    """The column page with the first rows."""
    block, pages = block_path(page, params or {}), _stated(page)
    return ListPage(
        links=links(page),
        next=_block(page.url, block, 2, pages) if block and (pages is None or pages > 1) else None,
        name=column_name(page),
        total=stated_total(page),
    )


def block_path(page: TextResponse, params: Mapping[str, str]) -> str | None:
    """Path of the list's block: from the registry entry, a whole address, or three ids of the script."""
    written, own = _ADDRESS.search(page.text), _OWN.search(page.url)

    def value(name: str, place: int) -> str | None:
        alone = re.search(rf"""\b{name}(?:Id|ID|_id)?["']?\s{{0,9}}[:=]\s{{0,9}}["']({UUID})""", page.text)
        return params.get(name) or (written[place] if written else alone[1] if alone else None)

    column = value("column", 2) or (own[2] if own else None)
    template, block = value("template", 3), value("block", 4)
    if not (column and template and block):
        return None
    root = (written[1] if written else own[1] if own else None) or ""
    return f"{root}/columns/{column}/templates/{template}/blocks/{block}"


def _stated(page: TextResponse) -> int | None:
    found = _PAGES.search(page.text)
    return int(found[1] or found[2]) if found else None


def _block(column: str, path: str, number: int, pages: int | None) -> Request:
    return Request(
        TextResponse(column).urljoin(f"{path}?page={number}&fix=0"),
        headers={"Referer": column},
        cb_kwargs={"column": column, "path": path, "number": number, "pages": pages},
    )


def read_block(page: TextResponse, *, column: str, path: str, number: int, pages: int | None) -> ListPage:
    """One further page; the list ends with the stated page, or with one that has no rows."""
    rows = fragment_links(page.text, column)
    more = number < pages if pages is not None else any(row.date is not None for row in rows)
    return ListPage(links=rows, next=_block(column, path, number + 1, pages) if more else None)
