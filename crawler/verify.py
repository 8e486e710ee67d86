"""Does the archive hold what the sample portals published? Cell by cell, copy by copy.

Every comparison gives a ``Result`` with the differences by name; none is
summed away. Reads the database only.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from archive import warc
from archive.derived import counts, filing
from archive.forms.indicators import TABLE as INDICATORS
from archive.records import WarcLocation
from archive.schema import TABLES
from crawler import manners
from demo.loopback import LoggedRequest
from demo.manifest import Manifest, PublishedReport

#: Tables that a crawl which finds nothing new may still write.
LEDGER = frozenset({"runs", "run_issues", counts.name("runs"), counts.name("run_issues")})
#: Tables that count the rows of others, each line with its number ``n``.
_COUNTED = frozenset({filing.TABLE, *(counts.name(table.name) for table in TABLES)})


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that was compared."""

    what: str
    differences: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.differences


def connect(path: Path) -> sqlite3.Connection:
    """The database, read-only."""
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    return db


def fingerprint(path: Path) -> dict[str, str]:
    """Table → digest of its rows, the ledger of crawls left out.

    A count that has come down to 0 is none: it tells what once was there, and nothing of what is.
    """
    db = connect(path)
    try:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        prints = {}
        for name in sorted(names):
            if name in LEDGER or name.startswith("sqlite_"):
                continue
            there = " WHERE n <> 0" if name in _COUNTED else ""
            rows = sorted(repr(tuple(row)) for row in db.execute(f'SELECT * FROM "{name}"{there}'))  # noqa: S608
            prints[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        return prints
    finally:
        db.close()


def unchanged(before: Mapping[str, str], after: Mapping[str, str]) -> Result:
    """Both fingerprints are of the same content."""
    names = sorted({*before, *after})
    differ = tuple(f"table {name} changed" for name in names if before.get(name) != after.get(name))
    return Result("a second crawl changes nothing but the ledger of crawls", differ)


def everything(
    db: sqlite3.Connection, folder: Path, manifest: Manifest, requests: Sequence[LoggedRequest]
) -> Iterator[Result]:
    """Every comparison, the cheapest first."""
    cells = sum(
        len(line) for report in manifest.reports for rows in report.cells.values() for line in rows.values()
    )
    count = len(manifest.reports)
    yield Result(f"{count} published reports are stored, and no other", tuple(_reports(db, manifest)))
    yield Result(f"{cells:,} published cells are stored as published", tuple(_cells(db, manifest.reports)))
    real = [report for report in manifest.reports if report.real]
    yield Result(f"the {len(real)} real reports stand cell for cell", tuple(_cells(db, real)))
    joined = sum(len(report.urls_of_copies) for report in manifest.reports)
    yield Result(
        f"{joined} copies elsewhere are joined to their reports", tuple(_copies(db, manifest.reports))
    )
    yield Result(
        "reports that exist only as PDF, DOCX, OFD or ZIP are read from it",
        tuple(_carriers(db, manifest.reports)),
    )
    parts = sum(len(report.part_urls) for report in manifest.reports)
    yield Result(
        f"{parts} further pages and pictures are kept and read with their page",
        tuple(_parts(db, manifest.reports)),
    )
    yield Result(
        f"{len(manifest.decoys)} files and pictures that belong to no report are never asked for",
        tuple(_asked(manifest.decoys, requests)),
    )
    yield Result(
        "the issuers' own errors of arithmetic are found, and no other", tuple(_failures(db, manifest))
    )
    lines = sum(len(report.settled) for report in manifest.reports)
    yield Result(
        f"{lines} line run together is settled by the years around it",
        tuple(_settled(db, manifest.reports)),
    )
    yield Result(
        f"{len(manifest.lookalikes)} look-alikes are not taken", tuple(_taken(db, manifest.lookalikes))
    )
    yield Result(
        "what robots.txt forbids is recorded and never asked for",
        tuple(manners.forbidden(db, manifest, requests)),
    )
    blocked = manners.challenges(manifest)
    yield Result(
        f"{len(blocked)} portals that answer with a challenge are recorded, and asked no more",
        tuple(manners.blocked(db, manifest, requests)),
    )
    yield Result(
        f"{len(manifest.issues)} troubles of the portals are recorded, and no other",
        tuple(manners.issues(db, manifest)),
    )
    yield Result("never two requests at a time to one host", tuple(manners.overlaps(requests)))
    yield Result("every original reads back from its WARC with its SHA-256", tuple(_originals(db, folder)))


def edited(db: sqlite3.Connection, manifest: Manifest) -> Result:
    """The silent edit is a revision with exactly the cells it changed."""
    note = manifest.edited
    want = {
        (table, row, column): (_plain(value), _plain(note["new"][table][row][column]))
        for table, rows in note["old"].items()
        for row, line in rows.items()
        for column, value in line.items()
    }
    found = {
        (row["table_key"], row["line"], row["column_key"]): (row["old"], row["new"])
        for row in db.execute(
            """SELECT c.* FROM changes c JOIN reports r ON r.id = c.report JOIN agencies a ON a.id = r.agency
               WHERE a.name = ? AND r.year = ?""",
            (note["agency"], note["year"]),
        )
    }
    differences = [
        f"{place}: {want.get(place)} published, {found.get(place)} recorded"
        for place in sorted({*want, *found})
        if want.get(place) != found.get(place)
    ]
    revised = [
        f"{row['title']}: revised without having been edited"
        for row in db.execute(
            """SELECT r.title, a.name, r.year FROM reports r JOIN agencies a ON a.id = r.agency
               WHERE r.revision > 1"""
        )
        if (row["name"], row["year"]) != (note["agency"], note["year"])
    ]
    return Result("the silent edit is recorded as a revision, cell by cell", (*differences, *revised))


def _plain(value: int | Decimal | None) -> float | None:
    return None if value is None else float(value)


def _stored(db: sqlite3.Connection) -> dict[tuple[str, str | None, int], sqlite3.Row]:
    rows = db.execute(
        """SELECT r.*, a.name AS agency_name, a.division AS agency_division
           FROM reports r JOIN agencies a ON a.id = r.agency"""
    )
    return {(row["agency_name"], row["agency_division"], row["year"]): row for row in rows}


def _key(report: PublishedReport) -> tuple[str, str | None, int]:
    return report.agency, report.division, report.year


def _reports(db: sqlite3.Connection, manifest: Manifest) -> Iterator[str]:
    stored = _stored(db)
    for report in manifest.reports:
        row = stored.pop(_key(report), None)
        name = f"{report.agency} {report.year}"
        if row is None:
            yield f"{name}: not stored ({report.url})"
            continue
        if row["form"] != report.form:
            yield f"{name}: form {report.form} published, {row['form']} stored"
        if row["published_on"] != report.published_on.isoformat():
            yield f"{name}: published on {report.published_on}, stored {row['published_on']}"
        if row["url"] != report.url:
            yield f"{name}: published at {report.url}, stored {row['url']}"
    for name, division, year in stored:
        yield f"{name} ({division}) {year}: stored but never published"


def _cells(db: sqlite3.Connection, reports: Iterable[PublishedReport]) -> Iterator[str]:
    stored = _stored(db)
    for report in reports:
        row = stored.get(_key(report))
        if row is None:
            yield f"{report.agency} {report.year}: not stored"
            continue
        for table, rows in report.cells.items():
            lines: dict[str, Any] = {
                line["line"]: line
                for line in db.execute(f'SELECT * FROM "{table}" WHERE report = ?', (row["id"],))  # noqa: S608
            }
            if table == INDICATORS:
                lines = {key: {**line, "year": line["year_value"]} for key, line in lines.items()}
            for key, line in rows.items():
                for column, value in line.items():
                    got: float | None = lines[key][column] if key in lines else None
                    if _plain(value) != got:
                        name = f"{report.agency} {report.year}"
                        yield f"{name}: {table}.{key}.{column}: {value} published, {got} stored"


def _copies(db: sqlite3.Connection, reports: Iterable[PublishedReport]) -> Iterator[str]:
    stored = _stored(db)
    for report in reports:
        row = stored.get(_key(report))
        urls = (
            {c["url"] for c in db.execute("SELECT url FROM copies WHERE report = ?", (row["id"],))}
            if row
            else set()
        )
        for url in report.urls_of_copies:
            if url not in urls:
                yield f"{report.agency} {report.year}: {url} is not joined to it"


def _carriers(db: sqlite3.Connection, reports: Iterable[PublishedReport]) -> Iterator[str]:
    stored = _stored(db)
    for report in reports:
        row = stored.get(_key(report))
        if report.carrier in ("html", "pictures"):
            continue
        if row is None:
            yield f"{report.agency} {report.year}: not stored"
            continue
        kind, url = db.execute("SELECT kind, url FROM documents WHERE id = ?", (row["document"],)).fetchone()
        if kind != report.carrier or url != report.attachment_url:
            name = f"{report.agency} {report.year}"
            yield f"{name}: {report.carrier} at {report.attachment_url}, read from {kind} at {url}"


def _parts(db: sqlite3.Connection, reports: Iterable[PublishedReport]) -> Iterator[str]:
    """Each is an original of its report's, hanging on the page whose figures it shares in."""
    stored = _stored(db)
    want = {
        (url, report.url, stored[_key(report)]["id"])
        for report in reports
        if _key(report) in stored
        for url in report.part_urls
    }
    found = {
        tuple(row)
        for row in db.execute(
            "SELECT url, page_url, report FROM documents WHERE outcome = 'part' AND role = 'attachment'"
        )
    }
    for entry in sorted(want - found):
        yield f"{entry}: not kept as part of its report"
    for entry in sorted(found - want, key=repr):
        yield f"{entry}: kept as part of a report, and published as none"


def _asked(urls: Iterable[str], requests: Sequence[LoggedRequest]) -> Iterator[str]:
    asked = {f"http://{request.host}{request.path}" for request in requests}
    for url in urls:
        if url in asked:
            yield f"{url} was asked for"


def _failures(db: sqlite3.Connection, manifest: Manifest) -> Iterator[str]:
    want = {
        (report.agency, report.year, broken.identity, broken.at)
        for report in manifest.reports
        for broken in report.broken
    }
    found = {
        tuple(row)
        for row in db.execute(
            """SELECT a.name, r.year, f.identity, f.at FROM findings f JOIN reports r ON r.id = f.report
               JOIN agencies a ON a.id = r.agency WHERE f.verdict = 'fail' AND f.blame = 'issuer'"""
        )
    }
    ours = db.execute(
        "SELECT count(*) FROM findings WHERE verdict = 'fail' AND blame = 'possibly_ours'"
    ).fetchone()[0]
    for entry in sorted(want - found, key=repr):
        yield f"{entry}: not found"
    for entry in sorted(found - want, key=repr):
        yield f"{entry}: found but not there"
    if ours:
        yield f"{ours} failures that may be ours"


def _settled(db: sqlite3.Connection, reports: Iterable[PublishedReport]) -> Iterator[str]:
    """Every cell of such a line is inferred and says from which reports; no other cell does."""
    stored = _stored(db)
    want = {
        (stored[_key(report)]["id"], table, row, column)
        for report in reports
        for table, row in report.settled
        if _key(report) in stored
        for column in report.cells[table][row]
    }
    if not want:
        yield "no line was run together"
    found = {
        (row["report"], row["table_key"], row["line"], row["column_key"]): row
        for row in db.execute("SELECT * FROM cell_notes WHERE evidence IS NOT NULL")
    }
    for place in sorted(want - found.keys()):
        yield f"{place}: not settled"
    for place, row in sorted(found.items()):
        if place not in want:
            yield f"{place}: settled although its report gives its boundaries"
        if row["status"] != "inferred":
            yield f"{place}: {row['status']} in spite of evidence"


def _taken(db: sqlite3.Connection, urls: Iterable[str]) -> Iterator[str]:
    for url in urls:
        for (outcome,) in db.execute("SELECT outcome FROM documents WHERE url = ?", (url,)):
            if outcome != "refused":
                yield f"{url}: {outcome}"


def _originals(db: sqlite3.Connection, folder: Path) -> Iterator[str]:
    rows = db.execute("SELECT url, sha256, warc_file, warc_offset, warc_length FROM documents").fetchall()
    if not rows:
        yield "there is no original"
    for row in rows:
        if row["warc_file"] is None:
            yield f"{row['url']}: no WARC record"
            continue
        record = warc.read(folder, WarcLocation(row["warc_file"], row["warc_offset"], row["warc_length"]))
        if hashlib.sha256(record.body).hexdigest() != row["sha256"]:
            yield f"{row['url']}: the record at {row['warc_file']}:{row['warc_offset']} is other bytes"


def as_json(results: Iterable[Result]) -> str:
    """The results as one JSON list, for tools."""
    return json.dumps(
        [{"what": r.what, "ok": r.ok, "differences": list(r.differences)} for r in results],
        ensure_ascii=False,
    )
