"""Killed just before each step onto the disk, one after the other: no moment is left to chance.

A step is an fsync, a rename, a deletion, the beginning or the end of a transaction (see hooks/).
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.items import DATABASE
from tests.torture import compare, jobs
from tests.torture.commands import dying
from tests.torture.conftest import Calm
from tests.torture.test_kills import SEED, _finish, digest, published_over

pytestmark = pytest.mark.torture

#: Steps of a job that are tried in the long run: the first and the last ones, where files are made and put in
#: their places, and a choice of those between, which are like each other.
_AT_THE_ENDS, _BETWEEN = 8, 12


def steps(calm: Calm, folder: Path, *, tear: bool = False, of: str | None = None) -> int:
    """How many steps an undisturbed run takes: the one of its processes that takes most."""
    data, count = folder / "counted", folder / "steps.txt"
    calm.begin(data)
    ended = calm.job.run(data, folder / "counted-log", dying(0, data, tear=tear, count=count, of=of))
    assert ended.code == 0, ended.out
    shutil.rmtree(data)
    return max(Counter(line.split()[0] for line in count.read_text(encoding="utf-8").splitlines()).values())


def chosen(number: int, name: str, between: int = _BETWEEN, ends: int = _AT_THE_ENDS) -> list[int]:
    """Which of so many steps are tried; the same each time."""
    everyone = range(1, number + 1)
    inner = everyone[ends:-ends] if ends else everyone
    some = random.Random(f"{SEED} {name}").sample(inner, min(between, len(inner)))
    return sorted({*everyone[:ends], *everyone[-ends:], *some} if ends else some)


def _killed_at(calm: Calm, folder: Path, step: int, *, tear: bool = False, of: str | None = None) -> bool:
    """Whether it was: what stores may come to a step less, for what it groups depends on the moment."""
    data, cwd = folder / f"{step}", folder / f"{step}-log"
    calm.begin(data)
    ended = calm.job.run(data, cwd, dying(step, data, tear=tear, of=of))
    # A crawl is a child of the command, which tells of its death.
    killed = ended.code != 0
    assert killed or of == _STORER, f"step {step} was never reached:\n{ended.out}"
    compare.sound(data)
    if tear:
        assert compare.left_torn(data) == 1
    try:
        _finish(calm, data, cwd)
    except AssertionError as error:
        raise AssertionError(f"killed at step {step}: {error}") from error
    shutil.rmtree(data)
    return killed


@pytest.mark.parametrize("name", ["crawl", "ingest", "reparse", "rebuild"])
def test_killed_at_each_step(calm: Callable[[str], Calm], tmp_path: Path, name: str) -> None:
    one = calm(name)
    tried = chosen(steps(one, tmp_path), name)
    for step in tried:
        _killed_at(one, tmp_path, step)
    print(name, len(tried), "steps")


#: What a crawl stores, it stores in a process of its own.
_STORER = "pipelines.storer"


def test_killed_with_its_crawl_at_each_step_of_storing(calm: Callable[[str], Calm], tmp_path: Path) -> None:
    one = calm("crawl")
    for step in chosen(steps(one, tmp_path, of=_STORER), "storing"):
        _at_or_before(step, lambda at: _killed_at(one, tmp_path, at, of=_STORER))


def test_what_stores_is_killed_alone_at_each_step(calm: Callable[[str], Calm], tmp_path: Path) -> None:
    """The crawl goes on, and nothing tells it from one that nobody disturbed, its books included."""
    one = calm("crawl")
    for step in chosen(steps(one, tmp_path, of=_STORER), "storing alone"):
        _at_or_before(step, lambda at: _killed_alone_at(one, tmp_path, at))


@pytest.mark.torture_slice
def test_what_stores_is_killed_alone_at_a_few_steps(calm: Callable[[str], Calm], tmp_path: Path) -> None:
    one = calm("crawl")
    for step in chosen(steps(one, tmp_path, of=_STORER), "storing slice", between=1, ends=1):
        _at_or_before(step, lambda at: _killed_alone_at(one, tmp_path, at))


#: Steps by which one run may come to less than another: what comes close together shares a transaction.
_FEWER = 8


def _at_or_before(step: int, killed: Callable[[int], bool]) -> None:
    """Killed at a step, or where a run has not so many at the last that it has."""
    tried = range(step, max(step - _FEWER, 0), -1)
    assert any(killed(at) for at in tried), f"none of the steps {tried[-1]} to {step} was ever reached"


def _killed_alone_at(calm: Calm, folder: Path, step: int) -> bool:
    data, mark = folder / f"{step}", folder / f"{step}-died"
    mark.unlink(missing_ok=True)
    calm.begin(data)
    ended = calm.job.run(data, folder / f"{step}-log", dying(step, data, of=_STORER, once=mark))
    assert ended.code == 0, f"killed at step {step}: {ended.out}"
    compare.equal(data, calm.data, times=calm.times)
    assert compare.books(data) == compare.books(calm.data), f"killed at step {step}"
    compare.checked(data)
    shutil.rmtree(data)
    return mark.exists()


@pytest.mark.parametrize("name", ["crawl", "ingest"])
def test_killed_within_a_record(calm: Callable[[str], Calm], tmp_path: Path, name: str) -> None:
    one = calm(name)
    for step in chosen(steps(one, tmp_path, tear=True), name, between=6, ends=2):
        _killed_at(one, tmp_path, step, tear=True)


@pytest.mark.torture_slice
def test_killed_at_a_few_steps(calm: Callable[[str], Calm], tmp_path: Path) -> None:
    one = calm("ingest")
    _killed_at(one, tmp_path, 7, tear=True)
    for step in chosen(steps(one, tmp_path), "slice", between=1, ends=0):
        _killed_at(one, tmp_path, step)


def test_a_publish_killed_at_each_step(calm: Callable[[str], Calm], tmp_path: Path) -> None:
    one, first, cwd = calm("publish"), tmp_path / "first", tmp_path / "log"
    old, new = published_over(one, first, cwd)
    data = tmp_path / "data"
    shutil.copytree(first, data)
    count = tmp_path / "steps.txt"
    assert jobs.PUBLISH.run(data, cwd, dying(0, data, count=count)).code == 0
    number = len(count.read_text(encoding="utf-8").splitlines())
    seen = set()
    for step in chosen(number, "publish"):
        shutil.rmtree(data)
        shutil.copytree(first, data)
        assert jobs.PUBLISH.run(data, cwd, dying(step, data)).code == -9
        seen.add(digest(data / "public" / DATABASE))
        ended = jobs.PUBLISH.run(data, cwd)
        assert (ended.code, digest(data / "public" / DATABASE)) == (0, new), f"step {step}: {ended.out}"
    assert seen == {old, new}
