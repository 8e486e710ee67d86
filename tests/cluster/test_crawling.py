"""``gongkai crawl --cluster``: one archive, whoever is killed, whoever is told to stop."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from archive import times
from archive.divisions import DEFAULT
from archive.notes import RunNote, read_notes
from archive.store import Store
from archive.warc import WarcWriter
from crawler import config
from crawler.cluster import ClusterError, connect, crawling, loopback, netns, rehearsal
from crawler.cluster.adopting import Archive
from crawler.cluster.crawling import Wanted
from crawler.cluster.shards import Shards
from crawler.commands.crawl import crawl
from crawler.schedule.plan import plan
from crawler.summary import PortalRun
from demo.server import DemoPortals
from pipelines.items import DATABASE, WARCS
from pipelines.reading import Limits
from spiders.portals import from_entry

psutil = pytest.importorskip("psutil")
pytest.importorskip("distributed")
pytestmark = pytest.mark.cluster

#: Of every kind of carrier, with copies of each other's, a trouble, and one that has to wait.
KEYS = ("demo-qinghe", "demo-erqi", "demo-lianxi", "demo-only-https", "demo-short", "demo-fujuan")

APART = "each in a network namespace of its own"
ON_LOOPBACK = "on loopback, in no network namespaces of their own"


def test_a_killed_worker_makes_no_difference() -> None:
    """As ``make cluster-demo`` has it: workers in network namespaces of their own, where there are any."""
    chosen = [argument for key in KEYS for argument in ("--portal", key)]
    command = [sys.executable, "-P", "-m", "crawler.cluster.rehearsal", *chosen]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=580)
    said = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout + done.stderr
    reason = netns.missing()
    assert said[0] == (f"3 workers {ON_LOOPBACK}: {reason}" if reason else f"3 workers, {APART}")
    ends = [line for line in said if line.startswith(("crawl: ", "reparse: "))]
    assert len(ends) == 2
    assert all(line.endswith("one worker was killed at its work; tables that differ: none") for line in ends)


def test_a_trial_that_cannot_have_namespaces_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("ip") is not None:
        monkeypatch.setattr(netns, "_UNSHARE", ("sh", "-c", "echo not to be had >&2; exit 1"))
        assert netns.missing() == "sh: not to be had"
    monkeypatch.setenv("PATH", "")
    assert netns.missing() == "the command unshare is not there"


def test_a_trial_that_was_not_begun_anew_leaves_the_network_alone() -> None:
    with pytest.raises(subprocess.SubprocessError, match="not begun in a network namespace of its own"):
        netns.prepare(netns._here())
    gone = subprocess.Popen(["true"])
    gone.wait()
    with pytest.raises(subprocess.SubprocessError, match="worker 1 ended before it had its wire"):
        netns._wire(1, gone.pid)


class Trial:
    """A cluster, portals and an archive, and the command as a process of its own."""

    def __init__(self, folder: Path, portals: DemoPortals, cluster: loopback.Loopback) -> None:
        self.data = folder / "data"
        self._registry = folder / "registry"
        self._address = cluster.address
        self._portals = portals
        portals.write_registry(self._registry)
        with Store(self.data / DATABASE, demo=True) as store:
            store.load_divisions(DEFAULT.with_extra(portals.divisions).rows())

    def start(self, keys: Sequence[str], **settings: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-P", "-m", "crawler.cli", "crawl", *keys, "--data", str(self.data)]
        command += ["--portals", str(self._registry), "--cluster", self._address]
        return subprocess.Popen(
            command,
            env={**os.environ, "GONGKAI_DEMO": "1", **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @property
    def asked(self) -> int:
        """Requests that the portals have had."""
        return len(self._portals.requests)

    @property
    def shards(self) -> list[str]:
        return Shards(str(self.data / "shards")).whole()

    def reports(self) -> int:
        with closing(sqlite3.connect(self.data / DATABASE)) as db:
            return int(db.execute("SELECT count(*) FROM reports").fetchone()[0])

    def overlaps(self) -> bool:
        """Whether a portal had two requests at one time."""
        last: dict[str, float] = {}
        for request in self._portals.requests:
            if request.time_started < last.get(request.host, 0):
                return True
            last[request.host] = request.time_ended
        return False


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    folder = tmp_path / "cluster"
    folder.mkdir()
    with DemoPortals(seed=1) as portals, loopback.cluster(folder, 2) as cluster:
        rehearsal._await(cluster)
        yield Trial(tmp_path, portals, cluster)


def until(true: Callable[[], bool], what: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.1)


def test_told_to_stop_it_takes_in_what_came(trial: Trial) -> None:
    running = trial.start(KEYS, GONGKAI_AT_ONCE="1")  # so that some never have their turn
    until(lambda: trial.asked > 3, "the visits begin")
    running.send_signal(signal.SIGINT)
    output, _ = running.communicate(timeout=120)
    assert running.returncode == 130, output
    [visited] = re.findall(r"^(\d) portals?, ", output, re.MULTILINE)
    assert 0 < int(visited) < len(KEYS)
    assert trial.shards == []
    after = trial.asked
    time.sleep(3)
    assert trial.asked == after, "nobody asks when the command has ended"
    again = trial.start(KEYS)
    output, _ = again.communicate(timeout=300)
    assert again.returncode in (0, 3), output
    assert trial.reports() > 20
    assert not trial.overlaps()


def test_what_came_when_nobody_waited_is_taken_in_by_the_next(trial: Trial) -> None:
    running = trial.start(KEYS)
    until(lambda: trial.asked > 5, "the visits begin")
    running.kill()
    running.communicate(timeout=60)
    until(lambda: trial.shards != [], "a visit that nobody waits for ends and leaves what it has")
    left = trial.shards
    again = trial.start(KEYS)
    output, _ = again.communicate(timeout=300)
    assert again.returncode in (0, 3), output
    assert all(f"{name}: left by an earlier crawl" in output for name in left)
    assert trial.shards == []
    assert trial.reports() > 20
    assert not trial.overlaps(), "the old visits and the new ones wait for each other"


def test_without_its_scheduler_it_says_what_was_not_visited(trial: Trial) -> None:
    running = trial.start(KEYS)
    until(lambda: trial.asked > 5, "the visits begin")
    [scheduler] = [one for one in psutil.Process().children() if "dask_scheduler" in " ".join(one.cmdline())]
    scheduler.kill()
    output, _ = running.communicate(timeout=120)
    assert running.returncode in (3, 4), output
    assert "the scheduler is gone" in output
    assert f"{KEYS[0]}: cluster; 1: 1 error" in output


def test_a_worker_that_does_not_reach_the_shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Client:
        closed = False

        def run(self, *_: object, **__: object) -> dict[str, bool | Exception]:
            return {"tcp://10.0.0.2:1": True, "tcp://10.0.0.3:1": False}

        def close(self) -> None:
            self.closed = True

    client = Client()
    place = Shards(str(tmp_path / "shards"))
    with pytest.raises(ClusterError, match=r"tcp://10.0.0.3:1: does not reach .*shards"):
        crawling.crawl(
            client, [], Wanted(demo=True), data=tmp_path, shards=place, limits=Limits(), progress=False
        )
    assert client.closed
    assert list((tmp_path / "shards").iterdir()) == []
    assert not (tmp_path / DATABASE).exists()


def test_visits_that_no_worker_can_make(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is told by name, and the others are made."""

    def fails(_: object) -> None:
        raise RuntimeError("no room on this worker")

    monkeypatch.setattr(crawling.visiting, "visit", fails)
    portals = [from_entry(entry) for entry in trial._portals.registry if entry["key"] in KEYS[:2]]
    summary = crawling.crawl(
        connect(trial._address),
        portals,
        Wanted(demo=True),
        data=trial.data,
        shards=Shards(str(trial.data / "shards")),
        limits=Limits(),
        progress=False,
    )
    assert {(run.portal, run.finish_reason) for run in summary.portals} == {
        (key, "RuntimeError: no room on this worker") for key in KEYS[:2]
    }
    assert not summary.interrupted


