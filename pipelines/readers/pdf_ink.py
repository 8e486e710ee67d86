"""What of a PDF page's text is there to be seen.

A text layer holds characters nobody sees: drawn in rendering mode 3, white on
white, under a box, clipped away, beyond the crop box. And cells look filled that
hold no text: figures drawn as curves. Both are settled by drawing the page twice,
with its text and without: a character is seen where the two pictures differ.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pypdfium2
from PIL import Image, ImageChops
from pypdfium2 import raw

from pipelines.readers.pdf_digits import UNKNOWN, is_squeezed, unknown, without_struck
from pipelines.readers.pdf_fonts import nameless

#: Pixels a point: type of 8 pt is 16 pixels high.
SCALE = 2.0
#: Pixels of one drawing; A0 has as many at 1.4 pixels a point.
MAX_PIXELS = 16_000_000
#: Pixels of a picture on a page that is drawn: A4 at 600 dpi has 35 million; pdfium has no limit of its own.
MAX_PICTURE = 100_000_000
#: Difference of grey (of 255) that makes a character seen: an eighth of all contrast.
_SEEN = 32
#: Contrast in a cell without text that is more than paper, tint or watermark.
_DRAWN = 96
#: Points: type lower than this is a speck; the smallest print of a contract has 4.
_SMALLEST = 1.0
#: Points along the edges of a cell in which its own rules may stand.
_EDGE = 3.0

Char = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ink:
    """A page drawn without its text; positions as pdfplumber's."""

    bare: Image.Image | None
    left: float
    top: float
    scale: float
    diagonals: tuple[tuple[float, float, float, float], ...] = ()

    def fill(self, box: tuple[float, float, float, float]) -> str:
        """What a cell without text shows: nothing, a diagonal stroke (``/``), or ``UNKNOWN``."""
        x0, top, x1, bottom = box
        if self.bare is not None and (x0 + x1) / 2 > self.left + self.bare.width / self.scale:
            return UNKNOWN  # beyond the page's edge
        if self.bare is None or x1 - x0 <= 2 * _EDGE or bottom - top <= 2 * _EDGE:
            return ""
        if self._contrast((x0 + _EDGE, top + _EDGE, x1 - _EDGE, bottom - _EDGE)) < _DRAWN:
            return ""
        struck = any(
            x0 - 1 <= a and b <= x1 + 1 and top - 1 <= c and d <= bottom + 1 for a, c, b, d in self.diagonals
        )
        return "/" if struck else UNKNOWN

    def _contrast(self, box: tuple[float, float, float, float]) -> int:
        assert self.bare is not None
        pixels = _pixels(box, self.left, self.top, self.scale, self.bare.size)
        if pixels is None:
            return 0
        low, high = self.bare.crop(pixels).getextrema()
        return int(high - low)  # type: ignore[operator]


NOTHING = Ink(None, 0.0, 0.0, 1.0)


@contextmanager
def drawing(body: bytes) -> Iterator[pypdfium2.PdfDocument | None]:
    """The file as pdfium opens it; ``None`` where it does not."""
    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError:
        yield None
        return
    with suppress(pypdfium2.PdfiumError):
        document.init_forms()  # or what is filled into a form is not drawn
    try:
        yield document
    finally:
        document.close()


@dataclass(frozen=True, slots=True)
class Seen:
    """A page's characters that are to be seen, and how it looks without them."""

    chars: list[Char]
    ink: Ink
    hidden: int
    """Characters dropped or made unknown because they cannot be seen."""
    drawn: bool
    """Whether the page could be drawn; if not, no digit of it is known."""


def seen(page: Any, document: pypdfium2.PdfDocument | None) -> Seen:
    """The characters of a pdfplumber page as a reader of the page sees them, each once."""
    unnamed = nameless(page)
    inside = [_told(char, unnamed) for char in page.chars if _within(char, page.cropbox)]
    if not any(not char["text"].isspace() for char in inside):
        return Seen([], NOTHING, len(page.chars), True)
    pictures = _draw(document, page)
    if pictures is None:
        known = [unknown(char) if _is_digit(char["text"]) else char for char in inside]
        return Seen(_once(known), NOTHING, 0, False)
    difference, bare, scale = pictures
    left, top = page.cropbox[0], page.cropbox[1]
    shown = [_is_shown(char, difference, left, top, scale) for char in inside]
    kept = without_struck(_once(list(_kept(inside, shown))), page)
    ink = Ink(bare, left, top, scale, tuple(_diagonals(page)))
    return Seen(kept, ink, shown.count(False), True)


def _within(char: Char, box: Sequence[float]) -> bool:
    x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def _told(char: Char, unnamed: frozenset[str]) -> Char:
    """A character whose font does not say which it is (``(cid:17)``) as one unknown."""
    guessed = char["text"].startswith("(cid:") or char.get("fontname") in unnamed
    guessed = guessed or (_is_digit(char["text"]) and is_squeezed(char))
    return unknown(char) if guessed and not char["text"].isspace() else char


def is_garbled(text: str) -> bool:
    """Whether a character stands for nothing: unknown, control, or of a private use area."""
    return text == UNKNOWN or unicodedata.category(text[:1] or " ") in ("Co", "Cn", "Cc")


def _is_digit(text: str) -> bool:
    return any(char.isdigit() for char in text)


