"""What a document's text says about its issuer and year: headline, signature, set phrases.

Every function takes the text's lines and returns what stands there, without
deciding; ``issuer`` weighs it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from archive.divisions import Divisions
from archive.titles import Title, agency_like, fold, fold_lines
from pipelines.titled import parse

#: A headline stands among the first lines of the text, or not at all.
HEAD_LINES = 15
#: The signature stands among the last ones, before the page's own buttons.
FOOT_LINES = 15
#: A headline is no longer than this; a paragraph that quotes a title is.
_HEADLINE = 80
#: Text at the start in which the issuer introduces itself.
_OPENING = 3000

_FIRST_HEADING = re.compile(r"^(?:一、|1[、.])?(?:总体情况|概述|概况|基本情况)$|^一、")
#: A sentence or a breadcrumb may quote a title; it is none.
_NO_HEADLINE = re.compile(r"[,。;!?>»]|[:：]$|^(?:您?(?:现在|当前)|首页)")
_DATE_LINE = re.compile(r"^(?P<name>\D*)(20\d\d)年(\d{1,2})月(\d{1,2})日$")
_ANNOUNCED = re.compile(
    r"(?:特?编制|公布|发布|形成|制定|撰写|现将|特将)了?(?P<title>[^,。;:、()]{0,60}?(?:政府|政务)?信息(?:主动)?公开"
    r"(?:工作|情况|的|年度|20\d\d年度?){0,5}(?:报告|年报|情况报告))"
)
_GROUP = re.compile(
    r"(?P<name>[\u3400-\u9fff〇]{4,60}?(?:街道办事处|镇人民政府|乡人民政府|局|委员会|中心))(?:政府信息公开|政务公开|信息公开)(?:工作)?领导小组"
)
_FOUND = re.compile(r"^.*(?:成立了?|调整了?|设立|健全|由|以|建立了?|明确)")
_VERB = (
    r"(?:认真|深入|全面|坚持|严格|按照|切实|在|以|紧紧|继续|积极|着力|高度|始终|深化|持续|扎实|贯彻|根据|不断|进一步|围绕|"
    r"政府信息公开|政务公开|信息公开)"
)
_SUBJECT = re.compile(rf"^20\d\d年度?,?(?P<subject>[\u3400-\u9fff〇]{{2,40}}?)(?={_VERB})")
_YEAR_START = re.compile(r"^(20\d\d)年度?(?!\d|初|底|末|以来|[至-]|\d{0,2}月)")
#: （2020年）: the second line of a title.
_YEAR_ALONE = re.compile(r"\(?(20\d\d)年度?\)?")
_YEAR = re.compile(r"(?<!\d)(20\d\d)年")
_PERIOD = re.compile(r"(20\d\d)年1月1日(?:零时)?起?(?:至|到|[-—–~])(?:(20\d\d)年)?12月31日")
#: 本办法, 本站, 全局 and the like speak for no office.
_NOT_GOVERNMENT = re.compile(
    r"我(?:局|委(?!、)|办|厅|院|馆|所(?!有)|站|队|中心|乡|镇|街道|街|会|单位)|本(?:局|厅|单位|乡|镇|街道|中心|委(?!员))|全(?:乡|镇)(?!村)"
)
_GOVERNMENT = re.compile(
    r"[我本](?:局|委(?!、)|办|厅|院|馆|所(?!有)|站|队|中心|乡|镇|街道|街|会|单位)|(?:全|我)(?:局|乡|镇|街|院|办)(?!会)"
)
_GOVERNMENT = re.compile(r"[我全本](?:省|市|县|区|州|旗|盟)")
_REPORTS = re.compile(r"本报告|年度报告|年报|情况报告|报告如下|总体情况|概述")


class Headline(NamedTuple):
    where: str
    raw: str
    title: Title


def headlines(lines: Sequence[str]) -> list[Headline]:
    """Lines (or two lines together) at the start that carry the report phrase, in order."""
    head = []
    for line in lines[:HEAD_LINES]:
        if _FIRST_HEADING.match(fold(line)[0]) and len(line) < 20:
            break
        head.append(line)
    found: list[Headline] = []
    used = -1
    for index, line in enumerate(head):
        if index <= used or len(line) > _HEADLINE or _NO_HEADLINE.search(fold(line)[0]):
            continue
        title = parse(line)
        alone = Headline(f"line {index + 1}", line, title) if title.core or title.lookalike else None
        best = alone
        if index + 1 < len(head) and len(line) + len(head[index + 1]) <= _HEADLINE:
            both = line + head[index + 1]
            joined = parse(both)
            if (
                joined.is_report
                and (alone is None or _better(joined, alone.title))
                and _belongs(line, head[index + 1])
            ):
                best, used = Headline(f"lines {index + 1}–{index + 2}", both, joined), index + 1
        if best and (best.title.is_report or best.title.core or "报" in best.title.text):
            found.append(best)
    return found


def _better(joined: Title, alone: Title) -> bool:
    return not alone.is_report and joined.is_report


def _belongs(first: str, second: str) -> bool:
    """Whether two lines are one title: an office above its report, or a phrase broken in two."""
    if parse(second).is_report:
        upper = fold(first)[0]
        return agency_like(upper) or bool(re.fullmatch(r"[^,。:;]{2,40}(?:20\d\d年度?)?", upper))
    return True


def signature(lines: Sequence[str]) -> tuple[str | None, tuple[int, int] | None]:
    """(office, (year, month)) that close the text: the office above or before a date."""
    foot = fold_lines(lines[-FOOT_LINES:])
    for index in range(len(foot) - 1, -1, -1):
        match = _DATE_LINE.match(foot[index])
        if match is None:
            continue
        when = (int(match[2]), int(match[3]))
        above = foot[index - 1] if index else ""
        for name in (match["name"], above):
            if len(name) <= 40 and agency_like(name):
                return name, when
        return None, when
    return None, None


def announced(text: str) -> list[Title]:
    """Titles inside set phrases: 现公布区统计局2023年政府信息公开工作年度报告."""
    return [t for m in _ANNOUNCED.finditer(text[:_OPENING]) if (t := parse(m["title"])).is_report]


def working_group(text: str, divisions: Divisions) -> str | None:
    """The office whose 政务公开领导小组 the text describes, if it names one and its division."""
    names = set()
    opening = text[:_OPENING]
    # without the word the pattern would try every beginning of a name for nothing
    for match in _GROUP.finditer(opening) if "领导小组" in opening else ():
        name = _FOUND.sub("", match["name"])
        if divisions.names_at(name) and len(name) > len(divisions.names_at(name)[0]):
            names.add(name)
    return names.pop() if len(names) == 1 else None


def subject(lines: Sequence[str]) -> str | None:
    """Who acts in the opening sentence: “2019年，长沙高新区认真…”, where the text then says 我区 or 全区."""
    for line in lines[:HEAD_LINES]:
        folded = fold(line[:400])[0]
        if _FIRST_HEADING.match(folded):
            break  # further down, a department speaks of its county as well
        match = _SUBJECT.match(folded)
        if match:
            name = match["subject"]
            speaks = any(who + name[-1] in folded for who in "我本全")
            return name if speaks or agency_like(name) else None
    return None


def years(lines: Sequence[str]) -> int | None:
    """The year that stands alone near the start, or that a paragraph there begins with (“2020年，…”).

    Several that stand alone are a menu of years; the second counts only if no other year is as frequent.
    """
    head = [fold(line[:200])[0] for line in lines[:HEAD_LINES]]
    alone = {int(found[1]) for line in head if (found := _YEAR_ALONE.fullmatch(line))}
    if len(alone) == 1:
        return alone.pop()
    opening = fold("\n".join(lines[:HEAD_LINES])[:_OPENING])[0]
    counted = Counter(int(y) for y in _YEAR.findall(opening))
    for folded in head:
        match = _YEAR_START.match(folded)
        if match and len(folded) > len(match[0]) + 8:
            year = int(match[1])
            others = [n for y, n in counted.items() if y != year]
            return year if counted[year] > max(others, default=0) else None
    return None


def period(text: str) -> int | None:
    """The year of the period the figures cover, where the text gives whole dates that agree."""
    found = {(int(a), int(b or a)) for a, b in _PERIOD.findall(text)}
    if len(found) != 1:
        return None
    first, last = found.pop()
    return first if first == last else None


def speaks_as_government(text: str) -> bool:
    """Whether the text speaks for a whole place (全区), and for no single office (我局)."""
    return not _NOT_GOVERNMENT.search(text) and bool(_GOVERNMENT.search(text) and _REPORTS.search(text))


def about_a_report(text: str) -> bool:
    """Whether the text itself says that it reports on information disclosure."""
    return bool(_REPORTS.search(text) and "信息公开" in text)


def speaks_as_office(text: str) -> bool:
    """Whether the text speaks for a single office: 我局, 我乡, 本单位."""
    return bool(_NOT_GOVERNMENT.search(text))
