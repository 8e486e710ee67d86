"""Text of a DOCX paragraph as Word shows it: nothing deleted, hidden or behind a field, nothing guessed.

What shows a character that no run of text holds (a sign of a symbol font, a figure
in an equation, a picture, a field without its result) becomes U+FFFD: the cell is
then unreadable and never blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from lxml.etree import _Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
#: Stands for a character that is shown and cannot be told.
UNKNOWN = "\ufffd"
#: Half points: type of two points and less is no text to anyone.
_TINY = 4
#: Styles based on styles: Word allows ten levels.
_MAX_DEPTH = 12
_LEFT_OUT = ("del", "moveFrom", "delText", "pPr", "rPr", "tbl", "rt")
#: From here on a part of a colour is as good as white's.
_NEARLY_WHITE = 0xFA
_GONE = frozenset(f"{W}{name}" for name in _LEFT_OUT) | {_FALLBACK}
_PICTURES = tuple(f"{W}{name}" for name in ("drawing", "pict", "object"))
#: The Symbol font has its digits where ASCII has them, from U+F000 on.
_SYMBOL_DIGITS = range(0xF030, 0xF03A)
_OFF = ("0", "false", "off", "none")


@dataclass(frozen=True, slots=True)
class Look:
    """How a run is set, as far as it changes what it says."""

    vanish: bool = False
    strike: bool = False
    raised: bool = False
    faint: bool = False
    """White or too small to see."""


@dataclass(frozen=True, slots=True)
class Styles:
    """The looks that styles give; ask with the style's id."""

    looks: dict[str, Look] = field(default_factory=dict)

    @classmethod
    def of(cls, package: Any) -> Styles:
        """The character and paragraph styles of a python-docx document."""
        found = {style.get(f"{W}styleId", ""): style for style in package.styles.element.findall(f"{W}style")}

        def look(name: str, depth: int) -> Look:
            style = found.get(name)
            if style is None or depth > _MAX_DEPTH:
                return Look()
            base = style.find(f"{W}basedOn")
            below = look(base.get(f"{W}val", ""), depth + 1) if base is not None else Look()
            own = style.find(f"{W}rPr")
            return _over(below, own) if own is not None else below

        return cls({name: look(name, 0) for name in found})

    def of_run(self, run: _Element, paragraph: Look) -> Look:
        """The look of a run in a paragraph of that look."""
        properties = run.find(f"{W}rPr")
        if properties is None:
            return paragraph
        named = properties.find(f"{W}rStyle")
        look = self.looks.get(named.get(f"{W}val", "")) if named is not None else None
        return _over(_joined(paragraph, look) if look else paragraph, properties)

    def of_paragraph(self, paragraph: _Element) -> Look:
        """The look that the paragraph's style gives its runs."""
        named = paragraph.find(f"{W}pPr/{W}pStyle")
        return self.looks.get(named.get(f"{W}val", ""), Look()) if named is not None else Look()


def _joined(one: Look, other: Look) -> Look:
    return Look(
        one.vanish or other.vanish,
        one.strike or other.strike,
        one.raised or other.raised,
        one.faint or other.faint,
    )


def _over(look: Look, properties: _Element) -> Look:
    """``look`` with what these properties say themselves."""

    def toggled(name: str, before: bool) -> bool:
        found = properties.find(f"{W}{name}")
        return before if found is None else found.get(f"{W}val", "true") not in _OFF

    struck = toggled("strike", look.strike) or toggled("dstrike", False)
    return replace(
        look,
        vanish=toggled("vanish", look.vanish),
        strike=struck,
        raised=_is_raised(properties, look.raised),
        faint=_is_faint(properties, look.faint),
    )


def _is_raised(properties: _Element, before: bool) -> bool:
    aligned = properties.find(f"{W}vertAlign")
    moved = properties.find(f"{W}position")
    if aligned is None and moved is None:
        return before
    up = aligned is not None and aligned.get(f"{W}val") in ("superscript", "subscript")
    return up or (moved is not None and moved.get(f"{W}val", "0").lstrip("-+0") != "")


def _is_faint(properties: _Element, before: bool) -> bool:
    colour, size = properties.find(f"{W}color"), properties.find(f"{W}sz")
    shading = properties.find(f"{W}shd")
    white = colour is not None and _is_white(colour.get(f"{W}val", ""))
    if white and shading is not None and shading.get(f"{W}fill", "auto").upper() not in ("AUTO", "FFFFFF"):
        white = False
    value = size.get(f"{W}val", "") if size is not None else ""
    tiny = value.isdigit() and int(value) <= _TINY
    if colour is None and size is None:
        return before
    return white or tiny


