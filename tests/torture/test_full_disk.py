"""A full disk is said by name, damages nothing, and is no portal's fault; with room the same command ends."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pipelines.items import DATABASE
from tests.torture import compare, jobs
from tests.torture.commands import Ended
from tests.torture.conftest import Calm
from tests.torture.disks import small_disk
from tests.torture.test_kills import _finish, digest, published_over

pytestmark = pytest.mark.torture

#: Kilobytes left: for nothing, for a lock, for a part of the work, for most of it.
ROOM = (0, 8, 60, 200, 500, 900, 1400, 2200, 3500, 5000)
#: What each command answers with (its --help says so).
CODE = {"crawl": 5, "ingest": 1, "reparse": 1, "rebuild": 1, "publish": 1, "export": 1}


def refused(ended: Ended, folder: Path, name: str) -> None:
    """The end is that which is documented, with one line that says what is wrong and where."""
    assert ended.code == CODE[name], ended.out
    [line] = [line for line in ended.out.splitlines() if line.startswith("Error: ")]
    assert str(folder) in line, line
    assert "Traceback" not in ended.out, ended.out


def says_full(ended: Ended) -> bool:
    return any(words in ended.out for words in ("disk is full", "no room left", "full or failing"))


def _fill(calm: Calm, folder: Path, rooms: tuple[int, ...]) -> list[int]:
    """Run a job with so much room each time; gives with how much the disk was too small."""
    met = []
    for room in rooms:
        with small_disk(folder / f"disk-{room}") as disk:
            data, cwd = disk.folder / "data", folder / "log"
            data.mkdir()
            calm.begin(data)
            disk.leave(room)
            ended = calm.job.run(data, cwd)
            disk.clear()  # to read the database takes some room, too
            compare.sound(data)
            if ended.code:
                refused(ended, disk.folder, calm.name)
                assert says_full(ended), ended.out
                met.append(room)
                if calm.name == "crawl":
                    _nobody_else_is_to_blame(data)
            _finish(calm, data, cwd)
        if not ended.code:
            break
    return met


def _nobody_else_is_to_blame(data: Path) -> None:
    with closing(sqlite3.connect(data / DATABASE)) as db:
        kinds = {kind for (kind,) in db.execute("SELECT kind FROM run_issues")}
        reasons = {reason for (reason,) in db.execute("SELECT finish_reason FROM runs")}
        status = {status for (status,) in db.execute("SELECT status FROM portals")}
    assert kinds <= {"archive"}
    assert reasons <= {None, "archive", "archive_failed", "finished"}
    assert status <= {"ok"}


@pytest.mark.parametrize("name", ["crawl", "ingest", "reparse", "rebuild"])
def test_a_full_disk(calm: Callable[[str], Calm], tmp_path: Path, name: str) -> None:
    met = _fill(calm(name), tmp_path, ROOM)
    print(name, "met a full disk with so many KB left:", met)
    assert len(met) >= 2


@pytest.mark.torture_slice
def test_a_disk_that_fills_up_in_a_crawl(calm: Callable[[str], Calm], tmp_path: Path) -> None:
    assert _fill(calm("crawl"), tmp_path, (500,)) == [500]


@pytest.mark.torture_slice
def test_a_full_disk_keeps_the_old_copy(calm: Callable[[str], Calm], tmp_path: Path) -> None:
    met = []
    with small_disk(tmp_path / "disk") as disk:
        data, cwd = disk.folder / "data", tmp_path / "log"
        old, new = published_over(calm("publish"), data, cwd)
        copy = data / "public" / DATABASE
        for room in ROOM:
            disk.leave(room)
            ended = jobs.PUBLISH.run(data, cwd)
            if not ended.code:
                break
            refused(ended, disk.folder, "publish")
            assert says_full(ended), ended.out
            assert digest(copy) == old
            met.append(room)
        disk.clear()
        assert jobs.PUBLISH.run(data, cwd).code == 0
        assert digest(copy) == new
    assert len(met) >= 3


def test_a_full_disk_keeps_the_old_export(current: Path, tmp_path: Path) -> None:
    met = []
    with small_disk(tmp_path / "disk") as disk:
        data, cwd = disk.folder / "data", tmp_path / "log"
        shutil.copytree(current, data)
        assert jobs.EXPORT.run(data, cwd).code == 0
        before = {path.name: digest(path) for path in (data / "out").rglob("*") if path.is_file()}
        for room in ROOM:
            disk.leave(room)
            ended = jobs.EXPORT.run(data, cwd)
            if not ended.code:
                break
            refused(ended, disk.folder, "export")
            assert says_full(ended), ended.out
            met.append(room)
            assert {p.name: digest(p) for p in (data / "out").rglob("*") if p.is_file()} == before
        disk.clear()
        assert jobs.EXPORT.run(data, cwd).code == 0
        assert {p.name: digest(p) for p in (data / "out").rglob("*") if p.is_file()} == before
        assert sorted(path.name for path in data.iterdir() if path.name.startswith(".out")) == []
    assert len(met) >= 3
