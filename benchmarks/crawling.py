"""Crawls of a portal on loopback, each in a process of its own, and Scrapy that only downloads the same."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.settings import Settings

from archive.store import Store
from benchmarks.pages import division_rows
from benchmarks.probe import STATE
from crawler import runner
from pipelines.items import DATABASE
from spiders.portals import Portal

_PROBE = "benchmarks.probe.Probe"


def prepare(data: Path, counties: int) -> None:
    """An empty demonstration that knows the invented counties."""
    with Store(data / DATABASE, demo=True) as store:
        store.load_divisions(
            row | {"full_name": row["name"], "province": "计时省"} for row in division_rows(counties)
        )


def order(portals: Sequence[Portal], data: Path) -> dict[str, Any]:
    """The job of a crawl, as ``runner.crawl`` gives it to its child."""
    return {
        "portals": [portal.entry() for portal in portals],
        "data": str(data),
        "year": None,
        "sample": None,
        "refetch_all": False,
        "demo": True,
        "progress": False,
        "delay": None,
        "refetch": [],
    }


def crawl(folder: Path, readers: int) -> None:
    """The crawl that ``job.json`` in a folder orders, watched; in a process of its own."""
    made = runner._settings

    def watched(job: dict[str, Any]) -> Settings:
        settings = made(job)
        settings["EXTENSIONS"][_PROBE] = 1
        settings.set("GONGKAI_READERS", readers, priority="cmdline")
        return settings

    with patch.object(runner, "_settings", watched):
        runner.main(folder / "job.json", folder / "summary.json")


class _Downloads(Spider):
    """Asks for addresses and does nothing with what comes."""

    name = "downloads"

    def __init__(self, addresses: Sequence[str]) -> None:
        super().__init__()
        self._addresses = addresses

    async def start(self) -> AsyncIterator[Request]:
        for address in self._addresses:
            yield Request(address)

    def parse(self, response: Response) -> None:
        STATE.done.append(time.monotonic())


def bare(folder: Path) -> None:
    """Scrapy over the addresses in ``addresses.json``, a spider each, one request at a time to each."""
    addresses = json.loads((folder / "addresses.json").read_text(encoding="utf-8"))
    settings = Settings(
        {
            "CONCURRENT_REQUESTS": 1,
            "DOWNLOAD_DELAY": 0.0,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            "TELNETCONSOLE_ENABLED": False,
            "LOG_ENABLED": False,
            "EXTENSIONS": {_PROBE: 1},
        }
    )
    logging.disable()
    process = AsyncCrawlerProcess(settings, install_root_handler=False)
    for some in addresses:
        process.crawl(_Downloads, addresses=some)
    process.start()


def main(what: str, folder: Path, readers: int) -> None:
    crawl(folder, readers) if what == "crawl" else bare(folder)
    (folder / "probe.json").write_text(json.dumps(STATE.as_dict()), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
