"""The indicator lists of the sample portals: what stands on the page, and that it adds up."""

from __future__ import annotations

from decimal import Decimal

import pytest

from archive.forms import indicators as form
from demo import indicators
from demo.figures import COUNTY, PREFECTURE, Cells, Profile
from demo.manifest import PublishedReport
from demo.server import DemoPortals
from tests.demo import pages

ANSWERS = (
    *("already_public", "granted", "granted_in_part", "refused"),
    *("not_this_organ", "not_existing", "to_amend", "other_channel"),
)


def failures(cells: Cells) -> set[tuple[str, str]]:
    """Totals of the national list that are not the sum of their parts, added up here anew."""
    lines = cells["indicators"]
    bad = set()
    for name, total, parts in (
        ("I1", "applications", ("in_person", "fax", "online", "letter")),
        ("I2", "closed", ("in_time", "extended")),
        ("I3", "answers", ANSWERS),
        ("I5", "reconsiderations", ("upheld", "corrected", "other")),
        ("I6", "lawsuits", ("upheld", "corrected", "other")),
    ):
        found = sum(lines[f"{total}_{part}"]["year"] or 0 for part in parts)
        if found != lines[total]["year"]:
            bad.add((name, f"indicators.{total}.year"))
    reasons = [line["year"] or 0 for row, line in lines.items() if row.startswith("reason_")]
    assert len(reasons) == 6
    if sum(reasons) != lines["answers_refused"]["year"]:
        bad.add(("I4", "indicators.answers_refused.year"))
    return bad


def _lists(portals: DemoPortals, of: str) -> list[PublishedReport]:
    return [report for report in portals.manifest.reports if report.form == of]


def test_national_lists_add_up_but_where_they_are_said_not_to(portals: DemoPortals) -> None:
    reports = _lists(portals, "2014")
    assert len(reports) == 4
    for report in reports:
        assert failures(report.cells) == {(broken.identity, broken.at) for broken in report.broken}
    assert sum(len(report.broken) for report in reports) == 1


@pytest.mark.parametrize("profile", [PREFECTURE, COUNTY])
def test_any_seed_adds_up(profile: Profile) -> None:
    for seed in range(30):
        cells = indicators.figures_national("某市", 2017, profile, seed)
        assert failures(cells) == set()
        assert cells == indicators.figures_national("某市", 2017, profile, seed)
        assert list(cells["indicators"]) == [line.key for line in form.national().figures]
        assert all(line["year"] >= 0 for line in cells["indicators"].values())  # type: ignore[operator]


def test_the_page_shows_the_national_list(portals: DemoPortals) -> None:
    for report in _lists(portals, "2014"):
        (grid,) = pages.grids(pages.get(report.url).text)
        assert grid[1] == ["统计指标", "单位", "统计数"]
        lines = form.national().lines.values()
        assert [row[0] for row in grid[2:]] == [line.full for line in lines]
        shown = {
            line.key: pages.number(row[2])
            for line, row in zip(lines, grid[2:], strict=True)
            if not line.heading
        }
        assert shown == {row: line["year"] for row, line in report.cells["indicators"].items()}


def test_the_page_shows_a_list_of_the_provinces_own(portals: DemoPortals) -> None:
    reports = _lists(portals, "provincial")
    assert {report.year for report in reports} == {2017, 2018}
    for report in reports:
        grid = next(grid for grid in pages.grids(pages.get(report.url).text) if len(grid) > 10)
        assert grid[1] == ["代码", "指标名称", "计量单位", f"{report.year}年度", "历年累计"]
        shown = [(pages.number(row[3]), pages.number(row[4])) for row in grid[2:]]
        published = report.cells["indicators"]
        assert shown == [(line["year"], line["cumulative"]) for line in published.values()]
        raw = [row for row in published if form.is_raw(row)]
        assert len(raw) == 10
        assert isinstance(published["raw:全文电子化率"]["year"], Decimal)
