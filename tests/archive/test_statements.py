"""The store's everyday statements, on a table of their own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive import statements
from archive.statements import transaction
from archive.store import Store


@pytest.fixture
def db() -> Iterator[Database]:
    made = Database(memory=True)
    made.execute('CREATE TABLE "things" ("id" INTEGER PRIMARY KEY, "name" TEXT, "size" REAL) STRICT')
    yield made
    made.close()


def test_rows_are_written_read_changed_and_taken_out(db: Database) -> None:
    with db.atomic():
        statements.insert_all(
            db, "things", [{"id": 1, "name": "甲", "size": 1.5}, {"size": None, "id": 2, "name": "乙"}]
        )
        statements.insert(db, "things", {"id": 1, "name": "丙", "size": None}, ignore=True)
        statements.insert(db, "things", {"id": 2, "name": "丁", "size": 2.0}, replace=True)
        statements.update(db, "things", "id", 1, {"name": "戊", "size": 3.0})
        statements.insert_all(db, "things", [])
    assert statements.rows(db, "SELECT * FROM things ORDER BY id") == [
        {"id": 1, "name": "戊", "size": 3.0},
        {"id": 2, "name": "丁", "size": 2.0},
    ]
    assert statements.first(db, "SELECT name FROM things WHERE id = ?", [2]) == {"name": "丁"}
    assert statements.first(db, "SELECT name FROM things WHERE id = ?", [3]) is None
    assert statements.get(db, "things", "name", "丁")["id"] == 2
    with pytest.raises(LookupError, match="things has no id 3"):
        statements.get(db, "things", "id", 3)
    with db.atomic():
        statements.delete(db, "things", "id", 1)
    assert [row["id"] for row in statements.rows(db, "SELECT id FROM things")] == [2]


def test_nothing_is_written_outside_of_a_transaction(db: Database) -> None:
    row = {"id": 1, "name": "甲", "size": None}
    for write in (
        lambda: statements.insert(db, "things", row),
        lambda: statements.insert_all(db, "things", [row]),
        lambda: statements.update(db, "things", "id", 1, {"name": "乙"}),
        lambda: statements.delete(db, "things", "id", 1),
    ):
        with pytest.raises(RuntimeError, match="within a transaction"):
            write()
    assert statements.rows(db, "SELECT * FROM things") == []


def test_patience_ends_and_leaves_the_connection_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    with closing(sqlite3.connect(path, timeout=7)) as one, closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with (
            pytest.raises(sqlite3.OperationalError, match="locked"),
            transaction(Database(one), patience=0.05),
        ):
            pytest.fail("another one writes")
        assert not one.in_transaction
        other.execute("COMMIT")
        with transaction(Database(one), patience=0.05):
            one.execute("CREATE TABLE t (a)")
        assert one.execute("PRAGMA busy_timeout").fetchone() == (7000,)
        assert other.execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_what_is_written_within_another_transaction_is_undone_by_itself(db: Database) -> None:
    def put(number: int) -> None:
        statements.insert(db, "things", {"id": number, "name": None, "size": None})

    def fail(number: int) -> None:
        with transaction(db):
            put(number)
            with transaction(db):
                put(number + 1)
            raise ZeroDivisionError

    with transaction(db):
        put(1)
        with pytest.raises(ZeroDivisionError):
            fail(2)
        with transaction(db):
            put(4)
            with pytest.raises(ZeroDivisionError):
                fail(5)
        assert db.conn.in_transaction
    assert not db.conn.in_transaction
    assert [row["id"] for row in statements.rows(db, "SELECT id FROM things")] == [1, 4]


def test_an_error_that_ends_the_whole_transaction_is_told_as_it_is(db: Database) -> None:
    def fail() -> None:
        with transaction(db):
            statements.insert(db, "things", {"id": 1, "name": None, "size": None})
            with transaction(db):
                statements.delete(db, "things", "id", 1)

    db.execute("CREATE TRIGGER whole BEFORE DELETE ON things BEGIN SELECT RAISE(ROLLBACK, 'no'); END")
    with pytest.raises(sqlite3.IntegrityError, match="no"):
        fail()
    assert not db.conn.in_transaction
    assert statements.rows(db, "SELECT id FROM things") == []


def test_only_what_is_small_is_undone_and_sorted_in_memory(tmp_path: Path) -> None:
    def kept_in() -> str:
        [[found]] = store.db.execute("PRAGMA temp_store")
        return ("default", "file", "memory")[found]

    with Store(tmp_path / "some.db") as store:
        assert kept_in() == "memory"
        with statements.large(store.db):
            assert kept_in() == "file"
            with transaction(store.db), statements.large(store.db):
                assert kept_in() == "file"
        assert kept_in() == "memory"
        with transaction(store.db), statements.large(store.db):  # cannot be changed now
            assert kept_in() == "memory"
