"""``gongkai reparse``: readings, or the whole database, made anew from the WARCs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from archive import decisions, find, replay
from archive.errors import ArchiveError
from archive.merges import reading
from archive.notes import Note, read_notes
from archive.replay import Group
from archive.store import Store
from archive.warc_files import Torn
from crawler.cluster import connect
from crawler.cluster.reading import AT_ONCE, ClusterReaders
from crawler.commands.ending import stoppable
from crawler.commands.options import cluster_option, data_folder, given, read_limits
from crawler.commands.reparse_words import in_words
from pipelines.items import DATABASE, WARCS
from pipelines.reading import MakeReaders, children
from pipelines.rebuild import rebuild
from pipelines.replay import Replayed, notes_of, read_before, replay_into
from pipelines.version import PARSER

EXIT_LEFT = 3


@click.command()
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="REPORT",
    help="Only this one: identifier, or issuer and year. May come again.",
)
@click.option("--since-parser", metavar="V", help="Only what a parser before version V has read, or none.")
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=os.cpu_count() or 1,
    show_default="one a core",
    metavar="N",
    help="Processes that read, here; for once also where the setting cluster names another place.",
)
@cluster_option("Read")
@click.option(
    "--into",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="NEW.db",
    help="Make a new database there and leave the archive's own alone.",
)
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="What changed as one JSON object.")
@data_folder
@click.pass_context
def reparse(
    context: click.Context,
    reports: tuple[str, ...],
    since_parser: str | None,
    workers: int,
    cluster: str,
    into: Path | None,
    dry_run: bool,
    as_json: bool,
    data: Path,
) -> None:
    """Read the originals in the WARCs again with today's parser, and say what changed.

    Asks nobody: the bytes and how they were found stand in the WARC files under DIR/warc. An issuer's
    originals are replaced in one transaction, and only where they read otherwise; so it may end at any
    moment (Ctrl-C, kill, power) and be run again. What a killed crawl had fetched and not stored comes in.

    If DIR/gongkai.db is missing, it is made anew, with what people decided by `gongkai copies`.
    Only the books of earlier reparses are in no WARC.

    \b
    Exit codes:
      0    done
      1    there is no archive, or it cannot be written
      2    the command makes no sense, or names no report
      3    done, but for what is listed as left: a WARC record is gone or damaged
      130  interrupted; what was done stays
    """
    if into is not None and (reports or since_parser or dry_run):
        raise click.UsageError(
            "--into makes a whole database; --report, --since-parser and --dry-run need one at hand"
        )
    database, warcs = data / DATABASE, data / WARCS
    torn: list[Torn] = []
    unread: list[str] = []
    try:
        with stoppable("what was done is stored, run it again for the rest"):
            if not warcs.is_dir():
                raise ArchiveError(f"{warcs}: there are no WARC files; see: gongkai crawl --help")
            here = not cluster or (given("workers") and not given("cluster"))
            readers = children(workers, limits=read_limits()) if here else _on(cluster)
            notes = read_notes(warcs, torn=torn, unread=unread)
            if into is not None or not database.exists():
                if reports or since_parser or dry_run:
                    raise ArchiveError(
                        f"{database}: there is no database to compare with; first: gongkai reparse"
                    )
                done = _rebuilt(into or database, notes, warcs, readers)
            else:
                done = _replayed(database, notes, warcs, readers, reports, since_parser, dry_run)
    except find.NoSuchReportError as error:
        raise click.UsageError(str(error)) from error
    except ArchiveError as error:
        raise click.ClickException(str(error)) from error
    done.left += [f"{one.file}: {one.cut} bytes after offset {one.kept} are no whole record" for one in torn]
    done.left += unread
    click.echo(_as_json(done, dry_run) if as_json else in_words(done, dry_run=dry_run))
    if done.left:
        context.exit(EXIT_LEFT)


def _on(cluster: str) -> MakeReaders:
    """The readers of a cluster, which is asked first whether it is there."""
    client = connect(cluster)
    limits = read_limits()
    return lambda extra: (ClusterReaders(client, extra, limits=limits), AT_ONCE)


def _rebuilt(target: Path, notes: Sequence[Note], warcs: Path, readers: MakeReaders) -> Replayed:
    bar = _Bar()
    try:
        return rebuild(target, notes, warcs, readers=readers, told=bar.step)
    finally:
        bar.close()


class _Undone(Exception):
    """Ends the transaction of a dry run."""


def _replayed(
    database: Path,
    notes: Sequence[Note],
    warcs: Path,
    readers: MakeReaders,
    reports: Sequence[str],
    since_parser: str | None,
    dry_run: bool,
) -> Replayed:
    with reading(database) as db:  # the archive itself says whether it is a demonstration
        demo = next(iter(db.query("SELECT value FROM about WHERE key = 'kind'")))["value"] == "demonstration"
    with Store(database, demo=demo) as store:
        groups = replay.groups(store.db, notes_of(notes))
        chosen = _chosen(store, groups, reports, since_parser)
        bar = _Bar()

        def run() -> Replayed:
            return replay_into(
                store,
                chosen,
                warcs,
                readers=readers,
                whole=len(chosen) == len(groups),
                decided=decisions.of(notes),
                told=lambda group: bar.step(len(chosen), group),
            )

        try:
            return _dry(store, run) if dry_run else _entered(store, run)
        finally:
            bar.close()


def _chosen(
    store: Store, groups: list[Group], reports: Sequence[str], since_parser: str | None
) -> list[Group]:
    chosen = groups if since_parser is None else read_before(store, groups, since_parser)
    if reports:
        wanted = {find.report(store.db, words)["id"] for words in reports}
        chosen = [group for group in chosen if wanted & set(group.reports)]
    return chosen


def _dry(store: Store, run: Callable[[], Replayed]) -> Replayed:
    """The same, and nothing of it stays."""
    done = Replayed()
    try:
        with store.writing():
            done = run()
            raise _Undone
    except _Undone:
        return done


def _entered(store: Store, run: Callable[[], Replayed]) -> Replayed:
    """The same, with a line in ``runs``."""
    number = store.start_run(None, command="reparse", parser=PARSER)
    reason = "error"
    done = Replayed()
    try:
        done = run()
        reason = "finished"
    except KeyboardInterrupt:
        reason = "shutdown"
        raise
    finally:
        new = sum(change.what == "new" for group in done.changes for change in group.reports)
        store.finish_run(number, reason=reason, stored=new, failed=len(done.left))
    return done


class _Bar:
    """Groups done of all, on a terminal."""

    def __init__(self) -> None:
        self._bar: Any = None

    def step(self, total: int, group: Group) -> None:
        if self._bar is None:
            hidden = not sys.stderr.isatty()
            self._bar = tqdm(total=total, unit="group", disable=hidden, file=sys.stderr, leave=False)
        self._bar.set_postfix(originals=len(group.notes), refresh=False)
        self._bar.update()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def _as_json(done: Replayed, dry_run: bool) -> str:
    return json.dumps({"parser": PARSER, "dry_run": dry_run, **asdict(done)}, ensure_ascii=False)
