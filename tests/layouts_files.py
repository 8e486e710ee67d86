"""The statutory tables in files: PDF with ruled tables, DOCX and XLSX with merged cells."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from io import BytesIO
from typing import Any

from archive import forms
from tests.layouts import _AFTER, _BEFORE, _PROSE, _TITLES, Box, Figures, Table, official
from tests.layouts_more import head_rows

_TITLE = "样本县人民政府2022年政府信息公开工作年度报告"
_FONT = "STSong-Light"


def _places(table: Table) -> tuple[list[tuple[int, int, int, int, Box]], int]:
    """(top, left, bottom, right, box) of every cell, and the columns of the table."""
    taken: set[tuple[int, int]] = set()
    cells = []
    for row, boxes in enumerate(table):
        column = 0
        for box in boxes:
            while (row, column) in taken:
                column += 1
            bottom, right = row + box.rowspan, column + box.colspan
            taken |= {(r, c) for r in range(row, bottom) for c in range(column, right)}
            cells.append((row, column, bottom, right, box))
            column = right
    return cells, max(right for _, _, _, right, _ in cells)


# --- PDF ---------------------------------------------------------------------


def _widths(columns: int, usable: float) -> list[float]:
    labels = [34.0, 52.0, 140.0] if columns == 10 else []
    return [*labels, *[(usable - sum(labels)) / (columns - len(labels))] * (columns - len(labels))]


def _ruled(table: Table, *, header: bool, raised: bool) -> Any:
    from reportlab.lib import colors
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph, TableStyle
    from reportlab.platypus import Table as Drawn

    cells, columns = _places(table)
    style = ParagraphStyle("cell", fontName=_FONT, fontSize=8, leading=10, wordWrap="CJK", alignment=1)
    grid: list[list[Any]] = [["" for _ in range(columns)] for _ in table]
    commands: list[tuple[Any, ...]] = [
        ("GRID", (0, 0), (-1, -1), 0.5, colors.black),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
    ]
    for top, left, bottom, right, box in cells:
        mark = (
            "<super>1</super>"
            if raised and box.figure and box.text.isdigit() and (top + left) % 5 == 0
            else ""
        )
        grid[top][left] = Paragraph(escape(box.text, quote=False) + mark, style)
        if (bottom, right) != (top + 1, left + 1):
            commands.append(("SPAN", (left, top), (right - 1, bottom - 1)))
    return Drawn(
        grid,
        colWidths=_widths(columns, 515),
        style=TableStyle(commands),
        repeatRows=head_rows(table) if header and columns == 10 else 0,
    )


def pdf(*, above: int = 0, header: bool = False, raised: bool = False) -> Callable[[Figures, str], bytes]:
    """``above``: paragraphs before Table 3, so that the page breaks elsewhere in it."""

    def render(figures: Figures, form: str) -> bytes:
        from reportlab.lib.pagesizes import A4
        from reportlab.lib.styles import ParagraphStyle
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
        from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

        pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
        style = ParagraphStyle("text", fontName=_FONT, fontSize=11, leading=18, wordWrap="CJK")
        parts: list[Any] = [Paragraph(text, style) for text in (_TITLE, _BEFORE, _PROSE)]
        for key, table in official(figures, form).items():
            if key == "requests":
                parts += [Paragraph(_PROSE, style) for _ in range(above)]
            parts += [
                Paragraph(_TITLES[key], style),
                Spacer(1, 4),
                _ruled(table, header=header, raised=raised),
                Spacer(1, 8),
            ]
        parts += [Paragraph(text, style) for heading in _AFTER for text in (heading, _PROSE)]
        out = BytesIO()
        margins = {f"{side}Margin": 40 for side in ("left", "right", "top", "bottom")}
        SimpleDocTemplate(out, pagesize=A4, title=_TITLE, invariant=1, **margins).build(parts)
        return out.getvalue()

    return render


# --- DOCX --------------------------------------------------------------------


def docx(*, marks: str | None = None) -> Callable[[Figures, str], bytes]:
    """``marks``: a digit beside some figures, ``raised`` as a footnote's or ``struck`` out."""

    def render(figures: Figures, form: str) -> bytes:
        from docx import Document

        document = Document()
        document.add_heading(_TITLE, 0)
        for text in (_BEFORE, _PROSE):
            document.add_paragraph(text)
        for key, table in official(figures, form).items():
            document.add_paragraph(_TITLES[key])
            cells, columns = _places(table)
            drawn = document.add_table(rows=len(table), cols=columns)
            places = [list(row.cells) for row in drawn.rows]
            for top, left, bottom, right, box in cells:
                cell = places[top][left]
                if (bottom, right) != (top + 1, left + 1):
                    cell = cell.merge(places[bottom - 1][right - 1])
                paragraph = cell.paragraphs[0]
                paragraph.add_run(box.text)
                if marks and box.figure and box.text.isdigit() and (top + left) % 5 == 0:
                    run = paragraph.add_run("1")
                    run.font.superscript = marks == "raised"
                    run.font.strike = marks == "struck"
        for heading in _AFTER:
            for text in (heading, _PROSE):
                document.add_paragraph(text)
        out = BytesIO()
        document.save(out)
        return out.getvalue()

    return render


# --- XLSX --------------------------------------------------------------------


def xlsx(*, marks: str | None = None) -> Callable[[Figures, str], bytes]:
    """All three tables on one sheet; ``marks`` as for ``docx``."""

    def render(figures: Figures, form: str) -> bytes:
        from openpyxl import Workbook
        from openpyxl.cell.rich_text import CellRichText, TextBlock
        from openpyxl.cell.text import InlineFont

        font = InlineFont(vertAlign="superscript") if marks == "raised" else InlineFont(strike=True)
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.append([_TITLE])
        for key, table in official(figures, form).items():
            sheet.append([_TITLES[key]])
            start = sheet.max_row + 1
            cells, _ = _places(table)
            for top, left, bottom, right, box in cells:
                marked = marks and box.figure and box.text.isdigit() and (top + left) % 5 == 0
                number = int(box.text) if box.figure and box.text.isdigit() else box.text or None
                value = CellRichText(box.text, TextBlock(font, "1")) if marked else number
                sheet.cell(start + top, 1 + left, value)
                if (bottom, right) != (top + 1, left + 1):
                    sheet.merge_cells(
                        start_row=start + top,
                        start_column=1 + left,
                        end_row=start + bottom - 1,
                        end_column=right,
                    )
        out = BytesIO()
        book.save(out)
        return out.getvalue()

    return render


LAYOUTS: dict[str, Callable[[Figures, str], bytes]] = {
    "PDF": pdf(),
    "PDF, broken early": pdf(above=8),
    "PDF, broken late": pdf(above=2),
    "PDF, header on each page": pdf(above=6, header=True),
    "DOCX": docx(),
    "XLSX": xlsx(),
    "DOCX, raised digits": docx(marks="raised"),
    "DOCX, struck digits": docx(marks="struck"),
    "PDF, raised digits": pdf(raised=True),
    "XLSX, raised digits": xlsx(marks="raised"),
    "XLSX, struck digits": xlsx(marks="struck"),
}

KEEPS = ("PDF", "PDF, broken early", "PDF, broken late", "PDF, header on each page", "DOCX", "XLSX")

assert set(KEEPS) <= set(LAYOUTS)
assert set(_TITLES) == set(forms.TABLES)
