"""One cell's text → a number, or the reason why there is none. Pure.

The rule above all: a wrong number is never returned. What could be read in two
ways is ``ambiguous`` and what is no number is ``unreadable``; both keep the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from archive.forms import Kind
from archive.records import Status
from pipelines.text import fold, squeeze

Number = int | Decimal


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell says: a status, the value where there is one, the readings where there are several."""

    status: Status
    value: Number | None = None
    readings: tuple[str, ...] = ()
    note: str | None = None
    """What a reader should know although the value stands."""


BLANK = Reading("blank")
DASH = Reading("dash")
UNREADABLE = Reading("unreadable")

_DASHES = frozenset({"/", "//", "\\", "-", "--", "---", "—", "——", "–", "―", "无", "...", "......"})
# Classifiers a figure may carry without changing it.
_COUNT_UNIT = "(?:批次|件次|人次|[件条项个次份宗起批人户篇部])?"
_INTEGER = r"(?:0|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d*)"
# 5.0 and 5.00 are what a spreadsheet makes of 5.
_COUNT = re.compile(rf"({_INTEGER})(?:\.0{{1,2}})?{_COUNT_UNIT}")
_CHANGE = re.compile(rf"(\+|-|−|–|减少?|增加?|下降|上升)?({_INTEGER})(?:\.0{{1,2}})?{_COUNT_UNIT}")
_AMOUNT = re.compile(rf"({_INTEGER}(?:\.\d+)?)(亿元|万元|元|亿|万)?(?:人民币)?")
_MINUS = frozenset({"-", "−", "–", "减", "减少", "下降"})

# The largest figure any report has had stands near 10**8 (a province's penalties);
# ten digits and more are cells run together.
_MAX_DIGITS = 9
# 10**8 万元 is more than any government in the country buys in a year.
_MAX_WAN = Decimal(10) ** 8
_WAN = {
    "亿元": Decimal(10_000),
    "亿": Decimal(10_000),
    "万元": Decimal(1),
    "万": Decimal(1),
    "千元": Decimal("0.1"),
    "元": Decimal("0.0001"),
}


def _plain(digits: str) -> int | None:
    digits = digits.replace(",", "")
    return int(digits) if len(digits) <= _MAX_DIGITS else None


#: 万件, 百条: what is counted comes in bundles. 万元 is an amount's unit, 100万以上 no unit at all.
_BUNDLES = re.compile(
    r"(?:^|[^\d一二三四五六七八九十百千万])([十百千万亿]+)(?:批次|件次|人次|[件条项个份次宗起批])"
)


def bundle(label: str) -> str | None:
    """The bundle in which a label or heading says that it counts (万, 百); ``None`` where it says none."""
    match = _BUNDLES.search(squeeze(label))
    return match[1] if match else None


def _counted(value: int, label: str) -> Reading:
    bundles = bundle(label) if value else None
    if bundles is None:
        return Reading("exact", value)
    return Reading(
        "ambiguous", readings=(str(value), f"{value}{bundles}"), note=f"标题注明以{bundles}计，数字未采用"
    )


def _count(text: str, label: str) -> Reading:
    match = _COUNT.fullmatch(text)
    value = _plain(match[1]) if match else None
    return UNREADABLE if value is None else _counted(value, label)


def _change(text: str, label: str) -> Reading:
    match = _CHANGE.fullmatch(text)
    value = _plain(match[2]) if match else None
    if match is None or value is None:
        return UNREADABLE
    return _counted(-value if match[1] in _MINUS else value, label)


#: 百万元 and 美元 end in a unit they are not: the character before it is taken along.
_UNIT = re.compile(r"[^\W\d_]?(?:亿元|万元|千元|(?<![亿万千])元)")
_BEFORE_UNIT = "十百千万美欧港日澳"


def amount_unit(label: str) -> str | None:
    """The one unit a column's heading states (亿元, 万元, 千元, 元); ``None`` where it states none or two."""
    units = set()
    for match in _UNIT.finditer(squeeze(label)):
        unit = match[0] if match[0] in _WAN else match[0][1:]
        units.add(None if unit != match[0] and match[0][0] in _BEFORE_UNIT else unit)
    return units.pop() if len(units) == 1 else None


def normal(number: Decimal) -> Number:
    """A decimal without trailing zeros; an ``int`` where it is whole."""
    if number == number.to_integral_value():
        return int(number)
    return number.normalize()


