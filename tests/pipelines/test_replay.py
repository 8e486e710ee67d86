"""A database is what its WARCs say: deleted and made anew, read again, killed, whatever the order."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from archive import decisions, replay
from archive.errors import WrongArchiveError
from archive.notes import Note, OriginalNote, read_notes
from archive.records import Cell, Report, Snapshot
from archive.store import Store
from archive.warc import WarcWriter
from pipelines import copies
from pipelines.across import prove
from pipelines.items import DATABASE, WARCS
from pipelines.reading import children
from pipelines.rebuild import kind_of, rebuild
from pipelines.replay import Replayed, notes_of, older, read_before, replay_into
from pipelines.report import parse
from tests.archive.kept import START, crawl, everything, history, page, shuffled
from tests.paths import REPOSITORY


def noted(data: Path) -> list[Note]:
    return read_notes(data / WARCS, torn=[], unread=[])


def again(data: Path, *, order: int | None = None) -> Replayed:
    """All groups replayed in place."""
    with Store(data / DATABASE) as store:
        found = noted(data)
        groups = replay.groups(store.db, notes_of(found))
        if order is not None:
            random.Random(order).shuffle(groups)
        decided = decisions.of(found)
        return replay_into(store, groups, data / WARCS, readers=children(2), whole=True, decided=decided)


def decide(data: Path, *actions: str, then: bool = True) -> None:
    """Take the mirror of the report for 2022 out, or put it back; noted only, unless ``then``."""
    for action in actions:
        with Store(data / DATABASE) as store, WarcWriter(data / WARCS, "copies") as writer:
            sql = "SELECT id FROM documents WHERE url LIKE '%yiyang%'"
            [document] = [row["id"] for row in store.db.query(sql)]
            try:
                with store.writing():
                    if action == "split":
                        copies.split(store, document, "另一份报告", START, writer=writer)
                    else:
                        copies.join(store, document, writer=writer)
                    if not then:
                        raise _Killed
            except _Killed:
                continue
            prove(store)
            store.refresh_coverage()


class _Killed(Exception):
    pass


def anew(data: Path, name: str = "new.db") -> Path:
    rebuild(data / name, noted(data), data / WARCS, readers=children(2))
    return data / name


def worse(snapshot: Snapshot) -> Report:
    """What an older parser made of it: it missed a cell of Table 4, and misread one of Table 3."""
    report = parse(snapshot)

    def cell(one: Cell) -> Cell:
        if (one.table, one.row, one.column) == ("requests", "received", "total"):
            return replace(one, value=99_999)
        if (one.table, one.row, one.column) == ("reviews", "litigation_direct", "total"):
            return replace(one, value=None, status="unreadable")
        return one

    return replace(report, cells=tuple(cell(one) for one in report.cells), parser="0")


@pytest.mark.parametrize(
    "actions",
    [
        (),
        pytest.param(("split",), marks=pytest.mark.slow),
        pytest.param(("split", "join"), marks=pytest.mark.slow),
        ("split", "join", "split"),
    ],
)
def test_a_database_made_anew_is_the_one_that_was_deleted(tmp_path: Path, actions: tuple[str, ...]) -> None:
    crawl(tmp_path, history())
    decide(tmp_path, *actions)
    split = len(actions) % 2
    old = everything(tmp_path / DATABASE)
    assert {name for name, rows in old.items() if not rows} <= {
        "_base",
        "_signed",
        "_unproved",
        "_variants",
        "splits" if not split else "copies",
        "indicators",
        "cell_notes",
    }
    assert len(old["reports"]) == 3
    assert len(old["revisions"]) == 5
    assert (len(old["splits"]), len(old["copies"])) == (split, 1 - split)
    assert everything(anew(tmp_path)) == old
    leftovers = {path.name for path in tmp_path.iterdir() if "rebuild" in path.name}
    assert leftovers == set()


def test_read_again_nothing_is_written(tmp_path: Path) -> None:
    crawl(tmp_path, history())
    before = everything(tmp_path / DATABASE)
    done = again(tmp_path)
    assert (done.changes, done.left, done.proved) == ([], [], 0)
    assert done.originals == 7
    assert everything(tmp_path / DATABASE) == before


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 4))])
def test_the_order_of_storing_and_of_replaying_leaves_no_trace(tmp_path: Path, seed: int) -> None:
    crawl(tmp_path / "a", history())
    crawl(tmp_path / "b", shuffled(history(), seed))
    again(tmp_path / "b", order=seed)
    assert content(tmp_path / "b" / DATABASE) == content(tmp_path / "a" / DATABASE)
    assert content(anew(tmp_path / "b")) == content(tmp_path / "a" / DATABASE)


def content(path: Path) -> dict[str, list[str]]:
    """All but in which file and where an original lies, and the runs, which began at other times."""
    found = everything(path)
    db = sqlite3.connect(path)
    found["documents"] = sorted(
        repr(row[:8] + row[11:]) for row in db.execute("SELECT * FROM documents ORDER BY id")
    )
    db.close()
    return {name: rows for name, rows in found.items() if not name.startswith("run")}


def test_a_better_parser_says_what_it_changed(tmp_path: Path) -> None:
    crawl(tmp_path, history(), parse=worse)
    crawl(tmp_path / "right", history())
    done = again(tmp_path)
    assert content(tmp_path / DATABASE) == content(tmp_path / "right" / DATABASE)
    [group] = done.changes
    assert [(change.what, change.cells) for change in group.reports] == [("changed", 2)] * 3
    assert {tuple(change.statuses.items()) for change in group.reports} == {(("unreadable → exact", 1),)}
    assert all({"parser", "content_hash"} <= set(change.otherwise) for change in group.reports)
    assert again(tmp_path).changes == []


def test_a_reading_that_is_no_report_any_more_is_taken_out(tmp_path: Path) -> None:
    """An older parser took the notice for a report of an issuer that has no other."""

    def taken(snapshot: Snapshot) -> Report:
        made = parse(snapshot)
        if not snapshot.url.endswith("tz.html"):
            return made
        other = parse(replace(snapshot, body=page(2021)))
        return replace(other, agency="南县人民政府", division="430921", year=2020, source=snapshot.url)

    crawl(tmp_path, history(), parse=taken)
    assert len(everything(tmp_path / DATABASE)["agencies"]) == 2
    done = again(tmp_path)
    [gone] = [change for group in done.changes for change in group.reports if change.what == "gone"]
    assert gone.year == 2020
    [outcome] = [one for group in done.changes for one in group.outcomes]
    assert (outcome.before, outcome.after) == ("current", "refused")
    crawl(tmp_path / "right", history())
    assert content(tmp_path / DATABASE) == content(tmp_path / "right" / DATABASE)


def test_what_a_killed_crawl_noted_and_did_not_store_comes_in(tmp_path: Path) -> None:
    lost = history()[1].url
    crawl(tmp_path, history(), stored=lambda answer: answer.url != lost)
    assert len(everything(tmp_path / DATABASE)["reports"]) == 3  # by its mirror
    done = again(tmp_path)
    assert [one.url for group in done.changes for one in group.outcomes if one.before is None] == [lost] * 2
    crawl(tmp_path / "right", history())
    assert content(tmp_path / DATABASE) == content(tmp_path / "right" / DATABASE)


def test_an_original_whose_record_is_damaged_keeps_its_reading(tmp_path: Path) -> None:
    crawl(tmp_path, history())
    before = everything(tmp_path / DATABASE)
    note = next(
        n for n in noted(tmp_path) if isinstance(n, OriginalNote) and n.original.url.endswith("tz.html")
    )
    place = note.original.record
    path = tmp_path / WARCS / place.file
    whole = bytearray(path.read_bytes())
    whole[place.offset + place.length - 12] ^= (
        0xFF  # in the member's last bytes: its content is sound, its sum not
    )
    path.write_bytes(whole)
    torn: list[object] = []
    unread: list[str] = []
    found = read_notes(tmp_path / WARCS, torn=torn, unread=unread)  # type: ignore[arg-type]
    assert torn  # nothing behind it in that file can be trusted to be found
    with Store(tmp_path / DATABASE) as store:
        groups = replay.groups(store.db, notes_of(found))
        done = replay_into(store, groups, tmp_path / WARCS, readers=children(1), whole=True)
    assert done.left
    assert done.changes == []
    assert everything(tmp_path / DATABASE) == before


def test_what_people_decided_stays(tmp_path: Path) -> None:
    crawl(tmp_path, history())
    decide(tmp_path, "split")
    before = everything(tmp_path / DATABASE)
    done = again(tmp_path)
    assert (done.changes, done.decisions, done.asleep) == ([], 0, [])
    assert everything(tmp_path / DATABASE) == before


@pytest.mark.parametrize("actions", [("split",), ("split", "join")])
def test_a_decision_noted_and_not_carried_out_is_made_good(tmp_path: Path, actions: tuple[str, ...]) -> None:
    crawl(tmp_path, history())
    decide(tmp_path, *actions[:-1])
    decide(tmp_path, actions[-1], then=False)
    assert len(everything(tmp_path / DATABASE)["splits"]) == len(actions) - 1
    assert again(tmp_path).decisions == 1
    crawl(tmp_path / "right", history())
    decide(tmp_path / "right", *actions)
    assert content(tmp_path / DATABASE) == content(tmp_path / "right" / DATABASE)


def test_a_decision_sleeps_while_its_report_is_read_otherwise(tmp_path: Path) -> None:
    """An older parser took the mirror for what it is; one between them saw another issuer's report in it."""

    def otherwise(snapshot: Snapshot) -> Report:
        made = parse(snapshot)
        return replace(made, agency="南县人民政府", division="430921") if "yiyang" in snapshot.url else made

    crawl(tmp_path, history())
    decide(tmp_path, "split")
    decided = everything(tmp_path / DATABASE)
    [note] = decisions.of(noted(tmp_path))
    crawl(tmp_path / "other", history(), parse=otherwise)
    with Store(tmp_path / "other" / DATABASE) as store:
        moved, asleep = copies.carry_out(store, [note])
        assert (moved, asleep) == ([], (note.decided,))
        assert list(store.db.query("SELECT * FROM splits")) == []
    assert note.decided.agency == "益阳市资阳区人民政府"
    for path in tmp_path.glob("gongkai.db*"):
        path.unlink()
    rebuild(tmp_path / DATABASE, noted(tmp_path), tmp_path / WARCS, readers=children(2))
    assert everything(tmp_path / DATABASE) == decided


