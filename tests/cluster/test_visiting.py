"""A visit made for another machine's archive, and what comes of it there; no scheduler is needed for that."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from archive import times
from archive.divisions import DEFAULT
from archive.errors import DiskFullError, WrongArchiveError
from archive.notes import read_notes
from archive.records import Snapshot
from archive.rows import Reading
from archive.store import Store
from archive.warc import WarcWriter
from crawler import budget, carried, config
from crawler.cluster import ClusterError, adopting, visiting
from crawler.cluster.adopting import Archive, adopt
from crawler.cluster.crawling import Wanted, order
from crawler.cluster.shards import DamagedShardError, Shards
from crawler.cluster.visiting import Visited, carried_out
from crawler.runner import CrawlFailedError
from crawler.sites import groups
from crawler.verify import fingerprint
from demo.server import DemoPortals
from pipelines.across import prove
from pipelines.items import DATABASE, WARCS
from pipelines.reading import Loaded, Located, Readers, children
from pipelines.rebuild import rebuild
from spiders.portals import Portal, from_entry

pytest.importorskip("fsspec")
pytestmark = pytest.mark.cluster

#: One with a few reports, of which something is to be told.
KEY = "demo-only-http"


@pytest.fixture(scope="module")
def portals() -> Iterator[DemoPortals]:
    with DemoPortals(seed=1) as running:
        yield running


@pytest.fixture
def group(portals: DemoPortals) -> list[Portal]:
    return groups([from_entry(entry) for entry in portals.registry if entry["key"] == KEY])[0]


class Place:
    """An archive, the place for its shards, and a worker's disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.shards = Shards(str(folder / "shards"))
        self._visits = 0

    @contextmanager
    def open(self) -> Iterator[Archive]:
        with ExitStack() as stack:
            store = stack.enter_context(Store(self.data / DATABASE, demo=True))
            readers = Readers(1, store.extra_divisions())
            stack.callback(readers.close)
            writer = stack.enter_context(WarcWriter(self.data / WARCS, "gongkai"))
            yield Archive(store, readers, 2, writer)

    def visit(self, group: list[Portal], **wanted: Any) -> Visited:
        self._visits += 1
        with Store(self.data / DATABASE, demo=True) as store:
            asked = order(store, group, Wanted(demo=True, **wanted), config.current(), "c", self.shards)
        scratch = self.folder / f"worker-{self._visits}"
        scratch.mkdir()
        return carried_out(asked, scratch, threading.Event())

    def adopt(self, visited: Visited) -> list[Any]:
        with self.open() as archive:
            return adopt(archive, self.shards, visited.shard)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        db = sqlite3.connect(self.data / DATABASE)
        db.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in db.execute(sql)]
        finally:
            db.close()


@pytest.fixture
def place(tmp_path: Path, portals: DemoPortals) -> Place:
    made = Place(tmp_path)
    with Store(made.data / DATABASE, demo=True) as store:
        store.load_divisions(DEFAULT.with_extra(portals.divisions).rows())
    return made


RUN = "SELECT finish_reason, outcome, found, known, stored, failed, finished_at, log FROM runs"


def test_what_a_visit_brings_is_in_the_archive(place: Place, group: list[Portal]) -> None:
    visited = place.visit(group)
    assert visited.error == ""
    [came] = place.adopt(visited)
    [run] = place.rows(RUN)
    assert (run["finish_reason"], run["outcome"], run["known"]) == ("finished", "ok", 0)
    assert run["found"] == came.found > 1
    assert run["stored"] == came.stored == place.rows("SELECT count(*) AS n FROM reports")[0]["n"]
    assert [row["kind"] for row in place.rows("SELECT kind FROM run_issues")] == ["scheme_switched"]
    assert (place.data / run["log"]).is_file()
    assert place.shards.whole() == []
    counted = carried.everything(place.data)["requests"]
    assert [count for _, _, count in counted] == [came.requests]


def test_a_second_visit_leaves_alone_what_is_known(place: Place, group: list[Portal]) -> None:
    [first] = place.adopt(place.visit(group))
    [second] = place.adopt(place.visit(group))
    assert (second.stored, second.unchanged, second.known) == (0, 0, first.found)
    counted = carried.everything(place.data)["requests"]
    assert [count for _, _, count in counted] == [first.requests + second.requests]
    [all_again] = place.adopt(place.visit(group, refetch_all=True))
    assert (all_again.stored, all_again.known) == (0, 0)
    assert all_again.unchanged == first.stored + first.copied


