"""The Scrapy pipelines, driven by Scrapy's own manager in a running event loop and by a real crawl."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy.exceptions import DropItem
from scrapy.pipelines import ItemPipelineManager
from scrapy.settings import Settings
from scrapy.statscollectors import MemoryStatsCollector

from archive.candidates import Outcome
from archive.records import Finding, Report, Snapshot
from archive.rows import reading
from archive.store import Store
from pipelines import items, storing
from pipelines.pipes import sealed
from tests.archive.made import dump, report, rows, snapshot

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def fake_parse(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Snapshot], Report]], None]:
    """Puts a parser of the test's own in the place of ``pipelines.report.parse``."""

    def install(parse: Callable[[Snapshot], Report]) -> None:
        monkeypatch.setattr(items.Readers, "passed_on", lambda self, shot: sealed(reading(shot, parse(shot))))

    monkeypatch.setattr(items, "is_asyncio_available", lambda: True)
    return install


class Engine:
    def __init__(self) -> None:
        self.reasons: list[str] = []

    async def close_spider_async(self, *, reason: str) -> None:
        self.reasons.append(reason)


def crawler(data: Path, **settings: Any) -> Any:
    """As much of a crawler as a pipeline may use."""
    made = SimpleNamespace(
        settings=Settings({"GONGKAI_DATA": str(data), "STATS_DUMP": False, **settings}),
        spider=SimpleNamespace(name="t"),
        engine=Engine(),
    )
    made.stats = MemoryStatsCollector(made)
    return made


async def process(made: Any, snapshots: Iterable[object]) -> list[Any]:
    pipelines = [items.ParsePipeline.from_crawler(made), items.StorePipeline.from_crawler(made)]
    manager = ItemPipelineManager(*pipelines, crawler=made)
    await manager.open_spider_async()
    try:
        work = [manager.process_item_async(shot) for shot in snapshots]
        return await asyncio.gather(*work, return_exceptions=True)
    finally:
        await manager.close_spider_async()


def by_url(shot: Snapshot) -> Report:
    kind = shot.url.rsplit("/", 1)[-1]
    return {
        "good": report(
            {("requests", "received", "total"): len(shot.body)}, findings=(Finding("reader", "x"),)
        ),
        "notice": report(is_report=False),
        "nobody": report(agency=None),
        "broken": report(error="cut short"),
        "bomb": report(error="RecursionError: nested 10000 deep"),
    }[kind]


def test_every_outcome_is_stored_and_counted(tmp_path: Path, fake_parse: Any) -> None:
    fake_parse(by_url)
    made = crawler(tmp_path)
    shots = [
        snapshot("http://a/good", "one"),
        snapshot("http://a/notice", "n"),
        snapshot("http://a/nobody", "u"),
        snapshot("http://a/broken", "b"),
        snapshot("http://a/bomb", "!"),
        snapshot("http://a/good", "one", day=1),
        snapshot("http://a/good", "more", day=2),
        snapshot("http://b/good", "more", day=2, portal="upper", portal_division="410100"),
    ]
    outcomes = asyncio.run(process(made, shots))
    assert [o.action for o in outcomes] == [
        "stored", "refused", "unassigned", "unreadable", "unreadable", "unchanged", "revised", "copied",
    ]  # fmt: skip
    assert outcomes[4].reason == "RecursionError: nested 10000 deep"
    counted = {key: value for key, value in made.stats.get_stats().items() if key.startswith("gongkai/")}
    assert counted == {
        "gongkai/zhongyuan/stored": 1, "gongkai/stored": 1,
        "gongkai/zhongyuan/refused": 1, "gongkai/refused": 1,
        "gongkai/zhongyuan/unassigned": 1, "gongkai/unassigned": 1,
        "gongkai/zhongyuan/unreadable": 2, "gongkai/unreadable": 2,
        "gongkai/zhongyuan/unchanged": 1, "gongkai/unchanged": 1,
        "gongkai/zhongyuan/revised": 1, "gongkai/revised": 1,
        "gongkai/upper/copied": 1, "gongkai/copied": 1,
        "gongkai/zhongyuan/findings": 2, "gongkai/findings": 2,
    }  # fmt: skip
    with Store(tmp_path / "gongkai.db") as store:
        assert len(rows(store, "SELECT * FROM documents")) == 7
    # The same crawl again changes nothing at all.
    before = dump(tmp_path / "gongkai.db")
    again = asyncio.run(process(crawler(tmp_path), [replace(shot) for shot in shots[:5] + shots[6:]]))
    assert {o.action for o in again} == {"unchanged"}
    assert dump(tmp_path / "gongkai.db") == before


