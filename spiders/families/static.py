"""Anything else: read the links, follow 下一页, and find the list where a page only wraps it.

In this order, and nothing beyond what the page itself says there is:

1. the link behind 下一页
2. a pager's call as TRS writes it, or numbers (``pageCount``, ``totalPage``, 共N页): then the
   usual names of a second page are tried once each, and one is taken for the next page only
   if it brings a link into the column that page 1 did not have
3. a number in the page's own address (``iList.jsp?…&cur_page=1``, ``InfoPublic.aspx?…&page=1``):
   counted up while new rows come
4. a frame of the same host, a menu's ``data-url``, sub-columns by year
5. rows that jump by script (``onclick="jumpToDetail('./…')"``)

What no page says, the entry can: see ``_configured``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from scrapy.http import Request, Response, TextResponse

from spiders.answers import with_query
from spiders.base import FamilySpider
from spiders.families import _configured, trs
from spiders.links import Link, clean, links, parse_date, text_of
from spiders.lists import ListPage, column_name, stated_total, text_page
from spiders.portals import Portal
from spiders.subcolumns import frames, menu, without, years

PARAMS = _configured.PARAMS

_PAGES = re.compile(
    r"共\s{0,9}(\d{1,4})\s{0,9}页|\b(?:countPage|pageCount|totalPages?)[\"']?\s{0,9}[:=]\s{0,9}['\"]?(\d{1,4})(?!\d)"
)
_JUMP = re.compile(
    r"""^\s{0,9}(?:return\s)?(?:[\w.]{1,50}\(|(?:window\.)?location(?:\.href)?\s{0,9}=)\s{0,9}["']([^"']{1,500})["']"""
)
_ADDRESS = re.compile(r"^(?:https?:)?\.{0,2}/|\.\w{3,5}(?:$|\?)")
#: Elements with a script looked at.
_MOST = 2000

#: Names of page 2 and after that were seen on portals whose pager is a script, most usual first.
_NAMES: tuple[Callable[[str, str, int], str], ...] = (
    lambda stem, ending, page: f"{stem}_{page - 1}{ending}",
    lambda stem, ending, page: f"{stem}_{page}{ending}",
    lambda stem, ending, page: f"index_{page - 1}.html",
    lambda stem, ending, page: f"index_{page}.html",
    lambda stem, ending, page: f"{page}",
)
#: Names that say themselves how the next is called: 661e4dc5.shtml (辽宁), zhengfuxinxi-1.html (三门峡).
_TELLING: tuple[tuple[re.Pattern[str], Callable[[str, str, int], str]], ...] = (
    (re.compile(r"[-_]1$"), lambda stem, ending, page: f"{stem[:-1]}{page}{ending}"),
    (re.compile(r"^[0-9a-f]{8}$"), lambda stem, ending, page: f"{stem}-{page}{ending}"),
)
#: Fields of a query that count pages, as the addresses of such columns carry them.
_COUNTERS = ("cur_page", "page", "pageIndex", "pageNo", "pageNum", "PAGE")
_ILIST = re.compile(r"/info/iList\.jsp$")


class StaticSpider(FamilySpider):
    name = "static"

    def read(self, response: Response, portal: Portal, **state: Any) -> ListPage:
        page = text_page(response)
        if "configured" in state:
            return _configured.read(page, portal.params, **state)
        if "first" in state:
            return read_guess(page, **state)
        return read(page, params=portal.params, **state)


def read(
    page: TextResponse,
    *,
    base: int | None = None,
    params: Mapping[str, str] | None = None,
    guess: bool = False,
) -> ListPage:
    """One page of a list, or a shell around it; ``guess`` is for whoever asks."""
    found, name = (*links(page), *jumps(page)), column_name(page)
    told = _configured.onward(page.url, params or {}, 1) or _configured.onward(page.url, params or {}, 2)
    onward = told or trs.following(page, base)
    wrapped = (*years(page, found, name), *menu(page), *frames(page, name))
    if onward is None and base is None:
        stated = _PAGES.search(page.text)
        pages = int(stated[1] or stated[2]) if stated else 1
        rows = tuple(link.url for link in found if link.date is not None)
        onward = _guess(page.url, rows, pages, 2, 0) or (_counted(page.url) if rows else None)
    return ListPage(
        links=without(found, wrapped),
        next=onward,
        columns=wrapped,
        name=name,
        total=stated_total(page),
    )


def _counted(url: str) -> Request | None:
    """The next page where the address counts; it ends with a page that brings nothing new, or with none."""
    query = parse_qs(urlsplit(url).query)
    name = next((name for name in _COUNTERS if query.get(name, [""])[0].isdecimal()), None)
    if name is None and _ILIST.search(urlsplit(url).path):
        name = _COUNTERS[0]
    if name is None:
        return None
    number = int(query.get(name, ["1"])[0][:4])
    following = with_query(url, name, number + 1)
    return Request(following, meta={"verbatim_url": True}, cb_kwargs={"guess": True})


def jumps(page: TextResponse) -> tuple[Link, ...]:
    """Rows without an ``href`` that a click sends elsewhere."""
    found: dict[str, Link] = {}
    for element in page.xpath("//*[@onclick]")[:_MOST]:
        if element.attrib.get("href", "").strip() not in ("", "#") and not element.attrib["href"].startswith(
            "javascript"
        ):
            continue
        call = _JUMP.search(element.attrib["onclick"])
        url = clean(call[1], page.urljoin("")) if call and _ADDRESS.search(call[1]) else None
        if url is not None:
            around = element.root.getparent()
            beside = " ".join((around if around is not None else element.root).itertext())[:4000]
            found.setdefault(url, Link(url, text_of(element.root), parse_date(beside)))
    return tuple(found.values())


def _guess(column: str, first: tuple[str, ...], pages: int, number: int, way: int) -> Request | None:
    """The request for a page by one of its usual names; ``None`` when pages or names are used up."""
    folder, _, file = urlsplit(column).path.rpartition("/")
    stem, dot, ending = file.rpartition(".")
    names = (*(name for form, name in _TELLING if form.search(stem)), *_NAMES)
    if number > pages or way >= len(names):
        return None
    name = names[way](stem if dot else file or "index", f".{ending}" if dot else ".html", number)
    fallback = _guess(column, first, pages, number, way + 1) if number == 2 else None
    state = {"column": column, "first": first, "pages": pages, "number": number, "way": way}
    url = TextResponse(column).urljoin(f"{folder}/{name}")
    return Request(url, cb_kwargs={**state, "fallback": fallback, "guess": number == 2})


def read_guess(
    page: TextResponse,
    *,
    column: str,
    first: tuple[str, ...],
    pages: int,
    number: int,
    way: int,
    fallback: Request | None,
    guess: bool,
) -> ListPage:
    """A page that was asked for by a name the column never mentioned; ``guess`` until it has proved right."""
    found = (*links(page), *jumps(page))
    own = {prefix(url) for url in first}
    folder = TextResponse(column).urljoin("./")
    fresh = [link for link in found if link.date is not None and link.url not in first]
    if guess and not any(link.url.startswith(folder) or prefix(link.url) in own for link in fresh):
        return ListPage((), fallback, repeats=True)
    return ListPage(found, _guess(column, first, pages, number + 1, way))


def prefix(url: str) -> tuple[str, ...]:
    """Host and first two folders of an address: what the articles of one column share."""
    return (urlsplit(url).netloc, *urlsplit(url).path.split("/")[1:-1][:2])
