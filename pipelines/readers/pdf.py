"""PDF with a text layer → Document: ruled tables by their lines, the rest as paragraphs.

Tables are read page by page and joined where they run over a page break
(``pdf_tables``). Pages that are pictures go through OCR where that is installed.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect

from archive.records import Document
from pipelines.readers import lines, ocr
from pipelines.readers.errors import UnreadableError, megabytes
from pipelines.readers.paged import Item, TextLine, document_of
from pipelines.readers.pdf_limits import MAX_CONTENT, MAX_PAGE_CONTENT, check_inflation, content_size
from pipelines.readers.pdf_tables import Effort, Part, find_parts

#: Pages read: a report has 4 to 30; yearbooks that carry one in an annex stay below 200.
MAX_PAGES = 200
#: Characters of one page: a dense A4 page has 3,000.
MAX_PAGE_CHARACTERS = 30_000
#: Share of a page that a picture covers which is all there is on it: a scan with margins cut off.
_PICTURE_ALONE = 0.3
#: Share covered by a scan with a text layer behind it; letterheads and photographs cover less.
_PICTURE_BEHIND = 0.85

# pdfminer reports every oddity of every font on standard error; a log of thousands of lines hides findings
logging.getLogger("pdfminer").setLevel(logging.CRITICAL)


def read(body: bytes, notes: Sequence[str] = ()) -> Document:
    """Read one PDF.

    Raises ``UnreadableError`` for a damaged or encrypted file, one without text
    layer where OCR is not installed, and one that unpacks beyond all measure.
    """
    said = list(notes)
    check_inflation(body)
    pages, pictures, title = _pages(body, said)
    unsure, scanned = _read_pictures(body, pages, pictures, said)
    return document_of(pages, said, kind="scan" if scanned else "pdf", hint=title, unsure=unsure)


def _read_pictures(
    body: bytes, pages: list[list[Item]], pictures: Sequence[int], notes: list[str]
) -> tuple[frozenset[str], bool]:
    """Put what OCR reads on the pages that are pictures in their place; the places that stay unsure.

    A file of nothing but pictures cannot be read without OCR; among pages of
    text a picture that is not read is noted.
    """
    if not pictures:
        return frozenset(), False
    try:
        scanned, unsure = ocr.pdf_pages(body, pictures, notes)
    except UnreadableError as error:
        if not any(pages):
            raise UnreadableError(f"PDF has no text layer: {error}") from error
        notes.append(f"pages {', '.join(map(str, pictures))} are pictures and were not read: {error}")
        return frozenset(), False
    for number, items in scanned.items():
        pages[number - 1] = items
    return unsure, any(scanned.values())


def _pages(body: bytes, notes: list[str]) -> tuple[list[list[Item]], list[int], str | None]:
    """Lines and table parts of every page in reading order, which pages are pictures, the title property."""
    pages: list[list[Item]] = []
    pictures: list[int] = []
    characters = failed = spent = count = 0
    effort = Effort()
    try:
        with pdfplumber.open(BytesIO(body)) as pdf:
            count = len(pdf.pages)
            if count > MAX_PAGES:
                notes.append(f"only the first {MAX_PAGES} of {count} pages read")
            for page in pdf.pages[:MAX_PAGES]:
                weight = content_size(page.page_obj)
                spent += weight
                if weight > MAX_PAGE_CONTENT or spent > MAX_CONTENT:
                    notes.append(
                        f"page {page.page_number} left out: {megabytes(weight)} of drawing instructions"
                    )
                    pages.append([])
                    continue
                try:
                    items = _page(page, effort, notes)
                    if _is_picture(page, items):
                        pictures.append(page.page_number)
                        items = []
                    else:
                        characters += len(page.chars)
                except Exception as error:  # noqa: BLE001 - on broken pages pdfminer raises nearly anything
                    notes.append(f"page {page.page_number} cannot be read: {type(error).__name__}: {error}")
                    failed += 1
                    items = []
                pages.append(items)
                page.close()
            title = pdf.metadata.get("Title") if isinstance(pdf.metadata, dict) else None
    except Exception as error:
        raise _refusal(error) from error
    if not characters and not pictures:
        raise UnreadableError(_textless(count, failed, notes))
    return pages, pictures, _property(title)


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


def _textless(count: int, failed: int, notes: Sequence[str]) -> str:
    """Why a PDF that gave neither character nor picture gave none."""
    if failed:
        return f"damaged PDF: {notes[-1]}"
    if any("left out" in note for note in notes):
        return f"no page of this PDF can be read: {notes[-1]}"
    return f"PDF has no text layer and no scan: {count} pages" if count else "PDF without pages"


def _refusal(error: Exception) -> UnreadableError:
    chain: list[BaseException] = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) is not None and len(chain) < 8:
        chain.append(cause)
    nested = [argument for one in chain for argument in one.args if isinstance(argument, BaseException)]
    if any(isinstance(one, PDFPasswordIncorrect) for one in (*chain, *nested)):
        return UnreadableError("PDF is encrypted with a password")
    detail = next((str(one) for one in (*nested, *chain) if str(one)), "")
    return UnreadableError(f"damaged PDF: {type((nested or chain)[0]).__name__}: {detail[:200]}")


def _page(page: Any, effort: Effort, notes: list[str]) -> list[Item]:
    """Table parts and text lines of one page from top to bottom."""
    if len(page.chars) > MAX_PAGE_CHARACTERS:
        notes.append(f"page {page.page_number} left out: {len(page.chars)} characters")
        return []
    parts = find_parts(page, effort, notes)
    outside = page
    if parts:
        boxes = [part.box for part in parts]

        def free(thing: dict[str, Any]) -> bool:
            if thing["object_type"] != "char":
                return False
            x, y = (thing["x0"] + thing["x1"]) / 2, (thing["top"] + thing["bottom"]) / 2
            return not any(b[0] <= x <= b[2] and b[1] <= y <= b[3] for b in boxes)

        outside = page.filter(free)
    found = outside.extract_text_lines(return_chars=True) if outside.chars else []
    text_lines = [
        TextLine(
            line["text"].strip(),
            page.page_number,
            number,
            line["x0"],
            line["x1"],
            line["top"],
            line["bottom"],
            max((c["size"] for c in line["chars"]), default=0.0),
            float(page.height),
        )
        for number, line in enumerate(found, 1)
        if line["text"].strip()
    ]
    items: list[Item] = [*parts, *text_lines]
    return sorted(items, key=lambda item: (item.top, item.x0))


def _property(title: Any) -> str | None:
    """The title in the file's properties: a hint, and only if it is worded like a title."""
    if not isinstance(title, str):
        return None
    if title.startswith("þÿ"):
        title = title.encode("latin-1", "replace").decode("utf-16", "replace")
    return title.strip() if lines.looks_like_title(title) else None
