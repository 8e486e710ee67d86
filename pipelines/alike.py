"""Near copies found as reports come and go: what ``pipelines.near`` decides, asked of the store.

A text is signed when its issuer is proved, and only where it or its figures changed. Whoever has it as a
copy, and whoever is to have it, is proved again; so each pair is known on both sides, whichever came first,
and nothing is compared with all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, partial

from archive import merges, statements
from archive import near as held
from archive.near import Near, Text
from archive.overlay import Held
from archive.rows import Rows, figures, prose, values
from archive.store import Store
from archive.wording import near_copy
from pipelines.dedupe import arrange
from pipelines.likeness import runs
from pipelines.near import Likeness, decide, digest, keys, perhaps, signature, telling


def sign_aside(store: Store) -> None:
    """Sign the originals that are nobody's report and came since the last time."""
    with store.writing():
        for document, year, rows in held.unsigned(store.db):
            held.mark(store.db, _sign(store, document, year, None, rows, prose(rows)))


def sign(store: Store, agency: int, series: Sequence[Held]) -> list[int]:
    """Sign an issuer's reports; gives the other issuers to be proved again because of that."""
    again: set[int] = set()
    with store.writing():
        gone = held.outdated(store.db, agency)
        for document in gone:
            again.update(held.having(store.db, document))
        held.drop(store.db, gone)
        for one in series:
            again.update(_sign(store, one.document, one.year, agency, one.rows, one.text))
        measure_copies(store, agency)
        again.discard(agency)
        held.mark(store.db, again)
    return sorted(again)


def finish(store: Store) -> None:
    """Give up what readers made for texts that nobody is going to ask for."""
    with store.writing():
        held.forget_signed(store.db)


def measure_copies(store: Store, agency: int) -> None:
    """Say how alike the texts of copies are where an earlier version joined them and did not say it."""
    sql = """
        SELECT DISTINCT c.report FROM reports AS r JOIN copies AS c ON c.report = r.id
        WHERE r.agency = ? AND c.text_likeness IS NULL
    """
    for row in statements.rows(store.db, sql, [agency]):
        for copy in arrange(merges.originals(store.db, row["report"])).copies:
            if copy.text_likeness is not None:
                store.db.execute(
                    "UPDATE copies SET text_likeness = ? WHERE report = ? AND document = ?",
                    [copy.text_likeness, row["report"], copy.document],
                )


def _sign(
    store: Store, document: int, year: int | None, agency: int | None, rows: Rows, text: str
) -> set[int]:
    """Sign a text if it changed; gives the issuers that have it as a copy, and that are to have it.

    A report without telling figures has no row; what is nobody's has one.
    """
    large = telling(values(rows))
    known = held.held(store.db, document)
    if not large and agency is not None:
        before = set(held.having(store.db, document)) if known is not None else set()
        held.drop(store.db, [document] if known is not None else [])
        return before
    now = digest(text, large, year)
    if known == now:
        return set()
    before = set(held.having(store.db, document))
    made = held.take_signed(store.db, document, now)
    if made is None and large:
        found = runs(text)
        made = signature(found) if found else None
    row = {"agency": agency, "year": year, "digest": now, "signature": made}
    held.sign(store.db, document, row, keys(made, large) if made is not None else ())
    now_alike = {other.agency for other, _ in _copies(store, document, rows, text)}
    return before | {issuer for issuer in now_alike if issuer is not None}


def finding(store: Store, agency: int, one: Held) -> list[tuple[Near, str | None]]:
    """The near copies of one report; with a sentence for those that are another issuer's report."""
    refused = held.refused(store.db, one.report)
    return [
        (
            Near(other.document, other.url, alike.figures, alike.text),
            _sentence(other.agency_name, one.year, other.url, alike),
        )
        for other, alike in _copies(store, one.document, one.rows, one.text)
        if other.url not in refused
    ]


def _copies(store: Store, document: int, rows: Rows, said: str) -> Iterator[tuple[Text, Likeness]]:
    """Texts of others that are one report with this signed one, of which these are the rows and the prose.

    Years of one issuer are no copies of each other, nor are reports of different years. Of those that meet
    nearly none is one, so what is compared is made when it is first needed, and once.
    """
    own = held.signed(store.db, document)
    if own is None:
        return
    signature, agency, year = own
    our_figures, our_runs = cache(partial(figures, rows)), cache(partial(runs, said))
    for other in held.meeting(store.db, document):
        signed = held.signed(store.db, other)
        if signed is None or signed[1] == agency or not (None in (year, signed[2]) or year == signed[2]):
            continue
        if not perhaps(signature, signed[0]):
            continue
        theirs = held.text(store.db, other)
        if theirs is None:
            continue
        alike = decide(our_figures(), our_runs, figures(theirs.rows), partial(runs, prose(theirs.rows)))
        if alike is not None:
            yield theirs, alike


def _sentence(agency: str | None, year: int, url: str, alike: Likeness) -> str | None:
    return None if agency is None else near_copy(agency, year, url, alike.text, alike.cells)
