"""What an OFD page draws → a page as pdfplumber has them: characters, rules and boxes with their places.

Source: GB/T 33190-2016, 8.5 (graphic units), 9 (paths), 11 (text).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

from lxml.etree import _Element
from pdfplumber.page import Page

from pipelines.readers import messages

#: Points a millimetre.
MM = 72 / 25.4
#: Numbers of one attribute or path: a long line of text has a hundred characters.
MAX_NUMBERS = 20_000
#: Objects of one page: a statutory table drawn cell by cell has 2,000.
MAX_OBJECTS = 60_000
#: What stands for a figure that cannot be told: no cell with it is read as a number.
UNKNOWN = "\ufffd"
#: Where a glyph's box lies around its baseline, in shares of its size.
_ABOVE, _BELOW = 0.88, 0.12
#: Millimetres by which a rule may lean and still be level.
_LEVEL = 0.2
#: Turned by less than this (radians) is as good as upright.
_TILT = 0.02
_NUMBER = re.compile(r"[-+]?(?:\d{1,12}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][-+]?\d{1,2})?")
_TOKEN = re.compile(rf"{_NUMBER.pattern}|[A-Za-z]")
#: Numbers that a path's command takes (table 36 of the standard: C closes, B is a cubic curve).
_TAKES = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}
_WHITE = ("255 255 255", "#FF #FF #FF", "#ff #ff #ff")

Point = tuple[float, float]


def numbers(text: str | None) -> list[float]:
    """The numbers of an attribute; empty where it has anything else, or too many."""
    parts = (text or "").split()
    if len(parts) > MAX_NUMBERS or not all(_NUMBER.fullmatch(part) for part in parts):
        return []
    return [float(part) for part in parts]


@dataclass(slots=True)
class Sheet:
    """A page while it is drawn; places in points from its upper left corner."""

    number: int
    corner: Point
    """Upper left corner of the page area, millimetres."""
    width: float
    height: float
    characters: list[dict[str, Any]] = field(default_factory=list)
    rules: list[dict[str, Any]] = field(default_factory=list)
    boxes: list[dict[str, Any]] = field(default_factory=list)
    pictures: list[tuple[float, str]] = field(default_factory=list)
    """Area and resource."""
    left_out: dict[str, int] = field(default_factory=dict)

    @property
    def objects(self) -> int:
        """Characters, rules and boxes so far."""
        return len(self.characters) + len(self.rules) + len(self.boxes)

    def skip(self, what: str) -> None:
        """Count what is not read."""
        self.left_out[what] = self.left_out.get(what, 0) + 1

    def notes(self) -> list[str]:
        return [messages.page_left_out(self.number, count, what) for what, count in self.left_out.items()]

    def picture(self, share: float) -> str | None:
        """The resource of the largest picture, if it covers this share of the page."""
        area, resource = max(self.pictures, default=(0.0, ""))
        return resource if area >= share * self.width * self.height else None

    def page(self) -> Page:
        """The page for pdfplumber's functions."""
        return _Drawn(self)

    def place(self, x: float, y: float) -> Point:
        """Millimetres of the page's coordinates in points of the sheet."""
        return (x - self.corner[0]) * MM, (y - self.corner[1]) * MM


class _Drawn(Page):
    """A page of pdfplumber's that no PDF is behind."""

    is_original = False

    def __init__(self, sheet: Sheet) -> None:
        box = (0.0, 0.0, sheet.width, sheet.height)
        self.root_page = self
        self.page_number = sheet.number
        self.initial_doctop = 0
        self.rotation = 0
        self.mediabox = self.cropbox = self.bbox = box
        self.pdf = None  # type: ignore[assignment]
        self.page_obj = None  # type: ignore[assignment]
        self._objects = {"char": sheet.characters, "line": sheet.rules, "rect": sheet.boxes}
        self.get_textmap = lru_cache()(self._get_textmap)


@dataclass(frozen=True, slots=True)
class _Frame:
    """From an object's own coordinates to the page's: CTM first, then its corner (8.5)."""

    x: float
    y: float
    width: float
    height: float
    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def at(self, x: float, y: float) -> Point:
        return self.x + self.a * x + self.c * y + self.e, self.y + self.b * x + self.d * y + self.f

    @property
    def scale(self) -> float:
        return math.hypot(self.c, self.d)

    @property
    def upright(self) -> bool:
        return self.a > 0 and self.d > 0 and abs(math.atan2(self.b, self.a)) < _TILT and abs(self.c) < 0.5


