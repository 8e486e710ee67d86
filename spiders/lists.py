"""What a family reads from a page of a report column, and what all families share in reading. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scrapy.http import Request, Response, TextResponse

from spiders.links import Link, clean

_NEXT = re.compile(r"(下一?页|后一?页|next)\W*", re.IGNORECASE)

# A list whose first rows are static and whose rest a script fetches says how many rows there are:
# pagebar: {prepage: 10, recordCount: '20'}
_RECORD_COUNT = re.compile(r"""\brecordCount\s*:\s*['"]?(\d+)""")
_COUNTED = re.compile(r"共\s*(\d+)\s*条")


class ListError(ValueError):
    """A page that should be a list and cannot be read as one; says why."""


@dataclass(frozen=True, slots=True)
class Column:
    """A list that begins elsewhere: a node of a tree, a sub-column."""

    request: Request
    name: str | None


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list.

    ``next`` and the requests of ``columns`` carry in ``cb_kwargs`` what the family
    needs to know again when the answer comes.
    """

    links: tuple[Link, ...]
    next: Request | None = None
    """The page after this one."""
    columns: tuple[Column, ...] = ()
    name: str | None = None
    """What the column is called."""
    total: int | None = None
    """Rows the whole list has, as the page says."""
    exact: bool = False
    """Whether ``links`` are the rows of the list and nothing else; otherwise rows are links with a date."""
    repeats: bool = False
    """Whether this page is expected to bring nothing new (a first window asked for again)."""
    issues: tuple[tuple[str, str], ...] = ()
    """(kind, message) of what is wrong with the page though it could be read."""

    def rows(self) -> tuple[Link, ...]:
        return self.links if self.exact else tuple(link for link in self.links if link.date is not None)


def text_page(response: Response) -> TextResponse:
    """The response as text; raises ``ListError`` if it is none (a file, an image)."""
    if not isinstance(response, TextResponse):
        kind = (response.headers.get("Content-Type") or b"bytes").decode("latin-1")
        raise ListError(f"is no page but {kind}")
    return response


def column_name(page: TextResponse) -> str | None:
    """The column's name: meta ColumnName (国办发〔2017〕47号), else the page's title up to its suffix."""
    for meta in page.xpath("//meta[@content and (@name or @property)]"):
        name = (meta.xpath("@name").get() or meta.xpath("@property").get() or "").lower()
        content = (meta.xpath("@content").get() or "").strip()
        if name == "columnname" and content:
            return content
    title = " ".join((page.xpath("//title/text()").get() or "").split())
    return re.split(r"[-_|—–]", title)[0].strip() or None


def stated_total(page: TextResponse) -> int | None:
    """Rows of the whole list where the page states them (``recordCount: '20'``, 共17条)."""
    found = _RECORD_COUNT.search(page.text) or _COUNTED.search(page.text)
    return int(found[1]) if found else None


def next_link(page: TextResponse) -> str | None:
    """Address behind 下一页, 下页 or next; ``None`` on the last page."""
    for anchor in page.xpath("//a[@href]"):
        text = "".join(anchor.xpath(".//text()").getall()) or anchor.xpath("@title").get() or ""
        if _NEXT.fullmatch("".join(text.split())):
            url = clean(anchor.attrib["href"], page.urljoin(""))
            if url is not None and url != page.url:
                return url
    return None
