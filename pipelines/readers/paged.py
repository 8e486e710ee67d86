"""What pages of text lines and table parts become: paragraphs and grids, page furniture gone.

Shared by every reader that sees pages: PDF with a text layer, and scans.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from archive.records import Document, Grid, GridCell, Paragraph
from pipelines.readers import lines
from pipelines.readers.pdf_join import joined_grid, may_follow
from pipelines.readers.pdf_tables import Part

#: Upper and lower share of a page where page numbers and running titles stand.
MARGIN = 0.12


_PAGE_NUMBER = re.compile(
    r"[-—–－―~·\s]*(?:第?\s*)?(?P<number>\d{1,3})(?:\s*页)?(?:\s*[/，,]?\s*(?:共\s*)?\d{1,3}\s*页?)?[-—–－―~·\s]*"
)
#: What a heading begins with; a line that goes on with a sentence hardly does.
_HEADING = re.compile(r"[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)]")
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


def lines_outside(page: Any, parts: Sequence[Part]) -> list[TextLine]:
    """The lines of text of a page (pdfplumber's, or one like it) that stand in none of its tables."""
    boxes = [part.box for part in parts]

    def free(thing: dict[str, Any]) -> bool:
        if thing["object_type"] != "char":
            return False
        x, y = (thing["x0"] + thing["x1"]) / 2, (thing["top"] + thing["bottom"]) / 2
        return not any(b[0] <= x <= b[2] and b[1] <= y <= b[3] for b in boxes)

    outside = page.filter(free) if boxes else page
    found = outside.extract_text_lines(return_chars=True) if outside.chars else []
    return [
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


def document_of(
    pages: list[list[Item]],
    notes: Sequence[str],
    *,
    kind: Literal["pdf", "ofd", "scan"] = "pdf",
    hint: str | None = None,
    unsure: frozenset[str] = frozenset(),
) -> Document:
    """The document that the items of all pages make; cells whose place is in ``unsure`` are marked so.

    ``hint`` is a title from elsewhere, used where the first page shows none.
    """
    pages = without_furniture(pages)
    blocks = blocks_of([item for page in pages for item in page])
    if unsure:
        blocks = [_marked(block, unsure) if isinstance(block, Grid) else block for block in blocks]
    texts = [block.text for block in blocks if isinstance(block, Paragraph)]
    everything = "\n".join(texts)
    first = [line for line in pages[0] if isinstance(line, TextLine)] if pages else []
    return Document(
        kind=kind,
        blocks=tuple(blocks),
        text="\n".join(lines.without_chrome(texts)),
        title=title_of(first) or hint,
        published=lines.published(everything),
        source=lines.source(everything),
        notes=tuple(notes),
    )


def _marked(grid: Grid, unsure: frozenset[str]) -> Grid:
    def mark(cell: GridCell | None) -> GridCell | None:
        # a cell that a page break cut carries the places of both halves
        if cell is None or unsure.isdisjoint(cell.where.split("+")):
            return cell
        return replace(cell, sure=False)

    return replace(grid, rows=tuple(tuple(map(mark, row)) for row in grid.rows))


def without_furniture(pages: list[list[Item]]) -> list[list[Item]]:
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


def blocks_of(items: Sequence[Item]) -> list[Paragraph | Grid]:
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
            blocks.append(Paragraph(joined_text(current), current[0].where))
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
    begins = before.text.endswith(("。", "；")) and _HEADING.match(line.text)
    return bool(full and flush and same_type and near and not begins)


def joined_text(parts: Sequence[TextLine]) -> str:
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


def title_of(first: Sequence[TextLine]) -> str | None:
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
        return joined_text(first[start : at + 1])
    return None
