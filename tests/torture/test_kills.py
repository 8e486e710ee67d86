"""kill -9 at random moments, the same command again, and the archive is that of an undisturbed run."""

from __future__ import annotations

import hashlib
import random
import shutil
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pipelines.items import DATABASE, WARCS
from tests.torture import compare, jobs
from tests.torture.conftest import Calm

pytestmark = pytest.mark.torture

#: Whom the kill hits: the whole of the command as a power cut would, its main process, one of its children.
HOW = ("all", "main", "child")
#: Share of an undisturbed run's time at which the first kill may come: before, Python is loading modules.
_EARLIEST = 0.2
SEED = 20240201


def _torture(calm: Calm, folder: Path, kills: int) -> Counter[str]:
    """Kill the job so many times; each archive is killed at up to four times, then finished and compared."""
    chance = random.Random(f"{SEED} {calm.name}")
    done: Counter[str] = Counter()
    number = 0
    while sum(done[how] for how in HOW) < kills:
        number += 1
        data, cwd = folder / f"{number}", folder / f"{number}-log"
        calm.begin(data)
        for _ in range(chance.randint(1, 4)):
            command = calm.job.start(data, cwd)
            if command.ends_within(chance.uniform(_EARLIEST, 1.0) * calm.ended.seconds):
                done["too late"] += 1
                command.wait()
                break
            how = chance.choice(HOW)
            command.kill(how, chance)
            done[how] += 1
            compare.sound(data)
            done["torn"] += compare.left_torn(data) if (data / WARCS).is_dir() else 0
        _finish(calm, data, cwd)
        done["archives"] += 1
        shutil.rmtree(data)
    return done


def _finish(calm: Calm, data: Path, cwd: Path) -> None:
    """Run the job to its end and hold the archive against the undisturbed one."""
    torn = compare.left_torn(data) if (data / WARCS).is_dir() else 0
    ended = calm.job.run(data, cwd)
    assert ended.code == 0, ended.out
    if calm.writes_warcs:
        assert ended.out.count("of a record that was never finished") == torn
        compare.readable(data)
    compare.equal(data, calm.data, times=calm.times)
    compare.checked(data)


@pytest.mark.parametrize(("name", "kills"), [("crawl", 20), ("ingest", 20), ("reparse", 15), ("rebuild", 10)])
def test_killed_and_begun_again(calm: Callable[[str], Calm], tmp_path: Path, name: str, kills: int) -> None:
    done = _torture(calm(name), tmp_path, kills)
    print(name, dict(done))
    assert sum(done[how] for how in HOW) >= kills


@pytest.mark.torture_slice
@pytest.mark.parametrize(("name", "kills"), [("crawl", 1), ("ingest", 1)])
def test_killed_a_few_times(calm: Callable[[str], Calm], tmp_path: Path, name: str, kills: int) -> None:
    _torture(calm(name), tmp_path, kills)


class _Reader(threading.Thread):
    """Reads a file over and over and keeps the digests of what it saw."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self.path = path
        self.seen: set[str] = set()
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.is_set():
            self.seen.add(digest(self.path))
            time.sleep(0.001)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def published_over(calm: Calm, data: Path, cwd: Path) -> tuple[str, str]:
    """An archive with a published copy that is behind; gives the digests of it and of the one to come."""
    calm.begin(data)
    assert jobs.PUBLISH.run(data, cwd).code == 0
    old = digest(data / "public" / DATABASE)
    with closing(sqlite3.connect(data / DATABASE)) as db, db:
        db.execute("UPDATE portals SET name = name || '（改）'")
    other = cwd / "other"
    shutil.copytree(data, other)
    assert jobs.PUBLISH.run(other, cwd).code == 0
    new = digest(other / "public" / DATABASE)
    shutil.rmtree(other)
    assert old != new
    return old, new


def _publish(calm: Calm, folder: Path, kills: int) -> Counter[str]:
    chance = random.Random(f"{SEED} publish")
    done: Counter[str] = Counter()
    first, cwd = folder / "first", folder / "log"
    old, new = published_over(calm, first, cwd)
    number = 0
    while sum(done[how] for how in HOW) < kills:
        number += 1
        data = folder / f"{number}"
        shutil.copytree(first, data)
        reader = _Reader(data / "public" / DATABASE)
        reader.start()
        for _ in range(3):
            command = jobs.PUBLISH.start(data, cwd)
            if command.ends_within(chance.uniform(_EARLIEST, 1.0) * calm.ended.seconds):
                command.wait()
                break
            how = chance.choice(("all", "main"))
            command.kill(how)
            done[how] += 1
            done["new" if digest(data / "public" / DATABASE) == new else "old"] += 1
        ended = jobs.PUBLISH.run(data, cwd)
        reader.ended.set()
        reader.join()
        assert ended.code == 0, ended.out
        assert reader.seen <= {old, new}
        assert digest(data / "public" / DATABASE) == new
        assert sorted(path.name for path in (data / "public").iterdir()) == [DATABASE, f"{DATABASE}.lock"]
        shutil.rmtree(data)
    return done


def test_a_killed_publish_leaves_the_old_copy_or_the_new_one(
    calm: Callable[[str], Calm], tmp_path: Path
) -> None:
    done = _publish(calm("publish"), tmp_path, 15)
    print("publish", dict(done))
    assert done["all"] + done["main"] >= 15


@pytest.mark.torture_slice
def test_a_publish_killed_once(calm: Callable[[str], Calm], tmp_path: Path) -> None:
    _publish(calm("publish"), tmp_path, 1)
