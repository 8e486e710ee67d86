"""Lists that a list page leads to: by year, from a menu, in a frame. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from scrapy.http import Request, TextResponse

from spiders.links import Link, clean, text_of
from spiders.lists import Column
from spiders.titles import is_report_column

_YEAR = re.compile(r"20\d\d年?度?")
#: A folder or a list's first page, and no article.
_LIST = re.compile(r"(?:/|/(?:index|list)\w{0,20}\.s?html?)$")
#: Frames that are never lists, nor texts.
OTHER_FRAME = re.compile(r"(?i)count|login|share|footer|header|tree\.jsp|weather|tianqi|banner")
#: Menus and frames looked at; a shell has a few dozen entries.
_MOST = 500


def years(
    page: TextResponse, found: Iterable[Link], name: str | None, form: re.Pattern[str] | None = None
) -> tuple[Column, ...]:
    """Sub-columns that are called by a bare year (2023年) and lie under the page's own folder.

    In a report column a bare year may also be a report; what tells them apart is
    that a sub-column is a folder and stands without a date. ``form`` fits the paths of
    columns in a family whose columns do not lie in one another (``/col/col123/index.html``).
    """
    own = page.url.partition("?")[0].rpartition("/")[0] + "/"
    host = urlsplit(page.url).netloc
    return tuple(
        Column(Request(link.url), name or link.text)
        for link in found
        if link.date is None
        and _YEAR.fullmatch("".join(link.text.split()))
        and link.url != page.url
        and (
            (link.url.startswith(own) and _LIST.search(urlsplit(link.url).path))
            or (form and urlsplit(link.url).netloc == host and form.search(urlsplit(link.url).path))
        )
    )


def named(page: TextResponse, found: Iterable[Link]) -> tuple[Column, ...]:
    """Columns that a page about something else links by the name of report columns.

    For pages at which the registry can only name the unit's disclosure platform.
    """
    return tuple(
        Column(Request(link.url), link.text)
        for link in found
        if link.date is None and link.url != page.url and is_report_column(link.text)
    )


def without(found: Iterable[Link], columns: Iterable[Column]) -> tuple[Link, ...]:
    """The links that are not one of these columns."""
    taken = {column.request.url for column in columns}
    return tuple(link for link in found if link.url not in taken)


def menu(page: TextResponse) -> tuple[Column, ...]:
    """Report columns that a shell's menu keeps in ``data-url``, where no one finds an ``href``.

    What the numbers of ``?gk=3&cid=16280`` mean is not known, so the words decide.
    """
    columns: dict[str, Column] = {}
    for element in page.xpath("//*[@data-url]")[:_MOST]:
        name = text_of(element.root)
        url = clean(element.attrib["data-url"], page.urljoin(""))
        if url is not None and url != page.url and is_report_column(name):
            columns.setdefault(url, Column(Request(url), name))
    return tuple(columns.values())


def frames(page: TextResponse, name: str | None) -> tuple[Column, ...]:
    """Frames on the page's own host: some portals show a shell and keep the list in a frame."""
    host = urlsplit(page.url).netloc
    columns: dict[str, Column] = {}
    for frame in page.xpath("//iframe[@src] | //frame[@src]")[:_MOST]:
        url = clean(frame.attrib["src"], page.urljoin(""))
        if url and urlsplit(url).netloc == host and url != page.url and not OTHER_FRAME.search(url):
            columns.setdefault(url, Column(Request(url), name))
    return tuple(columns.values())
