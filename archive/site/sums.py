"""The identities of Tables 3 and 4 written out with their figures, for people who want to add up themselves.

Whether an identity holds is the reader's verdict (``pipelines.identities``) and stored; here the same
figures are only put side by side. Derived from the forms, like everything on the report page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from archive import forms
from archive.site.figures import Figure, FigureTable

Cell = tuple[str, str]
"""(line, column)."""


@dataclass(frozen=True, slots=True)
class Sum:
    """One identity at one place: the figures on either side."""

    identity: str
    at: str
    """As findings name the place."""
    left: tuple[Figure, ...]
    right: tuple[Figure, ...]

    @property
    def sides(self) -> tuple[float | int, float | int] | None:
        """Both sums; ``None`` where a figure is not known."""
        values = [[figure.value for figure in side] for side in (self.left, self.right)]
        if any(value is None for side in values for value in side):
            return None
        left, right = (sum(value for value in side if value is not None) for side in values)
        return left, right

    @property
    def verdict(self) -> str:
        """pass, fail or not_assessable."""
        sides = self.sides
        if sides is None:
            return "not_assessable"
        return "pass" if sides[0] == sides[1] else "fail"

    def has(self, row: str, column: str) -> bool:
        """Whether a cell takes part in it."""
        return any((figure.row, figure.column) == (row, column) for figure in (*self.left, *self.right))


def sums(table: FigureTable) -> tuple[Sum, ...]:
    """R1 to R3 of a Table 3, V1 of a Table 4, in the order of the form; none of other tables."""
    if table.form not in forms.FORM_KEYS or table.key not in ("requests", "reviews"):
        return ()
    form = forms.form(table.form).tables[table.key]
    columns = [column.key for column in form.blocks[0].columns]
    made = _of_requests(form, columns) if table.key == "requests" else _of_reviews(form, columns)
    return tuple(
        Sum(i, at, _of(table.figures, left), _of(table.figures, right)) for i, at, left, right in made
    )


def _of(figures: Mapping[Cell, Figure], cells: Sequence[Cell]) -> tuple[Figure, ...]:
    return tuple(figures[cell] for cell in cells)


_Parts = tuple[str, str, list[Cell], list[Cell]]


def _of_requests(form: forms.Table, columns: Sequence[str]) -> Iterator[_Parts]:
    parts, whole = columns[:-1], columns[-1]
    for row in form.rows:
        yield "R1", f"requests.{row.key}", [(row.key, c) for c in parts], [(row.key, whole)]
    for c in columns:
        yield (
            "R2",
            f"requests.*.{c}",
            [("received", c), ("carried_in", c)],
            [("concluded", c), ("carried_out", c)],
        )
    for c in columns:
        yield "R3", f"requests.*.{c}", [(row, c) for row in form.outcome_rows], [("concluded", c)]


def _of_reviews(form: forms.Table, columns: Sequence[str]) -> Iterator[_Parts]:
    for row in form.rows:
        yield "V1", f"reviews.{row.key}", [(row.key, c) for c in columns[:-1]], [(row.key, columns[-1])]
