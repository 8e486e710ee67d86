"""The image of a page made ready: right size, straight, ink apart from paper."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.readers.scan_engine import Gray

Mask = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

#: Height of a character (pixels) at which everything is read; 10 pt at 300 dpi.
SIZE = 40
#: What is nearer to it than this is left as it is: resampling costs sharpness.
NEAR = (0.7, 1.7)
#: Enlarging more makes no detail.
MAX_ENLARGE = 3.0
#: Pixels of a page made ready: A4 at 600 dpi.
MAX_PIXELS = 36_000_000
#: Darker than the paper around by this much (of 255) is ink.
CONTRAST = 18
#: Degrees a page may lean, and the step in which the lean is sought, coarse and fine. A sheet that a
#: feeder pulls in askew leans by less; what leans more has no level line and no table is found on it.
MAX_LEAN, COARSE, FINE = 12.0, 0.2, 0.02
#: Points of ink that decide the coarse search; a page has ten times as many.
FEW = 40_000
#: Degrees from which the sheet grows when it is set straight, lest its corners be cut off.
GROWS = 1.0
#: A smaller lean moves a line by less than its own thickness from one side of the page to the other.
STRAIGHT = 0.08


@dataclass(frozen=True, slots=True)
class Page:
    """A page ready to be read."""

    gray: Gray
    ink: Mask
    """255 where there is ink."""
    size: float
    """Height of a character in pixels."""


def ready(image: Gray) -> Page | None:
    """``None`` for a page without text."""
    gray = _flat(image)
    size = character_height(ink_of(gray))
    if size is None:
        return None
    factor = SIZE / size
    if not NEAR[0] <= 1 / factor <= NEAR[1]:
        factor = min(factor, MAX_ENLARGE, (MAX_PIXELS / gray.size) ** 0.5)
        method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        gray = cv2.resize(gray, None, fx=factor, fy=factor, interpolation=method).astype(np.uint8)
        size *= factor
    gray = straightened(gray)
    return Page(gray, ink_of(gray, size), size)


def _flat(gray: Gray) -> Gray:
    """Light ink on dark paper the right way round; a page in a dark frame is none."""
    return gray if float(np.median(gray)) > 90 else (255 - gray).astype(np.uint8)


def ink_of(gray: Gray, size: float = SIZE) -> Mask:
    """255 where a pixel is darker than the paper around it, so that shadows and yellowed paper are none."""
    window = max(31, round(size * 2.5)) | 1
    return cv2.adaptiveThreshold(
        gray, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, window, CONTRAST
    ).astype(np.uint8)


def character_height(ink: Mask) -> float | None:
    """Height of the page's characters in pixels; ``None`` where there are too few to tell.

    Eight of ten pieces of ink are parts of characters, the tallest of them whole ones.
    """
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    boxes = stats[1:count]
    limit = max(ink.shape) / 12
    wide, high = boxes[:, cv2.CC_STAT_WIDTH], boxes[:, cv2.CC_STAT_HEIGHT]
    # specks of dust are smaller than any part of a character that can be read
    pieces = high[(high >= 6) & (high < limit) & (wide < limit) & (wide >= 3)]
    return float(np.percentile(pieces, 82)) if len(pieces) >= 20 else None


def straightened(gray: Gray) -> Gray:
    """The page turned so that its lines run level."""
    angle = lean(gray)
    if abs(angle) < STRAIGHT:
        return gray
    height, width = gray.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    if abs(angle) > GROWS:
        sine, cosine = abs(float(turn[0, 1])), abs(float(turn[0, 0]))
        wide, high = round(width * cosine + height * sine), round(height * cosine + width * sine)
        turn[:, 2] += (wide - width) / 2, (high - height) / 2
        width, height = wide, high
    paper = int(np.percentile(gray, 80))
    turned = cv2.warpAffine(
        gray, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=paper
    )
    return turned.astype(np.uint8)


def lean(gray: Gray) -> float:
    """Degrees by which the page must be turned (counter-clockwise) for its lines to run level or plumb.

    The ink of each row and of each column is summed for many angles: where lines
    and rows of text run straight, the sums differ most from one to the next. A
    page on its side has its text in columns.
    """
    scale = min(1.0, 1600 / max(gray.shape))
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    ink = ink_of(small.astype(np.uint8), 20)
    ys, xs = np.nonzero(ink)
    if len(ys) < 100:
        return 0.0
    every = len(ys) // FEW + 1
    x, y = xs - ink.shape[1] / 2, ys - ink.shape[0] / 2
    coarse = np.arange(-MAX_LEAN, MAX_LEAN + COARSE / 2, COARSE)
    best, across = max(
        ((float(angle), way) for angle in coarse for way in (False, True)),
        key=lambda one: _sharpness(x[::every], y[::every], *one),
    )
    fine = np.arange(best - COARSE, best + COARSE, FINE)
    return float(max(fine, key=lambda angle: _sharpness(x, y, float(angle), across)))


def _sharpness(x: Floats, y: Floats, angle: float, columns: bool) -> float:
    """How much the ink differs from one row (or column) to the next once the page is turned."""
    turn = np.deg2rad(angle)
    place = x * np.cos(turn) + y * np.sin(turn) if columns else y * np.cos(turn) - x * np.sin(turn)
    rows = np.round(place).astype(np.int64)
    sums = np.bincount(rows - rows.min()).astype(np.float64)
    return float(np.square(np.diff(sums)).sum())
