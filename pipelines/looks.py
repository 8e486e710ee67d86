"""What an element's style says of digits in it that stand apart from the number beside them.

``12<span style="font-size:0">7</span>`` shows 12, ``12<small>1</small>`` is 12 with a note. Only
what says so plainly is told; whether it matters is decided where the element stands (``dom``).
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

#: ``unseen``: not to be seen; ``white``: not to be seen on white; ``moved``: set beside or above the line;
#: ``turned``: shown from right to left.
Odd = Literal["unseen", "white", "moved", "turned"]


class Style(NamedTuple):
    """What a style says that matters here."""

    hides: bool
    sign: str | None
    """The sign around raised, lowered or struck digits."""
    odd: Odd | None = None


NO_STYLE = Style(False, None)

_HIDDEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|(?:content-)?visibility\s*:\s*(?:hidden|collapse))\b")
_APART = re.compile(r"vertical-align\s*:\s*(?P<raised>super|sub)\b|(?P<struck>\bline-through\b)")
#: Words of which one is in every style that is told here; nearly no style has one.
_TELLING = re.compile(
    r"font(?:-size)?\s*:\s*[0-2]|opacity|position|float|color|overflow|clip|transform|indent|bidi"
    r"|zoom|margin|mso-hide|order\s*:|reverse"
)
_SIZE = re.compile(r"(?:^|;)\s*font(?:-size)?\s*:\s*(\d+(?:\.\d*)?)(?![\d.])\s*(px|pt)?")
_OPACITY = re.compile(r"(?:^|;)\s*(?:opacity|zoom)\s*:\s*(?:0?\.0\d*|0)%?\s*(?:;|$|!)")
#: ``mso-hide`` hides in Word and in no browser.
_GONE = re.compile(
    r"opacity\(\s*0?(?:\.0+)?%?\s*\)|(?:^|;)\s*(?:mso-hide\s*:\s*all|margin(?:-\w+)?\s*:[^;]*-\d{3,})"
)
_CUT_OFF = re.compile(r"(?:^|;)\s*(?:max-)?(?:width|height)\s*:\s*[01](?:\.\d*)?(?:px|pt|em)?\s*(?:;|$|!)")
_CLIPPED = re.compile(r"overflow\s*:\s*(?:hidden|clip)")
_MOVED = re.compile(
    r"(?:^|;)\s*(?:position\s*:\s*(?:absolute|fixed|relative)|float\s*:\s*(?:left|right)|clip(?:-path)?\s*:"
    r"|transform\s*:|text-indent\s*:\s*-|order\s*:\s*-?\d)"
)
_TURNED = re.compile(r"unicode-bidi\s*:\s*(?:isolate-|bidi-)override|(?:row|column)-reverse")
_COLOUR = re.compile(r"(?:^|;)\s*(?:-webkit-text-fill-)?color\s*:\s*([^;!]+)")
_GROUND = re.compile(r"(?:^|;)\s*background(?:-color)?\s*:\s*([^;!]+)")
_CLEAR = re.compile(r"transparent|rgba\(.*,\s*0(?:\.0*)?\s*\)|#[0-9a-f]{6}00|#[0-9a-f]{3}0")
_WHITE = re.compile(
    r"white|#f{3,4}|#f{6}(?:ff)?|rgba?\(\s*255\s*,\s*255\s*,\s*255\b[^)]*\)|hsla?\([^)]*100%\s*\)"
)
#: A figure this small (px, pt) is not read by anyone.
_TINY = 2


def read(style: str) -> Style:
    """What a ``style`` attribute says."""
    style = style.lower()
    # the words are looked for first, for nearly no style has them
    hides = ("none" in style or "hidden" in style or "collapse" in style) and _HIDDEN.search(
        style
    ) is not None
    found = None
    if "line-through" in style or "vertical-align" in style:
        found = _APART.search(style)
    sign = None if found is None else "~~" if found["struck"] else "^"
    return Style(hides, sign, _odd(style) if _TELLING.search(style) else None)


def _odd(style: str) -> Odd | None:
    size = _SIZE.search(style)
    if size is not None and float(size[1]) <= (_TINY if size[2] else 0):
        return "unseen"
    if _OPACITY.search(style) or _GONE.search(style) or (_CLIPPED.search(style) and _CUT_OFF.search(style)):
        return "unseen"
    if _TURNED.search(style):
        return "turned"
    colour = _COLOUR.search(style)
    if colour is not None:
        own, ground = colour[1].strip(), _GROUND.search(style)
        if _CLEAR.fullmatch(own) or (ground is not None and ground[1].strip() == own):
            return "unseen"
        if _WHITE.fullmatch(own):
            return "white"
    return "moved" if _MOVED.search(style) else None


def is_white(colour: str) -> bool:
    """Whether a colour, as ``<font color>`` has it, cannot be seen on white."""
    return _WHITE.fullmatch(colour.strip().lower()) is not None


def grounded(style: str) -> bool:
    """Whether a style gives a background, on which white may be seen."""
    return "background" in style.lower()
