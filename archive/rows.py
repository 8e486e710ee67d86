"""A report as rows: what one original says, ready for the tables, before anyone asks how originals stand.

Pure. The report's identifiers, its address and its revision are left to the
store, for they depend on the other originals of the same report.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any

from archive import cells, forms, keys, textdiff, times, wording
from archive.candidates import Candidate, CellKey, CellState, Figures
from archive.errors import UnfitError
from archive.forms import indicators
from archive.indicators import IndicatorCell
from archive.records import (
    PART_MISSING,
    PART_UNREAD,
    Cell,
    Check,
    Context,
    Finding,
    Report,
    Snapshot,
)
from archive.schema import table

Row = dict[str, Any]
Rows = Mapping[str, list[Row]]

#: Names of the hints, all of plain values: ``asdict`` would copy each of them.
_HINTS = tuple(one.name for one in fields(Context))
#: Table → columns with its numbers.
_FIGURES = {
    **{name: tuple(term.key for term in forms.columns(name)) for name in forms.TABLES},
    indicators.TABLE: tuple(cells.INDICATOR_COLUMNS.values()),
}
#: The tables that one original fills, besides its line in ``reports``.
FILLED = ("sections", *forms.TABLES, indicators.TABLE, "cell_notes", "findings")


@dataclass(frozen=True, slots=True)
class Signed:
    """A text's signature, by which it is found beside others (``pipelines.near``)."""

    digest: str
    """Of all that it was made of: with another digest it is another text's."""
    signature: bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """What one original says, ready to be stored."""

    agency: str | None
    division: str | None
    year: int | None
    is_report: bool
    error: str | None
    """Why it could not be read; then there are no rows."""
    findings: tuple[Finding, ...]
    content_hash: str
    text_hash: str
    parser: str
    rows: Rows
    """By table; ``reports`` holds a single, partial one."""
    words: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    """Text of a section → its words as the search index has them, where they were made already."""
    signed: Signed | None = field(default=None, repr=False, compare=False)
    """The signature of its prose, where it was made already."""

    @property
    def figures(self) -> int | None:
        """How many cells have a value."""
        return None if self.error is not None else self.rows["reports"][0]["figures"]


def agency_id(agency: str, division: str | None) -> int:
    """Identifier of an issuer."""
    return keys.stable_id("agency", division or "", agency)


def report_id(agency: str, division: str | None, year: int) -> int:
    """Identifier of a report: issuer and year, never an address."""
    return keys.stable_id("report", agency_id(agency, division), year)


def document_id(url: str, sha256: str) -> int:
    """Identifier of an original: its address and its bytes."""
    return keys.stable_id("document", url, sha256)


def reading(snapshot: Snapshot, report: Report) -> Reading:
    """The report as rows; where the tables cannot hold it, it could not be read."""
    error = report.error
    rows: dict[str, list[Row]] = {}
    if error is None:
        try:
            rows = rows_of(snapshot, report)
        except UnfitError as unfit:
            error = wording.UNFIT.format(unfit)
    text = "".join(report.text.split())
    return Reading(
        agency=report.agency,
        division=report.division,
        year=report.year,
        is_report=report.is_report,
        error=error,
        findings=report.findings,
        content_hash=report.content_hash,
        text_hash=hashlib.sha256(text.encode()).hexdigest(),
        parser=report.parser,
        rows=rows,
    )


def rows_of(snapshot: Snapshot, report: Report) -> dict[str, list[Row]]:
    """The rows of one report, by table.

    Raises ``UnfitError`` where a cell has no place in the tables or comes twice.
    """
    kept = tuple(cells.storable(cell) for cell in report.cells)
    return {
        "reports": [_report(snapshot, report, kept)],
        "sections": _sections(report),
        "cell_notes": [cells.note(cell) for cell in kept if cell.status != "exact"],
        "findings": _findings(report),
        **cells.figure_rows(cell for cell in kept if not isinstance(cell, IndicatorCell)),
        indicators.TABLE: cells.indicator_rows(cell for cell in kept if isinstance(cell, IndicatorCell)),
    }


