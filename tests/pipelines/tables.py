"""Strategies: tables that satisfy the identities."""

from __future__ import annotations

from hypothesis import strategies as st

from archive import forms

Rows = dict[str, tuple[int, ...]]

_SMALL = st.one_of(st.just(0), st.just(0), st.just(0), st.integers(0, 9), st.integers(10, 4000))


@st.composite
def requests_tables(draw: st.DrawFn, form: str) -> Rows:
    """Seven figures for each line of Table 3, true to R1, R2 and R3."""
    table = forms.form(form).tables["requests"]
    rows: Rows = {key: tuple(draw(_SMALL) for _ in range(6)) for key in table.outcome_rows}
    rows["concluded"] = tuple(map(sum, zip(*(rows[key] for key in table.outcome_rows), strict=True)))
    rows["carried_out"] = tuple(draw(_SMALL) for _ in range(6))
    inflow = [a + b for a, b in zip(rows["concluded"], rows["carried_out"], strict=True)]
    rows["carried_in"] = tuple(draw(st.integers(0, total)) if draw(st.booleans()) else 0 for total in inflow)
    rows["received"] = tuple(a - b for a, b in zip(inflow, rows["carried_in"], strict=True))
    return {row.key: (*rows[row.key], sum(rows[row.key])) for row in table.rows}


@st.composite
def reviews_tables(draw: st.DrawFn) -> Rows:
    """Five figures for each procedure of Table 4, true to V1."""
    table = forms.form("2021").tables["reviews"]
    rows: Rows = {}
    for row in table.rows:
        parts = tuple(draw(_SMALL) for _ in range(4))
        rows[row.key] = (*parts, sum(parts))
    return rows
