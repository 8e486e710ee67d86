"""What people decided with ``gongkai copies``, as the WARCs tell it, beside what the database has of it.

A decision is noted before it is carried out, so the notes are never behind. It has no effect where
its report no longer rests on that address, or on nothing else: a parser may read an original as
another report than it did, and reads it otherwise again later. Such a decision sleeps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlite_utils import Database

from archive import merges
from archive.notes import Decided, DecisionNote, Note
from archive.rows import Row


@dataclass(frozen=True, slots=True)
class Standing:
    """Decisions and the database, compared."""

    to_split: tuple[Decided, ...]
    """Decided, and not in the database."""
    to_join: tuple[Decided, ...]
    """Undone, and still in the database."""
    asleep: tuple[Decided, ...]
    """Without effect as the archive reads today."""
    unnoted: tuple[Row, ...]
    """Rows of ``splits`` of which no WARC tells."""


def of(notes: Iterable[Note]) -> list[DecisionNote]:
    """The notes of decisions among all."""
    return [note for note in notes if isinstance(note, DecisionNote)]


def compare(db: Database, notes: Iterable[DecisionNote]) -> Standing:
    """How the database stands to these notes, which come in the order in which they were written."""
    last = {(note.decided.report, note.decided.url): note.decided for note in notes}
    held = {(row["report"], row["url"]): row for row in db.query("SELECT * FROM splits")}
    split = [one for key, one in sorted(last.items()) if one.action == "split" and key not in held]
    able = [one for one in split if _has_effect(db, one)]
    return Standing(
        to_split=tuple(able),
        to_join=tuple(one for key, one in sorted(last.items()) if one.action == "join" and key in held),
        asleep=tuple(one for one in split if one not in able),
        unnoted=tuple(row for key, row in sorted(held.items()) if key not in last),
    )


def _has_effect(db: Database, one: Decided) -> bool:
    if not db.table("reports").count_where("id = ?", [one.report]):
        return False
    originals = merges.originals(db, one.report)
    if not any(held.document == one.document for held in originals):
        return one.near and db.table("documents").count_where("id = ?", [one.document]) > 0
    return any(held.url != one.url and not held.split for held in originals)
