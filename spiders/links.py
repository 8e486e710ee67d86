"""Links of a page with what the page says about each: text and date. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urljoin, urlsplit

from scrapy.http import HtmlResponse, TextResponse
from scrapy.utils.response import get_base_url
from w3lib.url import safe_url_string

_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})(?!\d)")

# What template engines leave in an href before their script has run: {{el.url}}, ${url}, <%=url%>, [[url]].
_TEMPLATE = re.compile(r"\{\{|\$\{|<%|\[\[|\bel\.\w")


@dataclass(frozen=True, slots=True)
class Link:
    """A link as a list or an article gives it."""

    url: str
    """Absolute, without fragment, in the form in which it would be requested."""
    text: str
    """Its full title, where the visible text is cut short; may be empty."""
    date: date | None = None
    """Date in the same row."""
    source: str | None = None
    """Publisher, where a list names it."""


def parse_date(text: str) -> date | None:
    """The first full date in a text: 2024-01-29, 2024/1/29, 2024年1月29日; ``None`` if there is none."""
    for match in _DATE.finditer(text):
        try:
            return date(*(int(part) for part in match.groups()))
        except ValueError:  # 2024-13-40: no date, look on
            continue
    return None


def clean(href: str, base: str) -> str | None:
    """The absolute http(s) address of an href, or ``None`` for what leads to no page."""
    href = href.strip()
    if not href or href.startswith("#") or _TEMPLATE.search(href):
        return None
    try:
        url = urljoin(base, href)
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            return None
        # The form in which Scrapy will ask for it, so that known addresses compare equal.
        return safe_url_string(url.partition("#")[0])
    except ValueError:  # http://[broken
        return None


def links(page: TextResponse) -> tuple[Link, ...]:
    """Every ``<a href>`` of a page in its order, each address once (the first that has a text)."""
    return tuple(_unique(_anchors(page.selector.root, get_base_url(page))))


def fragment_links(html: str, base: str) -> tuple[Link, ...]:
    """The links of a piece of HTML that a script would have put into the page at ``base``."""
    page = HtmlResponse(base, body=html.encode("utf-8"), encoding="utf-8")
    return links(page) if html.strip() else ()


def _unique(found: Iterator[Link]) -> Iterator[Link]:
    first: dict[str, Link] = {}
    for link in found:
        if link.url not in first or (link.text and not first[link.url].text):
            first[link.url] = link
    yield from first.values()


def _anchors(root: Any, base: str) -> Iterator[Link]:
    for anchor in root.iter("a"):
        href = anchor.get("href")
        url = clean(href, base) if href else None
        if url is None:
            continue
        yield Link(url, text_of(anchor), _row_date(anchor))


def text_of(anchor: Any) -> str:
    """Visible text, or the title attribute where that says more (lists cut long titles)."""
    visible = " ".join("".join(anchor.itertext()).split())
    title = " ".join((anchor.get("title") or "").split())
    if not visible and not title:
        image = anchor.find(".//img")
        return " ".join((image.get("alt") or "").split()) if image is not None else ""
    cut = visible.rstrip(" .…").removesuffix("...")
    return title if title and (not visible or len(title) > len(visible) or title.startswith(cut)) else visible


def _row_date(anchor: Any) -> date | None:
    """The date in the link's row: the widest element around it that holds no other link."""
    row, parent = anchor, anchor.getparent()
    href = anchor.get("href")
    # Five levels reach from <a> over <dd>/<td>/<p> to the row of every list seen; more would only cost time.
    for _ in range(5):
        if parent is None or parent.tag in ("body", "html", "table", "tbody", "ul", "ol"):
            break
        if any(other.get("href") != href for other in parent.iter("a") if other.get("href")):
            break
        row, parent = parent, parent.getparent()
    if row is anchor:  # the date may follow the bare link: <a>…</a> 2024-01-29 <br>
        return parse_date(anchor.tail or "") or parse_date(" ".join(anchor.itertext()))
    beside = " ".join(row.xpath(".//text()[not(ancestor::a or ancestor::script)]"))
    return parse_date(beside) or parse_date(" ".join(anchor.itertext()))
