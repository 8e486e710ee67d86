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

from archive import coverage, textdiff
from archive.derived import counts, filing, reasons, search, totals
from archive.errors import NewerSchemaError, WrongArchiveError, named
from archive.schema import SCHEMA_VERSION, TABLES, TOTALS, Column, TableDef
from archive.shelf import unpack

migrations = Migrations("gongkai")

_SQL_TYPE = {"text": "TEXT", "integer": "INTEGER", "real": "REAL"}

#: Tables of the store's own, no part of what is published. ``_states`` says when an address first
#: showed which original, so that a page that goes back to an earlier text is seen to do so;
#: ``_readings`` holds the rows of originals that are not the current one of their report, so that
#: one of them can take its place without being read again. ``_base`` holds rows of current originals
#: where the tables show more than they say by themselves, ``_unproved`` the issuers whose reports
#: changed since that was last worked out (``overlay.py``). ``_parts`` names the originals that another
#: one goes on in (further pages of an article, pictures), in their order; ``_variants`` holds what an
#: original said while it went on in others than today. ``_texts`` has the signature of the text of each
#: report with telling figures and, with its rows, of each original without an issuer; ``_bands`` is by what
#: two of them meet that may be the same; ``_signed`` has signatures that wait for their turn (``near.py``).
#: ``_search`` and the ``_count_`` tables are worked out from the others (``derived``).
INTERNAL = {
    "_states": (
        'CREATE TABLE "_states" ("url" TEXT NOT NULL, "seen_at" TEXT NOT NULL, "document" INTEGER NOT NULL'
        ' REFERENCES "documents"("id") DEFERRABLE INITIALLY DEFERRED, "parts" TEXT NOT NULL DEFAULT \'\','
        ' PRIMARY KEY ("url", "seen_at", "document")) STRICT'
    ),
    "_readings": (
        'CREATE TABLE "_readings" ("document" INTEGER PRIMARY KEY REFERENCES "documents"("id")'
        ' DEFERRABLE INITIALLY DEFERRED, "parser" TEXT NOT NULL, "text_hash" TEXT NOT NULL,'
        ' "rows" BLOB, "parts" TEXT NOT NULL DEFAULT \'\') STRICT'
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
    "_variants": (
        'CREATE TABLE "_variants" ("document" INTEGER NOT NULL REFERENCES "documents"("id")'
        ' DEFERRABLE INITIALLY DEFERRED, "parts" TEXT NOT NULL, "parser" TEXT NOT NULL,'
        ' "text_hash" TEXT NOT NULL, "content_hash" TEXT NOT NULL, "rows" BLOB NOT NULL,'
        ' PRIMARY KEY ("document", "parts")) STRICT'
    ),
    "_texts": (
        'CREATE TABLE "_texts" ("document" INTEGER PRIMARY KEY REFERENCES "documents"("id")'
        ' DEFERRABLE INITIALLY DEFERRED, "agency" INTEGER, "year" INTEGER, "digest" TEXT, "signature" BLOB,'
        ' "rows" BLOB) STRICT'
    ),
    "_bands": (
        'CREATE TABLE "_bands" ("key" INTEGER NOT NULL, "document" INTEGER NOT NULL REFERENCES'
        ' "documents"("id") DEFERRABLE INITIALLY DEFERRED, PRIMARY KEY ("key", "document"))'
        " STRICT, WITHOUT ROWID"
    ),
    "_signed": (
        'CREATE TABLE "_signed" ("document" INTEGER PRIMARY KEY REFERENCES "documents"("id")'
        ' DEFERRABLE INITIALLY DEFERRED, "digest" TEXT NOT NULL, "signature" BLOB NOT NULL) STRICT'
    ),
    "_unproved": (
        'CREATE TABLE "_unproved" ("agency" INTEGER PRIMARY KEY REFERENCES "agencies"("id")'
        " DEFERRABLE INITIALLY DEFERRED) STRICT"
    ),
    **search.DDL,
}
#: The tables that count the rows of others (``derived.counts``, ``filing``, ``reasons``, ``totals``).
COUNTING = (
    *(counts.name(table.name) for table in TABLES),
    filing.TABLE,
    reasons.TABLE,
    totals.PLACES.table,
)
_INTERNAL_INDICES = {
    "_states": ('CREATE INDEX "idx__states_document" ON "_states" ("document")',),
    "_parts": ('CREATE INDEX "idx__parts_part" ON "_parts" ("part")',),
    "_texts": (
        'CREATE INDEX "idx__texts_agency" ON "_texts" ("agency")',
        # The few that wait for their signature.
        'CREATE INDEX "idx__texts_unsigned" ON "_texts" ("document") WHERE "digest" IS NULL',
    ),
    "_bands": ('CREATE INDEX "idx__bands_document" ON "_bands" ("document")',),
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
    falling = {name: name.startswith("-") for name in names}
    columns = ", ".join(f'"{name.lstrip("-")}"{" DESC" if falls else ""}' for name, falls in falling.items())
    called = "_".join(f"{name.lstrip('-')}_desc" if falls else name for name, falls in falling.items())
    return f'CREATE INDEX "idx_{table.name}_{called}" ON "{table.name}" ({columns})'


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
        search.rebuild(db)
        totals.rebuild(db, totals.TOTALS)


@migrations(name="0003_page_indices")
def _page_indices(db: Database) -> None:
    """Indices of two columns begin with these columns now."""
    for name in ("idx_reports_province", "idx_reports_verdict"):
        db.execute(f'DROP INDEX IF EXISTS "{name}"')


@migrations(name="0004_runs")
def _runs(db: Database) -> None:
    """What a run was for, what it says of its portal, where its log is."""
    _add_columns(db, "runs")


@migrations(name="0005_likeness")
def _likeness(db: Database) -> None:
    """How alike texts are, what changed in them, and the states of originals with parts."""
    _add_columns(db, "copies")
    _add_columns(db, "revisions")
    there = set(db.table_names())
    for name in ("_variants", "_texts", "_bands"):
        if name not in there:
            for statement in (INTERNAL[name], *_INTERNAL_INDICES.get(name, ())):
                db.execute(statement)
    for name in ("_states", "_readings"):
        if "parts" not in {column.name for column in db.table(name).columns}:
            db.execute(f"ALTER TABLE {name} ADD COLUMN \"parts\" TEXT NOT NULL DEFAULT ''")
    # Of an original with parts, those it has now are all that is known; texts are signed by the next prove.
    for row in list(db.query("SELECT DISTINCT document FROM _parts ORDER BY document")):
        sql = "SELECT part FROM _parts WHERE document = ? ORDER BY number"
        parts = " ".join(str(part["part"]) for part in db.query(sql, [row["document"]]))
        for name in ("_states", "_readings"):
            db.execute(f"UPDATE {name} SET parts = ? WHERE document = ?", [parts, row["document"]])  # noqa: S608
    db.execute("INSERT OR IGNORE INTO _unproved (agency) SELECT DISTINCT agency FROM reports")
    _fill_text_diffs(db)


@migrations(name="0006_filled")
def _filled(db: Database) -> None:
    """What the pages that a run read gave, for the next run to be held against."""
    _add_columns(db, "runs")


@migrations(name="0007_signed")
def _signed(db: Database) -> None:
    """Where signatures wait that readers made."""
    if "_signed" not in db.table_names():
        db.execute(INTERNAL["_signed"])


def _fill_text_diffs(db: Database) -> None:
    """What changed in the prose from revision to revision, where the texts of both are kept."""
    sql = "SELECT report, number FROM revisions WHERE text_changed = 1 ORDER BY report, number"
    for row in list(db.query(sql)):
        before, after = (_prose(db, row["report"], number) for number in (row["number"] - 1, row["number"]))
        if before is not None and after is not None:
            where = [textdiff.unified(before, after), row["report"], row["number"]]
            db.execute("UPDATE revisions SET text_diff = ? WHERE report = ? AND number = ?", where)


def _prose(db: Database, report: int, number: int) -> tuple[str, ...] | None:
    sql = """
        SELECT r.document = v.document AS current, k.rows FROM revisions AS v
        JOIN reports AS r ON r.id = v.report LEFT JOIN _readings AS k ON k.document = v.document
        WHERE v.report = ? AND v.number = ?
    """
    row = next(iter(db.query(sql, [report, number])), None)
    if row is not None and row["rows"] is not None:
        return textdiff.sentences(unpack(row["rows"])["sections"])
    if row is None or not row["current"]:
        return None
    return textdiff.sentences(
        db.query("SELECT number, heading, text FROM sections WHERE report = ?", [report])
    )


def _add_columns(db: Database, name: str) -> None:
    """Give a table what its definition has and it has not; their order stays as it is in the file."""
    table = next(t for t in TABLES if t.name == name)
    there = {column.name for column in db.table(name).columns}
    for column in table.columns:
        if column.name not in there:
            db.execute(f'ALTER TABLE "{name}" ADD COLUMN {_column(column)}')


#: Indices for which the schema has a wider one now.
_SUPERSEDED = (
    "idx_requests_line",
    "idx_reports_form",
    "idx_reports_province_year",
    "idx_revisions_seen_at",
)


def _ensure_indices(db: Database) -> None:
    """An index that the schema got since is made without a migration: it changes no row."""
    for name in _SUPERSEDED:
        db.execute(f'DROP INDEX IF EXISTS "{name}"')
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
        # Whoever has it keeps its threads apart (``store.Store``).
        connection = sqlite3.connect(path, timeout=timeout, check_same_thread=False)
    try:
        with named(path):
            _inspect(connection, path, kind)
            connection.execute("PRAGMA journal_mode = WAL")
            # NORMAL in WAL: a power cut may lose the last commits, never damage the file
            # (sqlite.org/pragma.html#pragma_synchronous); what is lost is still in the WARCs.
            connection.execute("PRAGMA synchronous = NORMAL")
            # 16 MB of log before it is brought into the file, instead of 4: every report changes the same
            # pages of indices and counts, which are then written there once for seventy reports.
            connection.execute("PRAGMA wal_autocheckpoint = 4000")
            connection.execute("PRAGMA foreign_keys = ON")
            db = Database(connection)
            migrations.apply(db)
            _ensure_indices(db)
            counts.ensure(db)
            coverage.ensure(db)
            filing.ensure(db)
            reasons.ensure(db)
            totals.ensure(db)
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
