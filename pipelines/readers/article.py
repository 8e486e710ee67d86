"""The prose of an article: those of the page's own lines that trafilatura takes for the text.

It is asked only where there is something to choose. It gets a tree, never bytes,
because with a lying charset it would decode them again and turn names to mojibake.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice

import trafilatura
from lxml import etree
from lxml.etree import _Element
from trafilatura.settings import Extractor

from archive.folding import dense
from pipelines.dom import UNSEEN, look, select, text_of
from pipelines.readers import messages, page

#: Elements trafilatura is given: it takes some 0.1 ms an element, a long report page has 4,000.
MAX_ELEMENTS = 30_000
#: Depth trafilatura is given: it recurses, and so does Python's own limit of 1000 calls.
MAX_DEPTH = 200
#: Characters of prose compared line by line: a long report has 60,000.
MAX_CHARACTERS = 500_000
#: Of the body's own lines trafilatura must keep this share: of a known container nearly all is the article,
#: of a whole page much is rightly dropped.
KEEP_IN_CONTAINER = 0.9
KEEP_IN_PAGE = 0.3

#: ``fast`` leaves out its comparison with other extractors (34–41 ms a page against 10–12);
#: ``dedup`` stays off: it drops lines that occur twice, and reports repeat lines.
_OPTIONS = Extractor(
    output_format="python", fast=True, recall=True, comments=False, tables=False, dedup=False
)

# trafilatura warns on standard error about every page it makes nothing of; that is said in Document.notes
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


def prose(
    body: _Element,
    data: AbstractSet[_Element],
    own: Sequence[str],
    *,
    known: bool,
    shown: AbstractSet[_Element],
    notes: list[str],
) -> str:
    """Text of the article, one paragraph a line.

    ``own`` are the lines of ``body`` without chrome, ``data`` the tables that were
    read as such, ``known`` says whether ``body`` is a known container. What had to
    be decided is appended to ``notes``. May take the tree apart: call it last.
    """
    whole = "\n".join(own)
    if known and not shown and _is_plain(body, data):
        return whole
    size, depth = _extent(body)
    if size > MAX_ELEMENTS or depth > MAX_DEPTH or shown:
        notes.append(messages.own_lines(size, depth))
        return whole
    extract = _beside_links(body, data) if known else None
    text = "\n".join(_kept(own, _extract(body, data) if extract is None else extract))
    least = len(whole) * (KEEP_IN_CONTAINER if known else KEEP_IN_PAGE)
    if len(text) >= least and (text == whole or page.marks(whole) <= page.marks(text)):
        return text
    if whole:
        notes.append(messages.own_lines_kept(len(text), len(whole)))
    return whole


#: Elements that only shape a text. Links, lists, forms, asides and the like are what trafilatura chooses by.
_SHAPES = frozenset(
    re.split(
        r"\s+",
        "article b big blockquote br center div em font h1 h2 h3 h4 h5 h6 hr i img o:p p s section small "
        "span strike strong sub sup u ucapcontent wbr",
    )
)
#: Names that Word and the editors of the portals give to paragraphs and their wrappers; any other may say
#: that something is no part of the text (share, related, attachment), and trafilatura judges by them too.
_EDITORS = re.compile(
    r"(?:\s*(?:Mso\w*|(?:Word)?Section\d*|[pac]\d+|vsbcontent_\w+|Custom_UnionStyle|TRS_\w+|trs_\w+|view))*\s*"
)


def _is_plain(body: _Element, data: AbstractSet[_Element]) -> bool:
    """Whether nothing in a container tells one part of its text from another: then all of it is the prose."""
    if any(_speaks_beside_its_cells(table) for table in data):
        return False
    waiting = [body]
    while waiting:
        for child in waiting.pop():
            if child.tag == "table":
                if child not in data:
                    return False
                continue
            name = child.get("class")
            if (
                child.tag not in _SHAPES
                or child.get("id") is not None
                or (name is not None and not _EDITORS.fullmatch(name))
            ):
                return False
            if len(child):
                waiting.append(child)
    return True


#: What stands in a paragraph and says nothing of it; and attributes of which trafilatura thinks nothing.
_INLINE = frozenset(("span", "font", "b", "strong", "i", "em", "u", "br", "o:p"))
_SILENT = frozenset(("style", "class", "align", "lang", "xml:lang", "dir", "face", "size", "color", "clear"))
#: Word's and WPS's names of ordinary paragraphs; trafilatura drops some others (MsoFooter).
_STYLE_NAMES = re.compile(r"(?:\s*(?:Mso(?:Normal|PlainText|BodyText\w*|ListParagraph\w*)|[pac]\d+))*\s*")
#: trafilatura takes a style with one of these for a hidden element's.
_HIDING = re.compile("hidden|display")
_HAN = re.compile(r"[\u4e00-\u9fff]")
#: Shorter runs are left as they are: trafilatura's rules look at lengths up to 750 characters.
_LEAST_JOINED = 800


def _join_paragraphs(body: _Element) -> None:
    """Make one paragraph of many that follow each other and are nothing but text.

    trafilatura takes or leaves them alike, and its time goes by the element. The first and the last
    of them stay, because it counts paragraphs; text stays where it is.
    """
    run: list[tuple[_Element, str]] = []
    for paragraph in list(body.iter("p")):
        text = _sentence(paragraph)
        if run and (text is None or run[-1][0].getnext() is not paragraph):
            _join(run)
            run = []
        if text is None:
            continue
        run.append((paragraph, text))
        if paragraph.tail and not paragraph.tail.isspace():
            _join(run)
            run = []
    _join(run)


def _join(run: Sequence[tuple[_Element, str]]) -> None:
    said = [at for at, (_, text) in enumerate(run) if text and not text.isspace()]
    inner = run[said[0] + 1 : said[-1]] if said else ()
    if len(inner) < 2 or not _is_long(text for _, text in inner):
        return
    whole = "".join([text + (paragraph.tail or "") for paragraph, text in inner])
    first, tail = inner[0][0], inner[-1][0].tail or ""
    parent = first.getparent()
    assert parent is not None, "paragraphs of a run stand beside each other"
    for paragraph, _ in inner[1:]:
        parent.remove(paragraph)
    first[:] = []
    first.text, first.tail = whole[: len(whole) - len(tail)], tail


def _is_long(texts: Iterable[str]) -> bool:
    """Whether they have ``_LEAST_JOINED`` characters together.

    Equal ones count once, as for trafilatura where it looks for text that it may have missed.
    """
    size = 0
    known: set[str] = set()
    for text in map(dense, texts):
        size += len(text) if text not in known else 0
        if size >= _LEAST_JOINED:
            return True
        known.add(text)
    return False


def _sentence(paragraph: _Element) -> str | None:
    """The text of a paragraph that is a sentence or blank; ``None`` if anything in it or on it says more."""
    if len(paragraph):
        if not all(element.tag in _INLINE and _is_silent(element) for element in paragraph.iterdescendants()):
            return None
        text = text_of(paragraph)
    else:
        text = paragraph.text or ""
    # trafilatura leaves out a paragraph that is only the name of a network or of a format
    told = not text or text.isspace() or _HAN.search(text)
    return text if told and _is_silent(paragraph) else None


def _is_silent(element: _Element) -> bool:
    for name, value in element.items():
        assert isinstance(value, str)
        if name not in _SILENT or (name == "style" and _HIDING.search(value)):
            return False
        if name == "class" and not _STYLE_NAMES.fullmatch(value):
            return False
    return True


#: Attributes of a link of which trafilatura thinks nothing.
_OF_LINK = frozenset(("href", "target", "title"))
#: With fewer characters in its paragraphs trafilatura looks elsewhere for more.
_LEAST_TEXT = 1_000
#: Of a paragraph with one link trafilatura (``link_density_test``) drops: nearly nothing but a long link,
_LONG_LINK, _NEARLY_ALL = 100, 0.9
#: and a short one that is mostly the link, the last of its container up to the second length.
_SHORT, _SHORT_LAST, _MOSTLY = 30, 60, 0.8


def _beside_links(body: _Element, data: AbstractSet[_Element]) -> str | None:
    """What trafilatura takes of a container of sentences, and of paragraphs with one link (an attachment).

    The latter it drops or leaves by their lengths alone. ``None`` where there is more to judge by.
    """
    if (body.text and not body.text.isspace()) or look(body).hidden:
        return None
    found: list[tuple[str, str | None]] = []
    for child in body:
        if child.tail and not child.tail.isspace():
            return None
        if child in data:
            continue
        if child.tag != "p":
            return None
        text, link = _sentence(child), None
        if text is None:
            link = _only_link(child)
            if link is None:
                return None
            text = text_of(child)
        if child.text is not None or len(child):  # it takes out empty ones first
            found.append((page.squeeze(text), link))
    for _ in range(2):  # as often as trafilatura: one that is dropped may make another the last
        last = len(found) - 1
        found = [pair for at, pair in enumerate(found) if not _is_link(*pair, last=at == last)]
    kept = "\n".join([text for text, _ in found])
    # what it would mend: references, signs that are not shown, and the sign for a line's end
    sound = not any(mark in kept for mark in "&␤") and dense(kept).isprintable()
    return kept if sound and sum(len(text) for text, link in found if link is None) >= _LEAST_TEXT else None


def _is_link(text: str, link: str | None, *, last: bool) -> bool:
    """Whether trafilatura drops a paragraph with this text, of which ``link`` is the link's."""
    if link is None:
        return False
    if len(link) > _LONG_LINK and len(link) > len(text) * _NEARLY_ALL:
        return True
    short = len(text) < (_SHORT_LAST if last else _SHORT)
    return short and (not link or len(link) > len(text) * _MOSTLY)


