"""Where TRS lists go on when their static pages end: four search services with one kind of answer.

- ``listModel({… listArgs: {channelid, classsql, sortfield}, pagebar: {prepage, recordCount}})``:
  the first pages are static, the page's script fetches the others by a POST to
  ``/fjdzapp/search``. The fields are sent in the order the script has them.
- ``zf_list.jsp`` (JSONP), ``was5/web/search`` and ``ssp/search/api/apiSearch``: a GET
  address stands in the page or in the registry entry; only its ``page`` is set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from scrapy.http import Request, TextResponse

from spiders.answers import first, form_post, loads, row_link, total, with_query
from spiders.links import Link, clean
from spiders.lists import ListError, ListPage

_DEFAULT = "/fjdzapp/search"

_MODEL = re.compile(r"\blistModel\s*\(\s*\{")
_VALUE = r"\s*:\s*(?P<value>[^\n]*)"
_QUOTED = re.compile(r"""(["'])([^"'\n]*)\1""")
_SITE_INFO = re.compile(r"\bSiteInfo\.(\w+)")
_API = re.compile(
    r"""["'](?P<url>[^"'\s]*(?:/zf_list\.jsp|/was5/web/search|/ssp/search/api/apiSearch)\?[^"'\s]*)["']"""
)

_ROWS = ("data", "docs", "datas")
_URL = ("puburl", "docpuburl", "chnldocurl", "url")
_TITLE = ("title", "doctitle", "_doctitle")
_WHEN = ("pubdate", "docreltime", "pubtime", "time", "dates")
_TOTAL = ("recordCount", "total", "count", "num")


def beyond(page: TextResponse, params: Mapping[str, str]) -> Request | None:
    """The first request to the page's search service, or ``None`` where it has none or is complete."""
    model = _MODEL.search(page.text)
    if model:
        return _model(page, page.text[model.end() :], params.get("search", _DEFAULT))
    written = _API.search(page.text)
    api = params.get("api") or (written["url"] if written else None)
    url = clean(api.replace("&amp;", "&"), page.url) if api else None
    # A JSONP address ends in callback=?, for a name that jQuery invents.
    return _get(url.replace("callback=?", "callback=result"), 1) if url else None


def _model(page: TextResponse, script: str, path: str) -> Request | None:
    per_page, total = _number(script, "prepage"), _number(script, "recordCount")
    static = _number(script, "maxStaticIndex") or 1
    channel = _text(page, script, "channelid")
    if not (per_page and total and channel) or total <= per_page * static:
        return None
    form = {
        "channelid": channel,
        "sortfield": _text(page, script, "sortfield") or "-docorderpri,-docreltime",
        "classsql": _text(page, script, "classsql") or "",
        "classcol": "publishyear",
        "classnum": "100",
        "classsort": "0",
        "cache": "true",
        "page": str(static + 1),
        "prepage": str(per_page),
    }
    return _post(page.urljoin(path), page.url, form)


def _number(script: str, name: str) -> int | None:
    found = re.search(rf"\b{name}\s*:\s*['\"]?(\d{{1,9}})(?!\d)", script)
    return int(found[1]) if found else None


def _text(page: TextResponse, script: str, name: str) -> str | None:
    """A value of the script: a number, text, ``"" || "chnlid=1813"``, or a field of ``SiteInfo``."""
    line = re.search(rf"\b{name}{_VALUE}", script)
    if line is None:
        return None
    quoted = [found[2] for found in _QUOTED.finditer(line["value"]) if found[2]]
    if quoted:
        return quoted[0]
    named = _SITE_INFO.search(line["value"])
    found = re.search(rf"\b{named[1]}\s*:\s*['\"]?(\w+)", page.text) if named else None
    number = re.match(r"\d+", line["value"])
    return found[1] if found else number[0] if number else None


def _post(url: str, column: str, form: dict[str, str]) -> Request:
    return form_post(url, form, referer=column, column=column, form=form)


def read_search(page: TextResponse, *, column: str, form: dict[str, str]) -> ListPage:
    """One answer of the POST search; raises ``ListError`` if it is not of its kind."""
    rows, stated = _rows(page, column)
    onward = {**form, "page": str(int(form["page"]) + 1)}
    return ListPage(
        links=rows,
        # A page that is not full is the last.
        next=_post(page.url, column, onward) if len(rows) >= int(form["prepage"]) else None,
        total=stated,
        exact=True,
    )


def _get(url: str, number: int) -> Request:
    return Request(
        with_query(url, "page", number), meta={"verbatim_url": True}, cb_kwargs={"api": url, "number": number}
    )


def read_api(page: TextResponse, *, api: str, number: int) -> ListPage:
    """One answer of zf_list.jsp, was5 or ssp; raises ``ListError`` if it is not of its kind."""
    rows, stated = _rows(page, page.url)
    return ListPage(
        links=rows,
        next=_get(api, number + 1) if rows else None,
        total=stated,
        exact=True,
        repeats=number == 1,  # the shell may show the first rows already
    )


def _rows(page: TextResponse, base: str) -> tuple[tuple[Link, ...], int | None]:
    answer = loads(page.text)
    rows = first(answer, _ROWS) if isinstance(answer, dict) else None
    if rows is None and isinstance(answer, dict) and any(name in answer for name in _ROWS):
        rows = []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ListError(f"the answer holds no list of documents: {page.text[:60]!r}")
    found = tuple(link for row in rows if (link := _link(row, base)) is not None)
    return found, total(answer, _TOTAL)


def _link(row: dict[str, Any], base: str) -> Link | None:
    tip = row.get("tip")  # zf_list.jsp keeps the date in a box of its own
    flat = {**tip, **row} if isinstance(tip, dict) else row
    return row_link(flat, base, url=_URL, names=_TITLE, when=_WHEN)
