"""How many issuers of each division filed in time, late or not at all: kept with every row, by triggers.

``_count_filing`` has one row a province, division, year and status, with the number of rows of ``coverage``
that are so. An issuer that is entered, moved or taken out brings or takes its rows along. Unknown is an empty
text: a key's columns have no NULL. Rows of 0 may stand.
"""

from __future__ import annotations

from sqlite_utils import Database

TABLE = "_count_filing"

_COLUMNS = "province, division, year, status"


def _place(row: str) -> str:
    """Where the issuer stands that an event is about."""
    return f"coalesce({row}.province, ''), coalesce({row}.division, '')"


def _one(row: str, more: str) -> str:
    """Count one row of ``coverage`` by its issuer's division; an issuer that is gone has taken it along."""
    line = f"SELECT {_place('a')}, {row}.year, coalesce({row}.status, '') FROM agencies AS a"
    return f"UPDATE {TABLE} SET n = n {more} WHERE ({_COLUMNS}) = ({line} WHERE a.id = {row}.agency);"


def _new(row: str) -> str:
    """The line that ``_one`` did not find. Within a trigger, changes() tells of its own last statement."""
    return (
        f"INSERT INTO {TABLE} SELECT {_place('a')}, {row}.year, coalesce({row}.status, ''), 1"
        f" FROM agencies AS a WHERE a.id = {row}.agency AND changes() = 0;"
    )


def _all(row: str, sign: str) -> str:
    """Count all rows of an issuer."""
    return (
        f"UPDATE {TABLE} SET n = n {sign} (SELECT count(*) FROM coverage AS c WHERE c.agency = {row}.id"
        f" AND c.year = {TABLE}.year AND coalesce(c.status, '') = {TABLE}.status)"
        f" WHERE (province, division) = ({_place(row)});"
    )


def _lines(row: str) -> str:
    """The lines that an issuer's rows need."""
    return (
        f"INSERT INTO {TABLE} SELECT {_place(row)}, c.year, coalesce(c.status, ''), 0"
        f" FROM coverage AS c WHERE c.agency = {row}.id AND NOT EXISTS (SELECT 1 FROM {TABLE} AS f"
        f" WHERE (f.province, f.division) = ({_place(row)}) AND f.year = c.year"
        " AND f.status = coalesce(c.status, '')) GROUP BY c.year, c.status;"
    )


_MOVED = " OR ".join(f"old.{column} IS NOT new.{column}" for column in ("id", "province", "division"))
_EVENTS = {
    "insert": f"INSERT ON coverage BEGIN {_one('new', '+ 1')} {_new('new')} END",
    "delete": f"DELETE ON coverage BEGIN {_one('old', '- 1')} END",
    "update": (
        "UPDATE OF agency, year, status ON coverage WHEN old.agency IS NOT new.agency"
        " OR old.year IS NOT new.year OR old.status IS NOT new.status"
        f" BEGIN {_one('old', '- 1')} {_one('new', '+ 1')} {_new('new')} END"
    ),
    "agency_insert": f"INSERT ON agencies BEGIN {_lines('new')} {_all('new', '+')} END",
    "agency_delete": f"DELETE ON agencies BEGIN {_all('old', '-')} END",
    "agency_update": (
        f"UPDATE OF id, province, division ON agencies WHEN {_MOVED}"
        f" BEGIN {_all('old', '-')} {_lines('new')} {_all('new', '+')} END"
    ),
}

#: Name → statement, in the order in which they are to be made: table, index, triggers.
DDL = {
    TABLE: (
        f'CREATE TABLE "{TABLE}" ("province" TEXT NOT NULL, "division" TEXT NOT NULL,'
        ' "year" INTEGER NOT NULL, "status" TEXT NOT NULL, "n" INTEGER NOT NULL,'
        ' PRIMARY KEY ("province", "division", "year", "status")) STRICT, WITHOUT ROWID'
    ),
    f"idx_{TABLE}": f'CREATE INDEX "idx_{TABLE}" ON "{TABLE}" ("division")',
    **{
        f"{TABLE}_{name}": f'CREATE TRIGGER "{TABLE}_{name}" AFTER {event}' for name, event in _EVENTS.items()
    },
}

_RECOUNT = """
    SELECT coalesce(a.province, '') AS province, coalesce(a.division, '') AS division, c.year,
        coalesce(c.status, '') AS status, count(*) AS n
    FROM coverage AS c JOIN agencies AS a ON a.id = c.agency GROUP BY 1, 2, 3, 4
"""


def ensure(db: Database) -> None:
    """Make what is missing or was made otherwise, and count. Not a migration (see ``counts``)."""
    sql = f"SELECT name, sql FROM sqlite_master WHERE name IN ({', '.join('?' * len(DDL))})"
    if {row[0]: row[1] for row in db.execute(sql, list(DDL))} == DDL:
        return
    with db.atomic():
        drop(db)
        for name, statement in DDL.items():
            db.execute(statement)
            if name == TABLE:
                db.execute(f"INSERT INTO {TABLE} {_RECOUNT}")


def drop(db: Database) -> None:
    """Take counts and triggers away, e.g. before millions of rows are put in at once."""
    for event in _EVENTS:
        db.execute(f'DROP TRIGGER IF EXISTS "{TABLE}_{event}"')
    db.execute(f'DROP TABLE IF EXISTS "{TABLE}"')


def wrong(db: Database) -> list[str]:
    """Where the counts are not what counting gives."""
    kept = f"SELECT * FROM {TABLE} WHERE n <> 0"
    return [
        f"coverage by division: {said}: {row}"
        for said, one, other in (("kept, not counted", kept, _RECOUNT), ("counted", _RECOUNT, kept))
        for row in db.query(f"SELECT * FROM ({one}) EXCEPT SELECT * FROM ({other})")
    ]