def test_only_what_an_older_parser_read(tmp_path: Path) -> None:
    crawl(tmp_path, history()[:1], parse=worse)
    crawl(tmp_path, [replace(a, portal="nan", url=f"http://n{a.url[7:]}") for a in history()[1:2]])
    with Store(tmp_path / DATABASE) as store:
        groups = replay.groups(store.db, notes_of(noted(tmp_path)))
        assert len(groups) == 1  # one issuer
        assert read_before(store, groups, "1") == groups
        assert read_before(store, groups, "0") == []
    assert older("1.9", "1.10")
    assert older("0", "1")
    assert older("dev", "1")
    assert not older("2", "2")


def test_no_database_is_made_of_nothing_nor_of_two_kinds(tmp_path: Path) -> None:
    crawl(tmp_path, history()[:1])
    with pytest.raises(WrongArchiveError, match="is there already"):
        rebuild(tmp_path / DATABASE, noted(tmp_path), tmp_path / WARCS, readers=children(1))
    found: Sequence[Note] = noted(tmp_path)
    run = next(note for note in found if not isinstance(note, OriginalNote))
    assert not isinstance(run, OriginalNote)
    with pytest.raises(WrongArchiveError, match="demonstration"):
        kind_of([*found, replace(run, kind="demonstration")])


