"""``gongkai check``: does the archive hold together?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from archive import cdxj, lock, printable
from archive import check as archive_check
from archive.check import Checked
from archive.errors import ArchiveError
from archive.merges import reading
from archive.store import TIMEOUT
from crawler import standing
from crawler.commands.options import data_folder, in_force
from crawler.config import keys
from pipelines.items import DATABASE, WARCS
from pipelines.recheck import identities_again

EXIT_WRONG = 1
EXIT_TROUBLED = 3
#: What is wrong is listed so far for each check; --json has all.
_LISTED = 20


@click.command()
@click.option(
    "--sample",
    type=click.IntRange(min=1),
    metavar="N",
    help="Look at N originals and N reports only, and not through every WARC file.",
)
@click.option("--index", "reindex", is_flag=True, help="First make the CDXJ index of the WARC files anew.")
@click.option("--json", "as_json", is_flag=True, help="The checks as one JSON list.")
@data_folder
@click.pass_context
def check(context: click.Context, sample: int | None, reindex: bool, as_json: bool, data: Path) -> None:
    """Look whether the archive is whole and its portals give what they should.

    Without --index it changes nothing.

    \b
    integrity_check    SQLite's own check of the file
    foreign_key_check  no row points at one that is not there
    originals          every original is in its WARC record, with its SHA-256
    search index       it finds the words of every report, and no others
    totals, counts     sums and numbers of rows are what adding up and counting give
    leftovers          files of a process that was killed
    WARC files         every file is whole, and none that the database names is missing
    notes              what a crawl fetched as an original is in the database
    decisions          what people decided on copies is in the database and in a WARC
    index              the CDXJ index of the WARC files has them all
    identities         the sums of every report, worked out again from its cells, are its findings
    coverage           who has filed for which year follows from the reports
    expectations       each portal was last found to give what it should; see: gongkai status

    The same sample is taken each time. A crawl may go on meanwhile; what it has just
    fetched and not stored is left out of the notes, and coverage is looked at when it has ended.
    Portals whose entries say that they are gone or blocked are left out of the expectations.

    \b
    Exit codes:
      0  all is well
      1  something is wrong with the archive, or there is none
      2  the command or a setting is wrong
      3  the archive is whole; some portal does not give what it should
    """
    database = data / DATABASE
    if not database.exists():
        raise click.ClickException(f"{database}: there is no archive; see: gongkai crawl --help")
    try:
        if reindex:
            with lock.held(database, timeout=TIMEOUT):
                count = cdxj.rebuild(data / WARCS)
            click.echo(f"{cdxj.INDEX} made anew from {count} WARC files", err=True)
        found = list(checks(database, data / WARCS, sample))
        if all(one.ok for one in found[:2]):  # else a row may point at nothing
            known = standing.left_out(in_force(keys.PORTALS))
            found += [standing.covered(database), standing.expectations(database, known)]
    except ArchiveError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps([asdict(one) | {"ok": one.ok} for one in found], ensure_ascii=False))
    else:
        tell(found)
    context.exit(_code(found))


def _code(found: Sequence[Checked]) -> int:
    wrong = {one.name for one in found if not one.ok}
    if wrong - {standing.EXPECTATIONS}:
        return EXIT_WRONG
    return EXIT_TROUBLED if wrong else 0


def checks(database: Path, warcs: Path, sample: int | None) -> Iterator[Checked]:
    """All checks of what was written; only the first two of a file that is damaged: what it says is no
    evidence of anything."""
    found = sound(database)
    yield from found
    if found[0].ok:
        yield from against_originals(database, database, warcs, sample)


def sound(database: Path) -> list[Checked]:
    """SQLite's own checks."""
    with reading(database) as db:
        return list(archive_check.sound(db, database))


def against_originals(copy: Path, database: Path, warcs: Path, sample: int | None) -> Iterator[Checked]:
    """The others, of ``copy``, which is the archive at ``database`` or an earlier state of it."""
    with reading(copy) as db:
        yield archive_check.originals(db, warcs, sample=sample)
        yield from archive_check.worked_out(db, sample=sample)
        yield archive_check.leftovers(database, warcs)
        if sample is None:
            yield from archive_check.warc_files(db, database, warcs)
            yield archive_check.index(warcs)
        yield identities_again(db, sample=sample)


def tell(found: Sequence[Checked]) -> None:
    """One line a check, then what is wrong."""
    width = max(len(one.name) for one in found)
    for one in found:
        state = "ok" if one.ok else f"{len(one.wrong):,} wrong"
        click.echo(f"{one.name:<{width}}  {one.looked_at:>9,} {one.of:<15}  {state}")
    for one in found:
        for line in one.wrong[:_LISTED]:
            click.echo(f"{one.name}: {printable.line(line)}")
        if len(one.wrong) > _LISTED:
            click.echo(f"{one.name}: … and {len(one.wrong) - _LISTED:,} more; --json has all")
