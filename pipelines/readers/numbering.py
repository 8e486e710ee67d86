"""The numbers Word writes before paragraphs by itself (一、 （一） 1.): they are in no text run.

A report whose headings were numbered by the word processor would otherwise
lose them, and 六、其他需要报告的事项 would be a line like any other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from lxml.etree import _Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DIGITS = "〇一二三四五六七八九"
_CHINESE = frozenset(
    {
        *("chineseCounting", "chineseCountingThousand", "japaneseCounting", "ideographTraditional"),
        *("taiwaneseCounting", "taiwaneseCountingThousand"),  # what LibreOffice makes of them
    }
)


def chinese(number: int) -> str:
    """A number from 0 to 99 in Chinese counting (十, 十一, 二十); larger ones in digits."""
    if not 0 <= number <= 99:
        return str(number)
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")


@dataclass(frozen=True, slots=True)
class _Level:
    style: str
    text: str
    start: int


@dataclass(slots=True)
class Numbering:
    """Counts the automatically numbered paragraphs of one document; ask in document order, each once."""

    levels: dict[tuple[str, int], _Level] = field(default_factory=dict)
    """(numId, level) → how it is written."""
    styles: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Paragraph style → (numId, level) it numbers with."""
    _counts: dict[tuple[str, int], int] = field(default_factory=dict)

    @classmethod
    def of(cls, package: Any) -> Numbering:
        """The numbering of a python-docx document; empty where it defines none."""
        part = next(
            (
                r.target_part
                for r in package.part.rels.values()
                if r.reltype.endswith("/numbering") and not r.is_external
            ),
            None,
        )
        element = getattr(part, "element", None)
        if element is None:
            return cls()
        abstract = {a.get(f"{_W}abstractNumId"): a for a in element.findall(f"{_W}abstractNum")}
        levels: dict[tuple[str, int], _Level] = {}
        for number in element.findall(f"{_W}num"):
            reference = number.find(f"{_W}abstractNumId")
            scheme = abstract.get(reference.get(f"{_W}val")) if reference is not None else None
            for level in scheme.findall(f"{_W}lvl") if scheme is not None else ():
                levels[(number.get(f"{_W}numId"), _integer(level.get(f"{_W}ilvl"), 0))] = _Level(
                    _value(level, "numFmt"), _value(level, "lvlText"), _integer(_value(level, "start"), 1)
                )
        return cls(levels, _styles(package))

    def label(self, paragraph: _Element) -> str:
        """What Word writes before this paragraph, ``""`` for nothing or a bullet."""
        key = self._key(paragraph)
        level = self.levels.get(key) if key else None
        if key is None or level is None or level.style in ("bullet", "none"):
            return ""
        number, depth = key
        self._counts[key] = self._counts.get(key, level.start - 1) + 1
        for deeper in [k for k in self._counts if k[0] == number and k[1] > depth]:
            del self._counts[deeper]

        def written(match: re.Match[str]) -> str:
            at = (number, int(match[1]) - 1)
            scheme = self.levels.get(at, level)
            count = self._counts.get(at, scheme.start)
            return chinese(count) if scheme.style in _CHINESE else str(count)

        return re.sub(r"%([1-9])", written, level.text)

    def _key(self, paragraph: _Element) -> tuple[str, int] | None:
        own = paragraph.find(f"{_W}pPr/{_W}numPr")
        if own is not None:
            number = _value(own, "numId")
            return (number, _integer(_value(own, "ilvl"), 0)) if number not in ("", "0") else None
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        return self.styles.get(style.get(f"{_W}val", "")) if style is not None else None


def _styles(package: Any) -> dict[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    for style in package.styles.element.findall(f"{_W}style"):
        numbering = style.find(f"{_W}pPr/{_W}numPr")
        number = _value(numbering, "numId") if numbering is not None else ""
        if number not in ("", "0"):
            found[style.get(f"{_W}styleId", "")] = (number, _integer(_value(numbering, "ilvl"), 0))
    return found


def _value(element: _Element, name: str) -> str:
    found = element.find(f"{_W}{name}")
    return found.get(f"{_W}val", "") if found is not None else ""


def _integer(value: str | None, default: int) -> int:
    return int(value) if value is not None and re.fullmatch(r"-?\d{1,6}", value) else default
