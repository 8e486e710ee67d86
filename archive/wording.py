"""Findings in words: one Chinese sentence each, for people who do not know the keys."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from archive import forms
from archive.candidates import CellKey, CopyReason
from archive.records import Check

COPY_REASONS: dict[CopyReason, str] = {
    "attachment": "所在页面的附件，数字取自页面",
    "page": "数字取自本页面的附件",
    "mirror": "其他网址发布的同一报告",
    "differs": "其他网址发布的同一报告，但有数字不一致",
    "no_figures": "发布机关和年度相同，但没有可比对的数字",
}
SUPERSEDED = "同一网址后来发布了不同内容"
#: How many differing cells a sentence names before it only counts the rest.
_NAMED = 12


def label(table: str, part: str, key: str) -> str:
    """The official wording of a line (``rows``) or column (``columns``); the key where it has none."""
    term = forms.terms(table)[part].get(key) if table in forms.TABLES else None
    return term.zh if term else key


def cell_label(cell: CellKey) -> str:
    """One cell by its table, line and column."""
    table = {"disclosure": "表二", "requests": "表三", "reviews": "表四"}.get(cell.table, cell.table)
    line, column = label(cell.table, "rows", cell.line), label(cell.table, "columns", cell.column)
    return f"{table}{_quoted(line)}的{_quoted(column)}"


def sentence(check: Check) -> str:
    """What a check that did not pass says, e.g. 总计列：第三项各行之和 21 ≠ 总计 27。"""
    table, _, rest = check.at.partition(".")
    line, _, column = rest.partition(".")
    if line in ("*", "") and column:
        where = f"{label(table, 'columns', column)}列"
    elif line:
        where = f"{_quoted(label(table, 'rows', line))}一行"
        if column:
            where += _quoted(label(table, "columns", column))
    else:
        where = check.at
    sides = {
        "R1": ("各类申请人之和", "总计"),
        "R2": ("第一项加第二项之和", "第三项加第四项之和"),
        "R3": ("第三项各行之和", "总计"),
        "V1": ("各项结果之和", "总计"),
        "Y1": ("上一年度结转下年度继续办理", "本年度上年结转"),
        "Y2": ("上年现行有效件数加本年制发减本年废止", "本年现行有效件数"),
        "Y3": ("上年项目数量加增减", "本年所列上一年项目数量"),
    }.get(check.identity, ("左边", "右边"))
    if check.verdict == "fail":
        return f"{where}：{sides[0]} {_number(check.left)} ≠ {sides[1]} {_number(check.right)}"
    return f"{where}：{sides[0]}与{sides[1]}无法核对，所需单元格为空、缺失或不能确定"


def _quoted(text: str) -> str:
    """In quotation marks, those inside turned into single ones (GB/T 15834-2011, 4.8.3.3)."""
    return f"“{text.translate({ord('“'): '‘', ord('”'): '’'})}”"


def _number(value: int | Decimal | None) -> str:
    return "（无）" if value is None else f"{value}"


def copies_differ(current: str, copy: str, cells: Iterable[CellKey]) -> str:
    """Two originals of one report that contradict each other, and where."""
    named = [cell_label(cell) for cell in cells]
    more = f"等 {len(named)} 处" if len(named) > _NAMED else ""
    return f"{copy} 与采用的原件 {current} 数字不一致：{'、'.join(named[:_NAMED])}{more}"


def unknown_division(code: str) -> str:
    """An issuer whose division code is in no list."""
    return f"区划代码 {code} 不在区划表中，发布机关暂未归入任何区划"
