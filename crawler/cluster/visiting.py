"""On a worker: the portals of one site are visited, and what came is left as a shard."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from archive import warc
from archive.rows import Row
from archive.shelf import put
from archive.store import Store
from archive.warc_files import SUFFIX
from crawler import carried, logs
from crawler.cluster import ClusterError, away
from crawler.cluster.shards import Shards
from crawler.runner import CrawlFailedError, carry_out
from pipelines.items import DATABASE, WARCS
from pipelines.version import PARSER

if TYPE_CHECKING:
    from distributed import Lock, Worker

#: Seconds between two looks whether the visit is still wanted.
_LOOK = 1.0


@dataclass(frozen=True, slots=True)
class Order:
    """All that a visit to the portals of one site needs to know."""

    crawl: str
    """Identifier of the crawl that it is part of."""
    job: Mapping[str, Any]
    """As ``crawler.runner.carry_out`` takes it, but for ``data`` and ``prefix``, which are the worker's."""
    sites: tuple[str, ...]
    """What no two visits ask at one time."""
    settings: str
    """``gongkai.toml`` of the machine that has the archive."""
    divisions: tuple[Mapping[str, Any], ...]
    """Those that the packaged list has not."""
    portals: tuple[Row, ...]
    """Their rows in the archive, where it has any."""
    carried: carried.Carried
    shards: Shards
    parser: str


@dataclass(frozen=True, slots=True)
class Visited:
    """How the work on an order ended."""

    shard: str
    """Name of what it brought; empty if it brought nothing, for it was not wanted any more."""
    error: str = ""
    """Why the crawling process died."""


def visit(order: Order) -> Visited:
    """Carry out an order as a task of a dask worker.

    It takes none of the worker's threads, which are for reading: it waits for the crawling process, and that
    waits for the portal. It ends in order once nobody wants it any more: the crawl is to stop, or who has
    asked for it is gone, or the worker is being closed.
    """
    from distributed import get_worker, secede

    if order.parser != PARSER:
        raise ClusterError(f"this worker has parser {PARSER}, asked is {order.parser}")
    worker = get_worker()
    key = str(worker.get_current_task())
    secede()
    stop = threading.Event()
    with _watched(worker, key, order.crawl, stop), _alone(order.sites, stop):
        if stop.is_set():
            return Visited("")
        with TemporaryDirectory(prefix="visit-", dir=worker.local_directory) as scratch:
            return carried_out(order, Path(scratch), stop)


def carried_out(order: Order, scratch: Path, stop: threading.Event) -> Visited:
    """Carry out an order in a folder that is thrown away afterwards."""
    data, token = scratch / "data", uuid4().hex[:12]
    error = ""
    with Store(data / DATABASE, demo=order.job["demo"]) as store:
        store.load_divisions(order.divisions)
        with store.writing():
            for row in order.portals:
                put(store.db, "portals", row, ())
    carried.lay(data, order.carried)
    (scratch / "gongkai.toml").write_text(order.settings, encoding="utf-8")
    job = {**order.job, "data": str(data), "prefix": f"gongkai-{token}"}
    try:
        carry_out(job, stop=stop, log_file=scratch / "stderr", environment=_environment(scratch))
    except CrawlFailedError as failed:  # what it had fetched is worth as much as before
        error = str(failed)
    name = f"{order.crawl}-{token}"
    order.shards.put(name, _gathered(data, scratch / "shard"), _about(data, demo=order.job["demo"]))
    return Visited(name, error)


def _environment(scratch: Path) -> dict[str, str]:
    """This process's, with the settings of the archive's machine in the place of this one's."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("GONGKAI_")}
    return own | {"GONGKAI_CONFIG": str(scratch / "gongkai.toml")}


def _gathered(data: Path, folder: Path) -> Path:
    """The files of a shard in one folder."""
    folder.mkdir()
    warcs = data / WARCS
    if warcs.is_dir():
        warc.mend(warcs)  # where the process died there is one that was never closed
    for path in sorted((*warcs.glob(f"*{SUFFIX}"), *warcs.glob(f"*{SUFFIX}.cdxj"), *_logs(data))):
        shutil.move(path, folder / path.name)
    return folder


def _logs(data: Path) -> list[Path]:
    return list((data / logs.FOLDER).glob("*.jsonl"))


def _about(data: Path, *, demo: bool) -> dict[str, Any]:
    with Store(data / DATABASE, demo=demo) as store:
        begun = [row["id"] for row in store.db.query("SELECT id FROM runs ORDER BY started_at, id")]
        runs = [store.run_state(run) for run in begun]
        kind = store.about["kind"]
    ends = [away.as_json(run, ended) for run, ended in away.visits(data)]
    return {"kind": kind, "runs": runs, "ends": ends, "carried": carried.everything(data)}


# -- whether it is wanted --------------------------------------------------------------------

#: Crawls that are to end.
_ended: set[str] = set()


def end(crawl: str) -> None:
    """Let the visits of a crawl on this worker end after the requests under way (``Client.run``)."""
    _ended.add(crawl)


@contextmanager
def _watched(worker: Worker, key: str, crawl: str, stop: threading.Event) -> Iterator[None]:
    """Sets ``stop`` once the task is not wanted any more."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_LOOK):
            if crawl in _ended or _unwanted(worker, key):
                stop.set()
                return

    watcher = threading.Thread(target=watch, name=f"watches {key}", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _unwanted(worker: Worker, key: str) -> bool:
    """Whether the worker is being closed, or nobody waits for the task: who asked has ended or is gone."""
    task = worker.state.tasks.get(key)
    return worker.status.name not in ("running", "paused") or task is None or task.state == "cancelled"


@contextmanager
def _alone(sites: tuple[str, ...], stop: threading.Event) -> Iterator[None]:
    """Waits until no other visit asks these sites, on whatever worker; or until ``stop``.

    A lost worker's place is free half a minute after it was last heard of (dask's ``locks.lease-timeout``).
    """
    from distributed import Lock

    with ExitStack() as stack:
        for site in sorted(sites):  # in one order, so that no two wait for each other
            lock = Lock(f"gongkai {site}")
            stack.callback(_quiet, lock)
            while not stop.is_set():
                if lock.acquire(timeout=_LOOK):
                    stack.callback(lock.release)
                    break
        yield


def _quiet(lock: Lock) -> None:
    """A lock that is not held has nothing to renew, and would go on looking for the worker's whole life."""
    renewal = getattr(lock, "refresh_callback", None)
    if renewal is not None and lock.loop is not None:
        lock.loop.add_callback(renewal.stop)
