"""Sums of the key figures, kept up to date: ``totals`` by province, year, kind and level of issuer, and
``_count_places`` by division and year.

What one report adds to its group is its *share*: one vector, worked out from the tables. When
a report changes, its old share is taken off and its new one added, in the same transaction, so
that the tables are at any time what adding up all reports anew would give. A figure counts where
it is known; how many reports a sum rests on stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive import forms, statements
from archive.measures import MEASURES, Measure

if TYPE_CHECKING:
    # Whoever only reads pages needs the words, and no database.
    from sqlite_utils import Database

#: Counts of every report of a group.
COUNTS = ("reports", "passed", "failed", "figures")
COLUMNS = (*COUNTS, *(column for measure in MEASURES for column in measure.columns))


@dataclass(frozen=True, slots=True)
class Kept:
    """One table of sums."""

    table: str
    group: tuple[str, ...]
    """What a group is told by. Unknown is an empty text: a key's columns have no NULL."""

    @property
    def columns(self) -> tuple[str, ...]:
        return *self.group, *COLUMNS


TOTALS = Kept("totals", ("province", "year", "kind", "level"))
#: A division's alone, without what lies in it: the page of a prefecture adds up some dozen of them.
PLACES = Kept("_count_places", ("division", "year"))
EVERY = (TOTALS, PLACES)
#: All that a group of any of them is told by.
KEYS = ("province", "year", "kind", "level", "division")

_FEW = {*COUNTS, *(f"{measure.key}_reports" for measure in MEASURES)}
_DDL = (
    f'CREATE TABLE "{PLACES.table}" ("division" TEXT NOT NULL, "year" INTEGER NOT NULL, '
    + ", ".join(f'"{name}" INTEGER{" NOT NULL" if name in _FEW else ""}' for name in COLUMNS)
    + ', PRIMARY KEY ("division", "year")) STRICT, WITHOUT ROWID'
)
#: The last of the reports whose shares are worked out at a time by who adds up all of them.
_END_OF_PART = "SELECT max(id) FROM (SELECT id FROM reports WHERE id > ? ORDER BY id LIMIT 10000)"
_SMALLEST = -(2**63)

_REFUSED = [row.key for row in forms.form("2021").tables["requests"].rows if row.group == "refused"]
_REFUSED_LIST = ", ".join(f"'{key}'" for key in _REFUSED)


#: More applications than this, or more lawsuits, nobody in the country has had: what a page says beyond it
#: is a slip and would drown all others, or overflow the sum.
LARGEST = 999_999_999
_SANE = f"BETWEEN 0 AND {LARGEST}"


def _line(alias: str, line: str, column: str = "total") -> str:
    cell = f"{alias}.{column}"
    return f"max(CASE WHEN {alias}.line = '{line}' AND {cell} {_SANE} THEN {cell} END)"


def _indicator(key: str) -> str:
    # Numbers of that list are stored as fractions; a count with a fraction is a slip too.
    whole = f"i.year_value {_SANE} AND i.year_value = round(i.year_value)"
    return f"max(CASE WHEN i.key = '{key}' AND {whole} THEN i.year_value END)"


