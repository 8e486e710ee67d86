"""Lines that once were table cells, told from prose by the wordings of the statutory forms."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from archive.forms import TABLES, terms
from pipelines.flat import indicators

#: A cell's line may repeat a label with filling instructions behind it.
_LONGEST_TAIL = 90
#: The longest line of a flattened row: Table 4's header glued together has 80 characters.
_LONGEST_CELL = 200
#: Part of a label broken over lines.
_LONGEST_FRAGMENT = 12
#: Into so many lines a label is broken at most.
_FRAGMENTS = 4
_NOT_A_FRAGMENT = re.compile(
    r"^\s*(?:[一二三四五六]、|[（(][一二三四五六七八九十][)）])|[。，,；;：:]|^\s*无"
)
#: Lines of a long report: 600; of a flattened one 1,500. Beyond that the text is left as it is.
_MOST_LINES = 20_000
_FIGURES = re.compile(r"[\s\d|｜,.，+\-－—–/×xX%减增元万件条项批次]*")
_HEADER_WORDS = (
    "信息内容", "本年新", "制作数量", "公开数量", "结果", "维持", "纠正", "未经复议直接起诉", "复议后起诉",
    "商业", "企业", "科研机构",
    "行政复议", "行政诉讼", "本年", "收费金额", "其他", "尚未审结", "总计",
)  # fmt: skip
#: Where tables that were glued to one line begin: no sentence starts so.
_GLUED = re.compile(
    r"第二十条\s*第\s*[（(]\s*一\s*[)）]\s*项\s*信息内容|[（(]本列数据的勾稽关系|申请人情况\s*自然人|行政复议\s*行政诉讼\s*结果维持"
)

_NEXT_HEADING = re.compile(
    r"[三四五六]、(?=收到和处理|依申请公开|政府信息公开行政复议|因政府信息公开|存在的?主?要?问题|政府信息公开工作存在|其他需要)"
)


def _plain(text: str) -> str:
    """NFKC, no white space, no enumerator, no pipes."""
    folded = re.sub(r"[\s|｜]+", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"^(?:[一二三四五六七八九十]+、|\([一二三四五六七八九十]+\)|\d{1,2}[.、])", "", folded)


@cache
def _labels() -> tuple[frozenset[str], tuple[str, ...]]:
    """Every wording of a line, column or group, and those long enough to be recognised by their beginning."""
    found = {_plain(word) for word in _HEADER_WORDS}
    for table in TABLES:
        for part in terms(table).values():
            for term in part.values():
                found.update(_plain(wording) for wording in term.wordings)
    found.discard("")
    return frozenset(found), tuple(w for w in found if len(w) >= 6)


@cache
def _any_label() -> re.Pattern[str]:
    """Any wording of two characters and more, longest first, or a figure."""
    words = sorted((w for w in _labels()[0] if len(w) >= 2), key=len, reverse=True)
    return re.compile("|".join(re.escape(word) for word in words) + r"|[\d.,+\-/%]+")


def is_cell(line: str) -> bool:
    """Whether a line is what a table cell or row leaves behind when the table is flattened."""
    if _FIGURES.fullmatch(line):
        return True
    if len(line) > _LONGEST_CELL:
        return False
    plain = _plain(line)
    exact, long = _labels()
    if plain in exact:
        return True
    cells = [_plain(part) for part in re.split(r"[|｜\t]", line) if part.strip()]
    if len(cells) > 1 or line.rstrip().endswith(("|", "｜")):
        known = sum(1 for cell in cells if cell in exact or not cell or _FIGURES.fullmatch(cell))
        return known * 2 >= len(cells) or (len(cells) == 1 and len(cells[0]) <= _LONGEST_FRAGMENT)
    # a label with instructions behind it: 规范性文件（…）; or labels and figures glued together
    if plain.startswith(long) and len(plain) <= _LONGEST_TAIL and "。" not in plain and "情况" not in plain:
        return True
    return not re.sub(r"[\W_]+", "", _any_label().sub("", plain))


def without_tables(rows: Iterable[str]) -> list[str]:
    """The lines that are no flattened table cells; glued tables are cut out of their line."""
    lines = [piece for row in _without_list(rows) for piece in _cut(row) if piece.strip()]
    if len(lines) > _MOST_LINES:
        return lines
    cells = [is_cell(line) for line in lines]
    for at in range(1, len(lines)):
        # 上一年 / 项目数量: a label broken over lines is known by its neighbours
        end = at
        while end < len(lines) and end - at < _FRAGMENTS and not cells[end] and _is_fragment(lines[end]):
            end += 1
        if cells[at - 1] and at < end < len(lines) and cells[end]:
            cells[at:end] = [True] * (end - at)
    return [line for line, cell in zip(lines, cells, strict=True) if not cell]


def _without_list(rows: Iterable[str]) -> Iterable[str]:
    """The same without a flattened indicator list (form 2014): its headings are worded as a report's are."""
    whole = "\n".join(rows)
    found = indicators.region(whole)
    if found is None:
        return whole.split("\n")
    start, end = found
    return [*whole[:start].split("\n"), *whole[end:].split("\n")]


def _is_fragment(line: str) -> bool:
    return len(line) <= _LONGEST_FRAGMENT and not _NOT_A_FRAGMENT.search(line)


def _cut(row: str) -> list[str]:
    """A line without the tables glued into it: each runs to the next numbered heading, or to the end."""
    pieces: list[str] = []
    at = 0
    while (match := _GLUED.search(row, at)) is not None:
        pieces.append(row[at : match.start()])
        heading = _NEXT_HEADING.search(row, match.end())
        if heading is None:
            return pieces
        at = heading.start()
    return [*pieces, row[at:]]
