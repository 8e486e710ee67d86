"""``gongkai wacz``: the WARC files as one file for ReplayWeb.page."""

from __future__ import annotations

from pathlib import Path

import click

from archive import wacz as archive_wacz
from archive.errors import ArchiveError
from archive.merges import reading
from crawler.commands.options import data_folder
from pipelines.items import DATABASE, WARCS


@click.command()
@click.argument("target", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@data_folder
def wacz(target: Path, data: Path) -> None:
    """Pack the WARC files into FILE (WACZ 1.1.1), with an index and the reports' pages by their titles.

    Open it with https://replayweb.page or pywb, or hand it to whoever keeps web archives. WARC files
    that a crawl is still writing are left out and named. Needs the extra: pip install gongkai[wacz].

    Exit codes: 0 written, 1 there is no archive, no WARC file or no extra, or FILE cannot be written.
    """
    database = data / DATABASE
    if not database.exists():
        raise click.ClickException(f"{database}: there is no archive; see: gongkai crawl --help")
    try:
        with reading(database) as db:
            done = archive_wacz.write(db, data / WARCS, target)
    except ArchiveError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{target}: {done.warcs:,} WARC files, {done.pages:,} pages, {done.bytes:,} bytes")
    for name in done.left:
        click.echo(f"left out, still open: {name}")
