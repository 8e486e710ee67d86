"""``gongkai original``: the archived bytes of a report, and where they lie."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import click
from sqlite_utils import Database

from archive import find, warc
from archive.errors import ArchiveError, DamagedError
from archive.merges import reading
from archive.records import WarcLocation
from archive.rows import Row
from archive.site.original import file_name
from crawler.commands.options import data_folder
from pipelines.items import DATABASE, WARCS

EXIT_DAMAGED = 1


@click.command()
@click.argument("report", nargs=-1, metavar="[REPORT]")
@click.option("--document", type=int, metavar="ID", help="This original, whatever it carries.")
@click.option(
    "--all", "everything", is_flag=True, help="All originals: copies, earlier states, attachments, parts."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Save there; - is standard output. With --all: a folder.",
)
@data_folder
@click.pass_context
def original(
    context: click.Context,
    report: tuple[str, ...],
    document: int | None,
    everything: bool,
    out: Path | None,
    data: Path,
) -> None:
    """Say where the original of REPORT lies, and save its bytes if asked to.

    REPORT is an identifier, or issuer and year:

        gongkai original 益阳市资阳区人民政府 2020 --out report.html

    Without --all it is the original that the figures were read from. The SHA-256 of the bytes is
    checked against the archive's in any case; bytes that differ are never given out.

    \b
    Exit codes:
      0  found, and the bytes are those that were fetched
      1  there is no archive, or an original is missing or damaged
      2  REPORT is unknown or ambiguous; what may be meant is listed
    """
    if bool(report) == (document is not None):
        raise click.UsageError("name a REPORT, or an original by --document")
    database = data / DATABASE
    if not database.exists():
        raise click.ClickException(f"{database}: there is no archive; see: gongkai crawl --help")
    try:
        with reading(database) as db:
            rows = _chosen(db, " ".join(report), document, everything)
    except find.NoSuchReportError as error:
        raise click.UsageError(str(error)) from error
    except ArchiveError as error:
        raise click.ClickException(str(error)) from error
    if everything and out is not None and str(out) == "-":
        raise click.UsageError("--all gives several files: --out names a folder")
    told = sys.stderr if out is not None and str(out) == "-" else sys.stdout
    failed = 0
    for row in rows:
        failed += _one(row, data / WARCS, _target(row, out, everything), told)
    if failed:
        context.exit(EXIT_DAMAGED)


def _chosen(db: Database, words: str, document: int | None, everything: bool) -> Sequence[Row]:
    if document is not None:
        found = list(db.query("SELECT * FROM documents WHERE id = ?", [document]))
        if not found:
            raise find.NoSuchReportError(f"no original has the identifier {document}")
        return found
    report = find.report(db, words)
    where = "report = ?" if everything else "id = ?"
    key = report["id"] if everything else report["document"]
    sql = f"SELECT * FROM documents WHERE {where} ORDER BY id <> ?, outcome, url, fetched_at"  # noqa: S608
    return list(db.query(sql, [key, report["document"]]))


def _target(row: Row, out: Path | None, everything: bool) -> Path | None:
    if out is None or not everything:
        return out
    # The identifier first: two originals may have one name.
    return out / f"{row['id']}-{file_name(row['url'], row['kind'])}"


def _one(row: Row, warcs: Path, target: Path | None, told: IO[str]) -> bool:
    """Tell of one original and save it; gives whether that failed."""
    place = f"{row['warc_file']} at {row['warc_offset']}" if row["warc_file"] else "none"
    facts = [
        ("original", row["id"]),
        ("url", row["url"]),
        ("page", row["page_url"]),
        ("outcome", f"{row['outcome']}: {row['reason']}" if row["reason"] else row["outcome"]),
        ("fetched_at", row["fetched_at"]),
        ("sha256", row["sha256"]),
        ("bytes", f"{row['bytes']:,} ({row['kind'] or 'of no known kind'})"),
        ("warc", place),
    ]
    for name, value in facts:
        if value is not None:
            click.echo(f"{name:<10}  {value}", file=told)
    try:
        body = _bytes(row, warcs)
        if target is not None:
            _save(body, target)
            if str(target) != "-":
                click.echo(f"{'saved':<10}  {target}", file=told)
    except (ArchiveError, OSError) as error:
        click.echo(f"{'failed':<10}  {error}", err=True)
        return True
    finally:
        click.echo(file=told)
    return False


def _bytes(row: Row, warcs: Path) -> bytes:
    if row["warc_file"] is None:
        raise DamagedError("the archive never had a WARC record of it")
    body = warc.read(warcs, WarcLocation(row["warc_file"], row["warc_offset"], row["warc_length"])).body
    found = hashlib.sha256(body).hexdigest()
    if found != row["sha256"]:
        raise DamagedError(f"the record holds other bytes, with SHA-256 {found}")
    return body


def _save(body: bytes, target: Path) -> None:
    if str(target) == "-":
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(body)
