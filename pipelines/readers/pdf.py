"""PDF with a text layer → Document: ruled tables by their lines, the rest as paragraphs.

Tables are read page by page and joined where they run over a page break
(``pdf_tables``). A PDF without text layer needs OCR and is refused.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect

from archive.records import Document, Grid, Paragraph
from pipelines.readers import lines
from pipelines.readers.errors import UnreadableError, megabytes
from pipelines.readers.pdf_join import joined_grid, may_follow
from pipelines.readers.pdf_limits import MAX_CONTENT, MAX_PAGE_CONTENT, check_inflation, content_size
from pipelines.readers.pdf_tables import Effort, Part, find_parts

#: Pages read: a report has 4 to 30; yearbooks that carry one in an annex stay below 200.
MAX_PAGES = 200
#: Characters of one page: a dense A4 page has 3,000.
MAX_PAGE_CHARACTERS = 30_000
#: Upper and lower share of a page where page numbers and running titles stand.
MARGIN = 0.12

# pdfminer reports every oddity of every font on standard error; a log of thousands of lines hides findings
logging.getLogger("pdfminer").setLevel(logging.CRITICAL)

_PAGE_NUMBER = re.compile(
    r"[-—–－―~·\s]*(?:第?\s*)?(?P<number>\d{1,3})(?:\s*页)?(?:\s*[/，,]?\s*(?:共\s*)?\d{1,3}\s*页?)?[-—–－―~·\s]*"
)
_DECORATED = re.compile(r"[-—–－―~·]\s*\d{1,3}|第\s*\d|\d\s*页|/\s*\d")


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of text outside tables; positions in points from the upper left corner of the page."""

    text: str
    page: int
    number: int
    """Counted from 1 on its page, tables aside."""
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    """Type size."""
    height: float
    """Height of the page."""

    @property
    def where(self) -> str:
        return f"page[{self.page}]/line[{self.number}]"

    @property
    def in_margin(self) -> bool:
        return self.top < self.height * MARGIN or self.bottom > self.height * (1 - MARGIN)


Item = TextLine | Part


def read(body: bytes, notes: Sequence[str] = ()) -> Document:
    """Read one PDF.

    Raises ``UnreadableError`` for a damaged or encrypted file, one without text
    layer, and one that unpacks beyond all measure.
    """
    said = list(notes)
    check_inflation(body)
    pages, title = _pages(body, said)
    pages = _without_furniture(pages)
    items = [item for page in pages for item in page]
    paragraphs_and_grids = _blocks(items)
    texts = [block.text for block in paragraphs_and_grids if isinstance(block, Paragraph)]
    prose = lines.without_chrome(texts)
    first = [line for line in pages[0] if isinstance(line, TextLine)] if pages else []
    return Document(
        kind="pdf",
        blocks=tuple(paragraphs_and_grids),
        text="\n".join(prose),
        title=_title(first) or title,
        published=lines.published("\n".join(texts)),
        source=lines.source("\n".join(texts)),
        notes=tuple(said),
    )


def _pages(body: bytes, notes: list[str]) -> tuple[list[list[Item]], str | None]:
    """Lines and table parts of every page in reading order, and the title in the properties."""
    pages: list[list[Item]] = []
    characters = images = failed = spent = count = 0
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
                    characters += len(page.chars)
                    images += len(page.images)
                except Exception as error:  # noqa: BLE001 - on broken pages pdfminer raises nearly anything
                    notes.append(f"page {page.page_number} cannot be read: {type(error).__name__}: {error}")
                    failed += 1
                    items = []
                pages.append(items)
                page.close()
            title = pdf.metadata.get("Title") if isinstance(pdf.metadata, dict) else None
    except Exception as error:
        raise _refusal(error) from error
    if not characters:
        raise UnreadableError(_textless(count, images, failed, notes))
    return pages, _property(title)


def _textless(count: int, images: int, failed: int, notes: Sequence[str]) -> str:
    """Why a PDF that gave no character gave none."""
    if failed:
        return f"damaged PDF: {notes[-1]}"
    if any("left out" in note for note in notes):
        return f"no page of this PDF can be read: {notes[-1]}"
    return (
        f"PDF has no text layer (needs OCR): {count} pages, {images} images" if count else "PDF without pages"
    )


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


