"""``gongkai copies``: what dedupe joined, seen side by side, undone and done again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import click
from sqlite_utils import Database

from archive import merges, near, textdiff, times
from archive.candidates import Candidate, CellState, CopyReason
from archive.errors import ArchiveError
from archive.near import NEAR
from archive.store import Store
from archive.warc import WarcWriter
from archive.wording import COPY_REASONS, cell_label
from crawler.commands.group import Group
from crawler.commands.options import data_folder, demo_archive
from pipelines import copies as decisions
from pipelines.across import prove
from pipelines.items import DATABASE, WARCS
from pipelines.likeness import likeness

_of_report = click.option(
    "--report", type=int, metavar="ID", help="Out of this report, where DOCUMENT is joined to several."
)
_json = click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")


@click.group(cls=Group, invoke_without_command=True)
@click.pass_context
def copies(context: click.Context) -> None:
    """Review what was joined into one report, and undo it where it is wrong.

    Originals with one issuer and year are one report: one of them carries the
    figures, the others are its copies, each with the reason why. A copy with the reason
    `near` has nearly the same text and no other figure, but reads as another issuer's
    report, or as nobody's; it stays what it is, and is joined by `gongkai prove`. `list` shows
    them, `show` compares two cell by cell, `split` takes one out of its report and
    `join` puts it back. A split is a decision: later crawls and readings of the
    same address respect it, whatever it shows by then. It is noted in a WARC file too,
    so that `gongkai reparse` brings it back into a lost database.
    """
    if context.invoked_subcommand is None:
        with list_copies.make_context("list", [], parent=context) as listing:
            list_copies.invoke(listing)


@contextmanager
def _archive(data: Path) -> Iterator[Path]:
    database = data / DATABASE
    if not database.exists():
        raise click.ClickException(f"{database}: there is no archive; see: gongkai crawl --help")
    try:
        yield database
    except ArchiveError as error:
        raise click.ClickException(str(error)) from error


@copies.command("list")
@data_folder
@click.option("--report", type=int, metavar="ID", help="Of this report only.")
@click.option("--reason", type=click.Choice(get_args(CopyReason)), help="With this reason only.")
@_json
def list_copies(data: Path, report: int | None, reason: str | None, as_json: bool) -> None:
    """List the copies with the reason each was joined for, and the decisions.

    The percentages say how many of the figures agree and how alike the texts are
    (runs of five characters that both have, of all). What was taken out by
    decision is listed last; with --reason it is left out.

    Exit codes: 0 listed (be it nothing), 1 there is no archive.
    """
    with _archive(data) as database, merges.reading(database) as db:
        joined = merges.merged(db, report=report, reason=reason)
        out = [] if reason else merges.split(db, report=report)
    if as_json:
        for kind, rows in (("copy", joined), ("split", out)):
            for row in rows:
                click.echo(json.dumps({"kind": kind, **row}, ensure_ascii=False))
        return
    seen: int | None = None
    for row in joined:
        if row["report"] != seen:
            seen = row["report"]
            click.echo(f"{row['agency']} {row['year']} (report {seen})")
            click.echo(f"  figures from {row['current']}  {row['current_url']}")
        click.echo(f"  {row['document']}  {row['url']}")
        whose = f" ({row['other_agency']})" if row["reason"] == NEAR and row["other_agency"] else ""
        click.echo(f"      {row['reason']}{_agree(row)}: {COPY_REASONS[row['reason']]}{whose}")
    for row in out:
        click.echo(f"taken out of {row['agency']} {row['year']} (report {row['report']}):")
        click.echo(f"  {row['document']}  {row['url']}")
        click.echo(f"      {row['decided_at']}: {row['reason']}")
    click.echo(f"copies: {len(joined)}" + ("" if reason else f", taken out by decision: {len(out)}"))


def _agree(row: Mapping[str, Any]) -> str:
    """How alike they are, where there is something to compare."""
    told = ""
    if row["reason"] not in ("page", "no_figures"):
        told += f", {100 * row['likeness']:.1f} % of the figures agree"
    if row["text_likeness"] is not None:
        told += f", text {100 * row['text_likeness']:.1f} % alike"
    return told


@copies.command()
@click.argument("document", type=int)
@click.argument("other", type=int, required=False)
@data_folder
@click.option("--all", "everything", is_flag=True, help="Every cell, not only those that differ.")
@click.option("--text", "with_text", is_flag=True, help="The sentences that differ, too.")
@_json
def show(
    document: int, other: int | None, data: Path, everything: bool, with_text: bool, as_json: bool
) -> None:
    """Show two originals side by side: the cells in which they differ.

    OTHER is the original that carries the report's figures, if it is not named.
    A cell is what the original says by itself; a status in brackets says why it
    has no number.

    Exit codes: 0 shown, 1 no archive, or one of them carries no report.
    """
    with _archive(data) as database, merges.reading(database) as db:
        report, left = merges.side(db, document)
        if other is None:
            # Of a near copy that is a report of its own: the report it is laid over.
            laid = near.of_report(db, document)
            alone = report is not None and db.table("reports").get(report)["document"] == document
            report = laid[0] if alone and laid else report
            if report is None:
                raise merges.NotMergedError(
                    f"document {document} is no copy of any report; name the other one"
                )
            other = int(db.table("reports").get(report)["document"])
        right = merges.side(db, other)[1]
        about = [_about(db, one) for one in (left, right)]
    found = merges.differences(left.figures, right.figures, everything=everything)
    diff = textdiff.unified(left.sentences, right.sentences)
    same_text = diff is None
    alike = likeness("\n".join(left.sentences), "\n".join(right.sentences))
    if as_json:
        cells = [
            {"table": d.cell.table, "row": d.cell.line, "column": d.cell.column}
            | {"left": _state(d.left), "right": _state(d.right)}
            for d in found
        ]
        both = {"left": about[0], "right": about[1], "same_text": same_text, "text_likeness": alike}
        both |= {"text_diff": diff, "cells": cells}
        click.echo(json.dumps(both, ensure_ascii=False))
        return
    for side, one in zip(("left ", "right"), about, strict=True):
        reason = f" – {one['reason']}" if one["reason"] else ""
        click.echo(f"{side}  {one['id']}  {one['outcome']}{reason}")
        click.echo(f"       {one['url']}")
        click.echo(f"       {one['kind']}, {one['figures']} figures, fetched {one['fetched_at']}")
    for difference in found:
        left_, right_ = _shown(difference.left), _shown(difference.right)
        click.echo(f"{left_:>16} | {right_:<16} {cell_label(difference.cell)}")
    count = sum(d.left != d.right for d in found)
    if with_text and diff is not None:
        click.echo(diff)
    text = "the same" if same_text else "differs"
    if alike is not None and not same_text:
        text += f", {100 * alike:.1f} % alike"
    click.echo(f"cells that differ: {count}; text: {text}")


def _about(db: Database, original: Candidate) -> dict[str, Any]:
    row = dict(db.table("documents").get(original.document))
    names = ("id", "report", "url", "kind", "role", "fetched_at", "outcome", "reason", "figures")
    return {name: row[name] for name in names}


def _state(state: CellState | None) -> dict[str, Any] | None:
    return None if state is None else {"value": state.value, "status": state.status}


def _shown(state: CellState | None) -> str:
    if state is None:
        return "–"
    return f"({state.status})" if state.value is None else f"{state.value}"


@copies.command()
@click.argument("document", type=int)
@click.option("--reason", required=True, metavar="TEXT", help="Why; it is kept with the decision.")
@_of_report
@data_folder
@demo_archive
def split(document: int, reason: str, report: int | None, data: Path, demo: bool) -> None:
    """Take the address of DOCUMENT out of its report.

    Everything the address showed and will show stays out; the report takes its
    figures from what is left. Nothing is deleted, and `join` undoes it. A near copy
    is a near copy no more, and stays what it is otherwise.

    Exit codes: 0 done, 1 nothing to undo, or the archive cannot be written.
    """
    if not reason.strip():
        raise click.UsageError("--reason must say something")
    why, now = reason.strip(), times.now()
    _decide(
        data,
        demo,
        lambda store, writer: decisions.split(store, document, why, now, report=report, writer=writer),
    )


@copies.command()
@click.argument("document", type=int)
@_of_report
@data_folder
@demo_archive
def join(document: int, report: int | None, data: Path, demo: bool) -> None:
    """Put DOCUMENT's address back into the report it was taken out of.

    The report is then as if it had never been taken out.

    Exit codes: 0 done, 1 it was not taken out, or the archive cannot be written.
    """
    _decide(data, demo, lambda store, writer: decisions.join(store, document, report=report, writer=writer))


def _decide(data: Path, demo: bool, decide: Callable[[Store, WarcWriter], decisions.Moved]) -> None:
    with (
        _archive(data) as database,
        Store(database, demo=demo) as store,
        WarcWriter(data / WARCS, "copies") as writer,
    ):
        moved = decide(store, writer)
        prove(store)
        store.refresh_coverage()
    click.echo(f"report {moved.report}: {moved.url}")
    if moved.before == moved.after:
        click.echo(f"  its figures are from document {moved.after}, as before")
    else:
        click.echo(f"  its figures are from document {moved.after} now, before from {moved.before}")
