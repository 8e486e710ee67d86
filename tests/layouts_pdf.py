"""The statutory tables as PDF pages harder than a ruled grid: few rules or none, hidden ink, turned pages.

Everything is drawn stroke by stroke, so that a layout decides what is seen and what
only lies in the file. ``KEEPS`` names the layouts whose columns stand apart: from
those every cell must be read right, blanks as blanks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any, Literal

from tests.layouts import _AFTER, _BEFORE, _PROSE, _TITLES, Box, Figures, Table, official
from tests.layouts_files import _FONT, _TITLE, _places

Render = Callable[[Figures, str], bytes]
Rules = Literal["all", "none", "horizontal", "vertical", "frame", "fills", "zebra", "patches", "head"]
Align = Literal["left", "centre", "right", "anywhere"]
#: Draws the text of a figure's cell: canvas, left end and base line of the text, the text, its size.
Ink = Callable[[Any, float, float, str, float], None]


@dataclass(frozen=True)
class Style:
    """How a report is drawn; lengths in points."""

    rules: Rules = "none"
    figures: Align = "centre"
    moved: float = 0.0
    """Points by which the figures stand right of their place."""
    heads: Align = "centre"
    labels: Align = "left"
    size: float = 8.0
    leading: float = 10.0
    pad: float = 4.0
    page: tuple[float, float] = (595.0, 842.0)
    margin: float = 40.0
    above: int = 0
    """Paragraphs before Table 3: they move the page break."""
    repeat: bool = False
    """The headings again on each page."""
    footer: bool = False
    running: str = ""
    rotate: int = 0
    crop: float = 0.0
    """Points cut off the page's right side by its crop box."""
    backwards: bool = False
    """What is drawn last on a page is drawn first."""
    ink: Ink | None = None
    text: Ink | None = None
    """Draws every cell's text, labels included."""
    after: Callable[[Any, tuple[float, float, float, float], str], None] | None = None
    """Called with canvas, box (x, y, width, height) and text of each figure's cell, after all else."""


@dataclass
class _Sheet:
    """The strokes of one page, kept back so that they can be put in another order."""

    strokes: list[Callable[[], None]] = field(default_factory=list)
    late: list[Callable[[], None]] = field(default_factory=list)


