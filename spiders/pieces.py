"""Articles in pieces: split over pages, shown as pictures, or a page that only sends on. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from scrapy.http import TextResponse

from spiders.articles import is_picture
from spiders.boxes import article, in_article, in_template, is_aside, says_more, visible
from spiders.links import bounded, clean, text_of
from spiders.tree import Tree, tree

# -- split over pages ---------------------------------------------------------------------------

#: createPageHTML(5, 0, "t20090818_27775", "html"): pages, index of this one, stem, ending (TRS).
_PAGER = re.compile(
    r"""createPageHTML\w*\(\s*["']?(\d{1,3})["']?\s*,\s*["']?(\d{1,3})["']?\s*,\s*["']([^"'<>]{1,200})["']"""
    r"""\s*,\s*["'](\w{3,5})["']"""
)
_PAGE_WORDS = re.compile(
    r"(?:下一?页|后一?页|尾页|末页|最后一页|next|第?\d{1,3}页?|[>»]{1,2})\W*", re.IGNORECASE
)
_NEXT_WORDS = re.compile(r"(?:下一?页|后一?页|next|[>»])\W*", re.IGNORECASE)
_PAGE_NAMES = frozenset(
    ("page", "p", "pageno", "pagenum", "pageindex", "currpage", "curpage", "cur_page", "pn")
)
#: Digits of a page's number; with more it is the number of another article.
_NUMBERED = re.compile(r"(?P<stem>.*?)_(?P<number>\d{1,2})")


def further(page: TextResponse, first: str, most: int) -> tuple[str, ...]:
    """Addresses of the article's other pages that this one names, in their order, at most ``most``.

    ``first`` is the address of its first page. What may be called so is narrow, for the next
    article is called like the next page: the first page's own name with ``_2`` (TRS: ``_1``)
    behind it, or its own address with the number of a page in the query.
    """
    found: dict[int, str] = {}
    sheet = tree(page)
    for script in sheet.root.iter("script"):
        text = script.text or ""
        if "createPageHTML" in text:
            for match in islice(_PAGER.finditer(text[:20_000]), 3):
                found.update(_called(match, first, sheet.base, most))
    anchors = bounded(sheet.root.iter("a"))
    own = urlsplit(first)
    folder = own.netloc + own.path.rpartition("/")[0]
    # Only what lies beside the first page can be one of its pages; a menu's words are never looked at.
    beside = {
        href: url
        for href in {anchor.get("href") for anchor in anchors}
        if (url := sheet.addresses[href]) is not None and url.partition("://")[2].startswith(folder)
    }
    for anchor in anchors if beside else ():
        url = beside.get(anchor.get("href"))
        words = "".join(text_of(anchor).split()) if url is not None else ""
        if url is None or not _PAGE_WORDS.fullmatch(words) or in_template(anchor):
            continue
        number = _number(url, first, following=bool(_NEXT_WORDS.fullmatch(words)))
        if number is not None:
            found.setdefault(number, url)
    return tuple(found[number] for number in sorted(found))[:most]


def _called(match: re.Match[str], first: str, base: str, most: int) -> Iterator[tuple[int, str]]:
    """Pages by a script's call; the name in it must be the article's own."""
    count, index, stem, ending = int(match[1]), int(match[2]), match[3], match[4]
    own = urlsplit(first).path.rpartition("/")[2].rpartition(".")[0]
    if stem != own:
        return
    # Page 1 has the index 0 and the second page is called _1; where it has the index 1, _2.
    start = 1 if index == 0 else 2
    for number in range(start, min(count + start - 1, start + most)):
        url = clean(f"{stem}_{number}.{ending}", base)
        if url is not None:
            yield number, url


def _number(url: str, first: str, *, following: bool) -> int | None:
    """Number of the page of the article that begins at ``first``; ``None`` if it is none of it."""
    one, other = urlsplit(first), urlsplit(url)
    if one.netloc != other.netloc:
        return None
    if one.path == other.path:
        return _queried(dict(parse_qsl(one.query)), dict(parse_qsl(other.query)))
    folder, _, name = one.path.rpartition("/")
    there, _, called = other.path.rpartition("/")
    stem, _, ending = name.rpartition(".")
    named, _, ended = called.rpartition(".")
    match = _NUMBERED.fullmatch(named)
    if folder != there or ending != ended or match is None or one.query != other.query:
        return None
    if match["stem"] == stem:
        return int(match["number"])
    own = _NUMBERED.fullmatch(stem)
    # content_1.html → content_2.html: only the link that says 下一页 can tell it from another article.
    first_of = own is not None and own["stem"] == match["stem"] and own["number"] == "1"
    return int(match["number"]) if following and first_of and match["number"] != "1" else None


def _queried(own: dict[str, str], other: dict[str, str]) -> int | None:
    changed = [name for name in {*own, *other} if own.get(name) != other.get(name)]
    if len(changed) != 1 or changed[0].lower() not in _PAGE_NAMES:
        return None
    value = other.get(changed[0], "")
    return int(value) if re.fullmatch(r"\d{1,2}", value) and int(value) > 1 else None


# -- pictures -----------------------------------------------------------------------------------

