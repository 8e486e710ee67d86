"""Storing in a child process: order, faults, a crash, and what stands beside it."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archive.candidates import Outcome
from archive.derived import proof
from archive.errors import BusyError, StoppedError, WrongArchiveError
from archive.records import Snapshot
from archive.rows import reading
from archive.statements import transaction
from archive.store import Store
from archive.warc import WarcWriter
from pipelines import storing as module
from pipelines.across import Proof
from pipelines.pipes import sealed
from pipelines.reading import Limits
from pipelines.report import parse
from pipelines.storing import WARCS, Parsed, Storing
from tests.archive.made import at, report, rows, snapshot
from tests.pipelines import test_annex as annexes
from tests.pipelines.test_reading import _runs


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "gongkai.db") as made:
        yield made


@pytest.fixture
def storing(store: Store) -> Iterator[Storing]:
    made = Storing(store.path)
    yield made
    made.close()


def parsed(year: int, url: str = "http://a/{}", **more: Any) -> Parsed:
    shot = snapshot(url.format(year), str(year))
    return Parsed(shot, sealed(reading(shot, report(year=year, **more))))


def keep(storing: Storing, *some: Parsed) -> list[Outcome | BaseException]:
    async def all_at_once() -> list[Outcome | BaseException]:
        return await asyncio.gather(*map(storing.keep, some), return_exceptions=True)

    return asyncio.run(all_at_once())


def pid(storing: Storing) -> int:
    assert storing._child is not None
    return storing._child.pid


def test_what_the_child_stored_is_there_at_once_and_it_stays(store: Store, storing: Storing) -> None:
    assert storing._child is None
    outcomes = keep(storing, *map(parsed, range(2010, 2020)), parsed(2019))
    assert [one.action for one in outcomes if isinstance(one, Outcome)] == ["stored"] * 10 + ["unchanged"]
    assert [row["year"] for row in rows(store, "SELECT year FROM reports ORDER BY 1")] == [*range(2010, 2020)]
    first = pid(storing)
    keep(storing, parsed(2020))
    assert pid(storing) == first
    assert asyncio.run(storing.prove()).issuers == 1


def test_nobody_else_may_write_meanwhile(store: Store, storing: Storing) -> None:
    keep(storing, parsed(2019))
    script = "import sys; from archive.store import Store; Store(sys.argv[1], timeout=0)"
    other = subprocess.run([sys.executable, "-c", script, store.path], capture_output=True, text=True)
    assert BusyError.__name__ in other.stderr


def test_the_books_are_kept_beside_it(store: Store, storing: Storing) -> None:
    run = store.start_run(None)
    stop = threading.Event()

    def note() -> None:
        number = 0
        while not stop.is_set():
            store.add_issue(run, "x", f"http://a/{number}", "beside")
            number += 1

    thread = threading.Thread(target=note)
    thread.start()
    try:
        outcomes = keep(storing, *(parsed(year, text="长" * 5000) for year in range(1900, 2000)))
    finally:
        stop.set()
        thread.join()
    assert {one.action for one in outcomes if isinstance(one, Outcome)} == {"stored"}
    assert len(outcomes) == rows(store, "SELECT count(*) AS n FROM reports")[0]["n"] == 100
    assert rows(store, "SELECT count(*) AS n FROM run_issues")[0]["n"] > 0


def test_it_waits_for_a_transaction_of_the_books(store: Store, storing: Storing) -> None:
    keep(storing, parsed(2018))  # it has begun
    with store.writing():
        store.start_run(None)
        thread = threading.Thread(target=keep, args=(storing, parsed(2019)))
        thread.start()
        time.sleep(0.3)
        assert rows(store, "SELECT count(*) AS n FROM reports") == [{"n": 1}]
    thread.join()
    assert rows(store, "SELECT count(*) AS n FROM reports") == [{"n": 2}]


@pytest.mark.slow
def test_one_that_somebody_has_stopped_holds_up_nothing_for_ever(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("pipelines.storing._READINGS", 1)
    storing = Storing(store.path, limits=Limits(seconds=5))
    try:
        keep(storing, parsed(2018))  # it has begun
        assert storing._child is not None
        storing._child.send_signal(signal.SIGSTOP)
        [outcome] = keep(storing, parsed(2019))
        assert isinstance(outcome, Outcome)
        assert outcome.action == "stored"
        assert "http://a/2019; it is begun anew" in caplog.text
    finally:
        storing.close()
    assert rows(store, "SELECT count(*) AS n FROM reports") == [{"n": 2}]


def test_a_transaction_that_reads_first_has_the_right_to_write(store: Store, storing: Storing) -> None:
    with closing(sqlite3.connect(store.path, timeout=0)) as other, transaction(store.db):
        rows(store, "SELECT count(*) AS n FROM reports")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("DELETE FROM portals")
        store.set_portal_status("nobody", "ok")


def test_a_transaction_in_another_is_undone_by_itself(store: Store) -> None:
    def in_vain() -> None:
        with transaction(store.db):
            store.start_run(None)
            raise ZeroDivisionError

    with transaction(store.db):
        kept = store.start_run(None)
        with pytest.raises(ZeroDivisionError):
            in_vain()
    with pytest.raises(ZeroDivisionError):
        in_vain()
    assert [row["id"] for row in rows(store, "SELECT id FROM runs")] == [kept]


def _kill(storing: Storing, when: Callable[[], bool], times: int) -> threading.Thread:
    """Kill so many children, each when something is so."""

    def kill() -> None:
        killed: set[int] = set()
        while len(killed) < times:
            child = storing._child
            if child is not None and child.pid not in killed and when():
                killed.add(child.pid)
                child.send_signal(signal.SIGKILL)
            time.sleep(0.005)

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def test_a_child_that_somebody_killed_costs_nothing(store: Store, storing: Storing) -> None:
    some = [parsed(year, text="长" * 5000) for year in range(1900, 1960)]

    def half() -> bool:
        return len(rows(store, "SELECT id FROM reports")) >= 20

    killing = _kill(storing, half, 1)
    outcomes = keep(storing, *some)
    killing.join()
    assert all(isinstance(one, Outcome) for one in outcomes), outcomes
    assert rows(store, "SELECT count(*) AS n FROM reports") == [{"n": 60}]
    assert rows(store, "SELECT count(*) AS n FROM documents") == [{"n": 60}]


def test_a_child_that_ends_twice_over_one_original_says_so(store: Store, storing: Storing) -> None:
    killing = _kill(storing, lambda: True, 2)
    [outcome] = keep(storing, parsed(2019))
    killing.join()
    assert isinstance(outcome, StoppedError)
    assert "ended (-9) over http://a/2019" in str(outcome)
    [outcome] = keep(storing, parsed(2019))
    assert isinstance(outcome, Outcome)


def test_whatever_goes_wrong_there_is_raised_here(tmp_path: Path, store: Store, storing: Storing) -> None:
    [outcome] = keep(storing, Parsed(snapshot("http://a/1"), sealed(7)))
    assert isinstance(outcome, RuntimeError)
    assert "AssertionError" in str(outcome)
    assert "as_reading" in "".join(outcome.__notes__)
    wrong = Storing(store.path, demo=True)
    try:
        [outcome] = keep(wrong, parsed(2019))
        assert isinstance(outcome, WrongArchiveError)
    finally:
        wrong.close()
    [outcome] = keep(storing, parsed(2019))
    assert isinstance(outcome, Outcome)


def test_what_is_held_is_read_again_by_a_child_of_the_child(store: Store, storing: Storing) -> None:
    """An annex that came before its page waits for it; what it says is known when the page comes."""
    file, page = annexed(store)
    for one, action in ((file, "unassigned"), (page, "stored")):
        [outcome] = keep(storing, one)
        assert isinstance(outcome, Outcome), outcome
        assert outcome.action == action
    found = rows(store, "SELECT line, year_value FROM indicators")
    assert {row["line"]: row["year_value"] for row in found} == annexes.FIGURES


def annexed(store: Store) -> tuple[Parsed, Parsed]:
    """An annex that says nobody's name, and the page that it hangs on; with WARC records."""
    warcs = WarcWriter(store.path.parent / WARCS, "test")

    def read(shot: Snapshot) -> Parsed:
        place = warcs.write_resource(
            name=shot.url, body=shot.body, fetched_at=shot.fetched_at, media_type=shot.media_type
        )
        shot = replace(shot, warc=place)
        # As in a crawl: whoever stores loads what has to be read again from its record.
        return Parsed(shot.without_bytes(), sealed(reading(shot, parse(shot))))

    title = "2016年政府信息公开工作年度报告"
    context = replace(annexes.CONTEXT, link_text=annexes.LINK, page_url=annexes.PAGE, page_title=title)
    file = Snapshot(annexes.FILE, annexes.workbook(), at(0), role="attachment", context=context)
    signed = "<p>中原区统计局</p><p>2017年3月1日</p></div></body>".encode()
    whole = annexes.page(title).replace(b"</div></body>", signed)
    page = Snapshot(annexes.PAGE, whole, at(0), "text/html", context=annexes.CONTEXT)
    return read(file), read(page)


