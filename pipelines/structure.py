"""What is odd about a report besides its arithmetic, said from its text. Pure.

A heading without its table, places of a template that nobody filled in, a text for
another year than the report's, statements on fees that contradict each other or the
tables, a section that stands twice; and how much of the prose is last year's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from archive.forms import form
from archive.records import Cell, Finding, Section
from pipelines.text import fold, squeeze

_TABLE_OF = {2: ("disclosure", "表二"), 3: ("requests", "表三"), 4: ("reviews", "表四")}
#: First year of a form with the three tables (国办公开办函〔2019〕60号).
_FIRST_YEAR = 2019
#: A shorter section (无。) may rightly be another's double.
_MIN_TWIN = 40
#: Shorter sentences are set phrases (现将有关情况报告如下).
MIN_SENTENCE = 12
#: With fewer sentences a share says nothing.
_MIN_SENTENCES = 5
_SHOWN = 30
_MOST = 8


def check(
    sections: Sequence[Section],
    cells: Iterable[Cell],
    found: Mapping[str, str],
    *,
    text: str,
    year: int | None = None,
    repeated: Iterable[str] = (),
) -> tuple[Finding, ...]:
    """Everything odd about one report.

    ``text`` is the whole prose, ``found`` maps table key → form key, ``repeated`` are
    headings that the cutting of the sections met a second time.
    """
    return (
        *headings_without_table(sections, found, year),
        *placeholders(text),
        *other_year(sections, year),
        *fees(sections, {(c.table, c.row, c.column): c for c in cells if c.row in _FEES}),
        *twins(sections, repeated),
    )


def headed(sections: Iterable[Section], year: int | None) -> frozenset[str]:
    """The tables whose headings the text has; since 2019 sections two to four have one each."""
    if year is None or year < _FIRST_YEAR:
        return frozenset()
    return frozenset(_TABLE_OF[s.number][0] for s in sections if s.number in _TABLE_OF)


def headings_without_table(
    sections: Iterable[Section], found: Mapping[str, str], year: int | None
) -> tuple[Finding, ...]:
    """Headings under which the table is not."""
    sections = tuple(sections)
    lost = headed(sections, year) - found.keys()
    return tuple(
        Finding(
            "heading_without_table",
            f"有标题“{_shown(section.heading)}”，其下没有{_TABLE_OF[section.number][1]}"
            f"（{form('2021').tables[_TABLE_OF[section.number][0]].zh}）",
        )
        for section in sections
        if section.number in _TABLE_OF and _TABLE_OF[section.number][0] in lost
    )


# Latin letters, digits and what joins them in addresses (xxgk, www.xxx.gov.cn, a***@b) are no template.
_PLACEHOLDERS = (
    re.compile(r"(?<![A-Za-z0-9./@:_-])(?:[xXｘＸ]{2,}|[×╳✕]{2,})(?![A-Za-z0-9./@:_-])"),
    re.compile(r"(?<!\d)20\d?[xXｘＸ×*]{1,2}年"),
    re.compile(r"(?<![A-Za-z0-9*])\*{2,}(?=[年月日个件条次项份家人万元%％名篇期]|\s*$|[,，。；;、])"),
    re.compile(r"(?<=[\u4e00-\u9fff\d])[_＿]{2,}|[_＿]{2,}(?=[\u4e00-\u9fff])"),
    re.compile(r"〔\s*〕|［\s*］\s*号|\[\s*\]\s*号"),
)
#: One of these is in every one of them.
_MARK = re.compile(r"[xXｘＸ×╳✕*_＿〔［\[]")
_BOLD = re.compile(r"\*\*([^*\n]+)\*\*|__([^_\n]+)__")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_NAME_HIDDEN = re.compile(r"[\u4e00-\u9fff][×xX*]{2}(?:先生|女士|同志|某)")


def placeholders(text: str) -> tuple[Finding, ...]:
    """Places of a template that were left as they were, each with what stands around it."""
    if not _MARK.search(text):
        return ()
    found: dict[str, None] = {}
    for line in text.split("\n"):
        if not _MARK.search(line) or not _HAN.search(line):
            continue  # a row of marks is an ornament
        line = _BOLD.sub(r"\1\2", line)  # Markdown's bold
        for pattern in _PLACEHOLDERS:
            for match in pattern.finditer(line):
                around = line[max(match.start() - 10, 0) : match.end() + 10].strip()
                if not _NAME_HIDDEN.search(around):
                    found.setdefault(around)
    named = [f"“{around}”" for around in found]
    if not named:
        return ()
    more = f"等 {len(named)} 处" if len(named) > _MOST else ""
    return (Finding("placeholder", f"正文留有未填写的模板占位：{'、'.join(named[:_MOST])}{more}"),)


_LAST_DAY = "12月31日"
_PERIOD = re.compile(
    r"(?:统计(?:的)?期限|数据(?:的)?(?:统计)?期限|统计(?:的)?时间|统计时段|数据统计)[^。；;]{0,20}?"
    r"(?P<a>\d{4})年1月1日(?:起|开始)?(?:至|到|-|—|－|~)(?P<b>\d{4})年12月31日"
)
_OPENING = re.compile(
    r"^(?:\([一二三四五六七八九十\d]+\)[^。]{0,12}。?)?(?P<y>20\d{2})年(?:度)?(?=[,，]|我|全|本|是)"
)


def other_year(sections: Iterable[Section], year: int | None) -> tuple[Finding, ...]:
    """The period the report states, or the year its first section begins with, is not the report's."""
    if year is None:
        return ()
    findings = []
    for section in sections:
        text = squeeze(section.text)
        for match in _PERIOD.finditer(text) if _LAST_DAY in text else ():
            if {match["a"], match["b"]} != {str(year)}:
                period = match["a"] if match["a"] == match["b"] else f"{match['a']}至{match['b']}"
                findings.append(
                    Finding("period_year", f"正文所称数据统计期限为 {period} 年，而报告年度为 {year} 年")
                )
        if section.number == 1:
            opening = _OPENING.match(text)
            if opening is not None and abs(int(opening["y"]) - year) == 1:
                message = f"“总体情况”以“{opening['y']}年”开头，而报告年度为 {year} 年"
                findings.append(Finding("narrative_year", message))
    return tuple(dict.fromkeys(findings))


