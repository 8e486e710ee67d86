"""Which figures were recognised from pictures, told by their place in the source. Pure.

A cell of a ruled table lies at ``page[2]/picture/table[1]/…``. Lines of text that
OCR found are numbered like any others, so their places are marked when the
document is known to be a scan. The mark goes into the archive with the place: a
later pass must not take apart digits of which some may be misread, for where the
true reading is not among those that fit, a false one may be the only one left.
"""

from __future__ import annotations

_MARK = "picture/"
#: What a place in a grid of a paged document has; the reader marks those of pictures itself.
_OF_TABLE = "/table["


def marked(where: str | None) -> str | None:
    """The place of a figure of a scan, saying that it was recognised where it was, or may have been."""
    if where is None or _MARK in where or _OF_TABLE in where:
        return where
    return f"{_MARK}{where}"


def recognised(where: str | None) -> bool:
    """Whether the figure at this place was read by OCR."""
    return where is not None and _MARK in where


def unmarked(where: str | None) -> str:
    """The place as the document has it."""
    return (where or "").removeprefix(_MARK)
