from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from archive.site import compare
from archive.site.compare import Asked, asked
from archive.site.i18n import Words
from archive.site.keyfigures import Value, share, total
from tests.archive.site import sample
from tests.archive.site.conftest import Get
from tests.archive.site.made import CITY, DISTRICT, Made


@pytest.mark.parametrize(
    ("issuers", "years", "figure", "expected"),
    [
        (["1,2"], ["2020"], "", Asked((1, 2), (2020,))),
        (["1", "2", "1"], ["2020", "2022"], "x", Asked((1, 2), (2022, 2020), "x")),
        (["1，2 3"], [], "", Asked((1, 2, 3))),
        (["a,-1,1;drop"], ["19999", "x"], "<script>", Asked()),
        (["1,2,3,4,5,6,7"], [], "", Asked((1, 2, 3, 4, 5, 6))),
        (["9" * 30], [], "", Asked()),
    ],
)
def test_what_an_address_asks_for(issuers: list[str], years: list[str], figure: str, expected: Asked) -> None:
    assert asked(issuers, years, figure or compare.FIGURE, "") == expected


def test_the_address_of_a_comparison_gives_it_again() -> None:
    for one in (Asked((1, 2), (2022, 2020), "requests.refused"), Asked((5,)), Asked()):
        query = dict(one.query())
        again = asked(
            [query.get("issuers", "")], [query.get("years", "")], query.get("figure", compare.FIGURE), ""
        )
        assert again == one


@pytest.fixture
def made(tmp_path: Path) -> Made:
    made = Made(tmp_path)
    made.issuer(1, "郑州市人民政府", CITY)
    made.issuer(2, "郑州市二七区人民政府", DISTRICT)
    made.issuer(3, "=郑州市100%局", DISTRICT, "department")
    for report, agency, year, received in (
        (11, 1, 2019, 5),
        (12, 1, 2021, 7),
        (21, 2, 2021, 0),
        (31, 3, 2018, 9),
    ):
        made.report(report, agency, year)
        made.figures(report, "requests", {"received": {"total": received, "natural_person": received}})
    made.figures(12, "requests", {"granted": {"total": 3}, "granted_in_part": {"total": None}})
    made.insert(
        "cell_notes",
        report=12,
        table_key="requests",
        line="granted_in_part",
        column_key="total",
        status="blank",
    )
    return made


def test_years_without_a_report_and_cells_without_a_number_are_gaps(made: Made) -> None:
    conn = made.done()
    page = compare.load(conn, Asked((1, 2)))
    assert (page.years, page.known) == ((2021, 2019), (2021, 2019))
    words = Words("zh")
    received = next(line for g in page.table(words) for line in g.lines if line.key == compare.FIGURE)
    assert [value.value for value in received.values] == [7, 5, 0, None]
    chart = compare.chart(page, received, words)
    assert chart is not None
    assert (chart.kind, chart.places) == ("lines", ("2019", "2020", "2021"))
    assert [series.values for series in chart.series] == [(5, None, 7), (None, None, 0)]
    rows = list(compare.rows(page, words))
    blank = next(row for row in rows if row[4] == "requests.granted_in_part.total" and row[2] == 2021)
    assert blank[-2:] == (None, "blank")
    assert all(row[3] in (11, 12, 21) for row in rows)


def test_one_year_of_several_issuers_is_ranked_and_one_issuer_has_bars(made: Made) -> None:
    conn, words = made.done(), Words("en")
    for wanted, kind, places in (
        (Asked((1, 2), (2021,)), "ranks", ("郑州市人民政府", "郑州市二七区人民政府")),
        (Asked((1,)), "bars", ("2019", "2020", "2021")),
    ):
        page = compare.load(conn, wanted)
        received = next(line for g in page.table(words) for line in g.lines if line.key == compare.FIGURE)
        chart = compare.chart(page, received, words)
        assert chart is not None
        assert (chart.kind, chart.places) == (kind, places)


def test_issuers_that_do_not_exist_are_left_out_and_the_search_takes_text_as_text(made: Made) -> None:
    conn = made.done()
    page = compare.load(conn, Asked((1, 999), search="100%"))
    assert page.asked.issuers == (1,)
    assert [row["id"] for row in page.offered] == [3]
    assert [row["id"] for row in compare.load(conn, Asked(search="郑州")).offered] == [1, 2, 3]
    assert compare.load(conn, Asked(search="_")).offered == ()
    assert compare.load(conn, Asked((1,), search="郑州市人民政府")).offered == ()


def test_the_csv_has_what_the_database_has(get: Get) -> None:
    for header, first in (("", "issuer"), ("&_header=zh", "发布机关编号")):
        body = get(f"/compare.csv?issuers={sample.ERQI},{sample.SHAHE}{header}").content
        assert body.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
        assert rows[0][0] == first
        found = {(row[0], row[2], row[4]): (row[7], row[8]) for row in rows[1:]}
        assert found[str(sample.ERQI), "2020", "requests.received.total"] == ("329", "exact")
        assert found[str(sample.ERQI), "2020", "disclosure.procurement.amount"] == ("94799.5301", "exact")
        assert found[str(sample.SHAHE), "2021", "requests.refused"] == ("", "dash")
        assert found[str(sample.SHAHE), "2021", "disclosure.normative_documents.issued"] == ("", "ambiguous")
    body = get(f"/compare.csv?issuers={sample.HOSTILE}").text
    assert "＝SUM" not in body or "'＝SUM" in body


def test_a_formula_in_a_name_is_made_harmless(made: Made) -> None:
    conn = made.done()
    text = compare.as_csv(compare.load(conn, Asked((3,))), Words("zh")).decode("utf-8-sig")
    assert "3,'=郑州市100%局,2018,31,requests.received.total" in text


def test_sums_and_shares_of_unknown_parts_are_unknown() -> None:
    one, none = Value(1, "exact"), Value(None, "blank")
    assert total([one, one]) == Value(2, "exact")
    assert total([one, none]) == none
    assert total([one, Value(2, "inferred")]) == Value(3, "inferred")
    assert share(one, Value(3, "exact")) == Value(33.3, "exact")
    assert share(one, Value(0, "exact")) == Value(None, None)
    assert share(one, none) == none
    assert share(none, one) == none
    assert share(Value(1, "inferred"), Value(2, "exact")).status == "inferred"
