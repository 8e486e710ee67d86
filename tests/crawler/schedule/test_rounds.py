"""Rounds with who visits as a stand-in: what it is told, and what comes of its faults."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from archive import times
from archive.store import Store
from crawler import config
from crawler.cli import main
from crawler.cluster import ClusterError, crawling, visiting
from crawler.cluster.crawling import Wanted, order
from crawler.cluster.visiting import Visited
from crawler.runner import ArchiveShutError, CrawlFailedError
from crawler.schedule import elsewhere
from crawler.schedule.elsewhere import OnCluster
from crawler.schedule.registry import Registry
from crawler.schedule.rounds import Rounds
from crawler.summary import CrawlSummary, PortalRun
from pipelines.items import DATABASE
from pipelines.reading import Limits
from spiders.portals import Portal

from ..servers import portal

ADDRESS = "tcp://127.0.0.1:8786"
KEYS = ("changed", "known", "new")


def entry(key: str) -> Portal:
    return portal(key, f"http://www.{key}.gov.cn/nb/")


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """Three portals are due; of the first all is fetched anew."""
    registry = tmp_path / "portals"
    registry.mkdir()
    for key in KEYS:
        said = entry(key).entry() | ({"visits": {"refetch_days": 30}} if key == "changed" else {})
        registry.joinpath(f"{key}.yml").write_text(yaml.safe_dump(said, allow_unicode=True))
    with Store(tmp_path / DATABASE) as store:
        for key in ("changed", "known"):
            begun = times.now() - timedelta(days=60)
            run = store.start_run(key, started_at=begun, mode="new")
            store.finish_run(run, reason="finished", outcome="ok", finished_at=begun)
    yield tmp_path
    times.shift(timedelta())


def made(*keys: str, run: int | None = 1, **said: Any) -> CrawlSummary:
    return CrawlSummary(tuple(PortalRun(key, run, "finished") for key in keys), **said)


@dataclass
class Visits:
    """Who visits: does as it is told, or as often as it is told raises what it has."""

    faults: list[Exception] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, portals: Any, **how: Any) -> CrawlSummary:
        self.asked.append({"keys": {one.key for one in portals}, **how})
        if self.faults:
            raise self.faults.pop()
        return made(*(one.key for one in portals))


def rounds(data: Path, visits: Any, **how: Any) -> Rounds:
    settings = config.current({"GONGKAI_DATA": str(data)})
    return Rounds(settings, Registry(data / "portals"), crawl=visits, **how)


def test_a_round_says_of_whom_all_is_wanted_and_how_it_is_stopped(data: Path) -> None:
    visits, stop = Visits(), threading.Event()
    done = rounds(data, visits, stop=stop).run()
    [asked] = visits.asked
    assert asked["keys"] == {one.portal.key for one in done.planned} == set(KEYS)
    assert asked["refetch"] == ["changed"]
    assert asked["stop"] is stop
    assert (asked["data"], asked["demo"], asked["ahead"]) == (data, False, timedelta())


def test_a_cluster_that_is_away_is_told_waited_for_and_asked_again(data: Path) -> None:
    away = [ClusterError(f"{ADDRESS}: no scheduler answers")] * 8
    visits, told, clock = Visits(list(away)), [], timedelta()
    schedule = rounds(data, visits, ahead=lambda: clock, after=told.append)
    tries = []
    for number in range(len(away) + 1):
        while len(visits.asked) == number:
            done = schedule.run()
            at, clock = clock, clock + timedelta(seconds=30)
        tries.append(at)
        assert (done.failed, done.summary is None) == ((str(away[0]), True) if number < 8 else ("", False))
    waits = [(after - before) / timedelta(minutes=1) for before, after in pairwise(tries)]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert told == [*map(str, away), ""], "not while it waits"
    assert {one.portal.key for one in done.planned} == set(KEYS), "everything stayed due"
    assert [one["refetch"] for one in visits.asked] == [["changed"]] * 9


# -- a cluster's crawl as a round asks for it ---------------------------------------------------


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Makes a cluster of which a crawl gives, or raises, this; what the crawl was told comes in the dict."""

    def make(outcome: CrawlSummary | Exception) -> dict[str, Any]:
        seen: dict[str, Any] = {"connected": 0, "closed": 0}

        @contextmanager
        def connected(address: str) -> Iterator[str]:
            seen["connected"] += 1
            try:
                yield address
            finally:
                seen["closed"] += 1

        def crawl(client: str, portals: Any, wanted: Wanted, **how: Any) -> CrawlSummary:
            seen.update(client=client, portals=portals, wanted=wanted, **how)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        monkeypatch.setattr(elsewhere, "connected", connected)
        monkeypatch.setattr(elsewhere, "crawl", crawl)
        monkeypatch.setattr(elsewhere, "Shards", lambda address: f"shards at {address}")
        return seen

    return make


