"""All rows of one issuer: what the store would write after its reports were kept and proved. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archive import agencies, bulk, keys, times
from archive.candidates import CellKey
from archive.overlay import Held, Overlay, differing_base, over, shown_rows
from archive.records import Report, Snapshot
from archive.rows import Reading, Row, agency_id, document, document_id, reading, report_id
from archive.shelf import pack
from crawler.synth.reports import reports
from demo.synth.plan import Issuer, Rates
from pipelines import hierarchy
from pipelines.across import overlays
from pipelines.years import Year


def rows_of(issuer: Issuer, seed: int, rates: Rates) -> bulk.Batch:
    """Table → rows, each in the order of the table's columns."""
    made = [
        (snapshot, report, reading(snapshot, report)) for snapshot, report in reports(issuer, seed, rates)
    ]
    held = [Held(_id(report), report.year or 0, read.rows) for _, report, read in made]
    alone = [
        Year(one.year, one.forms, {CellKey(cell.table, cell.row, cell.column): cell for cell in report.cells})
        for one, (_, report, _) in zip(held, made, strict=True)
    ]
    laid = overlays(held, issuer.agency, _none_below, alone=alone)
    batch: bulk.Batch = {}

    def put(name: str, rows: Sequence[Row]) -> None:
        batch.setdefault(name, []).extend(bulk.tuples(name, rows))

    put("agencies", [_agency(issuer)])
    put("portals", [_portal(made[0][0])])
    for snapshot, report, read in made:
        for name, rows in _rows(issuer, snapshot, report, read, laid[_id(report)]):
            put(name, rows)
    return batch


def _id(report: Report) -> int:
    assert report.agency is not None
    assert report.year is not None
    return report_id(report.agency, report.division, report.year)


def _none_below(_held: Held, _year: Year) -> Sequence[hierarchy.Assessed]:
    """No generated report says that it adds up those of others: H1 does not apply."""
    return ()


def _agency(issuer: Issuer) -> Row:
    return {
        "id": agency_id(issuer.agency, issuer.division),
        "name": issuer.agency,
        "aliases": None,
        "division": issuer.division,
        "province": issuer.province,
        "kind": agencies.kind_of(keys.normalise(issuer.agency)),
    }


def _portal(snapshot: Snapshot) -> Row:
    context = snapshot.context
    return {
        "key": context.portal,
        "name": context.portal_name,
        "family": "unregistered",
        "url": None,
        "site_id_code": None,
        "division": context.division,
        "status": "unverified",
    }


def _rows(
    issuer: Issuer, snapshot: Snapshot, report: Report, read: Reading, overlay: Overlay
) -> Iterator[tuple[str, list[Row]]]:
    id_, original = _id(report), document_id(snapshot.url, snapshot.sha256)
    seen = times.text(snapshot.fetched_at)
    laid = over(read.rows, overlay)
    stands = {
        "id": id_,
        "agency": agency_id(issuer.agency, issuer.division),
        "year": report.year,
        "province": issuer.province,
        "division": issuer.division,
        "document": original,
        "revision": 1,
        "repetition": overlay.repetition,
    }
    yield "reports", [laid["reports"][0] | stands]
    for name, rows in shown_rows(laid, overlay, []).items():
        yield name, [row | {"report": id_} for row in rows]
    kept = differing_base(read.rows, laid)
    if kept:
        yield "_base", [{"report": id_, "rows": pack(kept)}]
    content = laid["reports"][0]["content_hash"]
    outcome = {"report": id_, "outcome": "current", "content_hash": content}
    yield "documents", [document(snapshot) | outcome | {"figures": read.rows["reports"][0]["figures"]}]
    yield "_states", [{"url": snapshot.url, "seen_at": seen, "document": original}]
    yield (
        "_readings",
        [{"document": original, "parser": read.parser, "text_hash": read.text_hash, "rows": None}],
    )
    revision = {"report": id_, "number": 1, "document": original, "seen_at": seen}
    yield "revisions", [revision | {"content_hash": content}]