def draw(content: _Element, sheet: Sheet) -> None:
    """Put what a page's or template's content draws on the sheet."""
    for count, element in enumerate(_objects(content)):
        if count >= MAX_OBJECTS:
            sheet.skip(messages.OBJECTS_BEYOND)
            return
        name = element.tag.rpartition("}")[2]
        frame = _frame(element)
        if element.get("Visible") == "false":
            continue
        if name == "CompositeObject":
            sheet.skip(messages.COMPOSITE_OBJECTS)
        elif frame is None:
            sheet.skip(messages.OBJECTS_WITHOUT_PLACE)
        elif name == "TextObject":
            _draw_text(element, frame, sheet)
        elif name == "PathObject":
            _draw_path(element, frame, sheet)
        else:
            sheet.pictures.append((frame.width * frame.height * MM * MM, element.get("ResourceID") or ""))


_KINDS = ("TextObject", "PathObject", "ImageObject", "CompositeObject")


def _objects(content: _Element) -> Iterator[_Element]:
    yield from content.iter(*(f"{{*}}{kind}" for kind in _KINDS))


def _frame(element: _Element) -> _Frame | None:
    box, matrix = numbers(element.get("Boundary")), numbers(element.get("CTM"))
    if len(box) != 4 or (element.get("CTM") and len(matrix) != 6):
        return None
    return _Frame(box[0], box[1], box[2], box[3], *matrix)


# -- text ---------------------------------------------------------------------------------------


def _draw_text(element: _Element, frame: _Frame, sheet: Sheet) -> None:
    sizes = numbers(element.get("Size"))
    if len(sizes) != 1 or not 0 < sizes[0] * frame.scale < 1_000:
        sheet.skip(messages.TEXTS_WITHOUT_SIZE)
        return
    hidden = element.get("Fill") == "false" and element.get("Stroke") != "true"
    color = element.find("{*}FillColor")
    if hidden or (color is not None and color.get("Alpha") == "0"):
        sheet.skip(messages.TEXTS_NOT_SHOWN)
        return
    # White figures on white are no figures; white labels on a dark head are labels.
    doubtful = not frame.upright or _is_white(color)
    scale = numbers(element.get("HScale")) or [1.0]
    x = y = 0.0
    for code in element.iterfind("{*}TextCode"):
        x = (numbers(code.get("X")) or [x])[0]
        y = (numbers(code.get("Y")) or [y])[0]
        text = "".join(map(str, code.itertext())).strip("\r\n\t")
        _put(text, (x, y), code, sizes[0], scale[0], frame, sheet, doubtful=doubtful)


def _is_white(color: _Element | None) -> bool:
    return color is not None and " ".join((color.get("Value") or "").split()) in _WHITE


def _put(
    text: str,
    start: Point,
    code: _Element,
    size: float,
    stretch: float,
    frame: _Frame,
    sheet: Sheet,
    *,
    doubtful: bool,
) -> None:
    """Each character at its place; where the file gives none, as wide as such characters are."""
    steps_x = deltas(code.get("DeltaX"), len(text) - 1)
    steps_y = deltas(code.get("DeltaY"), len(text) - 1)
    x, y = start
    for at, character in enumerate(text):
        wide = size * stretch * (0.5 if character.isascii() else 1.0)
        shown = UNKNOWN if doubtful and character.isdigit() else character
        if sheet.objects >= MAX_OBJECTS:
            sheet.skip(messages.TEXTS_BEYOND)
            return
        if not character.isspace():
            sheet.characters.append(_character(shown, (x, y), wide, size, frame, sheet))
        if at < len(steps_x):
            x += steps_x[at]
        elif not steps_y:
            x += wide
        y += steps_y[at] if at < len(steps_y) else 0.0


