"""Lets the year go by: from one due moment to the next, through real crawls; twice through a daemon."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from archive import times
from archive.divisions import DEFAULT
from archive.errors import BusyError
from archive.store import Store
from crawler import config
from crawler.config import keys
from crawler.notify.telling import Notifier
from crawler.schedule.plan import plan
from crawler.schedule.registry import Registry
from crawler.schedule.rounds import Rounds
from demo.portal import Answer, Portal, Request
from demo.server import DemoPortals

from .clock import Clock
from .portals import Stage
from .receivers import Hook, Program
from .story import BEGINS, BUDGET, ENDS, HOOK_DOWN, SEED, Kill, Tale

_SIMULATED = Path(__file__).parents[1] / "crawler/schedule/simulated.py"
#: Real seconds after which what is waited for is given up.
_PATIENCE = 300
#: Before a due moment; nothing is asked then.
_BEFORE = timedelta(minutes=1)


@dataclass
class Year:
    """A year that is over, or under way."""

    folder: Path
    tales: tuple[Tale, ...]
    portals: DemoPortals
    clock: Clock
    stage: Stage
    hook: Hook
    program: Program
    environment: dict[str, str]
    too_early: list[datetime] = field(default_factory=list)
    """Moments at which something was visited although nothing was due."""
    failed: list[str] = field(default_factory=list)
    """Why rounds failed, and daemons that did not end as they must."""

    @property
    def data(self) -> Path:
        return self.folder / "data"


@contextmanager
def lived(folder: Path, tales: Sequence[Tale]) -> Iterator[Year]:
    """The year's end; the portals still run."""
    clock = Clock(BEGINS, folder / "ahead")
    hook, program = Hook(clock, HOOK_DOWN), Program(clock, folder)
    ours = {
        "GONGKAI_DEMO": "1",
        "GONGKAI_DATA": str(folder / "data"),
        "GONGKAI_PORTALS": str(folder / "portals"),
        "GONGKAI_DAILY_BUDGET": str(BUDGET),
        "GONGKAI_NOTIFY_WEBHOOK": hook.url,
        "GONGKAI_NOTIFY_COMMAND": program.words,
    }
    others = {name: value for name, value in os.environ.items() if not name.startswith("GONGKAI_")}
    with DemoPortals(SEED) as portals, patch.dict(os.environ, others | ours, clear=True):
        stage = Stage(portals, tales, folder / "portals")
        year = Year(folder, tuple(tales), portals, clock, stage, hook, program, others | ours)
        year.data.mkdir()
        with Store(year.data / "gongkai.db", demo=True) as store:
            store.load_divisions(DEFAULT.with_extra(portals.divisions).rows())
        try:
            _live(year)
            yield year
        finally:
            times.shift(timedelta())
            hook.stop()


def _live(year: Year) -> None:
    settings = config.current()
    registry = Registry(settings[keys.PORTALS])
    rounds = Rounds(settings, registry, ahead=year.clock.ahead, after=Notifier.of(settings).after)
    kills = {tale.key: tale.kill for tale in year.tales if tale.kill}
    while True:
        planned = plan(registry.portals(), year.data, settings, year.clock.now)
        moment = min(one.due.at for one in planned)
        if moment >= ENDS:
            break
        if moment - _BEFORE > year.clock.now:
            year.clock.to(moment - _BEFORE)
            year.stage.to(year.clock.now)
            if rounds.run().summary is not None:
                year.too_early.append(year.clock.now)
        year.clock.to(moment)
        year.stage.to(year.clock.now)
        key = planned[0].portal.key
        if key in kills and year.clock.now >= kills[key][0]:
            _killed(year, key, kills.pop(key)[1])
            continue
        done = rounds.run()
        if done.failed:
            year.failed.append(f"{year.clock.now}: {done.failed}")
        assert len(year.failed) < 5, year.failed
    year.clock.to(ENDS)
    rounds.run()


# -- the daemon ------------------------------------------------------------------------------------


class _Holding:
    """A portal that keeps one answer back: the one to the second report that it is asked for."""

    def __init__(self, portal: Portal, reports: frozenset[str]) -> None:
        self._portal, self._reports, self._asked = portal, reports, 0
        self.asked, self.go_on = threading.Event(), threading.Event()

    def __getattr__(self, name: str) -> object:
        return getattr(self._portal, name)

    def answer(self, request: Request) -> Answer:
        self._asked += request.path in self._reports
        if self._asked == 2:
            self.asked.set()
            self.go_on.wait(_PATIENCE)
        return self._portal.answer(request)


def _killed(year: Year, key: str, how: Kill) -> None:
    """A daemon begins the visit and is killed; another makes it ten minutes later, and not before."""
    server = year.portals.server(key)
    portal = server.portal
    assert portal is not None
    paths = (portal.address(c, e) for c in portal.site.columns for e in c.entries if e.kind == "report")
    holding = _Holding(portal, frozenset(paths))
    server.portal = holding  # type: ignore[assignment]
    daemon = _start(year)
    if not holding.asked.wait(_PATIENCE):
        year.failed.append(f"{key}: the daemon did not come to the second report")
    crawl = _children(daemon.pid)
    daemon.kill()
    for child in crawl if how == "all" else ():
        os.kill(child, signal.SIGKILL)
    daemon.wait()
    holding.go_on.set()
    server.portal = portal
    _until(lambda: _free(year.data), "the crawl that was left alone has ended")
    again = _start(year)
    looks = year.folder / "ahead.looks"
    before = _size(looks)
    _until(lambda: _size(looks) > before + 1, "the next daemon has looked twice")
    asked = len(year.portals.requests)
    year.clock.to(year.clock.now + timedelta(minutes=10))
    _until(lambda: len(year.portals.requests) > asked, "it has begun")
    before = _size(looks)
    _until(lambda: _size(looks) > before, "it has nothing more to do")
    again.send_signal(signal.SIGTERM)
    if (code := again.wait(_PATIENCE)) != 0:
        year.failed.append(f"{key}: the daemon that was told to stop ended with {code}")


def _start(year: Year) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(_SIMULATED), str(year.folder / "ahead")]
    with year.folder.joinpath("daemon.log").open("ab") as log:
        return subprocess.Popen(command, env=year.environment, cwd=year.folder, stderr=log, stdout=log)


def _children(process: int) -> list[int]:
    """Processes that a process has begun."""
    found = []
    for task in Path(f"/proc/{process}/task").iterdir():
        found += [int(number) for number in (task / "children").read_text().split()]
    return found


def _free(data: Path) -> bool:
    try:
        Store(data / "gongkai.db", demo=True, timeout=0.1).close()
    except BusyError:
        return False
    return True


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _until(what: Callable[[], bool], words: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not what():
        assert time.monotonic() < deadline, f"waited in vain until {words}"
        time.sleep(0.05)
