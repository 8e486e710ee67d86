"""The column headings of Table 3 (requests), as they are met row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from archive import forms
from archive.records import Grid, GridCell
from pipelines.tables import labels
from pipelines.tables.found import column_of, widths_of

COLUMNS = forms.form("2021").tables["requests"].blocks[0].columns
KEYS = [term.key for term in COLUMNS]
#: Headings over several columns.
_HEADS = frozenset({"applicants", "organisations"})


@dataclass(slots=True)
class Header:
    """Column headings met so far: key → grid column."""

    exact: dict[str, int] = field(default_factory=dict)
    near: dict[str, int] = field(default_factory=dict)
    """Headings that are misspelt; they tell the order and nothing else."""
    cells: dict[str, tuple[int, GridCell]] = field(default_factory=dict)
    """Key → (row, cell) of each exact heading."""
    unknown: list[int] = field(default_factory=list)
    """Headings in no words of the form."""
    doubled: bool = False
    """Whether a heading stands over two columns: last year's figures beside this year's."""

    def take(self, grid: Grid, r: int) -> bool:
        """Add the headings of a row, if it is a header row."""
        exact: dict[str, int] = {}
        near: dict[str, int] = {}
        cells: dict[str, tuple[int, GridCell]] = {}
        unknown: list[int] = []
        for cell in grid.own(r):
            if cell.text.isdecimal():
                unknown.append(column_of(cell))
                continue
            key = labels.column("requests", cell.text)
            if key is not None:
                self.doubled |= {**self.exact, **exact}.get(key, column_of(cell)) != column_of(cell)
                exact.setdefault(key, column_of(cell))
                cells.setdefault(key, (r, cell))
            elif (key := labels.near_column("requests", cell.text)) is not None:
                near.setdefault(key, column_of(cell))
            elif cell.text.strip() and labels.group("requests", cell.text) is None:
                unknown.append(column_of(cell))
        if not exact or (not self.exact and headings(grid.own(r)) < 2):
            return False
        self.exact.update(exact)
        self.near.update(near)
        self.cells.update(cells)
        self.unknown += unknown
        return True

    @property
    def whole(self) -> bool:
        return len(self.exact) == len(KEYS)

    @property
    def heads(self) -> list[tuple[int, GridCell]]:
        """(row, cell) of all seven headings; empty where one is missing."""
        return list(self.cells.values()) if self.whole else []

    def width(self, grid: Grid, key: str) -> int:
        """Columns that the heading of this key covers."""
        r, cell = self.cells[key]
        return widths_of(grid, r)[cell.origin]

    @property
    def ends_in_sums(self) -> bool:
        """Whether the sums stand last, as far as the headings say."""
        return not self.exact or self.exact.get("total") == max(self.exact.values())

    @property
    def in_form_order(self) -> list[tuple[int, GridCell]]:
        """(row, cell) of each exact heading, in the form's order of columns."""
        return [self.cells[key] for key in KEYS if key in self.cells]

    @property
    def in_order(self) -> bool:
        known = {**self.near, **self.exact}
        if len(self.unknown) > 1 and len(known) < len(KEYS) - 1:
            return False  # two that cannot be told apart may have changed places
        if len(self.unknown) == 1 and len(known) == len(KEYS) - 1:
            # the one in other words is the one that is missing
            known |= dict.fromkeys(set(KEYS) - set(known), self.unknown[0])
        placed = [known[key] for key in KEYS if key in known]
        return placed == sorted(placed)


def are_headings(own: Sequence[GridCell]) -> bool:
    """A header row: 总计 or 其他 in it is a column's heading, not a line's label."""
    return headings(own) >= 2


def headings(own: Sequence[GridCell]) -> int:
    return sum([_is_heading(cell.text) for cell in own if not cell.text.isdecimal()])


def _is_heading(text: str) -> bool:
    return _known_heading(text) if len(text) <= labels.LONGEST else _known_heading.__wrapped__(text)


@lru_cache(maxsize=4096)
def _known_heading(text: str) -> bool:
    return labels.column("requests", text) is not None or labels.group("requests", text) in _HEADS
