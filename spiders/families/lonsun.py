"""LonSun 龙讯: every unit's report column is ``/public/column/{organId}?type=3&action=list``.

The first rows stand in the page; ``Ls.pagination(… {pageIndex:1, pageSize:15,
pageCount:2, total:17})`` says how many there are. The other pages come from the call that
the page's script makes, ``/site/label/8888``. Where that gives nothing, the page itself is
asked for them (``pageIndex=2``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from scrapy.http import Request, Response, TextResponse

from spiders.answers import with_query
from spiders.base import FamilySpider
from spiders.links import Link, fragment_links, links
from spiders.lists import ListPage, column_name, text_page
from spiders.params import Param
from spiders.portals import Portal

PARAMS = {
    "siteId": Param("number of the site, where no meta or script of the column page has it", r"\d+"),
    "catId": Param("node of the catalogue, for reports kept under type=4", r"\d+"),
    "file": Param("template of the list, where the script does not name it", r"/[\w/]+"),
}

_PAGER = re.compile(r"\bLs\.pagination\s{0,9}\(")
#: Characters of the pager's call, its callback included.
_CALL = 4000
_ORGAN = re.compile(r"^(?P<root>.*)/public/column/(?P<organ>\d+)")
_FILE = re.compile(r"""\bfile\s{0,9}[:=]\s{0,9}["']?(/[\w/]{1,100})""")
_TEMPLATE = "/xxgk/publicInfoList_newest2020"
_ROWS = 15  # what the vendor's own pages ask for


class LonsunSpider(FamilySpider):
    name = "lonsun"

    def read(self, response: Response, portal: Portal, **state: Any) -> ListPage:
        if not state.get("label"):
            return read(text_page(response), params=portal.params, **state)
        if not response.body.strip():  # the label is not served here
            return ListPage((), state["fallback"], repeats=True)
        return read_label(text_page(response), **state)


def read(page: TextResponse, *, number: int = 1, params: Mapping[str, str] | None = None) -> ListPage:
    """A column page as the server renders it; ``number`` is its place."""
    rows, pages, total = links(page), _stated(page, "pageCount"), _stated(page, "total")
    onward: Request | None = None
    if number == 1 and (_dated(rows) == 0 or pages is None or pages > 1) and "Ls." in page.text:
        # Rows that a script fills in are asked for from the first page on.
        onward = _label(page, params or {}, 2 if _dated(rows) else 1, pages)
    elif number > 1 and pages is not None and number < pages:
        onward = _rendered(page.url, number + 1)
    return ListPage(links=rows, next=onward, name=column_name(page), total=total)


def read_label(
    page: TextResponse, *, column: str, number: int, pages: int | None, label: bool, fallback: Request
) -> ListPage:
    """One answer of /site/label/8888: a piece of HTML, empty where the label is not served."""
    rows = fragment_links(page.text, column)
    if _dated(rows) == 0:
        # Beyond the last page there is nothing, and nothing to fall back from.
        over = pages is not None and number > pages
        return ListPage(links=rows, next=None if over or number > 2 else fallback, repeats=number <= 2)
    last = number >= pages if pages is not None else len(rows) < _ROWS
    onward = with_query(page.url, "pageIndex", number + 1)
    state = {"column": column, "number": number + 1, "pages": pages, "label": True}
    following = Request(
        onward,
        headers={"Referer": column},
        cb_kwargs={**state, "fallback": _rendered(column, number + 1)},
    )
    return ListPage(links=rows, next=None if last else following, repeats=number == 1)


def _dated(rows: tuple[Link, ...]) -> int:
    return sum(row.date is not None for row in rows)


def _stated(page: TextResponse, name: str) -> int | None:
    """A number of the pager's call."""
    call = _PAGER.search(page.text)
    if call is None:
        return None
    found = re.search(rf"\b{name}\s{{0,9}}:\s{{0,9}}(\d{{1,9}})(?!\d)", page.text[call.end() :][:_CALL])
    return int(found[1]) if found else None


def _label(page: TextResponse, params: Mapping[str, str], number: int, pages: int | None) -> Request | None:
    place, query = _ORGAN.match(page.url), parse_qs(urlsplit(page.url).query)
    site = params.get("siteId") or _site(page)
    if place is None or site is None:
        return None
    template = _FILE.search(page.text)
    fields = {
        "IsAjax": "1",
        "dataType": "html",
        "labelName": "publicInfoList",
        "siteId": site,
        "pageSize": str(_ROWS),
        "pageIndex": str(number),
        "action": "list",
        "isDate": "true",
        "dateFormat": "yyyy-MM-dd",
        "length": "80",
        "organId": place["organ"],
        "type": query.get("type", ["3"])[0],
        "catId": params.get("catId") or query.get("catId", [""])[0],
        "result": "暂无相关信息",
        "file": params.get("file") or (template[1] if template else _TEMPLATE),
    }
    state = {"column": page.url, "number": number, "pages": pages, "label": True}
    return Request(
        # Installed below a path, the label lies there as well.
        f"{place['root']}/site/label/8888?{urlencode(fields)}",
        headers={"Referer": page.url},
        cb_kwargs={**state, "fallback": _rendered(page.url, max(number, 2))},
    )


def _site(page: TextResponse) -> str | None:
    for meta in page.xpath("//meta[@content and @name]"):
        if meta.attrib["name"].lower() == "siteid" and meta.attrib["content"].strip().isdecimal():
            return str(meta.attrib["content"].strip())
    found = re.search(r"""\bsiteId["']?\s{0,9}[:=]\s{0,9}["']?(\d{1,12})""", page.text)
    return found[1] if found else None


def _rendered(column: str, number: int) -> Request:
    return Request(with_query(column, "pageIndex", number), cb_kwargs={"number": number})
