"""Canned queries: the questions readers ask most, as SQL they can read and change.

A sum leaves out cells without a number, and every query says how many reports
its sum rests on. A share is taken over the reports in which both its parts are known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: Said of every query that adds up reports.
_CAUTION_ZH = "政府的汇总报告可能包含其下属机关，合计会重复计算。"
_CAUTION_EN = "A government's consolidated report may include its departments: sums can count a case twice."


@dataclass(frozen=True, slots=True)
class Query:
    """One canned query with its titles; ``params`` are asked of the reader, empty means all."""

    name: str
    zh: str
    en: str
    note_zh: str
    note_en: str
    sql: str
    params: tuple[str, ...] = ()

    def metadata(self) -> dict[str, Any]:
        """The entry of Datasette's ``queries``."""
        entry: dict[str, Any] = {
            "title": f"{self.zh} — {self.en}",
            "description": f"{self.note_zh} {self.note_en}",
            # The answer first: most readers do not come for the SQL, and a link shows it.
            "hide_sql": True,
            "sql": self.sql,
        }
        if self.params:
            entry["params"] = list(self.params)
        return entry


# From the sums that are kept, and not from a million reports.
_APPLICATIONS = """\
select nullif(province, '') as province, year, sum(reports) as reports,
  sum(received_reports) as reports_with_figure, sum(received) as received,
  sum(granted) as granted_whole_or_part, sum(granted_of) as concluded,
  round(100.0 * sum(granted) / nullif(sum(granted_of), 0), 1) as granted_percent
from totals
group by province, year
order by totals.province, year desc"""

# From the newest report that fails backwards: rows come at once, however many there are. The plus sign and
# CROSS JOIN keep SQLite from sorting all findings first.
_FAILED = """\
select r.province, r.year, a.name as agency_name, f.identity, f.at, f.left, f.right, f.blame, f.message,
  '/report/' || r.id as page
from reports as r
cross join findings as f on f.report = r.id
cross join agencies as a on a.id = r.agency
where r.verdict = 'fail' and +f.verdict = 'fail'
  and (:year = '' or r.year = cast(:year as integer))
  and (:province = '' or r.province = :province)
order by r.year desc, r.id desc, f.number"""

# From the largest total down, as long as every few rows are of the year asked for; of a year with few reports
# from its reports.
_TOP = """\
with many as (
  select :year = '' or (select coalesce(sum(n), 0) from _count_reports
    where year = cast(:year as integer)) > 20000 as yes
), largest as (
  select a.name as agency_name, r.province, r.year, q.total as received, r.id
  from requests as q
  cross join reports as r on r.id = q.report cross join agencies as a on a.id = r.agency
  where (select yes from many) and q.line = 'received' and q.total is not null
    and (:year = '' or r.year = cast(:year as integer))
  order by q.total desc, a.name limit 100
), of_few as (
  select a.name as agency_name, r.province, r.year, q.total as received, r.id
  from (select 1 from many where not yes) cross join reports as r
  cross join requests as q on q.report = r.id and +q.line = 'received'
  cross join agencies as a on a.id = r.agency
  where r.year = cast(:year as integer) and q.total is not null
)
select agency_name, province, year, received, '/report/' || id as page
from (select * from largest union all select * from of_few)
order by received desc, agency_name
limit 100"""

# From the counts that are kept with every line of Table 3.
_REFUSALS = """\
with counted as (
  select year, line, sum(reports) as reports_with_figure, sum(cases) as cases
  from _count_reasons
  where (:year = '' or year = cast(:year as integer))
    and (:province = '' or province = :province)
  group by year, line
  having sum(reports) > 0
)
select c.year, l.zh as reason, l.en as reason_en, c.reports_with_figure, c.cases,
  round(100.0 * c.cases / nullif(sum(c.cases) over (partition by c.year), 0), 1) as percent
from counted as c
join lines as l on l.key = c.line
order by c.year desc, l.position"""

# From the counts that are kept with every row of coverage.
_LATE = """\
select year, nullif(province, '') as province, sum(n) as issuers,
  sum(n * (status = 'filed')) as filed, sum(n * (status = 'late')) as late,
  sum(n * (status = 'undated')) as undated,
  sum(n * (status = 'missing')) as missing,
  sum(n * (status = 'blocked')) as blocked
from _count_filing
where n > 0
group by year, province
order by year desc, _count_filing.province"""