#: One row a report. A report of 2014 to 2018 has the list instead of the tables; of the list only those
#: figures are taken that mean the same.
_SHARES = f"""
WITH q AS (
  SELECT q.report, {_line("q", "received")} AS received, {_line("q", "concluded")} AS concluded,
    {_line("q", "granted")} + {_line("q", "granted_in_part")} AS granted,
    CASE WHEN sum(q.line IN ({_REFUSED_LIST}) AND q.total {_SANE}) = {len(_REFUSED)}
      THEN sum(CASE WHEN q.line IN ({_REFUSED_LIST}) THEN q.total END) END AS refused,
    {_line("q", "unavailable_not_held")} AS not_held
  FROM requests AS q {{q}} GROUP BY q.report
), v AS (
  SELECT v.report, {_line("v", "reconsideration")} AS reviews,
    {_line("v", "reconsideration", "corrected")} AS reviews_corrected,
    {_line("v", "litigation_direct")} + {_line("v", "litigation_after_reconsideration")} AS lawsuits,
    {_line("v", "litigation_direct", "corrected")}
      + {_line("v", "litigation_after_reconsideration", "corrected")} AS lawsuits_corrected
  FROM reviews AS v {{v}} GROUP BY v.report
), i AS (
  SELECT i.report, {_indicator("applications")} AS received,
    {_indicator("reconsiderations")} AS reviews,
    {_indicator("reconsiderations_corrected")} AS reviews_corrected,
    {_indicator("lawsuits")} AS lawsuits, {_indicator("lawsuits_corrected")} AS lawsuits_corrected
  FROM indicators AS i {{i}} GROUP BY i.report
), figures AS (
  SELECT r.id AS report, coalesce(r.province, '') AS province, r.year, coalesce(a.kind, '') AS kind,
    coalesce(d.level, '') AS level, coalesce(r.division, '') AS division, r.verdict, r.figures AS read,
    coalesce(q.received, CAST(i.received AS INTEGER)) AS received, q.concluded, q.granted, q.refused,
    q.not_held, coalesce(v.reviews, CAST(i.reviews AS INTEGER)) AS reviews,
    coalesce(v.reviews_corrected, CAST(i.reviews_corrected AS INTEGER)) AS reviews_corrected,
    coalesce(v.lawsuits, CAST(i.lawsuits AS INTEGER)) AS lawsuits,
    coalesce(v.lawsuits_corrected, CAST(i.lawsuits_corrected AS INTEGER)) AS lawsuits_corrected
  FROM reports AS r JOIN agencies AS a ON a.id = r.agency LEFT JOIN divisions AS d ON d.code = r.division
  LEFT JOIN q ON q.report = r.id LEFT JOIN v ON v.report = r.id LEFT JOIN i ON i.report = r.id
  {{r}}
)
"""


def _known(measure: Measure) -> str:
    both = f" AND {measure.of} IS NOT NULL" if measure.of else ""
    return f"{measure.key} IS NOT NULL{both}"


def _sums(measure: Measure) -> list[str]:
    known = _known(measure)
    parts = [
        f"sum(CASE WHEN {known} THEN {measure.key} END) AS {measure.key}",
        f"sum({known}) AS {measure.key}_reports",
    ]
    if measure.of:
        parts.append(f"sum(CASE WHEN {known} THEN {measure.of} END) AS {measure.key}_of")
    return parts


_COUNTED = (
    "count(*) AS reports, sum(verdict IS 'pass') AS passed, sum(verdict IS 'fail') AS failed,"
    " coalesce(sum(read), 0) AS figures"
)
_ADDED = (
    f"{_SHARES} SELECT {', '.join(KEYS)}, {_COUNTED},"
    f" {', '.join(part for measure in MEASURES for part in _sums(measure))}"
    f" FROM figures GROUP BY {', '.join(KEYS)}"
)

#: A condition on each part, for SQLite carries none into a WITH that groups.
_OF_ONE = _ADDED.format(r="WHERE r.id = :report", **{p: f"WHERE {p}.report = :report" for p in "qvi"})
_WITHIN = "BETWEEN :first AND :last"
_OF_PART = _ADDED.format(r=f"WHERE r.id {_WITHIN}", **{p: f"WHERE {p}.report {_WITHIN}" for p in "qvi"})
_BELOW = (
    "(SELECT id FROM reports WHERE division IN (WITH RECURSIVE below(code) AS (SELECT :division UNION"
    " SELECT d.code FROM divisions AS d JOIN below AS b ON d.parent = b.code) SELECT code FROM below))"
)
#: The same for the reports of a division and of all that lie in it, added up anew: an archive that an older
#: gongkai made is read before one that writes has made ``PLACES``.
OF_DIVISION = _ADDED.format(
    r=f"WHERE r.id IN {_BELOW}", **{p: f"WHERE {p}.report IN {_BELOW}" for p in "qvi"}
)

