"""Text out of an HTML tree, line by line as a browser would break it.

Everything here walks with a stack of its own: hostile pages nest deeper than
Python recurses.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import NamedTuple, cast

from lxml.etree import XPath, _Element, _ElementUnicodeResult

from pipelines import looks

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
        "textarea button rt rp rtc progress meter",
    )
)
#: Elements whose digits are no part of the number beside them, and the sign that keeps them apart
#: (Pandoc's for the same): a footnote's number, text struck out.
_APART = {"sup": "^", "sub": "~", "del": "~~", "s": "~~", "strike": "~~"}
#: So are powers, indices and fractions of MathML: figures above each other.
_APART |= dict.fromkeys(("msup", "msub", "msubsup", "mfrac", "mroot", "mover", "munder"), "^")
#: Elements that may set digits apart from the number beside them: a note's number, a reference, a colour.
_ASIDE: dict[str, looks.Odd] = {"small": "moved", "a": "moved", "bdo": "turned"}
_MAYBE_APART = frozenset((*_APART, *_ASIDE, "font"))
_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(r"[\d\s.,+\-\[\]()]*")
#: White space that HTML collapses; a no-break space is not among it.
_COLLAPSIBLE = re.compile(r"[ \t\r\n\f\v]+")
_WHITE = " \t\r\n\f\v"
_AROUND_BREAK = re.compile(r" *\n *")
_BLANKS = re.compile(r"  +")


@dataclass(frozen=True, slots=True)
class Line:
    """The text of one block; ``\\n`` where the source has ``<br>``. May be empty where a line shows empty."""

    text: str
    block: _Element


class Look(NamedTuple):
    """How elements say that they are shown."""

    hidden: list[_Element]
    """Those that are not."""
    plain: bool
    """No style and no attribute hides, raises, strikes out or moves anything."""


#: Both in the C library: on a page of 2,000 elements a tenth of the time of a walk in Python.
_TEXT = XPath("string()", smart_strings=False)
_STYLES = XPath("descendant-or-self::*/@style", smart_strings=False)
_STYLED = "descendant-or-self::*[@style or @hidden]"
#: The attribute and not its element: a predicate would be tried on every element of the page.
_MARKED_HIDDEN = "descendant-or-self::*/@hidden"


def text_of(element: _Element) -> str:
    """All text under an element, as it stands in the source."""
    return str(_TEXT(element)) if len(element) else element.text or ""


@lru_cache(maxsize=64)
def _compiled(path: str) -> XPath:
    return XPath(path)


def select(root: _Element, path: str) -> list[_Element]:
    """The elements an XPath finds."""
    found = _compiled(path)(root)
    return [item for item in found if isinstance(item, _Element)] if isinstance(found, list) else []


_known_style = lru_cache(maxsize=1024)(looks.read)
#: A page pasted from Word has a style on every element, and the same few over and over; none is longer.
_MAX_KNOWN_STYLE = 500


def _style(element: _Element) -> looks.Style:
    style = element.get("style")
    if style is None:
        return looks.NO_STYLE
    return _known_style(style) if len(style) <= _MAX_KNOWN_STYLE else looks.read(style)


@lru_cache(maxsize=16)
def _compiled_strings(path: str) -> XPath:
    return XPath(path, smart_strings=True)


def bearers(root: _Element, path: str) -> list[_Element]:
    """The elements whose attributes or own texts an XPath finds, each once, in the order of what it finds.

    A step to the parent in the XPath itself would compare each with all before it: 60,000 take it 7 s.
    """
    found = cast(list[_ElementUnicodeResult], _compiled_strings(path)(root))
    elements: dict[_Element, None] = {}
    for text in found:
        bearer = text.getparent()
        if text.is_tail and bearer is not None:  # what follows an element is a text of the one around it
            bearer = bearer.getparent()
        if bearer is not None:
            elements[bearer] = None
    return list(elements)


def in_order(root: _Element, elements: Collection[_Element]) -> list[_Element]:
    """``elements``, all under ``root`` or it itself, each once, in the order of the page."""
    wanted = set(elements)
    if len(wanted) < 2:
        return list(wanted)
    return list(islice((element for element in root.iter() if element in wanted), len(wanted)))


def look(root: _Element) -> Look:
    """How the elements under ``root``, itself included, say themselves that they are shown."""
    styles = _STYLES(root)
    assert isinstance(styles, list)
    read = [looks.read(str(style)) for style in set(styles)]
    marked = bool(bearers(root, _MARKED_HIDDEN))
    hides = marked or any(style.hides for style in read)
    return Look(
        [element for element in select(root, _STYLED) if is_hidden(element)] if hides else [],
        plain=not marked and all(style == looks.NO_STYLE for style in read),
    )


def is_hidden(element: _Element) -> bool:
    """Whether the element itself says that it is not shown."""
    return _style(element).hides or element.get("hidden") is not None


def _sign(element: _Element, tag: str, style: looks.Style) -> str | None:
    """The sign around digits that only look like part of their surroundings: ``3<sup>1</sup>`` is not 31."""
    sign = _APART.get(tag)
    if sign is None and tag not in BLOCKS:
        sign = style.sign
    if sign is None:
        return _sign_of_look(element, tag, style.odd)
    return sign if _DIGIT.search(text_of(element)) else None


def _sign_of_look(element: _Element, tag: str, odd: looks.Odd | None) -> str | None:
    """The sign around digits of a cell that no one sees, or that stand beside its number.

    ``12<small>1</small>`` is no 121, nor is ``12<a href="#n1">1</a>``; a name (``<a name=x>``) says nothing.
    """
    if odd is None and (tag != "a" or element.get("href")):
        odd = _ASIDE.get(tag)
    if odd is None and tag == "font" and looks.is_white(element.get("color") or ""):
        odd = "white"
    if odd is None:
        return None
    text = text_of(element)
    if not _DIGIT.search(text) or not _DIGITS.fullmatch(text):
        return None
    cell = next((e for e in (element, *element.iterancestors()) if e.tag in ("td", "th")), None)
    if cell is None:
        return None
    alone = sum(map(str.isdigit, text)) == sum(map(str.isdigit, text_of(cell)))
    if odd == "moved":
        return None if alone else "^"
    if odd == "white" and alone and _has_ground(element):
        return None
    return "^" if odd == "turned" else "~~"


def _has_ground(element: _Element) -> bool:
    """Whether the element, or one around it up to its table, has a background of its own."""
    for each in (element, *element.iterancestors()):
        if each.get("bgcolor") or each.get("background") or looks.grounded(each.get("style") or ""):
            return True
        if each.tag == "table":
            return False
    return False


def flow(
    root: _Element, shown: frozenset[_Element] = frozenset(), plain: bool = False
) -> Iterator[Line | _Element]:
    """Lines and tables under ``root`` in reading order.

    A table is yielded as its element and not entered (``root`` itself is, even
    when it is a table). Hidden elements are left out unless they are in ``shown``.
    Raised, lowered and struck digits stand between signs (``3^1^``, ``~~5~~7``).
    ``plain`` says that no style needs to be asked (``look``).
    """
    pieces: list[str] = []
    blocks: list[_Element] = [root]
    pre = int(root.tag == "pre")
    _add(pieces, root.text, pre)
    # What is pushed to be left has had its children read; its end, its sign and its tail are to come.
    stack: list[tuple[_Element, bool, str]] = [(child, False, "") for child in reversed(root)]
    while stack:
        element, leave, sign = stack.pop()
        tag = element.tag
        if not leave:
            if not isinstance(tag, str) or tag in UNSEEN:
                _add(pieces, element.tail, pre)
                continue
            style = looks.NO_STYLE if plain else _style(element)
            if not plain and (style.hides or element.get("hidden") is not None) and element not in shown:
                _add(pieces, element.tail, pre)
                continue
            if tag == "table":
                if pieces and (line := _flush(pieces, blocks[-1])):
                    yield line
                yield element
                _add(pieces, element.tail, pre)
                continue
            if tag == "br":
                pieces.append("\n")
                _add(pieces, element.tail, pre)
                continue
            if tag in BLOCKS:
                if pieces and (line := _flush(pieces, blocks[-1])):
                    yield line
                blocks.append(element)
                pre += tag == "pre"
                if style.odd and (sign := _sign_of_look(element, tag, style.odd) or ""):
                    pieces.append(sign)
            elif tag in _MAYBE_APART or style.sign or style.odd:
                sign = _sign(element, tag, style) or ""
                if sign:
                    pieces.append(sign)
            _add(pieces, element.text, pre)
            if len(element):
                stack.append((element, True, sign))
                stack.extend([(child, False, "") for child in reversed(element)])
                continue
        if sign:
            pieces.append(sign)
        if tag in BLOCKS:
            if pieces and (line := _flush(pieces, element)):
                yield line
            blocks.pop()
            pre -= tag == "pre"
        _add(pieces, element.tail, pre)
    if pieces and (line := _flush(pieces, root)):
        yield line


def _add(pieces: list[str], text: str | None, pre: int) -> None:
    if text:
        pieces.append(text if pre else _collapsed(text))


def _collapsed(text: str) -> str:
    """White space folded to single blanks; Chinese text mostly has none to fold."""
    if "  " in text or "\n" in text or "\t" in text or "\r" in text or "\f" in text or "\v" in text:
        return _COLLAPSIBLE.sub(" ", text)
    return text


def _flush(pieces: list[str], block: _Element) -> Line | None:
    text = "".join(pieces) if len(pieces) > 1 else pieces[0]
    pieces.clear()
    if block.tag != "pre":
        text = _trimmed(text)
    # the last <br> of a block ends its line and begins none
    if text.endswith("\n"):
        return Line(text[:-1], block)
    return Line(text, block) if text else None


def _trimmed(text: str) -> str:
    if "  " in text:
        text = _BLANKS.sub(" ", text)
    if "\n" in text:
        text = _AROUND_BREAK.sub("\n", text)
    return text.strip(" ")


def cell_text(cell: _Element, plain: bool = False) -> str:
    """Text of one table cell: ``<br>`` and blocks as ``\\n``, no-break spaces kept, nested tables left out.

    White space that HTML would not show (indentation of the source) is gone. ``plain`` says that no
    style needs to be asked (``look``).
    """
    own = None if plain else _style(cell).odd
    if own is not None and (sign := _sign_of_look(cell, "", own)):
        return f"{sign}{text_of(cell).strip()}{sign}"
    alone = _alone(cell, plain)
    if alone is not None:
        return _trimmed(_collapsed(alone)).strip("\n ") if alone else ""
    return "\n".join([part.text for part in flow(cell, plain=plain) if isinstance(part, Line)]).strip("\n ")


#: Elements that do more than hold text.
_SPECIAL = UNSEEN | frozenset(("br", "table", "pre", *_APART))


def _alone(cell: _Element, plain: bool) -> str | None:
    """The text of a cell that is nothing but elements in one another around it, as most are; else ``None``.

    ``<td><p><span>3</span></p></td>`` is read so in a quarter of the time.
    """
    element = cell
    while element.tag not in _SPECIAL and isinstance(element.tag, str):
        if element is not cell and not (plain and element.tag not in _MAYBE_APART):
            style = _style(element)
            if style.hides or element.get("hidden") is not None:
                return None
            odd = style.sign or style.odd or element.tag in _MAYBE_APART
            if odd and _sign(element, element.tag, style):
                return None
        inside = len(element)
        if inside == 0:
            return element.text or ""
        if inside > 1 or (element.text and element.text.strip(_WHITE)):
            return None
        element = element[0]
        if element.tail and element.tail.strip(_WHITE):
            return None
    return None
