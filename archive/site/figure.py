"""The page of one figure: what it is, where it stands in the original, what it adds up with."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path

from archive import times, warc
from archive.errors import ArchiveError
from archive.records import Snapshot, WarcLocation
from archive.rows import load_context
from archive.seen import Seen
from archive.site import report, sums
from archive.site.figures import Figure, FigureTable
from archive.site.place import Excerpt, Glass, excerpt
from archive.site.rows import Row, many, one

#: Kinds of original that are read again for a visitor in a second or a few: not pictures, which OCR
#: takes minutes for, and nothing that LibreOffice would have to convert.
_READ = frozenset({"html", "text", "docx", "pdf", "ofd"})


@dataclass(frozen=True, slots=True)
class FigurePage:
    """One cell of one report."""

    report: Row
    table: FigureTable
    figure: Figure
    document: Row | None
    parts: tuple[Row, ...]
    sums: tuple[sums.Sum, ...]
    changes: tuple[Row, ...]


_PARTS = """
select d.* from _parts as p join documents as d on d.id = p.part
where p.document = ? order by p.number"""


def load(conn: sqlite3.Connection, ident: int, cell: str) -> FigurePage | None:
    """The page of ``table.line.column`` of a report; ``None`` where the report has no such cell."""
    key, _, rest = cell.partition(".")
    row, _, column = rest.rpartition(".")  # a line of a province's own may have dots in its label
    page = report.load(conn, ident)
    table = next((t for t in page.tables if t.key == key), None) if page else None
    figure = table.figures.get((row, column)) if table else None
    if page is None or table is None or figure is None:
        return None
    changes = many(
        conn,
        "select c.*, v.seen_at from changes as c join revisions as v "
        "on v.report = c.report and v.number = c.revision "
        "where c.report = ? and c.table_key = ? and c.line = ? and c.column_key = ? order by c.revision desc",
        (ident, key, row, column),
    )
    return FigurePage(
        report=page.row,
        table=table,
        figure=figure,
        document=page.document,
        parts=page.parts,
        sums=tuple(one for one in sums.sums(table) if one.has(row, column)),
        changes=tuple(changes),
    )


@dataclass(frozen=True, slots=True)
class Original:
    """A document with the further pages and pictures it goes on in, and the report it carries."""

    document: Row
    parts: tuple[Row, ...]
    report: Row | None


def original(conn: sqlite3.Connection, ident: int) -> Original | None:
    """A document by its id, or ``None``."""
    row = one(conn, "select * from documents where id = ?", (ident,))
    if row is None:
        return None
    parts = tuple(many(conn, _PARTS, (ident,)))
    carried = one(conn, "select id, title, year, agency from reports where id = ?", (row["report"],))
    return Original(row, parts, carried)


@dataclass(frozen=True, slots=True)
class View:
    """A place and its surroundings, or why they cannot be shown (a key under ``place.cannot``, or words)."""

    place: str | None
    excerpt: Excerpt | None = None
    cannot: str | None = None
    message: str = ""


def view(
    document: Row | None,
    parts: tuple[Row, ...],
    place: str | None,
    cell: tuple[str, str, str] | None,
    glass: Glass | None,
    folder: Path,
) -> View:
    """Look at a place. ``cell``: take the very cell's place, where the archive knows its line only.

    Reads the WARC and perhaps the original, so it does not belong into the event loop.
    """
    if document is None or not document["warc_file"]:
        return View(place, cannot="nowarc")
    kinds = {row["kind"] for row in (document, *parts)}
    if not kinds <= _READ:
        return View(place, cannot="scan" if kinds & {"png", "jpg", "tif"} else "kind")
    if glass is None:
        return View(place, cannot="look")
    try:
        seen = glass.see(document["id"], lambda: _snapshot(document, parts, folder))
    except (ArchiveError, OSError):
        return View(place, cannot="nowarc")
    if seen is None:
        return View(place, cannot="busy")
    if seen.error is not None:
        return View(place, cannot="error", message=seen.error)
    return _found(seen, place, cell)


def _found(seen: Seen, place: str | None, cell: tuple[str, str, str] | None) -> View:
    exact = seen.places.get(cell) if cell else None
    # The stored place stands; today's reading may only say more of it.
    if exact is not None and (place is None or exact.startswith(f"{place}/")):
        place = exact
    if place is None:
        return View(None)
    around = excerpt(seen, place)
    return View(place, around, None if around else "gone")


def _snapshot(document: Row, parts: tuple[Row, ...], folder: Path) -> Snapshot:
    """The original as a parser takes it; raises ``ArchiveError`` if its bytes are gone or damaged."""
    location = WarcLocation(document["warc_file"], document["warc_offset"], document["warc_length"])
    read = warc.read(folder, location).snapshot(
        role=document["role"], context=load_context(document["context"])
    )
    return replace(
        read,
        url=document["url"],
        fetched_at=times.read(document["fetched_at"]),
        media_type=document["media_type"],
        parts=tuple(_snapshot(part, (), folder) for part in parts if part["warc_file"]),
    )
