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
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
#: One content in two ways, the second for programs that do not know the first.
ALTERNATE = f"{_MC}AlternateContent"
CHOICE = f"{_MC}Choice"
_FALLBACK = f"{_MC}Fallback"
#: Stands for a character that is shown and cannot be told.
UNKNOWN = "\ufffd"
#: Half points: type of two points and less is no text to anyone.
_TINY = 4
#: Per cent of a character's width: narrower than this it is a stroke.
_NARROW = 10
#: The colours of a theme that are its paper.
_PAPER = ("background1", "light1")
#: Styles based on styles: Word allows ten levels.
_MAX_DEPTH = 12
_LEFT_OUT = ("del", "moveFrom", "delText", "pPr", "rPr", "tbl", "rt")
#: Parts of two colours that are no further apart are the same to an eye.
_NEAR = 5
_WHITE = "FFFFFF"
_HIGHLIGHTS = {
    "black": "000000", "blue": "0000FF", "cyan": "00FFFF", "green": "00FF00", "magenta": "FF00FF",
    "red": "FF0000", "yellow": "FFFF00", "white": "FFFFFF", "darkBlue": "00008B", "darkCyan": "008B8B",
    "darkGreen": "006400", "darkMagenta": "800080", "darkRed": "8B0000", "darkYellow": "808000",
    "darkGray": "A9A9A9", "lightGray": "D3D3D3",
}  # fmt: skip
_GONE = frozenset(f"{W}{name}" for name in _LEFT_OUT) | {_FALLBACK}
#: What stands behind them in their run is the note's own mark.
_NOTES = tuple(f"{W}{name}" for name in ("footnoteReference", "endnoteReference"))
_PICTURES = tuple(f"{W}{name}" for name in ("drawing", "pict", "object"))
#: What Word writes by itself: the page's number and parts of the date.
_COUNTED = frozenset(
    f"{W}{name}"
    for name in ("pgNum", "dayShort", "dayLong", "monthShort", "monthLong", "yearShort", "yearLong")
)
#: The Symbol font has its digits where ASCII has them, from U+F000 on.
_SYMBOL_DIGITS = range(0xF030, 0xF03A)
_OFF = ("0", "false", "off", "none")


@dataclass(frozen=True, slots=True)
class Look:
    """How a run is set, as far as it changes what it says."""

    vanish: bool = False
    strike: bool = False
    raised: bool = False
    tiny: bool = False
    colour: str = ""
    """RRGGBB; ``""`` where none is named."""
    ground: str = ""
    """RRGGBB of what the run itself lies on."""

    def is_faint(self, ground: str) -> bool:
        """Whether nobody sees it on paper, or on the ``ground`` of its cell."""
        return self.tiny or _are_alike(self.colour, self.ground or ground or _WHITE)


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
        one.tiny or other.tiny,
        other.colour or one.colour,
        other.ground or one.ground,
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
        tiny=_is_tiny(properties, look.tiny),
        colour=_colour(properties.find(f"{W}color"), look.colour),
        ground=_highlight(properties) or ground_of(properties) or look.ground,
    )


def _is_raised(properties: _Element, before: bool) -> bool:
    aligned = properties.find(f"{W}vertAlign")
    moved = properties.find(f"{W}position")
    if aligned is None and moved is None:
        return before
    up = aligned is not None and aligned.get(f"{W}val") in ("superscript", "subscript")
    return up or (moved is not None and moved.get(f"{W}val", "0").lstrip("-+0") != "")


def _is_tiny(properties: _Element, before: bool) -> bool:
    """Type of no size, or so narrow that a digit is a stroke."""
    found = properties.find(f"{W}w")
    width = found.get(f"{W}val", "").rstrip("%") if found is not None else ""
    if width.isdigit() and int(width) <= _NARROW:
        return True
    found = properties.find(f"{W}sz")
    size = found.get(f"{W}val", "") if found is not None else ""
    return int(size) <= _TINY if size.isdigit() else before


def _colour(found: _Element | None, before: str) -> str:
    """The colour of type, the theme's paper as white."""
    if found is None:
        return before
    paper = found.get(f"{W}themeColor") in _PAPER
    if paper and not (found.get(f"{W}themeShade") or found.get(f"{W}themeTint")):
        return _WHITE
    return _hex(found.get(f"{W}val", ""))


