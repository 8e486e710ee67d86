"""Cells read from one document against its true figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from archive.records import Cell, Snapshot
from pipelines.report import parse
from tests.layouts import Figures, Value

#: (table, line, column) → what was read.
Read = Mapping[tuple[str, str, str], Value]
# A page is read as of a fixed day: no clock decides a score.
_WHEN = datetime(2026, 1, 2, tzinfo=UTC)


@dataclass(slots=True)
class Score:
    """Counts of cells; they add up to ``cells``."""

    right: int = 0
    null: int = 0
    wrong: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    """Status of each null cell that should have been read."""
    faults: list[str] = field(default_factory=list)
    """Each wrong cell: where, what was read and what is true."""

    @property
    def cells(self) -> int:
        return self.right + self.null + self.wrong

    def add(self, other: Score) -> None:
        self.right += other.right
        self.null += other.null
        self.wrong += other.wrong
        self.reasons.update(other.reasons)
        self.faults += other.faults


def same(left: Value, right: Value) -> bool:
    """Equal as numbers, or both without a value."""
    if left is None or right is None:
        return left is right
    return Decimal(str(left)) == Decimal(str(right))


def _truth(figures: Figures) -> Iterable[tuple[tuple[str, str, str], Value]]:
    for table, rows in figures.items():
        for row, line in rows.items():
            for column, value in line.items():
                yield (table, row, column), value


def score(cells: Iterable[Cell], figures: Figures, name: str) -> Score:
    """Ours: a blank kept as a blank is right, a cell nothing is known of is null."""
    found = {(cell.table, cell.row, cell.column): cell for cell in cells}
    result = Score()
    for place, value in _truth(figures):
        cell = found.get(place)
        status = cell.status if cell else "missing"
        got = cell.value if cell else None
        if got is None and (value is not None or status not in ("blank", "dash")):
            result.null += 1
            result.reasons[status] += 1
        elif same(got, value):
            result.right += 1
        else:
            result.wrong += 1
            result.faults.append(f"{name}: {'.'.join(place)} read {got} ({status}), true {value}")
    return result


def score_plain(read: Read, figures: Figures) -> Score:
    """A baseline's: it knows numbers and nothing else, so nothing read for a blank is right."""
    result = Score()
    for place, value in _truth(figures):
        got = read.get(place)
        if same(got, value):
            result.right += 1
        elif got is None:
            result.null += 1
        else:
            result.wrong += 1
    return result


def cells_of(body: bytes, name: str) -> tuple[Cell, ...]:
    """The cells ``parse`` reads from these bytes."""
    return parse(Snapshot(url=name, body=body, fetched_at=_WHEN)).cells