THERE = OnCluster(ADDRESS, "/mnt/shards", Limits(7, 300))


def test_a_round_on_a_cluster_asks_for_the_same(data: Path, cluster: Callable[..., dict[str, Any]]) -> None:
    seen, stop = cluster(made(*KEYS)), threading.Event()
    schedule = rounds(data, THERE, stop=stop)
    assert schedule.run().summary == made(*KEYS)
    assert {one.key for one in seen["portals"]} == set(KEYS)
    assert seen["wanted"] == Wanted(refetch=("changed",))
    assert (seen["client"], seen["shards"]) == (ADDRESS, "shards at /mnt/shards")
    assert (seen["stop"], seen["again"], seen["limits"], seen["data"]) == (stop, False, THERE.limits, data)
    schedule.run()
    assert (seen["connected"], seen["closed"]) == (2, 2), "each round connects anew"


def unvisited(*reasons: str, **said: Any) -> CrawlSummary:
    return CrawlSummary(tuple(PortalRun(f"p{n}", None, why) for n, why in enumerate(reasons)), **said)


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (unvisited("cluster", "cluster"), "none of 2 portals could be visited: cluster"),
        (made("a", fault="disk full"), "disk full"),
        (CrawlSummary((), fault="disk full"), "disk full"),
        (ClusterError("no worker is there"), "no worker is there"),
        (OSError("connection reset"), "the crawl died: OSError: connection reset"),
        (RuntimeError("of dask's"), "the crawl died: RuntimeError: of dask's"),
    ],
)
def test_what_makes_a_round_on_a_cluster_a_failed_one(
    data: Path, cluster: Callable[..., dict[str, Any]], outcome: CrawlSummary | Exception, said: str
) -> None:
    seen, told = cluster(outcome), []
    schedule = rounds(data, THERE, after=told.append)
    failed = schedule.run()
    assert (failed.planned, failed.failed, told) == ((), said, [said])
    assert seen["closed"] == 1
    schedule.run()
    assert seen["connected"] == 1, "it waits"


@pytest.mark.parametrize(
    "outcome",
    [
        CrawlSummary((*made("a").portals, *unvisited("KilledWorker: x").portals)),
        unvisited("cluster", interrupted=True),
        CrawlSummary((), interrupted=True),
        CrawlSummary(()),
    ],
)
def test_what_is_a_round_like_others(
    data: Path, cluster: Callable[..., dict[str, Any]], outcome: CrawlSummary
) -> None:
    cluster(outcome)
    done = rounds(data, THERE).run()
    assert (done.failed, done.summary) == ("", outcome)


def test_another_time_cannot_be_had_on_a_cluster(data: Path, cluster: Callable[..., dict[str, Any]]) -> None:
    seen = cluster(made(*KEYS))
    with pytest.raises(ValueError, match="live in the present: no other time can be had"):
        rounds(data, THERE, ahead=lambda: timedelta(days=1)).run()
    assert seen["connected"] == 0


