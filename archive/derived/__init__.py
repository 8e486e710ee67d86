"""What is worked out from the tables and kept in step with them, in the transaction that changes them.

``search`` is the full-text index, ``totals`` and ``reasons`` the sums over reports, ``counts`` how many rows
each table and each of its facets has, ``filing`` how many issuers filed how. The first three follow a report:
whoever changes what they are made from does so within ``following``. The others follow every row by triggers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from archive.derived import reasons, search, totals

_Sums = tuple[totals.Row | None, list[reasons.Line]]
_NOTHING: _Sums = (None, [])
_later: ContextVar[bool] = ContextVar("later", default=False)


def _sums(db: Database, report: int) -> _Sums:
    """What a report adds to the sums; nothing while they are left for later."""
    return _NOTHING if _later.get() else (totals.share(db, report), reasons.share(db, report))


def _change_sums(db: Database, before: _Sums, after: _Sums) -> None:
    totals.change(db, before[0], after[0])
    reasons.change(db, before[1], after[1])


if TYPE_CHECKING:
    # Whoever only reads pages needs the words, and no database.
    from sqlite_utils import Database


@contextmanager
def following(db: Database, *reports: int) -> Iterator[None]:
    """Change these reports, their issuer or their sections within; index and sums then follow."""
    before = [_held(db, report) for report in reports]
    yield
    for report, (entry, sums) in zip(reports, before, strict=True):
        now, added = _held(db, report)
        search.change(db, entry, now)
        _change_sums(db, sums, added)


def _held(db: Database, report: int) -> tuple[search.Entry | None, _Sums]:
    """What the index has of a report, and the sums; a new one has not to be looked for in many tables."""
    entry = search.entry(db, report)
    return entry, _NOTHING if entry is None else _sums(db, report)


@contextmanager
def totals_following(db: Database, report: int) -> Iterator[None]:
    """The same where only figures and verdicts change, and no text."""
    before = _sums(db, report)
    yield
    _change_sums(db, before, _sums(db, report))


@contextmanager
def without_sums() -> Iterator[None]:
    """Within, the sums follow nothing; they are to be made anew then (``rebuild_sums``)."""
    before = _later.set(True)
    try:
        yield
    finally:
        _later.reset(before)


def rebuild_sums(db: Database) -> None:
    """The sums anew from the tables."""
    totals.rebuild(db)
    reasons.rebuild(db)


def take_out(db: Database, reports: Iterable[int]) -> None:
    """Before reports are deleted."""
    for report in reports:
        search.change(db, search.entry(db, report), None)
        _change_sums(db, _sums(db, report), _NOTHING)


def rebuild(db: Database, *, words: search.Worded = search.worded) -> None:
    """Everything anew from the tables; ``words`` makes the words of the index."""
    search.rebuild(db, words=words)
    rebuild_sums(db)
