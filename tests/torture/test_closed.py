"""A disk that takes nothing, and a second writer: said by name, nothing damaged, and later the same ends."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.items import DATABASE
from tests.torture import compare, jobs
from tests.torture.commands import Command, Ended
from tests.torture.conftest import Calm
from tests.torture.disks import small_disk
from tests.torture.jobs import Job
from tests.torture.test_full_disk import CODE, refused
from tests.torture.test_kills import _finish, digest, published_over

pytestmark = pytest.mark.torture


def files_of(data: Path) -> dict[str, str]:
    """Every file and what is in it; SQLite's log, which comes and goes with its readers, left out."""
    return {
        str(path.relative_to(data)): digest(path)
        for path in sorted(data.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


@pytest.mark.parametrize("name", ["crawl", "ingest", "reparse", "rebuild"])
def test_a_disk_that_is_read_only(calm: Callable[[str], Calm], tmp_path: Path, name: str) -> None:
    one = calm(name)
    with small_disk(tmp_path / "disk") as disk:
        data, cwd = disk.folder / "data", tmp_path / "log"
        data.mkdir()
        one.begin(data)
        before = files_of(data)
        disk.lock()
        ended = one.job.run(data, cwd)
        refused(ended, disk.folder, name)
        assert files_of(data) == before
        disk.unlock()
        _finish(one, data, cwd)


@pytest.mark.parametrize("job", [jobs.PUBLISH, jobs.EXPORT], ids=["publish", "export"])
def test_nothing_is_put_on_a_disk_that_is_read_only(current: Path, tmp_path: Path, job: Job) -> None:
    with small_disk(tmp_path / "disk") as disk:
        data, cwd = disk.folder / "data", tmp_path / "log"
        shutil.copytree(current, data)
        assert job.run(data, cwd).code == 0
        before = files_of(data)
        disk.lock()
        refused(job.run(data, cwd), disk.folder, job.words[0])
        assert files_of(data) == before
        disk.unlock()
        assert job.run(data, cwd).code == 0


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param("crawl", "crawl", marks=pytest.mark.torture_slice),
        ("crawl", "reparse"),
        ("reparse", "ingest"),
        ("rebuild", "ingest"),
    ],
)
def test_a_second_writer_is_sent_away(
    calm: Callable[[str], Calm], tmp_path: Path, first: str, second: str
) -> None:
    one, other = calm(first), calm(second)
    data = tmp_path / "data"
    one.begin(data)
    running = one.job.start(data, tmp_path / "one")
    _until_it_writes(data, running)
    with running.paused():
        busy(other.job.run(data, tmp_path / "other"), second)
    done = running.wait()
    assert done.code == 0, done.out
    compare.equal(data, one.data, times=one.times)
    compare.checked(data)


def _until_it_writes(data: Path, running: Command) -> None:
    """Waits until the database's lock is taken and the work has begun."""
    deadline = time.monotonic() + 60
    marks = (data / f"{DATABASE}-wal", data / f"{DATABASE}.rebuild-wal")
    while time.monotonic() < deadline and not running.ends_within(0):
        if any(path.exists() and path.stat().st_size > 50_000 for path in marks):
            return
        time.sleep(0.01)
    raise AssertionError(f"it never wrote: {running.out}")


def busy(ended: Ended, name: str) -> None:
    """It says that another one writes, and to what."""
    assert ended.code == CODE[name], ended.out
    [line] = [line for line in ended.out.splitlines() if line.startswith("Error: ")]
    assert "another gongkai process is writing to it" in line
    assert DATABASE in line
    assert "Traceback" not in ended.out


def test_publish_beside_a_reparse(calm: Callable[[str], Calm], tmp_path: Path) -> None:
    """A copy of a moment in which another one writes is whole, or is refused; the old one stays then."""
    one = calm("reparse")
    data, cwd = tmp_path / "data", tmp_path / "log"
    old, _ = published_over(calm("publish"), data, cwd)
    copy = data / "public" / DATABASE
    running = one.job.start(data, tmp_path / "one")
    ended = jobs.PUBLISH.run(data, cwd)
    assert running.wait().code == 0
    assert ended.code == 0 or digest(copy) == old, ended.out
    assert "Traceback" not in ended.out
    again = jobs.PUBLISH.run(data, cwd)
    assert again.code == 0, again.out
    compare.checked(data)


def test_two_publish_to_one_place(calm: Callable[[str], Calm], tmp_path: Path) -> None:
    data, cwd = tmp_path / "data", tmp_path / "log"
    old, new = published_over(calm("publish"), data, cwd)
    copy = data / "public" / DATABASE
    both = [jobs.PUBLISH.start(data, tmp_path / f"{n}") for n in range(2)]
    ended = [one.wait() for one in both]
    assert {one.code for one in ended} <= {0, 1}
    assert 0 in {one.code for one in ended}
    assert all("another gongkai publishes there" in one.out for one in ended if one.code)
    assert digest(copy) == new
    assert old != new
