"""A cell is a number, or null with a reason, and cannot be altered; what is told of bytes stays true."""

from __future__ import annotations

import copy
import hashlib
import pickle
from dataclasses import FrozenInstanceError, asdict, fields, replace
from datetime import UTC, datetime

import pytest

from archive.records import Cell, Context, Snapshot

NOW = datetime(2026, 1, 2, tzinfo=UTC)
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


def test_what_is_told_of_bytes_outlasts_them() -> None:
    part = Snapshot("http://a/2", b"%PDF-1.7", NOW)
    whole = Snapshot("http://a/1", b"<html>" + b"x" * 100, NOW, parts=(part,))
    bare = whole.without_bytes()
    assert (bare.told, bare.sha256) == (whole.told, whole.sha256)
    assert (bare.told.size, bare.told.kind) == (106, "html")
    assert (bare.body, bare.bare, whole.bare) == (b"", True, False)
    assert bare.parts[0].told == part.told
    # Whoever changes something else of it, or sends it to another process, does not lose it.
    assert replace(bare, context=Context(portal="a")).told == whole.told
    assert pickle.loads(pickle.dumps(bare)).parts[0].told == part.told
    # Other bytes are not those that were told of.
    assert replace(bare, body=b"other").sha256 == hashlib.sha256(b"other").hexdigest()
    assert Snapshot("http://a/1", b"", NOW).bare is False