def _character(text: str, at: Point, wide: float, size: float, frame: _Frame, sheet: Sheet) -> dict[str, Any]:
    corners = [
        sheet.place(*frame.at(x, y))
        for x, y in ((at[0], at[1] - size * _ABOVE), (at[0] + wide, at[1] + size * _BELOW))
    ]
    x0, x1 = sorted(corner[0] for corner in corners)
    top, bottom = sorted(corner[1] for corner in corners)
    return {
        "object_type": "char", "text": text, "x0": x0, "x1": x1, "top": top, "bottom": bottom, "doctop": top,
        "width": x1 - x0, "height": bottom - top, "size": size * frame.scale * MM, "upright": True,
        "fontname": "", "page_number": sheet.number,
    }  # fmt: skip


def deltas(text: str | None, most: int) -> list[float]:
    """Steps from character to character; ``g 5 3.2`` stands for 3.2 five times (11.3).

    At most as many as there are steps to take. Empty where it is not well formed.
    """
    parts = (text or "").split()
    found: list[float] = []
    at = 0
    while at < len(parts) and len(found) < most:
        repeated = parts[at] == "g"
        given = parts[at + 1 : at + 3] if repeated else parts[at : at + 1]
        if len(given) != (2 if repeated else 1) or not all(_NUMBER.fullmatch(part) for part in given):
            return []
        times = int(min(max(float(given[0]), 0.0), most)) if repeated else 1
        found += [float(given[-1])] * times
        at += 3 if repeated else 1
    return found[: max(0, most)]


# -- paths --------------------------------------------------------------------------------------


def _draw_path(element: _Element, frame: _Frame, sheet: Sheet) -> None:
    data = element.find("{*}AbbreviatedData")
    stroked, filled = element.get("Stroke") != "false", element.get("Fill") == "true"
    color = element.find("{*}FillColor")
    white = _is_white(color)
    for points, curved in _outlines(data.text if data is not None else None):
        placed = [sheet.place(*frame.at(*point)) for point in points]
        if sheet.objects >= MAX_OBJECTS:
            sheet.skip(messages.PATHS_BEYOND)
            return
        if stroked and not curved:
            sheet.rules += _rules(placed, sheet.number)
        elif filled and not curved and not white and len(placed) >= 3:
            xs, ys = [x for x, _ in placed], [y for _, y in placed]
            box = _line(min(xs), min(ys), max(xs), max(ys), sheet.number)
            sheet.boxes.append({**box, "object_type": "rect", "fill": True, "stroke": False})


def _outlines(text: str | None) -> Iterator[tuple[list[Point], bool]]:
    """The outlines of a path: their points, and whether a part of them is a curve."""
    tokens = _TOKEN.findall(text or "")[:MAX_NUMBERS]
    points: list[Point] = []
    curved = False
    at = 0
    while at < len(tokens):
        command = tokens[at]
        count = _TAKES.get(command)
        given = tokens[at + 1 : at + 1 + (count or 0)]
        if count is None or len(given) != count or not all(_NUMBER.fullmatch(part) for part in given):
            break  # not of the standard's form: what has been understood so far stands
        values = [float(part) for part in given]
        if command in "SM":
            if len(points) > 1:
                yield points, curved
            points, curved = [(values[0], values[1])], False
        elif command == "C":
            points = [*points, *points[:1]]
        else:
            points.append((values[-2], values[-1]))
            curved = curved or command in "QBA"
        at += 1 + count
    if len(points) > 1:
        yield points, curved


def _rules(points: Sequence[Point], page: int) -> Iterator[dict[str, Any]]:
    """The level and upright strokes of an outline."""
    level = _LEVEL * MM
    for (x0, y0), (x1, y1) in pairwise(points):
        if abs(y0 - y1) <= level and abs(x0 - x1) > level:
            y = (y0 + y1) / 2
            yield _line(min(x0, x1), y, max(x0, x1), y, page)
        elif abs(x0 - x1) <= level and abs(y0 - y1) > level:
            x = (x0 + x1) / 2
            yield _line(x, min(y0, y1), x, max(y0, y1), page)


def _line(x0: float, top: float, x1: float, bottom: float, page: int) -> dict[str, Any]:
    return {
        "object_type": "line", "x0": x0, "x1": x1, "top": top, "bottom": bottom, "doctop": top,
        "width": x1 - x0, "height": bottom - top, "y0": -bottom, "y1": -top, "page_number": page,
    }  # fmt: skip
