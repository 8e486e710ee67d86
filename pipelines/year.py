"""The year a report is for, and the day it was published."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from archive.records import Finding
from pipelines import dates, evidence
from pipelines.case import Case, leading

#: Reports are due by 31 January and 31 March; a later date says nothing about the year.
_FIRST_HALF = 6


def report_year(case: Case, published: date | None, findings: list[Finding]) -> int | None:
    """Titles, then the period of the figures, then the opening, then the date; ``None`` where unsure."""
    titled = [(h.where, h.title.year) for h in case.reports if h.title.year]
    titled.sort(key=lambda t: t[0] in ("link text", "page title"))
    period = evidence.period(case.text)
    if titled:
        where, year = titled[0]
        assert year is not None
        for place, second in titled[1:]:
            if second != year:
                findings.append(
                    Finding("year_conflict", f"年度不一致：{year}（{where}）与 {second}（{place}）")
                )
                if place not in ("link text", "page title") and period not in (year, second):
                    return None
                year = period if period in (year, second) and period else year
        return _against(year, where, period, published, case.signed_when, findings)
    if period:
        return _against(period, "period", None, published, case.signed_when, findings)
    said = next((t.year for t in evidence.announced(case.text) if t.year), None) or evidence.years(case.lines)
    if said:
        return _against(said, "opening", None, published, case.signed_when, findings)
    when = (published.year, published.month) if published else case.signed_when
    if when and when[1] <= _FIRST_HALF:
        source = "发布日期" if published else "落款日期"
        findings.append(
            Finding("year_inferred", f"按{source}（{when[0]}-{when[1]:02d}）推定为 {when[0] - 1} 年")
        )
        return when[0] - 1
    findings.append(Finding("year_unknown", "标题、统计期限、首句和日期都没有表明年度"))
    return None


def _against(
    year: int,
    where: str,
    period: int | None,
    published: date | None,
    signed: tuple[int, int] | None,
    findings: list[Finding],
) -> int | None:
    """The year beside the period its figures cover and the day it was published or else signed."""
    if period is not None and period != year:
        findings.append(Finding("year_conflict", f"年度不一致：{year}（{where}）与统计期限 {period}"))
        # the issuer wrote the year it was writing in
        return year if published is not None and published.year == period == year + 1 else None
    when = (published.year, published.month) if published is not None else signed
    if when is not None and when[0] <= year and (when[0] < year or when[1] <= _FIRST_HALF):
        said = f"发布日期却是 {published.isoformat()}" if published else f"落款却是 {when[0]}-{when[1]:02d}"
        findings.append(Finding("year_conflict", f"年度为 {year}（{where}），{said}"))
        return year if period == year else None
    return year


def _dates(case: Case, url: str | None) -> Iterator[tuple[str, date | None]]:
    """(where it stands, date) of all that may be the day of publication, the surest first."""
    yield "published", dates.read(case.document.published)
    yield "meta PubDate", dates.read(case.document.meta.get("pubdate"))
    yield "list", case.context.list_date
    for text in (*case.lines[: evidence.HEAD_LINES], *leading(case.document)):
        yield "date line", dates.labelled(text)
    yield "address", dates.in_url(url)
    yield "address", dates.in_url(case.context.page_url)


def published_on(
    case: Case, url: str | None, fetched_on: date | None, findings: list[Finding]
) -> date | None:
    for where, found in _dates(case, url):
        if found is None:
            continue
        if fetched_on is not None and found > fetched_on:
            findings.append(Finding("date_implausible", f"日期 {found.isoformat()} 晚于抓取日期", where))
            continue
        return found
    return None
