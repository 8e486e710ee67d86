"""Done twice is done once: nothing changes but the books of runs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.items import DATABASE
from tests.torture import compare, jobs
from tests.torture.conftest import Calm
from tests.torture.test_kills import digest

pytestmark = pytest.mark.torture


@pytest.mark.parametrize("name", ["crawl", "ingest", "reparse"])
def test_twice_is_once(calm: Callable[[str], Calm], tmp_path: Path, name: str) -> None:
    one, data = calm(name), tmp_path / "data"
    shutil.copytree(one.data, data)
    before = compare.tables(data / DATABASE)
    for job in (one.job, jobs.PROVE, one.job):
        words = ("--demo",) if name == "crawl" and job is jobs.PROVE else ()
        ended = jobs.Job((*job.words, *words), one.job.env).run(data, tmp_path / "log")
        assert ended.code == 0, ended.out
        assert compare.differences(before, compare.tables(data / DATABASE)) == []
    compare.readable(data)
    compare.checked(data)


def test_a_whole_crawl_twice(calm: Callable[[str], Calm], tmp_path: Path) -> None:
    """Everything fetched again, and the same bytes come."""
    one, data = calm("crawl"), tmp_path / "data"
    shutil.copytree(one.data, data)
    before = compare.tables(data / DATABASE)
    ended = jobs.Job((*one.job.words, "--all"), one.job.env).run(data, tmp_path / "log")
    assert ended.code == 0, ended.out
    assert "0 new reports, 0 revisions" in ended.out
    assert compare.differences(before, compare.tables(data / DATABASE)) == []
    compare.readable(data)


@pytest.mark.torture_slice
def test_publish_and_export_twice(current: Path, tmp_path: Path) -> None:
    data, cwd = tmp_path / "data", tmp_path / "log"
    shutil.copytree(current, data)
    copy, seen = data / "public" / DATABASE, []
    for _ in range(2):
        assert jobs.PUBLISH.run(data, cwd).code == 0
        assert jobs.EXPORT.run(data, cwd).code == 0
        out = {path.name: digest(path) for path in (data / "out").rglob("*") if path.is_file()}
        seen.append((digest(copy), out))
    assert seen[0] == seen[1]
    assert compare.differences(compare.tables(current / DATABASE), compare.tables(data / DATABASE)) == []
