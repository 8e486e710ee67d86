"""PDF pages whose text lies on its side or stands on its head, turned upright.

A page may be laid out turned without saying so (``/Rotate``). Read as it lies, 12
upside down is 21.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from pipelines.readers.pdf_digits import UNKNOWN

#: Degrees within which text counts as level; scanners' text layers lean a little.
_LEAN = 0.1


def upright(page: Any) -> Any:
    """The page turned so that most of its text is level; what is not level then is unknown or left out.

    Text at a right angle to the rest may be a figure and is kept as unknown signs;
    text that leans is a watermark and goes.
    """
    turns = Counter(turn for char in page.chars if (turn := _turn(char)) is not None)
    most = max(turns, key=lambda turn: turns[turn], default=0)
    if most:
        attributes = page.page_obj
        attributes.rotate = (attributes.rotate + most) % 360
        attributes.attrs["Rotate"] = attributes.rotate
        page = type(page)(page.pdf, attributes, page.page_number, page.initial_doctop)
    if set(turns) - {most} or len(page.chars) != sum(turns.values()):
        page.objects["char"] = [_level(char, _turn(char)) for char in page.chars if _turn(char) is not None]
    return page


def _level(char: dict[str, Any], turn: int | None) -> dict[str, Any]:
    return char if turn == 0 else {**char, "text": UNKNOWN if char["text"].strip() else char["text"]}


def _turn(char: dict[str, Any]) -> int | None:
    """Degrees clockwise that make the character level (0, 90, 180, 270); ``None`` for one that leans."""
    a, b, c, d = char["matrix"][:4]
    size = max(abs(a), abs(b), abs(c), abs(d)) or 1.0
    if abs(b) <= _LEAN * size and abs(c) <= 0.5 * size:
        # italics made by hand lean by a third; a mirrored letter is no letter
        return 0 if a > 0 and d > 0 else 180 if a < 0 and d < 0 else None
    if abs(a) <= _LEAN * size and abs(d) <= 0.5 * size:
        return 90 if b > 0 and c < 0 else 270 if b < 0 and c > 0 else None
    return None
