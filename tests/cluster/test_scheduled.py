"""``gongkai schedule run`` on a cluster: the same archive, stopped in order, and nothing left of a try."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from crawler import cluster
from crawler.cluster import ClusterError, connected, loopback, rehearsal
from crawler.cluster.shards import Shards
from demo.server import DemoPortals
from pipelines.items import DATABASE

psutil = pytest.importorskip("psutil")
pytest.importorskip("distributed")
pytestmark = pytest.mark.cluster

#: Of several kinds of carrier, with copies of each other's, and a trouble.
KEYS = ("demo-qinghe", "demo-erqi", "demo-lianxi", "demo-short", "demo-fujuan")
RUN = ("schedule", "run")


def registry(folder: Path, portals: DemoPortals) -> Path:
    folder.mkdir(exist_ok=True)
    for entry in portals.registry:
        if entry["key"] in KEYS:
            folder.joinpath(f"{entry['key']}.yml").write_text(yaml.safe_dump(entry, allow_unicode=True))
    return folder


def begin(data: Path, portals: DemoPortals, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive of which the settings are in the environment."""
    rehearsal._begin(data, portals)
    monkeypatch.setenv("GONGKAI_DATA", str(data))
    monkeypatch.setenv("GONGKAI_PORTALS", str(registry(data.with_name("registry"), portals)))
    monkeypatch.setenv("GONGKAI_DEMO", "1")


def visits(data: Path) -> list[tuple[str, str | None]]:
    with closing(sqlite3.connect(data / DATABASE)) as db:
        return db.execute("SELECT portal, finish_reason FROM runs ORDER BY portal, started_at").fetchall()


def due() -> set[str]:
    command = [sys.executable, "-P", "-m", "crawler.cli", "schedule", "next", "--json"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {one["portal"] for one in map(json.loads, told.splitlines()) if one["due"]}


def test_a_killed_worker_makes_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, many = tmp_path / "one", tmp_path / "many"
    with DemoPortals(seed=1) as portals:
        ports = portals.ports
        begin(one, portals, monkeypatch)
        rehearsal._gongkai(*RUN, "--once", fine=(0, 3))
    with DemoPortals(seed=1, ports=ports) as portals, loopback.cluster(tmp_path, 2) as workers:
        begin(many, portals, monkeypatch)
        rehearsal._await(workers)
        _, killed = rehearsal._on(workers, (*RUN, "--once"), fine=(0, 3))
        assert killed, "the worker was to die in the midst of its visits"
        assert due() == set()
    assert visits(one) == visits(many)
    assert {portal for portal, _ in visits(many)} == set(KEYS)
    contents = [rehearsal._contents(data / DATABASE) for data in (one, many)]
    assert rehearsal._differing(*contents) == ()


class Daemon:
    """The schedule as a service runs it, on two workers; some portals never have their turn at once."""

    def __init__(self, folder: Path, portals: DemoPortals, address: str) -> None:
        self.data = folder / "data"
        self._log = folder / "daemon.log"
        self._portals = portals
        env = {"GONGKAI_CLUSTER": address, "GONGKAI_AT_ONCE": "1", "GONGKAI_SCHEDULE_POLL_SECONDS": "1"}
        with self._log.open("wb") as stream:
            command = [sys.executable, "-P", "-m", "crawler.cli", *RUN]
            self.process = subprocess.Popen(command, stdout=stream, stderr=stream, env=os.environ | env)

    @property
    def asked(self) -> int:
        return len(self._portals.requests)

    @property
    def log(self) -> str:
        return self._log.read_text()

    def until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 120
        while not true():
            assert time.monotonic() < deadline, self.log
            time.sleep(0.1)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(120)


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    with DemoPortals(seed=1) as portals, loopback.cluster(tmp_path, 2) as workers:
        begin(tmp_path / "data", portals, monkeypatch)
        rehearsal._await(workers)
        made = Daemon(tmp_path, portals, workers.address)
        yield made
        made.process.kill()
        made.process.wait()


def test_told_to_stop_it_takes_in_what_came_and_leaves_the_rest_due(daemon: Daemon) -> None:
    daemon.until(lambda: daemon.asked > 3)
    assert daemon.stop() == 0, daemon.log
    asked = daemon.asked
    made = dict(visits(daemon.data))
    assert 0 < len(made) < len(KEYS)
    assert set(made.values()) <= {"shutdown", "finished"}
    assert due() == set(KEYS) - set(made)
    assert Shards(str(daemon.data / "shards")).whole() == []
    time.sleep(3)
    assert daemon.asked == asked, "nobody asks when the schedule has ended"


def test_without_its_scheduler_a_round_has_failed_and_the_schedule_goes_on(daemon: Daemon) -> None:
    daemon.until(lambda: daemon.asked > 3)
    [scheduler] = [one for one in psutil.Process().children() if "dask_scheduler" in " ".join(one.cmdline())]
    scheduler.kill()
    daemon.until(lambda: "the round failed, the next is in 0:01:00" in daemon.log)
    assert "the scheduler is gone" in daemon.log
    assert due() == set(KEYS) - {portal for portal, _ in visits(daemon.data)}
    assert daemon.process.poll() is None
    assert daemon.stop() == 0, daemon.log


def mine() -> set[str]:
    return {thread.name for thread in threading.enumerate()} & {"IO loop", "cluster"}


def test_of_a_try_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = mine()
    with loopback.cluster(tmp_path, 1) as there:
        rehearsal._await(there)
        with connected(there.address) as client:
            assert client.submit(os.getpid).result() == there.workers[0].pid
            assert "cluster" in mine()
        assert mine() == before
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    monkeypatch.setattr(cluster, "_ANSWER", 1)
    with pytest.raises(ClusterError, match="no scheduler answers"), connected(address):
        pass
    assert mine() == before
