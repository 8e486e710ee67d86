from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.site import coverage, division, filing
from archive.site.filing import STATUSES, Chosen
from archive.site.memo import Memo
from tests.archive.site.made import CITY, DISTRICT, OTHER, PROVINCE, Made

entries = st.lists(
    st.tuples(
        st.sampled_from([PROVINCE, CITY, DISTRICT, OTHER, None]),
        st.sampled_from(["government", "office"]),
        st.dictionaries(st.integers(2019, 2022), st.sampled_from(STATUSES), max_size=4),
    ),
    max_size=8,
)
#: Division → divisions within, itself included.
WITHIN = {PROVINCE: {PROVINCE, CITY, DISTRICT}, CITY: {CITY, DISTRICT}, DISTRICT: {DISTRICT}, OTHER: {OTHER}}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries)
def test_counts_are_those_of_the_issuers_within(
    tmp_path_factory: pytest.TempPathFactory, issuers: list
) -> None:
    made = Made(tmp_path_factory.mktemp("filing"))
    for ident, (code, kind, years) in enumerate(issuers, 1):
        made.issuer(ident, f"机关{ident}", code, kind)
        for year, status in years.items():
            made.year(ident, year, status)
    conn = made.done()
    expected: Counter = Counter()
    for code, _, years in issuers:
        for year, status in years.items():
            expected[code, year, status] += 1
    for code, within in WITHIN.items():
        found = filing.together(filing.by_part(conn, code))
        own = filing.by_part(conn, code)
        for year in range(2019, 2023):
            for status in STATUSES:
                assert found.of(year, status) == sum(expected[c, year, status] for c in within)
                at = [part.of(year, status) for part in own if part.code == code]
                assert sum(at) == expected[code, year, status]
        grid = filing.grid(conn, code, Chosen(), (2021, 2020))
        assert grid.total == sum(c in within for c, _, _ in issuers)
        late = filing.grid(conn, code, Chosen(year=2020, status="late", kind="office"), (2021, 2020))
        assert {one.row["id"] for one in late.issuers} == {
            ident
            for ident, (c, kind, years) in enumerate(issuers, 1)
            if c in within and kind == "office" and years.get(2020) == "late"
        }
        defaulters = filing.defaulters(conn, code, 2020, 100)
        assert sorted(row["id"] for row in defaulters) == [
            ident
            for ident, (c, _, years) in enumerate(issuers, 1)
            if c in within and years.get(2020) in ("late", "missing", "blocked")
        ]
    country = filing.by_province(conn)
    assert [part.name for part in country] == [
        name
        for name, codes in (("河北省", {OTHER}), ("河南省", WITHIN[PROVINCE]), (None, {None}))
        if any(expected[c, y, s] for c in codes for y in range(2019, 2023) for s in STATUSES)
    ]
    whole = filing.together(country)
    assert all(
        whole.of(y, s) == sum(expected[c, y, s] for c in (*NAMES, None))
        for y in range(2019, 2023)
        for s in STATUSES
    )
    conn.close()


NAMES = (PROVINCE, CITY, DISTRICT, OTHER)


def test_a_grid_has_pages_that_hold_every_issuer_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filing, "PAGE", 3)
    made = Made(tmp_path)
    for ident in range(1, 9):
        made.issuer(ident, f"机关{ident}", CITY, "department")
        made.year(ident, 2022, "filed")
    conn = made.done()
    seen: list[int] = []
    for page in (1, 2, 3):
        grid = filing.grid(conn, PROVINCE, Chosen(page=page), (2022,))
        assert (grid.total, grid.pages) == (8, 3)
        seen += [one.row["id"] for one in grid.issuers]
    assert seen == list(range(1, 9))
    assert not filing.grid(conn, PROVINCE, Chosen(page=99), (2022,)).issuers


def test_an_older_year_is_shown_when_it_is_asked_for(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.issuer(1, "某市人民政府", CITY)
    for year in range(2008, 2025):
        made.year(1, year, "filed")
    conn = made.done()
    memo = Memo(made.path)
    page = coverage.load(conn, CITY, Chosen(), memo)
    assert page is not None
    assert page.years == tuple(range(2024, 2016, -1))
    page = coverage.load(conn, CITY, Chosen(year=2010), memo)
    assert page is not None
    assert 2010 in page.years
    assert len(page.years) == filing.YEARS
    assert coverage.load(conn, "990001", Chosen(), memo) is None


def test_a_division_counts_its_parts_and_names_what_it_lies_in(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.issuer(1, "河南省财政厅", PROVINCE, "department")
    made.issuer(2, "郑州市人民政府", CITY)
    made.issuer(3, "郑州市二七区人民政府", DISTRICT)
    made.issuer(4, "郑州市二七区教育局", DISTRICT, "department")
    made.report(10, 2, 2021)
    made.report(11, 3, 2021)
    made.report(12, 3, 2022)
    made.figures(11, "requests", {"received": {"total": 7}})
    made.year(3, 2021, "filed", report=11)
    made.year(3, 2022, "late", report=12, days_late=4)
    made.year(4, 2022, "missing")
    conn = made.done()
    page = division.load(conn, PROVINCE, Memo(made.path))
    assert page is not None
    assert (page.counts["issuers"], page.counts["reports"], page.counts["own"]) == (4, 3, 1)
    zhengzhou = next(part for part in page.parts if part["code"] == CITY)
    assert (zhengzhou["issuers"], zhengzhou["reports"]) == (3, 3)
    assert [row["name"] for row in page.issuers] == ["河南省财政厅"]
    assert (page.year, [row["status"] for row in page.late]) == (2022, ["missing", "late"])
    assert {t.keys["year"]: (t.reports, t["received"]) for t in page.trends}[2021][1].value == 7
    below = division.load(conn, DISTRICT, Memo(made.path), 2021)
    assert below is not None
    assert [row["name"] for row in below.above] == ["河南省", "郑州市"]
    assert [row["name"] for row in below.issuers] == ["郑州市二七区人民政府", "郑州市二七区教育局"]
    assert (below.year, below.late) == (2021, ())
    assert division.load(conn, "999999", Memo(made.path)) is None
