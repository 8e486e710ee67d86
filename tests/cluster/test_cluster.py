"""Reading on other machines: the same database, whoever dies, and a clear word where that cannot be."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from archive.divisions import DEFAULT
from archive.records import Snapshot
from archive.rows import reading
from archive.store import Store
from crawler import cluster
from crawler.cluster import ClusterError, connect, loopback, rehearsal
from crawler.cluster.reading import ClusterReaders
from crawler.commands.reparse import reparse
from crawler.runner import crawl
from demo.server import DemoPortals
from pipelines.items import DATABASE
from pipelines.report import parse
from pipelines.version import PARSER
from spiders.portals import from_entry

pytest.importorskip("distributed")
from distributed import KilledWorker
from distributed.client import ClosedClientError, FutureCancelledError

pytestmark = pytest.mark.cluster

PAGE = Snapshot("http://www.example.gov.cn/1.html", b"<p>x</p>", datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of a demonstration."""
    data = tmp_path_factory.mktemp("archive")
    with DemoPortals(seed=1) as portals:
        with Store(data / DATABASE, demo=True) as store:
            store.load_divisions(DEFAULT.with_extra(portals.divisions).rows())
        entries = [from_entry(entry) for entry in portals.registry]
        crawl(entries, data=data, demo=True, progress=False, log_file=data / "crawl.log")
    return data


def test_a_killed_worker_makes_no_difference(archive: Path, tmp_path: Path) -> None:
    done = rehearsal.rehearse_replay(archive, tmp_path)
    assert done.killed, "the worker was to die while there was something to read"
    assert done.differing == ()


def test_nobody_answers(archive: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cluster, "_ANSWER", 1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    command = ["--data", str(archive), "--into", str(tmp_path / "new.db"), "--cluster", address]
    result = CliRunner().invoke(reparse, command)
    assert result.exit_code == 1
    assert f"{address}: no scheduler answers" in result.output
    assert not (tmp_path / "new.db").exists()


@pytest.mark.parametrize(
    "address", ["", "nonsense://x", "10.0.0.1:8786", "tcp://x", "tcp://x:y", "tcp://a b:1"]
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(ClusterError, match="is no scheduler's address"):
        connect(address)


def test_no_worker_is_there(tmp_path: Path) -> None:
    with loopback.cluster(tmp_path, 0) as started, pytest.raises(ClusterError, match="no worker is there"):
        connect(started.address)


_NOT_THERE = ModuleNotFoundError("No module named 'crawler'")


@pytest.mark.parametrize(
    ("theirs", "said"), [("0", f"parser 0, here it is {PARSER}"), (_NOT_THERE, "no gongkai")]
)
def test_a_worker_of_another_version(theirs: str | Exception, said: str) -> None:
    class Client:
        def run(self, _: Any, on_error: str) -> dict[str, str | Exception]:
            return {"tcp://10.0.0.2:1": PARSER, "tcp://10.0.0.3:1": theirs}

    with pytest.raises(ClusterError, match=f"tcp://10.0.0.3:1: has {said}"):
        cluster._check(Client(), "tcp://10.0.0.1:8786")


class _Client:
    """A cluster whose every job ends in one way."""

    def __init__(self, end: object) -> None:
        self._end = end

    def submit(self, *_: object, **__: object) -> _Client:
        if isinstance(self._end, ClosedClientError):
            raise self._end
        return self

    def result(self) -> object:
        if isinstance(self._end, Exception):
            raise self._end
        return self._end

    def release(self) -> None:
        pass

    def close(self) -> None:
        pass


_LOST = {
    "killed": KilledWorker("_read", None, 3),
    "cancelled": FutureCancelledError("_read-1", "lost"),
    "closed": ClosedClientError("Client is closed."),
}


@pytest.fixture(params=_LOST)
def losing(request: pytest.FixtureRequest) -> Iterator[ClusterReaders]:
    """A cluster that loses every worker it gives a job to, or its scheduler."""
    readers = ClusterReaders(_Client(_LOST[request.param]))
    yield readers
    readers.close()


def test_what_a_worker_of_another_version_answers_is_not_taken() -> None:
    readers = ClusterReaders(_Client(parse(PAGE)))
    try:
        with pytest.raises(ClusterError, match="answered with Report: it has another gongkai"):
            readers.read(PAGE)
    finally:
        readers.close()


def test_what_no_worker_can_do_is_done_here(losing: ClusterReaders) -> None:
    assert losing.read(PAGE) == reading(PAGE, parse(PAGE))
