"""``python -m crawler.cluster.rehearsal``: a crawl and a replay, here and on a cluster that loses a worker.

Sample portals are crawled by this machine, and again by three workers on loopback, one of which is
killed (SIGKILL) in the midst of its visits. Then a database is made from the WARCs of the first crawl by one
process of this machine, and another by three workers, one of which is killed while it reads. Each time both
databases have to be equal, row by row; of two crawls the times and the places in WARC files are their own.

Each worker is in a network namespace of its own, where the system lets users have them.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from archive.divisions import DEFAULT
from archive.store import Store
from crawler.cluster import netns
from crawler.cluster.loopback import Loopback, cluster
from crawler.runner import crawl
from crawler.verify import LEDGER, connect, fingerprint
from demo.server import DemoPortals
from pipelines.items import DATABASE
from spiders.portals import from_entry

_WORKERS = 3
#: It says when the tables were made.
_DATED = "_sqlite_migrations"
#: Of the full-text index: how its lists are cut up, and what is counted by the number of a text, depends on
#: the order in which texts came.
_CUT = frozenset({"_search_data", "_search_idx", "_search_docsize"})
#: What two crawls of the same pages do not share; ``row`` is that number.
_OWN = frozenset({"fetched_at", "seen_at", "warc_file", "warc_offset", "warc_length", "row"})
#: Seconds that a worker goes on after it has begun to work, until it is killed.
_WORKING = 1.0


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What came of it."""

    here: float
    """Seconds this machine took."""
    there: float
    """Seconds the cluster took."""
    killed: bool
    """Whether the worker died while there was something to do."""
    differing: tuple[str, ...]
    """Tables that are not the same in both databases."""

    @property
    def ok(self) -> bool:
        return self.killed and not self.differing

    def in_words(self) -> str:
        died = "one worker was killed at its work" if self.killed else "the worker was killed too late"
        tables = ", ".join(self.differing) or "none"
        return (
            f"here: {self.here:.1f} s; {_WORKERS} workers: {self.there:.1f} s; {died};"
            f" tables that differ: {tables}"
        )


@click.command(help=__doc__)
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Replay this archive, and crawl nothing.",
)
@click.option("--portal", "portals", multiple=True, help="Crawl this sample portal, and such others, alone.")
@click.option("--apart", "left", hidden=True, help="Begun anew, and the network namespace it came from.")
def main(data: Path | None, portals: tuple[str, ...], left: str | None) -> None:
    apart = left is not None
    if left is not None:
        netns.prepare(left)
        click.echo(f"{_WORKERS} workers, each in a network namespace of its own")
    else:
        reason = netns.missing()
        if reason is None:
            netns.begin_anew("crawler.cluster.rehearsal", "--apart", *sys.argv[1:])
        click.echo(f"{_WORKERS} workers on loopback, in no network namespaces of their own: {reason}")
    with tempfile.TemporaryDirectory(prefix="gongkai-cluster-") as name:
        folder = Path(name)
        done = []
        if data is None:
            (folder / "crawl").mkdir()
            done.append(rehearse_crawl(folder / "crawl", portals, apart=apart))
            click.echo(f"crawl:   {done[-1].in_words()}")
            data = folder / "crawl" / "one"
        done.append(rehearse_replay(data, folder, apart=apart))
        click.echo(f"reparse: {done[-1].in_words()}")
    sys.exit(not all(one.ok for one in done))


