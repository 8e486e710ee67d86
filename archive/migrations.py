"""The database: created from ``schema.py``, and every released schema led to today's.

sqlite-utils keeps the list of applied steps in ``_sqlite_migrations``. The
first step creates the tables as ``schema.py`` has them *today*; a later step
therefore first looks whether its change is already there, and a new database
and an old one end up equal.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlite_utils import Database, Migrations

from archive import derived
from archive.derived import counts, search
from archive.errors import NewerSchemaError, WrongArchiveError, named
from archive.schema import SCHEMA_VERSION, TABLES, TOTALS, Column, TableDef

migrations = Migrations("gongkai")

_SQL_TYPE = {"text": "TEXT", "integer": "INTEGER", "real": "REAL"}

#: Tables of the store's own, no part of what is published. ``_states`` says when an address first
#: showed which original, so that a page that goes back to an earlier text is seen to do so;
#: ``_readings`` holds the rows of originals that are not the current one of their report, so that
#: one of them can take its place without being read again. ``_base`` holds rows of current originals
#: where the tables show more than they say by themselves, ``_unproved`` the issuers whose reports
#: changed since that was last worked out (``overlay.py``). ``_parts`` names the originals that another
#: one goes on in (further pages of an article, pictures), in their order. ``_search`` and the ``_count_``
#: tables are worked out from the others (``derived``).
INTERNAL = {
    "_states": (
        'CREATE TABLE "_states" ("url" TEXT NOT NULL, "seen_at" TEXT NOT NULL, "document" INTEGER NOT NULL'
        ' REFERENCES "documents"("id") DEFERRABLE INITIALLY DEFERRED,'
        ' PRIMARY KEY ("url", "seen_at", "document")) STRICT'
    ),
    "_readings": (
        'CREATE TABLE "_readings" ("document" INTEGER PRIMARY KEY REFERENCES "documents"("id")'
        ' DEFERRABLE INITIALLY DEFERRED, "parser" TEXT NOT NULL, "text_hash" TEXT NOT NULL,'
        ' "rows" BLOB) STRICT'
    ),
    "_base": (
        'CREATE TABLE "_base" ("report" INTEGER PRIMARY KEY REFERENCES "reports"("id")'
        ' DEFERRABLE INITIALLY DEFERRED, "rows" BLOB NOT NULL) STRICT'
    ),
    "_parts": (
        'CREATE TABLE "_parts" ("document" INTEGER NOT NULL REFERENCES "documents"("id")'
        ' DEFERRABLE INITIALLY DEFERRED, "number" INTEGER NOT NULL, "part" INTEGER NOT NULL'
        ' REFERENCES "documents"("id") DEFERRABLE INITIALLY DEFERRED,'
        ' PRIMARY KEY ("document", "number")) STRICT'
    ),
    "_unproved": (
        'CREATE TABLE "_unproved" ("agency" INTEGER PRIMARY KEY REFERENCES "agencies"("id")'
        " DEFERRABLE INITIALLY DEFERRED) STRICT"
    ),
    **search.DDL,
}
#: The tables that count the rows of others (``derived.counts``).
COUNTING = tuple(counts.name(table.name) for table in TABLES)
_INTERNAL_INDICES = {
    "_states": ('CREATE INDEX "idx__states_document" ON "_states" ("document")',),
    "_parts": ('CREATE INDEX "idx__parts_part" ON "_parts" ("part")',),
}


def create_table(table: TableDef) -> str:
    """The CREATE TABLE of one definition.

    STRICT (SQLite 3.37): a figure column refuses text instead of keeping it.
    References are checked at commit, because a report and its original point
    at each other.
    """
    parts = [_column(column) for column in table.columns]
    key = ", ".join(f'"{name}"' for name in table.key)
    parts.append(f"PRIMARY KEY ({key})")
    parts += [
        f"UNIQUE ({', '.join(f'{chr(34)}{name}{chr(34)}' for name in names)})" for names in table.unique
    ]
    return f'CREATE TABLE "{table.name}" (\n  ' + ",\n  ".join(parts) + "\n) STRICT"


def _column(column: Column) -> str:
    text = f'"{column.name}" {_SQL_TYPE[column.type]}'
    if column.required:
        text += " NOT NULL"
    if column.references:
        target = next(t for t in TABLES if t.name == column.references)
        text += f' REFERENCES "{target.name}"("{target.key[0]}") DEFERRABLE INITIALLY DEFERRED'
    return text


def create_indices(table: TableDef) -> tuple[str, ...]:
    """The CREATE INDEX statements of one definition.

    A column that the primary key, a UNIQUE constraint or a wider index begins
    with has an index already.
    """
    led = {table.key[0], *(names[0] for names in (*table.unique, *table.indices))}
    single = ((column.name,) for column in table.columns if column.indexed and column.name not in led)
    return tuple(_index(table, names) for names in (*single, *table.indices))


def _index(table: TableDef, names: tuple[str, ...]) -> str:
    columns = ", ".join(f'"{name}"' for name in names)
    return f'CREATE INDEX "idx_{table.name}_{"_".join(names)}" ON "{table.name}" ({columns})'


@migrations(name="0001_tables")
def _tables(db: Database) -> None:
    for table in TABLES:
        db.execute(create_table(table))
        for index in create_indices(table):
            db.execute(index)
    for name, statement in INTERNAL.items():
        db.execute(statement)
        for index in _INTERNAL_INDICES.get(name, ()):
            db.execute(index)


@migrations(name="0002_derived")
def _derived(db: Database) -> None:
    if "totals" not in db.table_names():
        for statement in (create_table(TOTALS), *create_indices(TOTALS), *search.DDL.values()):
            db.execute(statement)
        derived.rebuild(db)


@migrations(name="0003_page_indices")
def _page_indices(db: Database) -> None:
    """Indices of two columns begin with these columns now."""
    for name in ("idx_reports_province", "idx_reports_verdict"):
        db.execute(f'DROP INDEX IF EXISTS "{name}"')


@migrations(name="0004_runs")
def _runs(db: Database) -> None:
    """What a run was for, what it says of its portal, where its log is."""
    _add_columns(db, "runs")


def _add_columns(db: Database, name: str) -> None:
    """Give a table what its definition has and it has not; their order stays as it is in the file."""
    table = next(t for t in TABLES if t.name == name)
    there = {column.name for column in db.table(name).columns}
    for column in table.columns:
        if column.name not in there:
            db.execute(f'ALTER TABLE "{name}" ADD COLUMN {_column(column)}')


def _ensure_indices(db: Database) -> None:
    """An index that the schema got since is made without a migration: it changes no row."""
    there = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'index'").fetchall()}
    for table in TABLES:
        for statement in create_indices(table):
            if statement.split('"')[1] not in there:
                db.execute(statement)


def connect(path: Path, *, kind: str, timeout: float = 5.0) -> Database:
    """Open the database for writing: WAL, foreign keys on, led to today's schema.

    ``kind`` is what it must be if it exists: ``archive`` or ``demonstration``;
    ``timeout`` is how many seconds to wait for another program's lock. Raises
    ``NewerSchemaError`` and ``WrongArchiveError``, both naming the file, before
    anything in it is touched, and the other errors of ``archive.errors``.
    """
    with named(path):
        connection = sqlite3.connect(path, timeout=timeout)
    try:
        with named(path):
            _inspect(connection, path, kind)
            connection.execute("PRAGMA journal_mode = WAL")
            # NORMAL in WAL: a power cut may lose the last commits, never damage the file
            # (sqlite.org/pragma.html#pragma_synchronous); what is lost is still in the WARCs.
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            db = Database(connection)
            migrations.apply(db)
            _ensure_indices(db)
            counts.ensure(db)
            if _version(connection) != SCHEMA_VERSION:
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION:d}")
        return db
    except BaseException:
        connection.close()
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _inspect(connection: sqlite3.Connection, path: Path, kind: str) -> None:
    found = _version(connection)
    if found > SCHEMA_VERSION:
        raise NewerSchemaError(
            f"{path}: written with schema {found}, this gongkai knows up to {SCHEMA_VERSION}; update gongkai"
        )
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if names and not names & {"about", Migrations.migrations_table}:
        raise WrongArchiveError(f"{path}: a database of another program (it has no table about)")
    if "about" in names:
        stated = connection.execute("SELECT value FROM about WHERE key = 'kind'").fetchone()
        if stated is not None and stated[0] != kind:
            raise WrongArchiveError(
                f"{path}: holds a gongkai {stated[0]}, not a gongkai {kind}; "
                "a demonstration and real data are kept in folders of their own"
            )
