"""Which line, column or group a cell's text names, by the wordings of the forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache, wraps
from typing import Literal

from archive import forms
from pipelines.text import core, squeeze

Part = Literal["rows", "columns", "groups"]

# Shorter tails (其他, 总计) would match inside longer wordings.
_MIN_TAIL = 5


@cache
def _index(table: str, part: Part) -> dict[str, str]:
    return {core(wording): key for key, term in forms.terms(table)[part].items() for wording in term.wordings}


@cache
def _tails(table: str) -> tuple[tuple[str, str], ...]:
    pairs = [(wording, key) for wording, key in _index(table, "rows").items() if len(wording) >= _MIN_TAIL]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


#: A label with its group's and filling instructions in it has 300 characters.
LONGEST = 400
#: Marks of footnotes behind a label, before NFKC makes digits of them.
_NOTE = re.compile(r"(?:[*＊※†‡\u2460-\u24ff¹²³\u2070-\u2079]|[\[［【]注?\d{1,2}[\]］】])+$")
#: Of two labels in one cell, the second's.
_SECOND = re.compile(r"\([一二三四五六七八九十]{1,2}\)")


def _remembered(function: Callable[[str, str], str | None]) -> Callable[[str, str], str | None]:
    """The function with a memory for what may be a label by its length: labels recur on every page."""
    known = lru_cache(maxsize=8192)(function)

    def remembered(table: str, text: str) -> str | None:
        return known(table, text) if len(text) <= LONGEST else function(table, text)

    return wraps(function)(remembered)


def _without_instructions(text: str) -> str:
    """规章（设区的市…应提供相关数据） → 规章: some issuers leave the filling instructions in the label.

    What goes on behind the brackets, or has an enumerator in them, is another label: 予以公开（二）部分公开.
    """
    whole = squeeze(text)
    label = whole.partition("(")[0]
    rest = whole[len(label) :]
    return whole if not label or _goes_on(rest) or _SECOND.search(rest) else label


def _goes_on(brackets: str) -> bool:
    """Whether text stands outside of these brackets, of which the last may be open."""
    depth = 0
    for char in brackets:
        if depth == 0 and char != "(":
            return True
        depth += (char == "(") - (char == ")")
    return False


@cache
def _over(table: str) -> re.Pattern[str]:
    """What may stand before a line's label in its cell: the labels of its groups, and enumerators."""
    groups = [core(wording) for term in forms.terms(table)["groups"].values() for wording in term.wordings]
    words = "|".join(re.escape(group) for group in sorted(groups, key=len, reverse=True))
    return re.compile(rf"(?:{words}|\([一二三四五六七八九十]\)|[一二三四五六七八九十]|\d{{1,2}}(?!\d))*")


@_remembered
def row(table: str, text: str) -> str | None:
    """Key of the line this cell names, or ``None``.

    The official wordings and their variants are tried whole, then without
    instructions in brackets, then as the tail of a cell that also holds its
    group's label (（三）不予公开 1.属于国家秘密). A cell that holds two lines' labels
    names neither: its figures are both lines'.
    """
    index = _index(table, "rows")
    text = _NOTE.sub("", text.rstrip())
    own = core(text)
    if own in index:
        return index[own]
    # A leading bracket is the enumerator, not an instruction.
    body = core(text)
    short = core(_without_instructions(body))
    if short in index:
        return index[short]
    if table == "requests":
        for tail, key in _tails(table):
            if own.endswith(tail) and _over(table).fullmatch(own, 0, len(own) - len(tail)):
                return key
    return None


@_remembered
def column(table: str, text: str) -> str | None:
    """Key of the column this heading names, or ``None``."""
    index = _index(table, "columns")
    own = core(text)
    return index.get(own) or index.get(core(_without_instructions(own)))


#: Other words for the sum, where only the order of the columns is asked.
_SUMS = frozenset({"合计", "共计", "总数", "总和", "总量", "小计"})
# A heading is short; the note on the table's sums shares characters with everything.
_LONGEST_HEADING = 10


@_remembered
def near_column(table: str, text: str) -> str | None:
    """The column a misspelt heading comes nearest to: it shares two characters, more than with any other."""
    own = core(text)
    if own in _SUMS:
        return "total"
    if not own or len(own) > _LONGEST_HEADING or group(table, text) is not None:
        return None
    shared = sorted(
        ((len(set(own) & set(core(term.zh))), key) for key, term in forms.terms(table)["columns"].items()),
        reverse=True,
    )
    (most, key), (second, _) = shared[:2]
    return key if most >= 2 and most > second else None


@_remembered
def group(table: str, text: str) -> str | None:
    """Key of the group this cell names, or ``None``."""
    return _index(table, "groups").get(core(text))


Name = tuple[str, Part, str]
"""Table, line or column, and its key."""


def named(texts: Iterable[str]) -> frozenset[Name]:
    """The lines and columns that any of these cells names: which tables a grid may hold at all."""
    found = [
        _names(text) if len(text) <= LONGEST else _names.__wrapped__(text)
        for text in texts
        if not text.isdecimal()  # as most are, and no label is
    ]
    return frozenset().union(*found)


@lru_cache(maxsize=8192)
def _names(text: str) -> frozenset[Name]:
    parts: tuple[tuple[Part, Callable[[str, str], str | None]], ...] = (("rows", row), ("columns", column))
    return frozenset(
        (table, part, key)
        for table in forms.TABLES
        for part, named_by in parts
        if (key := named_by(table, text)) is not None
    )


Fit = Literal["same", "cut", "other"]


def fit(text: str, term: forms.Term) -> Fit:
    """How a heading fits a column: its wording, a cut piece of it (本年新), or neither."""
    own = core(text)
    wordings = [core(wording) for wording in term.wordings]
    if own in wordings or core(_without_instructions(own)) in wordings:
        return "same"
    # Two characters are the least that still says something (本年).
    if len(own) >= 2 and any(wording.startswith(own) for wording in wordings):
        return "cut"
    return "other"


def is_slip(text: str, term: forms.Term, columns: Sequence[forms.Term]) -> bool:
    """Whether a heading that does not fit its column may be a slip of the pen.

    It is if it is empty, another of the block's headings, or the right one but for characters left out
    or one mistaken.

    上年制发件数 for 本年制发件数 is no slip, nor is 本年修改件数 for 本年废止件数: that is another figure.
    """
    own = core(text)
    if not own or any(fit(text, other) == "same" for other in columns):
        return True
    for wording in map(core, term.wordings):
        if _is_subsequence(own, wording) and len(own) * 2 > len(wording):
            return True
        wrong = [(a, b) for a, b in zip(own, wording, strict=False) if a != b]
        if len(own) == len(wording) and len(wrong) == 1 and _may_be_mistaken(*wrong[0]):
            return True
    return False


#: In the place of one character they make another year of this one, or another column of this one.
_OTHER_YEARS = frozenset("上去前往累昨明下次旧全总历每近当今同各")
#: Characters that look like 本; any other in its place (历年, 每年) may be another time.
_LIKE_OWN = frozenset("木夲末未")


def _may_be_mistaken(wrong: str, right: str) -> bool:
    """Whether one character may stand for another by mistake, and not for another time."""
    return wrong in _LIKE_OWN if right == "本" else wrong not in _OTHER_YEARS


def _is_subsequence(part: str, whole: str) -> bool:
    rest = iter(whole)
    return all(char in rest for char in part)
