"""One original into the archive: decide what it is to those already held, and store it.

The same call for a crawl, for files from disk and for replay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from archive.candidates import Candidate, Decision, Outcome
from archive.errors import ArchiveError
from archive.notes import original_of
from archive.records import Report, Snapshot
from archive.rows import Reading, candidate, parts_of, reading, report_id
from archive.store import Store
from pipelines import annex
from pipelines.dedupe import classify, decide, set_aside

#: Reads an original again with the present parser.
Parse = Callable[[Snapshot], Report | Reading]


def keep(
    store: Store,
    snapshot: Snapshot,
    report: Report | Reading,
    *,
    parse: Parse | None = None,
    warcs: Path | None = None,
) -> Outcome:
    """Store one original that was read as ``report``; nothing that reaches this is dropped.

    Who read it in a process of its own has made it ready there already (``Reading``).

    With ``parse`` and the folder of ``warcs`` an earlier state of the same
    address that an older parser read is read again first, so that a better
    parser is never taken for an issuer's change. The bytes need not be at hand then
    (``Snapshot.without_bytes``): what has to be read again is loaded from its record.
    """
    read = _as_reading(snapshot, report)
    if parse is not None:
        snapshot, read = _with_page(store, snapshot, read, parse, warcs)
    outcome = _keep(store, snapshot, read, parse, warcs)
    if parse is not None and warcs is not None and outcome.report is not None:
        _join_waiting(store, snapshot.url, parse, warcs)
    return outcome


def _with_page(
    store: Store, snapshot: Snapshot, read: Reading, parse: Parse, warcs: Path | None
) -> tuple[Snapshot, Reading]:
    """An annex that does not say whose it is, read again with what is held of the page it hangs on."""
    page = snapshot.context.page_url
    annexed = any(finding.kind == annex.OF_PAGE for finding in read.findings)
    known = None not in (read.agency, read.year) or snapshot.context.page_agency is not None
    if page is None or not annexed or known:
        return snapshot, read
    found = store.report_at(page)
    if found is None:
        return snapshot, read
    agency, division, year = found
    context = replace(snapshot.context, page_agency=agency, page_division=division, page_year=year)
    snapshot = replace(snapshot, context=context)
    whole = snapshot
    if snapshot.bare:
        if warcs is None:
            raise ValueError(f"{snapshot.url}: its bytes are not at hand, and no folder to load them from")
        whole = original_of(snapshot).load(warcs)
    return snapshot, _as_reading(whole, parse(whole))


def _as_reading(snapshot: Snapshot, report: Report | Reading) -> Reading:
    return report if isinstance(report, Reading) else reading(snapshot, report)


def _join_waiting(store: Store, page: str, parse: Parse, warcs: Path) -> None:
    """Annexes of a page that came before it."""
    for document in store.waiting_for(page):
        try:
            original = store.original(document, warcs)
        except ArchiveError:
            continue  # its record is gone: it stays unassigned, and the archive says so
        if original is not None:
            keep(store, original, parse(original), parse=parse, warcs=warcs)


def _keep(
    store: Store, snapshot: Snapshot, read: Reading, parse: Parse | None, warcs: Path | None
) -> Outcome:
    aside = classify(read)
    if aside is not None:
        return _keep_aside(store, snapshot, read, aside)
    assert read.agency is not None
    assert read.year is not None
    elsewhere = _held_elsewhere(store, snapshot, report_id(read.agency, read.division, read.year))
    if elsewhere is not None:
        return store.apply(elsewhere, snapshot, read)
    held = store.candidates(read.agency, read.division, read.year)
    new = candidate(snapshot, read, alone=not held)
    if parse is not None and warcs is not None and any(_outdated(known, new) for known in held):
        for known in held:
            if _outdated(known, new):
                _read_again(store, known, read, parse, warcs)
        held = store.candidates(read.agency, read.division, read.year)
    return store.apply(decide(held, new), snapshot, read)


def _keep_aside(store: Store, snapshot: Snapshot, read: Reading, aside: Decision) -> Outcome:
    content = None if read.error is not None else read.content_hash
    decision = set_aside(store.held_at(snapshot.url), snapshot.sha256, content, aside)
    return store.apply(decision, snapshot, read)


def _held_elsewhere(store: Store, snapshot: Snapshot, report: int) -> Decision | None:
    """These very bytes, held already as another issuer's or another year's report.

    Only the hints found with them can have told otherwise; the first reading stays.
    """
    for known in store.held_at(snapshot.url):
        if known.sha256 == snapshot.sha256 and known.report not in (None, report):
            return Decision("unchanged", known.outcome, document=known.document)
    return None


def _outdated(known: Candidate, new: Candidate) -> bool:
    other = (known.url, known.sha256, known.parts) != (new.url, new.sha256, new.parts)
    same_place = known.url == new.url or (new.page_url is not None and known.page_url == new.page_url)
    return same_place and other and known.parser != new.parser


def _read_again(store: Store, known: Candidate, read: Reading, parse: Parse, warcs: Path) -> None:
    """Bring the reading of a held original up to the present parser.

    Where that cannot be done, or it is no longer read as the same report, its
    old reading stays: the revision is then stored without a list of changes.
    """
    try:
        snapshot = store.original(known.document, warcs)
    except ArchiveError:
        return
    if snapshot is None or parts_of(snapshot) != known.parts:
        return  # what it went on in is not noted any more
    again = _as_reading(snapshot, parse(snapshot))
    key = (again.agency, again.division, again.year)
    if classify(again) is None and key == (read.agency, read.division, read.year):
        others = store.candidates(*key)  # type: ignore[arg-type]
        store.apply(decide(others, candidate(snapshot, again)), snapshot, again)
