"""How often information was refused and why, by province and year: sums kept up to date like ``totals``.

``_count_reasons`` has one row a province, year and line of Table 3 that is a reason, with the reports that
have a total there and the sum of these totals. An unknown province is an empty text: a key's columns have no
NULL. A total above ``totals.LARGEST`` is a slip and counts for nothing, as in the other sums.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive import forms
from archive.derived.totals import LARGEST

if TYPE_CHECKING:
    # Whoever reads pages needs the words of the index, and no database (nor numpy, which it loads).
    from sqlite_utils import Database

TABLE = "_count_reasons"
_DDL = (
    f'CREATE TABLE "{TABLE}" ("province" TEXT NOT NULL, "year" INTEGER NOT NULL, "line" TEXT NOT NULL,'
    ' "reports" INTEGER NOT NULL, "cases" INTEGER NOT NULL, PRIMARY KEY ("province", "year", "line"))'
    " STRICT, WITHOUT ROWID"
)

#: Lines of Table 3 that say why something was not given.
LINES = tuple(
    row.key
    for row in forms.form("2021").tables["requests"].rows
    if row.group in {"refused", "unavailable", "unprocessed"}
)

Line = tuple[str, int, str, int]
"""Province, year, line, total."""

# The plus signs: a report's lines are found by its key, all lines one after another as they lie in the file.
_LINES = f"""
    SELECT coalesce(r.province, '') AS province, r.year, q.line, q.total
    FROM requests AS q CROSS JOIN reports AS r ON r.id = q.report
    WHERE +q.line IN ({", ".join(f"'{line}'" for line in LINES)}) AND +q.total BETWEEN 0 AND {LARGEST}
"""
_SUMS = (
    "SELECT province, year, line, count(*) AS reports, sum(total) AS cases"
    f" FROM ({_LINES}) GROUP BY province, year, line"
)
_ADD = (
    f"INSERT INTO {TABLE} VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
    " SET reports = reports + excluded.reports, cases = cases + excluded.cases"
)


def share(db: Database, report: int) -> list[Line]:
    """What a report adds, as it stands in the tables."""
    return db.execute(f"{_LINES} AND q.report = ? ORDER BY q.line", [report]).fetchall()


def change(db: Database, old: list[Line], new: list[Line]) -> None:
    """Take the old share of a report away and add the new one."""
    if old == new:
        return
    for lines, sign in ((old, -1), (new, 1)):
        db.conn.executemany(_ADD, [(*place, sign, sign * total) for *place, total in lines])
    if old:
        gone = f"DELETE FROM {TABLE} WHERE (province, year, line) = (?, ?, ?) AND reports = 0"
        db.conn.executemany(gone, [place for *place, _ in old])


def ensure(db: Database) -> None:
    """Make the table where it is missing, and count. Not a migration: it changes nothing that is held."""
    found = db.execute("SELECT sql FROM sqlite_master WHERE name = ?", [TABLE]).fetchone()
    if found is None or found[0] != _DDL:
        with db.atomic():
            db.execute(f"DROP TABLE IF EXISTS {TABLE}")
            db.execute(_DDL)
            rebuild(db)


def rebuild(db: Database) -> None:
    """Make the table anew."""
    db.execute(f"DELETE FROM {TABLE}")
    db.execute(f"INSERT INTO {TABLE} {_SUMS}")


def wrong(db: Database) -> list[str]:
    """Where the sums are not what adding up gives."""
    return [
        f"refusals by reason: {said}: {row}"
        for said, one, other in (("kept, not counted", TABLE, f"({_SUMS})"), ("counted", f"({_SUMS})", TABLE))
        for row in db.query(f"SELECT * FROM {one} EXCEPT SELECT * FROM {other}")
    ]
