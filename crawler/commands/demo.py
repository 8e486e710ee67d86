"""``gongkai demo``: the whole job on sample portals on loopback, checked against what they published."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive import lock
from archive.divisions import DEFAULT
from archive.errors import ArchiveError
from archive.serve import serve as serve_archive
from archive.store import TIMEOUT, Store
from crawler import verify
from crawler.budget import FILE as BUDGET
from crawler.commands.ending import EXIT_INTERRUPTED
from crawler.logs import FOLDER
from crawler.runner import crawl
from crawler.summary import CrawlSummary
from pipelines.items import DATABASE, WARCS
from pipelines.looking import Looker
from spiders.portals import Portal, from_entry

if TYPE_CHECKING:
    from demo.server import DemoPortals

#: What the crawls had to say, a JSON object a line.
LOG = "crawl.log"
#: Exit code when the archive differs from what the portals published.
EXIT_DIFFERS = 1


@click.command()
@click.option("--serve/--no-serve", "serving", default=True, help="Open the archive in Datasette when done.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address Datasette listens on.")
@click.option("--port", default=8001, show_default=True, help="Its port; 0 takes a free one.")
@click.option(
    "--seed",
    default=1,
    show_default=True,
    help="Decides the invented figures; the same seed, the same pages.",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("data/demo"),
    show_default=True,
    help="Folder of the demonstration; its archive is made anew.",
)
@click.pass_context
def demo(context: click.Context, serving: bool, host: str, port: int, seed: int, data: Path) -> None:
    """Crawl sample portals on this machine and check the archive against what they published.

    Starts small portals on loopback, one a CMS family, with real reports and
    invented ones among look-alikes; crawls them, crawls them again (nothing may
    change), lets one report be edited silently and crawls a third time. Then
    compares every cell, copy and revision with what was published. Nothing
    leaves the machine, and the archive under data/demo is kept apart from real
    data.

    Exit codes: 0 all as published, 1 something differs, 130 interrupted.
    """
    # The demonstration draws a PDF with reportlab, which is an extra: the other commands do without.
    from demo.server import DemoPortals

    try:
        _clear(data)
    except (ArchiveError, OSError) as error:
        raise click.ClickException(str(error)) from error
    with DemoPortals(seed=seed) as portals:
        results = []
        for result in _run(portals, data):
            results.append(result)
            _tell(result)
        failed = [result for result in results if not result.ok]
        if failed:
            click.secho(f"{len(failed)} of {len(results)} comparisons differ.", fg="red", err=True)
        else:
            click.secho(f"All {len(results)} comparisons hold.", fg="green")
        click.echo(f"Archive: {data / DATABASE}   originals: {data / WARCS}   log: {data / LOG}")
        if serving and not failed:
            # The portals go on running, so that the live links in the archive answer.
            serve_archive(data / DATABASE, host=host, port=port, look=Looker())
    if failed:
        context.exit(EXIT_DIFFERS)


def _clear(data: Path) -> None:
    """Remove an earlier demonstration, unless it is being written: only what gongkai itself put there."""
    data.mkdir(parents=True, exist_ok=True)
    with lock.held(data / DATABASE, timeout=TIMEOUT):
        for path in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", BUDGET, LOG):
            data.joinpath(path).unlink(missing_ok=True)
        for folder in (WARCS, FOLDER):
            shutil.rmtree(data / folder, ignore_errors=True)


def _run(portals: DemoPortals, data: Path) -> Iterator[verify.Result]:
    database = data / DATABASE
    registry = [from_entry(entry) for entry in portals.registry]
    with Store(database, demo=True) as store:
        store.load_divisions(DEFAULT.with_extra(portals.divisions).rows())
    click.echo(
        f"{len(registry)} sample portals on loopback, {len(portals.manifest.reports)} reports published."
    )

    click.echo(_words("first crawl", _crawl(registry, data)))
    db = verify.connect(database)
    try:
        yield from verify.everything(db, data / WARCS, portals.manifest, portals.requests)
    finally:
        db.close()

    before = verify.fingerprint(database)
    click.echo(_words("second crawl", _crawl(registry, data)))
    yield verify.unchanged(before, verify.fingerprint(database))

    portals.edit()
    click.echo(_words("third crawl, one report edited", _crawl(registry, data, refetch_all=True)))
    db = verify.connect(database)
    try:
        yield verify.edited(db, portals.manifest)
        yield from verify.everything(db, data / WARCS, portals.manifest, portals.requests)
    finally:
        db.close()


def _crawl(registry: Sequence[Portal], data: Path, *, refetch_all: bool = False) -> CrawlSummary:
    # The sample portals give trouble on purpose; their warnings would bury what is compared.
    summary = crawl(registry, data=data, demo=True, refetch_all=refetch_all, log_file=data / LOG)
    if summary.interrupted:
        raise click.exceptions.Exit(EXIT_INTERRUPTED)
    return summary


def _words(name: str, summary: CrawlSummary) -> str:
    return (
        f"{name}: {summary.requests} requests, {summary.found} found, {summary.known} known, "
        f"{summary.stored} stored, {summary.copied} copies, {summary.revised} revised, "
        f"{summary.unchanged} unchanged, in {summary.seconds:.1f} s"
    )


def _tell(result: verify.Result) -> None:
    if result.ok:
        click.echo(f"  ✓ {result.what}")
        return
    click.secho(f"  ✗ {result.what}", fg="red")
    for line in result.differences[:10]:
        click.echo(f"      {line}")
    if len(result.differences) > 10:
        click.echo(f"      … and {len(result.differences) - 10} more")
