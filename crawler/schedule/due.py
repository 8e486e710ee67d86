"""When a portal is due, worked out from its runs alone. Pure.

Nothing is remembered beside the table ``runs``: a turn that passed while nobody was there is
caught up once, because the last run lies before it; a visit that was killed is due again,
because its row never got an end; and a visit by hand counts like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import takewhile
from typing import Literal

from crawler.night import BEIJING, Window
from crawler.schedule.cadence import Cadence, refetch_after, turn_after

Mode = Literal["new", "all"]
Why = Literal["first", "turn", "resume", "again", "budget", "night", "rest"]

#: Before a visit that was killed or told to stop is made again; doubled each time, so that whatever
#: kills it does not make us ask a portal for the same lists all day.
RESUME = timedelta(minutes=10)
#: The same after a fault of our own (disk, archive, a bug).
OURS = timedelta(hours=1)
#: Tries of a portal that cannot be reached or read before it waits for its next turn.
TRIES = 3

#: Doubled so often, the least wait is longer than from any turn to the next, and the longest still a date.
_DOUBLED = 16
#: Reasons with which a visit got as far as the portal let it.
COUNTED = ("finished", "robots", "no_list", "unreachable", "retry_after", "crawl_delay")
_FAULTS = ("archive", "archive_failed", "error", "no_contact")
_CUT = (None, "shutdown")
_SILENT = ("unreachable", "no_list")
#: After these the next visit is brought forward, and less each time one follows the other.
_TROUBLED = (*_CUT, *_FAULTS, *_SILENT)
#: Outcomes of who does not want us, or is no longer there.
_UNWILLING = ("blocked", "gone")


@dataclass(frozen=True, slots=True)
class Run:
    """A visit as ``runs`` has it."""

    started_at: datetime
    reason: str | None
    """``None``: it never ended."""
    mode: Mode = "new"
    outcome: str | None = None

    @property
    def counted(self) -> bool:
        """Whether the portal has had its turn with it."""
        return self.reason is not None and (self.reason in COUNTED or self.reason.startswith("blocked:"))


@dataclass(frozen=True, slots=True)
class Due:
    """When a portal is to be visited next, why then, and whether everything is to be fetched again."""

    at: datetime
    why: Why
    mode: Mode = "new"


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say about it."""

    cadence: Cadence
    retry: timedelta
    """Before a portal that could not be reached is asked again."""
    rest: timedelta
    """How long a host that set a challenge is left alone."""
    night: Window | None = None


def due(key: str, runs: Sequence[Run], full: datetime | None, rules: Rules, now: datetime) -> Due:
    """When a portal is due.

    ``runs``: its latest visits, newest first, as many as ``TRIES`` + 5 or all. ``full``: start of the
    last visit that fetched everything, or of its first one; ``None`` where there was none.
    ``rules``: with the portal's own cadence. A time that has passed means: now.
    """
    if not runs:
        return Due(now, "first")
    last = runs[0]
    turn = _turn(key, last, rules.cadence)
    at, why = min([(turn, "turn"), *_sooner(runs, rules)], key=lambda one: one[0])
    mode: Mode = "new"
    if rules.cadence.refetch_days and full is not None:
        mode = "all" if refetch_after(key, rules.cadence.refetch_days, full) <= max(at, now) else "new"
    return Due(at, why, mode)


def _turn(key: str, last: Run, cadence: Cadence) -> datetime:
    if last.outcome in _UNWILLING:
        cadence = cadence.sparse()
    turn, step = turn_after(key, cadence, last.started_at)
    # A visit that was caught up late, or made by hand, does not have the next one on its heels.
    return max(turn, last.started_at + step / 2)


def _sooner(runs: Sequence[Run], rules: Rules) -> Iterator[tuple[datetime, Why]]:
    """What brings the next visit forward."""
    last, times = runs[0], _in_a_row(runs)
    if last.reason in _CUT:
        yield last.started_at + RESUME * 2 ** (times - 1), "resume"
    elif last.reason in _FAULTS:
        yield last.started_at + OURS * 2 ** (times - 1), "resume"
    elif last.reason == "budget":
        yield _tomorrow(last.started_at), "budget"
    elif last.reason == "night":
        yield (rules.night.opens(last.started_at) if rules.night else last.started_at + RESUME), "night"
    elif last.reason == "resting":
        yield last.started_at + max(rules.rest, RESUME), "rest"
    elif last.reason in _SILENT and last.outcome not in _UNWILLING and times < TRIES:
        yield last.started_at + rules.retry * 2 ** (times - 1), "again"


def _in_a_row(runs: Sequence[Run]) -> int:
    """How many of the latest visits were troubled, without one between that was not; at most ``_DOUBLED``."""
    return min(_DOUBLED, sum(1 for _ in takewhile(lambda run: run.reason in _TROUBLED, runs)))


def _tomorrow(moment: datetime) -> datetime:
    day = moment.astimezone(BEIJING).date() + timedelta(days=1)
    return datetime.combine(day, time(), BEIJING)
