"""Is what lies on the disk what was written? Reads only; each check names what is wrong, one by one."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from archive import cdxj, decisions, times
from archive.derived import proof
from archive.errors import ArchiveError, DamagedError, named
from archive.merges import reading
from archive.notes import DecisionNote, OriginalNote, read_notes
from archive.records import WarcLocation
from archive.rows import Row
from archive.schema import TABLES
from archive.warc_files import OPEN, SUFFIX, Torn, in_use, plain_name
from archive.warc_read import read


@dataclass(frozen=True, slots=True)
class Checked:
    """One check."""

    name: str
    looked_at: int
    of: str
    """What was counted."""
    wrong: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.wrong


def sound(db: Database, path: Path) -> Iterator[Checked]:
    """SQLite's own two checks; the second only where the first finds nothing."""
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    try:
        with named(path):
            said = [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
    except DamagedError as error:  # so badly that the check itself cannot go on
        said = [str(error)]
    yield Checked("integrity_check", pages, "pages", tuple(said))
    if said:
        return
    broken = [
        f"{name} row {row}: points at a row of {target} that is not there"
        for name, row, target, _ in db.execute("PRAGMA foreign_key_check")
    ]
    tables = db.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0]
    yield Checked("foreign_key_check", tables, "tables", tuple(broken))


def originals(db: Database, warcs: Path, *, sample: int | None) -> Checked:
    """Every original, or a sample, is in its WARC record with its digest."""
    sql = """
        SELECT id, url, sha256, bytes, warc_file, warc_offset, warc_length FROM documents
        ORDER BY warc_file, warc_offset, id
    """
    rows = list(db.query(sql))
    if sample is not None and sample < len(rows):
        chosen = set(random.Random(proof.SEED).sample(range(len(rows)), sample))  # noqa: S311 - no secret
        rows = [row for number, row in enumerate(rows) if number in chosen]
    wrong = [f"{row['url']} ({row['id']}): {why}" for row in rows if (why := _original(row, warcs))]
    return Checked("originals", len(rows), "originals", tuple(wrong))


def _original(row: Row, warcs: Path) -> str | None:
    if row["warc_file"] is None:
        return "it has no WARC record"
    try:
        body = read(warcs, WarcLocation(row["warc_file"], row["warc_offset"], row["warc_length"])).body
    except ArchiveError as error:
        return str(error)
    if hashlib.sha256(body).hexdigest() != row["sha256"]:
        return f"the record in {row['warc_file']} at {row['warc_offset']} holds other bytes"
    return None if len(body) == row["bytes"] else f"{len(body)} bytes, {row['bytes']} in the database"


def worked_out(db: Database, *, sample: int | None) -> Iterator[Checked]:
    """What the store keeps in step with the tables is what working it out anew gives."""
    [reports] = db.execute("SELECT count(*) FROM reports").fetchone()
    looked = reports if sample is None else min(sample, reports)
    yield Checked("search index", looked, "reports", tuple(proof.search_wrong(db, sample=sample)))
    yield Checked("totals", reports, "reports", tuple(proof.totals_wrong(db)))
    yield Checked("counts", len(TABLES), "tables", tuple(proof.counts_wrong(db)))


def leftovers(database: Path, warcs: Path) -> Checked:
    """Files of a process that was killed. Those of one that lives are none."""
    wrong = []
    opened = sorted(warcs.glob("*" + SUFFIX + OPEN))
    for path in opened:
        if not in_use(path):
            wrong.append(f"{path.name}: left open by a process that was killed; the next crawl closes it")
    parts = sorted(database.parent.glob(database.name + ".rebuild"))
    wrong += [f"{path.name}: of a reparse that was killed; the next one begins anew" for path in parts]
    return Checked("leftovers", len(opened) + len(parts), "files", tuple(wrong))


def warc_files(db: Database, database: Path, warcs: Path) -> Iterator[Checked]:
    """Every WARC file is whole, and every original that one tells of is known to the archive at ``database``.

    ``db`` may be an older state of it. What a process is writing just now is left out of the second.
    """
    torn: list[Torn] = []
    unread: list[str] = []
    written, began = _being_written(warcs), times.text(times.now())
    notes = read_notes(warcs, torn=torn, unread=unread)
    written |= _being_written(warcs)
    wrong = [f"{one.file}: {one.cut} bytes after offset {one.kept} are no whole record" for one in torn]
    there = {plain_name(path.name) for path in warcs.iterdir() if SUFFIX in path.name}
    named = {row["warc_file"] for row in db.query("SELECT DISTINCT warc_file FROM documents")} - {None}
    wrong += [f"{name}: the database points into it, and it is not there" for name in sorted(named - there)]
    yield Checked("WARC files", len(there), "files", (*wrong, *unread))
    with reading(database) as now:  # a crawl may have begun and ended since ``db`` was opened
        yield _noted(now, [note for note in notes if isinstance(note, OriginalNote)], written)
        yield _decided(now, decisions.of(notes), written, began)


def _being_written(warcs: Path) -> set[str]:
    return {plain_name(path.name) for path in warcs.glob("*" + SUFFIX + OPEN) if in_use(path)}


def index(warcs: Path) -> Checked:
    """Every closed WARC file is in the CDXJ index or has its list beside it, and no other is named."""
    there = {path.name for path in warcs.glob("*" + SUFFIX)}
    # Of a writer that was killed as it closed one; the next closes it.
    opened = {plain_name(path.name) for path in warcs.glob("*" + SUFFIX + OPEN)}
    named = cdxj.files_named(warcs)
    # A visit that was never answered has a file without anything to index.
    lacking = [name for name in sorted(there - named) if cdxj.lines(warcs / name)]
    wrong = [f"{name}: not in {cdxj.INDEX}; see: gongkai check --index" for name in lacking]
    wrong += [f"{cdxj.INDEX} names {name}, which is not there" for name in sorted(named - there - opened)]
    return Checked("index", len(there), "files", tuple(wrong))


def _noted(db: Database, notes: Sequence[OriginalNote], written: Collection[str]) -> Checked:
    known = {row["url"] for row in db.query("SELECT DISTINCT url FROM documents")}
    noted = [note.original for note in notes if note.original.record.file not in written]
    wrong = {
        f"{original.url}: fetched and not in the database (in {original.record.file}); see: gongkai reparse"
        for original in noted
        if original.url not in known
    }
    return Checked("notes", len(noted), "originals noted", tuple(sorted(wrong)))


def _decided(db: Database, notes: Sequence[DecisionNote], written: Collection[str], began: str) -> Checked:
    """The database and the WARCs tell of the same decisions."""
    found = decisions.compare(db, notes)
    under_way = {(note.decided.report, note.decided.url) for note in notes if note.file in written}
    behind = [one for one in (*found.to_split, *found.to_join) if (one.report, one.url) not in under_way]
    wrong = [
        f"{one.url}: {one.action} is decided and not carried out; see: gongkai reparse" for one in behind
    ]
    wrong += [f"{row['url']}: taken out by a decision that no WARC file tells of" for row in found.unnoted]
    return Checked("decisions", len(notes), "decisions noted", tuple(wrong))
