"""gkmlpt 广东省政府信息公开目录平台: a tree of columns in the page, lists by JSON.

``{base}/gkmlpt/index`` carries ``window._CONFIG = {… SID: '755031', TREE: […] …}``.
The report column is the node whose name says so; its rows come from
``{base}/gkmlpt/api/all/{node}?page=1&sid={sid}``, 100 a page, 404 beyond the end. A node
may point (``jump_url``) to a static column of NFCMS, where pages count from 1 (``index_2.html``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from scrapy.http import Request, Response, TextResponse

from spiders.base import FamilySpider
from spiders.families import trs
from spiders.links import Link, clean, parse_date, plain
from spiders.lists import Column, ListError, ListPage, count, parsed, text_page, words
from spiders.params import Param
from spiders.portals import Portal

#: This family takes no parameters: the page has them all.
PARAMS: dict[str, Param] = {}

# The keys of _CONFIG stand bare or in quotes.
_SID = re.compile(r"""\bSID["']?\s{0,9}:\s{0,9}['"]?(\w+)""")
_TREE = re.compile(r"""\bTREE["']?\s{0,9}:\s{0,9}(?=\[)""")
_REPORTS = re.compile(r"年报|年度报告")
_BEIJING = timezone(timedelta(hours=8))


class GkmlptSpider(FamilySpider):
    name = "gkmlpt"

    def read(self, response: Response, portal: Portal, **state: Any) -> ListPage:
        page = text_page(response)
        if state.get("mode") == "static":
            return read_static(page, state.get("base"))
        return read_api(page, **state) if state else read_index(page)


def read_static(page: TextResponse, base: int | None = None) -> ListPage:
    """A static column of the same CMS (NFCMS): paged like TRS, with sub-columns by year."""
    listing = trs.read(page, base=base)
    for request in (listing.next, *(column.request for column in listing.columns)):
        if request is not None:
            request.cb_kwargs["mode"] = "static"
    return listing


def read_index(page: TextResponse) -> ListPage:
    """The columns of reports that the tree names; raises ``ListError`` if it names none."""
    sid, tree = _SID.search(page.text), _TREE.search(page.text)
    if not (sid and tree):
        raise ListError("no SID and TREE in the page's _CONFIG")
    try:
        nodes, _ = json.JSONDecoder().raw_decode(page.text, tree.end())
        columns = tuple(_column(node, page, sid[1]) for node in _report_nodes(nodes))
    except (ValueError, RecursionError) as error:
        raise ListError(f"the TREE cannot be read: {error}") from error
    if not columns:
        raise ListError("no column of the tree is called 年报 or 年度报告")
    return ListPage(links=(), columns=columns)


def read_api(page: TextResponse, *, node: int, sid: str, number: int) -> ListPage:
    """One page of a column's rows; raises ``ListError`` if the answer is not of its kind."""
    try:
        answer = parsed(page.text)
        rows = tuple(_link(article, page) for article in answer["articles"])
        total = count(answer["total"])
        name = words((answer.get("classify") or {}).get("name"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ListError(f"the answer is no list of articles ({error!r})") from error
    return ListPage(
        links=tuple(row for row in rows if row is not None),
        next=_api(page, node, sid, number + 1) if rows else None,
        name=name,
        total=total,
        exact=True,
    )


def _report_nodes(nodes: Any) -> Iterator[dict[str, Any]]:
    """Nodes named 年报, with the nodes below them (by year, by department)."""
    for node in nodes if isinstance(nodes, list) else ():
        if not _is_node(node):
            continue
        if _REPORTS.search(str(node.get("name", ""))):
            yield from _all(node)
        else:
            yield from _report_nodes(node.get("children"))


def _is_node(node: Any) -> bool:
    return isinstance(node, dict) and type(node.get("id")) is int


def _all(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    children = node.get("children")
    for child in children if isinstance(children, list) else ():
        if _is_node(child):
            yield from _all(child)


def _column(node: dict[str, Any], page: TextResponse, sid: str) -> Column:
    elsewhere = clean(str(node.get("jump_url") or ""), page.url)
    if elsewhere:  # a static column of the same CMS (NFCMS)
        request = Request(elsewhere, cb_kwargs={"mode": "static"})
    else:
        request = _api(page, node["id"], sid, 1)
    return Column(request, words(node.get("name")))


def _api(page: TextResponse, node: int, sid: str, number: int) -> Request:
    # The base may carry a department's path: https://www.zhaoqing.gov.cn/zqrsj/gkmlpt/…
    base = page.url.split("/gkmlpt/")[0]
    return Request(
        f"{base}/gkmlpt/api/all/{node}?page={number}&sid={sid}",
        cb_kwargs={"node": node, "sid": sid, "number": number},
    )


def _link(article: dict[str, Any], page: TextResponse) -> Link | None:
    # type "url" is an article kept elsewhere: post_url says where.
    address = article.get("post_url") if article.get("type") == "url" else article["url"]
    url = clean(str(address or ""), page.url)
    if url is None:
        return None
    return Link(url, plain(str(article["title"])), _published(article), words(article.get("publisher")))


def _published(article: dict[str, Any]) -> date | None:
    # create_time is the day of publication; date is that of the text, created_at that of an import.
    stamp = article.get("create_time") or article.get("display_publish_time")
    if isinstance(stamp, int):
        try:
            return datetime.fromtimestamp(stamp, UTC).astimezone(_BEIJING).date()
        except (ValueError, OverflowError, OSError):  # no time that a calendar knows
            return None
    return parse_date(str(stamp or ""))
