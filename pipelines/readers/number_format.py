"""What a spreadsheet's number format makes of a number (ECMA-376 part 1, section 18.8.31).

A format may show 251000 as 25.1万, hide a zero, or hide everything. Formats that
only group, pad or round are not followed: the figure that is stored is the
issuer's. One that shows another figure than the cell holds makes it unreadable.
"""

from __future__ import annotations

import re
from functools import lru_cache

#: Behind a number that the cell does not show as it is.
UNKNOWN = "\ufffd"
#: A comma behind the last digit divides by a thousand.
_SCALED = re.compile(r"[0#?],+(?![0#?,])")
#: A character that is written as it stands, among the digits.
_LITERAL_INSIDE = re.compile(r"[0#?][!\\].[0#?]|[0#?]\"[^\"]*\"[0#?]")
_QUOTED = re.compile(r"\"([^\"]*)\"|[!\\](.)")
_BRACKETS = re.compile(r"\[[^\]]*\]|_.|\*.")
#: The palette's second colour is white as well.
_PAINTED_WHITE = re.compile(r"\[(?:white|白色?|colou?r\s*2|颜色\s*2)\]", re.IGNORECASE)
_CONDITION = re.compile(r"\[[<>=]")
_PLACEHOLDER = re.compile(r"[0#?]")


def shown(value: float, style: str) -> str:
    """A number as a cell of this style shows it, ``""`` for one that it hides.

    Whole numbers come without a point, others with at most fifteen digits. What is
    written behind the digits (件, 万元) comes along; where the format shows another
    number, ``UNKNOWN`` stands behind it.
    """
    section = _section(value, style)
    if not section.strip():
        # an empty section hides the number: a zero is a blank then, any other figure is not to be seen
        return "" if value == 0 else f"{plain(value)}{UNKNOWN}"
    if _PAINTED_WHITE.search(section) or (_CONDITION.search(style) and _is_any_strange(style)):
        return f"{plain(value)}{UNKNOWN}"
    if value == 0 and not _shows_zero(section):
        return ""
    before, after, strange = _words(section)
    if "%" in _QUOTED.sub("", section):
        return f"{format(value * 100, '.15g')}%"
    return f"{before}{plain(value)}{UNKNOWN if strange else ''}{after}"


@lru_cache(maxsize=256)
def _is_any_strange(style: str) -> bool:
    """Whether one of the parts shows another number, or none; which of them holds is not worked out."""
    return any(not section.strip() or _words(section)[2] for section in _split(style))


@lru_cache(maxsize=256)
def _shows_zero(section: str) -> bool:
    """Whether a zero is written at all: ``#`` and ``#,###`` leave its place empty."""
    bare = _QUOTED.sub("", _BRACKETS.sub("", section))
    return bare.strip("#,. ") != "" or not bare.strip()


def plain(value: float) -> str:
    """A number without any format."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    text = format(value, ".15g")
    return text if "e" not in text else format(value, "f")


def _section(value: float, style: str) -> str:
    """The part of a format for positive numbers, negative ones or zero; conditions are not followed."""
    sections = _split(style)
    if value < 0 and len(sections) > 1:
        return sections[1]
    if value == 0 and len(sections) > 2:
        return sections[2]
    return sections[0]


@lru_cache(maxsize=256)
def _split(style: str) -> tuple[str, ...]:
    kept: list[str] = []
    sections = [""]
    for part in re.split(r"(\"[^\"]*\"|[!\\].|;)", style):
        if part == ";":
            kept.append(sections[-1])
            sections.append("")
        else:
            sections[-1] += part
    return tuple(sections)


@lru_cache(maxsize=256)
def _words(section: str) -> tuple[str, str, bool]:
    """(text before the digits, text after them, whether the digits are not the number's own)."""
    bare = _BRACKETS.sub("", section)
    if bare.strip().casefold() in ("general", "g/通用格式", "@"):
        return "", "", False
    strange = bool(_SCALED.search(_QUOTED.sub("", bare)) or _LITERAL_INSIDE.search(bare))
    first, last = _ends(bare)
    if first is None:
        return "", "", True  # no place for a digit: whatever it shows is not the number
    before = _literal(bare[:first])
    after = _literal(bare[last:])
    # a digit that the format writes stands in the number's row and is none of its own
    strange = strange or any(char.isdigit() for char in before + after)
    # the sign of a negative number stands in its section
    return before.replace("-", "").replace("+", "").strip(), after.strip(), strange


def _ends(section: str) -> tuple[int | None, int]:
    """Where the digits of a section begin and end, text between quotes aside."""
    masked = _QUOTED.sub(lambda match: "\x00" * len(match[0]), section)
    places = [match.start() for match in _PLACEHOLDER.finditer(masked)]
    return (places[0], places[-1] + 1) if places else (None, 0)


def _literal(text: str) -> str:
    """The characters that a format writes as they stand; currency signs and spaces go."""
    written = "".join(a or b for a, b in _QUOTED.findall(text))
    loose = re.sub(r"[\s,.;:()$¥￥€_@/eE+-]", "", _QUOTED.sub("", text))
    return written.strip(" ()（）:：¥￥") + loose
