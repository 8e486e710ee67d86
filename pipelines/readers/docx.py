"""DOCX → Document: paragraphs and tables of the body in order, merged cells resolved.

python-docx opens the package; nothing it refers to outside is ever fetched, and
its XML parser resolves no entities. Deleted text of tracked changes and hidden
text are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import docx
from lxml.etree import _Element

from archive.records import Document, Grid, Paragraph
from pipelines.grid import MAX_COLSPAN, Rectangle, from_rectangles
from pipelines.readers import lines, messages
from pipelines.readers.docx_text import (
    ALTERNATE,
    CHOICE,
    UNKNOWN,
    Styles,
    W,
    ground_of,
    is_disputed,
    runs,
    shows_picture,
)
from pipelines.readers.errors import UnreadableError, for_want_of_memory
from pipelines.readers.numbering import Numbering
from pipelines.readers.package import check_package

#: Rows of one table; what is beyond is left out with a note.
MAX_ROWS = 5_000

_TRANSPARENT = frozenset(
    f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo", "hyperlink")
) | {ALTERNATE, CHOICE}
#: Parts whose tables are not read: a report has none there.
_ELSEWHERE = ("/header", "/footer", "/footnotes", "/endnotes")


def read(body: bytes, notes: Sequence[str] = ()) -> Document:
    """Read one DOCX; raises ``UnreadableError`` for a damaged package or a compression bomb."""
    said = list(notes)
    check_package(body, "DOCX 文件")
    try:
        package = docx.Document(BytesIO(body))
        root: _Element = package.element.body
        numbering = Numbering.of(package)
        styles = Styles.of(package)
        said += _left_out(package, root)
        hint = package.core_properties.title
    except Exception as error:  # python-docx raises KeyError, ValueError, XMLSyntaxError … on damage
        if for_want_of_memory(error):
            raise
        raise UnreadableError(messages.damaged("DOCX", error)) from error
    blocks = list(_Reader(numbering, styles).blocks(root))
    texts = [line for block in blocks if isinstance(block, Paragraph) for line in block.text.split("\n")]
    prose = lines.without_chrome(texts)
    everything = "\n".join(texts)
    title = lines.find_title(prose) or (hint.strip() if hint and lines.looks_like_title(hint) else None)
    return Document(
        kind="docx",
        blocks=tuple(blocks),
        text="\n".join(prose),
        title=title,
        published=lines.published(everything),
        source=lines.source(everything),
        notes=tuple(said),
    )


@dataclass(frozen=True, slots=True)
class _TableCell:
    element: _Element
    where: str
    column: int
    width: int
    merge: str | None
    """``restart``, ``continue`` or ``None``: its part in a vertical merge."""


class _Reader:
    """Walks the body; counts paragraphs and tables in document order."""

    def __init__(self, numbering: Numbering, styles: Styles) -> None:
        self._numbering = numbering
        self._styles = styles
        self._paragraphs = 0
        self._tables = 0

    def blocks(self, root: _Element) -> Iterator[Paragraph | Grid]:
        stack: list[Iterator[_Element | Grid]] = [iter(root)]
        while stack:
            child = next(stack[-1], None)
            if child is None:
                stack.pop()
            elif isinstance(child, Grid):
                yield child
            elif child.tag == f"{W}p":
                self._paragraphs += 1
                yield Paragraph(self._text(child), f"p[{self._paragraphs}]")
                # tables in text boxes hang inside the run
                stack.append(iter(_boxed(child)))
            elif child.tag == f"{W}tbl":
                stack.append(self._table(child))
            elif _is_transparent(child):
                stack.append(iter(child))

    def _table(self, table: _Element) -> Iterator[_Element | Grid]:
        """The table as a grid followed by the tables nested in it; a layout table as its contents."""
        self._tables += 1
        where = f"table[{self._tables}]"
        rows, notes = _rows(table, where)
        cells = [cell for row in rows for cell in row]
        nested = [t for cell in cells for t in _children(cell.element, "tbl")]
        if max((len(row) for row in rows), default=0) <= 1 or _mostly_nested(table, nested):
            for cell in cells:
                yield from cell.element
            return
        yield from_rectangles(self._rectangles(rows, notes), where=where, notes=notes)
        yield from nested

    def _rectangles(self, rows: Sequence[Sequence[_TableCell]], notes: list[str]) -> list[Rectangle]:
        found: list[Rectangle] = []
        open_at: dict[int, int] = {}
        for number, row in enumerate(rows):
            reached: dict[int, int] = {}
            for cell in row:
                above = open_at.get(cell.column)
                if cell.merge == "continue" and above is not None:
                    old = found[above]
                    found[above] = Rectangle(old.top, old.left, number + 1, old.right, old.text, old.where)
                    reached[cell.column] = above
                    continue
                if cell.merge == "continue":
                    notes.append(f"{cell.where}: goes on with a cell above that is not there")
                if cell.merge is not None:
                    reached[cell.column] = len(found)
                text = self._cell(cell.element)
                found.append(
                    Rectangle(number, cell.column, number + 1, cell.column + cell.width, text, cell.where)
                )
            open_at = reached
        return found

    def _cell(self, cell: _Element) -> str:
        """Text of a cell; a picture, or a figure that Word counts by itself, is shown and cannot be read."""
        if cell.find(f"{W}tcPr/{W}cellDel") is not None:
            return UNKNOWN
        properties = cell.find(f"{W}tcPr")
        ground = ground_of(properties) if properties is not None else ""
        texts = [self._text(p, ground=ground, cell=True) for p in _children(cell, "p")]
        text = "\n".join(texts).strip("\n ")
        inside = self._nested(cell)
        if not text.strip():
            return inside or (UNKNOWN if shows_picture(cell) else text)
        # a figure with others in a table beside it: which of them is the cell's cannot be told
        return f"{text}{UNKNOWN}" if inside and re.fullmatch(r"[\d\s.,+-]+", text) else text

    def _nested(self, cell: _Element) -> str:
        """The figure that a table in this cell frames, unknown where it has several; ``""`` for none."""
        cells = [tc for table in _children(cell, "tbl") for tc in table.iter(f"{W}tc")]
        texts = ["".join(part for p in _children(tc, "p") for part in runs(p, self._styles)) for tc in cells]
        figures = [text for text in texts if any(char.isdigit() for char in text)]
        return "" if not figures else figures[0].strip() if len(cells) == 1 else UNKNOWN

    def _text(self, paragraph: _Element, *, ground: str = "", cell: bool = False) -> str:
        label = self._numbering.label(paragraph)
        own = "".join(runs(paragraph, self._styles, ground=ground)).strip("\n")
        if not label:
            return own
        if cell and not re.search(r"[^\W\d_]", own):
            return f"{label}{UNKNOWN}{own}"
        # a number of the list and a figure behind it are two
        return label + "\t" * label[-1:].isdigit() + own


def _boxed(paragraph: _Element) -> list[_Element]:
    """Tables in the text boxes of a paragraph, those in fallback copies and in other tables aside."""
    found = []
    for table in paragraph.iter(f"{W}tbl"):
        above = [a.tag.rpartition("}")[2] for a in table.iterancestors() if a is not paragraph]
        inner = above[: above.index("txbxContent")] if "txbxContent" in above else above
        if "Fallback" not in above and "tbl" not in inner:
            found.append(table)
    return found


def _left_out(package: Any, root: _Element) -> list[str]:
    """What of the file is not read, said."""
    said = []
    if any(
        b"<w:tbl>" in rel.target_part.blob
        for rel in package.part.rels.values()
        if not rel.is_external and rel.reltype.endswith(_ELSEWHERE)
    ):
        said.append(messages.TABLES_ELSEWHERE)
    if next(root.iter(f"{W}altChunk"), None) is not None:
        said.append(messages.EMBEDDED_PART)
    return said


def _children(element: _Element, name: str) -> list[_Element]:
    """Children of this name, content controls and the like looked through."""
    found: list[_Element] = []
    stack = [iter(element)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif child.tag == f"{W}{name}":
            found.append(child)
        elif _is_transparent(child):
            stack.append(iter(child))
    return found


def _is_transparent(element: _Element) -> bool:
    """Whether what an element holds stands where it stands."""
    return element.tag in _TRANSPARENT and not (element.tag == ALTERNATE and is_disputed(element))


def _mostly_nested(table: _Element, nested: Sequence[_Element]) -> bool:
    inside = sum(len(_dense(t)) for t in nested)
    return bool(nested) and inside * 2 >= len(_dense(table))


def _dense(element: _Element) -> str:
    return re.sub(r"\s+", "", "".join(t.text or "" for t in element.iter(f"{W}t")))


def _rows(table: _Element, where: str) -> tuple[list[list[_TableCell]], list[str]]:
    rows: list[list[_TableCell]] = []
    notes: list[str] = []
    for number, row in enumerate(_children(table, "tr"), 1):
        if number > MAX_ROWS:
            notes.append(f"{where}: rows after {MAX_ROWS} left out")
            break
        if any(_is_set(row, name) for name in ("del", "hidden")):
            continue
        column = _number(row, "trPr", "gridBefore", 0)
        cells: list[_TableCell] = []
        for at, element in enumerate(_children(row, "tc"), 1):
            width = max(1, _number(element, "tcPr", "gridSpan", 1))
            if cells and _goes_on(element):
                cells[-1] = replace(cells[-1], width=cells[-1].width + width)
                column += width
                continue
            cells.append(
                _TableCell(element, f"{where}/row[{number}]/cell[{at}]", column, width, _merge(element))
            )
            column += width
        rows.append(cells)
    return rows, notes


def _is_set(row: _Element, name: str) -> bool:
    """Whether a row is deleted by a tracked change, or hidden."""
    found = row.find(f"{W}trPr/{W}{name}")
    return found is not None and found.get(f"{W}val", "true") not in ("0", "false", "off")


def _number(element: _Element, holder: str, name: str, default: int) -> int:
    found = element.find(f"{W}{holder}/{W}{name}")
    value = found.get(f"{W}val", "") if found is not None else ""
    return min(int(value), MAX_COLSPAN) if re.fullmatch(r"\d{1,6}", value) else default


def _goes_on(cell: _Element) -> bool:
    """Whether a cell is one with that on its left, as old files say it (``w:hMerge``)."""
    found = cell.find(f"{W}tcPr/{W}hMerge")
    return found is not None and found.get(f"{W}val") != "restart"


def _merge(cell: _Element) -> str | None:
    found = cell.find(f"{W}tcPr/{W}vMerge")
    if found is None:
        return None
    return "restart" if found.get(f"{W}val") == "restart" else "continue"
