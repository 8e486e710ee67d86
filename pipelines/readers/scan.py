"""The image of a page → its tables and lines of text, in the shape PDF pages have.

Tables by their rules (``scan_rules``), their cells by ``scan_cells``; what is
outside by the text the detector finds. Positions are in points of an A4 page,
whatever the image's resolution.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import cv2
import numpy as np

from pipelines.readers import scan_page, scan_rules
from pipelines.readers.paged import Item, TextLine
from pipelines.readers.pdf_tables import Box, Part
from pipelines.readers.scan_cells import Text, read_places
from pipelines.readers.scan_engine import Gray, boxes_of_text, recognise
from pipelines.readers.scan_page import Page
from pipelines.readers.scan_turn import quarter_turns, turned

#: Width of an A4 page in points.
WIDTH = 595.0
#: A line whose characters are less probable than this on average is a stain or part of a picture.
LEGIBLE = 0.5
#: Tables of two pages are one table's parts if their widths differ by less: scanners and copiers stretch.
STRETCH = 0.03

Places = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Recognised:
    """What one page says."""

    items: list[Item]
    """Table parts and text lines from top to bottom."""
    unsure: frozenset[str] = frozenset()
    """Places of the cells that are unsure."""
    notes: tuple[str, ...] = ()
    """What a reader of the archive should know of it, in Chinese."""


def read_page(image: Gray, number: int) -> Recognised:
    """Read one page, whichever way up it lies; ``number`` is its place in the document, from 1.

    Where its text does not tell which way up it lies, all its figures are unsure.
    """
    page = scan_page.ready(image)
    if page is None:
        return Recognised([])
    turns = quarter_turns(page.gray)
    if turns:
        page = scan_page.ready(turned(image, turns))
        if page is None:
            return Recognised([])
    items, unsure = _read(page, number)
    if turns is None and items:
        note = f"第{number}页扫描件认不出文字方向，页内数字均不确定"
        places = {cell.where for item in items if isinstance(item, Part) for cell in item.cells}
        return Recognised(items, frozenset(places), (note,))
    notes = (f"第{number}页扫描件横置或倒置，转动{turns * 90}度后识别",) if turns else ()
    return Recognised(items, frozenset(unsure), notes)


def _read(page: Page, number: int) -> tuple[list[Item], set[str]]:
    scale = WIDTH / page.gray.shape[1]
    rules = scan_rules.find_rules(page.ink, page.size)
    tables = scan_rules.find_tables(rules, page.size)
    clean, ink = _without_rules(page, rules)
    unsure: set[str] = set()
    parts: list[Part] = []
    for table in tables:
        texts = read_places(page, clean, ink, [_inner(cell.box, page.size) for cell in table.cells])
        if not any(text.text for text in texts):
            continue
        parts.append(_part(table, texts, number, len(parts) + 1, scale, unsure))
    text_lines = _text_lines(page, [table.box for table in tables], number, scale)
    items: list[Item] = [*parts, *text_lines]
    return sorted(items, key=lambda item: (item.top, item.x0)), unsure


def _without_rules(page: Page, rules: scan_rules.Rules) -> tuple[Gray, scan_page.Mask]:
    """The page with its rules painted over, and its ink without them."""
    spread = max(3, round(page.size * 0.1)) | 1
    mask = cv2.dilate(rules.all, np.ones((spread, spread), np.uint8))
    # cut lines would leave their sharp ends in the cells: every rule takes the colour of the paper beside it
    paper = cv2.morphologyEx(page.gray, cv2.MORPH_CLOSE, np.ones((spread * 3, spread * 3), np.uint8))
    clean = np.where(mask > 0, paper, page.gray).astype(np.uint8)
    ink = np.where(mask > 0, 0, page.ink).astype(np.uint8)
    return clean, ink


def _inner(box: Places, size: float) -> Places:
    edge = max(2, round(size * 0.05))
    left, top, right, bottom = box
    return left + edge, top + edge, right - edge, bottom - edge


def _part(
    table: scan_rules.Table, texts: Sequence[Text], page: int, number: int, scale: float, unsure: set[str]
) -> Part:
    counted: dict[int, int] = {}
    cells: list[Box] = []
    name = f"page[{page}]/picture/table[{number}]"
    for area, text in sorted(
        zip(table.cells, texts, strict=True), key=lambda pair: (pair[0].top, pair[0].left)
    ):
        counted[area.top] = counted.get(area.top, 0) + 1
        where = f"{name}/row[{area.top + 1}]/cell[{counted[area.top]}]"
        cells.append(Box(area.top, area.left, area.bottom, area.right, text.text, where))
        if area.doubtful or not text.sure:
            unsure.add(where)
    box = cast(tuple[float, float, float, float], tuple(edge * scale for edge in table.box))
    edges = tuple(x * scale for x in table.xs)
    return Part(page, number, edges, len(table.ys) - 1, tuple(cells), box)


def _text_lines(page: Page, tables: Sequence[Places], number: int, scale: float) -> list[TextLine]:
    """Lines of text outside the tables, top to bottom."""
    outside = page.gray.copy()
    for left, top, right, bottom in tables:
        outside[top:bottom, left:right] = int(np.percentile(page.gray, 80))
    boxes = _rows(boxes_of_text(outside))
    height = page.gray.shape[0]
    images = [_with_margin(outside, box) for box in boxes]
    found: list[TextLine] = []
    body = float(np.median([b[3] - b[1] for b in boxes])) if boxes else 0.0
    for box, line in zip(boxes, recognise(images), strict=True):
        if not line.text.strip() or line.mean < LEGIBLE:
            continue
        found.append(
            TextLine(
                line.text.strip(),
                number,
                len(found) + 1,
                box[0] * scale,
                box[2] * scale,
                box[1] * scale,
                box[3] * scale,
                _type_size(box[3] - box[1], body) * scale,
                height * scale,
            )
        )
    return found


def _with_margin(image: Gray, box: Places) -> Gray:
    left, top, right, bottom = box
    edge = max(2, (bottom - top) // 12)
    return image[max(0, top - edge) : bottom + edge, max(0, left - edge) : right + edge]


def _type_size(height: float, body: float) -> float:
    """Height of a line; that of ordinary lines where it is near, for ink alone varies with the characters."""
    return body if abs(height - body) < body * 0.2 else round(height / body * 4) / 4 * body


def _rows(boxes: Sequence[Places]) -> list[Places]:
    """Boxes of text in reading order, pieces of one line joined."""
    joined: list[Places] = []
    for box in sorted(boxes, key=lambda b: ((b[1] + b[3]) / 2, b[0])):
        at = next((n for n, other in enumerate(joined) if _one_line(other, box)), None)
        if at is None:
            joined.append(box)
        else:
            other = joined[at]
            joined[at] = (
                min(other[0], box[0]),
                min(other[1], box[1]),
                max(other[2], box[2]),
                max(other[3], box[3]),
            )
    return sorted(joined, key=lambda b: (b[1], b[0]))


def _one_line(one: Places, other: Places) -> bool:
    height = min(one[3] - one[1], other[3] - other[1])
    level = min(one[3], other[3]) - max(one[1], other[1]) > height * 0.6
    gap = max(one[0], other[0]) - min(one[2], other[2])
    # lines of unlike height that touch are a headline beside a stamp
    return level and gap < height * 2.5 and max(one[3] - one[1], other[3] - other[1]) < height * 1.6


def aligned(pages: list[list[Item]]) -> list[list[Item]]:
    """Pages laid over each other: a table that goes on stands where it stood on the page before.

    Sheets go through a scanner a little to the left or right of each other.
    """
    result: list[list[Item]] = []
    above: Part | None = None
    for items in pages:
        moved: list[Item] = []
        for item in items:
            if isinstance(item, Part):
                if above is not None and item.page != above.page:
                    item = _laid_over(item, above)
                above = item
            moved.append(item)
        result.append(moved)
    return result


def _laid_over(lower: Part, upper: Part) -> Part:
    """``lower`` moved and stretched to the outer edges of ``upper``, if it is about as wide."""
    wide, own = upper.edges[-1] - upper.edges[0], lower.edges[-1] - lower.edges[0]
    if own <= 0 or abs(own - wide) > wide * STRETCH or abs(lower.edges[0] - upper.edges[0]) > WIDTH / 10:
        return lower
    edges = tuple(upper.edges[0] + (x - lower.edges[0]) * wide / own for x in lower.edges)
    return replace(lower, edges=edges)
