"""Openness, a system of 安徽 and 内蒙古 in three generations, each with its own address of the report column.

1. ``/opennessAnnualReport/?branch_id=…``, paged by ``page=2``
2. ``/OpennessAnnualReport/showList/12/page_2.html``; the file of a report is at
   ``/OpennessAnnualReport/download/5146.html`` and is no HTML, whatever its name says
3. ``/XxgkAnnualReport/showList/…``, ``/Xxgknb/show/616527.html?type=1``

Where the registry names another list of the unit, its menu leads to the report column.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import Request, Response, TextResponse

from spiders.base import FamilySpider
from spiders.links import Link, links
from spiders.lists import Column, ListPage, column_name, next_link, stated_total, text_page
from spiders.params import Param
from spiders.portals import Portal
from spiders.subcolumns import without
from spiders.titles import is_report_column

#: This family takes no parameters.
PARAMS: dict[str, Param] = {}

_REPORTS = re.compile(r"(?i)/(?:(?:Branch)?Openness|Xxgk)AnnualReport(?:/|$)|/Xxgknb(?:/|$)")
_DOCUMENT = re.compile(r"(?i)/(?:show|detail|download)/")
_PLACE = re.compile(r"(?P<before>/page_|[?&]page=)(?P<number>\d{1,4})(?!\d)")
_PAGES = re.compile(
    r"共\s{0,9}(\d{1,4})\s{0,9}页|\b(?:pageCount|totalPages?)\s{0,9}[:=]\s{0,9}['\"]?(\d{1,4})(?!\d)"
)


class OpennessSpider(FamilySpider):
    name = "openness"

    def read(self, response: Response, portal: Portal, **state: Any) -> ListPage:
        return read(text_page(response))


def read(page: TextResponse) -> ListPage:
    """A list of any generation."""
    found = links(page)
    if not _REPORTS.search(urlsplit(page.url).path):
        columns = tuple(Column(Request(link.url), link.text) for link in found if _is_column(link))
        if columns:  # the list of another matter
            return ListPage(links=(), columns=columns)
    url = next_link(page) or _counted(page)
    own = tuple(Column(Request(link.url), None) for link in found if _is_column(link))
    return ListPage(
        # The column's own name stands in the menu and the breadcrumb of its every page.
        links=without(found, own),
        next=Request(url) if url else None,
        name=column_name(page),
        total=stated_total(page),
    )


def _is_column(link: Link) -> bool:
    path = urlsplit(link.url).path
    return bool(
        link.date is None
        and _REPORTS.search(path)
        and not _DOCUMENT.search(path)
        and is_report_column(link.text)
    )


def _counted(page: TextResponse) -> str | None:
    """The next page by its number, where the pager is a script that says how many there are."""
    stated, place = _PAGES.search(page.text), _PLACE.search(page.url)
    pages, number = int(stated[1] or stated[2]) if stated else 1, int(place["number"]) if place else 1
    if number >= pages:
        return None
    if place:
        return page.url[: place.start()] + f"{place['before']}{number + 1}" + page.url[place.end() :]
    return f"{page.url}{'&' if '?' in page.url else '?'}page={number + 1}"
