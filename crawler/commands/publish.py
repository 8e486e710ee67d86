"""``gongkai publish``: a checked copy of the archive for a public site."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from archive.check import Checked
from archive.errors import ArchiveError
from archive.merges import reading
from archive.publish import Published, RefusedError
from archive.publish import publish as publish_archive
from archive.serve import NoArchiveError
from archive.serve import check as check_archive
from archive.store import Store
from crawler.commands.check import against_originals, sound, tell
from crawler.commands.options import data_folder
from pipelines.across import prove
from pipelines.items import DATABASE, WARCS

EXIT_REFUSED = 3
#: Checks of what the next crawl puts in order by itself and no reader ever meets.
_NO_REASON = ("leftovers", "index")


@click.command()
@click.argument("target", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--sample",
    type=click.IntRange(min=1),
    metavar="N",
    help="Check N originals and N reports only, and not every WARC file.",
)
@click.option("--json", "as_json", is_flag=True, help="Checks and result as one JSON object.")
@data_folder
@click.pass_context
def publish(context: click.Context, target: Path, sample: int | None, as_json: bool, data: Path) -> None:
    """Check the archive and put a copy for readers at FILE, in place of an earlier one.

    The copy is of one moment, though a crawl may go on writing. What reports say of each other
    is completed in it, and it has to pass what `gongkai check` looks at in the archive itself; else
    nothing is published. It takes its name in one step: whoever reads FILE, and a machine that loses
    its power, meets the old copy or the new one. A site takes it up by itself:

        gongkai serve --published FILE

    Leftovers of killed processes and a lacking index are told and no reason to refuse.

    \b
    Exit codes:
      0  published
      1  there is no archive, or FILE cannot be written or is something else
      3  refused: a check found something; the old copy stays
    """
    database, warcs = data / DATABASE, data / WARCS
    found: list[Checked] = []

    def prepare(copy: Path) -> None:
        found.extend(sound(copy))
        if all(one.ok for one in found):  # else its rows are nothing to build on
            _complete(copy)
            found.extend(against_originals(copy, database, warcs, sample))
        wrong = [one.name for one in found if not one.ok and one.name not in _NO_REASON]
        if wrong:
            raise RefusedError(f"not published, because of: {', '.join(wrong)}")

    done: Published | None = None
    refused: RefusedError | None = None
    try:
        check_archive(database)
        done = publish_archive(database, target, prepare)
    except RefusedError as error:
        refused = error
    except (ArchiveError, NoArchiveError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        _tell_json(found, target, done)
    else:
        tell(found)
        if done is not None:
            click.echo(f"{target}: {done.reports:,} reports, {done.bytes:,} bytes")
    if refused is not None:
        click.echo(f"Error: {refused}", err=True)
        context.exit(EXIT_REFUSED)


def _complete(copy: Path) -> None:
    """Work off what a crawl under way, or one that was killed, has left to prove."""
    with reading(copy) as db:
        demo = next(iter(db.query("SELECT value FROM about WHERE key = 'kind'")))["value"] == "demonstration"
    with Store(copy, demo=demo) as store:
        prove(store)
        store.refresh_coverage()


def _tell_json(found: list[Checked], target: Path, done: Published | None) -> None:
    told = {
        "checks": [asdict(one) | {"ok": one.ok} for one in found],
        "published": None if done is None else {"file": str(target), **asdict(done)},
    }
    click.echo(json.dumps(told, ensure_ascii=False))
