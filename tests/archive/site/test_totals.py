from __future__ import annotations

import sqlite3

import pytest

from archive.measures import MEASURES
from archive.site import totals
from archive.site.charts import of_totals
from archive.site.i18n import Words
from archive.store import Store
from tests.archive.made import put, report

RECEIVED, GRANTED, CONCLUDED = (("requests", line, "total") for line in ("received", "granted", "concluded"))


@pytest.fixture(scope="module")
def conn(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    path = tmp_path_factory.mktemp("totals") / "gongkai.db"
    made = [
        ("中原区人民政府", "410102", 2022, {RECEIVED: 10, GRANTED: 4, CONCLUDED: 8}),
        ("中原区人民政府", "410102", 2023, {RECEIVED: 20, GRANTED: 5, CONCLUDED: "blank"}),
        ("中原区教育局", "410102", 2023, {RECEIVED: 3, GRANTED: 1, CONCLUDED: 2}),
        ("郑州市人民政府", "410100", 2023, {RECEIVED: "ambiguous", GRANTED: 1, CONCLUDED: 2}),
        ("长沙市人民政府", "430100", 2023, {RECEIVED: 100, GRANTED: 30, CONCLUDED: 90}),
    ]
    with Store(path) as store:
        for number, (agency, division, year, values) in enumerate(made):
            put(
                store,
                f"http://a/{number}",
                str(number),
                report(values, agency=agency, division=division, year=year),
            )
    return sqlite3.connect(path)


def test_a_sum_tells_on_how_many_reports_it_rests(conn: sqlite3.Connection) -> None:
    groups = {(g.keys["province"], g.keys["year"]): g for g in totals.load(conn)}
    assert {key: group.reports for key, group in groups.items()} == {
        ("河南省", 2022): 1,
        ("河南省", 2023): 3,
        ("湖南省", 2023): 1,
    }
    henan = groups["河南省", 2023]
    assert henan["received"] == totals.Sum(23, 2)
    # Of the first government the total is not known: it is in neither part of the share.
    assert henan["granted"] == totals.Sum(2, 2, 4)
    assert henan["granted"].share == 0.5
    assert set(henan.sums) == {measure.key for measure in MEASURES}


def test_filters_and_dimensions(conn: sqlite3.Connection) -> None:
    [everything] = totals.load(conn, by=())
    assert (everything.keys, everything.reports, everything["received"].value) == ({}, 5, 133)
    counties = totals.load(conn, by=("year",), province="河南省", kinds=("government",), levels=("county",))
    assert [(g.keys["year"], g["received"].value) for g in counties] == [(2022, 10), (2023, 20)]
    assert totals.load(conn, by=(), province="") == totals.load(conn, by=(), kinds=()) == []
    assert [g.keys["kind"] for g in totals.load(conn, by=("kind",), year=2023)] == [
        "department",
        "government",
    ]
    with pytest.raises(ValueError, match="form"):
        totals.load(conn, by=("form",))  # type: ignore[arg-type]


def test_a_division_is_added_up_from_its_reports(conn: sqlite3.Connection) -> None:
    # Of a province both ways there are give the same; a county's department is of the county.
    for province, code in (("河南省", "410000"), ("湖南省", "430000")):
        assert totals.of_division(conn, code) == totals.load(conn, by=("year",), province=province)
    county = totals.of_division(conn, "410102")
    assert [(g.keys["year"], g.reports, g["received"]) for g in county] == [
        (2022, 1, totals.Sum(10, 1)),
        (2023, 2, totals.Sum(23, 2)),
    ]
    assert totals.of_division(conn, "110000") == []


def test_divisions_of_an_archive_that_keeps_no_sums_of_them(conn: sqlite3.Connection) -> None:
    codes = [code for (code,) in conn.execute("SELECT code FROM divisions WHERE level <> 'province'")]
    kept = [totals.of_division(conn, code) for code in codes]
    assert sum(map(bool, kept)) == 3, "a county and two cities"
    conn.execute("SAVEPOINT without")
    conn.execute("DROP TABLE _count_places")
    assert [totals.of_division(conn, code) for code in codes] == kept
    conn.execute("ROLLBACK TO without")


def test_a_year_without_reports_is_a_gap_in_the_chart(conn: sqlite3.Connection) -> None:
    def group(year: int, received: totals.Sum) -> totals.Group:
        sums = dict.fromkeys((measure.key for measure in MEASURES), totals.Sum(None, 0))
        return totals.Group({"year": year}, 1, 0, 0, 0, sums | {"received": received})

    found = [
        group(2018, totals.Sum(None, 0)),
        group(2019, totals.Sum(5, 1)),
        group(2021, totals.Sum(0, 1)),
    ]
    (chart,) = of_totals(found, Words("zh"))
    assert chart.places == ("2019", "2020", "2021")
    (series,) = chart.series
    assert series.values == (5, None, 0)
    assert series.bases == (1, 0, 1)
    assert chart.shown(None) == ""
    assert chart.shown(0) == "0"


def test_no_report_is_no_share(conn: sqlite3.Connection) -> None:
    assert totals.Sum(None, 0, None).share is None
    assert totals.Sum(0, 3, 0).percent is None
    assert totals.Sum(1, 1, 3).percent == 33.3
    assert totals.Sum(0, 3, 0).share is None
    [one] = totals.load(conn, by=("level",), levels=("prefecture",), province="河南省")
    assert (one["received"].value, one["received"].reports) == (None, 0)