def candidate(snapshot: Snapshot, read: Reading, *, alone: bool = False) -> Candidate:
    """The original as dedupe weighs it.

    ``alone``: nothing else of its report is held. It is compared with nothing then, so figures and prose,
    which take a millisecond, are left out.
    """
    return Candidate(
        document=document_id(snapshot.url, snapshot.sha256),
        url=snapshot.url,
        sha256=snapshot.sha256,
        role=snapshot.role,
        page_url=snapshot.context.page_url,
        home=at_home(snapshot.context.division, snapshot.context.site_id_code, read.division),
        published_on=read.rows["reports"][0]["published_on"],
        content_hash=read.content_hash,
        text_hash=read.text_hash,
        parser=read.parser,
        figures={} if alone else figures(read.rows),
        seen=(times.text(snapshot.fetched_at),),
        sentences=() if alone else textdiff.sentences(read.rows["sections"]),
        parts=parts_of(snapshot),
        whole=whole(read.rows),
        siblings=snapshot.context.siblings,
        portal=snapshot.context.portal,
    )


def parts_of(snapshot: Snapshot) -> str:
    """Identifiers of the originals that one goes on in, in their order; empty if it does not."""
    return " ".join(str(document_id(part.url, part.sha256)) for part in snapshot.parts)


def whole(rows: Rows) -> bool:
    """Whether all that an original goes on in came and was read."""
    return not any(row["kind"] in (PART_UNREAD, PART_MISSING) for row in rows["findings"])


def at_home(portal_division: str | None, site_id_code: str | None, division: str | None) -> bool:
    """Whether a portal is that of the issuer's division.

    By the first six digits: a township (9 digits) is at home on its county's
    portal. A SiteIDCode begins with the division code (国办发〔2017〕47号).
    """
    return division is not None and division[:6] in {(portal_division or "")[:6], (site_id_code or "")[:6]}


def prose(rows: Rows) -> str:
    """The text of all sections, in their order."""
    ordered = sorted(rows["sections"], key=lambda row: row["number"])
    return "\n".join(row["text"] or "" for row in ordered)


def values(rows: Rows) -> Iterator[int | float]:
    """The numbers of all cells, of whichever table; those of ``figures``, without their places."""
    for name, columns in _FIGURES.items():
        for row in rows.get(name, ()):
            yield from (value for column in columns if (value := row[column]) is not None)


def figures(rows: Rows) -> Figures:
    """Every cell the rows tell of, by table, line and column."""
    notes = {
        CellKey(n["table_key"], n["line"], n["column_key"]): n["status"] for n in rows.get("cell_notes", ())
    }
    found = {cell: CellState(None, status) for cell, status in notes.items()}
    for name in forms.TABLES:
        for row in rows.get(name, ()):
            for term in forms.columns(name):
                value = row[term.key]
                if value is not None:
                    cell = CellKey(name, row["line"], term.key)
                    found[cell] = CellState(value, notes.get(cell, "exact"))
    for row in rows.get(indicators.TABLE, ()):
        for column, name in cells.INDICATOR_COLUMNS.items():
            value = row[name]
            if value is not None:
                cell = CellKey(indicators.TABLE, row["line"], column)
                found[cell] = CellState(value, notes.get(cell, "exact"))
    return found


def document(snapshot: Snapshot) -> Row:
    """The row of one original, outcome and report left open."""
    warc = snapshot.warc
    context = snapshot.context
    return {
        "id": document_id(snapshot.url, snapshot.sha256),
        "url": snapshot.url,
        "fetched_at": times.text(snapshot.fetched_at),
        "sha256": snapshot.sha256,
        "bytes": snapshot.told.size,
        "media_type": snapshot.media_type,
        "kind": snapshot.told.kind,
        "role": snapshot.role,
        "warc_file": warc.file if warc else None,
        "warc_offset": warc.offset if warc else None,
        "warc_length": warc.length if warc else None,
        "portal": context.portal,
        "report": None,
        "outcome": None,
        "reason": None,
        "content_hash": None,
        "figures": None,
        "page_url": context.page_url,
        "link_text": context.link_text,
        "context": dump_context(context),
    }


