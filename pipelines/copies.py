"""Merges undone and done again by decision: how the originals of a report stand is worked out anew.

A decision holds for an address of a report, not for bytes: what the address shows
later is taken out too (``dedupe.decide``). What was taken out is kept with its reading
and its history, so that putting it back gives what would be there without the decision.
A decision is noted in a WARC before it is carried out, and carried out again by a replay.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from archive import merges, near, times
from archive.candidates import Candidate
from archive.decisions import compare
from archive.merges import NotMergedError
from archive.notes import Decided, DecisionNote, write_decision
from archive.store import Store
from archive.warc import WarcWriter
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


def split(
    store: Store,
    document: int,
    reason: str,
    decided_at: datetime,
    *,
    report: int | None = None,
    writer: WarcWriter | None = None,
) -> Moved:
    """Take the address of an original out of its report, with everything it showed and will show.

    A near copy is taken out of the report it is laid over; ``report`` says which where an original is the
    copy of several. ``writer`` is told first, so that the decision outlives the database. Raises
    ``NotMergedError`` where it carries no report, is out already, or nothing
    else would be left: then there is no merge to undo.
    """
    report, original = _merge(store, document, report)
    if any(row["url"] == original.url for row in merges.split(store.db, report=report)):
        raise NotMergedError(f"document {document} ({original.url}) is taken out already")
    held = merges.originals(store.db, report)
    if all(one.split or one.url == original.url for one in held):
        raise NotMergedError(
            f"document {document} ({original.url}) is all that report {report} rests on; nothing is merged"
        )
    if writer is not None:
        write_decision(writer, _decided(store, "split", report, original, reason, times.text(decided_at)))
    return _split(store, report, original.url, document, reason, decided_at)


def join(
    store: Store, document: int, *, report: int | None = None, writer: WarcWriter | None = None
) -> Moved:
    """Put an address back into the report it was taken out of; raises ``NotMergedError`` if it was not.

    ``report`` and ``writer`` as in ``split``.
    """
    original = merges.side(store.db, document)[1]
    out = [row["report"] for row in merges.split(store.db) if row["url"] == original.url]
    if report is None and len(out) == 1:
        [report] = out
    if report is None or report not in out:
        report = _merge(store, document, report)[0]
    if not any(row["url"] == original.url for row in merges.split(store.db, report=report)):
        raise NotMergedError(f"document {document} ({original.url}) is not taken out of report {report}")
    if writer is not None:
        write_decision(writer, _decided(store, "join", report, original, None, None))
    return _join(store, report, original.url)


def _merge(store: Store, document: int, report: int | None) -> tuple[int, Candidate]:
    """The report that an original is, or may be, joined to, and the original."""
    carried, original = merges.side(store.db, document)
    joined = near.of_report(store.db, document)
    # A report's only original is no copy of its own, so a decision on it can only mean another's.
    if carried is not None and carried not in joined and (not joined or _has_others(store, carried)):
        joined = [carried, *joined]
    if not joined or (report is not None and report not in joined):
        raise NotMergedError(f"document {document} ({original.url}) is no copy of {report or 'any report'}")
    if report is None and len(joined) > 1:
        listed = ", ".join(map(str, joined))
        raise NotMergedError(
            f"document {document} ({original.url}) is joined to reports {listed}: say which (--report)"
        )
    return report or joined[0], original


def _has_others(store: Store, report: int) -> bool:
    return len(merges.originals(store.db, report)) > 1


def carry_out(store: Store, notes: Iterable[DecisionNote]) -> tuple[list[Moved], tuple[Decided, ...]]:
    """Bring the database to what the notes say; gives what that did, and the decisions without effect."""
    moved = []
    standing = compare(store.db, notes)
    for one in standing.to_join:
        moved.append(_join(store, one.report, one.url))
    for one in standing.to_split:
        assert one.decided_at is not None
        decided_at = times.read(one.decided_at)
        moved.append(_split(store, one.report, one.url, one.document, one.reason or "", decided_at))
    return moved, standing.asleep


def _split(store: Store, report: int, url: str, document: int, reason: str, decided_at: datetime) -> Moved:
    held = merges.originals(store.db, report)
    arrangement = arrange([replace(one, split=one.split or one.url == url) for one in held])
    before = _current(store, report)
    store.split(report, document, reason, decided_at, arrangement)
    return Moved(report, url, before, arrangement.current)


def _join(store: Store, report: int, url: str) -> Moved:
    held = merges.originals(store.db, report)
    arrangement = arrange([replace(one, split=one.split and one.url != url) for one in held])
    before = _current(store, report)
    store.join(report, url, arrangement)
    return Moved(report, url, before, arrangement.current)


def _decided(
    store: Store,
    action: Literal["split", "join"],
    report: int,
    original: Candidate,
    reason: str | None,
    decided_at: str | None,
) -> Decided:
    row = dict(store.db.table("reports").get(report))
    agency = dict(store.db.table("agencies").get(row["agency"]))
    return Decided(
        action=action,
        report=report,
        agency=agency["name"],
        division=agency["division"],
        year=row["year"],
        url=original.url,
        document=original.document,
        sha256=original.sha256,
        reason=reason,
        decided_at=decided_at,
        near=all(one.document != original.document for one in merges.originals(store.db, report)),
    )


def _current(store: Store, report: int) -> int:
    current: int = store.db.table("reports").get(report)["document"]
    return current
