"""Cells made when they are asked for are those that went into the rows."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import forms
from archive.candidates import CellKey
from archive.cells import storable
from archive.records import Cell
from archive.rows import rows_of
from archive.table_cells import TableCells, having
from tests.archive import made

PLACES = [(c.table, c.row, c.column) for c in made.cells()]
NUMBERS = st.integers(-9, 10**12)
AMOUNTS = st.decimals(0, 10**9, places=2, allow_nan=False)
STATUSES = st.sampled_from(("blank", "dash", "unreadable", "missing"))


@st.composite
def some_cells(draw: st.DrawFn) -> tuple[Cell, ...]:
    """Cells of a form of which some are left out, some have no figure and some are not certain."""
    form = draw(st.sampled_from(("2019", "2021")))
    tables = draw(st.lists(st.sampled_from(forms.TABLES), unique=True).map(tuple))
    values = draw(st.dictionaries(st.sampled_from(PLACES), NUMBERS | STATUSES, max_size=20))
    cells = made.cells(values, form=form, tables=tables)
    left_out = draw(st.sets(st.integers(0, 200), max_size=20))
    odd = draw(st.dictionaries(st.integers(0, 200), st.sampled_from(("inferred", "ambiguous")), max_size=9))
    kept = []
    for number, cell in enumerate(cells):
        if number in left_out:
            continue
        if number in odd:
            value = 7 if odd[number] == "inferred" else None
            cell = replace(cell, value=value, status=odd[number], raw="1 2|3", readings=("12|3", "1|23"))
        if cell.column == "amount" and cell.value is not None:
            cell = replace(cell, value=draw(AMOUNTS))
        kept.append(storable(cell))
    return tuple(kept)


def _said(cell: Cell) -> tuple[object, ...]:
    """What the rows keep of a cell: of an exact one its figure, and the place of its line."""
    value = None if cell.value is None else Decimal(cell.value)
    more = () if cell.status == "exact" else (cell.raw, cell.readings, cell.where)
    return (cell.table, cell.row, cell.column, value, cell.status, *more)


@given(some_cells())
def test_what_went_in_comes_out(cells: tuple[Cell, ...]) -> None:
    report = replace(made.report(), cells=cells)
    found = TableCells(rows_of(made.snapshot("http://a.gov.cn/1"), report))
    wanted = {CellKey(c.table, c.row, c.column): c for c in cells}
    assert {key: _said(cell) for key, cell in found.items()} == {k: _said(c) for k, c in wanted.items()}
    assert len(found) == len(wanted)
    for key in map(CellKey._make, PLACES):
        assert (key in found) == (key in wanted)
        assert (found.get(key) is None) == (key not in wanted)
    for status in ("ambiguous", "missing", "inferred"):
        expected = {(c.table, c.row, c.column) for c in cells if c.status == status}
        for held in (found, dict(found)):
            assert {(c.table, c.row, c.column) for c in having(held, status)} == expected


def test_columns_that_are_no_figures_are_no_cells() -> None:
    found = TableCells(rows_of(made.snapshot("http://a.gov.cn/1"), made.report()))
    for column in ("line", "place", "amount_raw", "nothing"):
        key = CellKey("disclosure", "normative_documents", column)
        assert key not in found
        with pytest.raises(KeyError):
            found[key]
    assert "disclosure" not in found
    with pytest.raises(KeyError):
        found[CellKey("disclosure", "nothing", "issued")]
    with pytest.raises(ValueError, match="exact"):
        having(found, "exact")
