"""What changed in the prose of a report from one revision to the next, paragraph by paragraph.

The text of the state that counts is in ``sections``; that of each earlier state is kept packed
with its original (``_readings``), so that nothing need be read again.
"""

from __future__ import annotations

import difflib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from archive.shelf import unpack
from archive.site.rows import many, one

Kind = Literal["same", "gone", "new"]

#: Paragraphs compared of each state; a report has some sixty. difflib takes quadratic time.
_PARAGRAPHS = 1000
#: Characters of a paragraph within which changes are sought; a longer one is shown whole.
_CHARACTERS = 2000
#: Two paragraphs less alike than this (difflib's ratio) are one gone and one new, not one changed.
_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters of a changed paragraph."""

    kind: Kind
    text: str


Paragraph = tuple[Piece, ...]


def prose(
    conn: sqlite3.Connection, report: int, document: int | None, current: int | None
) -> list[str] | None:
    """The paragraphs of a report as one of its originals has them; ``None`` where that is not kept."""
    if document is None:
        return None
    if document == current:
        rows = many(conn, "select number, heading, text from sections where report = ?", (report,))
    else:
        kept = one(conn, "select rows from _readings where document = ? and rows is not null", (document,))
        if kept is None:
            return None
        rows = unpack(kept["rows"]).get("sections", [])
    found = []
    for row in sorted(rows, key=lambda row: row["number"]):
        found += [row["heading"] or "", *(row["text"] or "").split("\n")]
    return [" ".join(text.split()) for text in found if text and text.strip()]


def changes(before: Sequence[str], after: Sequence[str]) -> tuple[Paragraph, ...]:
    """The paragraphs that differ, each with what is gone and what is new in it."""
    before, after = before[:_PARAGRAPHS], after[:_PARAGRAPHS]
    found: list[Paragraph] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "equal":
            found += _block(before[a:b], after[c:d])
    return tuple(found)


def _block(gone: Sequence[str], new: Sequence[str]) -> Iterator[Paragraph]:
    """Paragraphs of one stretch: those that stand for each other are compared within."""
    for at in range(max(len(gone), len(new))):
        old = gone[at] if at < len(gone) else None
        fresh = new[at] if at < len(new) else None
        if old is not None and fresh is not None:
            within = _within(old, fresh)
            if within is not None:
                yield within
                continue
        if old is not None:
            yield (Piece("gone", old),)
        if fresh is not None:
            yield (Piece("new", fresh),)


def _within(old: str, new: str) -> Paragraph | None:
    if max(len(old), len(new)) > _CHARACTERS:
        return None
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return None
    pieces: list[Piece] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", old[a:b]))
            continue
        if a < b:
            pieces.append(Piece("gone", old[a:b]))
        if c < d:
            pieces.append(Piece("new", new[c:d]))
    return tuple(pieces)
