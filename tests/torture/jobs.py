"""What is tortured: small archives of every kind of file, and the commands that make and change them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from archive.divisions import DEFAULT
from archive.store import Store
from demo import real
from demo.server import DemoPortals
from pipelines.items import DATABASE
from tests import layouts_files
from tests.archive import kept
from tests.pipelines.test_replay import worse
from tests.torture.commands import Command, Ended

#: Sample portals whose answers are the same for everyone at any time, quick to visit: four families, reports
#: as pages and as attachments of all kinds, and copies.
PORTALS = ("demo-yangzhang", "demo-moben", "demo-fujuan", "demo-erqi")
#: Few enough that an archive of some ten pages is several files.
SMALL_WARCS = {"GONGKAI_WARC_SIZE": "20000"}
CRAWLING = {"GONGKAI_DEMO": "true", "GONGKAI_AT_ONCE": "1", "GONGKAI_DAILY_BUDGET": "0", **SMALL_WARCS}


@dataclass(frozen=True, slots=True)
class Job:
    """A command that is to give the same however often it is killed and begun again."""

    words: tuple[str, ...]
    env: dict[str, str]

    def start(self, data: Path, cwd: Path, more: dict[str, str] | None = None) -> Command:
        """Begin it on an archive; ``more``: further variables."""
        words = [word.replace("DATA", str(data)) for word in self.words]
        return Command(*words, env={**self.env, **(more or {})}, cwd=cwd)

    def run(self, data: Path, cwd: Path, more: dict[str, str] | None = None) -> Ended:
        """The whole of it."""
        return self.start(data, cwd, more).wait()


REPARSE = Job(("reparse", "--workers", "1", "--data", "DATA"), SMALL_WARCS)
PROVE = Job(("prove", "--data", "DATA"), SMALL_WARCS)
PUBLISH = Job(("publish", "DATA/public/gongkai.db", "--data", "DATA"), SMALL_WARCS)
EXPORT = Job(("export", "DATA/out", "--data", "DATA"), SMALL_WARCS)


def ingest(files: Path) -> Job:
    """Take in all files of a folder, which are told by their bare names."""
    names = [str(path) for path in sorted(files.iterdir())]
    return Job(("ingest", "--data", "DATA", "--portal-name", "益阳市资阳区人民政府", *names), SMALL_WARCS)


def crawl(registry: Path) -> Job:
    """Visit all portals of a folder of entries."""
    return Job(("crawl", "--portals", str(registry), "--data", "DATA"), CRAWLING)


def write_files(folder: Path) -> None:
    """Reports as pages, DOCX and XLSX over seven years, one of them twice, and a notice; of fixed times."""
    folder.mkdir(parents=True)
    for number, year in enumerate(range(2019, 2026)):
        body = kept.page(year, sample=number % 5)
        (folder / f"{year}.html").write_bytes(body)
    (folder / "2021 副本.html").write_bytes(kept.page(2021, sample=2))
    sample = real.load_all()[0]
    figures = {table: {row: dict(line) for row, line in rows.items()} for table, rows in sample.cells.items()}
    (folder / "2022.docx").write_bytes(layouts_files.docx()(figures, sample.form))
    (folder / "2023.xlsx").write_bytes(layouts_files.xlsx()(figures, sample.form))
    (folder / "通知.html").write_bytes("<html><body><h1>关于编制年度报告的通知</h1></body></html>".encode())
    for number, path in enumerate(sorted(folder.iterdir())):
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))


def older_reading(data: Path) -> None:
    """An archive that an older parser has read, so that a reparse has something to change."""
    kept.crawl(data, kept.history(), parse=worse)


@contextmanager
def portals(folder: Path) -> Iterator[Path]:
    """The sample portals of ``PORTALS``, running; gives the folder of their entries."""
    with DemoPortals(seed=1) as running:
        whole = folder / "all"
        running.write_registry(whole)
        chosen = folder / "registry"
        chosen.mkdir()
        for key in PORTALS:
            shutil.move(whole / f"{key}.yml", chosen)
        yield chosen


def begun(data: Path) -> None:
    """A demonstration's empty archive, with the divisions that the sample portals are in."""
    with Store(data / DATABASE, demo=True) as store:
        rows = DemoPortals(seed=1).divisions
        store.load_divisions(DEFAULT.with_extra(rows).rows())
