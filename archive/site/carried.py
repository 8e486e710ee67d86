"""Y1, Y2 and Y3 of an issuer's reports as its page tells them: year by year, in words.

Failures and what could not be assessed are findings of the later report. That an identity
holds is said only where there is no finding and the figures at hand prove it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archive import forms
from archive.site.keyfigures import NONE, Cells
from archive.site.rows import Row, many

IDENTITIES = ("Y1", "Y2", "Y3")

#: (signed cells of the year before, signed cells of this year, the cell they make up); rows and columns.
_Sum = tuple[tuple[tuple[str, str, int], ...], tuple[tuple[str, str, int], ...], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Carried:
    """One identity between one year and the year before."""

    verdict: str | None
    """pass, fail, not_assessable; ``None`` where it does not apply or nothing is known."""
    findings: tuple[Row, ...] = ()
    """Of a failure, the places that fail."""
    amount: float | int | None = None
    """Y1 that holds: the cases carried over."""


@dataclass(frozen=True, slots=True)
class Year:
    """The identities of one report with the report of the year before."""

    year: int
    report: int
    identities: Mapping[str, Carried]


_FINDINGS = """
select f.* from reports as r cross join findings as f on f.report = r.id
where r.agency = ? and f.identity in ('Y1', 'Y2', 'Y3') order by r.year desc, f.number"""


def load(conn: sqlite3.Connection, agency: int, years: Sequence[Row], cells: Cells) -> tuple[Year, ...]:
    """Every report that has an earlier one, newest first. ``years`` are rows with ``year`` and ``report``."""
    found: dict[tuple[int, str], list[Row]] = {}
    for row in many(conn, _FINDINGS, (agency,)):
        found.setdefault((row["report"], row["identity"]), []).append(row)
    held = {row["year"]: row["report"] for row in years if row["report"] is not None}
    made = []
    for year in sorted(held, reverse=True):
        if not any(earlier < year for earlier in held):
            continue
        report, before = held[year], held.get(year - 1)
        identities = {
            key: _one(key, found.get((report, key), []), before, report, cells) for key in IDENTITIES
        }
        made.append(Year(year, report, identities))
    return tuple(made)


def _one(identity: str, findings: Sequence[Row], before: int | None, report: int, cells: Cells) -> Carried:
    failed = tuple(row for row in findings if row["verdict"] == "fail")
    if failed:
        return Carried("fail", failed)
    if findings:
        return Carried("not_assessable")
    if before is None:
        return Carried(None)
    held = [_holds(one, before, report, cells) for one in _sums(identity)]
    applies = [one for one in held if one is not None]
    if not applies or not all(applies):
        return Carried(None)
    amount = cells.get((report, "requests", "carried_in", "total"), NONE).value if identity == "Y1" else None
    return Carried("pass", amount=amount)


def _sums(identity: str) -> tuple[_Sum, ...]:
    if identity == "Y1":
        columns = [column.key for column in forms.columns("requests")]
        return tuple(((("carried_out", c, 1),), (), ("carried_in", c)) for c in columns)
    rows = forms.terms("disclosure")["rows"]
    if identity == "Y2":
        return tuple(
            (((row, "in_force", 1),), ((row, "issued", 1), (row, "repealed", -1)), (row, "in_force"))
            for row in rows
        )
    return tuple(
        (((row, "previous_items", 1), (row, "change", 1)), (), (row, "previous_items")) for row in rows
    )


def _holds(one: _Sum, before: int, report: int, cells: Cells) -> bool | None:
    """Whether both sides are equal; ``None`` where a figure is not there."""
    earlier, own, made = one
    table = "requests" if made[0] == "carried_in" else "disclosure"
    value = cells.get((report, table, *made), NONE).value
    parts = [(before, part) for part in earlier] + [(report, part) for part in own]
    total: float | int = 0
    for of, (row, column, sign) in parts:
        figure = cells.get((of, table, row, column), NONE).value
        if figure is None:
            return None
        total += sign * figure
    return None if value is None else total == value