def _entry(key: str) -> dict[str, Any]:
    about = {"name": f"{key}县", "family": "static", "division": "410103", "level": "county"}
    return {"key": key, "start": f"http://www.{key}.gov.cn/nb/", "status": "unverified", **about} | {
        "evidence": "of this test"
    }


def test_a_visit_that_workers_die_of_is_on_the_books_and_waits(tmp_path: Path) -> None:
    from distributed import KilledWorker

    class Died:
        def exception(self) -> Exception:
            return KilledWorker("visit-1", None, 3)

    portals = [from_entry(_entry(key)) for key in ("deadly", "beside")]
    place = Shards(str(tmp_path / "shards"))
    with Store(tmp_path / DATABASE, demo=True) as store, WarcWriter(tmp_path / WARCS, "gongkai") as writer:
        archive = Archive(store, None, 1, writer)  # type: ignore[arg-type]
        work = crawling._Work(None, archive, place, Wanted(demo=True), config.current(), threading.Event())  # type: ignore[arg-type]
        died: Any = Died()

        def lose() -> list[tuple[str, bool, str]]:
            work.runs[:] = [run for run in work.runs if run.portal == "made"]
            work._under_way[died] = portals
            work._take(died)
            work.settle_lost()
            lost = [run for run in work.runs if run.portal != "made"]
            return [(run.portal, run.run is not None, run.finish_reason) for run in lost]

        why = "4 workers were lost with this visit"
        assert lose() == [("deadly", False, why), ("beside", False, why)], "it is the workers: none was made"
        assert not store.db.table("runs").count
        work.runs.append(PortalRun("made", 1, "finished"))
        assert lose() == [("deadly", True, "error"), ("beside", True, "error")]
        entered = [run.run for run in work.runs if run.portal == "deadly"]
        rows = list(
            store.db.query("SELECT portal, finish_reason, mode, failed FROM runs ORDER BY portal DESC")
        )
        assert rows == [
            {"portal": key, "finish_reason": "error", "mode": "new", "failed": 1}
            for key in ("deadly", "beside")
        ]
        [issue] = store.db.query("SELECT kind, message FROM run_issues WHERE run = ?", entered)
        assert issue["kind"] == "error"
        assert issue["message"] == why
        assert {one["status"] for one in store.db.query("SELECT status FROM portals")} == {"unverified"}
    noted = [one for one in read_notes(tmp_path / WARCS, torn=[], unread=[]) if isinstance(one, RunNote)]
    assert len(noted) == 2, "a database made anew from the WARCs knows of them"
    planned = plan(portals, tmp_path, config.current(), times.now())
    assert all(one.due.at > times.now() + timedelta(minutes=50) for one in planned)


def test_a_place_for_shards_without_a_cluster() -> None:
    result = CliRunner(env={"GONGKAI_CONTACT": "a@example.org"}).invoke(crawl, ["--shards", "x", "demo"])
    assert result.exit_code == 2
