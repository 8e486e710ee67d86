"""How many rows each table has, by the values of its facets: right after every row, by triggers.

For each table ``T`` of the schema ``_count_T`` has one row a combination of its facets' values,
with the number of rows that have them: the whole count is their sum, a facet a sum by one of
them, and any condition on facets alone is answered without looking at ``T``. Triggers and no code,
because rows are written in many places.
"""

from __future__ import annotations

from sqlite_utils import Database

from archive.schema import TABLES, TableDef


def name(table: str) -> str:
    """The table that counts another."""
    return f"_count_{table}"


def _quoted(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _is(table: TableDef, row: str) -> str:
    return " AND ".join(f'"{column}" IS {row}."{column}"' for column in table.facets) or "1"


def _plus(table: TableDef) -> str:
    values = ", ".join([*(f'new."{column}"' for column in table.facets), "1"])
    return (
        f'UPDATE "{name(table.name)}" SET n = n + 1 WHERE {_is(table, "new")};'
        # Within a trigger, changes() tells of the trigger's own last statement.
        f' INSERT INTO "{name(table.name)}" SELECT {values} WHERE changes() = 0;'
    )


def _minus(table: TableDef) -> str:
    return f'UPDATE "{name(table.name)}" SET n = n - 1 WHERE {_is(table, "old")};'


def ddl(table: TableDef) -> dict[str, str]:
    """Name → statement, in the order in which they are to be made: table, index, triggers."""
    counted, types = name(table.name), {"text": "TEXT", "integer": "INTEGER", "real": "REAL"}
    columns = [f'"{column}" {types[table.column(column).type]}' for column in table.facets]
    made = {counted: f'CREATE TABLE "{counted}" ({", ".join([*columns, "n INTEGER NOT NULL"])}) STRICT'}
    on = f'ON "{table.name}" BEGIN'
    if table.facets:
        index = f"idx_{counted}"
        made[index] = f'CREATE INDEX "{index}" ON "{counted}" ({_quoted(table.facets)})'
    made[f"{counted}_insert"] = f'CREATE TRIGGER "{counted}_insert" AFTER INSERT {on} {_plus(table)} END'
    made[f"{counted}_delete"] = f'CREATE TRIGGER "{counted}_delete" AFTER DELETE {on} {_minus(table)} END'
    if table.facets:
        differs = " OR ".join(f'old."{column}" IS NOT new."{column}"' for column in table.facets)
        made[f"{counted}_update"] = (
            f'CREATE TRIGGER "{counted}_update" AFTER UPDATE OF {_quoted(table.facets)} ON "{table.name}"'
            f" WHEN {differs} BEGIN {_minus(table)} {_plus(table)} END"
        )
    return made


def recount(table: TableDef) -> str:
    """The SELECT that gives what ``_count_T`` has to hold."""
    if not table.facets:
        return f'SELECT count(*) AS n FROM "{table.name}"'
    columns = _quoted(table.facets)
    return f'SELECT {columns}, count(*) AS n FROM "{table.name}" GROUP BY {columns}'


def ensure(db: Database) -> list[str]:
    """Make what is missing or was made for other facets, and count; gives the tables it counted.

    Not a migration, so that a facet can be added to the schema without one.
    """
    sql = "SELECT name, sql FROM sqlite_master WHERE name GLOB '_count_*' OR name GLOB 'idx__count_*'"
    there = {row[0]: row[1] for row in db.execute(sql)}
    made = []
    for table in TABLES:
        wanted = ddl(table)
        if all(there.get(each) == statement for each, statement in wanted.items()):
            continue
        with db.atomic():
            drop(db, table)
            for each, statement in wanted.items():
                db.execute(statement)
                if each == name(table.name):
                    db.execute(f'INSERT INTO "{each}" {recount(table)}')
        made.append(table.name)
    return made


def drop(db: Database, table: TableDef) -> None:
    """Take a table's counts and triggers away, e.g. before millions of rows are put in at once."""
    for ending in ("insert", "delete", "update"):
        db.execute(f'DROP TRIGGER IF EXISTS "{name(table.name)}_{ending}"')
    db.execute(f'DROP TABLE IF EXISTS "{name(table.name)}"')


def wrong(db: Database, table: TableDef) -> list[str]:
    """Where the counts of a table are not what counting gives."""
    kept = f'SELECT * FROM "{name(table.name)}" WHERE n <> 0'
    lines = []
    for said, one, other in (("kept, not counted", kept, recount(table)), ("counted", recount(table), kept)):
        difference = f"SELECT * FROM ({one}) EXCEPT SELECT * FROM ({other})"
        for row in db.query(difference):
            if row["n"]:
                lines.append(f"{table.name}: {said}: {row}")
    return lines