def ground_of(properties: _Element) -> str:
    """RRGGBB of the shading of a run, paragraph or cell; ``""`` for none, or a pattern of two colours."""
    found = properties.find(f"{W}shd")
    if found is None:
        return ""
    pattern = found.get(f"{W}val", "clear")
    if pattern == "solid":
        return _hex(found.get(f"{W}color", ""))
    return _hex(found.get(f"{W}fill", "")) if pattern in ("clear", "nil") else ""


def _highlight(properties: _Element) -> str:
    found = properties.find(f"{W}highlight")
    return _HIGHLIGHTS.get(found.get(f"{W}val", ""), "") if found is not None else ""


def _hex(colour: str) -> str:
    return colour.upper() if re.fullmatch(r"[0-9A-Fa-f]{6}", colour) else ""


def _are_alike(one: str, other: str) -> bool:
    """Whether two colours are the same or so near to it that no one reads one on the other."""
    if not one or not other:
        return False
    return all(abs(int(one[at : at + 2], 16) - int(other[at : at + 2], 16)) <= _NEAR for at in (0, 2, 4))


def shows_picture(element: _Element) -> bool:
    """Whether a cell holds a picture, a drawing or an embedded object."""
    return next(element.iter(*_PICTURES), None) is not None


def runs(paragraph: _Element, styles: Styles, *, ground: str = "") -> Iterator[str]:
    """Text of a paragraph as shown; ``ground``: the colour of its cell, where white can be read.

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
            yield "" if _is_code(fields) else child
        elif child.tag in _GONE or not isinstance(child.tag, str):
            continue
        elif child.tag == f"{W}fldChar":
            yield from _field(child, fields)
        elif child.tag == f"{W}instrText" or (child.tag in _PLAIN and _is_code(fields)):
            if fields:
                fields[-1] = (fields[-1][0] + (child.text or ""), fields[-1][1])
        elif child.tag in _COUNTED or (child.tag == ALTERNATE and is_disputed(child)):
            yield UNKNOWN
        elif child.tag == f"{W}p":  # a paragraph of a text box
            yield "\n"
            stack.append(iter(child))
        elif child.tag == f"{W}r":
            stack.append(_run(child, styles.of_run(child, base), ground))
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
    if _is_code(fields) and any(char.isdigit() for code, _ in fields for char in code):
        yield UNKNOWN  # a field that goes on in the next paragraph, or lost its end


def is_disputed(alternate: _Element) -> bool:
    """Whether what one program shows has other digits than what another shows in its place.

    A picture in place of a text says nothing of its digits.
    """

    def digits(branch: _Element) -> str:
        written = (text.text or "" for text in branch.iter(f"{W}t"))
        return "".join(char for text in written for char in text if char.isdigit())

    branches = [branch for branch in alternate if branch.tag in (CHOICE, _FALLBACK)]
    return len({digits(branch) for branch in branches if next(branch.iter(f"{W}t"), None) is not None}) > 1


def _run(run: _Element, look: Look, ground: str) -> Iterator[Any]:
    """What a run holds, between signs where its digits are no part of the number beside them."""
    if look.vanish:
        return
    digits = _has_digits(run)
    noted = any(mark.get(f"{W}customMarkFollows", "0") not in _OFF for mark in run.iter(*_NOTES))
    sign = "~~" if look.strike else "^" if look.raised or noted else ""
    # Two lines in one (双行合一): small digits above each other beside the number.
    combined = run.find(f"{W}rPr/{W}eastAsianLayout[@{W}combine]") is not None
    if digits and (combined or look.is_faint(ground)):
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
        if _SHOWS.match(instruction) and not worked_out and not _is_code(fields):
            yield UNKNOWN


#: Fields that show something: where they have no result, something that is not in the file.
_SHOWS = re.compile(r"\s*(?:=|(?:eq|symbol|quote|autonum\w*|listnum|formdropdown)\b)", re.IGNORECASE)


def _is_code(fields: list[tuple[str, bool]]) -> bool:
    """Whether text at this place is the code of a field, which nobody sees."""
    return any(not worked_out for _, worked_out in fields)


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
