"""Merges undone and done again by decision: how the originals of a report stand is worked out anew.

A decision holds for an address of a report, not for bytes: what the address shows
later is taken out too (``dedupe.decide``). What was taken out is kept with its reading
and its history, so that putting it back gives what would be there without the decision.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from archive import merges
from archive.merges import NotMergedError
from archive.store import Store
from pipelines.dedupe import arrange


@dataclass(frozen=True, slots=True)
class Moved:
    """What a decision did."""

    report: int
    url: str
    before: int
    """Original that carried the report's figures."""
    after: int
    """Original that carries them now."""


def split(store: Store, document: int, reason: str, decided_at: datetime) -> Moved:
    """Take the address of an original out of its report, with everything it showed and will show.

    Raises ``NotMergedError`` where it carries no report, is out already, or nothing
    else would be left: then there is no merge to undo.
    """
    report, original = merges.report_of(store.db, document)
    if original.split:
        raise NotMergedError(f"document {document} ({original.url}) is taken out already")
    held = merges.originals(store.db, report)
    if all(one.split or one.url == original.url for one in held):
        raise NotMergedError(
            f"document {document} ({original.url}) is all that report {report} rests on; nothing is merged"
        )
    arrangement = arrange([replace(one, split=one.split or one.url == original.url) for one in held])
    before = _current(store, report)
    store.split(report, document, reason, decided_at, arrangement)
    return Moved(report, original.url, before, arrangement.current)


def join(store: Store, document: int) -> Moved:
    """Put an address back into the report it was taken out of; raises ``NotMergedError`` if it was not."""
    report, original = merges.report_of(store.db, document)
    if not original.split:
        raise NotMergedError(f"document {document} ({original.url}) is not taken out of report {report}")
    held = merges.originals(store.db, report)
    arrangement = arrange([replace(one, split=one.split and one.url != original.url) for one in held])
    before = _current(store, report)
    store.join(report, original.url, arrangement)
    return Moved(report, original.url, before, arrangement.current)


def _current(store: Store, report: int) -> int:
    current: int = store.db.table("reports").get(report)["document"]
    return current
