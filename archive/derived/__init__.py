"""What is worked out from the tables and kept in step with them, in the transaction that changes them.

``search`` is the full-text index, ``totals`` the sums over reports, ``counts`` how many rows each
table and each of its facets has. The first two follow a report: whoever changes what they are made
from does so within ``following``. The last follows every row by triggers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from archive.derived import search, totals

if TYPE_CHECKING:
    # Whoever only reads pages needs the words, and no database.
    from sqlite_utils import Database


@contextmanager
def following(db: Database, *reports: int) -> Iterator[None]:
    """Change these reports, their issuer or their sections within; index and sums then follow."""
    before = [(search.entry(db, report), totals.share(db, report)) for report in reports]
    yield
    for report, (entry, share) in zip(reports, before, strict=True):
        search.change(db, entry, search.entry(db, report))
        totals.change(db, share, totals.share(db, report))


@contextmanager
def totals_following(db: Database, report: int) -> Iterator[None]:
    """The same where only figures and verdicts change, and no text."""
    before = totals.share(db, report)
    yield
    totals.change(db, before, totals.share(db, report))


def take_out(db: Database, reports: Iterable[int]) -> None:
    """Before reports are deleted."""
    for report in reports:
        search.change(db, search.entry(db, report), None)
        totals.change(db, totals.share(db, report), None)


def rebuild(db: Database) -> None:
    """Everything anew from the tables."""
    search.rebuild(db)
    totals.rebuild(db)
