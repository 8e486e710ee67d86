"""The prose of an article: those of the page's own lines that trafilatura takes for the text.

It is asked only where there is something to choose. It gets a tree, never bytes,
because with a lying charset it would decode them again and turn names to mojibake.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import islice

import lxml.html
import trafilatura
from lxml import etree
from lxml.etree import _Element

from archive.folding import dense
from pipelines.dom import UNSEEN, hidden, select
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
    text = "\n".join(_kept(own, _extract(body, data)))
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
    at = 0
    for line in own if len(whole) <= MAX_CHARACTERS else ():
        text = dense(line)
        # both go through the page in the same order, so the next line is mostly found at once
        found = whole.find(text, at)
        found = whole.find(text, 0, at + len(text)) if found < 0 else found
        if found >= 0:
            kept.append(line)
            at = found + len(text)
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
    ``fast`` leaves out its comparison with other extractors (34–41 ms a page against 10–12);
    ``deduplicate`` stays off: it drops lines that occur twice, and reports repeat lines.
    """
    body.tail = None
    for table in list(body.iter("table")):
        if table in data:
            _remove(table)
    # what is left of tables only arranges the page
    for element in body.iter("table", "tbody", "thead", "tfoot", "tr", "td", "th"):
        element.tag = "div"
    unseen = [*body.iter(*UNSEEN), *hidden(body)]
    for element in unseen:
        if element is not body:
            _remove(element)
    tree = lxml.html.Element("html")
    holder = etree.SubElement(tree, "body")
    if body.tag == "body":
        holder.text = body.text
        holder.extend(list(body))
    else:
        body.tag = "article"
        holder.append(body)
    result = trafilatura.bare_extraction(
        tree, fast=True, favor_recall=True, include_comments=False, include_tables=False, deduplicate=False
    )
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
