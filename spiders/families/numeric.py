"""陕西: pages called ``1.html``, ``2.html``; their number in the pager's ``parseInt('3')``."""

from __future__ import annotations

import re
from typing import Any

from scrapy.http import Request, Response, TextResponse

from spiders.base import FamilySpider
from spiders.links import links
from spiders.lists import ListPage, column_name, next_link, stated_total, text_page
from spiders.params import Param
from spiders.portals import Portal
from spiders.subcolumns import without, years

#: This family takes no parameters.
PARAMS: dict[str, Param] = {}

# Articles are called by ids of nineteen digits; a page of a list has three at most.
_PLACE = re.compile(r"/(\d{1,3})\.html$")
_NUMBER = r"parseInt\(\s{0,9}['\"](\d{1,4})['\"]"
_PAGES = (
    re.compile(rf"(?i)\b\w{{0,20}}(?:pages?|count|total)\w{{0,20}}\s{{0,9}}[:=]\s{{0,9}}{_NUMBER}"),
    re.compile(_NUMBER),
)


class NumericSpider(FamilySpider):
    name = "numeric"

    def read(self, response: Response, portal: Portal, **state: Any) -> ListPage:
        return read(text_page(response))


def read(page: TextResponse) -> ListPage:
    """One list page."""
    found, name, place = links(page), column_name(page), _PLACE.search(page.url)
    by_year = years(page, found, name)
    stated = next((match for pattern in _PAGES if (match := pattern.search(page.text))), None)
    url = next_link(page)
    if stated is not None and (place or page.url.endswith("/")):
        number = int(place[1]) if place else 1
        url = page.urljoin(f"{number + 1}.html") if number < int(stated[1]) else None
    return ListPage(
        links=without(found, by_year),
        next=Request(url) if url else None,
        columns=by_year,
        name=name,
        total=stated_total(page),
    )
