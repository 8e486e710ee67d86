"""The comparisons that everything here rests on can fail: each is shown an archive that was tampered with."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from warcio.exceptions import ArchiveLoadFailed

from pipelines.items import DATABASE, WARCS
from tests.torture import compare

pytestmark = [pytest.mark.torture, pytest.mark.torture_slice]

#: What each does to an archive, and a table that tells.
TAMPERED = {
    "a revision lost": (
        "DELETE FROM revisions WHERE rowid = (SELECT min(rowid) FROM revisions)",
        "revisions",
    ),
    "a figure altered": ("UPDATE requests SET total = total + 1 WHERE line = 'received'", "requests"),
    "a copy lost": ("DELETE FROM copies", "copies"),
    "a finding lost": (
        "DELETE FROM findings WHERE rowid = (SELECT min(rowid) FROM findings)",
        "findings",
    ),
    "a portal renamed": ("UPDATE portals SET name = 'x'", "portals"),
}


@pytest.fixture
def data(current: Path, tmp_path: Path) -> Path:
    shutil.copytree(current, tmp_path / "data")
    return tmp_path / "data"


def change(data: Path, sql: str) -> None:
    with closing(sqlite3.connect(data / DATABASE)) as db, db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute(sql)


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_tampered_with_is_not_equal(current: Path, data: Path, name: str) -> None:
    compare.equal(data, current)
    sql, table = TAMPERED[name]
    change(data, sql)
    found = compare.differences(compare.tables(data / DATABASE), compare.tables(current / DATABASE))
    assert found
    assert all(line.startswith(table) for line in found)
    with pytest.raises(AssertionError):
        compare.equal(data, current)


def test_books_of_runs_make_no_difference(current: Path, data: Path) -> None:
    change(data, "UPDATE runs SET finish_reason = 'shutdown', stored = 99")
    compare.equal(data, current)


def test_a_file_that_is_torn_or_altered_is_not_readable(data: Path) -> None:
    compare.readable(data)
    path = max((data / WARCS).glob("*.warc.gz"), key=lambda one: one.stat().st_size)
    body = path.read_bytes()
    path.write_bytes(body[:-5])
    assert compare.left_torn(data) == 1
    with pytest.raises(AssertionError):
        compare.readable(data)
    # Another text in a record whose digest stays, packed anew.
    path.write_bytes(gzip.compress(gzip.decompress(body).replace("年度报告".encode(), "年度稿报".encode())))
    with pytest.raises((AssertionError, ArchiveLoadFailed)):
        compare.readable(data)


def test_check_sees_an_original_that_is_gone(data: Path) -> None:
    compare.checked(data)
    min((data / WARCS).glob("*.warc.gz")).unlink()
    with pytest.raises(AssertionError):
        compare.checked(data)
