"""``gongkai schedule``: portals visited by their cadence."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import get_args

import click

from archive import times
from archive.errors import ArchiveError
from crawler import config, logs, metrics
from crawler.cluster import ClusterError
from crawler.commands.crawl import EXIT_FAILED, EXIT_TROUBLED, of_shards
from crawler.commands.ending import EXIT_INTERRUPTED
from crawler.commands.group import Group
from crawler.commands.options import cluster_option, place_of_shards, shards_option
from crawler.commands.status import gather
from crawler.config import Config, ConfigError, keys
from crawler.config.keys import scheduler
from crawler.night import BEIJING
from crawler.notify.telling import Notifier
from crawler.runner import crawl
from crawler.schedule import daemon, install
from crawler.schedule.elsewhere import OnCluster
from crawler.schedule.plan import Planned, plan, rules
from crawler.schedule.registry import Registry
from crawler.schedule.rounds import Crawl, Round, Rounds, RunningError, alone
from pipelines.reading import Limits
from spiders.portals import RegistryError

EXIT_RUNNING = 1

#: Where units of the whole system are (systemd.unit(5)).
_SYSTEM_UNITS = Path("/etc/systemd/system")

_WHY = {
    "first": "never visited",
    "turn": "its turn",
    "resume": "the last visit was cut off",
    "again": "could not be reached or read; again",
    "budget": "had its requests of the day; goes on",
    "night": "the night was over; goes on",
    "rest": "rested after a challenge",
}


@click.group(cls=Group)
def schedule() -> None:
    """Visit portals when they are due: weekly while reports appear, monthly otherwise.

    A portal's turns lie where its key puts them, so that a country is not asked at once; an entry's
    `visits` says otherwise for its portal. When a portal is due follows from its runs in the archive:
    a turn that was missed is made up for once, a visit that was cut off is made again, and one by hand
    (gongkai crawl KEY) counts as well. What is blocked or gone is asked as seldom as the rest of the year
    has it. The settings are those of [schedule] and night in gongkai.toml: see gongkai config.
    """


def _settings() -> Config:
    try:
        return config.current()
    except ConfigError as error:
        raise click.UsageError(str(error)) from error


@schedule.command("next")
@click.option("-n", "count", type=click.IntRange(min=1), default=20, show_default=True, help="So many.")
@click.option("--due", "only_due", is_flag=True, help="All that is due now, and nothing else.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a portal, all of them.")
def next_(count: int, only_due: bool, as_json: bool) -> None:
    """Show when each portal is visited next, the soonest first; nothing is asked.

    The time is Beijing's. "all" marks visits that also fetch what is known.

    \b
    Exit codes:
      0  shown
      1  the archive cannot be read
      2  a setting or the folder of the registry is wrong
    """
    found = _settings()
    now = times.now()
    registry = Registry(found[keys.PORTALS])
    try:
        planned = plan(registry.portals(), found[keys.DATA], found, now)
    except RegistryError as error:
        raise click.UsageError(str(error)) from error
    except ArchiveError as error:
        raise click.ClickException(str(error)) from error
    if only_due:
        planned = [one for one in planned if one.due.at <= now]
    if as_json:
        for one in planned:
            click.echo(json.dumps(_as_json(one, now), ensure_ascii=False))
        return
    for line in _in_words(planned if only_due else planned[:count], len(planned), registry, found, now):
        click.echo(line)


def _as_json(one: Planned, now: datetime) -> dict[str, object]:
    return {
        "portal": one.portal.key,
        "due_at": times.text(one.due.at),
        "due": one.due.at <= now,
        "why": one.due.why,
        "mode": one.due.mode,
        "last_visit": times.text(one.last.started_at) if one.last else None,
        "last_reason": one.last.reason if one.last else None,
        "last_outcome": one.last.outcome if one.last else None,
    }


def _in_words(
    shown: Sequence[Planned], count: int, registry: Registry, found: Config, now: datetime
) -> list[str]:
    lines = []
    width = max((len(one.portal.key) for one in shown), default=0)
    for one in shown:
        when = "now" if one.due.at <= now else f"{one.due.at.astimezone(BEIJING):%Y-%m-%d %H:%M}"
        lines.append(f"{when:<16}  {one.portal.key:<{width}}  {one.due.mode:<3}  {_WHY[one.due.why]}")
    if len(shown) < count:
        lines.append(f"… and {count - len(shown)} more; -n and --json show them")
    if registry.left_out:
        lines.append(f"{len(registry.left_out)} left out: their entries say that they are gone or blocked")
    lines += [f"left out, its entry is wrong: {why}" for why in registry.wrong.values()]
    night = rules(found).night
    if night is not None and not night.is_open(now):
        lines.append(f"nothing is asked before {night.opens(now):%Y-%m-%d %H:%M}: night is {night}")
    return lines or ["nothing is due"]


@schedule.command()
@click.option("--once", is_flag=True, help="Visit what is due now and end; for a timer or cron.")
@cluster_option("Visit and read")
@shards_option
@click.pass_context
def run(context: click.Context, once: bool, cluster: str, shards: str | None) -> None:
    """Visit portals as they become due, until SIGTERM or Ctrl-C; in the foreground.

    What is due is visited in crawls of schedule.batch portals, with all that `gongkai crawl` keeps to;
    entries of the registry may change meanwhile, settings are read at the start. One such process works on
    a data folder at a time. SIGTERM or Ctrl-C ends after the requests under way, a second one at once;
    a kill at any moment loses nothing, and the next start makes up for what was cut off. Log lines go to
    stderr, as JSON where that is no terminal; each crawl's own log is in log/ of the data folder.

    On a cluster a round takes in first what an earlier one left in PLACE, and connects anew. One that finds
    no scheduler or no worker has failed as if the disk were full: it is told, everything stays due, and the
    next try is after a minute, then after double the time up to an hour. So has one of which not one visit
    could be made.

    \b
    Exit codes:
      0    told to stop; with --once: what was due is visited, and nothing failed
      1    another process runs the schedule on this data folder, schedule.metrics cannot be had, or
           what a cluster needs is not installed
      2    a setting or the folder of the registry is wrong
      3    with --once: something failed on some portals
      5    with --once: a crawl could not be made; the next time makes up for it
      130  with --once: interrupted
    """
    found = _settings()
    if not found[keys.CONTACT] and not found[keys.DEMO]:
        raise click.UsageError(
            "set GONGKAI_CONTACT to an e-mail or web address at which a portal's webmaster can reach you"
        )
    logs.configure(terminal=False)
    visits = _visits(found, cluster, place_of_shards(cluster, shards, found[keys.DATA]))
    rounds = Rounds(found, Registry(found[keys.PORTALS]), crawl=visits, after=Notifier.of(found).after)
    try:
        rounds.registry.portals()
        alone(found[keys.DATA])
    except RegistryError as error:
        raise click.UsageError(str(error)) from error
    except (RunningError, ArchiveError) as error:
        raise click.ClickException(str(error)) from error
    if not once:
        _metrics(found)
        daemon.serve(rounds, found[keys.POLL_SECONDS])
        return
    context.exit(_once(rounds))


def _visits(found: Config, cluster: str, shards: str) -> Crawl:
    """Who makes the visits of the rounds."""
    if not cluster:
        of_shards(found[keys.DATA])
        return crawl
    there = OnCluster(cluster, shards, Limits(found[keys.READ_SECONDS], found[keys.READ_MB]))
    try:
        scheduler(cluster)
    except ValueError as error:
        raise click.UsageError(f"--cluster: {cluster!r} {error}") from error
    try:
        there.check()
    except ClusterError as error:
        raise click.ClickException(str(error)) from error
    return there


def _metrics(found: Config) -> None:
    """Answer Prometheus, if an address is set."""
    if not found[keys.METRICS]:
        return
    try:
        metrics.serve(found[keys.METRICS], lambda: gather(found, times.now()))
    except OSError as error:
        raise click.ClickException(f"{keys.METRICS.key} {found[keys.METRICS]}: {error.strerror}") from error


def _once(rounds: Rounds) -> int:
    """Rounds until nothing is due that was not visited; gives the exit code."""
    codes = {0}
    seen: set[str] = set()
    with daemon.signals(rounds.stop):
        while not rounds.stop.is_set():
            done = rounds.run()
            keys_ = {one.portal.key for one in done.planned}
            codes.add(_code(done))
            # A portal that is due again at once would otherwise keep this going for ever.
            if done.summary is None or keys_ <= seen:
                break
            seen |= keys_
    return EXIT_INTERRUPTED if rounds.stop.is_set() else max(codes)


def _code(done: Round) -> int:
    if done.failed:
        return EXIT_FAILED
    portals = done.summary.portals if done.summary else ()
    if any(portal.finish_reason in ("archive", "archive_failed") for portal in portals):
        return EXIT_FAILED
    return EXIT_TROUBLED if any(portal.troubled for portal in portals) else 0


@schedule.command("install")
@click.option(
    "--kind",
    type=click.Choice(get_args(install.Kind)),
    default="service",
    show_default=True,
    help="service: systemd keeps the daemon running. timer: systemd looks every hour. cron: cron does.",
)
@click.option("--user", metavar="NAME", help="Account of units of the whole system; as root.")
@click.option("--write", is_flag=True, help="Install it, instead of only printing it.")
def install_(kind: install.Kind, user: str | None, write: bool) -> None:
    """Print what lets the system run the schedule; with --write install it.

    A service or timer is of the user who installs it; as root, --user names the account and it is of the
    whole system. --write puts the units in their folder and enables them with systemctl, or puts the line
    into the crontab in the place of the one written before. Settings must be in a file, since neither
    systemd nor cron sees your environment.

    \b
    Exit codes:
      0  printed or installed
      1  it could not be installed
      2  the command makes no sense, or there is no file of settings
    """
    found = _settings()
    if found.given is None:
        raise click.UsageError(
            "there is no file of settings; begin with: gongkai config --example > gongkai.toml"
        )
    if found[keys.CONTACT] == "" or keys.CONTACT.key in found.variables:
        raise click.UsageError(f"{found.given.path}: contact is not set in the file")
    if told := {keys.CLUSTER.key, keys.SHARDS.key} & found.variables:
        raise click.UsageError(f"{found.given.path}: {' and '.join(sorted(told))} must be set in the file")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if kind != "cron" and root != (user is not None):
        raise click.UsageError("--user NAME goes with units of the whole system, which root installs")
    try:
        place = install.Place(
            Path(sys.executable).with_name("gongkai"),
            found.given.path.absolute(),
            found[keys.DATA].absolute(),
            user if kind != "cron" else None,
            _folder_of_shards(found),
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if kind == "cron":
        lines = install.cron(place)
        click.echo(lines, nl=False)
        if write:
            _into_crontab(lines)
        return
    units = install.units(kind, place)
    folder = _SYSTEM_UNITS if root else _user_units()
    for name, text in units.items():
        click.echo(f"# {folder / name}\n{text}")
    if write:
        _make(place.data, user)
        _enable(units, folder, [] if root else ["--user"], f"gongkai.{kind}")


def _folder_of_shards(found: Config) -> Path | None:
    """Where shards are written to, if that is neither in the data folder nor in a bucket."""
    shards = found[keys.SHARDS]
    return Path(shards) if found[keys.CLUSTER] and shards and "://" not in shards else None


def _user_units() -> Path:
    home = os.environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser()
    return Path(home) / "systemd/user"


def _make(data: Path, user: str | None) -> None:
    """The data folder, which systemd wants before it starts the unit; the account's, and not root's."""
    try:
        if not data.exists():
            data.mkdir(parents=True)
            if user is not None:
                shutil.chown(data, user)
    except LookupError as error:  # else a second try would find a folder of root's, and leave it so
        data.rmdir()
        raise click.ClickException(f"{data}: {error}") from error
    except OSError as error:
        raise click.ClickException(f"{data}: {error}") from error


def _enable(units: dict[str, str], folder: Path, options: list[str], unit: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in units.items():
            folder.joinpath(name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{folder}: {error}") from error
    _system("systemctl", *options, "daemon-reload")
    _system("systemctl", *options, "enable", "--now", unit)
    click.echo(f"{unit} is enabled", err=True)
    if options:
        click.echo("it runs while you are logged in; for longer: loginctl enable-linger", err=True)


def _into_crontab(lines: str) -> None:
    try:
        before = _system("crontab", "-l")
    except click.ClickException as error:
        # What cannot be read must not be overwritten; only where there is none, there is none to keep.
        if "no crontab for" not in str(error):
            raise
        before = ""
    _system("crontab", "-", given=install.into_crontab(before, lines))
    click.echo("it is in your crontab", err=True)


def _system(program: str, *words: str, given: str | None = None) -> str:
    """Runs a program of the system without a shell; gives what it says."""
    path = shutil.which(program)
    if path is None:
        raise click.ClickException(f"there is no {program} here; without --write it is printed only")
    done = subprocess.run(  # noqa: S603
        [path, *words],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"LC_ALL": "C"},
    )
    if done.returncode:
        raise click.ClickException(f"{program} {' '.join(words)}: {done.stderr.strip() or done.returncode}")
    return done.stdout
