"""What a visit did not meet: a table of cases, each of which tells one thing, or nothing."""

from __future__ import annotations

import pytest

from crawler.expectations import Before, Came, Pages, Year, judge
from spiders.kinds import EXPECTATIONS
from spiders.portals import Expect

GOOD = Pages(20, 20, 20, 18, 20, 2)
BEFORE = Before(found=20, system="trs", pages=GOOD)


def came(found: int = 20, **more: object) -> Came:
    return Came(**{"reason": "finished", "found": found, "system": "trs", **more})  # type: ignore[arg-type]


def kinds(expect: Expect, now: Came, before: Before = BEFORE, year: Year | None = None) -> list[str]:
    return [broken.kind for broken in judge(expect, now, before, year)]


@pytest.mark.parametrize(
    ("found", "expect", "before", "said"),
    [
        (20, Expect(), BEFORE, []),
        (25, Expect(), BEFORE, []),
        (0, Expect(), BEFORE, ["none_found"]),
        (0, Expect(reports_min=5), BEFORE, ["none_found"]),
        # Ten per cent are tolerated, and one report less is never a trend.
        (18, Expect(), BEFORE, []),
        (17, Expect(), BEFORE, ["fewer_than_before"]),
        (2, Expect(), Before(found=3), []),
        (1, Expect(), Before(found=3), ["fewer_than_before"]),
        (17, Expect(fewer_percent=20), BEFORE, []),
        (18, Expect(fewer_percent=0), BEFORE, ["fewer_than_before"]),
        # What the entry says counts instead (it is held against where the visit ends).
        (17, Expect(reports_min=10), BEFORE, []),
        # Nothing is known of before.
        (0, Expect(), Before(), []),
        (0, Expect(), Before(found=0), []),
    ],
)
def test_links(found: int, expect: Expect, before: Before, said: list[str]) -> None:
    assert kinds(expect, came(found), before) == said


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        ("trs", "trs", []),
        ("hanweb", "trs", ["system_changed"]),
        ("", "trs", ["system_changed"]),
        (None, "trs", []),  # no list page came, so nobody saw
        ("trs", "", []),
        ("trs", None, []),
    ],
)
def test_the_system_of_the_lists(now: str | None, before: str | None, said: list[str]) -> None:
    assert kinds(Expect(), came(system=now), Before(found=20, system=before)) == said


def test_a_visit_without_a_list_says_what_is_gone_with_it() -> None:
    assert kinds(Expect(), came(0, reason="no_list", system=None)) == ["none_found"]
    assert kinds(Expect(), came(0, reason="no_list", system="")) == ["none_found", "system_changed"]


def test_refused_pages_explain_all_else() -> None:
    now = came(0, reason="no_list", system=None, all_refused=True)
    assert kinds(Expect(), now) == ["all_refused"]
    assert kinds(Expect(), now, Before()) == []  # never known otherwise


@pytest.mark.parametrize("reason", ["budget", "night", "shutdown", "blocked:waf", "resting", "archive"])
def test_nothing_is_said_of_a_visit_cut_short(reason: str) -> None:
    now = came(0, reason=reason, system="", all_refused=True, pages=Pages(5))
    assert kinds(Expect(reports_a_year=3), now, year=Year(2025, 0, 20)) == []


@pytest.mark.parametrize(
    ("expect", "year", "said"),
    [
        (Expect(), Year(2025, 20, 20), []),
        (Expect(), Year(2025, 18, 20), []),
        (Expect(), Year(2025, 17, 20), ["fewer_of_year"]),
        (Expect(), Year(2025, 0, 0), []),
        (Expect(), None, []),
        (Expect(reports_a_year=5), Year(2025, 5, 20), []),
        (Expect(reports_a_year=5), Year(2025, 4, 0), ["fewer_of_year"]),
        (Expect(fewer_percent=50), Year(2025, 10, 20), []),
    ],
)
def test_reports_of_the_last_year(expect: Expect, year: Year | None, said: list[str]) -> None:
    assert kinds(expect, came(), year=year) == said
    if expect.reports_a_year is None:  # the entry's word needs no history
        assert kinds(expect, came(), Before(), year) == []


