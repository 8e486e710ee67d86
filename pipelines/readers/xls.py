"""XLS (Excel 5 to 2003, and ET) → Document by xlrd."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from typing import Any

import xlrd

from archive.records import Document
from pipelines.readers import messages
from pipelines.readers.errors import UnreadableError, for_want_of_memory
from pipelines.readers.number_format import UNKNOWN, shown
from pipelines.readers.sheets import Mark, Merge, Sheet, apart, document_of

_ERRORS = xlrd.error_text_from_code
_WHITE = (255, 255, 255)


def read(body: bytes, notes: Sequence[str] = ()) -> Document:
    """Read one workbook; raises ``UnreadableError`` for a damaged or locked one, or one without text."""
    said = list(notes)
    try:
        # merged cells are only told with the formatting; xlrd writes what it meets to a log file;
        # on demand, because it gives up the records when all sheets are read at once
        with xlrd.open_workbook(
            file_contents=body, formatting_info=True, ragged_rows=True, on_demand=True, logfile=io.StringIO()
        ) as book:
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
    rows = frozenset(n for n, info in sheet.rowinfo_map.items() if info.hidden)
    columns = frozenset(n for n, info in sheet.colinfo_map.items() if info.hidden)
    results = _formulas(book, sheet)
    # "" is what some programs leave in the place of a result: what the cell would show is not in the file.
    texts |= {place: UNKNOWN for place, empty in results.items() if empty}
    zeros = frozenset(place for place, empty in results.items() if not empty)
    return Sheet(sheet.name, texts, merges, rows, columns, zeros)


#: Identifiers of BIFF records: a formula's cell, and the beginning and end of a sheet or of a chart in it.
_FORMULA = frozenset({0x06, 0x206, 0x406})
_BEGIN = frozenset({0x09, 0x209, 0x409, 0x809})
_END = 0x0A
#: What a formula's record holds in the place of its result: the number 0, or that it is empty text.
_ZERO = bytes(8)
_EMPTY_TEXT = 3


def _formulas(book: Any, sheet: Any) -> dict[tuple[int, int], bool]:
    """Places of formulas whose result is 0 or empty text → whether it is empty text.

    xlrd does not tell a formula from a number. Excel 4 and before had no workbooks: of
    such a file, which xlrd does not hold, every 0 may be a formula's.
    """
    if book.mem is None:
        cells = ((row, column) for row in range(sheet.nrows) for column in range(sheet.row_len(row)))
        return {place: False for place in cells if sheet.cell(*place).value == 0}
    found: dict[tuple[int, int], bool] = {}
    for record, data in _records(book.mem, book._sh_abs_posn[sheet.number]):
        if record in _FORMULA and len(data) >= 14:
            place, result = struct.unpack_from("<HH", data), data[6:14]
            if result == _ZERO:
                found[place] = False
            elif result[0] == _EMPTY_TEXT and result[6:] == b"\xff\xff":
                found[place] = True
    return found


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """(identifier, data) of each record of the sheet that begins at this place, charts in it left out."""
    depth = 0
    while at + 4 <= len(stream):
        record, size = struct.unpack_from("<HH", stream, at)
        depth += (record in _BEGIN) - (record == _END)
        if depth == 0:
            return
        if depth == 1:
            yield record, stream[at + 4 : at + 4 + size]
        at += 4 + size


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
    """White on a ground without pattern, or on white."""
    ground = style.background
    white = book.colour_map.get(book.font_list[style.font_index].colour_index) == _WHITE
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
