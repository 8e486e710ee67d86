"""Findings in words: one Chinese sentence each, for people who do not know the keys."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from archive import forms
from archive.candidates import CellKey, CopyReason
from archive.forms import indicators
from archive.records import Check

COPY_REASONS: dict[CopyReason, str] = {
    "attachment": "所在页面的附件，数字取自页面",
    "page": "数字取自本页面的附件",
    "mirror": "其他网址发布的同一报告",
    "differs": "其他网址发布的同一报告，但有数字不一致",
    "no_figures": "发布机关和年度相同，但没有可比对的数字",
    "near": "正文几乎相同、数字没有不一致，但所署的发布机关不同或未能确定",
}
SUPERSEDED = "同一网址后来发布了不同内容"
REPLACED = "所在页面的附件，后来换成了另一个文件"
MOVED = "网站换了地址，此后的改动见新地址"
SUPERSEDED_PART = "所在页面的续页或图片，后来换成了其他内容"
SPLIT = "经人工核对，不属于该报告"
PART = "所在页面的续页或图片，与该页面一并读取"
PART_UNREAD = "所在页面的续页或图片，没有读出"
UNFIT = "读出的单元格无法入表：{}"
#: How many differing cells a sentence names before it only counts the rest.
_NAMED = 12


_TABLES = {"disclosure": "表二", "requests": "表三", "reviews": "表四", "indicators": "统计表"}


def label(table: str, part: str, key: str) -> str:
    """The official wording of a line (``rows``) or column (``columns``); the key where it has none."""
    if table == indicators.TABLE:
        columns = {term.key: term.zh for term in indicators.national().columns}
        return (indicators.label(key) if part == "rows" else columns.get(key)) or key
    term = forms.terms(table)[part].get(key) if table in forms.TABLES else None
    return term.zh if term else key


def cell_label(cell: CellKey) -> str:
    """One cell by its table, line and column."""
    table = _TABLES.get(cell.table, cell.table)
    line, column = label(cell.table, "rows", cell.line), label(cell.table, "columns", cell.column)
    return f"{table}{_quoted(line)}的{_quoted(column)}"


def sentence(check: Check) -> str:
    """What a check that did not pass says, e.g. 总计列：第三项各行之和 21 ≠ 总计 27。"""
    if re.fullmatch(r"N\d", check.identity):
        return _narrative(check)
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
        **{identity.key: ("所列各分项之和", "总数") for identity in indicators.national().identities},
        "Y1": ("上一年度结转下年度继续办理", "本年度上年结转"),
        "Y2": ("上年现行有效件数加本年制发减本年废止", "本年现行有效件数"),
        "Y3": ("上年项目数量加增减", "本年所列上一年项目数量"),
    }.get(check.identity, ("左边", "右边"))
    if check.verdict == "fail":
        return f"{where}：{sides[0]} {_number(check.left)} ≠ {sides[1]} {_number(check.right)}"
    return f"{where}：{sides[0]}与{sides[1]}无法核对，所需单元格为空、缺失或不能确定"


def _narrative(check: Check) -> str:
    """A figure of the prose, e.g. 正文所称 2 与表三“一、本年新收…”总计 3 不符."""
    place = reading_label(check.at)
    if check.verdict != "fail":
        return f"正文所述数字与{place}无法核对，所需单元格为空、缺失或不能确定"
    unit = "%" if check.identity == "N6" else ""
    return (
        f"正文所称 {_number(check.left)}{unit} 与{place} {_number(check.right)}{unit} 不符，"
        "其他口径也都不符，此为最接近者"
    )


def reading_label(at: str) -> str:
    """Several cells that are added up, as ``pipelines.narrative`` names them, in words.

    ``requests.received+carried_in.total`` is the sum of two lines, ``…total-pending`` leaves
    out what is pending, ``requests.refused/concluded.total`` is a share.
    """
    table, _, rest = at.partition(".")
    lines, _, columns = rest.partition(".")
    columns, share, whole = columns.partition("/")
    columns, less, _ = columns.partition("-")

    def named(part: str, keys_: str) -> str:
        groups = forms.terms(table)["groups"] if table in forms.TABLES else {}
        found = [groups[key].zh if key in groups else label(table, part, key) for key in keys_.split("+")]
        return "加".join(_quoted(name) for name in found)

    text = f"{_TABLES.get(table, table)}{named('rows', lines)}"
    if columns and columns != "total":
        text += f"的{named('columns', columns)}"
    if less:
        text += "（不计尚未审结）"
    return f"{text}占{named('rows', whole)}的比例" if share else text


def _quoted(text: str) -> str:
    """In quotation marks, those inside turned into single ones (GB/T 15834-2011, 4.8.3.3)."""
    return f"“{text.translate({ord('“'): '‘', ord('”'): '’'})}”"


def _number(value: int | Decimal | None) -> str:
    return "（无）" if value is None else f"{value}"


def near_copy(agency: str, year: int, url: str, text_likeness: float, cells: int) -> str:
    """A report that another issuer published too, as it reads."""
    return (
        f"与“{agency}”{year}年报告几乎相同：正文相同程度 {100 * text_likeness:.1f}%，"
        f"{cells} 个数字全部一致，无一矛盾（{url}）"
    )


def copies_differ(current: str, copy: str, cells: Iterable[CellKey]) -> str:
    """Two originals of one report that contradict each other, and where."""
    named = [cell_label(cell) for cell in cells]
    more = f"等 {len(named)} 处" if len(named) > _NAMED else ""
    return f"{copy} 与采用的原件 {current} 数字不一致：{'、'.join(named[:_NAMED])}{more}"


def unknown_division(code: str) -> str:
    """An issuer whose division code is in no list."""
    return f"区划代码 {code} 不在区划表中，发布机关暂未归入任何区划"


def unknown_code(message: str) -> str | None:
    """The code that such a sentence names."""
    found = re.search(r"区划代码 (\S+) 不在区划表中", message)
    return found[1] if found else None