_CHANGED = """\
select a.name as agency_name, r.year, v.seen_at, l.zh as line_zh, c.column_key, c.old, c.new,
  '/report/' || r.id as page
from changes as c
join reports as r on r.id = c.report
join agencies as a on a.id = r.agency
join lines as l on l.key = c.line
join revisions as v on v.report = c.report and v.number = c.revision
where (:year = '' or r.year = cast(:year as integer))
  and (:province = '' or r.province = :province)
order by v.seen_at desc, a.name, c.line, c.column_key
limit 1000"""

# Without a province from the index's end; of a province its reports are looked at.
_REPEATED = """\
with of_all as (
  select a.name as agency_name, r.province, r.year, r.repetition, r.id
  from reports as r cross join agencies as a on a.id = r.agency
  where :province = '' and :year = '' and r.repetition is not null
  order by r.repetition desc, a.name, r.year desc limit 100
), of_year as (
  select a.name as agency_name, r.province, r.year, r.repetition, r.id
  from reports as r cross join agencies as a on a.id = r.agency
  where :province = '' and :year <> '' and +r.year = cast(:year as integer) and r.repetition is not null
  order by r.repetition desc, a.name, r.year desc limit 100
), of_province as (
  select a.name as agency_name, r.province, r.year, r.repetition, r.id
  from reports as r cross join agencies as a on a.id = r.agency
  where :province <> '' and r.province = :province and (:year = '' or r.year = cast(:year as integer))
    and +r.repetition is not null
  order by r.repetition desc, a.name, r.year desc limit 100
)
select agency_name, province, year, repetition, '/report/' || id as page
from (select * from of_all union all select * from of_year union all select * from of_province)
order by repetition desc, agency_name, year desc
limit 100"""

QUERIES: tuple[Query, ...] = (
    Query(
        "applications_by_province",
        "各省各年收到的申请与公开率",
        "Applications received and share granted, by province and year",
        f"公开率 =（予以公开 + 部分公开）÷ 总计，仅计三项数字齐全的报告。{_CAUTION_ZH}",
        "Share = (granted + granted in part) ÷ concluded, over reports that have all three figures. "
        f"{_CAUTION_EN}",
        _APPLICATIONS,
    ),
    Query(
        "failed_identities",
        "勾稽关系不符的报告",
        "Reports that fail an identity",
        "年度、省份留空即为全部。",
        "Leave year and province empty for all.",
        _FAILED,
        ("year", "province"),
    ),
    Query(
        "top_issuers",
        "收到申请最多的机关",
        "Issuers with the most applications",
        f"年度留空即为全部；列出前 100 名。{_CAUTION_ZH}",
        f"Leave year empty for all; the first 100 are listed. {_CAUTION_EN}",
        _TOP,
        ("year",),
    ),
    Query(
        "refusals_by_reason",
        "不予公开、无法提供、不予处理的理由",
        "Refusals by reason",
        f"年度、省份留空即为全部；占比为该理由在当年各理由中的比重。{_CAUTION_ZH}",
        f"Leave year and province empty for all; the share is of all reasons of that year. {_CAUTION_EN}",
        _REFUSALS,
        ("year", "province"),
    ),
    Query(
        "filing_by_province",
        "按期、逾期与缺报",
        "Filed, late and missing reports",
        "仅计档案中已登记的机关。",
        "Only issuers the archive knows of are counted.",
        _LATE,
    ),
    Query(
        "changed_figures",
        "发布后改动过的数字",
        "Figures altered after publication",
        "年度、省份留空即为全部；最近 1,000 处。",
        "Leave year and province empty for all; the latest 1,000.",
        _CHANGED,
        ("year", "province"),
    ),
    Query(
        "repeated_text",
        "正文与上年重复最多的报告",
        "Reports whose prose is last year’s",
        "与同一机关上一年报告逐句相同的比例，不计数字；年度、省份留空即为全部，列出前 100 名。",
        "Share of sentences that stand identically in the issuer's report of the year before, numbers aside; "
        "leave year and province empty for all, the first 100 are listed.",
        _REPEATED,
        ("year", "province"),
    ),
)
