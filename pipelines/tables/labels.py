"""Which line, column or group a cell's text names, by the wordings of the forms."""

from __future__ import annotations

from functools import cache
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


def _without_instructions(text: str) -> str:
    """规章（设区的市…应提供相关数据） → 规章: some issuers leave the filling instructions in the label."""
    return squeeze(text).partition("(")[0] or squeeze(text)


@cache
def row(table: str, text: str) -> str | None:
    """Key of the line this cell names, or ``None``.

    The official wordings and their variants are tried whole, then without
    instructions in brackets, then as the tail of a cell that also holds its
    group's label (（三）不予公开 1.属于国家秘密).
    """
    index = _index(table, "rows")
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
            if own.endswith(tail):
                return key
    return None


@cache
def column(table: str, text: str) -> str | None:
    """Key of the column this heading names, or ``None``."""
    index = _index(table, "columns")
    own = core(text)
    return index.get(own) or index.get(core(_without_instructions(own)))


#: Other words for the sum, where only the order of the columns is asked.
_SUMS = frozenset({"合计", "共计", "总数", "总和", "总量", "小计"})
# A heading is short; the note on the table's sums shares characters with everything.
_LONGEST_HEADING = 10


@cache
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


@cache
def group(table: str, text: str) -> str | None:
    """Key of the group this cell names, or ``None``."""
    return _index(table, "groups").get(core(text))


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
