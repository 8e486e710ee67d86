"""``python -m crawler.cluster.rehearsal``: an archive read here and on a cluster, a worker killed meanwhile.

Crawls the sample portals, makes a database from their WARCs with one process of this machine, and
another with three workers on loopback of which one is killed (SIGKILL) in the midst of it. Both
databases have to be equal, row by row.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import click

from crawler.cluster.loopback import Loopback, cluster
from crawler.verify import fingerprint

_WORKERS = 3
#: It says when the tables were made.
_DATED = "_sqlite_migrations"
#: Seconds that a worker goes on after it has begun to read, until it is killed.
_READING = 1.0


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What came of it."""

    here: float
    """Seconds one process of this machine took."""
    there: float
    """Seconds the cluster took."""
    killed: bool
    """Whether the worker died while there was something to read."""
    differing: tuple[str, ...]
    """Tables that are not the same in both databases."""


@click.command(help=__doc__)
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Read this archive, and crawl nothing.",
)
def main(data: Path | None) -> None:
    with tempfile.TemporaryDirectory(prefix="gongkai-cluster-") as name:
        folder = Path(name)
        if data is None:
            data = folder / "demo"
            _gongkai("demo", "--no-serve", "--data", str(data))
        done = rehearse(data, folder)
    click.echo(f"one process here: {done.here:.1f} s; {_WORKERS} workers: {done.there:.1f} s")
    click.echo("one worker was killed while it read" if done.killed else "the worker was killed too late")
    click.echo(f"differing tables: {', '.join(done.differing) or 'none'}")
    sys.exit(not done.killed or bool(done.differing))


def rehearse(data: Path, folder: Path) -> Rehearsed:
    """Make both databases in ``folder`` from the WARCs under ``data``."""
    one, many = folder / "one.db", folder / "many.db"
    here = _timed("reparse", "--data", str(data), "--into", str(one), "--workers", "1")
    with cluster(folder, _WORKERS) as started:
        _await(started)
        done = threading.Event()
        killer = threading.Thread(target=_kill, args=(started.workers[0], done))
        killer.start()
        there = _timed("reparse", "--data", str(data), "--into", str(many), "--cluster", started.address)
        killed = started.workers[0].poll() is not None
        done.set()
        killer.join()
    before, after = fingerprint(one), fingerprint(many)
    names = sorted({*before, *after} - {_DATED})
    differing = tuple(name for name in names if before.get(name) != after.get(name))
    return Rehearsed(here, there, killed, differing)


def _kill(worker: subprocess.Popen[bytes], done: threading.Event) -> None:
    """Kill a worker a moment after its child, which reads, has begun."""
    import psutil

    process = psutil.Process(worker.pid)
    while not process.children() and not done.wait(0.05):
        pass
    if not done.wait(_READING):
        worker.kill()


def _timed(*arguments: str) -> float:
    started = time.monotonic()
    _gongkai(*arguments)
    return time.monotonic() - started


def _gongkai(*arguments: str) -> None:
    command = [sys.executable, "-P", "-m", "crawler.cli", *arguments]
    code = subprocess.run(command, check=False).returncode  # noqa: S603
    if code:
        raise click.ClickException(f"gongkai {' '.join(arguments)} ended with {code}")


def _await(started: Loopback) -> None:
    """Until all workers are there."""
    from distributed import Client

    with Client(started.address, set_as_default=False) as client:
        client.wait_for_workers(len(started.workers), timeout=60)


if __name__ == "__main__":
    main()
