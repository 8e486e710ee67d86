"""DOCX → Document: paragraphs and tables of the body in order, merged cells resolved.

python-docx opens the package; nothing it refers to outside is ever fetched, and
its XML parser resolves no entities. Deleted text of tracked changes and hidden
text are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import docx
from lxml.etree import _Element

from archive.records import Document, Grid, Paragraph
from pipelines.grid import MAX_COLSPAN, Rectangle, from_rectangles
from pipelines.readers import lines
from pipelines.readers.errors import UnreadableError
from pipelines.readers.numbering import Numbering
from pipelines.readers.package import check_package

#: Rows of one table; what is beyond is left out with a note.
MAX_ROWS = 5_000

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TRANSPARENT = frozenset(
    f"{_W}{name}" for name in ("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo", "hyperlink")
)
_GONE = frozenset(f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "pPr", "rPr")) | {
    _FALLBACK
}


def read(body: bytes, notes: Sequence[str] = ()) -> Document:
    """Read one DOCX; raises ``UnreadableError`` for a damaged package or a compression bomb."""
    said = list(notes)
    check_package(body, "DOCX")
    try:
        package = docx.Document(BytesIO(body))
        root: _Element = package.element.body
        numbering = Numbering.of(package)
        hint = package.core_properties.title
    except (
        Exception
    ) as error:  # python-docx raises KeyError, ValueError, XMLSyntaxError … on damaged packages
        raise UnreadableError(f"damaged DOCX: {type(error).__name__}: {error}") from error
    blocks = list(_Reader(numbering).blocks(root))
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

    def __init__(self, numbering: Numbering) -> None:
        self._numbering = numbering
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
            elif child.tag == f"{_W}p":
                self._paragraphs += 1
                yield Paragraph(self._text(child), f"p[{self._paragraphs}]")
                # text boxes and tables in them hang inside the run
            elif child.tag == f"{_W}tbl":
                stack.append(self._table(child))
            elif child.tag in _TRANSPARENT:
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
                text = "\n".join(self._text(p) for p in _children(cell.element, "p")).strip("\n ")
                found.append(
                    Rectangle(number, cell.column, number + 1, cell.column + cell.width, text, cell.where)
                )
            open_at = reached
        return found

    def _text(self, paragraph: _Element) -> str:
        label = self._numbering.label(paragraph)
        # a number of the list and a figure behind it are two
        return label + "\t" * label[-1:].isdigit() + "".join(_runs(paragraph)).strip("\n")


def _children(element: _Element, name: str) -> list[_Element]:
    """Children of this name, content controls and the like looked through."""
    found: list[_Element] = []
    stack = [iter(element)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif child.tag == f"{_W}{name}":
            found.append(child)
        elif child.tag in _TRANSPARENT:
            stack.append(iter(child))
    return found


def _mostly_nested(table: _Element, nested: Sequence[_Element]) -> bool:
    inside = sum(len(_dense(t)) for t in nested)
    return bool(nested) and inside * 2 >= len(_dense(table))


def _dense(element: _Element) -> str:
    return re.sub(r"\s+", "", "".join(t.text or "" for t in element.iter(f"{_W}t")))


def _rows(table: _Element, where: str) -> tuple[list[list[_TableCell]], list[str]]:
    rows: list[list[_TableCell]] = []
    notes: list[str] = []
    for number, row in enumerate(_children(table, "tr"), 1):
        if number > MAX_ROWS:
            notes.append(f"{where}: rows after {MAX_ROWS} left out")
            break
        column = _number(row, "trPr", "gridBefore", 0)
        cells: list[_TableCell] = []
        for at, element in enumerate(_children(row, "tc"), 1):
            width = max(1, _number(element, "tcPr", "gridSpan", 1))
            cells.append(
                _TableCell(element, f"{where}/row[{number}]/cell[{at}]", column, width, _merge(element))
            )
            column += width
        rows.append(cells)
    return rows, notes


def _number(element: _Element, holder: str, name: str, default: int) -> int:
    found = element.find(f"{_W}{holder}/{_W}{name}")
    value = found.get(f"{_W}val", "") if found is not None else ""
    return min(int(value), MAX_COLSPAN) if re.fullmatch(r"\d{1,6}", value) else default


def _merge(cell: _Element) -> str | None:
    found = cell.find(f"{_W}tcPr/{_W}vMerge")
    if found is None:
        return None
    return "restart" if found.get(f"{_W}val") == "restart" else "continue"


def _runs(paragraph: _Element) -> Iterator[str]:
    """Text of a paragraph as shown: no deleted or hidden text, no field codes, no fallback copies."""
    stack: list[Iterator[Any]] = [iter(paragraph)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
            continue
        if isinstance(child, str):
            yield child
            continue
        tag = child.tag
        if tag in _GONE:
            continue
        if tag == f"{_W}t":
            yield child.text or ""
        elif tag in (f"{_W}tab", f"{_W}ptab"):
            yield "\t"
        elif tag in (f"{_W}br", f"{_W}cr"):
            yield "\n"
        elif tag == f"{_W}noBreakHyphen":
            yield "-"
        elif tag == f"{_W}p":  # a paragraph of a text box
            yield "\n"
            stack.append(iter(child))
        elif tag != f"{_W}r" or child.find(f"{_W}rPr") is None:
            stack.append(iter(child))
        elif not _is_on(child, "vanish"):
            sign = _sign(child)
            if sign:
                yield sign
                stack.append(iter((sign,)))
            stack.append(iter(child))


def _is_on(run: _Element, name: str) -> bool:
    found = run.find(f"{_W}rPr/{_W}{name}")
    return found is not None and found.get(f"{_W}val", "true") not in ("0", "false", "off")


def _sign(run: _Element) -> str | None:
    """What keeps a raised or struck digit apart from the number beside it, as ``dom.flow`` does."""
    aligned = run.find(f"{_W}rPr/{_W}vertAlign")
    raised = aligned is not None and aligned.get(f"{_W}val") in ("superscript", "subscript")
    sign = "~~" if _is_on(run, "strike") or _is_on(run, "dstrike") else "^" if raised else None
    return sign if sign and any(char.isdigit() for char in _dense(run)) else None
