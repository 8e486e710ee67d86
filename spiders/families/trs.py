"""TRS WCM and the many systems that publish like it: static lists, paged ``index_1.html``.

The pager is a script call and says all there is to know::

    createPageHTML(3, 0, "index", "shtml")     pages, this page, stem, ending

Page 1 is ``index.shtml``; the page whose number is k is ``index_k.shtml``. Whether
numbers begin at 0 or at 1 shows on page 1, by the number it gives itself.

Columns may be cut by year (2023年 as sub-columns), hidden in a menu (``data-url``),
or go on with a search service where the static pages end (``_trs_search``).
"""

from __future__ import annotations

import re
from typing import Any

from scrapy.http import Request, Response, TextResponse

from spiders import subcolumns
from spiders.base import FamilySpider
from spiders.families import _trs_search as search
from spiders.links import links
from spiders.lists import ListPage, column_name, next_link, stated_total, text_page
from spiders.params import Param
from spiders.portals import Portal

PARAMS = {
    "search": Param(
        "path of the POST search that a list's script calls (default /fjdzapp/search)", r"/[\w./-]+"
    ),
    "api": Param(
        "address of the list service (zf_list.jsp, was5, ssp) where the page does not hold it",
        r"(?:https?:/)?/\S+",
    ),
}

_PAGER = re.compile(
    r"""createPage(?:HTML)?\(\s*(?P<count>\d{1,9})\s*,\s*(?P<this>\d{1,9})\s*,\s*"""
    r"""["'](?P<stem>[\w./-]+)["']\s*,\s*["']\.?(?P<ending>\w+)["']"""
)
# The same, spelt out: var currentPage = 0; … var countPage = 2
_THIS = re.compile(r"\bvar\s+currentPage\s*=\s*(\d{1,9})")
_COUNT = re.compile(r"\bvar\s+countPage\s*=\s*(\d{1,9})")
_FILE = re.compile(r"(?P<stem>[\w-]+)\.(?P<ending>s?html?)$")


class TrsSpider(FamilySpider):
    name = "trs"

    def read(self, response: Response, portal: Portal, **state: Any) -> ListPage:
        page = text_page(response)
        if "form" in state:
            return search.read_search(page, **state)
        if "api" in state:
            return search.read_api(page, **state)
        return read(page, params=portal.params, **state)


def read(page: TextResponse, *, base: int | None = None, params: Any = None) -> ListPage:
    """One static list page; ``base`` is the number page 1 gave itself (``None`` on page 1)."""
    found, name = links(page), column_name(page)
    by_year = subcolumns.years(page, found, name)
    onward = following(page, base)
    if onward is None:
        onward = search.beyond(page, params or {})
    return ListPage(
        links=subcolumns.without(found, by_year),
        next=onward,
        columns=(*by_year, *subcolumns.menu(page)),
        name=name,
        total=stated_total(page),
    )


def following(page: TextResponse, base: int | None) -> Request | None:
    """The next static page by the pager's call, or behind 下一页."""
    pager = _pager(page)
    if pager is None:
        url = next_link(page)
        return Request(url) if url else None
    count, this, stem, ending = pager
    first = this if base is None else base
    if this + 1 >= first + count:
        return None
    return Request(page.urljoin(f"{stem}_{this + 1}.{ending}"), cb_kwargs={"base": first})


def _pager(page: TextResponse) -> tuple[int, int, str, str] | None:
    """(pages, number of this page, stem, ending) as the page's own script has them."""
    call = _PAGER.search(page.text)
    if call:
        return int(call["count"]), int(call["this"]), call["stem"], call["ending"]
    this, count = _THIS.search(page.text), _COUNT.search(page.text)
    if not (this and count):
        return None
    file = _FILE.search(page.url)
    stem = (
        re.sub(r"_\d+$", "", file["stem"]) if file and int(this[1]) > 0 else file["stem"] if file else "index"
    )
    return int(count[1]), int(this[1]), stem, file["ending"] if file else "html"
