"""The daemon as a process of its own: told to stop, killed, begun again."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest
import yaml

from archive.errors import BusyError
from archive.store import Store

from ..servers import Reply, Server, listing, portal

pytestmark = pytest.mark.slow

ARTICLE = "<html><body><h1>示例县年报</h1><div id='zoom'>" + "正文。" * 100 + "</div></body></html>"
YEARS = [f"{year}.html" for year in range(2010, 2024)]
#: Seconds after which what is waited for is given up; a busy machine takes a fifth of them.
PATIENCE = 120


class Site:
    """One portal whose reports come as fast as ``pace`` lets them."""

    def __init__(self, folder: Path) -> None:
        self.pace = Event()
        self.pace.set()
        pages = {"/nb/": Reply(listing(*YEARS)), **{f"/nb/{name}": self._article for name in YEARS}}
        self.server = Server("127.0.0.1", pages)
        registry = folder / "portals"
        registry.mkdir()
        entry = portal("shili", f"{self.server.base}/nb/").entry()
        registry.joinpath("shili.yml").write_text(yaml.safe_dump(entry, allow_unicode=True))

    def _article(self, _: int) -> Reply:
        self.pace.wait(0.5)
        return Reply(ARTICLE)

    @property
    def reports(self) -> int:
        """Reports asked for so far."""
        return sum(target.endswith(".html") for target in self.server.targets)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.server.stop()


def environment(folder: Path) -> dict[str, str]:
    ours = {
        "GONGKAI_DEMO": "1",
        "GONGKAI_DATA": str(folder / "data"),
        "GONGKAI_PORTALS": str(folder / "portals"),
        "GONGKAI_SCHEDULE_POLL_SECONDS": "1",
    }
    return {name: value for name, value in os.environ.items() if not name.startswith("GONGKAI_")} | ours


def start(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "crawler.cli", "schedule", "run", *words]
    with folder.joinpath("daemon.log").open("ab") as log:
        return subprocess.Popen(command, env=environment(folder), cwd=folder, stderr=log, stdout=log)


def until(what: Callable[[], bool], folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, folder.joinpath("daemon.log").read_text()
        time.sleep(0.05)


def runs(folder: Path) -> list[tuple[str | None, int | None]]:
    """Reason and requests of each run, oldest first."""
    path = folder / "data/gongkai.db"
    if not path.exists():
        return []
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        try:
            return db.execute("SELECT finish_reason, requests FROM runs ORDER BY started_at").fetchall()
        except sqlite3.OperationalError:  # the tables are not there yet
            return []


def test_it_visits_what_is_due_once_and_ends_when_told(site: Site, tmp_path: Path) -> None:
    daemon = start(tmp_path)
    until(lambda: [reason for reason, _ in runs(tmp_path)] == ["finished"], tmp_path)
    refused = subprocess.run(
        [sys.executable, "-P", "-m", "crawler.cli", "schedule", "run"],
        env=environment(tmp_path), cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert refused.returncode == 1
    assert "another `gongkai schedule run` is at work here" in refused.stderr
    asked = len(site.server.targets)
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(PATIENCE) == 0
    again = start(tmp_path, "--once")  # nothing is due
    assert again.wait(PATIENCE) == 0
    assert len(site.server.targets) == asked == 2 + len(YEARS)
    assert len(runs(tmp_path)) == 1


def test_told_to_stop_in_the_middle_it_ends_in_order(site: Site, tmp_path: Path) -> None:
    site.pace.clear()
    daemon = start(tmp_path)
    until(lambda: site.reports >= 2, tmp_path)
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(PATIENCE) == 0
    assert [reason for reason, _ in runs(tmp_path)] == ["shutdown"]
    assert site.reports < len(YEARS)
    assert not list(tmp_path.glob("data/warc/*.open"))
    with Store(tmp_path / "data/gongkai.db", demo=True):
        """The archive is free."""


@pytest.mark.parametrize("twice", [signal.SIGTERM, signal.SIGKILL])
def test_ended_at_once_it_leaves_no_crawl_behind_and_the_next_visit_makes_up_for_it(
    site: Site, tmp_path: Path, twice: signal.Signals
) -> None:
    site.pace.clear()
    daemon = start(tmp_path)
    until(lambda: site.reports >= 3, tmp_path)
    if twice is signal.SIGTERM:
        daemon.send_signal(signal.SIGTERM)
        time.sleep(0.05)  # two signals at one moment are one
    daemon.send_signal(twice)
    assert daemon.wait(PATIENCE) == (128 + signal.SIGTERM if twice is signal.SIGTERM else -signal.SIGKILL)

    def free() -> bool:
        try:
            Store(tmp_path / "data/gongkai.db", demo=True, timeout=0.1).close()
        except BusyError:
            return False
        return True

    until(free, tmp_path)  # the crawl has noticed and is gone
    site.pace.set()
    before = len(site.server.targets)
    soon = start(tmp_path, "--once")
    assert soon.wait(PATIENCE) == 0
    assert len(site.server.targets) == before  # not within ten minutes
    later = tmp_path / "ahead"
    later.write_text("660")
    simulated = Path(__file__).with_name("simulated.py")
    with tmp_path.joinpath("daemon.log").open("ab") as log:
        daemon = subprocess.Popen(
            [sys.executable, str(simulated), str(later)], env=environment(tmp_path), stderr=log, cwd=tmp_path
        )
    until(lambda: runs(tmp_path)[-1][0] == "finished", tmp_path)
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(PATIENCE) == 0
    with closing(sqlite3.connect(tmp_path / "data/gongkai.db")) as db:
        urls = {url for (url,) in db.execute("SELECT url FROM documents")}
        dates = db.execute("SELECT started_at FROM runs ORDER BY started_at").fetchall()
    assert urls == {f"{site.server.base}/nb/{name}" for name in YEARS}
    assert len(dates) == 2


def test_once_says_by_its_code_what_came_of_it(site: Site, tmp_path: Path) -> None:
    site.server.pages["/nb/2023.html"] = Reply("gone", 404)
    assert start(tmp_path, "--once").wait(PATIENCE) == 3
    assert [reason for reason, _ in runs(tmp_path)] == ["finished"]
    with Store(tmp_path / "data/gongkai.db", demo=True) as store:
        store.db.execute("DELETE FROM run_issues")
        store.db.execute("DELETE FROM runs")
        busy = start(tmp_path, "--once")
        assert busy.wait(PATIENCE) == 5
    assert "another gongkai process is writing to it" in tmp_path.joinpath("daemon.log").read_text()
