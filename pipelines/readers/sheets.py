"""Worksheets → blocks: one grid a sheet, and what stands above or below it as paragraphs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from archive.records import Document, Grid, Paragraph
from pipelines.grid import MAX_COLUMNS, MAX_PLACES, Rectangle, from_rectangles
from pipelines.readers import lines, messages
from pipelines.readers.errors import UnreadableError
from pipelines.readers.number_format import UNKNOWN

#: Sheets read of one workbook: a report has one to four.
MAX_SHEETS = 30


#: How a font sets characters that are no part of the number beside them.
Mark = Literal["raised", "struck", "hidden"] | None


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range; rows and columns counted from 0, ends excluded."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """What both kinds of workbook give: texts by place, merged ranges, hidden rows and columns."""

    name: str
    texts: dict[tuple[int, int], str]
    merges: tuple[Merge, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()


def document_of(sheets: Sequence[Sheet], kind: str, title: str | None, notes: Sequence[str]) -> Document:
    """The workbook as a document; raises ``UnreadableError`` where no sheet holds anything."""
    said = list(notes)
    blocks: list[Paragraph | Grid] = []
    prose: list[str] = []
    for sheet in sheets[:MAX_SHEETS]:
        own, texts = _blocks(sheet, said)
        blocks += own
        prose += texts
    if len(sheets) > MAX_SHEETS:
        said.append(messages.sheets_cut(MAX_SHEETS, len(sheets)))
    if not blocks:
        raise UnreadableError(messages.empty_workbook(kind.upper()))
    prose = lines.without_chrome(prose)
    everything = "\n".join(prose)
    return Document(
        kind="xls" if kind == "xls" else "xlsx",
        blocks=tuple(blocks),
        text=everything,
        title=lines.find_title(prose) or (title if title and lines.looks_like_title(title) else None),
        published=lines.published(everything),
        source=lines.source(everything),
        notes=tuple(said),
    )


def _blocks(sheet: Sheet, notes: list[str]) -> tuple[list[Paragraph | Grid], list[str]]:
    """Paragraphs and the grid of one sheet, and the texts that stand alone in their row."""
    where = f"sheet[{sheet.name}]"
    shown = {
        place: text
        for place, text in sheet.texts.items()
        if text.strip() and place[0] not in sheet.hidden_rows and place[1] not in sheet.hidden_columns
    }
    if len(shown) < sum(1 for text in sheet.texts.values() if text.strip()):
        notes.append(messages.hidden_rows(sheet.name))
    if not shown:
        return [], []
    by_row: dict[int, list[int]] = {}
    for row, column in sorted(shown):
        by_row.setdefault(row, []).append(column)
    alone = {row for row, columns in by_row.items() if len(columns) == 1}
    tabular = [row for row in by_row if row not in alone]
    prose = [line for row in sorted(alone) for line in shown[row, by_row[row][0]].split("\n")]

    def paragraphs(rows: Iterable[int]) -> list[Paragraph | Grid]:
        return [
            Paragraph(shown[row, by_row[row][0]].strip(), f"{where}/{_name(row, by_row[row][0])}")
            for row in rows
        ]

    if not tabular:
        return paragraphs(sorted(alone)), prose
    first, last = min(tabular), max(tabular)
    before, after = (
        (row for row in sorted(alone) if row < first),
        (row for row in sorted(alone) if row > last),
    )
    # a line of the table whose figures are all blank has a single text too
    end = max(by_row) if max(by_row) > last and _in_table(sheet, by_row, last) else last
    grid = _grid(sheet, shown, first, end, where)
    return [*paragraphs(before), grid, *(paragraphs(after) if end == last else [])], prose


def _in_table(sheet: Sheet, by_row: dict[int, list[int]], last: int) -> bool:
    """Whether the rows after the last full one look like the table's: few, close behind, not merged."""
    rest = [row for row in by_row if row > last]
    wide = {merge.top for merge in sheet.merges if merge.right - merge.left > 4}
    return min(rest) == last + 1 and not any(row in wide for row in rest) and len(rest) <= 3


def _grid(sheet: Sheet, shown: dict[tuple[int, int], str], first: int, last: int, where: str) -> Grid:
    rows = [row for row in range(first, last + 1) if row not in sheet.hidden_rows]
    width = max(
        [column for row, column in shown if first <= row <= last]
        + [m.right - 1 for m in sheet.merges if first <= m.top <= last and m.right <= MAX_COLUMNS]
    )
    columns = [column for column in range(width + 1) if column not in sheet.hidden_columns]
    if len(rows) * len(columns) > MAX_PLACES or len(columns) > MAX_COLUMNS:
        return Grid((), where, (f"sheet of {len(rows)} × {len(columns)} places is too large to lay out",))
    merged = {(m.top, m.left): m for m in sheet.merges}
    covered = {
        (row, column)
        for m in sheet.merges
        for row in range(max(m.top, first), min(m.bottom, last + 1))
        for column in range(m.left, min(m.right, width + 1))
        if (row, column) != (m.top, m.left)
    }
    rectangles: list[Rectangle] = []
    for at, row in enumerate(rows):
        for along, column in enumerate(columns):
            if (row, column) in covered:
                continue
            span = merged.get((row, column), Merge(row, column, row + 1, column + 1))
            tall = sum(1 for r in rows if span.top <= r < span.bottom)
            wide = sum(1 for c in columns if span.left <= c < span.right)
            rectangles.append(
                Rectangle(
                    at,
                    along,
                    at + max(1, tall),
                    along + max(1, wide),
                    shown.get((row, column), ""),
                    f"{where}/{_name(row, column)}",
                )
            )
    return from_rectangles(rectangles, where=where)


def _name(row: int, column: int) -> str:
    """``B7``: the name a spreadsheet gives the place."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def apart(text: str, mark: Mark) -> str:
    """Digits that are raised or struck out between signs, as ``dom.flow`` sets them: 3¹ is not 31.

    Those that nobody sees, white on white, are unknown.
    """
    if mark is None or not any(char.isdigit() for char in text):
        return text
    if mark == "hidden":
        return UNKNOWN
    sign = "~~" if mark == "struck" else "^"
    return f"{sign}{text}{sign}"
