"""Text in the form in which labels are sought, and the patterns that seek them."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache

from archive.forms import Term
from pipelines.text import fold

# What may stand between two characters of one label: a line break in a narrow cell, a blank.
_GAP = r"\s*"
_MARKS = set("\"'“”‘’「」『』、,，。;；:：·")
_ANY = re.escape("".join(sorted(_MARKS)))
# One class for both: two neighbouring ``\\s*`` would take time with the square of a run of blanks.
_GAP_OR_MARK = rf"[\s{_ANY}]*"
# Blank lines behind a label are empty cells, no part of it.
_CLOSING = rf"(?:[\s{_ANY}]*[{_ANY}])?"


@cache
def marks() -> dict[int, str]:
    """Raised, circled and other digits that are no part of a number → a sign that keeps them out of it.

    NFKC would make 12① the number 121. Enumerators (⑴, ⒈) keep their brackets and dots.
    So does the sign (U+202E) behind which 12 is seen as 21.
    """
    enumerators = range(0x2474, 0x249C)
    return {0x202E: "^"} | {
        code: "^"
        for code in (
            *range(0xB2, 0xBF),
            *range(0x2070, 0x2190),
            *range(0x2460, 0x2500),
            *range(0x2776, 0x2794),
        )
        if code not in enumerators and unicodedata.category(chr(code)) == "No"
    }


@dataclass(frozen=True, slots=True)
class Folded:
    """Text after ``fold``, with the line of the source each place came from."""

    text: str
    starts: tuple[int, ...]
    """Offsets at which the lines begin."""

    @classmethod
    def of(cls, source: str) -> Folded:
        text = fold(source.replace("\r\n", "\n").replace("\r", "\n").translate(marks()))
        starts = [0, *(m.end() for m in re.finditer("\n", text))]
        return cls(text, tuple(starts))

    def line(self, offset: int) -> int:
        """1-based line of an offset."""
        return bisect_right(self.starts, offset)


def _enumerator(wording: str) -> tuple[str, str]:
    """(pattern of the enumerator, rest of the wording)."""
    match = re.match(r"([一二三四五六七八九十])、|\(([一二三四五六七八九十])\)|(\d)\.", wording)
    if match is None:
        return "", wording
    rest = wording[match.end() :]
    if match[1]:
        return rf"{match[1]}{_GAP}[、.,]?{_GAP}", rest
    if match[2]:
        return rf"\({_GAP}{match[2]}{_GAP}\){_GAP}", rest
    # With its dot the digit is the label's even right behind another digit (…0000002.其他法律);
    # without, only where no digit stands before it.
    return rf"(?:{match[3]}{_GAP}[.、]{_GAP}|(?<![\d.]){match[3]}{_GAP})", rest


def _spaced(text: str) -> str:
    pattern, gap = "", ""
    for char in text:
        if char in _MARKS:
            gap = _GAP_OR_MARK
        elif not char.isspace():
            pattern += gap + re.escape(char)
            gap = _GAP
    return pattern + (_CLOSING if gap == _GAP_OR_MARK else "")


def wording_pattern(wording: str, *, numbered: bool = False) -> str:
    """Regular expression for one wording; ``numbered`` insists on its enumerator."""
    enumerator, rest = _enumerator(unicodedata.normalize("NFKC", wording))
    if not enumerator:
        return _spaced(rest)
    return (enumerator if numbered else f"(?:{enumerator})?") + _spaced(rest)


@cache
def pattern(term: Term, *, numbered: bool = False) -> re.Pattern[str]:
    """Any wording of a line, column or group; longer wordings first."""
    official = unicodedata.normalize("NFKC", term.zh)
    enumerator, _ = _enumerator(official)
    wordings = sorted((unicodedata.normalize("NFKC", w) for w in term.wordings), key=len, reverse=True)
    bodies = [_spaced(_enumerator(wording)[1]) for wording in wordings]
    alternatives = "|".join(bodies)
    if not enumerator:
        return re.compile(f"(?:{alternatives})")
    return re.compile((enumerator if numbered else f"(?:{enumerator})?") + f"(?:{alternatives})")
