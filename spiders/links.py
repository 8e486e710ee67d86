"""Links of a page with what the page says about each: text and date. Pure.

Every step takes time in proportion to the page: a list is read between two answers of
other portals, and a page made to be slow to read must not hold them up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from scrapy.http import HtmlResponse, TextResponse
from scrapy.utils.response import get_base_url
from w3lib.url import safe_url_string

_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})(?!\d)")

# What template engines leave in an href before their script has run: {{el.url}}, ${url}, <%=url%>, [[url]].
_TEMPLATE = re.compile(r"\{\{|\$\{|<%|\[\[|\bel\.\w")


#: A city's collection links a few hundred reports, its menus as many pages again; the largest
#: pages seen have below 3,000 links. A page with more than this is no list of reports.
MAX_LINKS = 20_000
#: Characters of a title or name at most; titles of reports are below 100.
MAX_TEXT = 500
#: Characters of an address in a record (RFC 9110 §4.1 wants 8000 supported).
_KEPT = 8000
_UNPRINTABLE = re.compile("[\ud800-\udfff\0]")


class TooManyLinksError(ValueError):
    """A page with more links than any list has."""

    def __init__(self) -> None:
        super().__init__(f"the page has more than {MAX_LINKS} links")


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


def plain(text: str) -> str:
    """Text in one line, at most ``MAX_TEXT`` characters, without the half characters that JSON can spell."""
    return _UNPRINTABLE.sub("", " ".join(text[: 8 * MAX_TEXT].split())[:MAX_TEXT])


def clipped(url: str) -> str:
    """An address as it can be kept in a record: whole, unless it is longer than any that is asked for."""
    return _UNPRINTABLE.sub("\ufffd", url if len(url) <= _KEPT else f"{url[:_KEPT]}…")


# An IPv6 gateway that some portals route their links through: www-mouxian-gov-cnx45c8968723868xx.ipv6best.cn
_GATEWAY = re.compile(r"(?P<host>[a-z0-9-]{4,200}?)x[0-9a-f]{6,32}xx\.ipv6best\.cn", re.IGNORECASE)


def _direct(url: str, base: str) -> str:
    """The address behind an IPv6 gateway, or the address itself.

    The gateway writes dots as dashes, so a host with a dash of its own comes out
    wrong; it is then no host of the portal and refused as any other.
    """
    parts = urlsplit(url)
    wrapped = _GATEWAY.fullmatch(parts.hostname or "")
    if wrapped is None:
        return url
    host = wrapped["host"].replace("-", ".")
    port = f":{parts.port}" if parts.port else ""
    home = urlsplit(base)
    scheme = home.scheme if home.hostname == host else parts.scheme
    return parts._replace(scheme=scheme, netloc=host + port).geturl()


def _slashes(href: str) -> str:
    """An address with its backslashes as browsers read them before the query (WHATWG URL, 4.4)."""
    if "\\" not in href:
        return href
    path, mark, rest = re.match(r"([^?#]*)([?#]?)(.*)", href, re.DOTALL).groups()  # type: ignore[union-attr]
    return path.replace("\\", "/") + mark + rest


def clean(href: str, base: str) -> str | None:
    """The absolute http(s) address of an href, or ``None`` for what leads to no page."""
    href = href.strip()
    # A site's menus stand on each of its pages, and are remembered: what they lead to does not depend on the
    # page's own name, and where they name a host or begin at its root not on the page's folder either.
    if _WHOLE.match(href):
        base = _places(base)[0]
    elif _RELATIVE.fullmatch(href):
        base = _places(base)[1]
    return _cleaned(href, base)


_WHOLE = re.compile(r"[/\\]|https?://[0-9A-Za-z]")
_PAST_PATH = re.compile(r"[?#]")
_PAST_HOST = re.compile(r"[/\\]")
_RELATIVE = re.compile(r"(?:[0-9A-Za-z_]|\.{1,2}/)[^:]*", re.DOTALL)


@lru_cache(maxsize=256)
def _places(base: str) -> tuple[str, str]:
    """An http(s) address without all that follows its host, and without its last name; any other as it is."""
    if not base.startswith(("http://", "https://")):
        return base, base
    scheme, _, rest = base.partition("://")
    path = _PAST_PATH.split(rest, maxsplit=1)[0]
    home, folder = _PAST_HOST.split(path, maxsplit=1)[0], path.rpartition("/")[0] or path
    return f"{scheme}://{home}/", f"{scheme}://{folder}/"


@lru_cache(maxsize=8192)
def _cleaned(href: str, base: str) -> str | None:
    href = _slashes(href)
    if not href or href.startswith("#") or _TEMPLATE.search(href):
        return None
    try:
        url = _direct(urljoin(base, href), base)
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            return None
        # The form in which Scrapy will ask for it, so that known addresses compare equal.
        return safe_url_string(url.partition("#")[0])
    except ValueError:  # http://[broken
        return None


def links(page: TextResponse) -> tuple[Link, ...]:
    """Every ``<a href>`` of a page in its order, each address once (the first that has a text).

    Raises ``TooManyLinksError``.
    """
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
    anchors = bounded(anchor for anchor in root.iter("a") if anchor.get("href"))
    rows = _Rows(anchors)
    for anchor in anchors:
        url = clean(anchor.get("href"), base)
        if url is not None:
            yield Link(url, text_of(anchor), rows.date(anchor))


def bounded(elements: Iterator[Any]) -> list[Any]:
    """Elements as a list; raises ``TooManyLinksError``."""
    found = list(islice(elements, MAX_LINKS + 1))
    if len(found) > MAX_LINKS:
        raise TooManyLinksError
    return found


def text_of(anchor: Any) -> str:
    """Visible text, or the title attribute where that says more (lists cut long titles)."""
    # Nearly all links hold nothing but text.
    text = "".join(anchor.itertext()) if len(anchor) else anchor.text
    visible, title = plain(text or ""), plain(anchor.get("title") or "")
    if not visible and not title:
        image = anchor.find(".//img")
        return plain(image.get("alt") or "") if image is not None else ""
    cut = visible.rstrip(" .…").removesuffix("...")
    return title if title and (not visible or len(title) > len(visible) or title.startswith(cut)) else visible


#: Five levels reach from <a> over <dd>/<td>/<p> to the row of every list seen; more would only cost time.
_LEVELS = 5
#: A link counts in elements farther up as well, so that one deep inside another row is not overlooked.
_REACH = 25
_LISTS = frozenset(("body", "html", "table", "tbody", "ul", "ol"))
#: Characters of a row in which its date is looked for.
_ROW = 4000


class _Rows:
    """A link's row is the widest element around it that holds no other link."""

    def __init__(self, anchors: list[Any]) -> None:
        #: Address of the links in an element, ``None`` if they differ.
        self._hrefs: dict[Any, str | None] = {}
        self._dates: dict[Any, date | None] = {}
        for anchor in anchors:
            href = anchor.get("href")
            for around in islice(anchor.iterancestors(), _REACH):
                if self._hrefs.setdefault(around, href) != href:
                    self._hrefs[around] = None

    def date(self, anchor: Any) -> date | None:
        """The date in the link's row."""
        row = anchor
        for around in islice(anchor.iterancestors(), _LEVELS):
            if around.tag in _LISTS or self._hrefs[around] is None:
                break
            row = around
        if row is anchor:  # the date may follow the bare link: <a>…</a> 2024-01-29 <br>
            beside = parse_date((anchor.tail or "")[:_ROW])
        else:
            if row not in self._dates:  # several links to one report share its row
                texts = row.xpath(".//text()[not(ancestor::a or ancestor::script)]")
                self._dates[row] = parse_date(" ".join(texts)[:_ROW])
            beside = self._dates[row]
        return beside or parse_date(" ".join(anchor.itertext())[:_ROW])
