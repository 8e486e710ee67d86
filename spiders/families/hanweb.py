"""Hanweb 大汉 JCMS: rows as XML in a script, the rest by ``dataproxy.jsp``; newer sites by ``jpaas``.

- The column page ``/col/colN/index.html`` holds its first rows in
  ``<record><![CDATA[<li>…</li>]]></record>``, where an HTML parser sees no link.
- ``<nextgroup>`` holds the address of the rest. Its parameters are taken byte for byte:
  ``webname`` is encoded twice, ``columnid`` may be encrypted. Only ``page`` and
  ``perpage`` are set; windows overlap, so rows are united.
- Older 信息公开目录 are tables (``tr_main_value_odd``); their first page is static.
- ``jpaas`` columns carry their query as a Python literal and answer with HTML in JSON.
"""

from __future__ import annotations

import ast
import json
import re
from html import unescape
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from scrapy.http import Request, Response, TextResponse

from spiders.base import FamilySpider
from spiders.links import Link, fragment_links, links
from spiders.lists import ListError, ListPage, column_name, stated_total, text_page
from spiders.portals import Portal

#: This family takes no parameters: the page has them all.
PARAMS: dict[str, str] = {}

#: Rows asked for at a time; hosts cut answers of more than about 300.
PER_PAGE = 100
_JPAAS_ROWS = 15  # what the vendor's own pages ask for

_RECORD = re.compile(r"<record>\s*<!\[CDATA\[(.*?)\]\]>\s*</record>", re.DOTALL)
_NEXT_GROUP = re.compile(r"""<nextgroup>\s*<!\[CDATA\[.*?href=["']([^"']+)["']""", re.DOTALL)
_TOTAL = re.compile(r"<totalrecord>\s*(\d+)|\btotalRecord\s*:\s*(\d+)", re.IGNORECASE)
_OURS = re.compile(r"(?:^|&)(?:page|perpage|startrecord|endrecord)=[^&]*")
_JPAAS_TOTAL = re.compile(r"""\bcount=["'](\d+)["']""")
_JPAAS_API = "/api-gateway/jpaas-publish-server/front/page/build/unit"


class HanwebSpider(FamilySpider):
    name = "hanweb"

    def read(self, response: Response, portal: Portal, **state: Any) -> ListPage:
        page = text_page(response)
        if "group" in state:
            return read_proxy(page, **state)
        if "query" in state:
            return read_jpaas(page, **state)
        return read_column(page)


def read_column(page: TextResponse) -> ListPage:
    """The column page: embedded rows and where the rest is to be had."""
    rows = _rows(page.text, page.url)
    group = _NEXT_GROUP.search(page.text)
    query = _jpaas_query(page)
    onward = None
    if group:
        onward = _proxy(page.url, unescape(group[1]), 1)
    elif query:
        onward = _jpaas(page.url, query, 1)
    return ListPage(
        links=rows or links(page),
        next=onward,
        name=column_name(page),
        total=_total(page.text) or stated_total(page),
        exact=bool(rows),
    )


def read_proxy(page: TextResponse, *, column: str, group: str, number: int) -> ListPage:
    """One answer of dataproxy.jsp; an empty one ends the list, as some provinces' proxies do."""
    rows = _rows(page.text, column)
    return ListPage(
        links=rows,
        next=_proxy(column, group, number + 1) if rows else None,
        total=_total(page.text),
        exact=True,
        repeats=number == 1,  # the first window holds the embedded rows again
    )


def read_jpaas(page: TextResponse, *, column: str, query: dict[str, str], number: int) -> ListPage:
    """One answer of jpaas; raises ``ListError`` if it is not of its kind."""
    try:
        html = str(json.loads(page.text)["data"]["html"])
    except (ValueError, KeyError, TypeError) as error:
        raise ListError(f"the answer holds no HTML ({error!r})") from error
    rows = fragment_links(html, column)
    total = _JPAAS_TOTAL.search(html)
    return ListPage(
        links=rows,
        next=_jpaas(column, query, number + 1) if rows else None,
        total=int(total[1]) if total else None,
        exact=True,
        repeats=number == 1,
    )


def _rows(text: str, base: str) -> tuple[Link, ...]:
    return fragment_links("".join(_RECORD.findall(text)), base)


def _total(text: str) -> int | None:
    found = _TOTAL.search(text)
    return int(found[1] or found[2]) if found else None


def group_url(column: str, group: str, number: int) -> str:
    """The address of a window: the group's own query, byte for byte, with our page and perpage."""
    path, _, query = group.partition("?")
    kept = _OURS.sub("", query).lstrip("&")
    # What may not stand in a request line at all (a blank, a character left as it is) is all that is encoded.
    kept = re.sub(r"[^\x21-\x7e]", lambda raw: quote(raw[0]), kept)
    at = TextResponse(column).urljoin(path)
    return f"{at}?{kept}&page={number}&perpage={PER_PAGE}"


def _proxy(column: str, group: str, number: int) -> Request:
    return Request(
        group_url(column, group, number),
        # Without it the URL would be put into canonical form on its way out.
        meta={"verbatim_url": True},
        cb_kwargs={"column": column, "group": group, "number": number},
    )


def _jpaas_query(page: TextResponse) -> dict[str, str] | None:
    raw = page.xpath("//@querydata").get()
    if raw is None or urlsplit(page.xpath("//*[@querydata]/@url").get() or _JPAAS_API).path != _JPAAS_API:
        return None
    try:
        query = ast.literal_eval(raw)
    except (ValueError, SyntaxError) as error:
        raise ListError(f"queryData cannot be read: {raw[:80]!r}") from error
    if not isinstance(query, dict):
        raise ListError(f"queryData is no mapping: {raw[:80]!r}")
    return {str(key): str(value) for key, value in query.items()}


def _jpaas(column: str, query: dict[str, str], number: int) -> Request:
    # Page arguments are taken from paramJson only; "bulidstatic" is the vendor's own spelling.
    params = {
        "parseType": query.get("parseType", "bulidstatic"),
        "webId": query.get("webId", ""),
        "tplSetId": query.get("tplSetId", ""),
        "pageType": query.get("pageType", "column"),
        "tagId": query.get("tagId", ""),
        "editType": "null",
        "pageId": query.get("pageId", ""),
        "paramJson": json.dumps({"pageNo": number, "pageSize": _JPAAS_ROWS}, separators=(",", ":")),
    }
    url = TextResponse(column).urljoin(f"{_JPAAS_API}?{urlencode(params)}")
    return Request(url, cb_kwargs={"column": column, "query": query, "number": number})