def _only_link(paragraph: _Element) -> str | None:
    """The text of the one link in a paragraph of Chinese text; ``None`` if it has more than that."""
    links = list(paragraph.iter("a"))
    if len(links) != 1 or not _is_silent(paragraph) or not _HAN.search(text_of(paragraph)):
        return None
    for element in paragraph.iterdescendants():
        if element is links[0]:
            if not _OF_LINK.issuperset(element.keys()):
                return None
        elif element.tag == "br" or element.tag not in _INLINE or not _is_silent(element):
            return None
    return page.squeeze(text_of(links[0]))


def _speaks_beside_its_cells(table: _Element) -> bool:
    """Whether a table has a caption, or text in no cell: lines of the page that are no prose."""
    return any(text and text.strip() for text in (table.text, *(child.tail for child in table))) or (
        table.find("caption") is not None
    )


def _kept(own: Sequence[str], extract: str) -> list[str]:
    """The page's own lines that are in trafilatura's text.

    Its lines are not taken themselves: it breaks a line where it meets a span, and leaves the half of a
    date line that no longer looks like one.
    """
    whole = dense(extract)
    kept: list[str] = []
    absent: set[str] = set()
    at = 0
    for line in own if len(whole) <= MAX_CHARACTERS else ():
        text = dense(line)
        # both go through the page in the same order, so the next line mostly follows at once
        found = at if whole.startswith(text, at) else -1
        if found < 0 and text not in absent:
            found = whole.find(text, at)
            found = whole.find(text, 0, at + len(text)) if found < 0 else found
        if found >= 0:
            kept.append(line)
            at = found + len(text)
        else:
            absent.add(text)  # a menu stands at the top and at the bottom
    return kept


