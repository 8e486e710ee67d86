"""The six sections of a report, cut at their headings.

国办公开办函〔2021〕30号 prescribes six headings; real reports reword, renumber and
drop them. A line is a heading only if it begins with a numeral as headings have
(一、 … 六、) and goes on in the words of one of the six, or if it consists of
such words and nothing else. Table 3 has lines that begin with 一、 and 四、, and
many reports name all six headings in their first sentence: neither is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.records import Document, Section

_NUMERALS = "一二三四五六七八九十"
#: Section → its wordings. Each pattern ends where the heading may end.
_WORDS: tuple[tuple[int, str], ...] = (
    (
        1,
        r"(?:政府信息公开(?:工作)?(?:的)?)?(?:总体(?:工作)?情况|总体概述|基本情况(?:概述)?|工作概述|概述|概况|工作情况概述|总体概况)",
    ),
    (2, r"(?:政府)?(?:信息)?主动公开(?:政府)?(?:信息|政府)?(?:的)?(?:情况|工作情况)?"),
    (
        3,
        r"(?:收到和处理|收到及处理|收到并处理|受理和处理)(?:的)?政府信息(?:依申请)?公开申请(?:的)?(?:情况)?"
        r"|(?:政府信息)?依申请公开(?:和不予公开)?(?:政府)?(?:信息)?(?:申请)?(?:和不予公开政府信息)?(?:的)?(?:办理|处理)?(?:的)?情况"
        r"|政府信息公开申请(?:的)?(?:收到和)?(?:处理|办理|受理)(?:的)?情况",
    ),
    (
        4,
        r"(?:因)?(?:政府)?(?:信息公开)?(?:工作|申请)?(?:被)?(?:申请|提起|引起|引发)?(?:的)?(?:申请)?行政复议"
        r"(?:[、，,和及]|或者)?(?:被)?(?:提起)?(?:的)?(?:行政)?诉讼(?:的)?(?:情况)?",
    ),
    (
        5,
        r"(?:政府信息公开)?(?:工作)?(?:中)?(?:存在|面临)(?:的)?(?:主要)?(?:问题|不足|困难)(?:和不足|及不足|与不足)?"
        r"(?:[、，,以]?(?:及|和|与)?(?:下一步)?(?:主要)?(?:改进|整改|工作)?(?:工作)?(?:的)?(?:情况|措施|打算|方向|计划|办法|建议|安排)?)?",
    ),
    (
        6,
        r"(?:其他|其它)?(?:需要?|应当|应)(?:要)?(?:报告|说明)(?:的)?(?:其他)?(?:事项情况|事项|情况|问题)|(?:其他|其它)(?:报告|有关)?事项",
    ),
)
_PATTERNS = tuple((number, re.compile(words)) for number, words in _WORDS)
_NUMBERED = re.compile(
    rf"\s*(?P<numeral>[{_NUMERALS}]{{1,2}})\s*[、.．,，:：]\s*|\s*第(?P<part>[{_NUMERALS}])部分\s*[:：、]?\s*"
)
#: After a heading on the same line: an end, or text. These go on with a sentence that only names the heading.
_GOES_ON = re.compile(r"\s*[，,、；;和及与等]|\s*[一二三四五六]、")
_END = re.compile(r"\s*(?:[:：。]\s*)?$")
#: Longest heading with words of the issuer's own in it (政府信息公开工作存在的主要问题及下一步改进措施).
_LONGEST = 45
#: Headings in the middle of a line, where a page was flattened to one line: official wordings only.
_OFFICIAL = (
    (1, r"总体情况"),
    (2, r"主动公开政府信息(?:的)?情况"),
    (3, r"收到和处理政府信息公开申请(?:的)?情况"),
    (4, r"(?:政府信息公开|因政府信息公开工作被申请)行政复议[、和]?(?:提起)?行政诉讼(?:的)?情况"),
    (5, r"(?:政府信息公开工作)?存在的?主要问题及改进(?:情况|措施)"),
    (6, r"其他需要报告的事项(?:情况)?"),
)
# No groups: so the search can leap from one numeral to the next.
_INSIDE = re.compile("|".join(rf"{_NUMERALS[number - 1]}、{words}" for number, words in _OFFICIAL))
#: What stands before a heading inside a line if it is one: the end of a sentence, a table's figure, a blank.
_BEFORE = re.compile(r"[。！？；;\]】）)…>\s\d元件项]$")
#: Two headings nearer to each other than this, on one line, are a list of headings.
_NEAR = 4


@dataclass(frozen=True, slots=True)
class Cut:
    """Sections in the order of the text, and what was odd: repeated or misnumbered headings."""

    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Heading:
    number: int
    text: str
    rest: str
    """What follows the heading on its line."""
    numeral: int | None


def sections(document: Document) -> tuple[Section, ...]:
    """The sections of a document; see ``cut``."""
    return cut(document).sections


def cut(document: Document) -> Cut:
    """Cut the prose (tables left out) at its headings.

    Section 0 is the text before the first heading, if there is any. A missing
    heading leaves its section out. Of a repeated heading the first counts, and
    the text after the second stays with the section it stands in.
    """
    notes: list[str] = []
    found: list[tuple[int, str, list[str]]] = [(0, "", [])]
    seen: set[int] = set()
    for line in _unglued(document.text.split("\n")):
        heading = _heading(line)
        if heading is None:
            found[-1][2].append(line.strip())
        elif heading.number in seen:
            notes.append(f"heading repeated: {line.strip()[:_LONGEST]}")
            found[-1][2].append(line.strip())
        else:
            if heading.numeral not in (None, heading.number):
                notes.append(
                    f"heading of section {heading.number} is numbered {_NUMERALS[(heading.numeral or 1) - 1]}"
                )
            seen.add(heading.number)
            found.append((heading.number, heading.text, [heading.rest] if heading.rest else []))
    texts = ((number, heading, "\n".join(line for line in body if line)) for number, heading, body in found)
    cut_up = tuple(Section(number, heading, text) for number, heading, text in texts if number or text)
    return Cut(cut_up, tuple(notes))


def _heading(line: str) -> _Heading | None:
    numbered = _NUMBERED.match(line)
    start = numbered.end() if numbered else 0
    if numbered is None and len(line.rstrip().rstrip("：:。").rstrip()) > _LONGEST:
        return None
    for number, words in _PATTERNS:
        match = words.match(line, start)
        if match is None or match.end() == start or match.end() > _LONGEST:
            continue
        rest = line[match.end() :]
        if numbered is None:
            # without a numeral only a whole line counts, and only in words no table and no sentence has
            if _END.match(rest) and _unmistakable(number, match[0]):
                return _Heading(number, line.strip().rstrip("：:。"), "", None)
            continue
        if _GOES_ON.match(rest):
            return None
        if not _END.match(rest) and not _breaks_off(rest, match[0]):
            continue
        numeral = _NUMERALS.find((numbered["numeral"] or numbered["part"])[0]) + 1
        text = line[: match.end()].strip()
        return _Heading(number, text, rest.lstrip(" \t\xa0　:：。").rstrip(), numeral)
    return None


def _unmistakable(number: int, words: str) -> bool:
    return (
        len(words) >= 4
        and (number != 2 or words.endswith("情况"))
        and (number != 4 or words.endswith("情况"))
    )


def _breaks_off(rest: str, words: str) -> bool:
    """Whether text after the heading's words is the section's text and not a longer heading or sentence."""
    if re.match(r"[\s:：。]|[（(【]", rest):
        return True
    # 六、其他需要报告的事项2021年… : text glued to a complete heading
    return words.endswith(("情况", "事项", "措施")) and (
        len(rest) > 6 or rest.startswith(("无", "暂无", "没有"))
    )


def _unglued(rows: Sequence[str]) -> Iterator[str]:
    """Lines, with a break put before headings that stand inside a line."""
    for row in rows:
        if not _is_numbered(row):
            yield row  # as most are
            continue
        matches = list(_INSIDE.finditer(row))
        lonely = [m for m in matches if _stands_alone(row, m) and not _listed(row, m, matches)]
        at = 0
        for match in lonely:
            if match.start() > at and row[at : match.start()].strip():
                yield row[at : match.start()]
            at = match.start()
        yield row[at:]


def _is_numbered(row: str) -> bool:
    """Whether a numeral as headings have it stands in a row; sooner told than by the pattern."""
    at = row.find("、")
    while at >= 0:
        if at and row[at - 1] in _NUMERALS:
            return True
        at = row.find("、", at + 1)
    return False


def _stands_alone(row: str, match: re.Match[str]) -> bool:
    before, after = row[: match.start()], row[match.end() :]
    return (not before.strip() or _BEFORE.search(before) is not None) and _GOES_ON.match(after) is None


def _listed(row: str, match: re.Match[str], matches: Sequence[re.Match[str]]) -> bool:
    """Whether the next or the last heading on the line follows at once: then all of them are a list."""
    return any(
        other is not match
        and (
            (0 <= other.start() - match.end() < _NEAR and row[match.end() : other.start()].strip() == "")
            or (0 <= match.start() - other.end() < _NEAR and row[other.end() : match.start()].strip() == "")
        )
        for other in matches
    )