def test_the_budget_of_the_day_goes_along(
    place: Place, group: list[Portal], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GONGKAI_DAILY_BUDGET", "4")
    for _ in range(2):
        [came] = place.adopt(place.visit(group))
        assert came.finish_reason == "budget"
        assert [count for _, _, count in carried.everything(place.data)["requests"]] == [4]
    assert came.responses == 0


def test_what_is_set_on_the_worker_says_nothing(
    place: Place, group: list[Portal], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(place.data / DATABASE, demo=True) as store:
        asked = order(store, group, Wanted(demo=True), config.current(), "c", place.shards)
    monkeypatch.setenv("GONGKAI_DAILY_BUDGET", "1")
    monkeypatch.setenv("GONGKAI_NO_SUCH", "1")
    scratch = place.folder / "worker"
    scratch.mkdir()
    visited = carried_out(asked, scratch, threading.Event())
    monkeypatch.undo()
    [came] = place.adopt(visited)
    assert came.finish_reason == "finished"


def test_taken_in_twice_it_changes_nothing(place: Place, group: list[Portal]) -> None:
    visited = place.visit(group)
    shard = place.folder / "shards" / visited.shard
    shutil.copytree(shard, place.folder / "kept")
    place.adopt(visited)
    before = fingerprint(place.data / DATABASE), place.rows(RUN)
    shutil.copytree(place.folder / "kept", shard)
    assert place.adopt(visited) == []
    assert (fingerprint(place.data / DATABASE), place.rows(RUN)) == before


@pytest.mark.parametrize("at", ["_take_files", "_visit", "keep", "remove"])
def test_where_taking_in_breaks_off_it_begins_again(
    place: Place, group: list[Portal], monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """Before the files, before the database, in the middle of it, and before the shard is taken away."""
    visited = place.visit(group)
    calls = 0

    def breaks(real: Callable[..., Any], first: int) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == first:
                raise DiskFullError("no room")
            return real(*given, **named)

        return call

    target: Any = Shards if at == "remove" else adopting
    monkeypatch.setattr(target, at, breaks(getattr(target, at), 2 if at == "keep" else 1))
    with pytest.raises(DiskFullError):
        place.adopt(visited)
    assert place.shards.whole() == [visited.shard]
    held = place.rows("SELECT count(*) AS n FROM reports")[0]["n"]
    assert held > 1 if at == "remove" else held == 0, "a visit is in the archive whole or not at all"
    place.adopt(visited)
    [run] = place.rows(RUN)
    assert run["finish_reason"] == "finished"
    assert run["stored"] == place.rows("SELECT count(*) AS n FROM reports")[0]["n"] > 1
    assert place.shards.whole() == []
    _rebuilt_the_same(place)


def _rebuilt_the_same(place: Place) -> None:
    """A database made from the WARC files alone has what the archive has."""
    with Store(place.data / DATABASE, demo=True) as store:
        prove(store)
        store.refresh_coverage()
    notes = read_notes(place.data / WARCS, torn=[], unread=[])
    rebuild(place.folder / "again.db", notes, place.data / WARCS, readers=children(1))
    # Rebuilding is a run of its own, and says when the tables were made.
    own = {"_sqlite_migrations", "_count_about"}
    before, after = (fingerprint(path) for path in (place.data / DATABASE, place.folder / "again.db"))
    assert {name for name in before if before[name] != after.get(name)} - own == set()
    runs = "SELECT id, finish_reason, outcome, stored, found, log FROM runs WHERE command = 'crawl'"
    with sqlite3.connect(place.folder / "again.db") as db:
        assert db.execute(runs).fetchall() == [tuple(row.values()) for row in place.rows(runs)]


def test_a_worker_whose_clock_is_ahead(
    place: Place, group: list[Portal], monkeypatch: pytest.MonkeyPatch
) -> None:
    """That the visit began is then noted after it ended."""
    real = visiting.carry_out

    def ahead(job: dict[str, Any], **named: Any) -> Any:
        return real({**job, "ahead": 3600.0}, **named)

    monkeypatch.setattr(visiting, "carry_out", ahead)
    place.adopt(place.visit(group))
    [run] = place.rows(RUN)
    assert times.read(run["finished_at"]) > times.now() + timedelta(minutes=50)
    _rebuilt_the_same(place)


def test_what_a_crawl_that_died_had_fetched_is_kept(
    place: Place, group: list[Portal], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It never told how the visit ended: the run stays open, and the next visit looks at its pages again."""
    real = visiting.carry_out

    def dies(job: dict[str, Any], **named: Any) -> Any:
        real(job, **named)
        (Path(job["data"]) / "visits.jsonl").unlink()
        raise CrawlFailedError("the crawling process ended with code -9 and without a summary")

    monkeypatch.setattr(visiting, "carry_out", dies)
    visited = place.visit(group)
    assert "code -9" in visited.error
    assert place.adopt(visited) == []
    [run] = place.rows(RUN)
    assert run["finish_reason"] is None
    held = place.rows("SELECT count(*) AS n FROM reports")[0]["n"]
    assert held > 1
    monkeypatch.undo()
    [came] = place.adopt(place.visit(group))
    assert (came.known, came.stored, came.unchanged) == (0, 0, held)


def test_a_shard_of_another_kind_of_archive_is_refused(
    place: Place, group: list[Portal], tmp_path: Path
) -> None:
    visited = place.visit(group)
    other = Place(tmp_path / "other")
    other.shards = place.shards
    with Store(other.data / DATABASE) as store, WarcWriter(other.data / WARCS, "gongkai") as writer:
        # It is refused before anything is read.
        archive = Archive(store, cast(Readers, None), 1, writer)
        with pytest.raises(WrongArchiveError, match="a shard of a demonstration"):
            adopt(archive, place.shards, visited.shard)
    assert place.shards.whole() == [visited.shard]
    assert other.rows("SELECT * FROM documents") == []
    assert [path.name for path in (other.data / WARCS).iterdir()] == []


@pytest.mark.parametrize(
    "name", ["index.cdxj", "gongkai-20260101000000000-00001-1.warc.gz", "x.warc.gz", "crawl-1.txt"]
)
def test_a_shard_takes_no_other_files_place(
    place: Place, group: list[Portal], tmp_path: Path, name: str
) -> None:
    """Neither that of the index, nor of a WARC file that this machine wrote."""
    folder = tmp_path / "made"
    folder.mkdir()
    (folder / name).write_bytes(b"evil")
    about = {"kind": "demonstration", "runs": [], "ends": [], "carried": {"requests": [], "rests": []}}
    place.shards.put("s", folder, about)
    with pytest.raises(DamagedShardError, match="no file that a visit leaves"):
        place.adopt(Visited("s"))
    assert not (place.data / WARCS / name).exists()
    assert place.shards.whole() == ["s"]


def test_a_shard_does_not_write_over_what_is_there(place: Place, tmp_path: Path) -> None:
    name = "gongkai-0123456789ab-20260101-00001-1.warc.gz"
    (place.data / WARCS).mkdir()
    (place.data / WARCS / name).write_bytes(b"ours")
    folder = tmp_path / "made"
    folder.mkdir()
    (folder / name).write_bytes(b"evil")
    about = {"kind": "demonstration", "runs": [], "ends": [], "carried": {"requests": [], "rests": []}}
    place.shards.put("s", folder, about)
    with pytest.raises(DamagedShardError, match="has another file of that name"):
        place.adopt(Visited("s"))
    assert (place.data / WARCS / name).read_bytes() == b"ours"


@pytest.mark.parametrize("about", [{}, {"kind": "demonstration", "runs": [{}], "ends": [], "carried": {}}])
def test_a_shard_that_does_not_say_what_it_is_of(place: Place, tmp_path: Path, about: dict[str, Any]) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    place.shards.put("s", folder, about)
    with pytest.raises(DamagedShardError, match="says not how its visits went"):
        place.adopt(Visited("s"))


def test_readers_that_refuse_take_no_original_out(place: Place, group: list[Portal]) -> None:
    """A worker of another version that joins meanwhile says nothing of the originals it was given."""

    class Refusing:
        def read(self, _: Snapshot) -> Reading:
            raise ClusterError("this worker has parser 0")

        def load(self, located: Located) -> Loaded:
            return located.load(), self.read(located.load())

        def stop(self) -> None: ...

        def close(self) -> None: ...

    visited = place.visit(group)
    with (
        Store(place.data / DATABASE, demo=True) as store,
        WarcWriter(place.data / WARCS, "gongkai") as writer,
        pytest.raises(ClusterError, match="parser 0"),
    ):
        adopt(Archive(store, Refusing(), 1, writer), place.shards, visited.shard)
    assert place.rows("SELECT * FROM runs") == []
    assert place.shards.whole() == [visited.shard]
    [came] = place.adopt(visited)
    assert came.stored > 1


def test_told_to_stop_it_tells_what_it_has(place: Place, group: list[Portal]) -> None:
    with Store(place.data / DATABASE, demo=True) as store:
        asked = order(store, group, Wanted(demo=True), config.current(), "c", place.shards)
    scratch, stop = place.folder / "worker", threading.Event()
    scratch.mkdir()
    stop.set()
    [came] = place.adopt(carried_out(asked, scratch, stop)) or [None]
    if came is not None:  # it had begun before it heard
        assert came.finish_reason == "shutdown"
    assert place.shards.whole() == []


def test_longer_rests_and_higher_counts_hold(tmp_path: Path, group: list[Portal]) -> None:
    now = times.now()
    day = budget.day_of(now).isoformat()
    host = next(iter(group[0].sites))
    carried.lay(tmp_path, {"requests": [[day, host, 5]], "rests": [[host, "blocked:rs", "2026-01-02"]]})
    carried.lay(tmp_path, {"requests": [[day, host, 3]], "rests": [[host, "blocked:waf", "2026-01-01"]]})
    carried.lay(tmp_path, {"requests": [["2020-01-01", host, 9], [day, "other.cn", 7]], "rests": []})
    assert carried.of(tmp_path, group, now) == {
        "requests": [[day, host, 5]],
        "rests": [[host, "blocked:rs", "2026-01-02"]],
    }
