"""``gongkai publish``: only what passes the checks, completed, and nothing because of a crawl under way."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archive import notes
from archive.publish import DROPPED
from archive.records import Snapshot
from archive.store import Store
from archive.warc import WarcWriter
from crawler.cli import main
from pipelines.across import prove
from pipelines.items import DATABASE, WARCS
from pipelines.keep import keep
from tests.archive.kept import START, crawl, everything, history, page, read
from tests.crawler.test_check import WRITTEN


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("archive")
    crawl(data, history())
    return data


@pytest.fixture
def data(archive: Path, tmp_path: Path) -> Path:
    shutil.copytree(archive, tmp_path / "data")
    return tmp_path / "data"


def publish(data: Path, target: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["publish", str(target), "--data", str(data), *words])


def shown(path: Path) -> dict[str, list[str]]:
    found = everything(path)
    apart = (*DROPPED, "sqlite_stat1")
    return {name: rows for name, rows in found.items() if name not in apart}


def change(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        assert db.execute(sql).rowcount != 0


def fetched(writer: WarcWriter, url: str, year: int) -> Snapshot:
    """An original that a crawl has just fetched and noted."""
    body = page(year)
    when = START + timedelta(days=2)
    where = writer.write(url=url, fetched_at=when, status=200, headers=[], body=body)
    snapshot = Snapshot(url=url, body=body, fetched_at=when, warc=where)
    notes.write_original(writer, snapshot)
    return snapshot


def test_it_says_what_was_checked_and_published(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "public" / "gongkai.db"
    before = everything(data / DATABASE)
    run = publish(data, target)
    assert run.exit_code == 0
    lines = run.output.splitlines()
    assert [line.rsplit(maxsplit=1)[1] for line in lines[:-1]] == ["ok"] * len(WRITTEN)
    assert lines[-1] == f"{target}: 3 reports, {target.stat().st_size:,} bytes"
    assert shown(target) == shown(data / DATABASE)
    assert everything(data / DATABASE) == before
    told = json.loads(publish(data, target, "--json", "--sample", "2").stdout)
    assert told["published"] == {"file": str(target), "reports": 3, "bytes": target.stat().st_size}
    assert {one["name"]: one["looked_at"] for one in told["checks"]}["originals"] == 2


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("UPDATE documents SET sha256 = replace(sha256, 'a', 'b')", "originals"),
        ("UPDATE requests SET total = total + 1 WHERE line = 'received'", "totals, identities"),
        ("DELETE FROM agencies", "foreign_key_check"),
        ("DELETE FROM copies", None),
    ],
)
def test_what_a_check_finds_is_not_published(data: Path, tmp_path: Path, sql: str, name: str | None) -> None:
    target = tmp_path / "gongkai.db"
    assert publish(data, target).exit_code == 0
    before = target.read_bytes()
    change(data / DATABASE, sql)
    run = publish(data, target)
    if name is None:  # sound, if poorer
        assert (run.exit_code, target.read_bytes() == before) == (0, False)
        return
    assert run.exit_code == 3
    assert f"not published, because of: {name}" in run.stderr
    assert target.read_bytes() == before
    told = json.loads(publish(data, target, "--json").stdout)
    assert told["published"] is None
    assert set(name.split(", ")) <= {one["name"] for one in told["checks"] if not one["ok"]}


def test_a_lost_warc_file_is_a_reason_and_a_lost_index_is_none(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "gongkai.db"
    for path in (data / WARCS).glob("*.cdxj"):
        path.unlink()
    (data / f"{DATABASE}.rebuild").write_bytes(b"")
    run = publish(data, target)
    assert run.exit_code == 0
    assert "of a reparse that was killed" in run.output
    assert "not in index.cdxj" in run.output
    for path in sorted((data / WARCS).glob("*.warc.gz"))[:1]:
        path.unlink()
    run = publish(data, target)
    assert (run.exit_code, "because of: originals, WARC files" in run.stderr) == (3, True)


def test_a_crawl_under_way_is_no_reason(data: Path, tmp_path: Path) -> None:
    """What it has fetched and not yet stored is told of by its WARC file, which it still writes."""
    target = tmp_path / "gongkai.db"
    with Store(data / DATABASE) as store, WarcWriter(data / WARCS, "u") as writer:
        one = fetched(writer, "http://www.ziyang.example/nb/2024.html", 2024)
        assert publish(data, target).exit_code == 0
        keep(store, one, read(one), parse=read, warcs=data / WARCS)  # and one stored, its file still open
        store.db.execute("BEGIN IMMEDIATE")  # another is being written
        run = publish(data, target)
        assert (run.exit_code, f"{target}: 4 reports" in run.output) == (0, True)
        store.db.execute("ROLLBACK")
        fetched(writer, "http://www.ziyang.example/nb/2025.html", 2025)
    run = publish(data, target)  # that crawl ended without storing it
    assert (run.exit_code, "because of: notes" in run.stderr) == (3, True)
    assert CliRunner().invoke(main, ["reparse", "--data", str(data)]).exit_code == 0
    assert publish(data, target).exit_code == 0


def test_what_a_killed_crawl_left_unproved_is_proved_in_the_copy(data: Path, tmp_path: Path) -> None:
    """A report whose neighbour was replaced since may show what is no longer so."""
    target = tmp_path / "gongkai.db"
    with Store(data / DATABASE) as store, WarcWriter(data / WARCS, "u") as writer:
        # The year between two others takes another shape: Y1 and Y2 say something else of both.
        one = fetched(writer, "http://www.ziyang.example/nb/2022.html", 2022)
        keep(store, one, read(one), parse=read, warcs=data / WARCS)
    before = everything(data / DATABASE)
    assert before["_unproved"] != []
    assert publish(data, target).exit_code == 0
    assert everything(data / DATABASE) == before
    assert shown(target)["findings"] != before["findings"]
    with Store(data / DATABASE) as store:
        assert prove(store).changed > 0
        store.refresh_coverage()
    assert shown(target) == shown(data / DATABASE)


def test_no_archive_and_no_place_for_a_copy(data: Path, tmp_path: Path) -> None:
    run = publish(tmp_path / "none", tmp_path / "gongkai.db")
    assert (run.exit_code, "no such file" in run.output) == (1, True)
    run = publish(data, data / DATABASE)
    assert (run.exit_code, "this is the archive itself" in run.output) == (1, True)
    (tmp_path / "file").write_text("")
    run = publish(data, tmp_path / "file" / "gongkai.db")
    assert (run.exit_code, "Traceback" in run.output) == (1, False)
