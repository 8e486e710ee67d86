"""What a running site says is due, from registry, runs and the memory of the news."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from archive import times
from archive.outlook import Untold
from archive.store import Store
from crawler.config import current
from crawler.notify import memory
from crawler.outlook import Watcher

from .schedule.test_plan import NOW, ran, register


@pytest.fixture
def watcher(tmp_path: Path) -> Watcher:
    register(tmp_path / "portals", "old")
    register(tmp_path / "portals", "fresh")
    with Store(tmp_path / "gongkai.db") as store:
        ran(store, "old", 20, "finished", outcome="ok")
        ran(store, "fresh", 0.1, "finished", outcome="ok")
    known = memory.Memory()
    known.fail("mail", "no such host: geheim.example.org", NOW, NOW + timedelta(minutes=10))
    memory.save(tmp_path, known)
    return Watcher(tmp_path, current({"GONGKAI_PORTALS": str(tmp_path / "portals")}))


def test_what_is_due_and_who_could_not_be_told(watcher: Watcher, tmp_path: Path) -> None:
    ahead = NOW - times.now()
    times.shift(ahead)
    try:
        told = watcher()
        register(tmp_path / "portals", "added")
        assert watcher() is told  # asked again in half a minute
        times.shift(ahead + timedelta(minutes=1))
        later = watcher()
    finally:
        times.shift(timedelta())
    assert told is not None
    assert later is not None
    [late] = told.due
    assert (late.portal, late.since < times.text(NOW)) == ("old", True)
    assert told.untold == (Untold("mail", "2026-02-10T04:00:00.000000Z", 1, "2026-02-10T04:10:00.000000Z"),)
    assert {one.portal for one in later.due} == {"old", "added"}


def test_a_registry_that_is_not_there_is_no_page_that_fails(tmp_path: Path) -> None:
    assert Watcher(tmp_path, current({"GONGKAI_PORTALS": str(tmp_path / "nowhere")}))() is None
