"""What a portal should yield, and whether a visit met it. Pure.

What an entry says (``expect``) counts; what it does not say is taken from the portal's own last
good runs. A portal that has none yet is held against nothing but its entry. Messages are for
people and in Chinese, like the other words of the archive.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from spiders.portals import Expect

#: By how much lists may shrink where the entry says nothing: old reports are taken down now and then.
FEWER_PERCENT = 10
#: Fewer new pages than this say nothing where only history is to compare with: one odd report is no trend.
LEAST_PAGES = 3
#: A field that less than this share of earlier pages had was never there to be missed.
USUAL = 0.5

#: What pages are counted by (columns of ``runs``), and what each is called.
NAMES: Mapping[str, str] = {
    "titled": "标题",
    "assigned": "发布机关和年度",
    "dated": "发布日期",
    "tabled": "表格数字",
}
#: The same by the names of ``expect.fields``; issuer and year are told of a page together or not at all.
COLUMNS: Mapping[str, str] = {
    "title": "titled",
    "issuer": "assigned",
    "year": "assigned",
    "published": "dated",
    "tables": "tabled",
}
#: What is told of new pages: a later visit without any does not mean that it is over.
LASTING = ("fields_missing", "fewer_figures", "identities_worse")


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages that were read for the first time, and what they gave."""

    pages: int = 0
    titled: int = 0
    assigned: int = 0
    dated: int = 0
    tabled: int = 0
    failing: int = 0
    """With a report that fails an identity."""

    def share(self, column: str) -> float:
        """Of all pages, those that have it; 1 where there is no page."""
        return int(getattr(self, column)) / self.pages if self.pages else 1.0


@dataclass(frozen=True, slots=True)
class Came:
    """What a visit came to."""

    reason: str
    """Why it ended (``runs.finish_reason``)."""
    found: int
    system: str | None = None
    """CMS that its lists show; empty: no sign of any; ``None``: no list page came."""
    all_refused: bool = False
    """Every page, or every report, was refused."""
    pages: Pages = Pages()
    least_figures: int | None = None
    """Figures of the poorest new report."""


@dataclass(frozen=True, slots=True)
class Before:
    """What earlier visits came to."""

    found: int | None = None
    """Report links of the last good run; ``None``: there was none."""
    system: str | None = None
    pages: Pages = Pages()
    """Of all good runs."""
    open: Mapping[str, str] = field(default_factory=dict)
    """Kind → message of what the last visit had to say of its new pages."""


@dataclass(frozen=True, slots=True)
class Year:
    """Reports of a portal for the last year whose deadlines are over, and for the one before."""

    year: int
    reports: int
    before: int


@dataclass(frozen=True, slots=True)
class Broken:
    """An expectation that was not met: kind of issue (``spiders.kinds``), and in words."""

    kind: str
    message: str


def judge(expect: Expect, came: Came, before: Before, year: Year | None = None) -> tuple[Broken, ...]:
    """What a whole visit did not meet.

    A visit that was cut short (by us, a challenge, a rest) gets nothing said of it: what is missing is
    explained already. ``year``: ``None`` while reports of the last year are still due.
    """
    if came.reason not in ("finished", "no_list"):
        return ()
    return tuple(_broken(expect, came, before, year))


def _broken(expect: Expect, came: Came, before: Before, year: Year | None) -> Iterator[Broken]:
    known = before.found is not None
    if came.all_refused and known:
        yield Broken("all_refused", "以前可以读取的页面，这次全部被拒绝")
        return  # whatever else is missing, this is why
    yield from _links(expect, came, before)
    if before.system and came.system is not None and came.system != before.system:
        now = f"现在显示为 {came.system}" if came.system else "现在没有任何标识"
        yield Broken("system_changed", f"栏目页面原来显示建站系统 {before.system}，{now}")
    if came.reason != "finished":
        return
    if year is not None:
        yield from _of_year(expect, year, known=known)
    yield from _of_pages(expect, came, before)


def _links(expect: Expect, came: Came, before: Before) -> Iterator[Broken]:
    """Report links on the lists; ``expect.reports_min`` is looked at where the visit ends (``outcome``)."""
    if not before.found:
        return
    if came.found == 0:
        yield Broken("none_found", f"列表上没有一条报告链接，上次正常抓取时有 {before.found} 条")
    elif expect.reports_min is None:
        percent = _percent(expect)
        # A single report less may be one that was withdrawn.
        if came.found <= before.found - 2 and came.found * 100 < before.found * (100 - percent):
            yield Broken(
                "fewer_than_before",
                f"列表上有 {came.found} 条报告链接，上次正常抓取时有 {before.found} 条"
                f"（容许减少 {percent}%）",
            )


def _percent(expect: Expect) -> int:
    return FEWER_PERCENT if expect.fewer_percent is None else expect.fewer_percent


def _of_year(expect: Expect, year: Year, *, known: bool) -> Iterator[Broken]:
    if expect.reports_a_year is not None:
        if year.reports < expect.reports_a_year:
            yield Broken(
                "fewer_of_year",
                f"{year.year} 年度报告只有 {year.reports} 份，登记的下限为 {expect.reports_a_year} 份",
            )
    elif known and year.before and year.reports * 100 < year.before * (100 - _percent(expect)):
        yield Broken(
            "fewer_of_year",
            f"{year.year} 年度报告只有 {year.reports} 份，上一年度有 {year.before} 份"
            f"（容许减少 {_percent(expect)}%）",
        )


def _of_pages(expect: Expect, came: Came, before: Before) -> Iterator[Broken]:
    """What new pages gave. Where there are none, what was said last time still holds."""
    new = came.pages
    if not new.pages:
        yield from (Broken(kind, message) for kind, message in before.open.items())
        return
    missing = [
        f"{NAMES[column]} {getattr(new, column)}/{new.pages}" for column in _missing(expect, came, before)
    ]
    if missing:
        yield Broken("fields_missing", "新读页面中缺少应有的内容，有此内容的页数：" + "，".join(missing))
    least = came.least_figures
    if expect.figures is not None and least is not None and least < expect.figures:
        yield Broken("fewer_figures", f"有报告只读出 {least} 个数字，登记的下限为 {expect.figures} 个")
    if _worse(new, before.pages, _enough("identities_worse", before)):
        yield Broken(
            "identities_worse",
            f"新读的 {new.assigned} 份报告中 {new.failing} 份勾稽不符，"
            f"以前 {before.pages.assigned} 份中 {before.pages.failing} 份",
        )


def _enough(kind: str, before: Before) -> int:
    """New pages from which on they are compared; once something is wrong, each counts."""
    return 1 if kind in before.open else LEAST_PAGES


def _missing(expect: Expect, came: Came, before: Before) -> list[str]:
    new, old = came.pages, before.pages
    said = [COLUMNS[name] for name in expect.fields or ()]
    by_entry = [column for column in said if new.share(column) * 100 < 100 - _percent(expect)]
    if new.pages < _enough("fields_missing", before) or old.pages < LEAST_PAGES:
        by_history = []
    else:
        by_history = [
            column
            for column in NAMES
            if column not in said and old.share(column) >= USUAL and new.share(column) < old.share(column) / 2
        ]
    return [column for column in NAMES if column in by_entry or column in by_history]


def _worse(new: Pages, old: Pages, enough: int) -> bool:
    """Whether identities fail at least twice as often as before.

    One failure is added to those before, so that a portal without any is not worse with its first.
    """
    if new.assigned < enough or old.assigned < LEAST_PAGES or not new.failing:
        return False
    return new.failing * (old.assigned + 1) >= 2 * (old.failing + 1) * new.assigned
