"""Text of other people's pages, where it is shown to a person outside of a browser. Pure."""

from __future__ import annotations

from unicodedata import category

#: Reorder what stands around them (Unicode UAX #9, 2).
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
_REPLACEMENT = "\ufffd"


def line(text: str) -> str:
    """The text in one line, without what a terminal or a mail reader would obey in place of showing it.

    White space of any kind is a blank; other control characters, lone surrogates and what turns the direction
    of writing become U+FFFD, so that one sees that something was there.
    """
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character.isspace():
        return " "
    # Cc: escape sequences begin so. Cs: no file can hold it.
    return _REPLACEMENT if category(character) in ("Cc", "Cs") or character in _TURNING else character