def test_errors_say_what_they_are() -> None:
    with pytest.raises(ArchiveShutError):
        elsewhere._made(made("a", fault="disk full"))
    with pytest.raises(CrawlFailedError):
        elsewhere._made(unvisited("cluster"))


def test_an_order_says_of_whom_all_is_wanted(data: Path) -> None:
    portals = [entry(key) for key in KEYS]
    with Store(data / DATABASE) as store:
        store.add_portals(portals)
        known = {key: [f"http://www.{key}.gov.cn/nb/1.html"] for key in KEYS}
        store.known = lambda key: frozenset(known[key])  # type: ignore[method-assign]
        some = order(store, portals, Wanted(refetch=("changed",)), config.current(), "c", None).job  # type: ignore[arg-type]
        all_ = order(store, portals, Wanted(refetch_all=True), config.current(), "c", None).job  # type: ignore[arg-type]
    assert (some["refetch_all"], some["refetch"]) == (False, ["changed"])
    assert some["known"] == known | {"changed": []}
    assert (all_["refetch_all"], all_["known"]) == (True, {key: [] for key in KEYS})


# -- stopped, and what was left behind ----------------------------------------------------------


class Future:
    """A visit that ends when it is told to."""

    def __init__(self) -> None:
        self._told: list[Callable[[Any], None]] = []

    def add_done_callback(self, tell: Callable[[Any], None]) -> None:
        self._told.append(tell)

    def end(self) -> None:
        for tell in self._told:
            tell(self)

    def cancelled(self) -> bool:
        return False

    def exception(self) -> None:
        return None

    def result(self) -> Visited:
        return Visited("")

    def release(self) -> None:
        pass


class Client:
    """A cluster whose visits take until they are told to end, or none at all."""

    status = "running"

    def __init__(self, stop: threading.Event | None = None) -> None:
        self.visits: list[tuple[set[str], Future]] = []
        self.ended: list[str] = []
        self._stop = stop

    def nthreads(self) -> dict[str, int]:
        return {"one": 1}

    def submit(self, _: Any, order: Any, *, pure: bool) -> Future:
        future = Future()
        self.visits.append(({one["key"] for one in order.job["portals"]}, future))
        if self._stop is None:
            threading.Timer(0.1, future.end).start()  # as a worker does, beside this
        elif len(self.visits) == 2:
            self._stop.set()
        return future

    def run(self, what: Any, *words: str, on_error: str) -> dict[str, bool]:
        if what is visiting.end:
            self.ended += words
            for _, future in self.visits:
                future.end()
        return {"one": True}

    def close(self) -> None:
        pass


class Left:
    """A place with shards of an earlier crawl."""

    address = "here"

    def __init__(self, *names: str) -> None:
        self._names = names

    def whole(self) -> list[str]:
        return list(self._names)

    def leave_word(self, _: str) -> None:
        pass

    take_back = leave_word

    def hears(self, _: str) -> bool:
        return True


def crawl_on(client: Client, data: Path, shards: Left, **how: Any) -> CrawlSummary:
    portals = [entry(key) for key in KEYS]
    return crawling.crawl(
        client, portals, Wanted(), data=data, shards=shards, limits=Limits(), progress=False, **how
    )  # type: ignore[arg-type]


@pytest.mark.parametrize("thread", ["main", "another"])
def test_stopped_by_its_event_it_tells_the_visits_and_begins_no_more(
    data: Path, monkeypatch: pytest.MonkeyPatch, thread: str
) -> None:
    monkeypatch.setenv("GONGKAI_AT_ONCE", "2")
    stop = threading.Event()
    client, came = Client(stop), []

    def work() -> None:
        came.append(crawl_on(client, data, Left(), stop=stop))

    if thread == "main":
        work()
    else:
        other = threading.Thread(target=work)
        other.start()
        other.join(60)
    [summary] = came
    assert summary.interrupted
    assert len(client.visits) == 2
    assert len(client.ended) == 1