_COMMAND = "import sys; from crawler.cli import main; main(sys.argv[1:])"


@pytest.mark.slow
@pytest.mark.parametrize("missing", [True, False], ids=["made anew", "in place"])
def test_killed_at_any_moment_and_run_again(tmp_path: Path, missing: bool) -> None:
    crawl(tmp_path, history(), parse=worse)
    crawl(tmp_path / "right", history())
    if missing:
        (tmp_path / DATABASE).unlink()
    command = [sys.executable, "-c", _COMMAND, "reparse", "--data", str(tmp_path), "--workers", "1"]
    begun = time.monotonic()
    spare = tmp_path / "spare.db"
    subprocess.run([*command, "--into", str(spare)], check=True, cwd=REPOSITORY, capture_output=True)
    whole = time.monotonic() - begun
    chance = random.Random(7)
    kills = 0
    for number in range(8):
        child = subprocess.Popen(
            command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            child.wait(timeout=chance.uniform(0.3, 1.0) * whole)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGINT if number % 4 == 3 else signal.SIGKILL)
            kills += 1
        child.wait()
        if (tmp_path / DATABASE).exists():
            db = sqlite3.connect(tmp_path / DATABASE)
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert db.execute("PRAGMA foreign_key_check").fetchall() == []
            assert db.execute("SELECT count(*) FROM reports").fetchone() == (3,)
            db.close()
    assert kills >= 2
    subprocess.run(command, check=True, cwd=REPOSITORY, capture_output=True)
    assert content(tmp_path / DATABASE) == content(tmp_path / "right" / DATABASE)
