"""gkmlpt 广东省政府信息公开目录平台: a tree of columns in the page, lists by JSON.

``{base}/gkmlpt/index`` carries ``window._CONFIG = {… SID: '755031', TREE: […] …}``.
The report column is the node whose name says so; its rows come from
``{base}/gkmlpt/api/all/{node}?page=1&sid={sid}``, 100 a page, 404 beyond the end.
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
from spiders.links import Link, clean, parse_date
from spiders.lists import Column, ListError, ListPage, text_page
from spiders.portals import Portal

#: This family takes no parameters: the page has them all.
PARAMS: dict[str, str] = {}

_SID = re.compile(r"""\bSID\s*:\s*['"]?(\w+)""")
_TREE = re.compile(r"\bTREE\s*:\s*(?=\[)")
_REPORTS = re.compile(r"年报|年度报告")
_BEIJING = timezone(timedelta(hours=8))


class GkmlptSpider(FamilySpider):
    name = "gkmlpt"

    def read(self, response: Response, portal: Portal, **state: Any) -> ListPage:
        page = text_page(response)
        if state.get("mode") == "static":
            listing = trs.read(page, base=state.get("base"))
            if listing.next is not None:
                listing.next.cb_kwargs["mode"] = "static"
            return listing
        return read_api(page, **state) if state else read_index(page)


def read_index(page: TextResponse) -> ListPage:
    """The columns of reports that the tree names; raises ``ListError`` if it names none."""
    sid, tree = _SID.search(page.text), _TREE.search(page.text)
    if not (sid and tree):
        raise ListError("no SID and TREE in the page's _CONFIG")
    try:
        nodes, _ = json.JSONDecoder().raw_decode(page.text, tree.end())
    except ValueError as error:
        raise ListError(f"the TREE cannot be read: {error}") from error
    columns = tuple(_column(node, page, sid[1]) for node in _report_nodes(nodes))
    if not columns:
        raise ListError("no column of the tree is called 年报 or 年度报告")
    return ListPage(links=(), columns=columns)


def read_api(page: TextResponse, *, node: int, sid: str, number: int) -> ListPage:
    """One page of a column's rows; raises ``ListError`` if the answer is not of its kind."""
    try:
        answer = json.loads(page.text)
        rows = tuple(_link(article, page) for article in answer["articles"])
        total = int(answer["total"])
        name = (answer.get("classify") or {}).get("name")
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
        if not isinstance(node, dict) or not isinstance(node.get("id"), int):
            continue
        if _REPORTS.search(str(node.get("name", ""))):
            yield from _all(node)
        else:
            yield from _report_nodes(node.get("children"))


def _all(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("children") or ():
        yield from _all(child)


def _column(node: dict[str, Any], page: TextResponse, sid: str) -> Column:
    elsewhere = clean(str(node.get("jump_url") or ""), page.url)
    if elsewhere:  # a static column of the same CMS (NFCMS)
        request = Request(elsewhere, cb_kwargs={"mode": "static"})
    else:
        request = _api(page, node["id"], sid, 1)
    return Column(request, node.get("name"))


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
    return Link(url, str(article["title"]).strip(), _published(article), article.get("publisher") or None)


def _published(article: dict[str, Any]) -> date | None:
    # create_time is the day of publication; date is that of the text, created_at that of an import.
    stamp = article.get("create_time") or article.get("display_publish_time")
    if isinstance(stamp, int):
        try:
            return datetime.fromtimestamp(stamp, UTC).astimezone(_BEIJING).date()
        except (ValueError, OverflowError, OSError):  # no time that a calendar knows
            return None
    return parse_date(str(stamp or ""))
