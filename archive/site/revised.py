"""What changed in the prose of a report from one revision to the next, sentence by sentence.

The differing sentences are stored with the revision (``revisions.text_diff``); what differs within
them is sought when the page is read.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from archive import textdiff

Kind = Literal["same", "gone", "new"]

#: Places shown of a revision, and sentences of a place; a report has some hundred in all.
_BLOCKS, _SENTENCES = 200, 1000
#: Characters of a sentence within which changes are sought; a longer one is shown whole.
_CHARACTERS = 2000
#: Two sentences less alike than this (difflib's ratio) are one gone and one new, not one changed.
_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters of a changed sentence."""

    kind: Kind
    text: str


Paragraph = tuple[Piece, ...]


def changes(diff: str) -> tuple[Paragraph, ...]:
    """The sentences that differ, each with what is gone and what is new in it; ``diff`` as stored."""
    found: list[Paragraph] = []
    for block in islice(textdiff.blocks(diff), _BLOCKS):
        found += _block(block.gone[:_SENTENCES], block.new[:_SENTENCES])
    return tuple(found)


def _block(gone: Sequence[str], new: Sequence[str]) -> Iterator[Paragraph]:
    """Sentences of one place: those that stand for each other are compared within."""
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
