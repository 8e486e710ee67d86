"""H1: a government's consolidated figures are the sum of its subordinate issuers' of the same year. Pure.

Only a government consolidates, and only where its report says so; an office's
report has another scope. While a subordinate issuer that is known lacks its
report nothing can be assessed. A sum that stays below the government's figure
proves nothing either: the archive may not know every issuer. A sum above it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from archive import forms, wording
from archive.candidates import CellKey
from archive.records import Cell, Check
from pipelines.text import squeeze

#: Names of missing reports that a sentence lists before it only counts the rest.
_NAMED = 8
_OTHERS = ("other_uncorrected", "other_unpaid_fee", "other_other")
_WHO = (
    r"(?:各(?:镇街|街镇|乡镇|镇乡|街道|镇|乡|部门|单位|区县|县区|县|委办局|职能部门)"
    r"|全[省市县区旗州](?:各|政府系统|行政机关)|所属)"
)
# The report or its figures, then what is put together, or the other way round.
_SAYS = re.compile(
    rf"(?:年报|年度报告|本报告|数据|报告)[^。]{{0,40}}(?:汇总|综合|涵盖|包含|包括|含)[^。]{{0,30}}{_WHO}"
    rf"|(?:汇总|综合|涵盖|统计)[^。]{{0,30}}{_WHO}[^。]{{0,40}}(?:年报|年度报告|本报告|数据|情况|报告)"
    rf"|(?:本报告|本年报|数据)[^。]{{0,20}}(?:为|是|系)全[省市县区旗州][^。]{{0,12}}汇总"
)


@dataclass(frozen=True, slots=True)
class Part:
    """A subordinate issuer's report of the year."""

    name: str
    cells: Mapping[CellKey, Cell] | None
    """``None`` while its report is not held."""
    whole: bool = True
    """For a government: whether its report in turn takes in its own subordinates."""


class Assessed(NamedTuple):
    """A check with the reason that its place alone does not tell."""

    check: Check
    message: str


#: Each sentence that says so has one of either; few sentences of a report have, and ``_SAYS`` looks long.
_OF_WHOM, _ADDED_UP = ("各", "全", "所属"), ("汇总", "综合", "涵盖", "统计", "含", "包括")


def consolidates(text: str) -> bool:
    """Whether a report says that it adds up the reports of the bodies below it."""
    return any(
        any(word in sentence for word in _OF_WHOM)
        and any(word in sentence for word in _ADDED_UP)
        and _SAYS.search(sentence) is not None
        for sentence in squeeze(text).split("。")
    )


def check(government: Mapping[CellKey, Cell], parts: Sequence[Part], *, says: bool) -> tuple[Assessed, ...]:
    """H1 line by line of Tables 3 and 4; a single check where nothing at all can be assessed.

    None where the report does not say that it consolidates.
    """
    if not says:
        # Most reports speak for one body alone: the identity does not apply to them.
        return ()
    if not parts:
        return (_open("档案中没有其下属机关"),)
    missing = [part.name for part in parts if part.cells is None]
    if missing:
        more = f"等 {len(missing)} 个机关" if len(missing) > _NAMED else ""
        return (_open(f"缺少下属机关的当年报告：{'、'.join(missing[:_NAMED])}{more}"),)
    partial = [part.name for part in parts if not part.whole]
    if partial:
        return (_open(f"下级政府的报告没有说明是否汇总：{'、'.join(partial[:_NAMED])}"),)
    members = [part.cells for part in parts if part.cells is not None]
    return tuple(_line(government, members, key) for key in _lines(government))


def _open(reason: str) -> Assessed:
    check = Check("H1", "requests", "not_assessable", None, None)
    return Assessed(check, f"汇总数字与下属机关之和无法核对：{reason}")


def _lines(government: Mapping[CellKey, Cell]) -> Iterable[CellKey]:
    """The totals that are compared: every line of Table 3, every procedure of Table 4."""
    for table in ("requests", "reviews"):
        for line in forms.terms(table)["rows"]:
            key = CellKey(table, line, "total")
            if key in government:
                yield key


def _value(cells: Mapping[CellKey, Cell], key: CellKey) -> int | Decimal | None:
    cell = cells.get(key)
    if cell is not None or key.table != "requests":
        return None if cell is None else cell.value
    # （六）其他处理 is one line in the form of 2019 and three in that of 2021.
    if key.line == "other":
        others = [cells.get(CellKey("requests", line, "total")) for line in _OTHERS]
        values = [cell.value for cell in others if cell is not None and cell.value is not None]
        return sum(values) if len(values) == len(_OTHERS) else None
    return None


def _line(
    government: Mapping[CellKey, Cell], members: Sequence[Mapping[CellKey, Cell]], key: CellKey
) -> Assessed:
    at = ".".join(key)
    whole = _value(government, key)
    values = [_value(member, key) for member in members]
    known = [value for value in values if value is not None]
    name = wording.cell_label(key)
    if whole is None or len(known) < len(values):
        reason = f"{name}：汇总数字与下属机关之和无法核对，所需单元格为空、缺失或不能确定"
        return Assessed(Check("H1", at, "not_assessable", None, None), reason)
    total = sum(known)
    if total == whole:
        return Assessed(Check("H1", at, "pass", total, whole), "")
    if total < whole:
        reason = f"{name}：档案所收下属机关之和 {total} 小于汇总数字 {whole}，可能有机关尚未收录，无法核对"
        return Assessed(Check("H1", at, "not_assessable", total, whole), reason)
    # Whose scope a figure has is read from words, so an error is never said to be the issuer's.
    reason = f"{name}：下属机关之和 {total} 大于汇总数字 {whole}"
    return Assessed(Check("H1", at, "fail", total, whole, "possibly_ours"), reason)
