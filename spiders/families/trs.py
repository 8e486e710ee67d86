"""TRS WCM and the many systems that publish like it: static lists, paged ``index_1.html``.

The pager is a script call and says all there is to know::

    createPageHTML(3, 0, "index", "shtml")     pages, this page, stem, ending

Page 1 is ``index.shtml``; the page whose number is k is ``index_k.shtml``. Whether
numbers begin at 0 or at 1 shows on page 1, by the number it gives itself.
"""

from __future__ import annotations

import re
from typing import Any

from scrapy.http import Request, Response, TextResponse

from spiders.base import FamilySpider
from spiders.links import links
from spiders.lists import ListPage, column_name, next_link, stated_total, text_page
from spiders.portals import Portal

#: This family takes no parameters.
PARAMS: dict[str, str] = {}

_PAGER = re.compile(
    r"""createPage(?:HTML)?\(\s*(?P<count>\d+)\s*,\s*(?P<this>\d+)\s*,\s*"""
    r"""["'](?P<stem>[\w./-]+)["']\s*,\s*["']\.?(?P<ending>\w+)["']"""
)
# The same, spelt out: var currentPage = 0; … var countPage = 2
_THIS = re.compile(r"\bvar\s+currentPage\s*=\s*(\d+)")
_COUNT = re.compile(r"\bvar\s+countPage\s*=\s*(\d+)")
_FILE = re.compile(r"(?P<stem>[\w-]+)\.(?P<ending>s?html?)$")


class TrsSpider(FamilySpider):
    name = "trs"

    def read(self, response: Response, portal: Portal, **state: Any) -> ListPage:
        return read(text_page(response), **state)


def read(page: TextResponse, *, base: int | None = None) -> ListPage:
    """One static list page; ``base`` is the number page 1 gave itself (``None`` on page 1)."""
    return ListPage(
        links=links(page),
        next=_next(page, base),
        name=column_name(page),
        total=stated_total(page),
    )


def _next(page: TextResponse, base: int | None) -> Request | None:
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
