"""PDF with a text layer → Document: ruled tables by their lines, the rest as paragraphs.

Tables are read page by page and joined where they run over a page break
(``pdf_tables``). Pages that are pictures go through OCR where that is installed.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect

from archive.records import Document
from pipelines.readers import lines, messages, ocr
from pipelines.readers.errors import UnreadableError, for_want_of_memory
from pipelines.readers.paged import Item, document_of, lines_outside
from pipelines.readers.pdf_bare import Carried, find_tables
from pipelines.readers.pdf_ink import Ink, drawing, is_garbled, seen
from pipelines.readers.pdf_limits import (
    MAX_CONTENT,
    MAX_PAGE_CONTENT,
    check_inflation,
    check_references,
    content_size,
)
from pipelines.readers.pdf_tables import Effort, Part
from pipelines.readers.pdf_turn import upright

#: Pages read: a report has 4 to 30; yearbooks that carry one in an annex stay below 200.
MAX_PAGES = 200
#: Characters of one page: a dense A4 page has 3,000.
MAX_PAGE_CHARACTERS = 30_000
#: Share of a page that a picture covers which is all there is on it: a scan with margins cut off.
_PICTURE_ALONE = 0.3
#: Share covered by a scan with a text layer behind it; letterheads and photographs cover less.
_PICTURE_BEHIND = 0.85
#: Share of a page's signs that stand for nothing: bullets of symbol fonts stay below the first, a font
#: without a table of its characters is above the second.
_GARBLED_SOME = 0.05
_GARBLED = 0.3

# pdfminer reports every oddity of every font on standard error; a log of thousands of lines hides findings
logging.getLogger("pdfminer").setLevel(logging.CRITICAL)


def read(body: bytes, notes: Sequence[str] = ()) -> Document:
    """Read one PDF.

    Raises ``UnreadableError`` for a damaged or encrypted file, one without text
    layer where OCR is not installed, and one that unpacks beyond all measure.
    """
    said = list(notes)
    check_inflation(body)
    check_references(body)
    state, title = _pages(body, said)
    unsure, scanned = _read_pictures(body, state)
    if not any(state.pages):
        raise UnreadableError(
            messages.no_page_readable(said[-1]) if said else messages.no_text_layer(len(state.pages))
        )
    if not body.rstrip().endswith(b"%%EOF"):
        said.append(messages.CUT_SHORT)
    return document_of(state.pages, said, kind="scan" if scanned else "pdf", hint=title, unsure=unsure)


def _read_pictures(body: bytes, state: _State) -> tuple[frozenset[str], bool]:
    """Put what OCR reads on the pages that are pictures in their place; the places that stay unsure.

    A file of nothing but pictures cannot be read without OCR; among pages of
    text a picture that is not read is noted.
    """
    if state.garbled:
        state.notes.append(messages.garbled(state.garbled))
    if not state.pictures:
        return frozenset(), False
    try:
        scanned, unsure = ocr.pdf_pages(body, state.pictures, state.notes)
    except UnreadableError as error:
        if not any(state.pages):
            reason = messages.garbled(state.garbled) if state.garbled else messages.ONLY_PICTURES
            raise UnreadableError(messages.because(reason, error)) from error
        state.notes.append(messages.pictures_unread(state.pictures, error))
        return frozenset(), False
    for number, items in scanned.items():
        state.pages[number - 1] = items
    return unsure, any(scanned.values())


@dataclass(slots=True)
class _State:
    """What is known while the pages of one file are read."""

    notes: list[str]
    effort: Effort = field(default_factory=Effort)
    pages: list[list[Item]] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)
    """Pages that must be looked at: scans, and pages whose text layer says nothing."""
    garbled: list[int] = field(default_factory=list)
    """Those of them that have a text layer of signs that stand for nothing."""
    undrawn: list[int] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    carried: Carried | None = None
    characters: int = 0
    failed: int = 0
    spent: int = 0
    left_out: int = 0


def _pages(body: bytes, notes: list[str]) -> tuple[_State, str | None]:
    """Lines and table parts of every page in reading order, which pages are pictures; the title property."""
    state = _State(notes)
    count = 0
    try:
        with pdfplumber.open(BytesIO(body)) as pdf, drawing(body) as document:
            count = len(pdf.pages)
            if count > MAX_PAGES:
                notes.append(messages.pages_cut(MAX_PAGES, count))
            for page in pdf.pages[:MAX_PAGES]:
                state.pages.append(_read_page(page, document, state))
                page.close()
            title = pdf.metadata.get("Title") if isinstance(pdf.metadata, dict) else None
    except Exception as error:
        if for_want_of_memory(error):
            raise
        raise _refusal(error) from error
    if state.undrawn:
        notes.append(messages.pages_not_drawn(state.undrawn))
    if state.hidden:
        notes.append(messages.hidden_text(state.hidden))
    if not state.characters and not state.pictures:
        raise UnreadableError(_textless(count, state))
    return state, _property(title)


def _read_page(page: Any, document: Any, state: _State) -> list[Item]:
    """The items of one page; what stands in the way is noted in ``state``."""
    number, carried = page.page_number, state.carried
    state.carried = None
    weight = content_size(page.page_obj)
    state.spent += weight
    if weight > MAX_PAGE_CONTENT or state.spent > MAX_CONTENT:
        state.notes.append(messages.page_too_heavy(number, weight))
        state.left_out += 1
        return []
    try:
        page = upright(page)
        if len(page.chars) > MAX_PAGE_CHARACTERS:
            state.notes.append(messages.page_too_long(number, len(page.chars)))
            state.left_out += 1
            return []
        look = seen(page, document)
        page.objects["char"] = look.chars
        items, last = _page(page, state, look.ink, carried)
        visible = [char["text"] for char in look.chars if not char["text"].isspace()]
        garbled = sum(map(is_garbled, visible)) if look.drawn else 0
        if _is_picture(page, items):
            state.pictures.append(number)
            return []
        if not look.drawn:
            state.undrawn.append(number)
        if look.hidden:
            state.hidden.append(number)
        if garbled > len(visible) * _GARBLED_SOME:
            state.pictures.append(number)
            state.garbled.append(number)
            if garbled > len(visible) * _GARBLED:
                return []
        state.characters += len(visible)
        state.carried = last
        return items
    except Exception as error:  # on broken pages pdfminer raises nearly anything
        if for_want_of_memory(error):
            raise
        state.notes.append(messages.page_damaged(number, error))
        state.failed += 1
        return []


def _is_picture(page: Any, items: Sequence[Item]) -> bool:
    """Whether a page is the scan of one: an image over nearly all of it, and no table drawn over that.

    The text that a scanner's own OCR laid behind the image is not trusted: it
    says nothing of how certain it is.
    """
    area = float(page.width * page.height)
    largest = max((image["width"] * image["height"] for image in page.images), default=0.0)
    if not page.chars:
        return largest >= area * _PICTURE_ALONE
    drawn = any(isinstance(item, Part) for item in items)
    return largest >= area * _PICTURE_BEHIND and not drawn


def _textless(count: int, state: _State) -> str:
    """Why a PDF that gave neither character nor picture gave none."""
    if state.failed or state.left_out:
        return messages.no_page_readable(state.notes[-1])
    return messages.no_text_layer(count)


def _refusal(error: Exception) -> UnreadableError:
    chain: list[BaseException] = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) is not None and len(chain) < 8:
        chain.append(cause)
    nested = [argument for one in chain for argument in one.args if isinstance(argument, BaseException)]
    if any(isinstance(one, PDFPasswordIncorrect) for one in (*chain, *nested)):
        return UnreadableError(messages.encrypted("PDF"))
    return UnreadableError(messages.damaged("PDF", (nested or chain)[0]))


def _page(page: Any, state: _State, ink: Ink, carried: Carried | None) -> tuple[list[Item], Carried | None]:
    """Table parts and text lines of one page from top to bottom; the table the next may go on with."""
    parts, last = find_tables(page, state.effort, state.notes, ink, carried)
    items: list[Item] = [*parts, *lines_outside(page, parts)]
    return sorted(items, key=lambda item: (item.top, item.x0)), last


def _property(title: Any) -> str | None:
    """The title in the file's properties: a hint, and only if it is worded like a title."""
    if not isinstance(title, str):
        return None
    if title.startswith("þÿ"):
        title = title.encode("latin-1", "replace").decode("utf-16", "replace")
    return title.strip() if lines.looks_like_title(title) else None
