"""What must come of the story, worked out from the rules as the documents have them, not from the schedule.

Simple on purpose: all turns of the year are written down first, then the year is gone through once.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.night import BEIJING

from .story import BEGINS, ENDS, Tale, Trouble

RESUME = timedelta(minutes=10)
RETRY = timedelta(hours=6)
TRIES = 3

#: What a visit says of a portal in each trouble: finish reason, outcome, kinds of issue.
SAID: dict[Trouble, tuple[str, str, frozenset[str]]] = {
    "drawn": ("finished", "broken", frozenset(("fewer_than_expected", "none_found", "system_changed"))),
    "moved": ("no_list", "broken", frozenset(("foreign_host", "none_found"))),
    "waf": ("blocked:waf", "blocked", frozenset(("blocked:waf",))),
    "rebuilt": ("no_list", "gone", frozenset(("gone", "none_found"))),
    "silent": ("unreachable", "broken", frozenset(("unreachable",))),
    "fewer": ("finished", "partial", frozenset(("fewer_of_year",))),
}
#: Its lists are read, whatever else is wrong.
READABLE = (None, "fewer")
#: Tried again within the day, and the day after.
AGAIN = ("moved", "silent")
#: Asked no more often in the season than in the rest of the year.
SELDOM = ("waf", "rebuilt")


@dataclass(frozen=True)
class Visit:
    """A visit that must have been made at about this moment, and no other."""

    at: datetime
    mode: str
    reason: str | None
    outcome: str | None
    kinds: frozenset[str] = frozenset()
    """Troubles only; what a portal always does wrong is not among them."""


@dataclass(frozen=True)
class News:
    """What people must have been told after the visit at this moment."""

    at: datetime
    state: str
    portal: str
    outcome: str = ""


def place(key: str, what: str) -> float:
    """0 to 1: the first 48 bits of a digest."""
    return int(hashlib.sha256(f"{what}:{key}".encode()).hexdigest()[:12], 16) / 2**48


def _seconds(span: timedelta) -> timedelta:
    return timedelta(seconds=int(span.total_seconds()))


def turns(key: str, dense: int, rest: int) -> list[tuple[datetime, timedelta]]:
    """Every turn of the year, with how far apart turns are then: January to April, May to December."""
    summer = datetime(2025, 5, 1, tzinfo=BEIJING)
    found = []
    for begins, ends, days in (
        (datetime(2025, 1, 1, tzinfo=BEIJING), summer, dense),
        (summer, ENDS, rest),
        (ENDS, ENDS + timedelta(days=400), dense),
    ):
        turn = begins + _seconds(place(key, "visit") * timedelta(days=days))
        while turn < ends:
            found.append((turn, timedelta(days=days)))
            turn += timedelta(days=days)
    return found


def refetch(key: str, days: int, since: datetime) -> datetime:
    """When everything is next to be fetched: every so many days, half of them after the last time."""
    step = timedelta(days=days)
    turn = datetime(2001, 1, 1, tzinfo=BEIJING) + _seconds(place(key, "refetch") * step)
    while turn <= since:
        turn += step
    return max(turn, since + step / 2)


def trouble(tale: Tale, moment: datetime) -> Trouble | None:
    return next((spell.trouble for spell in tale.spells if spell.holds(moment)), None)


def _next_turn(tale: Tale, last: datetime, now: Trouble | None) -> datetime:
    dense = max(tale.dense_days, tale.days) if now in SELDOM else tale.dense_days
    turn, step = next((t, s) for t, s in turns(tale.key, dense, tale.days) if t > last)
    return max(turn, last + step / 2)


def _midnight(moment: datetime) -> datetime:
    return datetime.combine(moment.date() + timedelta(days=1), datetime.min.time(), BEIJING)


def visits(tale: Tale) -> list[Visit]:
    """Every visit of the year."""
    made: list[Visit] = []
    kill, long, fails = tale.kill, list(tale.long), 0
    full: datetime | None = None
    moment = BEGINS
    while moment < ENDS:
        now = trouble(tale, moment)
        mode = "all" if full and refetch(tale.key, tale.refetch_days, full) <= moment else "new"
        if kill and moment >= kill[0]:
            made.append(Visit(moment, mode, "shutdown" if kill[1] == "daemon" else None, None))
            moment, kill = moment + RESUME, None
            continue
        if long and moment >= long[0] and now in READABLE and (mode == "all" or _is_long(tale, long[0])):
            made.append(Visit(moment, mode, "budget", None))
            full = moment if mode == "all" else full
            moment = _midnight(moment)
            del long[0]
            continue
        reason, outcome, kinds = SAID[now] if now else ("finished", "ok", frozenset())
        silent_once = now == "silent" and not fails
        made.append(Visit(moment, mode, reason, None if silent_once else outcome, kinds))
        if reason == "finished" and outcome != "broken" and (mode == "all" or full is None):
            full = moment
        fails = fails + 1 if now in AGAIN else 0
        if now in AGAIN and fails < TRIES:
            moment += RETRY * 2 ** (fails - 1)
        else:
            moment = _next_turn(tale, moment, now)
    return made


def _is_long(tale: Tale, since: datetime) -> bool:
    """Whether the visit is long because all of it is new: at the start, or after a move."""
    return since in (BEGINS, tale.moves, tale.follows)


def news(tale: Tale) -> list[News]:
    """What must have been told of a portal: when trouble begins, and when it is over."""
    told: list[News] = []
    before = "ok"
    for visit in visits(tale):
        if visit.outcome is None or visit.outcome == before:
            continue
        if visit.outcome == "ok":
            told.append(News(visit.at, "over", tale.key))
        else:
            told.append(News(visit.at, "new" if before == "ok" else "changed", tale.key, visit.outcome))
        before = visit.outcome
    return told


def found(tale: Tale, published: datetime) -> tuple[datetime, datetime]:
    """The first visit that could see what was published at this moment; where the budget of the day or a
    kill cut it short, also the one that went on."""
    could = [visit for visit in visits(tale) if visit.at >= published and trouble(tale, visit.at) in READABLE]
    first = could[0]
    last = next(visit for visit in could if visit.reason == "finished")
    return first.at, last.at


def fetching_all(tale: Tale) -> list[datetime]:
    """The visits that fetched what was known, the newest at least."""
    return [
        visit.at
        for visit in visits(tale)
        if visit.mode == "all" and visit.reason in ("finished", "budget") and visit.outcome != "broken"
    ]


def looked_again(tale: Tale, since: datetime) -> datetime:
    """The first of them after this moment."""
    return next(at for at in fetching_all(tale) if at >= since)