def _is_white(colour: str) -> bool:
    """Whether a colour is white or so near to it that no one reads it on paper."""
    if not re.fullmatch(r"[0-9A-Fa-f]{6}", colour):
        return False
    return all(int(colour[at : at + 2], 16) >= _NEARLY_WHITE for at in (0, 2, 4))


def shows_picture(element: _Element) -> bool:
    """Whether a cell holds a picture, a drawing or an embedded object."""
    return next(element.iter(*_PICTURES), None) is not None


def runs(paragraph: _Element, styles: Styles, *, shaded: bool = False) -> Iterator[str]:
    """Text of a paragraph as shown; ``shaded``: on a coloured ground, where white can be read.

    Digits that are raised or struck out stand between signs, as ``dom.flow`` sets
    them; tables in text boxes are left to the caller.
    """
    base = styles.of_paragraph(paragraph)
    stack: list[Iterator[Any]] = [iter(paragraph)]
    fields: list[tuple[str, bool]] = []
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif isinstance(child, str):
            yield child
        elif child.tag in _GONE or not isinstance(child.tag, str):
            continue
        elif child.tag == f"{W}fldChar":
            yield from _field(child, fields)
        elif child.tag == f"{W}instrText":
            if fields:
                fields[-1] = (fields[-1][0] + (child.text or ""), fields[-1][1])
        elif child.tag == f"{W}p":  # a paragraph of a text box
            yield "\n"
            stack.append(iter(child))
        elif child.tag == f"{W}r":
            stack.append(_run(child, styles.of_run(child, base), shaded))
        elif child.tag == f"{_M}oMath":
            yield _equation(child)
        elif child.tag in _PLAIN:
            yield _plain(child)
        elif child.tag in _TURNED and _has_digits(child):
            yield UNKNOWN
        elif child.tag == f"{W}sdt" and child.find(f"{W}sdtPr/{W}showingPlcHdr") is not None:
            yield UNKNOWN if _has_digits(child) else ""  # what stands there until someone writes something
        else:
            stack.append(iter(child))


def _run(run: _Element, look: Look, shaded: bool) -> Iterator[Any]:
    """What a run holds, between signs where its digits are no part of the number beside them."""
    if look.vanish:
        return
    digits = _has_digits(run)
    sign = "~~" if look.strike else "^" if look.raised else ""
    # Two lines in one (双行合一): small digits above each other beside the number.
    combined = run.find(f"{W}rPr/{W}eastAsianLayout[@{W}combine]") is not None
    if digits and (combined or (look.faint and not shaded)):
        yield UNKNOWN
        return
    if sign and digits:
        yield sign
    yield from run
    if sign and digits:
        yield sign


#: May be shown from right to left: 21 where the file has 12.
_TURNED = frozenset((f"{W}bdo",))


def _has_digits(element: _Element) -> bool:
    return any(char.isdigit() for text in element.iter(f"{W}t") for char in text.text or "")


def _field(mark: _Element, fields: list[tuple[str, bool]]) -> Iterator[str]:
    """Follow a field; a sum that was never worked out shows something that is not in the file."""
    kind = mark.get(f"{W}fldCharType")
    if kind == "begin":
        fields.append(("", False))
    elif kind == "separate" and fields:
        fields[-1] = (fields[-1][0], True)
    elif kind == "end" and fields:
        instruction, worked_out = fields.pop()
        if instruction.lstrip().startswith("=") and not worked_out:
            yield UNKNOWN


_PLAIN = frozenset(
    f"{W}{name}" for name in ("t", "tab", "ptab", "br", "cr", "noBreakHyphen", "softHyphen", "sym")
)


def _plain(element: _Element) -> str:
    match element.tag.removeprefix(W):
        case "t":
            return element.text or ""
        case "tab" | "ptab":
            return "\t"
        case "br" | "cr":
            return "\n"
        case "noBreakHyphen":
            return "-"
        case "sym":
            return _symbol(element)
    return ""


def _symbol(element: _Element) -> str:
    """A sign of a symbol font: its digit where that is sure, else a sign that nobody knows."""
    code = element.get(f"{W}char", "")
    number = int(code, 16) if re.fullmatch(r"[0-9A-Fa-f]{1,4}", code) else 0
    if element.get(f"{W}font", "").casefold() == "symbol" and number in _SYMBOL_DIGITS:
        return chr(number - 0xF000)
    return UNKNOWN


def _equation(element: _Element) -> str:
    """The text of an equation that is nothing but text; digits set above each other are no number."""
    text = "".join(part.text or "" for part in element.iter(f"{_M}t"))
    simple = all(child.tag == f"{_M}r" for child in element)
    return text if simple or not any(char.isdigit() for char in text) else UNKNOWN
