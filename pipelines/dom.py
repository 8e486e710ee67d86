"""Text out of an HTML tree, line by line as a browser would break it.

Everything here walks with a stack of its own: hostile pages nest deeper than
Python recurses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from lxml.etree import _Element

#: Elements that begin and end a line (HTML standard, "The page" and "Flow content" of the rendering rules).
BLOCKS = frozenset(
    re.split(
        r"\s+",
        "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset "
        "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol "
        "p pre section summary table tbody td tfoot th thead tr ucapcontent ucaptitle ul",
    )
)
#: Never rendered as text of the page.
UNSEEN = frozenset(
    re.split(
        r"\s+",
        "script style template noscript head iframe object embed svg canvas audio video map select option "
        "textarea button rt rp",
    )
)
#: Elements whose digits are no part of the number beside them, and the sign that keeps them apart
#: (Pandoc's for the same): a footnote's number, text struck out.
_APART = {"sup": "^", "sub": "~", "del": "~~", "s": "~~", "strike": "~~"}
_APART_STYLE = re.compile(r"vertical-align\s*:\s*(?P<raised>super|sub)\b|(?P<struck>\bline-through\b)", re.I)
_DIGIT = re.compile(r"\d")
_HIDDEN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.I)
#: White space that HTML collapses; a no-break space is not among it.
_COLLAPSIBLE = re.compile(r"[ \t\r\n\f\v]+")
_AROUND_BREAK = re.compile(r" *\n *")


@dataclass(frozen=True, slots=True)
class Line:
    """The text of one block; ``\\n`` where the source has ``<br>``. May be empty where a line shows empty."""

    text: str
    block: _Element


def text_of(element: _Element) -> str:
    """All text under an element, as it stands in the source."""
    return "".join(cast(Iterator[str], element.itertext()))


def select(root: _Element, path: str) -> list[_Element]:
    """The elements an XPath finds."""
    found = root.xpath(path)
    return [item for item in found if isinstance(item, _Element)] if isinstance(found, list) else []


def is_hidden(element: _Element) -> bool:
    """Whether the element itself says that it is not shown."""
    if element.get("hidden") is not None:
        return True
    style = element.get("style")
    return style is not None and _HIDDEN_STYLE.search(style) is not None


def _sign(element: _Element, tag: str) -> str | None:
    """The sign around digits that only look like part of their surroundings: ``3<sup>1</sup>`` is not 31."""
    sign = _APART.get(tag)
    if sign is None:
        style = element.get("style")
        found = _APART_STYLE.search(style) if style is not None and tag not in BLOCKS else None
        if found is not None:
            sign = "~~" if found["struck"] else "^"
    return sign if sign is not None and _DIGIT.search(text_of(element)) else None


def flow(root: _Element, shown: frozenset[_Element] = frozenset()) -> Iterator[Line | _Element]:
    """Lines and tables under ``root`` in reading order.

    A table is yielded as its element and not entered (``root`` itself is, even
    when it is a table). Hidden elements are left out unless they are in ``shown``.
    Raised, lowered and struck digits stand between signs (``3^1^``, ``~~5~~7``).
    """
    pieces: list[str] = []
    blocks: list[_Element] = [root]
    stack: list[tuple[str, _Element]] = [("open", root)]
    signs: list[str] = []
    pre = 0
    while stack:
        step, element = stack.pop()
        tag = element.tag if isinstance(element.tag, str) else None
        if step == "tail":
            _add(pieces, element.tail, pre)
            continue
        if step == "sign":
            pieces.append(signs.pop())
            continue
        if step == "close":
            yield from _flush(pieces, blocks[-1])
            if element is not root:
                blocks.pop()
            pre -= tag == "pre"
            continue
        if element is not root:
            if tag is None or tag in UNSEEN or (is_hidden(element) and element not in shown):
                continue
            if tag == "table":
                yield from _flush(pieces, blocks[-1])
                yield element
                continue
        if tag == "br":
            pieces.append("\n")
            continue
        if tag in BLOCKS or element is root:
            yield from _flush(pieces, blocks[-1])
            if element is not root:
                blocks.append(element)
            pre += tag == "pre"
            stack.append(("close", element))
        elif tag is not None and (sign := _sign(element, tag)):
            pieces.append(sign)
            signs.append(sign)
            stack.append(("sign", element))
        _add(pieces, element.text, pre)
        for child in reversed(element):
            stack.append(("tail", child))
            stack.append(("open", child))


def _add(pieces: list[str], text: str | None, pre: int) -> None:
    if text:
        pieces.append(text if pre else _COLLAPSIBLE.sub(" ", text))


def _flush(pieces: list[str], block: _Element) -> Iterator[Line]:
    if not pieces:
        return
    text = "".join(pieces)
    pieces.clear()
    if block.tag != "pre":
        text = _AROUND_BREAK.sub("\n", re.sub(r"  +", " ", text)).strip(" ")
    # the last <br> of a block ends its line and begins none
    if text.endswith("\n"):
        yield Line(text[:-1], block)
    elif text:
        yield Line(text, block)


def cell_text(cell: _Element) -> str:
    """Text of one table cell: ``<br>`` and blocks as ``\\n``, no-break spaces kept, nested tables left out.

    White space that HTML would not show (indentation of the source) is gone.
    """
    return "\n".join(part.text for part in flow(cell) if isinstance(part, Line)).strip("\n ")
