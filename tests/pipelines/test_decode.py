"""Joined figures are split only as far as the identities decide."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import forms
from pipelines import decode
from tests.pipelines.tables import Rows, requests_tables, reviews_tables


def test_one_line_alone() -> None:
    assert decode.summed(("21710000218",), 7) == [(217, 1, 0, 0, 0, 0, 218)]


def test_two_readings_stay_two() -> None:
    assert set(decode.summed(("270020130",), 7)) == {(27, 0, 0, 2, 0, 1, 30), (2, 7, 0, 0, 20, 1, 30)}


def test_a_gap_in_the_source_is_a_boundary() -> None:
    assert decode.summed(decode.tokens_of("500000 5"), 7) == [(5, 0, 0, 0, 0, 0, 5)]
    assert decode.summed(decode.tokens_of("270 000 027"), 7) == [(27, 0, 0, 0, 0, 0, 27)]
    assert decode.summed(decode.tokens_of("2 70 000 027"), 7) == []


def test_a_number_does_not_begin_with_zero() -> None:
    assert decode.split_readings("000", 3) == ("0|0|0",)
    assert decode.split_readings("308", 3) == ("3|0|8",)
    assert "22|1|148" in decode.split_readings("221148", 3)
    assert all(
        not part.startswith("0") or part == "0"
        for r in decode.split_readings("100200", 3)
        for part in r.split("|")
    )


def test_reviews_of_fifteen_digits() -> None:
    solved = decode.solve_reviews(decode.tokens_of(" 20 0 0220 002 0 0 000"), 3, 5)
    assert solved == [{(2, 0, 0, 0, 2)}, {(2, 0, 0, 0, 2)}, {(0, 0, 0, 0, 0)}]


@pytest.mark.parametrize(
    "run", ["1" * 500, "12" * 250, "9" * 30 + "0" * 30, "1 " * 250, "10" * 20, "1" * 56, "123" * 18]
)
def test_a_hostile_run_ends_at_once(run: str) -> None:
    start = time.perf_counter()
    tokens = decode.tokens_of(run)
    with contextlib.suppress(decode.OutOfBudget):
        decode.summed(tokens, 7)
    decode.solve_reviews(tokens, 3, 5)
    decode.split_readings(run, 3)
    assert time.perf_counter() - start < 1


def _runs(rows: Rows) -> dict[str, list[decode.Reading]]:
    return {key: decode.summed(("".join(map(str, values)),), 7) for key, values in rows.items()}


@pytest.mark.parametrize("form", forms.FORM_KEYS)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_a_glued_table_never_becomes_another(form: str, data: st.DataObject) -> None:
    table = forms.form(form).tables["requests"]
    rows = data.draw(requests_tables(form))
    try:
        solved = decode.solve_requests(_runs(rows), table)
    except decode.OutOfBudget:
        return
    if solved is None:  # the search met its bound: undecided, not wrong
        return
    for key, values in rows.items():
        assert values in solved[key]
        for i in range(7):
            options = {reading[i] for reading in solved[key]}
            if len(options) == 1:
                assert options == {values[i]}


@settings(deadline=None, max_examples=150)
@given(reviews_tables())
def test_glued_reviews_never_become_others(rows: Rows) -> None:
    run = "".join(str(value) for values in rows.values() for value in values)
    solved = decode.solve_reviews((run,), 3, 5)
    if solved is not None:
        for values, possible in zip(rows.values(), solved, strict=True):
            assert values in possible


def test_the_table_decides_what_a_line_cannot() -> None:
    table = forms.form("2021").tables["requests"]
    zero = (0,) * 7
    rows: Rows = {row.key: zero for row in table.rows}
    rows["granted"] = (27, 0, 0, 2, 0, 1, 30)
    rows["concluded"] = rows["received"] = (27, 0, 0, 2, 0, 1, 30)
    runs = {key: [values] for key, values in rows.items()}
    runs["granted"] = decode.summed(("270020130",), 7)
    assert len(runs["granted"]) == 2
    solved = decode.solve_requests(runs, table)
    assert solved is not None
    assert solved["granted"] == {(27, 0, 0, 2, 0, 1, 30)}


def test_an_issuer_whose_sums_fail_leaves_no_solution() -> None:
    table = forms.form("2021").tables["requests"]
    runs: dict[str, list[decode.Reading]] = {row.key: [(0,) * 7] for row in table.rows}
    runs["concluded"] = [(1, 0, 0, 0, 0, 0, 1)]
    assert decode.solve_requests(runs, table) is None