Row = dict[str, Any]


def share(db: Database, report: int) -> Row | None:
    """What a report adds to its groups as it stands in the tables: ``KEYS`` and ``COLUMNS``."""
    return statements.first(db, _OF_ONE, {"report": report})


def change(db: Database, old: Row | None, new: Row | None) -> None:
    """Take the old share of a report off its groups and add the new one."""
    for kept in EVERY:
        before, after = (None if one is None else [one[name] for name in kept.columns] for one in (old, new))
        if before == after:
            continue
        if before is not None:
            _add(db, kept, before, -1)
        if after is not None:
            _add(db, kept, after, 1)


def _column(name: str) -> str:
    return f"{name} = {name} + excluded.{name}"


def _measure(measure: Measure) -> str:
    """A sum that rests on no report is empty, not 0."""
    count = f"{measure.key}_reports"
    sums = [name for name in measure.columns if name != count]
    none = f"{count} + excluded.{count} = 0"
    values = [
        f"{name} = CASE WHEN {none} THEN NULL ELSE coalesce({name}, 0) + coalesce(excluded.{name}, 0) END"
        for name in sums
    ]
    return ", ".join([*values, _column(count)])


def _adding(kept: Kept) -> str:
    return (
        f"INSERT INTO {kept.table} ({', '.join(kept.columns)}) VALUES ({', '.join('?' * len(kept.columns))})"
        f" ON CONFLICT ({', '.join(kept.group)}) DO UPDATE SET {', '.join(map(_column, COUNTS))},"
        f" {', '.join(map(_measure, MEASURES))}"
    )


_ADD = {kept: _adding(kept) for kept in EVERY}
_GONE = {
    kept: f"DELETE FROM {kept.table} WHERE reports = 0 AND {' AND '.join(f'{key} = ?' for key in kept.group)}"
    for kept in EVERY
}


def _add(db: Database, kept: Kept, values: list[Any], sign: int) -> None:
    group, sums = values[: len(kept.group)], values[len(kept.group) :]
    db.execute(_ADD[kept], [*group, *(None if value is None else sign * value for value in sums)])
    if sign < 0:
        db.execute(_GONE[kept], group)


@contextmanager
def gathered(db: Database) -> Iterator[None]:
    """The shares of all reports, in the temporary table ``_shares``: a part of the reports at a time, so
    that there is no more in memory however many there are.
    """
    with db.atomic():
        db.execute(f"CREATE TEMP TABLE _shares ({', '.join((*KEYS, *COLUMNS))})")
        done = _SMALLEST
        while (last := db.execute(_END_OF_PART, [done]).fetchone()[0]) is not None:
            db.execute(f"INSERT INTO temp._shares {_OF_PART}", {"first": done + 1, "last": last})
            done = last
        yield
        db.execute("DROP TABLE temp._shares")


def recounted(kept: Kept) -> str:
    """The SELECT that gives what the table has to hold, where shares are ``gathered``."""
    group, sums = ", ".join(kept.group), ", ".join(f"sum({name}) AS {name}" for name in COLUMNS)
    return f"SELECT {group}, {sums} FROM temp._shares GROUP BY {group} ORDER BY {group}"


def rebuild(db: Database, *tables: Kept) -> None:
    """Make these tables anew, or all."""
    with gathered(db):
        for kept in tables or EVERY:
            db.execute(f"DELETE FROM {kept.table}")
            db.execute(f"INSERT INTO {kept.table} ({', '.join(kept.columns)}) {recounted(kept)}")


def ensure(db: Database) -> None:
    """Make ``PLACES`` where it is missing or was made for other measures, and add up. Not a migration: it
    changes nothing that is held.
    """
    found = db.execute("SELECT sql FROM sqlite_master WHERE name = ?", [PLACES.table]).fetchone()
    if found is None or found[0] != _DDL:
        with db.atomic():
            db.execute(f"DROP TABLE IF EXISTS {PLACES.table}")
            db.execute(_DDL)
            rebuild(db, PLACES)
