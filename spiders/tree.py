"""An article's page taken apart once for all that asks about it. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from lxml import etree
from scrapy.http import HtmlResponse, TextResponse
from scrapy.utils.response import get_base_url

from spiders.boxes import in_template
from spiders.links import clean


class Addresses(dict[str | None, str | None]):
    """href → its address on a page (``links.clean``); a menu's stand on it twice, and are asked of thrice."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base

    def __missing__(self, href: str | None) -> str | None:
        self[href] = url = clean(href or "", self.base)
        return url


class Tree:
    """A page's elements, and what several readers ask of each of them."""

    def __init__(self, page: TextResponse) -> None:
        self._source: bytes | None = None
        if isinstance(page, HtmlResponse):
            self._source = source(page)
            self.root: Any = _parsed(self._source)
        else:
            self.root = page.selector.root
        self.base = get_base_url(page)
        self.addresses = Addresses(self.base)

    def may_have(self, *attributes: str) -> bool:
        """Whether an element may have one of these attributes; without its name in the source none has."""
        if self._source is None:
            return True
        source = self._source.lower()
        return any(name.encode() in source for name in attributes)

    def waiting(self) -> frozenset[Any]:
        """Elements that only wait for a script, or for a browser without scripts (``boxes.in_template``)."""
        inside: set[Any] = set()
        for outer in self.root.iter("template", "noscript"):
            if outer not in inside:
                inside.update(outer.iterdescendants())
        return frozenset(filter(in_template, inside))


@lru_cache(maxsize=1)  # looked at before a page is parsed, and then parsed
def source(page: TextResponse) -> bytes:
    """What of a page is parsed, by ``page.selector`` too: in UTF-8, without NULs, never empty."""
    return page.text.strip().replace("\0", "").encode("utf-8", "replace") or b"<html/>"


@lru_cache(maxsize=1)  # asked several times of one page, one after the other
def tree(page: TextResponse) -> Tree:
    """The tree of a page, the same as ``page.selector`` has."""
    return Tree(page)


def _parsed(source: bytes) -> Any:
    """The root as parsel makes it, of elements that lxml makes by itself.

    Those of parsel's are looked up one by one in Python, each time one is walked past: that is most of
    what a walk takes.
    """
    parser = etree.HTMLParser(recover=True, encoding="utf-8", huge_tree=True)
    root = etree.fromstring(source, parser)
    return etree.fromstring(b"<html/>", parser) if root is None else root
