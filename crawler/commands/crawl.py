"""``gongkai crawl``: visit portals, keep and read what is new."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from archive.errors import ArchiveError
from crawler import logs
from crawler.cluster import ClusterError, connect
from crawler.cluster.crawling import Wanted
from crawler.cluster.crawling import crawl as crawl_on
from crawler.cluster.shards import LIST, Shards
from crawler.commands.ending import EXIT_INTERRUPTED
from crawler.commands.options import (
    SHARDS,
    cluster_option,
    data_folder,
    in_force,
    place_of_shards,
    portals_folder,
    read_limits,
    shards_option,
)
from crawler.config import keys as settings
from crawler.runner import CrawlFailedError
from crawler.runner import crawl as run
from crawler.summary import CrawlSummary
from spiders.portals import Portal, RegistryError, load

#: Exit codes, besides click's 2 for a command that makes no sense.
EXIT_TROUBLED = 3
EXIT_NOTHING = 4
EXIT_FAILED = 5
EXIT_DIED = 6


@click.command()
@click.argument("keys", nargs=-1, metavar="[PORTAL]…")
@click.option("--year", type=click.IntRange(1990, 2100), metavar="Y", help="Only reports on this year.")
@click.option("--sample", type=click.IntRange(min=1), metavar="N", help="At most N reports a portal.")
@click.option("--all", "refetch", is_flag=True, help="Fetch again what the archive has settled.")
@cluster_option("Visit and read")
@shards_option
@data_folder
@portals_folder
@click.pass_context
def crawl(
    context: click.Context,
    keys: tuple[str, ...],
    year: int | None,
    sample: int | None,
    refetch: bool,
    cluster: str,
    shards: str | None,
    data: Path,
    folder: Path | None,
) -> None:
    """Visit PORTALs (keys of the registry; none: all that are neither gone nor blocked).

    Lists are read anew each time; reports that are in the archive are left alone, so a second
    run costs a portal only its lists. --all fetches them again and so finds reports that were
    altered in silence. --year goes by title and list date; where neither tells, the report is
    fetched.

    Every answer goes into the WARC under DIR/warc before it is read. One request at a time and
    three seconds apart (more or less) for each site; robots.txt is obeyed; a host that answers with a
    challenge is recorded and asked no more. The User-Agent names GONGKAI_CONTACT, without which
    no real portal is asked. A bar shows pages, reports and findings on a terminal; elsewhere the
    log is one JSON object a line, on stderr. Ctrl-C ends after the requests under way, a second one at once.

    \b
    Exit codes:
      0  every list was read, nothing failed
      2  the command or an entry of the registry is wrong
      3  something failed on some portals: see "failed", and the table run_issues
      4  no portal gave a single report link
      5  the archive cannot be written (full, read-only, another writer); run it again for the rest
      6  the crawl died of something else
      130  interrupted
    """
    portals = _chosen(keys, folder)
    demo = in_force(settings.DEMO)
    if not in_force(settings.CONTACT) and not demo:
        raise click.UsageError(
            "set GONGKAI_CONTACT to an e-mail or web address at which a portal's webmaster can reach you"
        )
    place = place_of_shards(cluster, shards, data)
    wanted = Wanted(year=year, sample=sample, refetch_all=refetch, demo=demo)
    try:
        if not cluster:
            of_shards(data)
            summary = run(portals, data=data, **asdict(wanted))
        else:
            summary = _on(cluster, place, portals, wanted, data)
    except ClusterError as error:
        raise click.ClickException(str(error)) from error
    except (CrawlFailedError, ArchiveError) as error:
        click.echo(f"Error: {error}", err=True)
        context.exit(EXIT_DIED if type(error) is CrawlFailedError else EXIT_FAILED)
    click.echo(summary.in_words())
    if summary.fault:
        click.echo(f"Error: {summary.fault}", err=True)
    context.exit(exit_code(summary))


def _on(cluster: str, shards: str, portals: Sequence[Portal], wanted: Wanted, data: Path) -> CrawlSummary:
    """The crawl on the workers of a cluster, which is asked first whether it is there."""
    place, client = Shards(shards), connect(cluster)
    data.mkdir(parents=True, exist_ok=True)
    logs.configure(terminal=sys.stderr.isatty())
    return crawl_on(client, portals, wanted, data=data, shards=place, limits=read_limits())


def of_shards(data: Path) -> None:
    """Say what a crawl on a cluster left that nobody has taken in."""
    if left := len(list((data / SHARDS).glob(f"*/{LIST}"))):
        click.echo(f"{left} shards wait in {data / SHARDS}: gongkai crawl --cluster takes them in.", err=True)


def exit_code(summary: CrawlSummary) -> int:
    """The exit code that a crawl's outcome deserves."""
    if summary.interrupted:
        return EXIT_INTERRUPTED
    if summary.fault or any(one.finish_reason in ("archive", "archive_failed") for one in summary.portals):
        return EXIT_FAILED
    if summary.found == 0:
        return EXIT_NOTHING
    return EXIT_TROUBLED if any(portal.troubled for portal in summary.portals) else 0


def _chosen(keys: Sequence[str], folder: Path | None) -> list[Portal]:
    try:
        registry = load(folder)
    except RegistryError as error:
        raise click.UsageError(str(error)) from error
    unknown = [key for key in keys if key not in registry]
    if unknown:
        raise click.UsageError(f"no portal {', '.join(unknown)} in the registry; see: gongkai portals list")
    if keys:
        return [registry[key] for key in dict.fromkeys(keys)]
    chosen = [p for p in registry.values() if p.status != "gone" and not p.status.startswith("blocked:")]
    if len(chosen) < len(registry):
        left = len(registry) - len(chosen)
        click.echo(f"{left} portals that are gone or blocked are left out; name them to try.", err=True)
    return chosen