@pytest.mark.parametrize(("again", "visited"), [(True, set(KEYS)), (False, {"known", "new"})])
def test_whose_visit_was_left_behind_is_visited_again_only_by_hand(
    data: Path, monkeypatch: pytest.MonkeyPatch, again: bool, visited: set[str]
) -> None:
    monkeypatch.setattr(crawling, "adopt", lambda *_: list(made("changed").portals))
    client = Client()
    summary = crawl_on(client, data, Left("shard"), again=again)
    assert [run.portal for run in summary.portals] == ["changed"]
    assert {key for keys, _ in client.visits for key in keys} == visited


def test_stopped_it_takes_in_no_more_of_what_was_left(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, taken = threading.Event(), []

    def adopt(_: Any, __: Any, name: str) -> list[PortalRun]:
        taken.append(name)
        stop.set()
        return []

    monkeypatch.setattr(crawling, "adopt", adopt)
    client = Client()
    assert crawl_on(client, data, Left("one", "two"), stop=stop).interrupted
    assert (taken, client.visits) == (["one"], [])


# -- the command ----------------------------------------------------------------------------------


def run(data: Path, *words: str, **environment: str) -> Result:
    ours = {
        "GONGKAI_DATA": str(data),
        "GONGKAI_PORTALS": str(data / "portals"),
        "GONGKAI_CONTACT": "a@example.org",
    }
    return CliRunner().invoke(main, ["schedule", "run", "--once", *words], env=ours | environment)


@pytest.mark.parametrize(
    ("words", "environment", "said"),
    [
        (("--cluster", "10.0.0.1"), {}, "--cluster: '10.0.0.1' is no scheduler's address"),
        ((), {"GONGKAI_CLUSTER": "10.0.0.1"}, "GONGKAI_CLUSTER: '10.0.0.1' is no scheduler's address"),
        (("--shards", "x"), {}, "--shards is where the workers of a --cluster leave"),
        (("--shards", "x", "--cluster", ""), {"GONGKAI_CLUSTER": ADDRESS}, "--shards is where the workers"),
    ],
)
def test_what_makes_no_sense(
    data: Path, words: tuple[str, ...], environment: dict[str, str], said: str
) -> None:
    refused = run(data, *words, **environment)
    assert refused.exit_code == 2
    assert said in refused.output


def test_without_dask_it_does_not_begin(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    refused = run(data, "--cluster", ADDRESS)
    assert refused.exit_code == 1
    assert "dask.distributed is not installed: pip install 'gongkai[cluster]'" in refused.output


@pytest.mark.parametrize(
    ("words", "environment", "place"),
    [
        (("--cluster", ADDRESS), {}, "{data}/shards"),
        ((), {"GONGKAI_CLUSTER": ADDRESS, "GONGKAI_SHARDS": "s3://bucket/x"}, "s3://bucket/x"),
        (("--shards", "/mnt/y"), {"GONGKAI_CLUSTER": ADDRESS, "GONGKAI_SHARDS": "s3://bucket/x"}, "/mnt/y"),
        (("--cluster", ""), {"GONGKAI_CLUSTER": ADDRESS, "GONGKAI_SHARDS": "s3://bucket/x"}, None),
    ],
)
def test_option_and_setting_say_where_visits_are_made(
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    environment: dict[str, str],
    place: str | None,
) -> None:
    asked: list[tuple[str, str]] = []

    def there(self: OnCluster, *_: Any, **__: Any) -> CrawlSummary:
        asked.append((self.address, self.shards))
        raise ClusterError("no scheduler answers")

    monkeypatch.setattr(OnCluster, "check", lambda _: None)
    monkeypatch.setattr(OnCluster, "__call__", there)
    monkeypatch.setattr("crawler.commands.schedule.crawl", Visits())
    done = run(data, *words, **environment)
    assert done.exit_code == (0 if place is None else 5)
    assert asked == ([] if place is None else [(ADDRESS, place.format(data=data))])
