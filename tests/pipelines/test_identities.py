"""R1, R2, R3 and V1: exact, and never a pass on blanks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import forms
from archive.records import Cell
from pipelines import identities
from tests.pipelines.tables import Rows, requests_tables, reviews_tables


def cells_of(table: str, rows: Rows) -> list[Cell]:
    columns = [term.key for term in forms.columns(table)]
    return [
        Cell(table, row, column, value, str(value), "exact", "here")
        for row, values in rows.items()
        for column, value in zip(columns, values, strict=True)
    ]


@pytest.mark.parametrize("form", forms.FORM_KEYS)
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_a_true_table_passes_every_check(form: str, data: st.DataObject) -> None:
    cells = cells_of("requests", data.draw(requests_tables(form)))
    checks = identities.check(cells, {"requests": form})
    lines = len(forms.form(form).tables["requests"].rows)
    assert len(checks) == lines + 7 + 7
    assert {check.verdict for check in checks} == {"pass"}


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_one_figure_off_by_one_fails_where_it_stands(data: st.DataObject) -> None:
    cells = cells_of("requests", data.draw(requests_tables("2021")))
    i = data.draw(st.integers(0, len(cells) - 1))
    wrong = replace(cells[i], value=(cells[i].value or 0) + 1)
    checks = identities.check([*cells[:i], wrong, *cells[i + 1 :]], {"requests": "2021"})
    failed = {(check.identity, check.at) for check in checks if check.verdict == "fail"}
    assert ("R1", f"requests.{wrong.row}") in failed
    assert any(identity in ("R2", "R3") and at == f"requests.*.{wrong.column}" for identity, at in failed)
    assert all(check.blame == "issuer" for check in checks if check.verdict == "fail")


@pytest.mark.parametrize("status", ["blank", "dash", "ambiguous", "unreadable", "missing"])
def test_a_null_is_never_a_pass(status: str) -> None:
    rows: Rows = {row.key: (0,) * 7 for row in forms.form("2019").tables["requests"].rows}
    cells = cells_of("requests", rows)
    cells[0] = replace(cells[0], value=None, status=status)  # type: ignore[arg-type]
    verdicts = {(c.identity, c.at): c.verdict for c in identities.check(cells, {"requests": "2019"})}
    assert verdicts["R1", "requests.received"] == "not_assessable"
    assert verdicts["R2", "requests.*.natural_person"] == "not_assessable"
    assert verdicts["R1", "requests.granted"] == "pass"


def test_an_inferred_figure_makes_the_failure_possibly_ours() -> None:
    rows: Rows = {row.key: (0,) * 5 for row in forms.form("2021").tables["reviews"].rows}
    cells = cells_of("reviews", rows)
    cells[4] = replace(cells[4], value=3)
    [failed] = [c for c in identities.check(cells, {"reviews": "2021"}) if c.verdict == "fail"]
    assert (failed.identity, failed.at, failed.left, failed.right, failed.blame) == (
        "V1",
        "reviews.reconsideration",
        0,
        3,
        "issuer",
    )
    cells[0] = replace(cells[0], status="inferred")
    [failed] = [c for c in identities.check(cells, {"reviews": "2021"}) if c.verdict == "fail"]
    assert failed.blame == "possibly_ours"


@settings(deadline=None)
@given(reviews_tables())
def test_true_reviews_pass(rows: Rows) -> None:
    checks = identities.check(cells_of("reviews", rows), {"reviews": "2021"})
    assert [check.verdict for check in checks] == ["pass"] * 3


def test_a_table_that_was_not_found_is_not_checked() -> None:
    assert identities.check([], {}) == ()
