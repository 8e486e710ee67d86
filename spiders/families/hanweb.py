"""Hanweb 大汉 JCMS: rows as XML in a script, the rest by ``dataproxy.jsp``; newer sites by ``jpaas``.

- The column page ``/col/colN/index.html`` holds its first rows in
  ``<record><![CDATA[<li>…</li>]]></record>``, where an HTML parser sees no link.
- ``<nextgroup>`` holds the address of the rest. Its parameters are taken byte for byte:
  ``webname`` is encoded twice, ``columnid`` may be encrypted. Only ``page`` and
  ``perpage`` are set; windows overlap, so rows are united.
- Older 信息公开目录 (``/module/xxgk/``) are tables (``tr_main_value_odd``) that ``search.jsp``
  hands out page by page, on some hosts with other columns' rows among them.
- ``jpaas`` columns carry their query as a Python literal and answer with HTML in JSON. From
  abroad some answer page 1 whatever is asked for.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from html import unescape
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from scrapy.http import Request, Response, TextResponse

from spiders.answers import cdata, form_post, records, records_total
from spiders.base import FamilySpider
from spiders.links import fragment_links, links
from spiders.lists import ListError, ListPage, column_name, parsed, stated_total, text_page
from spiders.params import Param
from spiders.portals import Portal
from spiders.subcolumns import without, years

#: Only for columns of the xxgk module whose page does not hold them.
PARAMS = {
    "area": Param("xxgk module: the unit's number or credit code", r"\w+"),
    "infotypeId": Param("xxgk module: the class of information, 0 for all", r"\w+"),
    "jdid": Param("xxgk module: the site's number", r"\d+"),
    "divid": Param("xxgk module: the list's place on the page", r"div\d+"),
}

#: Rows asked for at a time; hosts cut answers of more than about 300.
PER_PAGE = 100
_JPAAS_ROWS = 15  # what the vendor's own pages ask for

_NEXT_GROUP = re.compile(r"<nextgroup>\s*<!\[CDATA\[")
_HREF = re.compile(r"""href=["']([^"']+)["']""")
#: Characters of queryData; the vendor's has about 300, and Python's reader of literals has a stack.
_LONGEST_QUERY = 5000
_OURS = re.compile(r"(?:^|&)(?:page|perpage|startrecord|endrecord)=[^&]*")
_JPAAS_TOTAL = re.compile(r"""\bcount=["'](\d{1,9})["']""")
_XXGK = re.compile(
    r"/module/xxgk/(?:search|tree|ruleinfo|serviceinfo)\.jsp|\bvc_xxgkarea=|\btr_main_value_(?:odd|even)"
)
_ARTICLE = re.compile(r"/art_\d+_")
_SEARCH = "/module/xxgk/search.jsp"
_COLUMN = re.compile(r"/col/col(\d+)/")
_COLUMN_PAGE = re.compile(r"/col/col\d+/(?:index\.html)?$")
_PAGES = re.compile(r"共\s{0,9}(\d{1,4})\s{0,9}页")
_JPAAS_API = "/api-gateway/jpaas-publish-server/front/page/build/unit"


class HanwebSpider(FamilySpider):
    name = "hanweb"

    def read(self, response: Response, portal: Portal, **state: Any) -> ListPage:
        page = text_page(response)
        if "group" in state:
            return read_proxy(page, **state)
        if "query" in state:
            return read_jpaas(page, **state)
        if "form" in state:
            return read_xxgk(page, **state)
        return read_column(page, portal.params)


def read_column(page: TextResponse, params: Mapping[str, str] | None = None) -> ListPage:
    """The column page: embedded rows and where the rest is to be had."""
    rows, beside, name = records(page.text, page.url), links(page), column_name(page)
    by_year = years(page, beside, name, _COLUMN_PAGE)
    group = _HREF.search("".join(cdata(_NEXT_GROUP, page.text)))
    query = _jpaas_query(page)
    module = not rows and _XXGK.search(page.text)
    onward = None
    if group:
        onward = _proxy(page.url, unescape(group[1]), 1)
    elif query:
        onward = _jpaas(page.url, query, 1)
    elif module:
        onward = _xxgk(page.url, xxgk_form(page, params or {}), 1)
    return ListPage(
        links=rows or without(beside, by_year),
        next=onward,
        columns=by_year,
        name=name,
        # What the xxgk module counts may be other columns' rows as well; its own pages tell.
        total=records_total(page.text) or (None if module else stated_total(page)),
        exact=bool(rows),
    )


def read_proxy(page: TextResponse, *, column: str, group: str, number: int) -> ListPage:
    """One answer of dataproxy.jsp; an empty one ends the list, as some provinces' proxies do."""
    rows = records(page.text, column)
    return ListPage(
        links=rows,
        next=_proxy(column, group, number + 1) if rows else None,
        total=records_total(page.text),
        exact=True,
        repeats=number == 1,  # the first window holds the embedded rows again
    )


def read_jpaas(
    page: TextResponse, *, column: str, query: dict[str, str], number: int, before: tuple[str, ...] = ()
) -> ListPage:
    """One answer of jpaas, ``before`` the addresses of the last one; ``ListError`` if not of its kind."""
    try:
        data = parsed(page.text)["data"]
        html = data if isinstance(data, str) else str(data["html"])
    except (ListError, KeyError, TypeError) as error:
        raise ListError(f"the answer holds no HTML ({error!r})") from error
    rows = fragment_links(html, column)
    total = _JPAAS_TOTAL.search(html)
    here = tuple(row.url for row in rows)
    stuck = bool(rows) and here == before
    message = f"page {number} is page {number - 1} again; no more can be had"
    return ListPage(
        links=rows,
        next=_jpaas(column, query, number + 1, here) if rows and not stuck else None,
        total=int(total[1]) if total else None,
        exact=True,
        repeats=number == 1,
        # Where the list says how many rows it has, the shortfall is noticed anyway.
        issues=(("partial", message),) if stuck and total is None else (),
    )


def xxgk_form(page: TextResponse, params: Mapping[str, str]) -> dict[str, str]:
    """The fields of search.jsp in its own order: from the registry entry, the page, or their defaults."""

    def value(name: str, default: str = "") -> str:
        written = re.search(
            rf"""\b{name}\s{{0,9}}(?:=|:|["']\s{{1,9}}value=)\s{{0,9}}["']?(\w+)""", page.text
        )
        return params.get(name) or (written[1] if written else default)

    area = re.search(r"(?:tree\.jsp\?area|vc_xxgkarea)=(\w+)", f"{page.url} {page.text}")
    number = re.search(r"[?&]number=(\w+)", page.url)
    return {
        "infotypeId": value("infotypeId", number[1] if number else "0"),
        "jdid": value("jdid", "1"),
        "area": value("area", area[1] if area else ""),
        "divid": value("divid"),
        "vc_title": "",
        "vc_number": "",
        "sortfield": "createdatetime:0,compaltedate:0",
        "currpage": "1",
        "vc_filenumber": "",
        "vc_all": "",
        "texttype": "0",
        "fbtime": "-1",
        "standardXxgk": "0",
    }  # what the vendor's own script sends, nothing left out


def read_xxgk(page: TextResponse, *, column: str, form: dict[str, str], mixed: bool = False) -> ListPage:
    """One page of search.jsp: a table, with only the column's own rows kept where it mixes them."""
    found, own = fragment_links(page.text, column), _COLUMN.search(column)
    number, pages = int(form["currpage"]), _PAGES.search(page.text)
    rows = tuple(row for row in found if own and f"art_{own[1]}_" in row.url)
    others = [row for row in found if _ARTICLE.search(row.url) and row not in rows]
    mixed = mixed or bool(others)
    more = bool(pages) and number < int(pages[1] if pages else 0)
    return ListPage(
        links=rows if rows or others else found,
        next=_xxgk(column, form, number + 1, mixed) if more else None,
        # Until the last page it may turn out that other columns' rows are counted as well.
        total=None if mixed or more else stated_total(page),
        exact=bool(rows or others),
        # A page may hold nothing but other columns' rows, and ours come after it.
        repeats=number == 1 or bool(others),
    )


def _xxgk(column: str, form: dict[str, str], number: int, mixed: bool = False) -> Request:
    asked = {**form, "currpage": str(number)}
    url = TextResponse(column).urljoin(f"{_SEARCH}?currpage={number}")
    return form_post(url, asked, referer=column, safe=":,", column=column, form=asked, mixed=mixed)


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
        query = ast.literal_eval(raw if len(raw) <= _LONGEST_QUERY else "")
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
        raise ListError(f"queryData cannot be read: {raw[:80]!r}") from error
    if not isinstance(query, dict):
        raise ListError(f"queryData is no mapping: {raw[:80]!r}")
    return {str(key): str(value) for key, value in query.items()}


def _jpaas(column: str, query: dict[str, str], number: int, before: tuple[str, ...] = ()) -> Request:
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
    return Request(
        url,
        headers={"Referer": column},
        cb_kwargs={"column": column, "query": query, "number": number, "before": before},
    )
