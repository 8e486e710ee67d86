"""What the benchmark times is really read, and a slower run is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive import forms
from archive.records import Snapshot
from benchmarks import pages, run
from pipelines.report import parse


@pytest.mark.parametrize(
    "name", ["Word page, 107 KB", "no known container, 60 KB", "link in the article, 60 KB"]
)
@pytest.mark.parametrize("number", [0, 7])
def test_a_page_that_is_timed_is_read_whole(name: str, number: int) -> None:
    body = pages.pages()[name](number)
    snapshot = Snapshot(url="http://www.example.gov.cn/1.html", body=body, fetched_at=datetime.now(UTC))
    report = parse(snapshot, pages.divisions())
    assert (
        report.agency == f"计时市{pages.place(number)}人民政府"
        or report.agency == f"{pages.place(number)}人民政府"
    )
    assert report.year == 2019
    assert set(report.forms) == set(forms.TABLES)
    assert [section.number for section in report.sections if section.number] == [1, 2, 3, 4, 5, 6]
    assert any(check.identity == "N1" for check in report.checks)


def test_no_two_variants_are_one() -> None:
    page = pages.pages()["plain page, 20 KB"]
    assert len({page(number) for number in range(20)}) == 20


@pytest.mark.slow
def test_every_measure_is_taken_and_a_slower_run_is_told() -> None:
    times, steps = run.measure({"page": pages.pages()["plain page, 20 KB"]}, 1)
    assert set(run.MEASURES) <= times["page"].keys()
    assert all(milliseconds > 0 for milliseconds in times["page"].values())
    assert {"read, all of it", "match", "issuer"} <= steps["page"].keys()
    found = run.ratios(times)
    assert run.slower(found, found) == []
    was = {"page": {key: ratio / (1 + 2 * run.TOLERANCE) for key, ratio in found["page"].items()}}
    assert len(run.slower(found, was)) == len(run.HELD)