@pytest.mark.parametrize(
    ("new", "expect", "said"),
    [
        (Pages(), Expect(), []),
        (Pages(4, 4, 4, 4, 4), Expect(), []),
        (Pages(4, 4, 4, 4, 1), Expect(), ["fields_missing"]),
        (Pages(4, 4, 0, 0, 0), Expect(), ["fields_missing"]),
        (Pages(4, 4, 4, 4, 2), Expect(), []),  # half as many is not less than half
        (Pages(2, 2, 0, 0, 0), Expect(), []),  # two pages are no trend
        (Pages(2, 2, 0, 0, 0), Expect(fields=("issuer",)), ["fields_missing"]),  # but the entry's word is
        (Pages(10, 10, 9, 9, 9), Expect(fields=("tables",)), []),
        (Pages(10, 10, 8, 8, 8), Expect(fields=("tables",)), ["fields_missing"]),
        (Pages(10, 10, 8, 8, 8), Expect(fields=("year",)), ["fields_missing"]),
    ],
)
def test_fields(new: Pages, expect: Expect, said: list[str]) -> None:
    assert kinds(expect, came(pages=new)) == said


def test_a_field_that_was_never_there_is_not_missed() -> None:
    before = Before(found=20, pages=Pages(20, 20, 20, 4, 20))
    assert kinds(Expect(), came(pages=Pages(5, 5, 5, 0, 5)), before) == []
    [broken] = judge(Expect(), came(pages=Pages(5, 5, 5, 0, 0)), before)
    assert broken.message == "新读页面中缺少应有的内容，有此内容的页数：表格数字 0/5"


@pytest.mark.parametrize(
    ("assigned", "failing", "said"),
    [
        (10, 0, []),
        (10, 2, []),  # 20 % where 2 (and one added) of 20 failed
        (10, 3, ["identities_worse"]),
        (2, 2, []),
        (3, 1, ["identities_worse"]),
        (4, 1, []),
    ],
)
def test_identities(assigned: int, failing: int, said: list[str]) -> None:
    new = Pages(assigned, assigned, assigned, assigned, assigned, failing)
    assert kinds(Expect(), came(pages=new)) == said


def test_the_first_failure_of_a_portal_without_any_is_no_doubling() -> None:
    before = Before(found=20, pages=Pages(20, 20, 20, 20, 20, 0))
    assert kinds(Expect(), came(pages=Pages(20, 20, 20, 20, 20, 1)), before) == []
    assert kinds(Expect(), came(pages=Pages(20, 20, 20, 20, 20, 2)), before) == ["identities_worse"]


def test_figures() -> None:
    assert kinds(Expect(figures=100), came(pages=Pages(1, 1, 1, 1, 1), least_figures=99)) == ["fewer_figures"]
    assert kinds(Expect(figures=100), came(pages=Pages(1, 1, 1, 1, 1), least_figures=100)) == []


def test_what_was_wrong_with_new_pages_lasts_until_newer_ones_are_well() -> None:
    open_ = Before(found=20, system="trs", pages=GOOD, open={"fields_missing": "说过"})
    [broken] = judge(Expect(), came(), open_)
    assert (broken.kind, broken.message) == ("fields_missing", "说过")
    assert kinds(Expect(), came(pages=Pages(1, 1, 1, 1, 0)), open_) == ["fields_missing"]
    assert kinds(Expect(), came(pages=Pages(1, 1, 1, 1, 1)), open_) == []


def test_every_kind_is_explained_and_can_be_said() -> None:
    bad = came(0, reason="finished", system="", pages=Pages(9, 0, 9, 0, 0, 9), least_figures=0)
    said = set(kinds(Expect(figures=1), bad, year=Year(2025, 0, 9)))
    said |= set(kinds(Expect(), came(3))) | set(kinds(Expect(), came(all_refused=True)))
    assert said | {"fewer_than_expected"} == set(EXPECTATIONS)
