from __future__ import annotations

from pathlib import Path

from archive import forms
from archive.site import issuer
from archive.site.carried import Carried
from tests.archive.site.made import CITY, DISTRICT, Made

COLUMNS = [column.key for column in forms.columns("requests")]


def same(value: int | None) -> dict[str, int | None]:
    return dict.fromkeys(COLUMNS, value)


def test_what_holds_what_fails_and_what_nobody_can_say(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.issuer(1, "郑州市人民政府", CITY)
    carried = {2018: (0, 4), 2019: (4, 2), 2020: (3, 1), 2021: (1, 0), 2023: (0, 0), 2024: (None, 0)}
    for year, (carried_in, out) in carried.items():
        made.report(year, 1, year)
        made.figures(year, "requests", {"carried_in": same(carried_in), "carried_out": same(out)})
    made.figures(2020, "disclosure", {"rules": {"in_force": 3, "issued": 1, "repealed": 0}})
    made.figures(2021, "disclosure", {"rules": {"in_force": 5, "issued": 2, "repealed": 0}})
    made.failed(2020, 1, "Y1", at="requests.carried_in.total", left=2, right=3)
    made.insert(
        "findings",
        report=2023,
        number=1,
        kind="identity",
        identity="Y1",
        verdict="not_assessable",
        at="requests",
    )
    conn = made.done()
    page = issuer.load(conn, 1)
    assert page is not None
    found = {(one.year, key): value for one in page.carried for key, value in one.identities.items()}
    assert [one.year for one in page.carried] == [2024, 2023, 2021, 2020, 2019]
    assert found[2019, "Y1"] == Carried("pass", amount=4)
    assert found[2020, "Y1"].verdict == "fail"
    assert [row["right"] for row in found[2020, "Y1"].findings] == [3]
    assert found[2021, "Y1"] == Carried("pass", amount=1)
    assert found[2021, "Y2"] == Carried("pass")
    assert found[2023, "Y1"] == Carried("not_assessable")
    # No finding, and a figure that is not there: nothing is claimed.
    assert found[2024, "Y1"] == Carried(None)
    assert found[2019, "Y3"] == Carried(None)
    assert page.failures == 1


def test_figures_that_disagree_without_a_finding_are_no_pass(tmp_path: Path) -> None:
    """As it is until the later pass over the issuer's years has run."""
    made = Made(tmp_path)
    made.issuer(1, "郑州市人民政府", CITY)
    for year, out in ((2019, 4), (2020, 1)):
        made.report(year, 1, year)
        made.figures(year, "requests", {"carried_in": same(9), "carried_out": same(out)})
    page = issuer.load(made.done(), 1)
    assert page is not None
    assert page.carried[0].identities["Y1"] == Carried(None)


def test_filing_and_subordinates(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.issuer(1, "郑州市人民政府", CITY)
    made.issuer(2, "郑州市财政局", CITY, "department")
    made.issuer(3, "郑州市二七区人民政府", DISTRICT)
    made.issuer(4, "郑州市二七区教育局", DISTRICT, "department")
    made.year(1, 2020, "late", days_late=9)
    made.year(1, 2021, "missing")
    made.year(1, 2022, "blocked")
    conn = made.done()
    page = issuer.load(conn, 1)
    assert page is not None
    assert [row["id"] for row in page.subordinates] == [2, 3]
    assert [row["days_late"] for row in page.late] == [9]
    assert (page.lacking("missing"), page.lacking("blocked"), page.lacking("undated")) == (
        (2021,),
        (2022,),
        (),
    )
    department = issuer.load(conn, 2)
    assert department is not None
    assert department.subordinates == ()
    assert issuer.load(conn, 77) is None
