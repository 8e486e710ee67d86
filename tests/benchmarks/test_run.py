"""What the benchmark times is really read, crawled and stored, and a slower run is told."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from archive import forms
from archive.divisions import DEFAULT
from archive.records import Context, Snapshot
from benchmarks import child, memory, pages, parsing, run, storing, throughput
from benchmarks.portal import Portal, lists, shares
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


def test_names_of_counties_are_none_of_another_kind() -> None:
    assert len({pages.place(number) for number in range(pages.COUNTIES)}) == pages.COUNTIES
    assert not any(set(pages.place(number)[1:-1]) & set("区區市") for number in range(pages.COUNTIES))


@pytest.mark.parametrize("number", [2, 192, 2_628, 2_902, 6_002, 20_299, 20_300, pages.REPORTS - 1])
def test_each_report_of_many_is_that_of_its_issuer_and_year(number: int) -> None:
    where = DEFAULT.with_extra(pages.division_rows(pages.COUNTIES))
    snapshot = Snapshot(
        url="http://www.example.gov.cn/1.html",
        body=pages.report(number),
        fetched_at=datetime.now(UTC),
        context=Context(division=pages.PREFECTURE),
    )
    report = parse(snapshot, where)
    turns, county = divmod(number, pages.COUNTIES)
    assert (report.agency or "").endswith(f"{pages.place(county)}{pages.OFFICES[turns // 7]}")
    assert report.year == 2019 + turns % 7
    title, day = pages.listed(number)
    assert title == report.title
    assert day == f"{report.year + 1}-01-20"


def test_the_portal_s_lists_lead_to_all_its_reports() -> None:
    parts = shares(1_203, 4)
    assert [(part.first, part.last) for part in parts] == [(0, 300), (300, 601), (601, 902), (902, 1_203)]
    found = lists(parts[1])
    assert sum(page.count(b"href='/report/") for page in found.values()) == 301
    with Portal(6, 2, lazy=True) as portal:
        assert [len(addresses) for addresses in portal.addresses()] == [4, 4]
        bodies = []
        for addresses in portal.addresses():
            for address in addresses:
                with urlopen(address) as answer:
                    bodies.append(answer.read())
    assert bodies[-1] == pages.report(5)


@pytest.mark.slow
def test_every_measure_of_reading_is_taken() -> None:
    times, steps = parsing.measure({"page": pages.pages()["plain page, 20 KB"]}, 1)
    assert set(parsing.MEASURES) <= times["page"].keys()
    assert all(milliseconds > 0 for milliseconds in times["page"].values())
    assert {"read, all of it", "match", "issuer"} <= steps["page"].keys()
    assert set(parsing.ratios(times)["page"]) == set(parsing.MEASURES)


@pytest.mark.slow
def test_a_crawl_that_is_timed_takes_every_report_and_is_read_anew_whole(tmp_path: Path) -> None:
    turns, sizes = throughput.measure(tmp_path / "course", 64, 1)
    assert set(turns) == {
        throughput.BARE,
        throughput.CRAWL_1,
        throughput.CRAWL,
        throughput.REPARSE_2,
        throughput.REPARSE_1,
        throughput.ONE_CORE,
        throughput.ALONE_2,
        throughput.ALONE_1,
    }
    crawl = turns[throughput.CRAWL]
    assert crawl.rate > 0
    assert crawl.late >= crawl.late_99 >= 0
    assert throughput.documents(tmp_path / "course" / "data" / "again.db") == 64
    assert set(throughput.ratios(turns)) - {throughput.MACHINE} <= run.held(
        {"throughput": {"ratios": throughput.ratios(turns), "bytes a report": sizes,
                        "turns": {name: {"peak": 1.0, "worked": 1.0} for name in turns}}}
    ).keys()  # fmt: skip


@pytest.mark.slow
def test_the_store_is_timed_on_rows_that_it_has(tmp_path: Path) -> None:
    some = storing.read(4)
    taken, rows = storing.ours(tmp_path / "store", some)
    assert taken > 0
    assert len(rows["reports"]) == 4
    assert storing.raw(tmp_path / "store", rows) > 0


def test_a_child_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(child.FailedError, match="no_such_module"):
        child.run("benchmarks.no_such_module", log=tmp_path / "log")
    assert "no_such_module" in (tmp_path / "log").read_text(encoding="utf-8")


def test_memory_is_told_by_tenths() -> None:
    done = [float(moment) for moment in range(1, 101)]
    samples = [(float(moment), 1_000_000 * moment, 2_000_000) for moment in range(101)]
    found = memory.tenths(done, samples)
    assert [one.pages for one in found] == list(range(10, 101, 10))
    assert (found[0].own, found[-1].own, found[-1].readers) == (10.0, 100.0, 2.0)
    assert memory.growth(found) == pytest.approx(102 / 32)


def test_a_rate_leaves_out_how_long_it_took_to_begin() -> None:
    assert throughput.rate([5.0, *(10 + 0.1 * n for n in range(19))]) == pytest.approx(10)


def _result() -> dict[str, Any]:
    return {
        "parsing": {"ratios": {"page": dict.fromkeys(parsing.HELD, 0.5)}},
        "storing": {"beside executemany": 0.05},
        "dedupe": {"2000": {"new": 5.0}, "10000": {"new": 5.0}},
    }


def test_a_slower_run_is_told() -> None:
    accepted = _result()
    assert run.slower(accepted, accepted) == []
    now = copy.deepcopy(accepted)
    now["parsing"]["ratios"]["page"][parsing.TRAFILATURA] *= 1 + 2 * run.TOLERANCE
    now["storing"]["beside executemany"] /= 1 + 2 * run.TOLERANCE_OF_RATES
    now["dedupe"]["10000"]["new"] *= 1 + 2 * run.TOLERANCE_OF_RATES
    assert len(run.slower(now, accepted)) == 3
    faster = copy.deepcopy(accepted)
    faster["storing"]["beside executemany"] *= 3
    assert run.slower(faster, accepted) == []
    # What an accepted run did not measure is held to nothing.
    assert run.slower(now, {}) == []
