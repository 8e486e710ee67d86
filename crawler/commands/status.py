"""``gongkai status``: how the portals stand, on one screen."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from archive import health, printable, times
from archive.errors import ArchiveError
from archive.merges import reading
from archive.site import filing
from crawler import config, metrics
from crawler.config import Config, ConfigError, keys
from crawler.night import BEIJING
from crawler.notify.telling import waiting
from crawler.schedule.plan import plan
from crawler.schedule.registry import Registry
from pipelines.items import DATABASE
from spiders.portals import RegistryError

EXIT_TROUBLED = 3
_RUNS = 5
_LISTED = 10


@click.command()
@click.option("--json", "as_json", is_flag=True, help="All of it as one JSON object, nothing left out.")
@click.option("--metrics", "as_metrics", is_flag=True, help="Numbers in Prometheus' text format.")
@click.pass_context
def status(context: click.Context, as_json: bool, as_metrics: bool) -> None:
    """Show how the portals stand: outcomes, what is due, last runs, coverage, the oldest failure.

    A portal's outcome is that of its latest visit that says something of it: ok; partial (lists or
    expectations not whole); blocked (it keeps us out); broken (nothing can be read or found any more);
    gone (its column is no longer there); unknown (no visit has said anything yet). Nothing is asked.

    \b
    Exit codes:
      0  no portal is broken, blocked or gone
      1  there is no archive, or it cannot be read
      2  a setting or the folder of the registry is wrong
      3  some portal is broken, blocked or gone
    """
    if as_json and as_metrics:
        raise click.UsageError("--json or --metrics, not both")
    try:
        found = config.current()
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    if not (found[keys.DATA] / DATABASE).exists():
        raise click.ClickException(f"{found[keys.DATA] / DATABASE}: there is no archive")
    try:
        told = gather(found, times.now())
    except RegistryError as error:
        raise click.UsageError(str(error)) from error
    except ArchiveError as error:
        raise click.ClickException(str(error)) from error
    if as_metrics:
        click.echo(metrics.text(told), nl=False)
    else:
        click.echo(json.dumps(told, ensure_ascii=False) if as_json else "\n".join(in_words(told)))
    if any(told["outcomes"][outcome] for outcome in ("broken", "blocked", "gone")):
        context.exit(EXIT_TROUBLED)


def gather(found: Config, now: datetime) -> dict[str, Any]:
    """Everything that is shown; raises ``ArchiveError`` and ``RegistryError``."""
    data: Path = found[keys.DATA]
    planned = plan(Registry(found[keys.PORTALS]).portals(), data, found, now)
    year = now.astimezone(BEIJING).year - 1
    with reading(data / DATABASE) as db:
        standings = health.standings(db.conn)
        runs = health.last_runs(db.conn, _RUNS)
        sums = health.sums(db.conn)
        coverage = _coverage(db.conn, year)
    oldest = health.oldest(standings)
    return {
        "at": times.text(now),
        "outcomes": dict(health.tally(standings)),
        "troubled": [asdict(one) for one in standings if one.troubled],
        "oldest": asdict(oldest) if oldest else None,
        "due": [one.portal.key for one in planned if one.due.at <= now],
        "next": [
            {"portal": one.portal.key, "due_at": times.text(one.due.at)}
            for one in planned
            if one.due.at > now
        ],
        "runs": runs,
        "sums": sums,
        "year": year,
        "coverage": coverage,
        "untold": waiting(data),
    }


def _coverage(conn: sqlite3.Connection, year: int) -> list[dict[str, Any]]:
    return [
        {"province": part.name, **{one: part.of(year, one) for one in filing.STATUSES}}
        for part in filing.by_province(conn)
        if part.of(year)
    ]


def in_words(told: dict[str, Any]) -> list[str]:
    """One screen."""
    counts = ", ".join(f"{number} {outcome}" for outcome, number in told["outcomes"].items() if number)
    lines = [f"portals   {counts or 'none'}"]
    lines += [
        f"  {one['outcome']:<8} {one['portal']} {one['name']}, since {one['since'][:10]}"
        + (f": {one['issues'][0]['message']}" if one["issues"] else "")
        for one in told["troubled"][:_LISTED]
    ]
    if len(told["troubled"]) > _LISTED:
        lines.append(f"  … and {len(told['troubled']) - _LISTED} more; --json has all")
    if told["oldest"]:
        lines.append(f"oldest    {told['oldest']['portal']}, since {told['oldest']['since'][:10]}")
    due = told["due"]
    lines.append(f"due now   {len(due)}" + (f": {', '.join(due[:_LISTED])}" if due else ""))
    lines += [f"next      {one['portal']} at {one['due_at'][:16]}Z" for one in told["next"][:1]]
    lines.append("last runs")
    lines += [
        f"  {run['started_at'][:16]}Z {run['portal'] or run['command']}: "
        f"{run['outcome'] or '-'}, {run['finish_reason'] or 'not ended'}; "
        f"{run['found'] or 0} found, {run['stored'] or 0} stored, {run['failed'] or 0} issues"
        for run in told["runs"]
    ]
    lines.append(f"coverage  reports for {told['year']}" + ("" if told["coverage"] else ": none yet"))
    lines += [
        f"  {part['province'] or '?'}: "
        + ", ".join(f"{part[one]} {one}" for one in filing.STATUSES if part[one])
        for part in told["coverage"]
    ]
    lines += [f"untold    {one}" for one in told["untold"]]
    return [printable.line(one) for one in lines]
