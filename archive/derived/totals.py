"""``totals``: sums of the key figures by province, year, kind and level of issuer, kept up to date.

What one report adds to its group is its *share*: one vector, worked out from the tables. When
a report changes, its old share is taken off and its new one added, in the same transaction, so
that the table is at any time what adding up all reports anew would give. A figure counts where
it is known; how many reports a sum rests on stands beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archive import forms, statements
from archive.measures import MEASURES, Measure

if TYPE_CHECKING:
    # Whoever only reads pages needs the words, and no database.
    from sqlite_utils import Database

TABLE = "totals"

#: What a group is told by. Unknown is an empty text: a key's columns have no NULL.
GROUP = ("province", "year", "kind", "level")


#: Counts of every report of a group.
COUNTS = ("reports", "passed", "failed", "figures")
COLUMNS = (*COUNTS, *(column for measure in MEASURES for column in measure.columns))

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
    coalesce(d.level, '') AS level, r.verdict, r.figures AS read,
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
_TOTALS = (
    f"{_SHARES} SELECT {', '.join(GROUP)}, {_COUNTED},"
    f" {', '.join(part for measure in MEASURES for part in _sums(measure))}"
    f" FROM figures GROUP BY {', '.join(GROUP)}"
)

#: A condition on each part, for SQLite carries none into a WITH that groups.
_OF_ONE = _TOTALS.format(r="WHERE r.id = :report", **{p: f"WHERE {p}.report = :report" for p in "qvi"})
_OF_ALL = _TOTALS.format(r="", q="", v="", i="")
_BELOW = (
    "(SELECT id FROM reports WHERE division IN (WITH RECURSIVE below(code) AS (SELECT :division UNION"
    " SELECT d.code FROM divisions AS d JOIN below AS b ON d.parent = b.code) SELECT code FROM below))"
)
#: The same rows for the reports of a division and of all that lie in it; it may be a county.
OF_DIVISION = _TOTALS.format(
    r=f"WHERE r.id IN {_BELOW}", **{p: f"WHERE {p}.report IN {_BELOW}" for p in "qvi"}
)

Row = dict[str, Any]


def share(db: Database, report: int) -> Row | None:
    """What a report adds to its group as it stands in the tables: the columns of ``totals``."""
    return statements.first(db, _OF_ONE, {"report": report})


def change(db: Database, old: Row | None, new: Row | None) -> None:
    """Take the old share of a report off its group and add the new one."""
    if old == new:
        return
    if old is not None:
        _add(db, old, -1)
    if new is not None:
        _add(db, new, 1)


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


_ADD = (
    f"INSERT INTO {TABLE} ({', '.join((*GROUP, *COLUMNS))})"
    f" VALUES ({', '.join('?' * len((*GROUP, *COLUMNS)))})"
    f" ON CONFLICT ({', '.join(GROUP)}) DO UPDATE SET {', '.join(map(_column, COUNTS))},"
    f" {', '.join(map(_measure, MEASURES))}"
)
_WHERE = " AND ".join(f"{name} = ?" for name in GROUP)


def _add(db: Database, one: Row, sign: int) -> None:
    group = [one[name] for name in GROUP]
    db.execute(_ADD, [*group, *(None if one[c] is None else sign * one[c] for c in COLUMNS)])
    if sign < 0:
        db.execute(f"DELETE FROM {TABLE} WHERE {_WHERE} AND reports = 0", group)


def recounted(db: Database) -> list[Row]:
    """All rows as the tables give them now, added up anew."""
    return list(db.query(f"{_OF_ALL} ORDER BY {', '.join(GROUP)}"))


def rebuild(db: Database) -> int:
    """Make the table anew; gives its number of rows."""
    rows = recounted(db)
    db.execute(f"DELETE FROM {TABLE}")
    names = ", ".join((*GROUP, *COLUMNS))
    marks = ", ".join("?" * len((*GROUP, *COLUMNS)))
    db.conn.executemany(
        f"INSERT INTO {TABLE} ({names}) VALUES ({marks})",
        [[row[name] for name in (*GROUP, *COLUMNS)] for row in rows],
    )
    return len(rows)