def _extent(element: _Element) -> tuple[int, int]:
    """Number of elements and greatest depth, counted only as far as the limits reach.

    A depth within ``MAX_DEPTH`` is given as 0: nobody asks.
    """
    size = sum(1 for _ in islice(element.iter(), MAX_ELEMENTS + 1))
    if size > MAX_ELEMENTS:
        return size, 0
    above = sum(1 for _ in element.iterancestors())
    deep = select(element, f"descendant::*[ancestor::*[{above + MAX_DEPTH}]]")
    return size, MAX_DEPTH + 1 if deep else 0


def _extract(body: _Element, data: AbstractSet[_Element]) -> str:
    """What trafilatura takes for the text, data tables and hidden elements taken out first.

    Takes the tree apart: it is the last to need it.
    """
    body.tail = None
    for table in list(body.iter("table")):
        if table in data:
            _remove(table)
    # what is left of tables only arranges the page
    for element in body.iter("table", "tbody", "thead", "tfoot", "tr", "td", "th"):
        element.tag = "div"
    unseen = [*body.iter(*UNSEEN), *look(body).hidden]
    for element in unseen:
        if element is not body:
            _remove(element)
    _join_paragraphs(body)
    # of the same class of elements as the page, see ``html.parse``
    tree = body.makeelement("html")
    holder = etree.SubElement(tree, "body")
    if body.tag == "body":
        holder.text = body.text
        holder.extend(list(body))
    else:
        body.tag = "article"
        holder.append(body)
    result = trafilatura.bare_extraction(tree, options=_OPTIONS)
    text = getattr(result, "text", None)
    return text if isinstance(text, str) else ""


def _remove(element: _Element) -> None:
    """Take an element out and leave the text after it."""
    parent = element.getparent()
    if parent is None:
        return
    tail = element.tail
    if tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail
    parent.remove(element)
