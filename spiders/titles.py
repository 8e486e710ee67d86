"""Is the link on a list page one to a report? Pure; the page itself confirms it later."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from archive import titles


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a link's text promises."""

    is_candidate: bool
    """Worth fetching as a report."""
    year: int | None
    """Year reported on; from the date of publication only where the text has none (``inferred`` then)."""
    reason: str
    """Why, in words, taken or not."""
    is_collection: bool = False
    """A list of other issuers' reports: to be walked, not fetched as a report."""
    inferred: bool = False


#: A report column by its name, alone or at the end of a path of names.
_COLUMN = re.compile(r"(?:年报|年度报告|年度工作报告|年报公开|年度报告公开)\)?$")
_COLLECTED = re.compile(r"\(?(?:汇总|汇编|合集|集锦|一览|列表|专栏|专题)(?:表|页)?\)?$")
_OTHER_COLUMN = re.compile(r"企业|网站|新媒体|法治|依法行政|统计|决算|预算|事业单位|社会组织|工作报告专栏")
_BARE_YEAR = re.compile(r"^(?P<year>20\d\d)(?:年度?)?$")
_YEARLY = re.compile(
    r"^(?P<one>[^\d]{0,40}?)(?:关于)?\(?(?P<year>20\d\d)?(?:年度?)?\)?(?:年报|年?度?工作?年报|年?度?工作?报告|年度工作报告|年度报告)"
    r"(?:\((?P<after>20\d\d)(?:年度?)?\))?(?:[-_—]*(?P<two>[^\d()]{0,30}))$"
)
_SHORT = re.compile(r"(?:年报|年度报告)(?:汇总|汇编|合集)?$")
_OFFICE_YEAR = re.compile(r"^(?P<agency>[^\d]{2,40}?)\(?(?P<year>20\d\d)(?:年度?)?\)?$")
_YEARLY_LATE = re.compile(r"^20\d\d年?度?[^\d]{2,40}(?:年报|年度报告|年度工作报告)$")
_SUFFIX = re.compile(r"\.(?:pdf|docx?|wps|ofd|s?html?)$", re.I)
_CARRIER = re.compile(r"\((?:图片|超链接?|PDF|Word|文字)版?\)|(?:PDF|图片|文字)版$|全文$", re.I)


def is_report_column(name: str | None) -> bool:
    """Whether a column of this name (or path of names) holds information disclosure reports.

    年报 and 年度报告 alone count: the caller knows that the column stands under 政府信息公开.
    """
    folded = _COLLECTED.sub("", titles.fold(name or "")[0])
    return bool(_COLUMN.search(folded)) and not _OTHER_COLUMN.search(folded)


def judge(text: str, *, column: str | None = None, list_date: date | None = None) -> Judgement:
    """Judge a link by its text (or title attribute), its column's name and its date on the list."""
    found = titles.parse(text)
    in_column = is_report_column(column)
    about = titles.parse(column) if column and in_column else None
    if found.is_collection:
        return Judgement(False, found.year, found.reason or "a collection", is_collection=True)
    if found.is_report:
        if found.bare and not in_column:
            return Judgement(False, found.year, "年报 alone, outside a report column")
        if not (found.agency or found.speaker or found.year or list_date):
            return Judgement(False, None, "names neither issuer nor year and has no date: the column itself")
        return _dated(found.year, list_date, f"report phrase “{found.core}”", about)
    if not in_column:
        return Judgement(False, None, found.reason or "no report phrase")
    if found.lookalike:
        return Judgement(False, None, found.reason or "something else")
    short = _CARRIER.sub("", _SUFFIX.sub("", found.text))
    # In a collection every issuer's name is a report: its year, if any, is that of the collection.
    if about and about.is_collection and titles.agency_like(short):
        return _dated(None, list_date, "an office in a collection of reports", about)
    return _in_column(short, list_date, found.reason or "no report phrase")


def _in_column(text: str, list_date: date | None, otherwise: str) -> Judgement:
    """In a report column less is enough: a year, an office's 年报, an office with a date."""
    if (several := _SHORT.search(text)) and titles.names_many(text[: several.start()]):
        return Judgement(False, None, "several offices' 年报", is_collection=True)
    if match := _BARE_YEAR.match(text):
        return Judgement(True, int(match["year"]), "a bare year in a report column")
    if _YEARLY_LATE.match(text):
        year = int(text[:4])
        if titles.agency_like(re.sub(r"^20\d\d年?度?|年报$|年度工作报告$|年度报告$", "", text)):
            return Judgement(True, year, "an office's 年报 in a report column")
    if match := _YEARLY.match(text):
        office = match["one"] or match["two"] or ""
        year_text = match["year"] or match["after"]
        # 某局2017年度工作报告 is about all its work; 2017年度工作报告 alone is what the column is called.
        short = text[-4:] != "工作报告" or (not office and text.endswith("年度工作报告"))
        if (titles.agency_like(office) or (not office and year_text)) and short:
            return _dated(
                int(year_text) if year_text else None, list_date, "an office's 年报 in a report column"
            )
        if not office and list_date:
            return _dated(None, list_date, "年报 with a date in a report column")
    if (match := _OFFICE_YEAR.match(text)) and titles.agency_like(match["agency"]):
        return Judgement(True, int(match["year"]), "an office and a year in a report column")
    if list_date and titles.agency_like(text):
        return _dated(None, list_date, "an office with a date in a report column")
    return Judgement(False, None, otherwise)


def _dated(
    year: int | None, list_date: date | None, reason: str, column: titles.Title | None = None
) -> Judgement:
    """Reports are due by 31 January and 31 March: what comes out in the first half is last year's.

    A column's name gives the year where it says the report phrase with one; a bare year
    in it is as often that of publication. Where name and date differ, neither is taken.
    """
    if year is not None:
        return Judgement(True, year, reason)
    named = column.year if column and column.core else None
    dated = list_date.year - 1 if list_date is not None and list_date.month <= 6 else None
    years = {each for each in (named, dated) if each is not None}
    if len(years) != 1:
        return Judgement(True, None, reason)
    whence = "its column" if named is not None else "its date"
    return Judgement(True, years.pop(), f"{reason}; year inferred from {whence}", inferred=True)
