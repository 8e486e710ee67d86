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
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from crawler import cluster
from crawler.cluster import ClusterError, connected, loopback, rehearsal
from crawler.cluster.shards import Shards
from demo.server import DemoPortals
from pipelines.items import DATABASE

pytest.importorskip("psutil")
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


def test_told_to_stop_it_takes_in_what_came_and_leaves_the_rest_due(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    with DemoPortals(seed=1) as portals, loopback.cluster(tmp_path, 2) as workers:
        begin(data, portals, monkeypatch)
        rehearsal._await(workers)
        monkeypatch.setenv("GONGKAI_CLUSTER", workers.address)  # as a service has it
        monkeypatch.setenv("GONGKAI_AT_ONCE", "1")  # so that some never have their turn
        monkeypatch.setenv("GONGKAI_SCHEDULE_POLL_SECONDS", "1")
        command = [sys.executable, "-P", "-m", "crawler.cli", *RUN]
        log = tmp_path / "daemon.log"
        with log.open("wb") as stream:
            daemon = subprocess.Popen(command, stdout=stream, stderr=stream)
        deadline = time.monotonic() + 120
        while len(portals.requests) <= 3:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(120) == 0, log.read_text()
        asked = len(portals.requests)
        made = dict(visits(data))
        assert 0 < len(made) < len(KEYS)
        assert set(made.values()) <= {"shutdown", "finished"}
        assert due() == set(KEYS) - set(made)
        assert Shards(str(data / "shards")).whole() == []
        time.sleep(3)
        assert len(portals.requests) == asked, "nobody asks when the schedule has ended"


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
