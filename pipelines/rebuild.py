"""A database made anew from WARC files, where there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from archive import decisions, ledger, lock, replay
from archive.durable import sync_folder
from archive.errors import ArchiveError, WrongArchiveError
from archive.notes import Note, RunNote
from archive.replay import Group
from archive.store import TIMEOUT, Store
from archive.warc_files import on_disk
from pipelines.reading import MakeReaders
from pipelines.replay import Made, Replayed, notes_of, replay_into
from pipelines.version import PARSER

#: What SQLite and the lock keep beside a database.
_BESIDE = ("-wal", "-shm", "-journal", ".lock")


def rebuild(
    target: Path,
    notes: Sequence[Note],
    warcs: Path,
    *,
    readers: MakeReaders,
    told: Callable[[int, Group], None] = lambda _number, _group: None,
) -> Replayed:
    """Make the database ``target``, which must not be there, from the notes of ``warcs``.

    It is made under another name and gets its own when it is whole; what a killed rebuild
    leaves is thrown away by the next. ``told`` gets the number of groups and each when it is done.
    """
    with lock.held(target, timeout=TIMEOUT):
        if target.exists():
            raise WrongArchiveError(
                f"{target} is there already; a database is made anew under a new name only"
            )
        part = target.with_name(target.name + ".rebuild")
        _clear(part)
        done = _make(part, notes, warcs, readers, told)
        # A log that outlived a deleted database would be taken for that of the new one.
        for ending in _BESIDE[:3]:
            target.with_name(target.name + ending).unlink(missing_ok=True)
        with on_disk(target.parent):
            part.replace(target)
            sync_folder(target.parent)
        _clear(part)
    return done


def kind_of(notes: Sequence[Note]) -> str:
    """``archive`` or ``demonstration``; raises ``WrongArchiveError`` where the WARCs are of both."""
    kinds = {note.kind for note in notes if isinstance(note, RunNote)}
    if len(kinds) > 1:
        raise WrongArchiveError("WARC files of a demonstration lie among those of real crawls")
    if not kinds:
        raise ArchiveError(
            "no WARC file tells of a crawl or an ingest; there is nothing to make a database from"
        )
    return kinds.pop()


def _make(
    part: Path,
    notes: Sequence[Note],
    warcs: Path,
    readers: MakeReaders,
    told: Callable[[int, Group], None],
) -> Replayed:
    runs = [note for note in notes if isinstance(note, RunNote)]
    with Store(part, demo=kind_of(notes) == "demonstration") as store:
        store.load_divisions({row["code"]: row for note in runs for row in note.divisions}.values())
        with store.writing():
            for note in _ordered(runs):
                ledger.put_run(store.db, {"run": note.run, "issues": note.issues, "portal": note.portal})
        run = store.start_run(None, command="reparse", parser=PARSER)
        groups = replay.groups(store.db, notes_of(notes))
        done = replay_into(
            store,
            groups,
            warcs,
            readers=readers,
            whole=True,
            anew=True,
            decided=decisions.of(notes),
            told=lambda group: told(len(groups), group),
        )
        [[reports]] = store.db.execute("SELECT count(*) FROM reports")
        sql = "SELECT outcome, count(*) FROM documents GROUP BY outcome ORDER BY count(*) DESC, outcome"
        done.made = Made(reports, dict(store.db.execute(sql).fetchall()))
        store.finish_run(run, reason="finished", stored=reports, failed=len(done.left))
        store.settle()
    return done


def _ordered(runs: Sequence[RunNote]) -> list[RunNote]:
    """How runs stood, as it was noted, and that one began before how it ended.

    Begin and end of a visit on a worker are noted by two machines, whose clocks may differ.
    """
    begun: dict[int, list[RunNote]] = {}
    for note in runs:
        if note.run["finish_reason"] is None:
            begun.setdefault(note.run["id"], []).append(note)
    ordered: list[RunNote] = []
    for note in runs:
        # All that is noted of a run before its end comes no later than that.
        ordered += begun.pop(note.run["id"], ())
        if note.run["finish_reason"] is not None:
            ordered.append(note)
    return ordered


def _clear(path: Path) -> None:
    for ending in ("", *_BESIDE):
        path.with_name(path.name + ending).unlink(missing_ok=True)
