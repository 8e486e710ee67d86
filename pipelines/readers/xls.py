"""XLS (Excel 5 to 2003, and ET) → Document by xlrd."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import xlrd

from archive.records import Document
from pipelines.readers import messages
from pipelines.readers.errors import UnreadableError, for_want_of_memory
from pipelines.readers.number_format import shown
from pipelines.readers.sheets import Mark, Merge, Sheet, apart, document_of

_ERRORS = xlrd.error_text_from_code
_WHITE = (255, 255, 255)


def read(body: bytes, notes: Sequence[str] = ()) -> Document:
    """Read one workbook; raises ``UnreadableError`` for a damaged or locked one, or one without text."""
    said = list(notes)
    try:
        # merged cells are only told with the formatting; xlrd writes what it meets to a log file
        book = xlrd.open_workbook(
            file_contents=body, formatting_info=True, ragged_rows=True, logfile=io.StringIO()
        )
        visible = [sheet for sheet in book.sheets() if sheet.visibility == 0]
        sheets = [_sheet(book, sheet) for sheet in visible]
    except Exception as error:  # xlrd raises XLRDError, AssertionError, struct.error, IndexError … on damage
        if for_want_of_memory(error):
            raise
        if "encrypted" in str(error).lower():
            raise UnreadableError(messages.encrypted("XLS")) from error
        raise UnreadableError(messages.damaged("XLS", error)) from error
    if len(visible) < book.nsheets:
        said.append(messages.hidden_sheets(book.nsheets - len(visible)))
    return document_of(sheets, "xls", None, said)


def _sheet(book: Any, sheet: Any) -> Sheet:
    texts = {
        (row, column): text
        for row in range(sheet.nrows)
        for column, cell in enumerate(sheet.row(row))
        if (text := _shown(book, sheet, row, column, _text(book, cell, bool(sheet.show_zero_values))))
    }
    merges = tuple(Merge(top, left, bottom, right) for top, bottom, left, right in sheet.merged_cells)
    rows = frozenset(n for n, info in sheet.rowinfo_map.items() if info.hidden or info.height == 0)
    columns = frozenset(n for n, info in sheet.colinfo_map.items() if info.hidden or info.width == 0)
    return Sheet(sheet.name, texts, merges, rows, columns)


def _marked(book: Any, sheet: Any, row: int, column: int, text: str) -> str:
    """The text with raised and struck digits between signs; the fonts change at the places of the runs."""
    if not text:
        return text
    font = book.xf_list[sheet.cell_xf_index(row, column)].font_index
    runs = [(0, font), *sheet.rich_text_runlist_map.get((row, column), ())]
    ends = [start for start, _ in runs[1:]] + [len(text)]
    pieces = zip(runs, ends, strict=True)
    return "".join(apart(text[start:end], _mark(book.font_list[index])) for (start, index), end in pieces)


def _mark(font: Any) -> Mark:
    return "struck" if font.struck_out else "raised" if font.escapement else None


def _shown(book: Any, sheet: Any, row: int, column: int, text: str) -> str:
    if text and _is_hidden(book, book.xf_list[sheet.cell_xf_index(row, column)]):
        return apart(text, "hidden")
    return _marked(book, sheet, row, column, text)


def _is_hidden(book: Any, style: Any) -> bool:
    """White on a ground without pattern, on white, or of the colour of its ground."""
    ground, ink = style.background, book.colour_map.get(book.font_list[style.font_index].colour_index)
    if (
        ink is not None
        and ground.fill_pattern == 1
        and book.colour_map.get(ground.pattern_colour_index) == ink
    ):
        return True
    white = ink == _WHITE
    return white and (not ground.fill_pattern or book.colour_map.get(ground.pattern_colour_index) == _WHITE)


def _text(book: Any, cell: Any, zeros: bool) -> str:
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return str(cell.value)
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        style = book.format_map[book.xf_list[cell.xf_index].format_key].format_str
        return "" if cell.value == 0 and not zeros else shown(cell.value, style)
    if cell.ctype == xlrd.XL_CELL_DATE:
        return str(xlrd.xldate.xldate_as_datetime(cell.value, book.datemode).isoformat())
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(_ERRORS.get(cell.value, "#ERROR"))
    return ""
