"""Originals that are held: found by their address, and read back from their WARC records."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sqlite_utils import Database

from archive import statements, times, warc
from archive.candidates import Held
from archive.records import Snapshot, WarcLocation
from archive.rows import Row, agency_id, load_context


def held_at(db: Database, url: str) -> list[Held]:
    """Everything held from one address, whatever became of it."""
    sql = """
        SELECT id AS document, sha256, outcome, content_hash, report
        FROM documents WHERE url = ? ORDER BY fetched_at, id
    """
    return [Held(**row) for row in statements.rows(db, sql, [url])]


def report_at(db: Database, url: str) -> tuple[str, str | None, int] | None:
    """Issuer, division code and year of the report an address shows; ``None`` where it is not certain."""
    sql = """
        SELECT DISTINCT a.id, a.name, a.division, r.year FROM documents AS d
        JOIN reports AS r ON r.id = d.report JOIN agencies AS a ON a.id = r.agency
        WHERE d.url = ? AND d.outcome IN ('current', 'copy')
    """
    found = statements.rows(db, sql, [url])
    if len(found) != 1:
        return None
    [row] = found
    # A division that the table of divisions has not is not in the issuer's row, but in its identifier.
    whole = agency_id(row["name"], row["division"]) == row["id"]
    return (row["name"], row["division"], row["year"]) if whole else None


def waiting_for(db: Database, page: str) -> list[int]:
    """Files that hang on a page and are assigned to no report."""
    sql = """
        SELECT id FROM documents WHERE page_url = ? AND outcome IN ('unassigned', 'refused')
        ORDER BY url, id
    """
    return [row["id"] for row in statements.rows(db, sql, [page])]


def load(row: Row, folder: Path, parts: Iterable[Snapshot | None]) -> Snapshot | None:
    """The original of a row of ``documents``, from the WARCs in ``folder``; ``None`` if it has no record.

    ``parts``: the originals that it goes on in, asked for only then. Raises ``ArchiveError``.
    """
    if row["warc_file"] is None:
        return None
    place = WarcLocation(row["warc_file"], row["warc_offset"], row["warc_length"])
    found = warc.read(folder, place)
    return Snapshot(
        url=row["url"],
        body=found.body,
        fetched_at=times.read(row["fetched_at"]),
        media_type=row["media_type"],
        charset=found.snapshot().charset,
        role=row["role"],
        context=load_context(row["context"]),
        warc=place,
        parts=tuple(part for part in parts if part is not None),
    )
