"""The arithmetic of one report (勾稽关系): R1, R2, R3, V1, and I1 to I6 of the list of 2014. Pure and exact.

A check passes or fails only when every cell it needs has a value; with a blank,
an ambiguous or a missing cell it is ``not_assessable``, never a pass.
Source: the note in Table 3 of the form itself and the totals of its lines; for
the indicator list, the lines it counts beneath others (``archive/forms/2014.yml``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from archive import forms
from archive.forms import indicators
from archive.records import Blame, Cell, Check

Cells = Mapping[tuple[str, str], Cell]
Place = tuple[str, str]


def _check(
    identity: str, at: str, cells: Cells, left: Sequence[Place], right: Sequence[Place], whole: bool
) -> Check:
    """Compare the sum over ``left`` with the sum over ``right``."""
    sides = _sum(cells, left), _sum(cells, right)
    if sides[0] is None or sides[1] is None:
        return Check(identity, at, "not_assessable", None, None)
    if sides[0] == sides[1]:
        return Check(identity, at, "pass", *sides)
    certain = whole and all(cells[place].status == "exact" for place in (*left, *right))
    blame: Blame = "issuer" if certain else "possibly_ours"
    return Check(identity, at, "fail", *sides, blame)


def _sum(cells: Cells, places: Sequence[Place]) -> int | Decimal | None:
    """The sum of these cells; ``None`` where one of them is missing or has no value."""
    try:
        values = [cells[place].value for place in places]
    except KeyError:
        return None
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


class _Sum(NamedTuple):
    """One identity of a form: which cells on the left add up to the same as those on the right."""

    identity: str
    at: str
    left: tuple[Place, ...]
    right: tuple[Place, ...]


def of_requests(cells: Cells, table: forms.Table, *, whole: bool = True) -> tuple[Check, ...]:
    """R1 for each line, R2 and R3 for each column of Table 3.

    ``cells`` maps (line, column) to the cell; ``whole`` says that every line of
    the table was matched, so that a failure can only be the issuer's.
    """
    return _checks(_sums_of_requests(table), cells, whole)


def _sums_of_requests(table: forms.Table) -> Iterator[_Sum]:
    columns = [term.key for term in table.blocks[0].columns]
    parts, total = columns[:-1], columns[-1]
    for row in table.rows:
        line = tuple((row.key, column) for column in parts)
        yield _Sum("R1", f"requests.{row.key}", line, ((row.key, total),))
    for column in columns:
        inflow, outflow = ("received", "carried_in"), ("concluded", "carried_out")
        yield _Sum("R2", f"requests.*.{column}", _in(column, inflow), _in(column, outflow))
    for column in columns:
        outcomes = _in(column, table.outcome_rows)
        yield _Sum("R3", f"requests.*.{column}", outcomes, _in(column, ("concluded",)))


def _in(column: str, rows: Iterable[str]) -> tuple[Place, ...]:
    return tuple((row, column) for row in rows)


def of_reviews(cells: Cells, table: forms.Table, *, whole: bool = True) -> tuple[Check, ...]:
    """V1 for each procedure of Table 4."""
    return _checks(_sums_of_reviews(table), cells, whole)


def _sums_of_reviews(table: forms.Table) -> Iterator[_Sum]:
    columns = [term.key for term in table.blocks[0].columns]
    for row in table.rows:
        line = tuple((row.key, column) for column in columns[:-1])
        yield _Sum("V1", f"reviews.{row.key}", line, ((row.key, columns[-1]),))


def _checks(sums: Iterable[_Sum], cells: Cells, whole: bool) -> tuple[Check, ...]:
    return tuple([_check(one.identity, one.at, cells, one.left, one.right, whole) for one in sums])


@cache
def _of_form(key: str, form: str) -> tuple[_Sum, ...]:
    """The identities of one table, which are the same for every report on the form."""
    table = forms.form(form).tables[key]
    return tuple(_sums_of_requests(table) if key == "requests" else _sums_of_reviews(table))


def of_indicators(cells: Cells) -> tuple[Check, ...]:
    """I1 to I6, for each column the list has: a total and the parts the form lists beneath it.

    Only where the source has the total and the parts, blank or not: a province's
    list that leaves a part out adds up otherwise. So does one that puts a part of
    its own among them, which leaves the identity ``not_assessable``.
    """
    national = indicators.national()
    rows = list(dict.fromkeys(row for row, _ in cells))
    columns = [term.key for term in national.columns if any(column == term.key for _, column in cells)]
    checks: list[Check] = []
    for identity, own in sums_of_list(rows):
        for column in columns:
            at = f"{indicators.TABLE}.{identity.total}.{column}"
            if own:
                parts = [(part, column) for part in identity.parts]
                checks.append(_check(identity.key, at, cells, parts, [(identity.total, column)], True))
            else:
                checks.append(Check(identity.key, at, "not_assessable", None, None))
    return tuple(checks)


def sums_of_list(rows: Sequence[str]) -> list[tuple[indicators.Identity, bool]]:
    """The identities whose total and parts a list has, each with whether these are all its parts.

    ``rows`` are the list's lines in the order of the source.
    """
    return [
        (identity, not _strangers(rows, identity))
        for identity in indicators.national().identities
        if {identity.total, *identity.parts}.issubset(rows)
    ]


def _strangers(rows: Sequence[str], identity: indicators.Identity) -> bool:
    """Whether a line that the form has not stands among the parts of a total, or right behind them."""
    national = indicators.national()

    def beneath(row: str) -> bool:
        return row == identity.total or (
            row in national.lines and any(line == identity.total for line in _above(row))
        )

    inside = [i for i, row in enumerate(rows) if beneath(row)]
    reach = rows[inside[0] : inside[-1] + 2]
    return any(indicators.is_raw(row) for row in reach)


def _above(row: str) -> list[str]:
    """The lines a line is counted beneath, the nearest first."""
    under = indicators.national().lines[row].under
    return [] if under is None else [under, *_above(under)]


def check(cells: Iterable[Cell], found: Mapping[str, str]) -> tuple[Check, ...]:
    """Every identity of one report; ``found`` maps table key → form key of the tables that were matched."""
    by_table: defaultdict[str, dict[Place, Cell]] = defaultdict(dict)
    for cell in cells:
        by_table[cell.table][cell.row, cell.column] = cell
    checks: list[Check] = []
    for key in ("requests", "reviews"):
        if key in found:
            own = by_table.get(key, {})
            whole = "missing" not in [cell.status for cell in own.values()]
            checks.extend(_checks(_of_form(key, found[key]), own, whole))
    if indicators.TABLE in found:
        checks.extend(of_indicators(by_table.get(indicators.TABLE, {})))
    return tuple(checks)
