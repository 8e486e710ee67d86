"""What a family reads from a page of a report column, and what all families share in reading. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from scrapy.http import Request, Response, TextResponse

from archive.flood import flood
from spiders.links import Link, clean, plain
from spiders.tree import source

_NEXT = re.compile(r"(下一?页|后一?页|next)\W*", re.IGNORECASE)

# A list whose first rows are static and whose rest a script fetches says how many rows there are:
# pagebar: {prepage: 10, recordCount: '20'}
_RECORD_COUNT = re.compile(r"""\brecordCount\s*:\s*['"]?(\d{1,9})(?!\d)""")
_COUNTED = re.compile(r"共\s*(\d{1,9})\s*条")

#: Bytes. List pages are below 1 MB; a page of this size takes a second to read.
MAX_LIST = 8 * 1024 * 1024


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
    """The response as text; raises ``ListError`` if it is none (a file, an image) or too large."""
    if len(response.body) > MAX_LIST:
        raise ListError(f"{len(response.body)} bytes are more than a list has")
    if not isinstance(response, TextResponse):
        kind = (response.headers.get("Content-Type") or b"bytes").decode("latin-1")
        raise ListError(f"is no page but {kind}")
    if count := flood(source(response)):
        raise ListError(f"its elements have {count} attributes")
    return response


def parsed(text: str) -> Any:
    """JSON; raises ``ListError`` for what is none, or nested deeper than can be read."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ListError(f"no JSON that can be read ({error})") from error


def count(value: object) -> int:
    """A number of rows as JSON gives it (17, "17"); raises ``ListError`` for anything else."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9:
        return value
    raise ListError(f"{str(value)[:40]!r} is no number of rows")


def words(value: object) -> str | None:
    """A name or title as JSON gives it; ``None`` for what is no text or an empty one."""
    return plain(value) or None if isinstance(value, str) else None


def metas(page: TextResponse) -> list[tuple[str, str]]:
    """(name in small letters, content) of the page's metas; ``property=`` counts as ``name=``."""
    root = page.selector.root
    return [
        ((meta.get("name") or meta.get("property") or "").lower(), meta.get("content").strip())
        for meta in (root.iter("meta") if hasattr(root, "iter") else ())
        if meta.get("content") is not None and (meta.get("name") or meta.get("property"))
    ]


def column_name(page: TextResponse) -> str | None:
    """The column's name: meta ColumnName (国办发〔2017〕47号), else the page's title up to its suffix."""
    for name, content in metas(page):
        if name == "columnname" and content:
            return plain(content)
    title = plain(page.xpath("//title/text()").get() or "")
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