_PROCESSING = r"信息处理费"
_NOT = r"(?:未|没有|无|并未|均未|不|不存在|未曾)"
_NO_PROCESSING_FEE = re.compile(
    rf"{_NOT}(?:产生|发生|收取|收费|发出|涉及|有)?(?:过)?(?:任何)?(?:政府)?(?:信息公开)?{_PROCESSING}"
    rf"|{_PROCESSING}[^。；;,，\d]{{0,8}}(?:{_NOT}(?:收取|产生|发生)|为?0(?:\.0+)?(?:万)?元|为零)"
)
_SOME_PROCESSING_FEE = re.compile(
    rf"(?:收取|征收|收到)(?:政府)?(?:信息公开)?{_PROCESSING}(?:共计|合计|总计|共|总额|金额|为)*"
    rf"(?P<n>\d+(?:\.\d+)?)(?P<u>万?元)|{_PROCESSING}(?:收入|收取)?(?:共计|合计|总计|共|总额|金额|为)*"
    r"(?P<m>\d+(?:\.\d+)?)(?P<v>万?元)"
)
_NO_NOTICE = re.compile(rf"{_NOT}(?:发出|出具|送达|下达)(?:过)?(?:任何)?(?:信息处理费)?(?:的)?收费通知")
_NO_ADMINISTRATIVE_FEE = re.compile(rf"{_NOT}(?:收取|征收|有|涉及)?(?:任何)?(?:的)?行政事业性收费")


#: Lines that ``fees`` looks at.
_FEES = frozenset({"other_unpaid_fee", "fees"})


