"""One issuer's figures across adjacent years: what has to agree (Y1, Y2, Y3). Pure.

- Y1, each column of Table 3: carried out of the year before = carried in
- Y2, lines counted in the 2021 form: in force the year before + issued − repealed = in force
- Y3, lines counted in the 2019 form: items of the year before + change = previous items

The tolerance is 0. A missing year between two reports is ``not_assessable``. Where
the two years stand on different forms Y2 and Y3 say nothing, and there is no check.
What these identities settle is in ``settle.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from archive import forms
from archive.candidates import CellKey
from archive.records import Blame, Cell, Check
from archive.table_cells import having

APPLICANTS = tuple(term.key for term in forms.columns("requests"))
DISCLOSURE = tuple(forms.terms("disclosure")["rows"])


@dataclass(frozen=True, slots=True)
class Year:
    """One report of an issuer, as far as other years bear on it."""

    year: int
    forms: Mapping[str, str]
    cells: Mapping[CellKey, Cell]

    def line(self, table: str, line: str, columns: Iterable[str]) -> tuple[Cell, ...]:
        """The line's cells in these columns, those the report's form has not left out."""
        found = (self.cells.get(CellKey(table, line, column)) for column in columns)
        return tuple(cell for cell in found if cell is not None)

    def whole(self, table: str) -> bool:
        """Whether every cell of a table was matched, so that a failure cannot be ours."""
        return all(cell.table != table for cell in having(self.cells, "missing"))


def check(years: Iterable[Year]) -> dict[int, tuple[Check, ...]]:
    """Year → its checks against the year before; the first report of all has none."""
    ordered = sorted(years, key=lambda one: one.year)
    return {
        now.year: adjacent(before, now) if now.year == before.year + 1 else gap(now)
        for before, now in pairwise(ordered)
    }


def adjacent(before: Year, now: Year) -> tuple[Check, ...]:
    """Y1, Y2 and Y3 of two adjacent years; each belongs to the later report."""
    checks = []
    if "requests" in before.forms and "requests" in now.forms:
        whole = before.whole("requests") and now.whole("requests")
        for column in APPLICANTS:
            out = before.cells.get(CellKey("requests", "carried_out", column))
            into = now.cells.get(CellKey("requests", "carried_in", column))
            checks.append(_compare("Y1", f"requests.carried_in.{column}", [(out, 1)], into, whole))
    else:
        checks += [one for one in gap(now) if one.identity == "Y1"]
    if "disclosure" not in before.forms:
        return (*checks, *(one for one in gap(now) if one.identity != "Y1"))
    whole = before.whole("disclosure") and now.whole("disclosure")
    for row in DISCLOSURE:
        if counted_by(before, row) == "Y2" and counted_by(now, row) == "Y2":
            left = [
                (before.cells.get(CellKey("disclosure", row, "in_force")), 1),
                (now.cells.get(CellKey("disclosure", row, "issued")), 1),
                (now.cells.get(CellKey("disclosure", row, "repealed")), -1),
            ]
            right = now.cells.get(CellKey("disclosure", row, "in_force"))
            checks.append(_compare("Y2", f"disclosure.{row}.in_force", left, right, whole))
        elif counted_by(before, row) == "Y3" and counted_by(now, row) == "Y3":
            left = [
                (before.cells.get(CellKey("disclosure", row, column)), 1)
                for column in ("previous_items", "change")
            ]
            right = now.cells.get(CellKey("disclosure", row, "previous_items"))
            checks.append(_compare("Y3", f"disclosure.{row}.previous_items", left, right, whole))
    return tuple(checks)


def gap(now: Year) -> tuple[Check, ...]:
    """What cannot be assessed for want of the year before or its table, one check an identity."""
    checks = []
    if "requests" in now.forms:
        checks.append(Check("Y1", "requests.carried_in", "not_assessable", None, None))
    counted = {counted_by(now, row): row for row in reversed(DISCLOSURE)}
    for identity in ("Y2", "Y3"):
        if identity in counted:
            checks.append(Check(identity, "disclosure", "not_assessable", None, None))
    return tuple(checks)


def counted_by(year: Year, row: str) -> str | None:
    """Which identity the line is under, by the columns the report gives it."""
    if CellKey("disclosure", row, "in_force") in year.cells:
        return "Y2"
    return "Y3" if CellKey("disclosure", row, "previous_items") in year.cells else None


def _compare(
    identity: str, at: str, left: Sequence[tuple[Cell | None, int]], right: Cell | None, whole: bool
) -> Check:
    cells = [*(cell for cell, _ in left), right]
    known = [cell for cell in cells if cell is not None and cell.value is not None]
    if len(known) < len(cells):
        return Check(identity, at, "not_assessable", None, None)
    values = [cell.value for cell in known if cell.value is not None]
    total = sum(sign * value for (_, sign), value in zip(left, values, strict=False))
    if total == values[-1]:
        return Check(identity, at, "pass", total, values[-1])
    certain = whole and all(cell.status == "exact" for cell in known)
    blame: Blame = "issuer" if certain else "possibly_ours"
    return Check(identity, at, "fail", total, values[-1], blame)
