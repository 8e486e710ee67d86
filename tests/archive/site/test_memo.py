from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from archive.site import memo
from archive.site.memo import Memo


def database(folder: Path) -> tuple[Path, sqlite3.Connection]:
    path = folder / "a.db"
    conn = sqlite3.connect(path, check_same_thread=False)
    conn.execute("pragma journal_mode = wal")
    conn.execute("create table t (n)")
    conn.commit()
    return path, conn


def count(conn: sqlite3.Connection) -> int:
    return int(conn.execute("select count(*) from t").fetchone()[0])


def test_an_answer_is_kept_until_the_file_changes_and_some_time_has_passed(tmp_path: Path) -> None:
    path, conn = database(tmp_path)
    now = [0.0]
    asked: list[int] = []

    def load(conn: sqlite3.Connection) -> int:
        asked.append(1)
        return count(conn)

    kept = Memo(path, clock=lambda: now[0])
    assert kept.get("n", conn, load) == 0
    conn.execute("insert into t values (1)")
    conn.commit()
    assert kept.get("n", conn, load) == 0  # a crawl writes many times a second
    now[0] = memo.SECONDS + 1
    assert kept.get("n", conn, load) == 1
    now[0] = 10 * memo.SECONDS
    assert kept.get("n", conn, load) == 1
    assert len(asked) == 2  # nothing was written since
    assert kept.get("other", conn, lambda conn: "other") == "other"


def test_who_has_an_old_answer_does_not_wait_for_the_new_one(tmp_path: Path) -> None:
    path, conn = database(tmp_path)
    now = [0.0]
    kept = Memo(path, clock=lambda: now[0])
    assert kept.get("n", conn, count) == 0
    conn.execute("insert into t values (1)")
    conn.commit()
    now[0] = memo.SECONDS + 1
    begun, go = threading.Event(), threading.Event()
    got: list[int] = []

    def slow(conn: sqlite3.Connection) -> int:
        begun.set()
        assert go.wait(20)
        return count(conn)

    maker = threading.Thread(target=lambda: got.append(kept.get("n", conn, slow)))
    maker.start()
    assert begun.wait(20)
    assert kept.get("n", conn, slow) == 0
    go.set()
    maker.join(20)
    assert got == [1]
    assert kept.get("n", conn, slow) == 1


def test_a_failure_is_not_kept(tmp_path: Path) -> None:
    path, conn = database(tmp_path)
    kept = Memo(path)
    try:
        kept.get("n", conn, lambda conn: 1 // 0)
    except ZeroDivisionError:
        pass
    else:
        raise AssertionError("the error was swallowed")
    assert kept.get("n", conn, count) == 0


def test_answers_do_not_pile_up(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(memo, "_MOST", 3)
    path, conn = database(tmp_path)
    ticks = iter(range(10_000))
    kept = Memo(path, clock=lambda: float(next(ticks)) * memo.SECONDS)
    for key in range(10):
        kept.get(str(key), conn, count)
    assert len(kept._held) == 3
    assert set(kept._held) == {"7", "8", "9"}