def _without_furniture(pages: list[list[Item]]) -> list[list[Item]]:
    """Pages without page numbers and running titles."""
    offsets: Counter[int] = Counter()
    repeated: Counter[str] = Counter()
    for page in pages:
        for item in page:
            if isinstance(item, TextLine) and item.in_margin:
                match = _PAGE_NUMBER.fullmatch(item.text)
                if match:
                    offsets[int(match["number"]) - item.page] += 1
                repeated[_stem(item.text)] += 1

    def keep(item: Item, page: Sequence[Item]) -> bool:
        if not isinstance(item, TextLine) or not item.in_margin or item not in (page[0], page[-1]):
            return True
        match = _PAGE_NUMBER.fullmatch(item.text)
        if match:
            # a bare number is a page number only where pages before or after count the same way
            return not (_DECORATED.search(item.text) or offsets[int(match["number"]) - item.page] >= 2)
        return not (len(pages) >= 3 and len(item.text) >= 4 and repeated[_stem(item.text)] >= len(pages) - 1)

    return [[item for item in page if keep(item, page)] for page in pages]


def _stem(text: str) -> str:
    return re.sub(r"[\d\s]+", "", text)


def _blocks(items: Sequence[Item]) -> list[Paragraph | Grid]:
    """Paragraphs of joined lines and grids of joined table parts."""
    margins = _margins(items)
    blocks: list[Paragraph | Grid] = []
    tables: list[Part] = []
    current: list[TextLine] = []

    def end_table() -> None:
        if tables:
            blocks.append(joined_grid(tables))
            tables.clear()

    def end_paragraph() -> None:
        if current:
            blocks.append(Paragraph(_joined_text(current), current[0].where))
            current.clear()

    for item in items:
        if isinstance(item, Part):
            end_paragraph()
            if tables and not may_follow(tables[-1], item):
                end_table()
            tables.append(item)
        else:
            end_table()
            if current and not _continues(current[-1], item, margins):
                end_paragraph()
            current.append(item)
    end_table()
    end_paragraph()
    return blocks


def _margins(items: Sequence[Item]) -> tuple[float, float]:
    """Left and right edge of the text block: where most lines begin, and where full lines end."""
    found = [item for item in items if isinstance(item, TextLine)]
    if not found:
        return 0.0, 0.0
    # lines begin at the margin or two characters in; the smaller of the two frequent positions is the margin
    starts = Counter(round(line.x0 / 4) * 4 for line in found)
    frequent = [x for x, times in starts.items() if times >= max(2, len(found) // 20)]
    left = float(min(frequent or starts))
    ends = sorted(line.x1 for line in found)
    return left, ends[max(0, int(len(ends) * 0.9) - 1)]


def _continues(before: TextLine, line: TextLine, margins: tuple[float, float]) -> bool:
    """Whether ``line`` goes on where ``before`` broke off at the right margin."""
    left, right = margins
    size = before.size or 12.0
    full = before.x1 >= right - 1.6 * size
    flush = line.x0 <= left + 0.9 * size
    same_type = abs(before.size - line.size) < 1.0
    near = line.page != before.page or line.top - before.bottom < 2.5 * size
    return full and flush and same_type and near


def _joined_text(parts: Sequence[TextLine]) -> str:
    text = parts[0].text
    for part in parts[1:]:
        latin = (
            text[-1:].isascii()
            and text[-1:].isalnum()
            and part.text[:1].isascii()
            and part.text[:1].isalnum()
        )
        text += (" " if latin else "") + part.text
    return text


def _title(first: Sequence[TextLine]) -> str | None:
    """The title on the first page: lines of one type size, the last of them worded like a title."""
    for at, line in enumerate(first[:12]):
        if not (lines.looks_like_title(line.text) or re.fullmatch(r".{0,30}(?:报\s*告|年\s*报)", line.text)):
            continue
        start = at
        while (
            start > 0
            and at - start < 3
            and abs(first[start - 1].size - line.size) < 0.6
            and line.top - first[start - 1].bottom < 6 * line.size
            and not re.search(r"[。；：:]$|^[〔\[（(]|[〕号]$", first[start - 1].text)
            and len(first[start - 1].text) <= 40
        ):
            start -= 1
        return _joined_text(first[start : at + 1])
    return None


def _property(title: Any) -> str | None:
    """The title in the file's properties: a hint, and only if it is worded like a title."""
    if not isinstance(title, str):
        return None
    if title.startswith("þÿ"):
        title = title.encode("latin-1", "replace").decode("utf-16", "replace")
    return title.strip() if lines.looks_like_title(title) else None
