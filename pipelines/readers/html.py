"""HTML → Document: parsed once from decoded text, tables from the original tree, prose by ``article``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import lxml.html
from lxml import etree
from lxml.etree import _Element

from archive.folding import dense
from archive.records import Document, Grid, Paragraph
from pipelines.dom import BLOCKS, Line, flow, is_hidden, look, select, text_of
from pipelines.grid import SourceRow, from_html, source_rows
from pipelines.readers import article, divs, lines, messages, page, stylesheet
from pipelines.readers.errors import MAX_PAGE, UnreadableError, refuse_attribute_flood
from pipelines.readers.flatlines import without_tables

#: A layout table inside a layout table inside … : real pages stop at six.
MAX_TABLE_DEPTH = 30
#: Characters in one cell that no cell of a form has: the longest label with filling instructions has 200.
LONG_CELL = 1000
#: Elements whose objects are held while a page is read: a long report page has 4,000.
MOST_HELD = 50_000
#: Characters no XML tree may hold; lxml takes them from a page and refuses them when text is moved.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: Those of them that are one byte in UTF-8, and the two that are three.
_NO_XML_BYTES = bytes({*range(0x20)} - {*b"\t\n\r"})
_NONCHARACTERS = "\ufffe\uffff"
_REFERENCE = re.compile(r"&#(?:[xX]0{0,8}([0-9a-fA-F]{1,6})|0{0,8}(\d{1,7}));?")
#: Every element is of one class, which trafilatura needs; lxml.html would choose it in Python for each.
_CLASSES = etree.ElementDefaultClassLookup(element=lxml.html.HtmlElement)


def read(text: str, notes: Sequence[str] = (), source: bytes | None = None) -> Document:
    """Read one page from its decoded text; ``source`` is that text in UTF-8 where it is at hand.

    Raises ``UnreadableError`` if it is too large, empty, or nested so deep that
    the parser would leave out what follows.
    """
    if len(text) > MAX_PAGE:
        raise UnreadableError(messages.html_too_large(len(text), MAX_PAGE))
    said = list(notes)
    root = parse(text, source)
    tags = page.meta(root)
    detail = page.gkmlpt_detail(root)
    if detail is not None:
        _insert(root, detail, said)
    stylesheet.apply(root)
    etree.strip_elements(root, *_DROPPED, with_tail=False)
    # lxml makes an element's Python object anew each time it is met, unless one is held
    held = tuple(islice(root.iter(), MOST_HELD))
    body, known = page.body_of(root)
    seen = look(body)
    shown = _shown_anyway(body, seen.hidden[:_MAX_HIDDEN], said)
    walk = _Blocks(root, shown, held, plain=seen.plain)
    blocks = walk.read(body)
    runs = divs.find(body, "\n".join(block.text for block in blocks if isinstance(block, Paragraph)))
    if runs:
        walk = _Blocks(root, shown, held, runs, plain=seen.plain)
        blocks = walk.read(body)
    own = lines.without_chrome(
        line for block in blocks if isinstance(block, Paragraph) for line in block.text.split("\n")
    )
    title = (detail.title if detail else None) or page.title(root, tags) or lines.find_title(own)
    published = tags.get("pubdate") or _publish_time(root) or (detail and detail.published)
    publisher = tags.get("contentsource") or (detail and detail.publisher)
    if not (published and publisher):
        # a page's head is no line of its text
        stamps = page.stamps(_page_body(root))
        published = published or lines.published(stamps)
        publisher = publisher or lines.source(stamps)
    breadcrumb = page.breadcrumb(root)
    prose = article.prose(body, walk.data, own, known=known, shown=shown, notes=said)
    return Document(
        kind="html",
        blocks=tuple(blocks),
        text=prose if walk.data else "\n".join(without_tables(prose.split("\n"))),
        title=title,
        published=published,
        source=publisher,
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


def _clean(text: str, source: bytes | None) -> bytes:
    """UTF-8 without what no tree may hold: nearly every page has none of it, which its bytes tell best."""
    if "&#" in text:
        text, source = _REFERENCE.sub(_character, text), None
    if source is None:
        try:
            source = text.encode()
        except UnicodeEncodeError:  # a surrogate
            return _without(text)
    clean = len(source.translate(None, _NO_XML_BYTES)) == len(source)
    return source if clean and not any(map(text.__contains__, _NONCHARACTERS)) else _without(text)


def _without(text: str) -> bytes:
    return _NO_XML.sub("�", text).encode("utf-8", "replace")


def parse(text: str, source: bytes | None = None) -> _Element:
    """The tree of decoded text; raises ``UnreadableError`` where the parser would stop half-way."""
    source = _clean(text, source)
    refuse_attribute_flood(source)
    # libxml2 stops without a word at 256 levels or 10 MB; unclosed <font> tags pass the first, images
    # written into the page the second. Its wider limits (2048 levels) are safe, as the size is bounded here.
    for huge in (False, True):
        parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=huge)
        parser.set_element_class_lookup(_CLASSES)
        try:
            root: _Element = lxml.html.document_fromstring(source, parser=parser)
        except etree.LxmlError as error:
            if huge or "empty" in str(error):
                raise UnreadableError(messages.no_html(error)) from error
            continue
        stopped = next((e.message for e in parser.error_log if "XML_PARSE_HUGE" in e.message), None)
        if stopped is None:
            return root
    raise UnreadableError(messages.html_beyond_parser(stopped))


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


#: Hidden elements looked into for the report: a page has a handful.
_MAX_HIDDEN = 200


def _shown_anyway(body: _Element, unseen: Sequence[_Element], notes: list[str]) -> frozenset[_Element]:
    """Hidden elements that hold the report itself: some pages show their body only by script."""
    if not unseen:
        return frozenset()
    own = page.marks("".join(part.text for part in flow(body) if isinstance(part, Line)) + _tables_text(body))
    shown = frozenset(e for e in unseen if len(page.marks(text_of(e)) - own) >= 2)
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

    def __init__(
        self,
        root: _Element,
        shown: frozenset[_Element],
        held: tuple[_Element, ...] = (),
        runs: Sequence[divs.Run] = (),
        *,
        plain: bool = False,
    ) -> None:
        self._plain = plain
        self._runs = {row: run for run in runs for row in run.rows}
        self._shown = shown
        self._held = held
        #: The tables that became grids.
        self.data: set[_Element] = set()
        self._root = root
        self._numbers: dict[str, dict[_Element, int]] = {}

    def _name(self, element: _Element) -> str:
        """``p[3]``: the third of its kind on the page; only blocks are counted."""
        tag = element.tag
        if tag not in BLOCKS:
            return tag
        if tag not in self._numbers:
            self._numbers[tag] = {each: at for at, each in enumerate(self._root.iter(tag), 1)}
        return f"{tag}[{self._numbers[tag][element]}]"

    def read(self, body: _Element) -> list[Paragraph | Grid]:
        blocks: list[Paragraph | Grid] = []
        begun: list[divs.Run] = []
        stack: list[tuple[Iterator[Line | _Element], int]] = [(flow(body, self._shown, self._plain), 0)]
        while stack:
            parts, depth = stack[-1]
            part = next(parts, None)
            if part is None:
                stack.pop()
            elif isinstance(part, Line):
                run = self._run_of(part.block) if self._runs else None
                if run is None:
                    blocks.append(Paragraph(part.text, self._name(part.block)))
                elif run not in begun:
                    begun.append(run)
                    blocks.extend(divs.placed(run, grid, self._name) for grid in run.grids)
            elif depth >= MAX_TABLE_DEPTH or is_layout(part, rows := source_rows(part)):
                stack.append((flow(part, self._shown, self._plain), depth + 1))
            else:
                self.data.add(part)
                blocks.extend(self._beside(part))
                blocks.append(from_html(part, self._name(part), rows, self._plain))
                inner = [t for t in part.iter("table") if t is not part and _parent_table(t) is part]
                stack.append((iter(inner), depth + 1))
        return blocks

    def _run_of(self, block: _Element) -> divs.Run | None:
        """The rows of divs in which a line stands."""
        around = (block, *block.iterancestors())
        return next((self._runs[element] for element in around if element in self._runs), None)

    def _beside(self, table: _Element) -> Iterator[Paragraph]:
        """Text inside the table but in no cell: the caption, and what browsers move before the table."""
        for child in table:
            if child.tag == "caption" and not is_hidden(child):
                for line in flow(child):
                    if isinstance(line, Line):
                        yield Paragraph(line.text, self._name(child))
            elif (child.tail or "").strip():
                yield Paragraph(page.squeeze(child.tail or ""), self._name(table))
        if (table.text or "").strip():
            yield Paragraph(page.squeeze(table.text or ""), self._name(table))


def _parent_table(element: _Element) -> _Element | None:
    return next(element.iterancestors("table"), None)


def is_layout(table: _Element, rows: Sequence[SourceRow]) -> bool:
    """Whether a table only arranges the page: one column, prose in a cell, or mostly other tables.

    ``rows`` are its ``source_rows``.
    """
    if max((len(row.cells) for row in rows), default=0) <= 1:
        return True
    nested = [t for t in table.iter("table") if t is not table and _parent_table(t) is table]
    whole = _size(table)
    if nested and sum(map(_size, nested)) * 2 >= whole:
        return True
    return whole > LONG_CELL and any(
        len(text) > LONG_CELL
        and len(dense(text)) - sum(_size(t) for t in nested if cell in t.iterancestors()) > LONG_CELL
        for row in rows
        for cell in row.cells
        if (text := text_of(cell))
    )


def _size(element: _Element) -> int:
    """Characters of its text, white space aside."""
    return len(dense(text_of(element)))
