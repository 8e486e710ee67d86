"""Blocks → a DOCX with really merged cells, the same bytes for the same blocks."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH

from demo.body import Block, Drawn
from demo.layout import Sheet, width


def render(blocks: Iterable[Block], title: str) -> bytes:
    """The document; ``title`` becomes its document property."""
    document = docx.Document()
    document.core_properties.title = title
    for block in blocks:
        if isinstance(block, Drawn):
            _add_table(document, block.sheet)
            continue
        paragraph = document.add_paragraph()
        paragraph.add_run(block.text).bold = block.kind in ("title", "heading")
        if block.kind == "title":
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif block.kind == "signature":
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    out = BytesIO()
    document.save(out)
    return _timeless(out.getvalue())


def _add_table(document: docx.document.Document, sheet: Sheet) -> None:
    table = document.add_table(rows=len(sheet), cols=width(sheet))
    table.style = "Table Grid"
    taken: set[tuple[int, int]] = set()
    for row, boxes in enumerate(sheet):
        column = 0
        for box in boxes:
            while (row, column) in taken:
                column += 1
            below, beside = row + box.rowspan - 1, column + box.colspan - 1
            cell = table.cell(row, column)
            if (below, beside) != (row, column):
                cell = cell.merge(table.cell(below, beside))
            cell.text = box.text
            taken |= {(r, c) for r in range(row, below + 1) for c in range(column, beside + 1)}
            column = beside + 1


def _timeless(packed: bytes) -> bytes:
    """The same archive with one fixed time on every member."""
    out = BytesIO()
    with ZipFile(BytesIO(packed)) as source, ZipFile(out, "w", ZIP_DEFLATED) as target:
        for member in source.infolist():
            # 1980-01-01 is the earliest time a ZIP archive can carry.
            info = ZipInfo(member.filename, date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = ZIP_DEFLATED
            target.writestr(info, source.read(member))
    return out.getvalue()
