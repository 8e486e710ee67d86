"""One place on a page → its text, and whether every character of it is certain.

A figure is read several times, from images that differ in scale, margin and
sharpness, and its characters are counted by their ink. Only where all agree is
it certain. A cell is blank by its ink, never because the recogniser is silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.readers.scan_engine import LOOKALIKE, Gray, Line, recognise
from pipelines.readers.scan_page import Page
from pipelines.text import squeeze

Mask = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]

#: Ink smaller than this share of a character in both directions is dust; a full stop has 0.12.
DUST = 0.1
#: Ink that is nowhere larger than this makes no text: a cell of nothing but specks is blank. A dash has 0.25.
SPECK = 0.2
#: A dot stands closer to its characters than this.
CLOSE = 0.35
#: Digits of one figure stand closer than this; a blank among them leaves 0.5.
WIDE = 0.9
#: Width of a digit as a share of its height: 0.55 to 0.7 in the fonts of reports.
DIGIT_WIDTH = 0.63
#: Least probability of every character, in every reading, at which a figure counts as certain: of 20,000
#: on spoilt pages (``tests/accuracy_scans.py``) none was wrong then.
CERTAIN = 0.9
#: What stands for ink that no reading made anything of.
ILLEGIBLE = "?"

#: What a figure may be written with.
_FIGURE = re.compile(
    r"[+\-−–]?\d[\d.,，]*(?:批次|件次|人次|亿元|万元|[件条项个次份宗起批人户篇部元万亿%])?|[-/—]+"
)
_BARE = re.compile(r"[+\-]?[\d.,]+|[-/]+")


@dataclass(frozen=True, slots=True)
class Text:
    """What a place says; lines are parted by line breaks."""

    text: str
    sure: bool = True


BLANK = Text("")


@dataclass(frozen=True, slots=True)
class Strip:
    """One line of ink in a place: its box on the page and the boxes of its pieces, left to right."""

    box: Box
    pieces: tuple[Box, ...]


def strips(ink: Mask, box: Box, size: float) -> list[Strip]:
    """The lines of text in a box, top to bottom; dust is left out."""
    left, top, right, bottom = box
    window = np.ascontiguousarray(ink[top:bottom, left:right])
    if not window.size:
        return []
    count, _, stats, _ = cv2.connectedComponentsWithStats(window, connectivity=8)
    pieces = [
        (left + x, top + y, left + x + w, top + y + h)
        for x, y, w, h, _ in stats[1:count].tolist()
        if max(w, h) >= size * DUST
    ]
    return [
        Strip(_hull(group), tuple(sorted(group)))
        for band in _bands(pieces, size)
        if (group := _without_dust(band, size))
    ]


def _without_dust(band: Sequence[Box], size: float) -> list[Box]:
    """A line's characters with the dots that stand close to one; small ink apart from them is dust."""
    solid = [box for box in band if _extent(box) > size * SPECK]

    def close(dot: Box) -> bool:
        return any(max(dot[0], box[0]) - min(dot[2], box[2]) < size * CLOSE for box in solid)

    return [box for box in band if box in solid or close(box)]


def _hull(boxes: Sequence[Box]) -> Box:
    return (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )


def _bands(pieces: Iterable[Box], size: float) -> list[list[Box]]:
    """Pieces of ink by lines: what overlaps in height is one line, and so are the strokes of a 二."""
    bands: list[list[Box]] = []
    for piece in sorted(pieces, key=lambda b: b[1]):
        if bands:
            hull = _hull(bands[-1])
            together = max(hull[3], piece[3]) - hull[1] <= size * 1.25
            if piece[1] < hull[3] - size * 0.1 or (together and piece[1] - hull[3] < size * 0.35):
                bands[-1].append(piece)
                continue
        bands.append([piece])
    return bands


def _extent(box: Box) -> int:
    return max(box[2] - box[0], box[3] - box[1])


@dataclass(frozen=True, slots=True)
class _View:
    """How a line is cut out for one reading: margin (share of its height), blur (pixels), ink spread."""

    margin: float
    blur: float = 0.0
    contrast: bool = False


_FIRST = _View(0.2)
#: What a figure must survive unchanged.
_AGAIN = (_View(0.45), _View(0.1, blur=0.9), _View(0.3, contrast=True))


def _cut(page: Page, clean: Gray, strip: Strip, view: _View) -> Gray:
    """The image of one line on a margin of paper."""
    left, top, right, bottom = strip.box
    # a dash alone would fill the image's height: a line is as high as a character
    grow = max(0, round((page.size * 0.9 - (bottom - top)) / 2))
    top, bottom = max(0, top - grow), min(clean.shape[0], bottom + grow)
    image = clean[top:bottom, left:right]
    around = clean[max(0, top - 6) : bottom + 6, max(0, left - 6) : right + 6]
    edge = max(2, round((bottom - top) * view.margin))
    paper = float(np.percentile(around, 90))
    framed = cv2.copyMakeBorder(image, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=paper)
    if view.contrast:
        low, high = (float(level) for level in np.percentile(framed, (2, 80)))
        framed = np.clip((framed.astype(np.float32) - low) / max(1.0, high - low) * 255, 0, 255)
    if view.blur:
        framed = cv2.GaussianBlur(framed, (0, 0), view.blur)
    return np.ascontiguousarray(framed.astype(np.uint8))


