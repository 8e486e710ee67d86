"""What several tests are tortured with, made once."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.archive import kept
from tests.torture import jobs
from tests.torture.commands import Ended
from tests.torture.jobs import Job

#: Kills, mounts and the search for what a command left behind all need Linux's /proc.
collect_ignore_glob = [] if sys.platform == "linux" else ["test_*.py"]


@dataclass(frozen=True, slots=True)
class Calm:
    """A job, the archive it begins with, and what an undisturbed run of it came to."""

    job: Job
    name: str
    begin: Callable[[Path], None]
    """Puts that archive into a folder."""
    data: Path
    ended: Ended
    times: bool
    """Whether the times in its tables are those of the files, and so the same each time."""

    @property
    def writes_warcs(self) -> bool:
        return self.name in ("crawl", "ingest")


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("torture") / "files"
    jobs.write_files(folder)
    return folder


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Entries of sample portals that run as long as the tests."""
    with jobs.portals(tmp_path_factory.mktemp("portals")) as folder:
        yield folder


@pytest.fixture(scope="session")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive whose reading is an older parser's."""
    data = tmp_path_factory.mktemp("older") / "data"
    jobs.older_reading(data)
    return data


@pytest.fixture(scope="session")
def current(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as today's parser reads it."""
    data = tmp_path_factory.mktemp("current") / "data"
    kept.crawl(data, kept.history())
    return data


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive into which nothing was crawled yet."""
    data = tmp_path_factory.mktemp("begun") / "data"
    jobs.begun(data)
    return data


@pytest.fixture(scope="session")
def calm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Calm]:
    """A job by its name, with an undisturbed run, which is made when it is first asked for."""
    made: dict[str, Calm] = {}

    def copy_of(fixture: str) -> Callable[[Path], None]:
        source = request.getfixturevalue(fixture)
        return lambda data: shutil.copytree(source, data, dirs_exist_ok=True) and None

    def job_of(name: str) -> tuple[Job, Callable[[Path], None]]:
        if name == "crawl":
            return jobs.crawl(request.getfixturevalue("registry")), copy_of("demonstration")
        if name == "ingest":
            return jobs.ingest(request.getfixturevalue("files")), lambda data: None
        job = {"reparse": jobs.REPARSE, "publish": jobs.PUBLISH, "rebuild": jobs.REPARSE}[name]
        begin = copy_of("current" if name == "publish" else "older")
        if name == "rebuild":

            def without_database(data: Path) -> None:
                begin(data)
                for path in data.glob("gongkai.db*"):
                    path.unlink()

            return job, without_database
        return job, begin

    def get(name: str) -> Calm:
        if name not in made:
            job, begin = job_of(name)
            folder = tmp_path_factory.mktemp(f"calm-{name}")
            begin(folder / "data")
            ended = job.run(folder / "data", folder)
            assert ended.code == 0, ended.out
            made[name] = Calm(job, name, begin, folder / "data", ended, times=name != "crawl")
        return made[name]

    return get