def dump_context(context: Context) -> str:
    """The hints as JSON, what is unknown left out."""
    said = ((name, getattr(context, name)) for name in _HINTS)
    known = {name: _iso(v) if isinstance(v, date) else v for name, v in said if v is not None}
    return json.dumps(known, ensure_ascii=False, sort_keys=True)


def load_context(text: str | None) -> Context:
    """The hints that ``dump_context`` wrote."""
    known = json.loads(text or "{}")
    if "list_date" in known:
        known["list_date"] = date.fromisoformat(known["list_date"])
    if "siblings" in known:
        known["siblings"] = tuple(known["siblings"])
    return Context(**known)


def _sections(report: Report) -> list[Row]:
    """Section rows; text that stands twice under one number (two reports on a page) is joined."""
    made: dict[int, Row] = {}
    for part in report.sections:
        row = made.setdefault(part.number, {"number": part.number, "heading": part.heading, "text": ""})
        row["text"] = f"{row['text']}\n{part.text}" if row["text"] else part.text
    return list(made.values())


def _findings(report: Report) -> list[Row]:
    made = [check_row(check) for check in report.checks if check.verdict != "pass"]
    return made + [finding_row(finding) for finding in report.findings]


def _blank_finding() -> Row:
    names = (column.name for column in table("findings").columns)
    return dict.fromkeys(name for name in names if name not in ("report", "number", "scope"))


def check_row(check: Check, message: str | None = None) -> Row:
    """A check that did not pass as a finding; ``message`` where its place does not say enough."""
    return _blank_finding() | {
        "kind": "identity",
        "identity": check.identity,
        "verdict": check.verdict,
        "at": check.at,
        "left": _side(check.left),
        "right": _side(check.right),
        "blame": check.blame,
        "message": message or wording.sentence(check),
    }


def finding_row(finding: Finding) -> Row:
    """A finding that is no check."""
    return _blank_finding() | {
        "kind": finding.kind,
        "message": finding.message,
        "place": finding.where,
        "blame": finding.blame,
    }


def _side(value: int | Decimal | None) -> float | None:
    """One side of an identity; the sentence has it exactly, a column of doubles cannot always."""
    if value is None:
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _report(snapshot: Snapshot, report: Report, kept: Sequence[Cell]) -> Row:
    verdicts = [check.verdict for check in report.checks]
    # The three tables tell the form; a list of a province's own beside them does not mix it.
    common = {form for table, form in report.forms.items() if table in forms.TABLES}
    common = common or set(report.forms.values())
    return {
        "title": _title(snapshot, report),
        "published_on": _iso(report.published_on),
        "form": common.pop() if len(common) == 1 else "mixed" if common else None,
        **{f"{name}_form": report.forms.get(name) for name in (*forms.TABLES, indicators.TABLE)},
        "verdict": report.verdict,
        "checks_passed": verdicts.count("pass"),
        "checks_failed": verdicts.count("fail"),
        "checks_not_assessable": verdicts.count("not_assessable"),
        "figures": sum(cell.value is not None for cell in kept),
        "cells": len(kept),
        # Where a person would look: the page, also where the figures are from its attachment.
        "url": snapshot.context.page_url or snapshot.url,
        "content_hash": report.content_hash,
        "parser": report.parser,
    }


def _title(snapshot: Snapshot, report: Report) -> str:
    """The report's title, or the best that was found with it."""
    found = (report.title, snapshot.context.page_title, snapshot.context.link_text)
    named = next((title.strip() for title in found if title and title.strip()), None)
    return named or f"{report.agency}{report.year}年政府信息公开工作年度报告"


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
