"""The DDL is what schema.py says."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive import coverage
from archive.derived import counts, proof, search
from archive.migrations import COUNTING, INTERNAL, connect, migrations
from archive.schema import SCHEMA_VERSION, TABLES, TableDef
from archive.store import Store
from pipelines import report
from pipelines.across import prove
from pipelines.items import DATABASE
from tests.archive import kept
from tests.archive.made import rows

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "schema"


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return connect(tmp_path_factory.mktemp("db") / "gongkai.db", kind="archive")


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_is_as_defined(db: Database, table: TableDef) -> None:
    types = {"text": "TEXT", "integer": "INTEGER", "real": "REAL"}
    found = db.execute(f'PRAGMA table_info("{table.name}")').fetchall()
    assert [(c[1], c[2], bool(c[3])) for c in found] == [
        (c.name, types[c.type], c.required) for c in table.columns
    ]
    keyed = sorted((c for c in found if c[5]), key=lambda c: c[5])
    assert tuple(c[1] for c in keyed) == table.key
    points = {(f[3], f[2], f[4]) for f in db.execute(f'PRAGMA foreign_key_list("{table.name}")').fetchall()}
    targets = {t.name: t.key[0] for t in TABLES}
    assert points == {(c.name, c.references, targets[c.references]) for c in table.columns if c.references}
    indexed, unique = set(), set()
    for index in db.execute(f'PRAGMA index_list("{table.name}")').fetchall():
        columns = tuple(c[2] for c in db.execute(f'PRAGMA index_info("{index[1]}")').fetchall())
        indexed.add(columns[0])
        if index[2]:
            unique.add(columns)
    assert set(table.unique) <= unique
    # The first column of a key is looked up by the key itself.
    assert {c.name for c in table.columns if c.indexed} <= indexed | {table.key[0]}


def test_the_connection_is_set_up(db: Database) -> None:
    def pragma(name: str) -> object:
        return db.execute(f"PRAGMA {name}").fetchone()[0]

    assert (pragma("journal_mode"), pragma("foreign_keys"), pragma("user_version")) == (
        "wal",
        1,
        SCHEMA_VERSION,
    )
    parts = {f"_search_{part}" for part in ("data", "idx", "docsize", "config")}  # FTS5's own
    assert set(db.table_names()) == (
        {t.name for t in TABLES} | {*INTERNAL, *COUNTING, *coverage.TABLES} | parts | {"_sqlite_migrations"}
    )


def test_a_figure_column_refuses_text_and_references_hold(db: Database) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT"), db.atomic():
        db.execute("INSERT INTO requests (report, line, total) VALUES (1, 'received', 'many')")
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"), db.atomic():
        db.execute("INSERT INTO requests (report, line, total) VALUES (1, 'received', 3)")


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "gongkai.db"
    connect(path, kind="archive").close()
    again = connect(path, kind="archive")
    assert [m.name for m in migrations.applied(again)] == [
        "0001_tables",
        "0002_derived",
        "0003_page_indices",
        "0004_runs",
        "0005_likeness",
        "0006_filled",
        "0007_signed",
    ]
    assert migrations.pending(again) == []
    again.close()


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of the fixtures, as it is made today by a parser of the name theirs had."""
    data = tmp_path_factory.mktemp("today")
    with pytest.MonkeyPatch.context() as patch:
        for module in (kept, report):
            patch.setattr(module, "PARSER", "1")
        kept.crawl(data, kept.history())
    return data / DATABASE


def _structure(path: Path) -> dict[str, list[object]]:
    with closing(sqlite3.connect(path)) as conn:
        names = [name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found: dict[str, list[object]] = {
            name: sorted(row[1:] for row in conn.execute(f'PRAGMA table_info("{name}")')) for name in names
        }
        sql = "SELECT name FROM sqlite_master WHERE type IN ('index', 'trigger') AND name NOT LIKE 'sqlite_%'"
        found["others"] = sorted(conn.execute(sql))
        for pragma in ("integrity_check", "foreign_key_check"):
            assert [row for row in conn.execute(f"PRAGMA {pragma}") if row != ("ok",)] == []
    return found


def _rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All that does not tell when a WARC record was written, by column."""
    with closing(sqlite3.connect(path)) as conn:
        conn.row_factory = sqlite3.Row
        return {
            name: sorted(
                (tuple(sorted(_plain(row).items())) for row in conn.execute(f'SELECT * FROM "{name}"')),
                key=repr,
            )
            for name in (*(t.name for t in TABLES), *INTERNAL)
            if name not in ("lines", *search.DDL)
        }


def _plain(row: sqlite3.Row) -> dict[str, object]:
    return {key: row[key] for key in row.keys() if not key.startswith("warc_")}  # noqa: SIM118


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_each_released_schema_is_led_to_todays(version: int, today: Path, tmp_path: Path) -> None:
    """Files that gongkai wrote when it had these schemas, with the same crawl in each."""
    path = tmp_path / "gongkai.db"
    path.write_bytes(gzip.decompress((FIXTURES / f"{version}.db.gz").read_bytes()))
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("PRAGMA user_version").fetchone() == (version,)
    with Store(path) as store:
        assert rows(store, "SELECT count(*) AS n FROM _unproved") == [{"n": int(version < 5)}], (
            "before schema 5 its texts are not signed yet"
        )
        prove(store)
        assert (
            proof.search_wrong(store.db) == proof.totals_wrong(store.db) == proof.counts_wrong(store.db) == []
        )
    assert _structure(path).keys() == _structure(today).keys()
    for name, columns in _structure(today).items():
        assert [str(c) for c in _structure(path)[name]] == [str(c) for c in columns], name
    led, made = _rows(path), _rows(today)
    assert any("text_diff" in str(row) and "@@" in str(row) for row in led["revisions"])
    for name in made:
        assert led[name] == made[name], name
    once = kept.everything(path)
    with Store(path) as store:
        assert prove(store).changed == 0
    assert kept.everything(path) == once


def test_runs_of_schema_3_get_what_they_lack(tmp_path: Path) -> None:
    path = tmp_path / "gongkai.db"
    old = connect(path, kind="archive")
    with old.atomic():
        counts.drop(old, next(table for table in TABLES if table.name == "runs"))
        old.execute('DROP INDEX "idx_runs_outcome"')
        for name in ("mode", "outcome", "system", "log"):
            old.execute(f'ALTER TABLE "runs" DROP COLUMN "{name}"')
        old.execute("DELETE FROM _sqlite_migrations WHERE name = '0004_runs'")
        old.execute("INSERT INTO runs (id, command, started_at) VALUES (1, 'crawl', '2026-01-01')")
    old.execute("PRAGMA user_version = 3")
    old.close()
    led = connect(path, kind="archive")
    (table,) = [table for table in TABLES if table.name == "runs"]
    assert {c.name: (c.type, bool(c.notnull)) for c in led.table("runs").columns} == {
        c.name: (c.type.upper(), c.required) for c in table.columns
    }
    assert "idx_runs_outcome" in {index.name for index in led.table("runs").indexes}
    assert next(iter(led.table("runs").rows))["started_at"] == "2026-01-01"
    assert led.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
    led.close()


def test_an_index_that_the_schema_got_since_is_made(tmp_path: Path) -> None:
    path = tmp_path / "gongkai.db"
    old = connect(path, kind="archive")
    old.execute('DROP INDEX "idx_reports_published_on"')
    old.close()
    again = connect(path, kind="archive")
    assert again.execute("SELECT 1 FROM sqlite_master WHERE name = 'idx_reports_published_on'").fetchone()
    again.close()
