"""``gongkai ingest``: reports from files into the archive."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import click

from archive import cdxj, notes
from archive.errors import ArchiveError
from archive.records import Context, Snapshot
from archive.store import Store
from archive.warc import WarcWriter
from crawler.commands.ending import stoppable
from crawler.commands.files import FileRefused, snapshot
from crawler.commands.options import data_folder, in_force, read_limits
from crawler.commands.parse import EXIT_UNREADABLE
from crawler.config import keys
from pipelines.across import prove
from pipelines.items import DATABASE, WARCS
from pipelines.keep import keep
from pipelines.reading import Reader
from pipelines.version import PARSER


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@data_folder
@click.option(
    "--portal-name", metavar="NAME", help="Who runs the site the files came from, e.g. 郑州市二七区人民政府."
)
@click.option("--division", metavar="CODE", help="Division code of that site, e.g. 410103.")
@click.pass_context
def ingest(
    context: click.Context, files: tuple[str, ...], data: Path, portal_name: str | None, division: str | None
) -> None:
    """Read reports from files as `gongkai parse` does, and store them with their originals.

    The bytes go into a WARC first, then the figures into the database; both are
    made if they are missing. A file
    that is already held changes nothing. What is no report, or whose issuer or
    year cannot be told, is kept with the reason.

    \b
    Exit codes:
      0    all files read
      1    the archive cannot be written (full, read-only, another writer); run it again for the rest
      3    at least one file could not be read
      130  interrupted; run it again for the rest
    """
    hints = Context(portal_name=portal_name, division=division)
    try:
        with stoppable("what was stored stays, run it again for the rest"):
            counts = _ingest(files, data, hints)
    except ArchiveError as error:
        raise click.ClickException(str(error)) from error
    click.echo(", ".join(f"{count} {action}" for action, count in sorted(counts.items())))
    if counts["unreadable"] or counts["failed"]:
        context.exit(EXIT_UNREADABLE)


def _ingest(files: tuple[str, ...], data: Path, hints: Context) -> Counter[str]:
    counts: Counter[str] = Counter()
    with Store(data / DATABASE) as store, _writer(data) as warcs:
        run = store.start_run(None, command="ingest", parser=PARSER)
        notes.write_run(warcs, store.run_state(run))
        try:
            _keep_all(store, warcs, run, files, hints, counts)
            prove(store)
            store.refresh_coverage()
            _finish(store, warcs, run, "finished", counts)
        except KeyboardInterrupt:
            _finish(store, warcs, run, "shutdown", counts)
            raise
        warcs.close()
        cdxj.merge(data / WARCS)
    return counts


def _writer(data: Path) -> WarcWriter:
    writer = WarcWriter(data / WARCS, "ingest", rotate_at=in_force(keys.WARC_SIZE))
    for torn in writer.mended:
        click.echo(f"{torn.file}: cut {torn.cut} bytes of a record that was never finished", err=True)
    return writer


def _keep_all(
    store: Store, warcs: WarcWriter, run: int, files: tuple[str, ...], hints: Context, counts: Counter[str]
) -> None:
    reader = Reader(store.extra_divisions(), limits=read_limits())
    try:
        for path in files:
            try:
                original = snapshot(path, hints)
            except FileRefused as error:
                counts["failed"] += 1
                store.add_issue(run, "file", path, str(error))
                click.echo(str(error), err=True)
                continue
            outcome = _keep(store, warcs, reader, original)
            counts[outcome[0]] += 1
            click.echo(f"{path}: {outcome[0]}" + (f" – {outcome[1]}" if outcome[1] else ""))
    finally:
        reader.close()


def _finish(store: Store, warcs: WarcWriter, run: int, reason: str, counts: Counter[str]) -> None:
    store.finish_run(
        run,
        reason=reason,
        stored=counts["stored"],
        unchanged=counts["unchanged"] + counts["reread"],
        revised=counts["revised"],
        copied=counts["copied"],
        refused=counts["refused"],
        failed=counts["failed"] + counts["unreadable"],
    )
    notes.write_run(warcs, store.run_state(run))


def _keep(store: Store, warcs: WarcWriter, reader: Reader, original: Snapshot) -> tuple[str, str | None]:
    held = next((known for known in store.held_at(original.url) if known.sha256 == original.sha256), None)
    try:
        before = store.original(held.document, warcs.folder) if held else None
    except ArchiveError:  # its record is gone or damaged, and here are the bytes again
        before = None
    # The original lies in the WARC before anything is read from it.
    location = before.warc if before else None
    if location is None:
        location = warcs.write_resource(
            name=original.url,
            body=original.body,
            fetched_at=original.fetched_at,
            media_type=original.media_type,
        )
    original = replace(original, warc=location)
    if before is None or before.context != original.context:
        notes.write_original(warcs, original)
    outcome = keep(store, original, reader.read(original), parse=reader.read, warcs=warcs.folder)
    return outcome.action, outcome.reason
