"""Blocks → an OFD (GB/T 33190-2016) with ruled tables, the same bytes for the same blocks.

As the programs of offices write it: a ZIP package of XML, lengths in millimetres, the
place of every character and every rule given.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from io import BytesIO
from itertools import count, groupby
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from demo.body import Block, Drawn
from demo.layout import Sheet, width

_NAMESPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_WIDTH, _HEIGHT, _MARGIN = 210.0, 297.0, 14.0  # A4, millimetres
_FONT = 3
#: Type sizes in millimetres by kind of line: 18, 13 and 11 points.
_SIZES = {"title": 6.35, "heading": 4.6, "paragraph": 3.9, "signature": 3.9}
_CELL = 2.6  # type of a cell: Table 4's fifteen columns leave room for four characters over two lines
_LEADING = 1.25
_PADDING = 0.7


class _Book:
    """Pages as they fill, top to bottom."""

    def __init__(self) -> None:
        self.pages: list[list[str]] = [[]]
        self.y = _MARGIN
        self._ids = count(10)

    def room(self, height: float) -> None:
        """Begin a page if this one has no room left."""
        if self.y + height > _HEIGHT - _MARGIN and self.pages[-1]:
            self.pages.append([])
            self.y = _MARGIN

    def text(self, x: float, y: float, text: str, size: float) -> None:
        """One line with its upper left corner at x, y."""
        if not text:
            return
        steps = _deltas(text, size)
        given = f' DeltaX="{steps}"' if steps else ""
        self.pages[-1].append(
            f'<ofd:TextObject ID="{next(self._ids)}" Font="{_FONT}" Size="{size}" '
            f'Boundary="{x:.3f} {y:.3f} {_long(text, size):.3f} {size:.3f}">'
            f'<ofd:TextCode X="0" Y="{size * 0.88:.3f}"{given}>{escape(text, quote=False)}</ofd:TextCode>'
            "</ofd:TextObject>"
        )

    def box(self, x: float, y: float, wide: float, high: float) -> None:
        """The four rules around a cell."""
        self.pages[-1].append(
            f'<ofd:PathObject ID="{next(self._ids)}" Boundary="{x:.3f} {y:.3f} {wide:.3f} {high:.3f}" '
            f'LineWidth="0.176"><ofd:AbbreviatedData>M 0 0 L {wide:.3f} 0 L {wide:.3f} {high:.3f} '
            f"L 0 {high:.3f} C</ofd:AbbreviatedData></ofd:PathObject>"
        )


def render(blocks: Iterable[Block], title: str) -> bytes:
    """The document; ``title`` becomes its document property."""
    book = _Book()
    for block in blocks:
        if isinstance(block, Drawn):
            _table(book, block.sheet)
        else:
            _line(book, block.text, block.kind)
    return _packed(book.pages, title)


def _line(book: _Book, text: str, kind: str) -> None:
    size = _SIZES[kind]
    indent = 2 * size if kind == "paragraph" else 0.0
    for number, part in enumerate(_wrapped(text, _WIDTH - 2 * _MARGIN - indent, size)):
        book.room(size * 1.7)
        long = _long(part, size)
        left = {"title": (_WIDTH - long) / 2, "signature": _WIDTH - _MARGIN - long}.get(kind, _MARGIN)
        book.text(left + (indent if number == 0 else 0.0), book.y, part, size)
        book.y += size * 1.7


def _widths(places: int) -> list[float]:
    usable = _WIDTH - 2 * _MARGIN
    if places == 10:  # Table 3: three columns of labels, the third with whole sentences
        labels = [19.0, 21.0, 47.0]
        return [*labels, *[(usable - sum(labels)) / 7] * 7]
    return [usable / places] * places


def _table(book: _Book, sheet: Sheet) -> None:
    """A table on one page: rows as high as their text, spans by the place they take."""
    widths = _widths(width(sheet))
    cells: list[tuple[int, int, int, int, list[str]]] = []
    taken: set[tuple[int, int]] = set()
    for row, boxes in enumerate(sheet):
        column = 0
        for box in boxes:
            while (row, column) in taken:
                column += 1
            wide = sum(widths[column : column + box.colspan]) - 2 * _PADDING
            cells.append((row, column, box.rowspan, box.colspan, _wrapped(box.text, wide, _CELL)))
            taken |= {(row + r, column + c) for r in range(box.rowspan) for c in range(box.colspan)}
            column += box.colspan
    heights = [_CELL * _LEADING + 2 * _PADDING] * len(sheet)
    for row, _, down, _, parts in sorted(cells, key=lambda cell: cell[2]):
        need = len(parts) * _CELL * _LEADING + 2 * _PADDING
        heights[row + down - 1] += max(0.0, need - sum(heights[row : row + down]))
    book.room(sum(heights))
    for row, column, down, across, parts in cells:
        x, y = _MARGIN + sum(widths[:column]), book.y + sum(heights[:row])
        wide, high = sum(widths[column : column + across]), sum(heights[row : row + down])
        book.box(x, y, wide, high)
        top = y + (high - len(parts) * _CELL * _LEADING) / 2
        for number, part in enumerate(parts):
            book.text(x + (wide - _long(part, _CELL)) / 2, top + number * _CELL * _LEADING, part, _CELL)
    book.y += sum(heights) + 3


def _advance(character: str, size: float) -> float:
    return size / 2 if character.isascii() else size


def _long(text: str, size: float) -> float:
    return sum(_advance(character, size) for character in text)


def _wrapped(text: str, wide: float, size: float) -> list[str]:
    """Lines no longer than ``wide``; runs of digits stay together."""
    parts, line = [], ""
    for is_run, characters in groupby(text, key=lambda c: c.isascii() and not c.isspace()):
        for piece in ["".join(characters)] if is_run else list(characters):
            if line and _long(line + piece, size) > wide:
                parts.append(line)
                line = ""
            line += piece
    return [*parts, line] if line else parts


def _deltas(text: str, size: float) -> str:
    """Steps between characters, equal ones as ``g`` with their number (11.3)."""
    steps = []
    for step, group in groupby(f"{_advance(character, size):.3f}" for character in text[:-1]):
        times = len(list(group))
        steps.append(f"g {times} {step}" if times > 2 else " ".join([step] * times))
    return " ".join(steps)


def _packed(pages: list[list[str]], title: str) -> bytes:
    files = {
        "OFD.xml": f'<ofd:OFD {_NAMESPACE} DocType="OFD" Version="1.0"><ofd:DocBody><ofd:DocInfo>'
        f"<ofd:Title>{escape(title)}</ofd:Title></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
        "</ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {_NAMESPACE}><ofd:CommonData>"
        "<ofd:MaxUnitID>999999</ofd:MaxUnitID>"
        f"<ofd:PageArea><ofd:PhysicalBox>0 0 {_WIDTH:g} {_HEIGHT:g}</ofd:PhysicalBox></ofd:PageArea>"
        "<ofd:PublicRes>PublicRes.xml</ofd:PublicRes></ofd:CommonData><ofd:Pages>"
        + "".join(
            f'<ofd:Page ID="{n + 100_000}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages))
        )
        + "</ofd:Pages></ofd:Document>",
        "Doc_0/PublicRes.xml": f'<ofd:Res {_NAMESPACE} BaseLoc="Res"><ofd:Fonts><ofd:Font ID="{_FONT}" '
        'FontName="宋体" FamilyName="宋体"/></ofd:Fonts></ofd:Res>',
    }
    for number, objects in enumerate(pages):
        files[f"Doc_0/Pages/Page_{number}/Content.xml"] = (
            f'<ofd:Page {_NAMESPACE}><ofd:Content><ofd:Layer ID="{number + 200_000}">'
            f"{''.join(objects)}</ofd:Layer></ofd:Content></ofd:Page>"
        )
    return packed({name: (_HEAD + text).encode() for name, text in files.items()})


def packed(files: dict[str, bytes]) -> bytes:
    """A ZIP archive, one fixed time on every member."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, body in files.items():
            # 1980-01-01 is the earliest time a ZIP archive can carry.
            archive.writestr(ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), body, ZIP_DEFLATED)
    return out.getvalue()
