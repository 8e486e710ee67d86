"""UCAP 开普: static lists, and a JSON search behind them where a channel is known.

The static list pages like TRS but counts from 1 and calls its pager otherwise::

    createPageHTML('page_div', 2, 1, 'zfxxgk_gknbz', 'shtml', 23)   pages, this page, stem, ending, rows

The search gives every row of the channel with date and source. Its channel (32
hexadecimal digits) stands in the page's script or in the registry entry. Where the
search answers with anything but its JSON (some hosts want a token made by script),
the static pages are read on. A page that names no channel but a tree of them
(``getChannelList``) is asked for the tree, and its nodes called 年报 are searched.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode, urlsplit

from scrapy.http import Request, Response, TextResponse

from spiders.base import FamilySpider
from spiders.links import Link, clean, links, parse_date, plain
from spiders.lists import Column, ListError, ListPage, column_name, count, parsed, text_page, words
from spiders.params import Param
from spiders.portals import Portal
from spiders.subcolumns import without, years
from spiders.titles import is_report_column

PARAMS = {"channel": Param("channelId of the report column, 32 hexadecimal digits", r"[0-9a-f]{32}")}

_PAGER = re.compile(
    r"""createPageHTML\(\s*['"][\w-]+['"]\s*,\s*(?P<count>\d{1,9})\s*,\s*(?P<this>\d{1,9})\s*,\s*"""
    r"""['"](?P<stem>[\w./-]+)['"]\s*,\s*['"]\.?(?P<ending>\w+)['"]\s*(?:,\s*(?P<total>\d{1,9})(?!\d))?"""
)
_CHANNEL = re.compile(r"/(?P<path>common/search|searchList|search)/(?P<channel>[0-9a-f]{32})\b")
_PATH = "common/search"
_TREE = re.compile(r"""["']([^"'\s]{0,200}/common/getChannelList\?[^"'\s]{1,200})["']""")
_HEX = re.compile(r"[0-9a-f]{32}")
#: A portal's tree has a few hundred nodes.
_MOST_NODES = 5000


class UcapSpider(FamilySpider):
    name = "ucap"

    def read(self, response: Response, portal: Portal, **state: Any) -> ListPage:
        if "channel" in state:
            return read_search(text_page(response), **state)
        if "tree" in state:
            return read_tree(text_page(response))
        return read(text_page(response), channel=portal.params.get("channel"), **state)


def read(page: TextResponse, *, channel: str | None = None, static: bool = False) -> ListPage:
    """One static list page; the search comes next if a channel is known and not ``static``."""
    pager = _PAGER.search(page.text)
    onward: Request | None = None
    if pager and int(pager["this"]) < int(pager["count"]):
        url = page.urljoin(f"{pager['stem']}_{int(pager['this']) + 1}.{pager['ending']}")
        onward = Request(url, cb_kwargs={"static": True})
    in_page = _CHANNEL.search(page.text)
    channel = channel or (in_page["channel"] if in_page else None)
    if channel and not static:
        path = in_page["path"] if in_page else _PATH
        following: Request | None = _search(page.urljoin("/"), channel, 1, onward, path)
    elif onward is None and not static and (tree := _tree(page)):
        following = tree
    else:
        following = onward
    found, name = links(page), column_name(page)
    # Years have folders of their own and the same template: xxgknb2024n/zfxxgk_gknbz.shtml
    template = urlsplit(page.url).path.rpartition("/")[2]
    by_year = years(page, found, name, re.compile(rf"/{re.escape(template or 'index.shtml')}$"))
    return ListPage(
        links=without(found, by_year),
        next=following,
        columns=by_year,
        name=name,
        total=int(pager["total"]) if pager and pager["total"] else None,
    )


def read_search(
    page: TextResponse, *, channel: str, number: int, fallback: Request | None, path: str = _PATH
) -> ListPage:
    """One answer of the search; ``fallback`` is the static page to go on with if it is none."""
    try:
        data = parsed(page.text)["data"]
        rows = tuple(_link(row, page) for row in data["results"])
        total = count(data["total"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return ListPage(
            links=(),
            next=fallback,
            repeats=True,
            issues=(("blocked:token", f"the channel's search gives no JSON of its kind ({error!r})"),),
        )
    return ListPage(
        links=tuple(row for row in rows if row is not None),
        next=_search(page.url, channel, number + 1, None, path) if rows else None,
        total=total,
        exact=True,
        repeats=number == 1,  # it begins with the rows of the static page
    )


def _tree(page: TextResponse) -> Request | None:
    written = _TREE.search(page.text)
    url = clean(written[1].replace("&amp;", "&"), page.url) if written else None
    return Request(url, cb_kwargs={"tree": True}) if url else None


def read_tree(page: TextResponse) -> ListPage:
    """The channels called 年报 in a tree, and all below them; raises ``ListError`` if there are none."""
    answer = parsed(page.text)
    waiting = [(answer.get("results") if isinstance(answer, dict) else None, False)]
    columns: dict[str, Column] = {}
    for seen, (node, inside) in enumerate(waiting):  # grows as nodes are met
        if seen > _MOST_NODES:
            raise ListError(f"the tree has more than {_MOST_NODES} nodes")
        if isinstance(node, list):
            waiting += [(child, inside) for child in node]
        elif isinstance(node, dict):
            name, channel = words(node.get("displayName")), str(node.get("channelId") or "")
            wanted = inside or is_report_column(name)
            if wanted and _HEX.fullmatch(channel):
                columns[channel] = Column(_search(page.urljoin("/"), channel, 1, None), name)
            waiting.append((node.get("children"), wanted))
    if not columns:
        raise ListError("no channel of the tree is called 年报 or 年度报告")
    return ListPage(links=(), columns=tuple(columns.values()))


def _search(base: str, channel: str, number: int, fallback: Request | None, path: str = _PATH) -> Request:
    query = {
        "_isAgg": "true",
        "_isJson": "true",
        "_pageSize": "20",
        "_template": "index",
        "_rangeTimeGte": "",
        "_channelName": "",
        "page": str(number),
    }
    url = f"/{path}/{channel}?{urlencode(query)}"
    return Request(
        TextResponse(base).urljoin(url),
        cb_kwargs={"channel": channel, "number": number, "fallback": fallback, "path": path},
    )


def _link(row: dict[str, Any], page: TextResponse) -> Link | None:
    url = clean(str(row["url"]), page.url)
    if url is None:
        return None
    source = next(
        (
            pair.get("value")
            for group in row.get("domainMetaList") or ()
            for pair in group.get("resultList") or ()
            if pair.get("key") == "source"
        ),
        None,
    )
    published = parse_date(str(row.get("publishedTimeStr") or ""))
    return Link(url, plain(str(row["title"])), published, words(source))
