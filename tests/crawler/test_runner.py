"""What a crawl's process does around its spiders (``crawler.runner``)."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import Settings

from archive.store import Store
from crawler import runner
from pipelines.storing import Storing
from tests.pipelines.test_storing import parsed


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    asyncio.set_event_loop(made)
    yield made
    made.close()
    asyncio.set_event_loop(None)


def test_nobody_stores_beside_what_proves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loop: asyncio.AbstractEventLoop
) -> None:
    """Told twice to end, Scrapy stops the reactor at once, and no spider leaves the process that stores."""
    children: list[subprocess.Popen[bytes]] = []
    found: list[tuple[int | None, int]] = []

    class Process:
        settings = Settings({"GONGKAI_PORTALS_AT_ONCE": 0})

        def __init__(self, settings: Settings) -> None:
            pass

        def start(self, *, stop_after_crawl: bool) -> None:
            spider = Storing.shared(store.path)
            loop.run_until_complete(spider.keep(parsed(2018)))
            assert spider._child is not None
            children.append(spider._child)
            for year in range(2019, 2030):
                spider._put(parsed(year))

    def prove(held: Store) -> None:
        [[number]] = held.db.execute("SELECT count(*) FROM reports")
        found.append((children[0].poll(), number))

    monkeypatch.setattr(runner, "AsyncCrawlerProcess", Process)
    monkeypatch.setattr(runner, "_settled", lambda: None)
    monkeypatch.setattr(runner, "_stop_reactor", lambda: None)
    monkeypatch.setattr(runner, "prove", prove)
    job: dict[str, Any] = {
        **{"portals": [], "data": str(tmp_path), "year": None, "sample": None, "refetch_all": False},
        **{"demo": False, "refetch": [], "progress": False},
    }
    with Store.shared(tmp_path / "gongkai.db") as store:
        runner._run(job, store, with_parent=False)
    assert found == [(0, 12)]
