"""How a portal is asked, as settings, registry and data folder have it now; for ``gongkai portals show``."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from crawler import budget, politeness
from crawler.config import Config, keys
from crawler.night import window
from crawler.rests import names_of, resting
from pipelines.items import DATABASE
from spiders.portals import Portal


def manners(
    portal: Portal, registry: Iterable[Portal], now: datetime, config: Config
) -> Iterator[tuple[str, str]]:
    """(what, how) of each rule by which the portal is asked."""
    # Not imported at the top: it reads the settings, and help must work where these are wrong.
    from crawler import settings

    data = config[keys.DATA]
    yield (
        "robots.txt",
        "obeyed; 401 or 403 on it means the host is not asked, and where it cannot be had"
        " (no answer, 429, 5xx) nothing is asked in that run",
    )
    yield (
        "at one time",
        f"{settings.CONCURRENT_REQUESTS_PER_DOMAIN} request a site, and one to all hosts of an IP address",
    )
    if portal.group:
        others = [each.key for each in registry if each.group == portal.group and each.key != portal.key]
        yield "group", f"{portal.group}; in turn with {', '.join(others) or 'no other portal'}"
    else:
        yield "group", "none; the entry names none"
    yield from _pace(config)
    yield "a day", _budget(portal, data, now, config[keys.DAILY_BUDGET])
    yield "hours", _night(now, config[keys.NIGHT])
    yield (
        "again",
        f"{settings.RETRY_TIMES} times on {', '.join(map(str, settings.RETRY_HTTP_CODES))}"
        " and time-outs; never on a refusal or a challenge",
    )
    yield (
        "redirects",
        f"{settings.REDIRECT_MAX_TIMES} at most, a meta refresh once, between http and https once;"
        " to no other host, never back",
    )
    yield "at rest", _rest(portal, data, now, config[keys.REST_HOURS])
    yield "last visit", _last(portal, data)
    missing = "" if config[keys.CONTACT] else "   (set GONGKAI_CONTACT; nothing is asked without)"
    yield "User-Agent", f"{settings.user_agent(config[keys.CONTACT])}{missing}"


def _pace(config: Config) -> Iterator[tuple[str, str]]:
    from crawler import settings

    delay = 0.0 if config[keys.DEMO] else config[keys.DELAY]
    least = delay * (1 - settings.DOWNLOAD_DELAY_JITTER)
    most = delay * (1 + settings.DOWNLOAD_DELAY_JITTER)
    yield (
        "delay",
        f"{delay:g} s ± {settings.DOWNLOAD_DELAY_JITTER:.0%} ({least:g} to {most:g} s,"
        f" drawn anew each time), up to {settings.AUTOTHROTTLE_MAX_DELAY:g} s for a slow server",
    )
    yield (
        "Crawl-delay",
        f"never less than it asks for; above {politeness.LONGEST_DELAY:g} s the host is left for the run",
    )
    yield (
        "Retry-After",
        f"kept, {settings.GONGKAI_PAUSE:g} s on a 429 without it; pauses above"
        f" {config[keys.LONGEST_PAUSE]:g} s in all leave the host for the run",
    )


def _budget(portal: Portal, data: Path, now: datetime, limit: int) -> str:
    today = budget.spent(data, sorted(portal.sites), now)
    had = ", ".join(f"{host} {count}" for host, count in today.items()) or "none"
    return f"{limit} requests a host at most; today: {had}" if limit else f"no limit; today: {had}"


def _night(now: datetime, text: str) -> str:
    hours = window(text)
    if hours is None:
        return "any; GONGKAI_NIGHT sets a window"
    state = "open now" if hours.is_open(now) else f"closed now, opens {hours.opens(now):%Y-%m-%d %H:%M}"
    return f"only {hours} Beijing time; {state}"


def _rest(portal: Portal, data: Path, now: datetime, hours: float) -> str:
    names = {name for start in portal.start for name in names_of(start, portal)}
    found = resting(data, tuple(sorted(names)), sorted(portal.sites), now)
    how = (
        f"a host and its group for {hours:g} h after a challenge"
        if hours
        else "for the run after a challenge"
    )
    return f"{how}; now: {', '.join(found) or 'none'}"


def _last(portal: Portal, data: Path) -> str:
    """The latest visit that ended, with its issues by kind; nothing is written."""
    path = data / DATABASE
    if not path.exists():
        return "none"
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        run = db.execute(
            "SELECT id, finished_at, finish_reason FROM runs WHERE portal = ? AND finished_at IS NOT NULL"
            " ORDER BY finished_at DESC LIMIT 1",
            [portal.key],
        ).fetchone()
        if run is None:
            return "none"
        kinds = db.execute(
            "SELECT kind, count(*) FROM run_issues WHERE run = ? GROUP BY kind ORDER BY kind", [run[0]]
        ).fetchall()
    issues = ", ".join(f"{count} {kind}" for kind, count in kinds) or "no issue"
    return f"{run[1]}, ended as {run[2]}; {issues}"
