"""Which way up a scanned page lies: told by what its lines of text say, not by its format.

A sheet goes through a scanner on its side or upside down. The recogniser makes
words of a line that stands upright and noise of any other, so the longest lines
are read both ways round along the direction in which most text runs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipelines.readers.scan_engine import Gray, Line, boxes_of_text, recognise

Box = tuple[int, int, int, int]

#: Lines read to tell the direction: of twelve, upright ones give 150 characters, others 25.
SAMPLE = 12
#: A line is a box this much longer than high; a single character tells no direction.
LONG = 1.5
#: Mean probability of the characters at which a line is legible; upside down it is 0.5.
LEGIBLE = 0.75
#: So many legible Chinese characters are words and no accident.
WORDS = 6
#: The right way round has this many times the legible characters of the other; on real pages ten times.
CLEARLY = 2.0


def quarter_turns(gray: Gray) -> int | None:
    """Quarter turns counter-clockwise that set a page upright; ``None`` where its text does not tell."""
    boxes = boxes_of_text(gray)
    along = {
        side: sorted((box for box in boxes if _runs(box, side)), key=_length, reverse=True) for side in (0, 1)
    }
    side = max(along, key=lambda one: sum(map(_length, along[one])))
    sample = along[side][:SAMPLE]
    # most pages lie as they should, and are read once
    words = {side: _words(gray, sample, side)}
    if words[side] < WORDS * SAMPLE:
        words[side + 2] = _words(gray, sample, side + 2)
    turns = max(words, key=lambda one: words[one])
    other = min(words.values()) if len(words) > 1 else 0
    return turns if words[turns] >= max(WORDS, CLEARLY * other) else None


def _runs(box: Box, side: int) -> bool:
    """Whether a box is a line of a page on its feet or its head (0), or of one on its side (1)."""
    wide, high = box[2] - box[0], box[3] - box[1]
    return wide > high * LONG if side == 0 else high > wide * LONG


def _length(box: Box) -> int:
    return max(box[2] - box[0], box[3] - box[1])


def _words(gray: Gray, boxes: Sequence[Box], turns: int) -> int:
    """Chinese characters in the legible ones of these lines once the page is turned."""
    lines = recognise([turned(_cut(gray, box), turns) for box in boxes])
    return sum(_chinese(line) for line in lines if line.mean >= LEGIBLE)


def _chinese(line: Line) -> int:
    return sum("\u4e00" <= char <= "\u9fff" for char in line.text)


def _cut(gray: Gray, box: Box) -> Gray:
    edge = max(2, min(box[2] - box[0], box[3] - box[1]) // 10)
    left, top, right, bottom = box
    return gray[max(0, top - edge) : bottom + edge, max(0, left - edge) : right + edge]


def turned(gray: Gray, turns: int) -> Gray:
    """The image turned counter-clockwise by quarters."""
    return np.ascontiguousarray(np.rot90(gray, turns))
