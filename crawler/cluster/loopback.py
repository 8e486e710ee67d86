"""A cluster on this machine: a scheduler and workers as processes of their own, for trials.

On real machines the same two commands are started by whoever runs them (docs/scaling.md).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from crawler.cluster import netns

#: Seconds that a scheduler may take to begin.
_START = 60


@dataclass(frozen=True, slots=True)
class Loopback:
    """A scheduler and its workers; killing one of these is what the trial is about."""

    address: str
    workers: tuple[subprocess.Popen[bytes], ...]


@contextmanager
def cluster(folder: Path, workers: int, *, apart: bool = False) -> Iterator[Loopback]:
    """So many workers of one thread each, without the nanny that would start a killed one again.

    ``apart``: each in a network namespace of its own, for a trial that ``netns`` began anew.
    """
    file = folder / "scheduler.json"
    logs = folder / "cluster.log"
    # What dask keeps stays under this folder; it listens on loopback only. The sites of a worker that was
    # killed are free again after seconds, as the others are known to be near.
    env = {
        **os.environ,
        "DASK_TEMPORARY_DIRECTORY": str(folder),
        "DASK_DISTRIBUTED__SCHEDULER__LOCKS__LEASE_TIMEOUT": "5s",
        "DASK_DISTRIBUTED__SCHEDULER__LOCKS__LEASE_VALIDATION_INTERVAL": "1s",
    }
    started: list[subprocess.Popen[bytes]] = []

    def start(module: str, *options: str, worker: int = 0) -> None:
        command = [sys.executable, "-P", "-m", f"distributed.cli.{module}", "--no-dashboard", *options]
        with logs.open("ab") as log:
            how: dict[str, Any] = {"stdout": log, "stderr": log, "env": env, "cwd": folder}
            begin = partial(netns.start, worker) if worker and apart else subprocess.Popen
            started.append(begin(command, **how))

    try:
        listen = netns.SCHEDULER if apart else "127.0.0.1"
        start("dask_scheduler", "--port", "0", "--host", listen, "--scheduler-file", str(file))
        address = _address(file, started[0], logs)
        for worker in range(1, workers + 1):
            own = netns.host(worker) if apart else "127.0.0.1"
            start("dask_worker", address, "--host", own, "--nthreads", "1", "--no-nanny", worker=worker)
        yield Loopback(address, tuple(started[1:]))
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _address(file: Path, scheduler: subprocess.Popen[bytes], logs: Path) -> str:
    deadline = time.monotonic() + _START
    while scheduler.poll() is None and time.monotonic() < deadline:
        try:
            return str(json.loads(file.read_text(encoding="utf-8"))["address"])
        except (FileNotFoundError, json.JSONDecodeError):  # not there yet, or not yet whole
            time.sleep(0.1)
    raise RuntimeError(f"the scheduler did not begin; see {logs}")