def test_reading_and_storing_are_off_the_reactor_s_thread_and_in_order(
    tmp_path: Path, fake_parse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = threading.get_ident()
    read_on: list[int] = []
    stored_on: set[int] = set()
    stored: list[str] = []

    def parse(shot: Snapshot) -> Report:
        read_on.append(threading.get_ident())
        # The first takes longest: without turns others that are read beside it would overtake it.
        threading.Event().wait(0.05 if shot.url.endswith("/0") else 0)
        return report(year=2000 + int(shot.url[-1]))

    fake_parse(parse)
    real = items.Storing._ask

    def ask(own: items.Storing, what: storing.Keep) -> list[object]:
        stored_on.add(threading.get_ident())
        stored.extend(one.snapshot.url for one in what.some)
        return real(own, what)

    monkeypatch.setattr(items.Storing, "_ask", ask)
    shots = [snapshot(f"http://a/{n}", str(n)) for n in range(6)]
    asyncio.run(process(crawler(tmp_path, GONGKAI_READERS=3), shots))
    assert main not in read_on
    assert len(set(read_on)) > 1
    assert len(stored_on - {main}) == len(stored_on) == 1
    assert stored == [shot.url for shot in shots]


def test_several_spiders_share_one_store(tmp_path: Path, fake_parse: Any) -> None:
    fake_parse(lambda shot: report(year=int(shot.url[-4:])))

    async def both() -> None:
        await asyncio.gather(
            process(crawler(tmp_path), [snapshot(f"http://a/{y}", "x") for y in range(2008, 2016)]),
            process(crawler(tmp_path), [snapshot(f"http://b/{y}", "x") for y in range(2008, 2016)]),
        )

    asyncio.run(both())
    with Store(tmp_path / "gongkai.db") as store:
        assert rows(store, "SELECT count(*) AS n FROM reports") == [{"n": 8}]
        assert rows(store, "SELECT count(*) AS n FROM copies") == [{"n": 8}]


def test_the_books_wait_for_the_transactions_of_the_process_that_stores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(Store.__init__.__kwdefaults__, "timeout", 0)
    other = sqlite3.connect(tmp_path / "gongkai.db", isolation_level=None, check_same_thread=False)

    async def note() -> int:
        made = crawler(tmp_path)
        manager = ItemPipelineManager(items.StorePipeline.from_crawler(made), crawler=made)
        await manager.open_spider_async()
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.3, other.execute, ["COMMIT"]).start()
        try:
            with items.open_store(made) as store:
                return store.start_run(None)
        finally:
            await manager.close_spider_async()

    with closing(other):
        run = asyncio.run(note())
        assert other.execute("SELECT id FROM runs").fetchall() == [(run,)]


_FULL = """
import runpy
from archive import store

connect = store.connect

def connected(*args, **named):
    db = connect(*args, **named)
    [[pages]] = db.execute("PRAGMA page_count")
    db.execute(f"PRAGMA max_page_count = {pages}")
    return db

store.connect = connected
runpy.run_module("pipelines.storer", run_name="__main__", alter_sys=True)
"""


def test_an_archive_that_cannot_be_written_ends_the_crawl(
    tmp_path: Path, fake_parse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_parse(lambda shot: report(year=1900 + int(shot.url[-2:]), text="长" * 20_000))

    def begin(module: str, *given: object) -> subprocess.Popen[bytes]:
        assert module == "pipelines.storer"
        command = [sys.executable, "-c", _FULL, *map(str, given)]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    monkeypatch.setattr(storing, "begin", begin)
    made = crawler(tmp_path)
    results = asyncio.run(process(made, [snapshot(f"http://a/{n:02}", "x") for n in range(40)]))
    dropped = [result for result in results if isinstance(result, DropItem)]
    assert dropped
    assert "disk is full" in str(dropped[0])
    assert made.engine.reasons == ["archive_failed"]
    assert made.stats.get_value("gongkai/failed") == len(dropped)
    kept = [result for result in results if isinstance(result, Outcome)]
    with Store(tmp_path / "gongkai.db") as store:
        assert len(rows(store, "SELECT * FROM documents")) == len(kept)


def test_divisions_of_the_archive_reach_the_parser(
    tmp_path: Path, fake_parse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone = {"code": "419999", "name": "新城", "full_name": "河南省新城", "level": "zone", "parent": "410000",
            "province": "河南省"}  # fmt: skip
    with Store(tmp_path / "gongkai.db", demo=True) as store:
        store.load_divisions([zone])
    fake_parse(by_url)
    asked: list[Any] = []
    shared = items.Readers.shared

    def watched(extra: Any, **more: Any) -> items.Readers:
        asked.append(list(extra))
        return shared(extra, **more)

    monkeypatch.setattr(items.Readers, "shared", watched)
    asyncio.run(process(crawler(tmp_path, GONGKAI_DEMO=True), [snapshot("http://a/good", "x")]))
    assert [row["code"] for row in asked[0]] == ["419999"]


def test_items_of_other_kinds_pass(tmp_path: Path, fake_parse: Any) -> None:
    fake_parse(by_url)
    other = {"what": "an item of somebody else's"}
    assert asyncio.run(process(crawler(tmp_path), [other])) == [other]


_CRAWL = """
import sys
import warnings
from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.exceptions import ScrapyDeprecationWarning
from archive.records import Report
from archive.rows import reading
from pipelines import items
from pipelines.pipes import sealed
from tests.archive.made import report, snapshot

warnings.simplefilter("error", ScrapyDeprecationWarning)
items.Readers.passed_on = lambda self, shot: sealed(reading(shot, report(year=int(shot.url[-4:]))))
process = AsyncCrawlerProcess({
    "ITEM_PIPELINES": {"pipelines.items.ParsePipeline": 300, "pipelines.items.StorePipeline": 400},
    "GONGKAI_DATA": sys.argv[1], "LOG_LEVEL": "WARNING", "TELNETCONSOLE_ENABLED": False,
})

class Years(Spider):
    name = "years"
    async def start(self):
        for year in range(2008, 2024):
            yield snapshot(f"http://{self.host}/{year}", f"{self.host} {year}")

for host in ("a", "b"):
    process.crawl(Years, host=host)
process.start()
"""


def test_in_a_real_crawl_without_a_deprecated_call(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _CRAWL, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    with Store(tmp_path / "gongkai.db") as store:
        assert rows(store, "SELECT count(*) AS n FROM reports") == [{"n": 16}]
        assert rows(store, "SELECT reason, count(*) AS n FROM copies GROUP BY 1") == [
            {"reason": "mirror", "n": 16}
        ]