class _Press:
    def __init__(self, style: Style) -> None:
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
        from reportlab.pdfgen import canvas

        pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
        self.style = style
        self.out = BytesIO()
        self.canvas = canvas.Canvas(self.out, pagesize=style.page, invariant=1)
        self.canvas.setTitle(_TITLE)
        self.sheet = _Sheet()
        self.number = 1
        self.y = style.page[1] - style.margin
        self._begin()

    def _begin(self) -> None:
        if self.style.running:
            width, height = self.style.page
            text, size = self.style.running, 9.0
            self.sheet.strokes.append(lambda: self.string(width / 2 - 80, height - 25, text, size))

    def width(self, text: str, size: float) -> float:
        from reportlab.pdfbase import pdfmetrics

        return float(pdfmetrics.stringWidth(text, _FONT, size))

    def string(self, x: float, y: float, text: str, size: float) -> None:
        self.canvas.setFont(_FONT, size)
        self.canvas.setFillGray(0)
        self.canvas.drawString(x, y, text)

    def wrap(self, text: str, room: float, size: float) -> list[str]:
        lines = [""]
        for char in text:
            if char == "\n" or (lines[-1] and self.width(lines[-1] + char, size) > room):
                lines.append("")
            lines[-1] += "" if char == "\n" else char
        return lines

    def end_page(self) -> None:
        style = self.style
        if style.footer:
            number = str(self.number)
            self.sheet.strokes.append(lambda: self.string(style.page[0] / 2, 22, number, 9))
        strokes = self.sheet.strokes[::-1] if style.backwards else self.sheet.strokes
        for stroke in [*strokes, *self.sheet.late]:
            stroke()
        if style.rotate:
            self.canvas.setPageRotation(style.rotate)
        if style.crop:
            self.canvas.setCropBox((0, 0, style.page[0] - style.crop, style.page[1]))
        self.canvas.showPage()
        self.sheet, self.number = _Sheet(), self.number + 1
        self.y = style.page[1] - style.margin
        self._begin()

    def paragraph(self, text: str, size: float = 11.0) -> None:
        style = self.style
        for line in self.wrap(text, style.page[0] - 2 * style.margin, size):
            if self.y - size * 1.7 < style.margin:
                self.end_page()
            self.y -= size * 1.7
            x, y = style.margin, self.y
            self.sheet.strokes.append(lambda line=line, x=x, y=y: self.string(x, y, line, size))  # type: ignore[misc]
        self.y -= 4

    def table(self, table: Table) -> None:
        style = self.style
        cells, columns = _places(table)
        usable = style.page[0] - 2 * style.margin
        labels = [36.0, 56.0, 130.0] if columns == 10 else [150.0] if columns == 4 else []
        widths = [*labels, *[(usable - sum(labels)) / (columns - len(labels))] * (columns - len(labels))]
        edges = [style.margin]
        for width in widths:
            edges.append(edges[-1] + width)
        wrapped = {
            (top, left): self.wrap(box.text, edges[right] - edges[left] - 4, style.size) if box.text else []
            for top, left, _, right, box in cells
        }
        heights = [style.leading + 2 * style.pad] * len(table)
        for top, left, bottom, _, _ in sorted(cells, key=lambda cell: cell[2] - cell[0]):
            need = len(wrapped[top, left]) * style.leading + 2 * style.pad
            short = need - sum(heights[top:bottom])
            if short > 0:
                for row in range(top, bottom):
                    heights[row] += short / (bottom - top)
        head = next((row for row, boxes in enumerate(table) if not all(b.head for b in boxes)), 0)
        self._rows(cells, wrapped, edges, heights, head if style.repeat and columns == 10 else 0)
        self.y -= 8

    def _rows(
        self,
        cells: Sequence[tuple[int, int, int, int, Box]],
        wrapped: dict[tuple[int, int], list[str]],
        edges: Sequence[float],
        heights: Sequence[float],
        head: int,
    ) -> None:
        """Pages of rows; what is left of a label when the page ends goes on at the top of the next."""
        style = self.style
        first = 0
        rest = {place: list(lines) for place, lines in wrapped.items()}
        while first < len(heights):
            shown = list(range(head)) if first and head else []
            room = self.y - style.margin - sum(heights[row] for row in shown)
            last = first
            while last < len(heights) and sum(heights[first : last + 1]) <= room:
                last += 1
            if last < len(heights) and last and all(box.head for t, _, _, _, box in cells if t == last - 1):
                while last > first and all(box.head for t, _, _, _, box in cells if t == last - 1):
                    last -= 1  # headings stay with their lines
            if last == first:
                self.end_page()
                continue
            rows = [*shown, *range(first, last)]
            tops = {}
            y = self.y
            for row in rows:
                tops[row] = y
                y -= heights[row]
            self._draw(cells, rest, wrapped, edges, heights, tops, set(shown))
            self.y = y
            first = last
            if first < len(heights):
                self.end_page()

    def _draw(
        self,
        cells: Sequence[tuple[int, int, int, int, Box]],
        rest: dict[tuple[int, int], list[str]],
        wrapped: dict[tuple[int, int], list[str]],
        edges: Sequence[float],
        heights: Sequence[float],
        tops: dict[int, float],
        repeated: set[int],
    ) -> None:
        style, strokes = self.style, self.sheet.strokes
        low = min(tops[row] - heights[row] for row in tops)
        high = max(tops.values())
        for row in [row for row in tops if style.rules == "zebra" and row % 2]:
            strokes.append(lambda row=row: self._band(edges, tops[row], heights[row]))  # type: ignore[misc]
        for top, left, bottom, right, box in cells:
            rows = [row for row in range(top, bottom) if row in tops]
            if not rows:
                continue
            upper, lower = tops[rows[0]], tops[rows[-1]] - heights[rows[-1]]
            x0, x1 = edges[left], edges[right]
            strokes += self._strokes(box, x0, x1, lower, upper, rows[0])
            if rows[0] in repeated:
                lines = wrapped[top, left]
            elif rows[-1] == bottom - 1:
                lines, rest[top, left] = rest[top, left], []
            else:
                fit = max(0, int((upper - lower - style.pad) // style.leading))
                lines, rest[top, left] = rest[top, left][:fit], rest[top, left][fit:]
            align: Align = style.figures if box.figure else style.heads if box.head else style.labels
            if align == "anywhere":
                align = ("left", "centre", "right")[(7 * top + 3 * left) % 3]
            y = (upper + lower) / 2 + len(lines) * style.leading / 2
            for line in lines:
                y -= style.leading
                wide = self.width(line, style.size)
                at = {"left": x0 + 2, "centre": (x0 + x1 - wide) / 2, "right": x1 - 2 - wide}[align]
                at += style.moved if box.figure else 0
                draw = (style.ink if box.figure else None) or style.text
                base = y + (style.leading - style.size) / 2 + 1
                strokes.append(self._text(draw, at, base, line))
            if box.figure and style.after is not None:
                place = (x0, lower, x1 - x0, upper - lower)
                self.sheet.late.append(
                    lambda place=place, box=box: style.after(self.canvas, place, box.text)  # type: ignore[misc]
                )
        if style.rules in ("frame", "vertical"):
            strokes.append(lambda: self.canvas.rect(edges[0], low, edges[-1] - edges[0], high - low))

    def _band(self, edges: Sequence[float], top: float, height: float) -> None:
        """A grey strip behind a whole line."""
        self.canvas.setFillGray(0.9)
        self.canvas.rect(edges[0], top - height, edges[-1] - edges[0], height, stroke=0, fill=1)

    def _text(self, draw: Ink | None, x: float, y: float, line: str) -> Callable[[], None]:
        if draw is None:
            return lambda: self.string(x, y, line, self.style.size)
        return lambda: draw(self.canvas, x, y, line, self.style.size)

    def _strokes(
        self, box: Box, x0: float, x1: float, lower: float, upper: float, row: int
    ) -> list[Callable[[], None]]:
        canvas, rules = self.canvas, self.style.rules

        def filled(grey: float) -> None:
            canvas.setFillGray(grey)
            canvas.rect(x0, lower, x1 - x0, upper - lower, stroke=0, fill=1)

        if rules == "all":
            return [lambda: canvas.rect(x0, lower, x1 - x0, upper - lower)]
        if rules == "horizontal":
            return [lambda: canvas.line(x0, lower, x1, lower), lambda: canvas.line(x0, upper, x1, upper)]
        if rules == "vertical":
            return [lambda: canvas.line(x0, lower, x0, upper), lambda: canvas.line(x1, lower, x1, upper)]
        if rules == "fills":
            shade = 0.93 if (row + int(x0)) % 2 else 0.86
            return [lambda: filled(shade)]
        if (rules == "patches" and row % 2) or (rules == "head" and box.head):
            return [lambda: filled(0.9)]
        return []

    def finish(self) -> bytes:
        self.end_page()
        self.canvas.save()
        return self.out.getvalue()


def pdf(style: Style) -> Render:
    """The whole report in this style."""

    def render(figures: Figures, form: str) -> bytes:
        press = _Press(style)
        for text, size in ((_TITLE, 16.0), (_BEFORE, 11.0), (_PROSE, 11.0)):
            press.paragraph(text, size)
        for key, table in official(figures, form).items():
            for _ in range(style.above if key == "requests" else 0):
                press.paragraph(_PROSE)
            press.paragraph(_TITLES[key])
            press.table(table)
        for heading in _AFTER:
            for text in (heading, _PROSE):
                press.paragraph(text)
        return press.finish()

    return render


# --- hidden and doubled ink ----------------------------------------------------


def plain(canvas: Any, x: float, y: float, text: str, size: float) -> None:
    canvas.setFont(_FONT, size)
    canvas.setFillGray(0)
    canvas.drawString(x, y, text)


def _wide(text: str, size: float) -> float:
    from reportlab.pdfbase import pdfmetrics

    return float(pdfmetrics.stringWidth(text, _FONT, size))


def doubled(by: float) -> Ink:
    """Every text twice, a little apart: how bold is made from a font that has none."""

    def draw(canvas: Any, x: float, y: float, text: str, size: float) -> None:
        plain(canvas, x, y, text, size)
        plain(canvas, x + by, y, text, size)

    return draw


def _mode_three(canvas: Any, x: float, y: float, text: str, size: float) -> None:
    """A digit in rendering mode 3 (neither filled nor stroked) right of the figure."""
    plain(canvas, x, y, text, size)
    mark = canvas.beginText(x + _wide(text, size), y)
    mark.setFont(_FONT, size)
    mark.setTextRenderMode(3)
    mark.textOut("7")
    mark.setTextRenderMode(0)
    canvas.drawText(mark)


def _white(canvas: Any, x: float, y: float, text: str, size: float) -> None:
    plain(canvas, x, y, text, size)
    canvas.setFillGray(1)
    canvas.drawString(x + _wide(text, size), y, "7")
    canvas.setFillGray(0)


def _clear(canvas: Any, x: float, y: float, text: str, size: float) -> None:
    """A digit that is wholly transparent."""
    plain(canvas, x, y, text, size)
    canvas.setFillAlpha(0)
    canvas.drawString(x + _wide(text, size), y, "7")
    canvas.setFillAlpha(1)


def _tiny(canvas: Any, x: float, y: float, text: str, size: float) -> None:
    plain(canvas, x, y, text, size)
    canvas.setFont(_FONT, 0.01)
    canvas.drawString(x + _wide(text, size), y, "7")


def _clipped(canvas: Any, x: float, y: float, text: str, size: float) -> None:
    plain(canvas, x, y, text, size)
    canvas.saveState()
    path = canvas.beginPath()
    path.rect(0, 0, 1, 1)
    canvas.clipPath(path, stroke=0, fill=0)
    canvas.drawString(x + _wide(text, size), y, "7")
    canvas.restoreState()


def _corrected(canvas: Any, x: float, y: float, text: str, size: float) -> None:
    """Another figure below some, painted over in white before the true one is written."""
    if (int(x) + int(y)) % 23:
        plain(canvas, x, y, text, size)
        return
    plain(canvas, x, y, "93", size)
    canvas.setFillGray(1)
    canvas.rect(x - 1, y - 2, size + 3, size + 1, stroke=0, fill=1)
    plain(canvas, x, y, text, size)


def _hidden_in_blank(canvas: Any, box: tuple[float, float, float, float], text: str) -> None:
    """A digit in rendering mode 3 in every blank cell."""
    if not text:
        mark = canvas.beginText(box[0] + box[2] / 2 - 2, box[1] + box[3] / 2 - 3)
        mark.setFont(_FONT, 8)
        mark.setTextRenderMode(3)
        mark.textOut("5")
        mark.setTextRenderMode(0)
        canvas.drawText(mark)


def _covered(canvas: Any, box: tuple[float, float, float, float], text: str) -> None:
    """A digit in every blank cell under a white box."""
    if not text:
        x, y, width, height = box
        plain(canvas, x + width / 2 - 2, y + height / 2 - 3, "5", 8)
        canvas.setFillGray(1)
        canvas.rect(x + 1, y + 1, width - 2, height - 2, stroke=0, fill=1)


def _drawn_in_blank(canvas: Any, box: tuple[float, float, float, float], text: str) -> None:
    """Blank cells show a figure drawn as curves, without any text."""
    if not text:
        x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
        canvas.circle(x, y + 2, 2)
        canvas.circle(x, y - 2, 2)


def _turned(degrees: int) -> Render:
    """The pages as they look, their content lying on its side in the file."""

    def render(figures: Figures, form: str) -> bytes:
        from pypdfium2 import PdfDocument
        from pypdfium2.raw import FS_MATRIX, FS_RECTF, FPDFPage_TransFormWithClip

        out = BytesIO()
        width, height = 595.0, 842.0
        moves = {
            90: (0, 1, -1, 0, height, 0),
            180: (-1, 0, 0, -1, width, height),
            270: (0, -1, 1, 0, 0, width),
        }
        with PdfDocument(pdf(Style(rules="all"))(figures, form)) as document:
            for page in document:
                matrix = FS_MATRIX(*moves[degrees])
                FPDFPage_TransFormWithClip(page.raw, matrix, FS_RECTF(-2000, 2000, 2000, -2000))
                if degrees != 180:
                    page.set_mediabox(0, 0, height, width)
                page.set_rotation(degrees)
            document.save(out)
        return out.getvalue()

    return render


_BARE = Style()
_FULL = Style(rules="all")
LAYOUTS: dict[str, Render] = {
    "PDF, no rules": pdf(_BARE),
    "PDF, no rules, all left": pdf(replace(_BARE, figures="left", heads="left")),
    "PDF, no rules, all right": pdf(replace(_BARE, figures="right", heads="right")),
    "PDF, no rules, figures right": pdf(replace(_BARE, figures="right", heads="left")),
    "PDF, no rules, headings centred, figures right": pdf(replace(_BARE, figures="right")),
    "PDF, no rules, broken early": pdf(replace(_BARE, above=8)),
    "PDF, no rules, broken late, numbered pages": pdf(replace(_BARE, above=3, footer=True)),
    "PDF, no rules, headings on each page": pdf(replace(_BARE, above=10, repeat=True)),
    "PDF, no rules, loose lines": pdf(replace(_BARE, pad=7, leading=12)),
    "PDF, no rules, tight lines": pdf(replace(_BARE, pad=1.5, leading=9)),
    "PDF, no rules, even lines": pdf(replace(_BARE, pad=0)),
    "PDF, no rules, landscape": pdf(replace(_BARE, page=(842.0, 595.0), size=9, leading=11)),
    "PDF, no rules, drawn backwards": pdf(replace(_BARE, backwards=True)),
    "PDF, no rules, labels centred": pdf(replace(_BARE, labels="centre")),
    "PDF, horizontal rules": pdf(Style(rules="horizontal")),
    "PDF, horizontal rules, broken": pdf(Style(rules="horizontal", above=8, footer=True)),
    "PDF, vertical rules": pdf(Style(rules="vertical")),
    "PDF, vertical rules, broken": pdf(Style(rules="vertical", above=6)),
    "PDF, a frame": pdf(Style(rules="frame")),
    "PDF, filled cells": pdf(Style(rules="fills")),
    "PDF, filled lines": pdf(Style(rules="zebra")),
    "PDF, every other cell filled": pdf(Style(rules="patches")),
    "PDF, filled headings": pdf(Style(rules="head")),
    "PDF, numbered pages": pdf(replace(_FULL, above=7, footer=True)),
    "PDF, running title": pdf(replace(_FULL, above=7, running="样本县政府信息公开年报", footer=True)),
    "PDF, landscape": pdf(replace(_FULL, page=(842.0, 595.0))),
    "PDF, drawn backwards": pdf(replace(_FULL, backwards=True)),
    "PDF, page turned 90°": _turned(90),
    "PDF, page turned 180°": _turned(180),
    "PDF, page turned 270°": _turned(270),
    "PDF, drawn twice": pdf(replace(_FULL, text=doubled(0.3))),
    "PDF, drawn twice, apart": pdf(replace(_FULL, text=doubled(1.2))),
    "PDF, no rules, drawn twice": pdf(replace(_BARE, text=doubled(0.4))),
    "PDF, hidden digits": pdf(replace(_FULL, ink=_mode_three)),
    "PDF, white digits": pdf(replace(_FULL, ink=_white)),
    "PDF, transparent digits": pdf(replace(_FULL, ink=_clear)),
    "PDF, tiny digits": pdf(replace(_FULL, ink=_tiny)),
    "PDF, clipped digits": pdf(replace(_FULL, ink=_clipped)),
    "PDF, hidden digits in blanks": pdf(replace(_FULL, after=_hidden_in_blank)),
    "PDF, covered digits in blanks": pdf(replace(_FULL, after=_covered)),
    "PDF, no rules, hidden digits in blanks": pdf(replace(_BARE, after=_hidden_in_blank)),
    "PDF, figures painted over": pdf(replace(_FULL, ink=_corrected)),
    "PDF, drawn figures in blanks": pdf(replace(_FULL, after=_drawn_in_blank)),
    "PDF, columns cut off": pdf(replace(_FULL, crop=90)),
    "PDF, no rules, columns cut off": pdf(replace(_BARE, crop=90)),
    "PDF, no rules, figures anywhere": pdf(replace(_BARE, figures="anywhere")),
    "PDF, no rules, figures a little right": pdf(replace(_BARE, moved=12)),
    "PDF, no rules, figures far right": pdf(replace(_BARE, moved=21)),
    "PDF, no rules, figures far left": pdf(replace(_BARE, moved=-21)),
    "PDF, no rules, narrow": pdf(replace(_BARE, margin=110)),
}

#: Layouts in which figures cannot be read, or not all of them.
_OPEN = (
    # headings left and figures right in their cells: with the last column blank all may be meant one further
    "PDF, no rules, figures right",
    "PDF, no rules, headings centred, figures right",
    "PDF, every other cell filled",
    "PDF, no rules, even lines",
    "PDF, drawn twice, apart",
    "PDF, figures painted over",
    "PDF, drawn figures in blanks",
    "PDF, columns cut off",
    "PDF, no rules, columns cut off",
    "PDF, no rules, figures anywhere",
    "PDF, no rules, figures a little right",
    "PDF, no rules, figures far right",
    "PDF, no rules, figures far left",
    "PDF, no rules, narrow",
)
KEEPS = tuple(name for name in LAYOUTS if name not in _OPEN)
