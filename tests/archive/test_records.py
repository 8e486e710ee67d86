"""A cell is a number, or null with a reason, and cannot be altered."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, asdict, fields, replace

import pytest

from archive.records import Cell

_CELL = Cell("requests", "received", "total", 3, "3", "exact", "table[1]/tr[2]/td[9]")


def test_a_cell_has_its_fields() -> None:
    by_name = Cell(
        table="requests", row="received", column="total", value=None, raw="1 2", status="ambiguous",
        where=None, readings=("12", "1 | 2"),
    )  # fmt: skip
    assert type(by_name) is Cell
    assert asdict(by_name) == {
        "table": "requests", "row": "received", "column": "total", "value": None, "raw": "1 2",
        "status": "ambiguous", "where": None, "readings": ("12", "1 | 2"),
    }  # fmt: skip
    assert _CELL.readings == ()
    assert [field.name for field in fields(Cell)] == list(Cell.__match_args__)


def test_a_cell_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        _CELL.value = 4  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        replace(_CELL, value=4).row = "x"  # type: ignore[misc]


def test_cells_are_equal_by_what_they_say() -> None:
    same = replace(_CELL)
    assert same == _CELL
    assert hash(same) == hash(_CELL)
    assert replace(_CELL, value=4) != _CELL
    assert copy.copy(_CELL) == copy.deepcopy(_CELL) == pickle.loads(pickle.dumps(_CELL)) == _CELL


@pytest.mark.parametrize(("value", "status"), [(None, "exact"), (3, "ambiguous"), (0, "blank")])
def test_only_a_valued_status_has_a_value(value: int | None, status: str) -> None:
    with pytest.raises(ValueError, match=f"requests.received.total: {status} with value {value}"):
        replace(_CELL, value=value, status=status)