def _draw(document: pypdfium2.PdfDocument | None, page: Any) -> tuple[Image.Image, Image.Image, float] | None:
    """(difference that the text makes, the page without it, pixels a point)."""
    if document is None or any(_pixels_of(image) > MAX_PICTURE for image in page.images):
        return None
    try:
        drawn = document[page.page_number - 1]
        drawn.set_rotation(page.rotation)  # the page may have been turned upright
        width, height = drawn.get_size()
        scale = min(SCALE, (MAX_PIXELS / max(1.0, width * height)) ** 0.5)
        full = drawn.render(scale=scale, grayscale=True).to_pil().convert("L")
        for thing in drawn.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]):
            raw.FPDFTextObj_SetTextRenderMode(thing.raw, raw.FPDF_TEXTRENDERMODE_INVISIBLE)
        bare = drawn.render(scale=scale, grayscale=True).to_pil().convert("L")
        drawn.close()
    except (pypdfium2.PdfiumError, ValueError, MemoryError):
        return None
    return ImageChops.difference(full, bare), bare, scale


def _pixels_of(image: Any) -> float:
    """Pixels of a picture as the file declares them; one that declares nothing sensible is too large."""
    try:
        width, height = (float(side) for side in image["srcsize"])
    except (KeyError, TypeError, ValueError):
        return MAX_PICTURE + 1
    return width * height


def _pixels(
    box: tuple[float, float, float, float], left: float, top: float, scale: float, size: tuple[int, int]
) -> tuple[int, int, int, int] | None:
    """A box in points as pixels of the drawing, at least one wide; ``None`` beside it."""
    x0, y0 = max(0, int((box[0] - left) * scale)), max(0, int((box[1] - top) * scale))
    x1, y1 = int((box[2] - left) * scale) + 1, int((box[3] - top) * scale) + 1
    x1, y1 = min(size[0], x1), min(size[1], y1)
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def _is_shown(char: Char, difference: Image.Image, left: float, top: float, scale: float) -> bool | None:
    """Whether the character leaves ink in the middle of its box; ``None`` for white space."""
    if char["text"].isspace() or not char["text"]:
        return None
    if char["bottom"] - char["top"] < _SMALLEST:
        return False
    # a neighbour's ink reaches a little into the box; a comma's own lies in its corner
    aside = (char["x1"] - char["x0"]) * 0.2 if char["text"].isalnum() else 0.0
    box = (char["x0"] + aside, char["top"], char["x1"] - aside, char["bottom"])
    pixels = _pixels(box, left, top, scale, difference.size)
    return pixels is not None and bool(difference.crop(pixels).getextrema()[1] >= _SEEN)  # type: ignore[operator]


def _kept(chars: Sequence[Char], shown: Sequence[bool | None]) -> Iterator[Char]:
    """Characters seen, and of those not seen the ones that this machine's fonts may only be unable to draw.

    Where no character of one font and script is seen on the page, the font may be
    missing here: words are kept, a digit is unknown.
    """
    able = {_hand(char) for char, seen in zip(chars, shown, strict=True) if seen}
    for char, seen in zip(chars, shown, strict=True):
        if seen is not False:
            yield char
        elif _hand(char) not in able:
            yield unknown(char) if _is_digit(char["text"]) else char


def _hand(char: Char) -> tuple[str, bool]:
    return str(char.get("fontname")), char["text"].isascii()


def _once(chars: list[Char]) -> list[Char]:
    """Each character once: a second one upon it is bold made by hand, another upon it leaves both unknown."""
    buckets: dict[tuple[int, int], list[int]] = defaultdict(list)
    result: list[Char | None] = []
    for char in chars:
        at = len(result)
        if char["text"].isspace():
            result.append(char)
            continue
        x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
        step = 8.0
        near = (
            other
            for i in (-1, 0, 1)
            for j in (-1, 0, 1)
            for other in buckets.get((int(x // step) + i, int(y // step) + j), ())
        )
        upon = next((other for other in near if _is_upon(char, chars[other])), None)
        buckets[int(x // step), int(y // step)].append(at)
        if upon is None:
            result.append(char)
        elif chars[upon]["text"] == char["text"]:
            result.append(None)
        else:
            lower = result[upon]
            result[upon] = None if lower is None else unknown(lower)
            result.append(unknown(char))
    return [char for char in result if char is not None]


def _is_upon(char: Char, other: Char) -> bool:
    """Whether two characters cover each other by more than half."""
    wide = min(char["x1"] - char["x0"], other["x1"] - other["x0"])
    high = min(char["bottom"] - char["top"], other["bottom"] - other["top"])
    aside = abs(char["x0"] + char["x1"] - other["x0"] - other["x1"]) / 2
    above = abs(char["top"] + char["bottom"] - other["top"] - other["bottom"]) / 2
    return bool(aside < wide * 0.5 and above < high * 0.5)


def _diagonals(page: Any) -> Iterator[tuple[float, float, float, float]]:
    """Strokes that run neither level nor upright: (x0, top, x1, bottom)."""
    for line in page.lines:
        if line["x1"] - line["x0"] > _EDGE and line["bottom"] - line["top"] > _EDGE:
            yield line["x0"], line["top"], line["x1"], line["bottom"]
