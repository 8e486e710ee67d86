"""Sums of the key figures for pages and charts, read from the table ``totals``: small and always right.

    groups = totals.load(conn, by=("year",), province="湖南省", kinds=("government",))
    groups[0]["granted"].share    # granted ÷ concluded, over the reports that have both

A government's consolidated report may include its departments and the governments below it.
``kinds`` and ``levels`` are there to choose a set of reports in which no case comes twice.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from archive.derived.totals import OF_DIVISION, PLACES
from archive.measures import MEASURES
from archive.site.rows import Row, many, one

Dimension = Literal["province", "year", "kind", "level"]
_DIMENSIONS: tuple[Dimension, ...] = ("province", "year", "kind", "level")


@dataclass(frozen=True, slots=True)
class Sum:
    """One figure added up over the reports that have it."""

    value: int | None
    """``None`` where no report has the figure: not 0."""
    reports: int
    """How many reports it rests on."""
    of: int | None = None
    """The figure it is a part of, over the same reports; ``None`` for a figure that is no part."""

    @property
    def share(self) -> float | None:
        """The part of ``of``, 0 to 1; ``None`` where there is nothing to take it of."""
        return self.value / self.of if self.value is not None and self.of else None

    @property
    def percent(self) -> float | None:
        """The share in per cent to one decimal place."""
        return None if self.share is None else round(100 * self.share, 1)


@dataclass(frozen=True, slots=True)
class Group:
    """The reports of one province, year … : what was asked for with ``by``."""

    keys: Mapping[str, str | int]
    """By dimension; an empty text is a province or level that is not known."""
    reports: int
    passed: int
    failed: int
    figures: int
    sums: Mapping[str, Sum]

    def __getitem__(self, measure: str) -> Sum:
        """The sum of one of ``archive.measures``; raises ``KeyError``."""
        return self.sums[measure]


def _columns() -> str:
    parts = [f"sum({name}) AS {name}" for name in ("reports", "passed", "failed", "figures")]
    parts += [f"sum({name}) AS {name}" for measure in MEASURES for name in measure.columns]
    return ", ".join(parts)


def load(
    conn: sqlite3.Connection,
    *,
    by: Sequence[Dimension] = ("province", "year"),
    province: str | None = None,
    year: int | None = None,
    kinds: Sequence[str] | None = None,
    levels: Sequence[str] | None = None,
) -> list[Group]:
    """The groups that have a report, in the order of ``by``.

    With ``by=()`` one group of everything, or none. ``None`` filters nothing; ``province=""`` are the
    reports whose province is not known. Raises ``ValueError`` for an unknown dimension.
    """
    if unknown := set(by) - set(_DIMENSIONS):
        raise ValueError(f"totals has no dimension {', '.join(sorted(unknown))}")
    wanted: list[tuple[str, Sequence[str | int] | None]] = [
        ("province", None if province is None else [province]),
        ("year", None if year is None else [year]),
        ("kind", kinds),
        ("level", levels),
    ]
    where, values = ["reports > 0"], []
    for name, allowed in wanted:
        if allowed is not None:
            where.append(f"{name} IN ({', '.join('?' * len(allowed))})")
            values += list(allowed)
    return _groups(conn, f"totals WHERE {' AND '.join(where)}", by, values)


def of_division(conn: sqlite3.Connection, code: str) -> list[Group]:
    """The years of a division and of all that lie in it.

    A province's are the sums that are kept, with the reports of which no more than the province is known:
    adding up its reports would take seconds. Of any other division those of all that lies in it are added up.
    """
    sql = "SELECT name FROM divisions WHERE code = ? AND level = 'province'"
    province = next(iter(many(conn, sql, (code,))), None)
    if province is not None:
        return load(conn, by=("year",), province=province["name"])
    kept = one(conn, "SELECT 1 FROM sqlite_master WHERE name = ?", (PLACES.table,))
    return _groups(conn, f"({_PLACES if kept else OF_DIVISION})", ("year",), {"division": code})


# CROSS JOIN: the few divisions first, and never all that is kept.
_PLACES = f"""
WITH RECURSIVE below(code) AS (
  SELECT :division UNION SELECT d.code FROM divisions AS d JOIN below AS b ON d.parent = b.code
)
SELECT p.* FROM below CROSS JOIN {PLACES.table} AS p ON p.division = below.code"""  # noqa: S608 - own names


def _groups(
    conn: sqlite3.Connection,
    source: str,
    by: Sequence[Dimension],
    values: Sequence[str | int] | Mapping[str, str],
) -> list[Group]:
    keys = "".join(f"{name}, " for name in by)
    grouped = f" GROUP BY {', '.join(by)} ORDER BY {', '.join(by)}" if by else " HAVING count(*) > 0"
    sql = f"SELECT {keys}{_columns()} FROM {source}{grouped}"  # noqa: S608 - own names
    return [_group(row, by) for row in many(conn, sql, values)]


def _group(row: Row, by: Sequence[Dimension]) -> Group:
    return Group(
        keys={name: row[name] for name in by},
        reports=row["reports"],
        passed=row["passed"],
        failed=row["failed"],
        figures=row["figures"],
        sums={
            measure.key: Sum(
                row[measure.key],
                row[f"{measure.key}_reports"],
                row[f"{measure.key}_of"] if measure.of else None,
            )
            for measure in MEASURES
        },
    )
