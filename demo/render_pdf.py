"""Blocks → a PDF with ruled tables, the same bytes for the same blocks."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from io import BytesIO
from typing import Any

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from demo.body import Block, Drawn
from demo.layout import Sheet, width

#: One of the fonts every PDF viewer brings along, so none has to be embedded.
_FONT = "STSong-Light"
_MARGIN = 40.0  # points; leaves Table 4's fifteen columns wide enough for four characters over two lines


def render(blocks: Iterable[Block], title: str) -> bytes:
    """The document; ``title`` becomes its document property."""
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=title,
        invariant=1,  # no clock and no random identifier in the file
    )
    document.build([part for block in blocks for part in _parts(block)])
    return out.getvalue()


def _style(**options: Any) -> ParagraphStyle:
    return ParagraphStyle("text", fontName=_FONT, wordWrap="CJK", **options)


def _parts(block: Block) -> list[Any]:
    if isinstance(block, Drawn):
        return [KeepTogether([_table(block.sheet)]), Spacer(1, 8)]
    text = escape(block.text, quote=False)
    if block.kind == "title":
        return [Paragraph(text, _style(fontSize=18, leading=26, alignment=TA_CENTER, spaceAfter=12))]
    if block.kind == "heading":
        return [Paragraph(text, _style(fontSize=13, leading=22, spaceBefore=6))]
    if block.kind == "signature":
        return [Paragraph(text, _style(fontSize=11, leading=18, alignment=TA_RIGHT))]
    return [Paragraph(text, _style(fontSize=11, leading=18, firstLineIndent=22))]


def _column_widths(places: int) -> list[float]:
    usable = A4[0] - 2 * _MARGIN
    if places == 10:  # Table 3: three columns of labels, the third with whole sentences
        labels = [54.0, 60.0, 133.0]
        return [*labels, *[(usable - sum(labels)) / 7] * 7]
    return [usable / places] * places


def _table(sheet: Sheet) -> Table:
    places = width(sheet)
    grid: list[list[Any]] = [["" for _ in range(places)] for _ in sheet]
    taken: set[tuple[int, int]] = set()
    commands: list[tuple[Any, ...]] = [
        ("GRID", (0, 0), (-1, -1), 0.5, colors.black),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
        ("TOPPADDING", (0, 0), (-1, -1), 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]
    text = _style(fontSize=7.5, leading=9, alignment=TA_CENTER)
    for row, boxes in enumerate(sheet):
        column = 0
        for box in boxes:
            while (row, column) in taken:
                column += 1
            grid[row][column] = Paragraph(escape(box.text, quote=False), text)
            last = (column + box.colspan - 1, row + box.rowspan - 1)
            taken |= {(r, c) for r in range(row, last[1] + 1) for c in range(column, last[0] + 1)}
            if last != (column, row):
                commands.append(("SPAN", (column, row), last))
            column += box.colspan
    return Table(grid, colWidths=_column_widths(places), style=TableStyle(commands))
