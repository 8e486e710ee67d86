"""``gongkai prove``: reports against each other."""

from __future__ import annotations

from pathlib import Path

import click

from archive.errors import ArchiveError
from archive.store import Store
from crawler.commands.options import data_folder, demo_archive
from pipelines.across import prove as prove_archive
from pipelines.items import DATABASE


@click.command()
@click.option("--all", "everything", is_flag=True, help="All issuers, not only those with changed reports.")
@data_folder
@demo_archive
def prove(everything: bool, data: Path, demo: bool) -> None:
    """Check the reports of the archive against each other.

    Each issuer's report against its year before: what was carried over (Y1), the
    documents in force (Y2), the items (Y3); a government's consolidated figures
    against the sum of the bodies below it (H1); how many sentences are last year's;
    which other originals, of another issuer or of none, have nearly its text and no
    other figure (near copies, see `gongkai copies`).
    A figure whose boundaries one report lost is settled where the years around it
    leave one reading, and is marked as inferred with its evidence.

    A crawl and an ingest do this for the issuers they bring reports of. Needed
    after one that was killed, and with --all after divisions were changed. Fetches
    nothing; doing it again changes nothing.

    Exit codes: 0 done, 1 there is no archive or it cannot be written.
    """
    database = data / DATABASE
    if not database.exists():
        raise click.ClickException(f"{database}: there is no archive; see: gongkai crawl --help")
    try:
        with Store(database, demo=demo) as store:
            proof = prove_archive(store, store.all_agencies() if everything else None)
    except ArchiveError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"issuers proved: {proof.issuers}, reports changed: {proof.changed}")
