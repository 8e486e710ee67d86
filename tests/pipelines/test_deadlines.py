"""Work that may take only so long."""

from __future__ import annotations

import threading
import time

import pytest

from pipelines.deadlines import Deadlines


def test_what_takes_too_long_is_told_once_and_what_does_not_never() -> None:
    deadlines = Deadlines()
    told: list[str] = []
    rung = threading.Event()

    def late(name: str) -> None:
        told.append(name)
        rung.set()

    with deadlines.within(600, lambda: late("long")):
        for _ in range(100):
            with deadlines.within(600, lambda: late("quick")):
                pass
        with deadlines.within(0.05, lambda: late("slow")):  # earlier than what is waited for already
            assert rung.wait(30)
    with deadlines.within(0.05, lambda: late("done")):
        pass
    rung.clear()
    with deadlines.within(0.2, lambda: late("slow again")):
        assert rung.wait(30)
    assert told == ["slow", "slow again"]


def test_one_thread_watches_all() -> None:
    deadlines = Deadlines()
    before = threading.active_count()
    with deadlines.within(600, lambda: None), deadlines.within(600, lambda: None):
        assert threading.active_count() == before + 1


def test_nobody_is_late_once_it_is_done() -> None:
    """However close to its end the moment is: who is done may have something else under way."""
    deadlines = Deadlines()
    under_way = threading.Event()
    wrong: list[float] = []

    def late() -> None:
        if not under_way.is_set():
            wrong.append(time.monotonic())

    for step in range(200):
        under_way.set()
        with deadlines.within(0.002, late):
            time.sleep(0.001 + step / 100_000)
        under_way.clear()
    assert wrong == []


def test_a_callback_that_fails_ends_no_other_watch(caplog: pytest.LogCaptureFixture) -> None:
    deadlines = Deadlines()
    failed, told = threading.Event(), threading.Event()

    def fail() -> None:
        failed.set()
        raise ZeroDivisionError

    with deadlines.within(0.3, told.set), deadlines.within(0.05, fail):
        assert failed.wait(30)
        assert told.wait(30)
    assert "could not be ended" in caplog.text


def test_an_error_within_ends_the_watch() -> None:
    deadlines = Deadlines()
    told = threading.Event()

    def fail() -> None:
        with deadlines.within(0.05, told.set):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not told.wait(0.3)
