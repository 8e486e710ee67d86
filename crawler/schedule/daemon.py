"""The daemon: APScheduler calls the rounds until it is told to stop.

What is due is worked out from the archive each time, so APScheduler keeps no jobs on disk and
nothing is lost with the process. The main thread waits for signals; the rounds run in another.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from crawler.schedule.rounds import Rounds

log = logging.getLogger(__name__)

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def serve(rounds: Rounds, every: float, also: tuple[Callable[[], object], ...] = ()) -> None:
    """Runs a round every so many seconds until SIGTERM or SIGINT; a second signal ends it at once.

    One round at a time: one that takes longer than ``every`` is not begun again beside itself, and
    those that were missed meanwhile (or while the machine slept) are one. ``also``: what is done
    as often, each beside the rounds.
    """
    stop = rounds.stop
    with signals(stop):
        jobs = (rounds.run, *also)
        scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(len(jobs))},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        # APScheduler warns each time a round is still at work; that is what it is there for.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        for job in jobs:
            scheduler.add_job(job, "interval", seconds=every, next_run_time=datetime.now(UTC))
        scheduler.start()
        log.info("the schedule runs, looking every %g s", every)
        stop.wait()
        log.info("told to stop; the requests under way are ended first")
        scheduler.shutdown(wait=True)


@contextmanager
def signals(stop: threading.Event) -> Iterator[None]:
    """Sets the event on the first SIGTERM or SIGINT, and leaves the process at once on the second."""

    def told(number: int, _: object) -> None:
        if stop.is_set():
            # A crawl under way notices that this process is gone (runner), and ends by itself.
            os._exit(128 + number)
        stop.set()

    before = {number: signal.signal(number, told) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
