"""Everything the page of one report shows, read in one go."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlsplit

from archive import forms, schema
from archive.forms.indicators import TABLE as LIST
from archive.site import figures, indicators, revised, sums, words
from archive.site.figures import Figure, FigureTable
from archive.site.revised import Paragraph
from archive.site.rows import Row, many, one
from archive.site.sums import Sum


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of the report with the figures that changed."""

    row: Row
    changes: tuple[Row, ...]
    prose: tuple[Paragraph, ...] | None = None
    """Sentences changed since the revision before; ``None`` where one of the two is not kept."""


@dataclass(frozen=True, slots=True)
class ReportPage:
    """One report. ``row`` is its row of ``reports`` with the names of what it points to."""

    row: Row
    tables: tuple[FigureTable, ...]
    findings: tuple[Row, ...]
    sections: tuple[Row, ...]
    document: Row | None
    parts: tuple[Row, ...]
    """Further pages and pictures that the original goes on in."""
    copies: tuple[Row, ...]
    revisions: tuple[Revision, ...]
    deadline: str | None
    days_late: int | None
    """Days after the deadline; negative or 0 is in time; ``None`` where either date is not known."""

    @property
    def failed(self) -> tuple[Row, ...]:
        return tuple(f for f in self.findings if f["verdict"] == "fail")

    @property
    def open(self) -> tuple[Row, ...]:
        """Checks that could not be assessed."""
        return tuple(f for f in self.findings if f["verdict"] == "not_assessable")

    @property
    def others(self) -> tuple[Row, ...]:
        """Findings that are no checks."""
        return tuple(f for f in self.findings if f["verdict"] not in ("fail", "not_assessable"))

    @property
    def statuses(self) -> tuple[str, ...]:
        """Statuses that occur, for a legend that explains these and no others."""
        seen = {figure.status for table in self.tables for figure in table.figures.values()}
        order = ("exact", "blank", "dash", "inferred", "ambiguous", "unreadable", "missing")
        return tuple(status for status in order if status in seen)

    @property
    def noted(self) -> tuple[Figure, ...]:
        """The cells that were not read plainly, numbered through all tables."""
        return tuple(figure for table in self.tables for figure in table.noted)

    @property
    def sums(self) -> tuple[Sum, ...]:
        """The identities within Tables 3 and 4 with their figures, in the order of the form."""
        return tuple(one for table in self.tables for one in sums.sums(table))

    def cells(self) -> Iterator[Figure]:
        """Every cell of the tables found, in the order of the form."""
        for table in self.tables:
            yield from table.figures.values()


def web_address(url: str | None) -> str | None:
    """``url`` if it is an http(s) address that may become a link, else ``None``."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None  # e.g. a broken IPv6 host: shown as text
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


def days_after(deadline: str | None, published: str | None) -> int | None:
    """Days from the deadline to publication, both ISO 8601; ``None`` if either is not a date."""
    first, second = _day(deadline), _day(published)
    return None if first is None or second is None else (second - first).days


_REPORT = """
select r.*, a.name as agency_name, d.full_name as division_name, c.deadline
from reports as r
left join agencies as a on a.id = r.agency
left join divisions as d on d.code = r.division
left join coverage as c on c.agency = r.agency and c.year = r.year
where r.id = ?"""

_PARTS = """
select d.*, p.number
from _parts as p join documents as d on d.id = p.part
where p.document = ? order by p.number"""

_COPIES = """
select c.*, d.fetched_at, d.kind, d.warc_file
from copies as c left join documents as d on d.id = c.document
where c.report = ? order by c.reason, c.url"""

_REVISIONS = """
select v.*, d.warc_file
from revisions as v left join documents as d on d.id = v.document
where v.report = ? order by v.number desc"""


def _figure_tables(
    conn: sqlite3.Connection, report: Row, findings: tuple[Row, ...]
) -> tuple[FigureTable, ...]:
    failed = [words.place(f["at"]) for f in findings if f["verdict"] == "fail"]
    tables: list[FigureTable] = []
    number = 1
    for key in forms.TABLES:
        table = figures.load(conn, report, key, number)
        number += len(table.noted)
        table = replace(
            table,
            failed_rows=frozenset(row for name, row, _ in failed if name == key and row is not None),
            failed_columns=frozenset(
                column for name, row, column in failed if name == key and row is None and column is not None
            ),
        )
        tables.append(table)
    listed = indicators.load(conn, report["id"], report["indicators_form"], number)
    if listed is None:
        return tuple(tables)
    rows = frozenset(row for name, row, _ in failed if name == listed.key and row is not None)
    # Reports on the form of 2014 have the list and none of the three later tables.
    return (*(table for table in tables if table.layout), replace(listed, failed_rows=rows))


def load(conn: sqlite3.Connection, report: int) -> ReportPage | None:
    """The page of the report with this id, or ``None``."""
    row = one(conn, _REPORT, (report,))
    if row is None:
        return None
    findings = tuple(many(conn, "select * from findings where report = ? order by number", (report,)))
    changes = many(
        conn, "select * from changes where report = ? order by revision, table_key, line", (report,)
    )
    return ReportPage(
        row=row,
        tables=_figure_tables(conn, row, findings),
        findings=findings,
        sections=tuple(many(conn, "select * from sections where report = ? order by number", (report,))),
        document=one(conn, "select * from documents where id = ?", (row["document"],)),
        parts=tuple(many(conn, _PARTS, (row["document"],))),
        copies=tuple(many(conn, _COPIES, (report,))),
        revisions=_revisions(conn, row, changes),
        deadline=row["deadline"],
        days_late=days_after(row["deadline"], row["published_on"]),
    )


def _revisions(conn: sqlite3.Connection, report: Row, changes: list[Row]) -> tuple[Revision, ...]:
    """Newest first, each with what changed in figures and prose since the one before."""
    return tuple(
        Revision(
            row,
            tuple(c for c in changes if c["revision"] == row["number"]),
            None if row["text_diff"] is None else revised.changes(row["text_diff"]),
        )
        for row in many(conn, _REVISIONS, (report["id"],))
    )


def as_json(page: ReportPage, address: str) -> dict[str, object]:
    """The report as one JSON object; figures and checks in the shape of ``gongkai parse --json``.

    ``address`` is the report page's absolute URL.
    """
    row = page.row
    columns = [column.name for column in schema.REPORTS.columns]
    return {
        "address": address,
        "report": {
            **{name: row[name] for name in columns},
            "agency_name": row["agency_name"],
            "division_name": row["division_name"],
            "deadline": page.deadline,
            "days_after_deadline": page.days_late,
        },
        "forms": {table.key: row[f"{table.key}_form"] for table in page.tables if table.form is not None},
        "cells": [
            {
                "table": cell.table,
                "row": cell.row,
                "column": cell.column,
                "value": cell.value,
                "raw": cell.raw,
                "status": cell.status,
                "readings": list(cell.readings),
                **({"evidence": cell.evidence} if cell.evidence else {}),
                "where": cell.place,
                **({"unit": cell.unit} if cell.table == LIST else {}),
            }
            for cell in page.cells()
        ],
        "findings": [_without(f, "report") for f in page.findings],
        "sections": [_without(s, "report") for s in page.sections],
        "document": page.document,
        "parts": list(page.parts),
        "copies": [_without(c, "report", "warc_file") for c in page.copies],
        "revisions": [
            {
                **_without(revision.row, "report", "warc_file"),
                "changes": [_without(change, "report", "revision") for change in revision.changes],
            }
            for revision in page.revisions
        ],
    }


def _without(row: Row, *names: str) -> Row:
    return {name: value for name, value in row.items() if name not in names}