def rehearse_crawl(folder: Path, keys: Collection[str] = (), *, apart: bool = False) -> Rehearsed:
    """Make both archives in ``folder`` from the sample portals with these keys, or all."""
    one, many = folder / "one", folder / "many"
    with DemoPortals(seed=1) as portals:
        ports = portals.ports
        entries = [entry for entry in portals.steady if not keys or entry["key"] in keys]
        if unknown := sorted(set(keys) - {entry["key"] for entry in entries}):
            raise click.UsageError(f"no sample portal that answers the same each time: {', '.join(unknown)}")
        _begin(one, portals)
        started = time.monotonic()
        log = folder / "crawl.log"
        crawl([from_entry(entry) for entry in entries], data=one, demo=True, progress=False, log_file=log)
        here = time.monotonic() - started
    with DemoPortals(seed=1, ports=ports) as portals, cluster(folder, _WORKERS, apart=apart) as workers:
        _begin(many, portals)
        portals.write_registry(folder / "registry")
        _await(workers)
        chosen = [entry["key"] for entry in entries]
        command = ("crawl", *chosen, "--portals", str(folder / "registry"), "--data", str(many))
        # 3: portals with troubles are among them.
        there, killed = _on(workers, command, demo=True, fine=(0, 3))
    before, after = _contents(one / DATABASE), _contents(many / DATABASE)
    return Rehearsed(here, there, killed, _differing(before, after))


def rehearse_replay(data: Path, folder: Path, *, apart: bool = False) -> Rehearsed:
    """Make both databases in ``folder`` from the WARCs under ``data``."""
    one, many = folder / "one.db", folder / "many.db"
    started = time.monotonic()
    _gongkai("reparse", "--data", str(data), "--into", str(one), "--workers", "1")
    here = time.monotonic() - started
    with cluster(folder, _WORKERS, apart=apart) as workers:
        _await(workers)
        there, killed = _on(workers, ("reparse", "--data", str(data), "--into", str(many)))
    return Rehearsed(here, there, killed, _differing(fingerprint(one), fingerprint(many)))


def _begin(data: Path, portals: DemoPortals) -> None:
    """An archive that knows the invented divisions of the sample portals."""
    with Store(data / DATABASE, demo=True) as store:
        store.load_divisions(DEFAULT.with_extra(portals.divisions).rows())


def _contents(path: Path) -> dict[str, str]:
    """Table → digest of its rows, without what two crawls do not share."""
    db = connect(path)
    try:
        found = {}
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if name.startswith("sqlite_") or name in LEDGER | _CUT:
                continue
            cursor = db.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - a name of the schema
            kept = [at for at, column in enumerate(cursor.description) if column[0] not in _OWN]
            rows = sorted(repr([row[at] for at in kept]) for row in cursor)
            found[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        return found
    finally:
        db.close()


def _differing(before: dict[str, str], after: dict[str, str]) -> tuple[str, ...]:
    names = sorted({*before, *after} - {_DATED})
    return tuple(name for name in names if before.get(name) != after.get(name))


def _on(workers: Loopback, command: tuple[str, ...], **how: Any) -> tuple[float, bool]:
    """A command on a cluster whose first worker is killed meanwhile: seconds, and whether it was."""
    done = threading.Event()
    killer = threading.Thread(target=_kill, args=(workers.workers[0], done))
    killer.start()
    started = time.monotonic()
    try:
        _gongkai(*command, "--cluster", workers.address, **how)
        seconds = time.monotonic() - started
        killed = workers.workers[0].poll() is not None
    finally:
        done.set()
        killer.join()
    return seconds, killed


def _kill(worker: subprocess.Popen[bytes], done: threading.Event) -> None:
    """Kill a worker a moment after its first child, which crawls or reads, has begun."""
    import psutil

    process = psutil.Process(worker.pid)
    while not process.children() and not done.wait(0.05):
        pass
    if not done.wait(_WORKING):
        worker.kill()


def _gongkai(*arguments: str, demo: bool = False, fine: Collection[int] = (0,)) -> None:
    command = [sys.executable, "-P", "-m", "crawler.cli", *arguments]
    env = {**os.environ, **({"GONGKAI_DEMO": "1"} if demo else {})}
    code = subprocess.run(command, check=False, env=env).returncode  # noqa: S603
    if code not in fine:
        raise click.ClickException(f"gongkai {' '.join(arguments)} ended with {code}")


def _await(started: Loopback) -> None:
    """Until all workers are there."""
    from distributed import Client

    with Client(started.address, set_as_default=False) as client:
        client.wait_for_workers(len(started.workers), timeout=60)


if __name__ == "__main__":
    main()
