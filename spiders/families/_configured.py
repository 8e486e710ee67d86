"""Systems of one province or one city, told by the registry entry instead of by a family of their own.

Two kinds, both in ``params`` of a ``static`` portal:

- ``pages``: how the address of page *n* is written, ``{n}`` counting from 1 or ``{n-1}`` from 0:
  ``iList.jsp?node_id=…&cur_page={n}``, ``661e4dc5-{n}.shtml``
- ``api``: the address of a service that answers with JSON (辽宁 eportal, 河南 searchapi, 苏州,
  金融监管总局): ``rows`` is the way to its list (``data.datas``), ``fields`` the names of address, title
  and date in a row (``selfUrl,title,time``), ``link`` the address where a row has only an id,
  ``body`` what is posted where it is a POST
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from scrapy.http import Request, TextResponse

from spiders.answers import first, loads, row_link, total
from spiders.links import Link, clean, links
from spiders.lists import ListError, ListPage, column_name, stated_total
from spiders.params import Param

_PLACE = r"\{n(?:-1)?\}"

PARAMS = {
    "pages": Param("address of page {n}, counted from 1, or {n-1}, from 0", rf"\S*{_PLACE}\S*"),
    "api": Param("address of a list service that answers with JSON, page {n}", r"(?:https?:/)?/\S+"),
    "body": Param("form that is posted to the service, page {n}", r"\S+"),
    "rows": Param("way to the list in its answer (default: looked for)", r"\w+(?:\.\w+)*"),
    "fields": Param("names of address, title and date in a row (default: usual ones)", r"\w+,\w+,\w+"),
    "link": Param("address of a row that has only an id: …?docId={docId}", r"\S*\{\w+\}\S*"),
}

_URL = ("url", "URL", "selfUrl", "puburl", "docpuburl", "linkurl", "infourl")
_TITLE = ("title", "TITLE", "doctitle", "docTitle", "realtitle", "docSubtitle")
_WHEN = ("PUBLISHED_TIME_FORMAT", "publishedTimeStr", "publishDate", "pubdate", "infodate", "time", "date")
_TOTAL = ("total", "totalCount", "recordCount", "count", "num")
#: Objects looked into for the list.
_DEPTH = 3


def onward(column: str, params: Mapping[str, str], number: int) -> Request | None:
    """The request for page ``number`` as the entry says it is asked for; ``None`` if it says nothing."""
    if "api" in params:
        return _request(column, params["api"], number, params.get("body"))
    if "pages" in params and number > 1:
        return _request(column, params["pages"], number, None)
    return None


def _request(column: str, address: str, number: int, body: str | None) -> Request | None:
    url = clean(_filled(address, number), column)
    if url is None:
        return None
    # Nobody said how many pages there are: one that is not there ends the list and is no failure.
    state = {"column": column, "configured": number, "guess": True}
    headers = {"Referer": column}
    if body is None:
        return Request(url, headers=headers, meta={"verbatim_url": True}, cb_kwargs=state)
    headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
    return Request(url, method="POST", headers=headers, body=_filled(body, number), cb_kwargs=state)


def _filled(template: str, number: int) -> str:
    return re.sub(_PLACE, lambda place: str(number - 1 if "-" in place[0] else number), template)


def read(
    page: TextResponse, params: Mapping[str, str], *, column: str, configured: int, guess: bool
) -> ListPage:
    """Page ``configured`` of a list; raises ``ListError`` where a service's answer is not of its kind."""
    if "api" not in params:
        found = links(page)
        return ListPage(found, onward(column, params, configured + 1), total=stated_total(page))
    answer = loads(page.text)
    rows, holder = _rows(answer, params.get("rows"))
    found = tuple(link for row in rows if (link := _link(row, params, column)) is not None)
    return ListPage(
        links=found,
        next=onward(column, params, configured + 1) if found else None,
        name=column_name(page) if configured == 0 else None,
        total=total(holder, _TOTAL),
        exact=True,
        repeats=configured == 1,  # the shell may show the first rows already
    )


def _rows(answer: Any, way: str | None) -> tuple[list[dict[str, Any]], Mapping[str, Any]]:
    """The rows and the object that holds them (and, most often, their number)."""
    holder: Any = answer
    if way is None:
        holder, name = _found(answer, _DEPTH)
    else:
        *steps, name = way.split(".")
        for step in steps:
            holder = holder.get(step) if isinstance(holder, dict) else None
    rows = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ListError(f"the answer holds no list at {way or 'any place'}: {str(answer)[:60]!r}")
    return rows, holder


def _found(answer: Any, depth: int) -> tuple[Any, str]:
    """The object nearest to the root that holds a list of objects, and the list's name."""
    level = [answer]
    for _ in range(depth):
        for each in level:
            for name, value in each.items() if isinstance(each, dict) else ():
                if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
                    return each, name
        level = [value for each in level if isinstance(each, dict) for value in each.values()]
    return answer, ""


def _link(row: dict[str, Any], params: Mapping[str, str], column: str) -> Link | None:
    url, names, when = ((name,) for name in params["fields"].split(",")) if "fields" in params else (
        _URL, _TITLE, _WHEN
    )  # fmt: skip
    if "link" not in params:
        return row_link(row, column, url=url, names=names, when=when)
    address = re.sub(
        r"\{(\w+)\}", lambda field: quote(str(first(row, (field[1],)) or ""), safe=""), params["link"]
    )
    return row_link({**row, "": address}, column, url=("",), names=names, when=when)