def fees(sections: Sequence[Section], cells: Mapping[tuple[str, str, str], Cell]) -> tuple[Finding, ...]:
    """Three comparisons, each of like with like.

    信息处理费 said not to be charged in section six, and charged elsewhere in the
    prose; no notice of it sent out, and applications closed in Table 3 for not having
    paid on such a notice; 行政事业性收费 said not to exist, and an amount of it in
    Table 2. The amount of Table 2 is never held against a word on 信息处理费: these
    are two kinds of charge.
    """
    last = "".join(squeeze(section.text) for section in sections if section.number == 6)
    everything = [squeeze(section.text) for section in sections]
    findings = []
    if _NO_PROCESSING_FEE.search(last):
        for text in everything:
            for match in _SOME_PROCESSING_FEE.finditer(text):
                amount, unit = match["n"] or match["m"], match["u"] or match["v"]
                if Decimal(amount) != 0:
                    message = f"第六部分称没有收取信息处理费，而正文另有信息处理费 {amount}{unit}"
                    findings.append(Finding("fee_statements", message))
    unpaid = cells.get(("requests", "other_unpaid_fee", "total"))
    if _NO_NOTICE.search(last) and unpaid is not None and unpaid.value:
        message = f"第六部分称未发出收费通知，而表三有 {unpaid.value} 件因逾期未按收费通知缴费不再处理"
        findings.append(Finding("fee_statements", message))
    charged = cells.get(("disclosure", "fees", "amount"))
    if _NO_ADMINISTRATIVE_FEE.search(last) and charged is not None and charged.value:
        message = f"第六部分称没有行政事业性收费，而表二行政事业性收费为 {charged.value} 万元"
        findings.append(Finding("fee_statements", message))
    return tuple(dict.fromkeys(findings))


def twins(sections: Sequence[Section], repeated: Iterable[str] = ()) -> tuple[Finding, ...]:
    """A heading that comes twice, or two sections with the same words."""
    findings = [
        Finding("section_twice", f"标题“{_shown(heading)}”出现两次") for heading in dict.fromkeys(repeated)
    ]
    seen: dict[str, Section] = {}
    for section in sections:
        text = squeeze(section.text)
        if len(text) < _MIN_TWIN:
            continue
        first = seen.setdefault(text, section)
        if first is not section:
            message = f"“{_shown(section.heading)}”与“{_shown(first.heading)}”的文字完全相同"
            findings.append(Finding("section_twice", message))
    return tuple(findings)


def _shown(text: str) -> str:
    return " ".join(text.split())[:_SHOWN]


@dataclass(frozen=True, slots=True)
class Repetition:
    """How many sentences of a text stand in an earlier one."""

    same: int
    sentences: int

    @property
    def percent(self) -> float:
        """0 to 100, one decimal."""
        return round(100 * self.same / self.sentences, 1)


def repetition(now: str, before: str) -> Repetition | None:
    """Sentences of 12 characters and more that stand identically in both texts, digits and years masked.

    ``None`` where either text has too few sentences for a share to mean anything.
    """
    here, there = _sentences(now), frozenset(_sentences(before))
    if len(here) < _MIN_SENTENCES or len(there) < _MIN_SENTENCES:
        return None
    return Repetition(sum(sentence in there for sentence in here), len(here))


_STOP = re.compile(r"[。！？!?；;\n]")
_NUMBER = re.compile(r"[〇零一二三四五六七八九]{4}(?=年)|\d+(?:[.,]\d+)*")


# A year's text is compared with the year before it and then with the year after it.
@lru_cache(maxsize=4)
def _sentences(text: str) -> tuple[str, ...]:
    # White space within a line is none of its sentences'; the line's end is one's end.
    dense = "\n".join("".join(line.split()) for line in fold(text).split("\n"))
    masked = _NUMBER.sub("#", dense)
    return tuple(part for part in _STOP.split(masked) if len(part) >= MIN_SENTENCE)
