"""TrueCMS (南通, 连云港): rows as XML in a JSONP answer, window by window.

``/truecms/messageController/getMessage.do?startrecord=1&endrecord=20&perpage=20&columnId=…``
wants a Referer and gives at most ten to fifty rows, some of them again; the next window
begins after the rows that really came. Some hosts have switched the service off (404): then the rows in the
page's ``#initData`` are all there is, and what the widget counts beyond them is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from scrapy.http import Request, Response, TextResponse

from spiders.answers import loads, records, records_total
from spiders.base import FamilySpider
from spiders.links import Link, clean, fragment_links, links
from spiders.lists import ListError, ListPage, column_name, text_page
from spiders.params import UUID, Param
from spiders.portals import Portal

PARAMS = {"columnId": Param("id of the report column, where its page does not hold it", UUID)}

_WINDOW = 20  # what the vendor's own pages ask for; some hosts answer 404 to 50
_SERVICE = re.compile(r"""proxyUrl\s{0,9}:\s{0,9}["']([^"']{1,300}getMessage\.do)["']""", re.IGNORECASE)
_DEFAULT = "/truecms/messageController/getMessage.do"
_COLUMN = re.compile(rf"""\bcolumnId["']?\s{{0,9}}[:=]\s{{0,9}}["']?({UUID})""")


class TruecmsSpider(FamilySpider):
    name = "truecms"

    def read(self, response: Response, portal: Portal, **state: Any) -> ListPage:
        page = text_page(response)
        return read_window(page, **state) if state else read_column(page, portal.params)


def read_column(page: TextResponse, params: Mapping[str, str] | None = None) -> ListPage:
    """The column page: rows in its datastore or ``#initData``, and where the others are to be had."""
    rows = _union(records(page.text, page.url), _initial(page))
    stated, written = _COLUMN.search(page.text), _SERVICE.search(page.text)
    column_id = (params or {}).get("columnId") or (stated[1] if stated else None)
    service = clean(written[1], page.url) if written else page.urljoin(_DEFAULT)
    return ListPage(
        links=rows or links(page),
        next=_window(service, page.url, column_id, frozenset()) if column_id and service else None,
        name=column_name(page),
        total=records_total(page.text),
        exact=bool(rows),
    )


def _initial(page: TextResponse) -> tuple[Link, ...]:
    return fragment_links("".join(page.xpath("//*[@id='initData']").getall()), page.url)


def _union(*parts: tuple[Link, ...]) -> tuple[Link, ...]:
    found: dict[str, Link] = {}
    for link in (link for part in parts for link in part):
        found.setdefault(link.url, link)
    return tuple(found.values())


def _window(service: str, column: str, column_id: str, seen: frozenset[str]) -> Request:
    start = len(seen) + 1
    query = {
        "startrecord": str(start),
        "endrecord": str(start + _WINDOW - 1),
        "perpage": str(_WINDOW),
        "columnId": column_id,
        "callback": "cb",
    }
    return Request(
        f"{service}?{urlencode(query)}",
        headers={"Referer": column},
        cb_kwargs={"service": service, "column": column, "column_id": column_id, "seen": seen},
    )


def read_window(
    page: TextResponse, *, service: str, column: str, column_id: str, seen: frozenset[str]
) -> ListPage:
    """One window (``seen``: rows of those before it); raises ``ListError`` if it is not of its kind."""
    try:
        store = str(loads(page.text)["result"])
    except (KeyError, TypeError) as error:
        raise ListError(f"the answer holds no result ({error!r})") from error
    rows = records(store, column)
    known = seen | {row.url for row in rows}
    return ListPage(
        links=rows,
        next=_window(service, column, column_id, known) if len(known) > len(seen) else None,
        total=records_total(store),
        exact=True,
        repeats=len(seen) <= _LISTED,  # the page held the first rows already
    )


#: Rows that ``#initData`` holds at most.
_LISTED = 60
