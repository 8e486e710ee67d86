"""HTML → Document: parsed once, tables from the original tree, prose through trafilatura.

lxml parses decoded text; trafilatura gets a tree, never bytes, because with a
lying charset it would decode them again and turn names to mojibake.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import lxml.html
import trafilatura
from lxml import etree
from lxml.etree import _Element

from archive.records import Document, Grid, Paragraph
from pipelines.dom import BLOCKS, UNSEEN, Line, flow, is_hidden, select, text_of
from pipelines.grid import from_html, source_rows
from pipelines.readers import lines, page
from pipelines.readers.errors import UnreadableError, megabytes, refuse_attribute_flood
from pipelines.readers.flatlines import without_tables

#: Characters of one page: the longest real report pages, Word pasted with a style on every span, have 1 MB;
#: images written into the page as data: addresses make it several.
MAX_CHARACTERS = 16 * 1024 * 1024
#: Elements trafilatura is given: it takes some 0.1 ms an element, a long report page has 4,000.
MAX_PROSE_ELEMENTS = 30_000
#: Depth trafilatura is given: it recurses, and so does Python's own limit of 1000 calls.
MAX_PROSE_DEPTH = 200
#: Characters of prose compared line by line: a long report has 60,000.
MAX_PROSE = 500_000
#: A layout table inside a layout table inside … : real pages stop at six.
MAX_TABLE_DEPTH = 30
#: Characters in one cell that no cell of a form has: the longest label with filling instructions has 200.
LONG_CELL = 1000
#: Elements whose objects are held while a page is read: a long report page has 4,000.
MOST_HELD = 50_000
#: Of the body's own lines trafilatura must keep this share: of a known container nearly all is the article,
#: of a whole page much is rightly dropped.
KEEP_IN_CONTAINER = 0.9
KEEP_IN_PAGE = 0.3
_SPACE = re.compile(r"\s+")
#: Characters no XML tree may hold; lxml takes them from a page and refuses them when text is moved.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:[xX]0{0,8}([0-9a-fA-F]{1,6})|0{0,8}(\d{1,7}));?")

# trafilatura warns on standard error about every page it makes nothing of; that is said in Document.notes
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


def read(text: str, notes: Sequence[str] = ()) -> Document:
    """Read one page from its decoded text.

    Raises ``UnreadableError`` if it is too large, empty, or nested so deep that
    the parser would leave out what follows.
    """
    if len(text) > MAX_CHARACTERS:
        raise UnreadableError(
            f"HTML of {megabytes(len(text))} is over the limit of {megabytes(MAX_CHARACTERS)}"
        )
    said = list(notes)
    root = parse(text)
    tags = page.meta(root)
    detail = page.gkmlpt_detail(root)
    if detail is not None:
        _insert(root, detail, said)
    etree.strip_elements(root, *_DROPPED, with_tail=False)
    # lxml makes an element's Python object anew each time it is met, unless one is held
    held = tuple(islice(root.iter(), MOST_HELD))
    body, known = page.body_of(root)
    shown = _shown_anyway(body, said)
    walk = _Blocks(root, shown, held)
    blocks = walk.read(body)
    # a page's head is no line of its text
    stamps = page.stamps(_page_body(root))
    own = lines.without_chrome(
        line for block in blocks if isinstance(block, Paragraph) for line in block.text.split("\n")
    )
    title = (detail.title if detail else None) or page.title(root, tags) or lines.find_title(own)
    published = tags.get("pubdate") or _publish_time(root) or (detail and detail.published)
    breadcrumb = page.breadcrumb(root)
    prose = _prose(body, walk.data, own, known, shown, said)
    return Document(
        kind="html",
        blocks=tuple(blocks),
        text=prose if walk.data else "\n".join(without_tables(prose.split("\n"))),
        title=title,
        published=published or lines.published(stamps),
        source=tags.get("contentsource") or (detail and detail.publisher) or lines.source(stamps),
        meta=tags,
        breadcrumb=breadcrumb,
        notes=tuple(said),
    )


#: Never part of the text; comments go while parsing.
_DROPPED = ("script", "style", "template", "noscript")


def _character(match: re.Match[str]) -> str:
    """A numeric reference as it stands, unless it names a character that no XML tree may hold."""
    code = int(match[1], 16) if match[1] else int(match[2])
    return "�" if code > 0x10FFFF or _NO_XML.match(chr(code)) else match[0]


def parse(text: str) -> _Element:
    """The tree of decoded text; raises ``UnreadableError`` where the parser would stop half-way."""
    refuse_attribute_flood(text)
    source = _NO_XML.sub("�", _REFERENCE.sub(_character, text)).encode("utf-8", "replace")
    # libxml2 stops without a word at 256 levels or 10 MB; unclosed <font> tags pass the first, images
    # written into the page the second. Its wider limits (2048 levels) are safe, as the size is bounded here.
    for huge in (False, True):
        parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=huge)
        try:
            root: _Element = lxml.html.document_fromstring(source, parser=parser)
        except etree.LxmlError as error:
            if huge or "empty" in str(error):
                raise UnreadableError(f"no HTML content: {error}") from error
            continue
        stopped = next((e.message for e in parser.error_log if "XML_PARSE_HUGE" in e.message), None)
        if stopped is None:
            return root
    raise UnreadableError(f"HTML beyond the parser's limits ({stopped}); what follows would be lost")


def _page_body(root: _Element) -> _Element:
    body = root.find(".//body")
    return body if body is not None else root


def _insert(root: _Element, detail: page.Detail, notes: list[str]) -> None:
    """Put the article of a gkmlpt page where its script would put it, unless the page has it already."""
    if not detail.content.strip():
        return
    found = select(root, "//*[contains(concat(' ', normalize-space(@class), ' '), ' article-content ')]")
    target = found[0] if found else None
    if target is not None and (text_of(target).strip() or target.find(".//table") is not None):
        return
    if target is None:
        target = etree.SubElement(_page_body(root), "div", {"class": "article-content"})
    content = _page_body(parse(detail.content))
    target.text = content.text
    target.extend(list(content))
    notes.append("正文取自页面脚本（DETAIL.content）")


def _publish_time(root: _Element) -> str | None:
    element = root.find(".//publishtime")
    return page.squeeze(text_of(element)) or None if element is not None else None


#: Elements that may be hidden.
_STYLED = "descendant-or-self::*[@style or @hidden]"


def _shown_anyway(body: _Element, notes: list[str]) -> frozenset[_Element]:
    """Hidden elements that hold the report itself: some pages show their body only by script."""
    hidden = [e for e in select(body, _STYLED) if is_hidden(e)][:200]
    if not hidden:
        return frozenset()
    own = page.marks("".join(part.text for part in flow(body) if isinstance(part, Line)) + _tables_text(body))
    shown = frozenset(e for e in hidden if len(page.marks(text_of(e)) - own) >= 2)
    if shown:
        notes.append("正文在页面上由脚本显示，已照读")
    return shown


def _tables_text(body: _Element) -> str:
    return "".join(
        text_of(table)
        for table in body.iter("table")
        if not is_hidden(table) and not any(is_hidden(a) for a in table.iterancestors())
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """A table on its way to blocks: its element and how many layout tables it lies in."""

    element: _Element
    depth: int


class _Blocks:
    """Paragraphs and grids of one tree in reading order."""

    def __init__(self, root: _Element, shown: frozenset[_Element], held: tuple[_Element, ...] = ()) -> None:
        self._shown = shown
        self._held = held
        #: The tables that became grids.
        self.data: set[_Element] = set()
        counts: dict[str, int] = {}
        self._names: dict[_Element, str] = {}
        for element in root.iter(*BLOCKS):
            tag = element.tag
            counts[tag] = counts.get(tag, 0) + 1
            self._names[element] = f"{tag}[{counts[tag]}]"

    def read(self, body: _Element) -> list[Paragraph | Grid]:
        blocks: list[Paragraph | Grid] = []
        stack: list[tuple[Iterator[Line | _Element], int]] = [(flow(body, self._shown), 0)]
        while stack:
            parts, depth = stack[-1]
            part = next(parts, None)
            if part is None:
                stack.pop()
            elif isinstance(part, Line):
                blocks.append(Paragraph(part.text, self._names.get(part.block, part.block.tag)))
            elif depth >= MAX_TABLE_DEPTH or is_layout(part):
                stack.append((flow(part, self._shown), depth + 1))
            else:
                self.data.add(part)
                blocks.extend(self._beside(part))
                blocks.append(from_html(part, self._names[part]))
                inner = [t for t in part.iter("table") if t is not part and _parent_table(t) is part]
                stack.append((iter(inner), depth + 1))
        return blocks

    def _beside(self, table: _Element) -> Iterator[Paragraph]:
        """Text inside the table but in no cell: the caption, and what browsers move before the table."""
        for child in table:
            if child.tag == "caption" and not is_hidden(child):
                for line in flow(child):
                    if isinstance(line, Line):
                        yield Paragraph(line.text, self._names[child])
            elif (child.tail or "").strip():
                yield Paragraph(page.squeeze(child.tail or ""), self._names[table])
        if (table.text or "").strip():
            yield Paragraph(page.squeeze(table.text or ""), self._names[table])


def _parent_table(element: _Element) -> _Element | None:
    return next(element.iterancestors("table"), None)


def is_layout(table: _Element) -> bool:
    """Whether a table only arranges the page: one column, prose in a cell, or mostly other tables."""
    rows = source_rows(table)
    if max((len(row.cells) for row in rows), default=0) <= 1:
        return True
    nested = [t for t in table.iter("table") if t is not table and _parent_table(t) is table]
    whole = len(_dense(table))
    inside = sum(len(_dense(t)) for t in nested)
    if nested and inside * 2 >= whole:
        return True
    return whole > LONG_CELL and any(
        len(text) > LONG_CELL
        and len(_SPACE.sub("", text)) - sum(len(_dense(t)) for t in nested if cell in t.iterancestors())
        > LONG_CELL
        for row in rows
        for cell in row.cells
        if (text := text_of(cell))
    )


def _dense(element: _Element) -> str:
    return _SPACE.sub("", text_of(element))


def _prose(
    body: _Element,
    data: set[_Element],
    own: list[str],
    known: bool,
    shown: frozenset[_Element],
    notes: list[str],
) -> str:
    """Text of the article, one paragraph a line, through trafilatura where it keeps what matters."""
    fallback = "\n".join(own)
    size, depth = _extent(body)
    if size > MAX_PROSE_ELEMENTS or depth > MAX_PROSE_DEPTH or shown:
        notes.append(f"prose taken from the page's own lines ({size} elements, {depth} deep)")
        return fallback
    kept = _kept(own, _extract(body, data))
    text = "\n".join(kept)
    least = len(fallback) * (KEEP_IN_CONTAINER if known else KEEP_IN_PAGE)
    if len(text) >= least and page.marks(fallback) <= page.marks(text):
        return text
    if fallback:
        notes.append(
            "prose taken from the page's own lines: "
            f"trafilatura kept {len(text)} of {len(fallback)} characters"
        )
    return fallback


def _kept(own: Sequence[str], extract: str) -> list[str]:
    """The page's own lines that are in trafilatura's text.

    Its lines are not taken themselves: it breaks a line where it meets a span, and leaves the half of a
    date line that no longer looks like one.
    """
    dense = _SPACE.sub("", extract)
    return [line for line in own if _SPACE.sub("", line) in dense] if len(dense) <= MAX_PROSE else []


def _extent(element: _Element) -> tuple[int, int]:
    """Number of elements and greatest depth, counted only as far as the limits reach.

    A depth within ``MAX_PROSE_DEPTH`` is given as 0: nobody asks.
    """
    size = sum(1 for _ in islice(element.iter(), MAX_PROSE_ELEMENTS + 1))
    if size > MAX_PROSE_ELEMENTS:
        return size, 0
    above = sum(1 for _ in element.iterancestors())
    deep = select(element, f"descendant::*[ancestor::*[{above + MAX_PROSE_DEPTH}]]")
    return size, MAX_PROSE_DEPTH + 1 if deep else 0


def _extract(body: _Element, data: set[_Element]) -> str:
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
    unseen = [*body.iter(*UNSEEN), *(e for e in select(body, _STYLED) if is_hidden(e))]
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
