"""XLSX → Document by openpyxl: values as they were last calculated, merged cells resolved."""

from __future__ import annotations

import datetime
import re
import warnings
import zipfile
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import openpyxl
from openpyxl.cell.rich_text import CellRichText
from openpyxl.utils import column_index_from_string, range_boundaries

from archive.records import Document
from pipelines.readers import messages
from pipelines.readers.errors import UnreadableError, for_want_of_memory
from pipelines.readers.number_format import shown
from pipelines.readers.package import DAMAGED, check_package
from pipelines.readers.sheets import Mark, Merge, Sheet, apart, document_of

#: All XML of a workbook together: a report's has 200 KB; openpyxl takes fifty times this in memory.
MAX_XML = 12 * 1024 * 1024
#: Cells that merged ranges cover: a report's cover some hundred, a whole row 16,384; openpyxl makes each.
MAX_MERGED = 200_000
#: The last column there is, XFD (ECMA-376 part 1, 18.3.1.13 has none beyond).
_LAST_COLUMN = 16_384
_PLACE = rb"[A-Z]{1,3}[0-9]{1,7}"
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?\bref\s*=\s*[\"'](" + _PLACE + rb":" + _PLACE + rb")")


def read(body: bytes, notes: Sequence[str] = ()) -> Document:
    """Read one workbook; raises ``UnreadableError`` for a damaged one, a bomb, or one without text."""
    # openpyxl's iterparse is expat's, which expands entities
    check_package(body, "XLSX 文件", max_xml=MAX_XML, entities=False)
    _refuse_merges(body)
    said = list(notes)
    try:
        with warnings.catch_warnings():
            # openpyxl warns of every extension it leaves out (validation lists, pictures)
            warnings.simplefilter("ignore")
            values = openpyxl.load_workbook(BytesIO(body), data_only=True, rich_text=True)
            formulas = openpyxl.load_workbook(BytesIO(body), data_only=False)
        sheets = [_sheet(sheet, formulas[sheet.title]) for sheet in _visible(values, said)]
        title = values.properties.title
    except Exception as error:  # openpyxl raises KeyError, ValueError, TypeError, ParseError … on damage
        if for_want_of_memory(error):
            raise
        raise UnreadableError(messages.damaged("XLSX", error)) from error
    return document_of(sheets, "xlsx", title if isinstance(title, str) else None, said)


def _refuse_merges(body: bytes) -> None:
    """Raise ``UnreadableError`` for merged ranges that would be made cell by cell without end."""
    covered = 0
    try:
        with zipfile.ZipFile(BytesIO(body)) as archive:
            for name in archive.namelist():
                if not name.endswith(".xml"):
                    continue
                for found in _MERGED.finditer(archive.read(name)):
                    left, top, right, bottom = range_boundaries(found[1].decode())
                    covered += abs(right - left + 1) * abs(bottom - top + 1)
    except DAMAGED as error:
        raise UnreadableError(messages.damaged("XLSX", error)) from error
    if covered > MAX_MERGED:
        raise UnreadableError(messages.merged_too_wide(covered, MAX_MERGED))


def _visible(book: Any, notes: list[str]) -> list[Any]:
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if len(visible) < len(book.worksheets):
        notes.append(messages.hidden_sheets(len(book.worksheets) - len(visible)))
    return visible


def _sheet(sheet: Any, formulas: Any) -> Sheet:
    texts: dict[tuple[int, int], str] = {}
    zeros = sheet.sheet_view.showZeros is not False
    # private, but the only way to the cells that exist: iter_rows makes up all others of the used range
    for (row, column), cell in sheet._cells.items():
        text = _text(cell, zeros)
        if not text:
            formula = formulas._cells.get((row, column))
            # a formula never calculated: what it would show is not in the file
            text = str(formula.value) if formula is not None and formula.data_type == "f" else ""
        if text:
            texts[row - 1, column - 1] = text
    merges = tuple(
        Merge(r.min_row - 1, r.min_col - 1, r.max_row, r.max_col) for r in sheet.merged_cells.ranges
    )
    rows = frozenset(n - 1 for n, row in sheet.row_dimensions.items() if row.hidden or row.height == 0)
    columns = frozenset(
        n - 1
        for letter, column in sheet.column_dimensions.items()
        if column.hidden or column.width == 0
        for n in range(column.min or column_index_from_string(letter), min(column.max or 0, _LAST_COLUMN) + 1)
    )
    return Sheet(sheet.title, texts, merges, rows, columns)


def _text(cell: Any, zeros: bool) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        if value == 0 and not zeros:
            return ""
        return apart(shown(value, cell.number_format or "General"), _mark(cell.font, cell.fill))
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, CellRichText):
        return "".join(
            part if isinstance(part, str) else apart(part.text, _mark(part.font)) for part in value
        )
    return apart(str(value), _mark(cell.font, cell.fill))


def _mark(font: Any, fill: Any = None) -> Mark:
    """Whether a font raises, lowers or strikes out what it sets, or hides it on the cell's ground."""
    if font is None:
        return None
    if font.strike:
        return "struck"
    if font.sz is not None and font.sz <= _TINY:
        return "hidden"
    if fill is not None and _is_white(font.color) and (not fill.fill_type or _is_white(fill.fgColor)):
        return "hidden"
    if fill is not None and fill.fill_type == "solid" and _are_same(font.color, fill.fgColor):
        return "hidden"
    return "raised" if font.vertAlign in ("superscript", "subscript") else None


def _are_same(one: Any, other: Any) -> bool:
    """Whether two colours are told in the same manner and are the same."""
    if one is None or other is None or one.type != other.type or one.tint != other.tint:
        return False
    if one.type == "rgb":
        return str(one.rgb).upper()[-6:] == str(other.rgb).upper()[-6:]
    return bool(one.value == other.value)


#: A figure this small (points) is not read by anyone.
_TINY = 2
#: White in the palette that old workbooks have.
_INDEXED_WHITE = (1, 9)


def _is_white(color: Any) -> bool:
    """White by its value or as the first colour of the theme (the background)."""
    if color is None:
        return False
    if color.type == "theme":
        return bool(color.theme == 0 and not color.tint)
    if color.type == "indexed":
        return color.indexed in _INDEXED_WHITE
    return color.type == "rgb" and str(color.rgb).upper()[-6:] == "FFFFFF"
