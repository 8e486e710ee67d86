from __future__ import annotations

import sqlite3

from hypothesis import given, settings
from hypothesis import strategies as st

from archive.migrations import create_table
from archive.schema import table
from archive.site import trends
from archive.site.charts import of_totals
from archive.site.i18n import Words
from archive.site.trends import MEASURES, Total

figure = st.none() | st.integers(0, 500)
CELLS = sorted(
    {
        (measure.table, line, column)
        for measure in MEASURES
        for line, column in (*measure.cells, *([measure.whole] if measure.whole else []))
    }
)
report = st.fixed_dictionaries(
    {
        "year": st.integers(2019, 2022),
        "province": st.sampled_from(["甲省", "乙省"]),
        "cells": st.fixed_dictionaries({}, optional=dict.fromkeys(CELLS, figure)),
    }
)


def database(reports: list[dict]) -> sqlite3.Connection:
    conn = sqlite3.connect(":memory:")
    for name in ("divisions", "reports", "requests", "reviews"):
        conn.execute(create_table(table(name)))
    conn.executemany(
        "insert into divisions (code, name, full_name, level, parent) values (?, ?, ?, ?, ?)",
        [
            ("01", "甲省", "甲省", "province", None),
            ("0101", "甲市", "甲市", "prefecture", "01"),
            ("02", "乙省", "乙省", "province", None),
        ],
    )
    for number, one in enumerate(reports):
        division = "0101" if one["province"] == "甲省" else "02"
        conn.execute(
            "insert into reports (id, title, agency, year, province, division) values (?, 't', ?, ?, ?, ?)",
            (number, number, one["year"], one["province"], division),
        )
        lines: dict[tuple[str, str], dict[str, int | None]] = {}
        for (name, line, column), value in one["cells"].items():
            lines.setdefault((name, line), {})[column] = value
        for (name, line), columns in lines.items():
            names = ", ".join(columns)
            marks = ", ".join("?" for _ in columns)
            conn.execute(
                f"insert into {name} (report, line, {names}) values (?, ?, {marks})",
                (number, line, *columns.values()),
            )
    return conn


def summed(reports: list[dict], measure: trends.Measure) -> Total:
    """The same by hand."""
    value, whole, count = 0, 0, 0
    for one in reports:
        parts = [one["cells"].get((measure.table, *cell)) for cell in measure.cells]
        of = one["cells"].get((measure.table, *measure.whole)) if measure.whole else 0
        if None in parts or of is None:
            continue
        value, whole, count = value + sum(parts), whole + of, count + 1
    if not count:
        return Total(None, 0, None)
    return Total(value, count, whole if measure.whole else None)


@settings(max_examples=60, deadline=None)
@given(st.lists(report, max_size=8))
def test_sums_rest_on_the_reports_that_have_every_part(reports: list[dict]) -> None:
    conn = database(reports)
    for scope, chosen in (
        (trends.Scope(), reports),
        (trends.province("甲省"), [r for r in reports if r["province"] == "甲省"]),
        (trends.below("01"), [r for r in reports if r["province"] == "甲省"]),
        (trends.below("02"), [r for r in reports if r["province"] == "乙省"]),
    ):
        found = trends.totals(conn, scope)
        assert [year.year for year in found] == sorted({r["year"] for r in chosen})
        for year in found:
            of_year = [r for r in chosen if r["year"] == year.year]
            assert year.reports == len(of_year)
            for measure in MEASURES:
                assert year.of(measure.key) == summed(of_year, measure), measure.key


def test_a_share_of_nothing_is_no_share() -> None:
    assert Total(0, 3, 0).percent is None
    assert Total(None, 0).percent is None
    assert Total(1, 1, 3).percent == 33.3


def test_a_year_without_reports_is_a_gap_in_the_chart() -> None:
    received = ("requests", "received", "total")
    conn = database(
        [
            {"year": 2018, "province": "甲省", "cells": {}},
            {"year": 2019, "province": "甲省", "cells": {received: 5}},
            {"year": 2021, "province": "甲省", "cells": {received: 0}},
            {"year": 2021, "province": "乙省", "cells": {received: None}},
        ]
    )
    (chart,) = of_totals(trends.totals(conn), Words("zh"))
    assert chart.places == ("2019", "2020", "2021")
    (series,) = chart.series
    assert series.values == (5, None, 0)
    assert series.bases == (1, 0, 1)
    assert chart.shown(None) == ""
    assert chart.shown(0) == "0"


def test_measures_name_lines_and_columns_of_the_forms() -> None:
    from archive import forms

    for measure in MEASURES:
        terms = forms.terms(measure.table)
        for line, column in (*measure.cells, *([measure.whole] if measure.whole else [])):
            assert line in terms["rows"]
            assert column in terms["columns"]
    assert len(next(m for m in MEASURES if m.key == "refused").cells) == 8
