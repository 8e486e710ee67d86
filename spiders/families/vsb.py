"""VSB 博达: static lists whose pages count down (page 2 is ``zfxxgknb/{pages-1}.htm``).

The numbers shift whenever an item arrives, so they are never computed: only the
下页 link of each page is followed.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import Request, Response, TextResponse

from spiders.base import FamilySpider
from spiders.links import clean, links
from spiders.lists import ListPage, column_name, next_link, stated_total, text_page
from spiders.params import Param
from spiders.portals import Portal
from spiders.subcolumns import without, years

#: This family takes no parameters.
PARAMS: dict[str, Param] = {}


class VsbSpider(FamilySpider):
    name = "vsb"

    def read(self, response: Response, portal: Portal, **state: Any) -> ListPage:
        return read(text_page(response))


def read(page: TextResponse) -> ListPage:
    """One list page; the pager's ``p_next`` link is the next one."""
    href = page.css(".p_next a::attr(href)").get()
    url = clean(href, page.urljoin("")) if href else next_link(page)
    found, name = links(page), column_name(page)
    # Columns lie beside their page (zfxxgknb.htm, zfxxgknb/2023n.htm); a bare number there is its next page.
    own = re.escape(urlsplit(page.url).path.removesuffix(".htm"))
    by_year = years(page, found, name, re.compile(rf"^{own}/(?!\d{{1,3}}\.htm)[\w-]+\.htm$"))
    return ListPage(
        links=without(found, by_year),
        next=Request(url) if url else None,
        columns=by_year,
        name=name,
        total=stated_total(page),
    )