def test_a_shared_one_ends_with_its_last_user(store: Store) -> None:
    one, two = Storing.shared(store.path), Storing.shared(store.path)
    assert one is two
    keep(one, parsed(2018))
    child = one._child
    assert child is not None
    one.close()
    keep(two, parsed(2019))
    assert two._child is child
    two.close()
    assert child.poll() == 0
    another = Storing.shared(store.path)
    assert another is not one
    another.close()


def test_no_child_outlives_a_killed_parent(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import asyncio, sys, time
        from pathlib import Path
        from archive.store import Store
        from pipelines.storing import Storing
        from tests.pipelines.test_storing import parsed
        store = Store(sys.argv[1])
        storing = Storing(Path(sys.argv[1]))
        asyncio.run(storing.keep(parsed(2019)))
        print(storing._child.pid, flush=True)
        time.sleep(600)
        """
    )
    path = tmp_path / "gongkai.db"
    parent = subprocess.Popen([sys.executable, "-c", script, path], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 30
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(child)
    with Store(path) as after:
        assert rows(after, "SELECT count(*) AS n FROM reports") == [{"n": 1}]


_ALTERED = """
import logging
import os
import runpy
import signal
import sys
from pathlib import Path
from pipelines import keep as module

real, mark = module.keep, Path(sys.argv[1]).with_name("mark")

def once():
    if mark.exists():
        return False
    mark.touch()
    return True

def keep(store, shot, *more, **named):
    {before}
    outcome = real(store, shot, *more, **named)
    {after}
    return outcome

module.keep = keep
{first}
runpy.run_module("pipelines.storer", run_name="__main__", alter_sys=True)
"""
_DIES = 'if shot.url == "http://a/2019" and once(): os.kill(os.getpid(), signal.SIGKILL)'


def _alter(
    monkeypatch: pytest.MonkeyPatch, before: str = "pass", after: str = "pass", first: str = ""
) -> None:
    """Let the child do something more, before and after it stores, and as it begins."""

    def begin(module: str, *given: object) -> subprocess.Popen[bytes]:
        assert module == "pipelines.storer"
        command = [
            sys.executable,
            "-c",
            _ALTERED.format(before=before, after=after, first=first),
            *map(str, given),
        ]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    monkeypatch.setattr(module, "begin", begin)


@pytest.mark.parametrize("when", ["before", "after"])
def test_what_a_killed_child_had_stored_counts_as_stored(
    store: Store,
    storing: Storing,
    when: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    _alter(monkeypatch, **{when: _DIES})
    outcomes = keep(storing, parsed(2018), parsed(2019), parsed(2019), parsed(2020))
    assert "it is begun anew" in caplog.text
    assert [one.action for one in outcomes if isinstance(one, Outcome)] == [
        *("stored", "stored", "unchanged", "stored")
    ]
    assert rows(store, "SELECT count(*) AS n FROM documents") == [{"n": 3}]


_IN_ONE = 'logging.getLogger("pipelines.x").warning("%s", store.db.conn.in_transaction)'


def test_what_waits_is_stored_in_one_transaction(
    store: Store, storing: Storing, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _alter(monkeypatch, after=_IN_ONE)
    keep(storing, parsed(2000))
    outcomes = keep(storing, *map(parsed, range(2001, 2008)))
    assert [one.action for one in outcomes if isinstance(one, Outcome)] == ["stored"] * 7
    # The first is by itself, for nothing waits beside it; of the others it is as they come.
    assert caplog.messages[0] == "False"
    assert caplog.messages.count("True") >= 2
    assert proof.search_wrong(store.db) == proof.counts_wrong(store.db) == proof.totals_wrong(store.db) == []


@pytest.mark.parametrize("point", ["before", "after"])
def test_a_child_killed_as_it_commits_has_stored_all_or_nothing(
    store: Store, storing: Storing, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever it was, each counts once; what comes twice is unchanged the second time."""
    within = {"before": "pass", "after": "pass"} | {point: _DIES_ONCE}
    _alter(monkeypatch, first=_WITHIN.format(**within), after="calls.append(shot.url)")
    outcomes = keep(storing, parsed(2018), *map(parsed, (2019, 2019, 2020, 2021)))
    assert [one.action for one in outcomes if isinstance(one, Outcome)] == [
        *("stored", "stored", "unchanged", "stored", "stored")
    ]
    assert (store.path.parent / "mark").exists()
    assert rows(store, "SELECT count(*) AS n FROM documents") == [{"n": 4}]


#: Counts what is stored in a transaction, in ``calls``; then something is done before and after it ends.
_WITHIN = """
from contextlib import contextmanager
from archive.store import Store

real_writing, calls = Store.writing, []

@contextmanager
def writing(store):
    calls.clear()
    with real_writing(store):
        yield
        {before}
    {after}

Store.writing = writing
"""
_DIES_ONCE = "len(calls) > 1 and once() and os.kill(os.getpid(), signal.SIGKILL)"


def test_one_that_fails_leaves_the_others_alone(store: Store, storing: Storing) -> None:
    broken = Parsed(snapshot("http://a/1"), sealed(7))
    outcomes = keep(storing, parsed(2017), parsed(2018), broken, parsed(2019), broken, parsed(2018))
    assert [one.action if isinstance(one, Outcome) else type(one).__name__ for one in outcomes] == [
        *("stored", "stored", "RuntimeError", "stored", "RuntimeError", "unchanged")
    ]


def test_what_has_to_be_read_again_holds_no_transaction(
    store: Store, storing: Storing, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What came before and after it in the same message is stored in its order all the same."""
    outcomes = keep(storing, parsed(2010), *annexed(store), parsed(2018))
    assert [one.action for one in outcomes if isinstance(one, Outcome)] == [
        *("stored", "unassigned", "stored", "stored")
    ]
    found = rows(store, "SELECT line, year_value FROM indicators")
    assert {row["line"]: row["year_value"] for row in found} == annexes.FIGURES


@pytest.mark.parametrize("held", [0.0, 60.0])
def test_a_transaction_takes_no_more_than_there_is_time_for(
    store: Store,
    storing: Storing,
    held: float,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    counts = _WITHIN.format(before="pass", after='logging.getLogger("x").warning("%s", len(calls))')
    set_ = f"import __main__; __main__._HELD = {held}"
    _alter(monkeypatch, before=set_, after="calls.append(shot.url)", first=counts)
    keep(storing, *map(parsed, range(2000, 2017)))
    assert rows(store, "SELECT count(*) AS n FROM reports") == [{"n": 17}]
    most = max(map(int, caplog.messages))
    assert most == 1 if held == 0 else 1 < most <= module._TOGETHER


def test_it_waits_for_what_is_being_read_and_for_nothing_else(store: Store) -> None:
    coming = [3]
    storing = Storing(store.path, coming=lambda: coming[0])
    try:
        keep(storing, parsed(2000))  # the child has begun
        begun = time.monotonic()
        keep(storing, parsed(2001))
        waited = time.monotonic() - begun
        coming[0] = 0
        begun = time.monotonic()
        keep(storing, parsed(2002))
        assert time.monotonic() - begun < waited >= module._LINGER
    finally:
        storing.close()


def test_proof_comes_after_all_that_was_asked_for_before(store: Store, storing: Storing) -> None:
    async def all_at_once() -> list[object]:
        first = [storing.keep(parsed(year)) for year in (2017, 2018)]
        return await asyncio.gather(*first, storing.prove(), storing.keep(parsed(2019)))

    *_, proved, last = asyncio.run(all_at_once())
    assert isinstance(proved, Proof)
    assert isinstance(last, Outcome)
    assert (proved.issuers, last.action) == (1, "stored")
    assert rows(store, "SELECT count(*) AS n FROM _unproved") == [{"n": 1}]


def test_what_was_stored_is_told_whatever_becomes_of_the_proof(
    store: Store, storing: Storing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does who stored wait for it."""
    keep(storing, parsed(2016))
    real = Storing._ask
    waiting: list[asyncio.Task[Outcome]] = []

    def ask(own: Storing, what: module.Asked) -> list[object]:
        if isinstance(what, module.Prove):
            deadline = time.monotonic() + 30
            while not all(task.done() for task in waiting) and time.monotonic() < deadline:
                time.sleep(0.01)
            raise ZeroDivisionError
        return real(own, what)

    async def all_at_once() -> object:
        waiting.extend(asyncio.ensure_future(storing.keep(parsed(year))) for year in (2017, 2018))
        [failed] = await asyncio.gather(storing.prove(), return_exceptions=True)
        assert all(task.done() for task in waiting)
        return failed

    monkeypatch.setattr(Storing, "_ask", ask)
    begun = time.monotonic()
    assert isinstance(asyncio.run(all_at_once()), ZeroDivisionError)
    assert time.monotonic() - begun < 30, "the outcomes came before the proof had ended"
    assert [task.result().action for task in waiting] == ["stored", "stored"]


def test_whoever_waits_is_told_of_a_fault_of_ours(
    store: Store, storing: Storing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the child still had to say is not taken for an answer to the next."""
    real = module._Told.hear
    faults = iter([ZeroDivisionError])

    def hear(told: Any, said: object) -> None:
        for fault in faults:
            raise fault
        real(told, said)

    monkeypatch.setattr(module._Told, "hear", hear)
    outcomes = keep(storing, parsed(2018))
    assert [type(one) for one in outcomes] == [ZeroDivisionError]
    [outcome] = keep(storing, parsed(2019))
    assert isinstance(outcome, Outcome)
    assert rows(store, "SELECT url FROM documents WHERE id = ?", outcome.document) == [
        {"url": "http://a/2019"}
    ]


def test_whoever_waits_is_told_where_nobody_knows_what_comes(store: Store) -> None:
    storing = Storing(store.path, coming=lambda: 1 // 0)
    try:
        [outcome] = keep(storing, parsed(2019))
        assert isinstance(outcome, ZeroDivisionError)
    finally:
        storing.close()


def test_what_was_answered_stays_where_no_child_can_be_begun_any_more(
    store: Store, storing: Storing, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(storing, parsed(2010))
    _alter(monkeypatch, before='if shot.url == "http://a/2019": os.kill(os.getpid(), signal.SIGKILL)')
    storing.end()
    again = Storing(store.path)
    real, begun = module.begin, iter(range(2))

    def begin(*given: object) -> subprocess.Popen[bytes]:
        for _ in begun:
            return real(*given)  # type: ignore[arg-type]
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr(module, "begin", begin)
    outcomes = keep(again, parsed(2017), parsed(2018), parsed(2019), parsed(2020))
    again.close()
    kinds = [one.action if isinstance(one, Outcome) else type(one).__name__ for one in outcomes]
    assert kinds == ["stored", "stored", "StoppedError", "StoppedError"]
    assert rows(store, "SELECT count(*) AS n FROM documents") == [{"n": 3}]


def test_what_is_stored_anew_with_a_page_has_an_answer_of_its_own(
    store: Store, storing: Storing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed when the page has been stored, and the annex that waited for it."""
    file, page = annexed(store)
    keep(storing, file)
    storing.end()
    again = Storing(store.path)
    _alter(
        monkeypatch,
        after=f'if shot.url == "{page.snapshot.url}" and once(): os.kill(os.getpid(), signal.SIGKILL)',
    )
    outcomes = keep(again, page, file)
    again.close()
    assert [one.action for one in outcomes if isinstance(one, Outcome)] == ["stored", "unchanged"]


def test_a_transaction_that_failed_was_never_meant(
    store: Store, storing: Storing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its originals are stored one by one; the child is killed over one that comes twice."""
    fails = "if len(calls) > 1 and not hasattr(Store, 'failed'): Store.failed = 1; raise OSError('no')"
    dies = 'shot.url == "http://a/2019" and calls.count(shot.url) == 2 and once()'
    _alter(
        monkeypatch,
        first=_WITHIN.format(before=fails, after="pass").replace("calls.clear()", "pass"),
        after=f"calls.append(shot.url)\n    if {dies}: os.kill(os.getpid(), signal.SIGKILL)",
    )
    outcomes = keep(storing, *map(parsed, (2018, 2019, 2020, 2019)))
    assert [one.action for one in outcomes if isinstance(one, Outcome)] == [
        *("stored", "stored", "stored", "unchanged")
    ]
    assert rows(store, "SELECT count(*) AS n FROM documents") == [{"n": 3}]


def test_what_was_there_before_a_child_was_killed_is_unchanged(
    store: Store, storing: Storing, monkeypatch: pytest.MonkeyPatch
) -> None:
    [first] = keep(storing, parsed(2019))
    storing.end()
    again = Storing(store.path)
    _alter(monkeypatch, after=_DIES)
    [outcome] = keep(again, parsed(2019))
    again.close()
    assert isinstance(first, Outcome)
    assert isinstance(outcome, Outcome)
    assert (first.action, outcome.action) == ("stored", "unchanged")


def test_what_the_child_logs_is_in_the_parent_s_log(
    storing: Storing, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _alter(monkeypatch, before='logging.getLogger("pipelines.x").warning("%s: read again", shot.url)')
    [outcome] = keep(storing, parsed(2019))
    assert isinstance(outcome, Outcome)
    assert [(one.name, one.levelname, one.getMessage()) for one in caplog.records] == [
        ("pipelines.x", "WARNING", "http://a/2019: read again")
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="a signal there ends a process whatever it does")
def test_a_signal_for_all_processes_of_a_service_leaves_it_alone(storing: Storing) -> None:
    keep(storing, parsed(2018))
    first = pid(storing)
    for number in (signal.SIGTERM, signal.SIGINT):
        os.kill(first, number)
    [outcome] = keep(storing, parsed(2019))
    assert isinstance(outcome, Outcome)
    assert pid(storing) == first


def test_where_none_can_be_begun_the_archive_cannot_be_written(
    storing: Storing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begin(*_: object) -> subprocess.Popen[bytes]:
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr(module, "begin", begin)
    [outcome] = keep(storing, parsed(2019))
    assert isinstance(outcome, StoppedError)


def test_who_lends_the_archive_waits_for_who_has_it(tmp_path: Path) -> None:
    with (
        Store(tmp_path / "gongkai.db", timeout=0) as store,
        closing(sqlite3.connect(store.path, isolation_level=None, check_same_thread=False)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyError):
            store.start_run(None)
        store.lend()
        done = threading.Timer(0.3, other.execute, ["COMMIT"])
        done.start()
        run = store.start_run(None)
        done.join()
        assert rows(store, "SELECT id FROM runs") == [{"id": run}]