#: Characters of an article whose text is its pictures: a line of greeting, date and source.
_LITTLE = 500
#: A report whose tables are pictures has this heading in its text (国办公开办函〔2019〕60号).
_TABLE_HEADING = re.compile(r"收到和处理政府信息公开申请")
#: Cells with nothing but a figure; a report's own tables have a hundred and more.
_FIGURES = 5
_FIGURE = re.compile(r"[\d,.\s]{1,12}")
_SOURCES = ("data-original", "data-src", "_src", "src")
#: Width or height in pixels below which a picture is no page of a report.
_SMALL = 200
_ORNAMENT = re.compile(
    r"(?i)(?:^|[/_.-])(?:logo|ewm|qr|qrcode|erweima|icons?|ico|banner|share|wx|weixin|weibo|print|close|btn|button"
    r"|arrow|blank|spacer|dot|loading|filetypeimages|jiathis|bdshare|gjda|dzjg|jiucuo|red|blue)(?:$|[\d/_.-])"
)
_SITE = re.compile(
    r"(?i)^/(?:[\w-]+/)?(?:images?|img|css|styles?|templates?|static|assets|skins?|themes?|common)/"
)
_PIXELS = re.compile(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*")


def pictures(page: TextResponse) -> tuple[str, ...]:
    """Pictures in an article's body that may be its text, in their order.

    None where the body has tables of its own, or text enough and no heading that a table must
    follow. A picture that is linked to a larger one counts as that.
    """
    if has_tables(page):
        return ()
    sheet = tree(page)
    root = sheet.root
    body = article(root)
    text = visible(body)
    if not (len(text) < _LITTLE or _TABLE_HEADING.search(text)):
        return ()
    whole = body.tag in ("body", "html")
    found: dict[str, None] = {}
    for element in bounded(root.iter("a", "img")):
        url = _linked(element, sheet) if element.tag == "a" else _image(element, sheet)
        if url is None or in_template(element):
            continue
        # Where no element is called like an article's body, what belongs to the site is told by its folder.
        inside = not (is_aside(element) or _SITE.search(urlsplit(url).path)) if whole else in_article(element)
        if inside:
            found.setdefault(url)
    return tuple(found)


@lru_cache(maxsize=1)  # asked for the page, and again for its pictures
def has_tables(page: TextResponse) -> bool:
    """Whether an article has tables of figures, and not only such as lay out its pictures."""
    cells = (cell for cell in article(tree(page).root).iter("td", "th") if _is_figure(cell))
    return sum(1 for _ in islice(cells, _FIGURES)) == _FIGURES


def _is_figure(cell: Any) -> bool:
    # <td><p><span>12</span></p></td>: what holds one element and no text of its own is that element.
    while len(cell) == 1 and cell.text is None:
        inner = cell[0]
        if inner.tail is not None or not isinstance(inner.tag, str):
            break
        cell = inner
    text = "".join(islice(cell.itertext(), 8)) if len(cell) else cell.text or ""
    text = text[:20].strip()
    return bool(text) and _FIGURE.fullmatch(text) is not None


def _linked(anchor: Any, sheet: Tree) -> str | None:
    url = sheet.addresses[anchor.get("href")]
    return url if url is not None and is_picture(url) and not _ORNAMENT.search(urlsplit(url).path) else None


def _image(image: Any, sheet: Tree) -> str | None:
    around = image.getparent()
    if around is not None and around.tag == "a" and _linked(around, sheet):
        return None
    source = next((image.get(name) for name in _SOURCES if image.get(name)), None)
    url = sheet.addresses[source] if source else None
    if url is None or _ORNAMENT.search(urlsplit(url).path) or url.lower().endswith(".gif"):
        return None
    sizes = [_PIXELS.fullmatch(image.get(name) or "") for name in ("width", "height")]
    small = [size is not None and int(size[1]) < _SMALL for size in sizes]
    return None if all(small) or (any(small) and None in sizes) else url


# -- pages that send on -------------------------------------------------------------------------

#: Characters of a page that is nothing but a script: 正在跳转，请稍候.
_SHELL = 60
_SENDS = re.compile(
    r"""(?:(?:window|self|top|parent|document)\s*\.\s*)?location(?:\s*\.\s*href)?\s*=\s*["']([^"'<>]{1,2000})["']"""
    r"""|location\s*\.\s*(?:replace|assign)\(\s*["']([^"'<>]{1,2000})["']"""
    r"""|window\s*\.\s*open\(\s*["']([^"'<>]{1,2000})["']"""
)


def forward(page: TextResponse) -> str | None:
    """Where a page that is nothing but a script sends its reader; ``None`` for any other page."""
    sheet = tree(page)
    body = sheet.root
    if next(body.iter("iframe", "embed", "object", "img", "table"), None) is not None:
        return None
    if says_more(body.find(".//body") if body.find(".//body") is not None else body, _SHELL):
        return None
    for script in body.iter("script"):
        text = script.text or ""
        if len(text) > 5_000 or "userAgent" in text:  # for phones only
            continue
        match = _SENDS.search(text)
        url = clean(next(filter(None, match.groups())), sheet.base) if match else None
        if url is not None and url != page.url:
            return url
    return None