def read_places(page: Page, clean: Gray, ink: Mask, places: Sequence[Box]) -> list[Text]:
    """The texts of many places at once; ``clean`` and ``ink`` are the page without its rules."""
    found = [strips(ink, place, page.size) for place in places]
    lines = [strip for one in found for strip in one]
    first = recognise([_cut(page, clean, strip, _FIRST) for strip in lines])
    texts = _certified(page, clean, lines, first)
    result: list[Text] = []
    at = 0
    for one in found:
        own = texts[at : at + len(one)]
        at += len(one)
        result.append(Text("\n".join(t.text for t in own), all(t.sure for t in own)) if own else BLANK)
    return result


def _certified(page: Page, clean: Gray, lines: Sequence[Strip], first: Sequence[Line]) -> list[Text]:
    """Figures read again; everything else as it was read first."""
    figures = [at for at, line in enumerate(first) if may_be_figure(line.text)]
    images = [_cut(page, clean, lines[at], view) for at in figures for view in _AGAIN]
    again = recognise(images)
    texts = [Text(line.text or ILLEGIBLE, bool(line.text)) for line in first]
    for n, at in enumerate(figures):
        readings = [first[at], *again[n * len(_AGAIN) : (n + 1) * len(_AGAIN)]]
        texts[at] = judge(readings, lines[at], page.size)
    return texts


def may_be_figure(text: str) -> bool:
    """Whether a reading is a figure, a dash, or what a recogniser makes of one."""
    folded = squeeze(text).translate(LOOKALIKE)
    return not folded or len(folded) <= 2 or _FIGURE.fullmatch(folded) is not None


def judge(readings: Sequence[Line], strip: Strip, size: float) -> Text:
    """The figure on which the readings agree; unsure where they differ or doubt, or where the ink objects."""
    texts = [squeeze(line.text).translate(LOOKALIKE) for line in readings]
    if not _FIGURE.fullmatch(texts[0]) and not any(_FIGURE.fullmatch(text) for text in texts[1:]):
        return Text(readings[0].text or ILLEGIBLE, bool(readings[0].text))
    votes = {text: texts.count(text) for text in texts if _FIGURE.fullmatch(text)}
    best = max(votes, key=lambda text: (votes[text], text == texts[0]))
    certain = (
        len(set(texts)) == 1
        and min(line.confidence for line in readings) >= CERTAIN
        and as_many_as(best, strip, size)
    )
    return Text(best, certain)


def as_many_as(text: str, strip: Strip, size: float) -> bool:
    """Whether there is a piece of ink for every character of a figure, and a dot for every dot.

    The recogniser's usual faults are two equal digits taken for one and a
    decimal point passed over; both show in the number of pieces.
    """
    dots = sum(1 for box in strip.pieces if _is_dot(box, strip.box, size))
    if _BARE.fullmatch(text):
        columns = _columns(strip.pieces)
        # figures far apart are those of two cells between which a rule was lost
        near = all(right[0] - left[2] <= size * WIDE for left, right in pairwise(columns))
        return (
            near
            and _digits(columns, strip.box, size) == len(text)
            and dots == sum(text.count(c) for c in ".,")
        )
    return dots == sum(text.count(c) for c in ".,")


def _digits(columns: Sequence[Box], line: Box, size: float) -> int:
    """Characters that so many pieces of ink are: two digits that touch are one piece twice as wide."""
    height = line[3] - line[1]
    if height < size * 0.4:
        return len(columns)
    full = [box for box in columns if box[3] - box[1] > height * 0.7]
    # no digit is as wide as it is high
    return len(columns) + sum(
        round((box[2] - box[0]) / (height * DIGIT_WIDTH)) - 1
        for box in full
        if box[2] - box[0] > height * 0.95
    )


def _is_dot(piece: Box, line: Box, size: float) -> bool:
    left, top, right, bottom = piece
    small = right - left <= size * 0.25 and bottom - top <= size * 0.3
    return small and top > line[1] + (line[3] - line[1]) * 0.55


def _columns(pieces: Sequence[Box]) -> list[Box]:
    """Pieces that stand over each other, as one: a broken digit."""
    columns: list[Box] = []
    for piece in sorted(pieces):
        if columns:
            last = columns[-1]
            shared = min(last[2], piece[2]) - max(last[0], piece[0])
            if shared > 0.5 * min(last[2] - last[0], piece[2] - piece[0]):
                columns[-1] = _hull([last, piece])
                continue
        columns.append(piece)
    return columns