def _amount(text: str, label: str) -> Reading:
    match = _AMOUNT.fullmatch(text)
    if match is None:
        return UNREADABLE
    number = Decimal(match[1].replace(",", ""))
    unit = match[2] or amount_unit(label)
    note = None
    if unit is None and number != 0:
        exponent = number.as_tuple().exponent
        if isinstance(exponent, int) and exponent < -2:
            # A sum in 元 ends with the 分: more than two decimals can only be 万元.
            unit, note = "万元", "未注明单位；小数多于两位，不可能是元，按万元计"
        else:
            yuan = normal(number * _WAN["元"])
            return Reading(
                "ambiguous",
                readings=(f"{number}万元", f"{number}元 = {yuan}万元"),
                note="未注明单位，可能是万元，也可能是元",
            )
    value = number * _WAN[unit or "万元"]
    if value > _MAX_WAN:
        return UNREADABLE
    return Reading("exact", normal(value), note=note)


_READERS: dict[Kind, Callable[[str, str], Reading]] = {"count": _count, "change": _change, "amount": _amount}


# Two blanks or more, or one as wide as a character, part two numbers as often as they stand in one.
_WIDE_GAP = re.compile(r"\d(?:[\t\n\r\v\f\x85\u2028\u2029\u2003\u3000]|\s{2,})\d")
_BREAK = re.compile(r"\d[^\S\n\r\v\f\x85\u2028\u2029]*[\n\r\v\f\x85\u2028\u2029]\s*\d")
_GAP = re.compile(r"\d\s+\d")


_PAGE_NUMBER = re.compile(r"[-—–―]+\d{1,3}[-—–―]+|第\d{1,3}页(?:[,/]?共\d{1,3}页)?")


def is_page_number(raw: str) -> bool:
    """Whether this says that it is a page's number: — 3 —, 第3页."""
    return _PAGE_NUMBER.fullmatch(squeeze(raw)) is not None


def has_gap(raw: str) -> bool:
    """Whether digits stand on both sides of white space: one number, or two that share a cell."""
    return _GAP.search(fold(raw)) is not None


_TURNS = "\u202e"  # RIGHT-TO-LEFT OVERRIDE


def _has_mark(raw: str) -> bool:
    """Whether a footnote mark or a fraction (①, ², ½) stands there, which NFKC would make plain digits.

    Or a sign that what follows is shown from right to left: 12 is then seen as 21.
    """
    return not raw.isascii() and any(char == _TURNS or unicodedata.category(char) == "No" for char in raw)


def read(raw: str, kind: Kind, label: str = "") -> Reading:
    """Read one cell that has its own boundary; see ``_read``."""
    if len(raw) + len(label) > _CACHED:
        return _read(raw, kind, label)
    return _read_cached(raw, kind, label)


def counts(texts: Iterable[str]) -> list[Reading]:
    """What each of these cells says as a count under a heading without a unit; the same as ``read``."""
    return [_count_cached(text) if len(text) <= _CACHED else _read(text, "count", "") for text in texts]


def _read(raw: str, kind: Kind, label: str) -> Reading:
    """Read one cell that has its own boundary.

    ``label`` is the column's heading as the source has it: an amount without a
    unit is in 万元 only where the heading says so. A blank inside a number is
    dropped; a line break or a wide gap between digits may be one number or two,
    so it is ``ambiguous``. A raised or circled digit is a mark, not part of the
    number, and makes the cell ``unreadable``.
    """
    if raw.isascii() and raw.isdigit():
        return _READERS[kind](raw, label)  # as below, and nearly all are
    if _has_mark(raw):
        return UNREADABLE
    folded = fold(raw).strip()
    text = "".join(folded.split())
    if not text:
        return BLANK
    if text in _DASHES:
        return DASH
    reading = _READERS[kind](text, label)
    if reading.status == "exact" and _WIDE_GAP.search(raw):
        between = "换行" if _BREAK.search(raw) else "较宽的空白"
        return Reading(
            "ambiguous",
            readings=(text, " | ".join(folded.split())),
            note=f"数字中间有{between}，可能是一个数，也可能是两个",
        )
    return reading


# Figures are short; what is longer is prose and comes once.
_CACHED = 80
_read_cached = lru_cache(maxsize=8192)(_read)


@lru_cache(maxsize=8192)
def _count_cached(raw: str) -> Reading:
    return _read(raw, "count", "")
