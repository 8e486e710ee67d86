"""When portals have their turns, and what brings a visit forward."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.night import BEIJING, window
from crawler.schedule.cadence import Cadence, place, refetch_after, season, turn_after
from crawler.schedule.due import TRIES, Due, Rules, Run, due
from spiders.portals import Visits

DEFAULT = Cadence(season("01-01..04-30"), 7, 30, 180)
RULES = Rules(DEFAULT, retry=timedelta(hours=6), rest=timedelta(hours=24))
DAY = timedelta(days=1)

keys = st.text("abcdefghij-0123456789", min_size=1, max_size=12)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31)).map(lambda m: m.replace(tzinfo=BEIJING))
seasons = st.sampled_from(["01-01..04-30", "11-15..03-31", "01-01..12-31", "06-01..06-01", "12-31..12-30"])
cadences = st.builds(
    Cadence, seasons.map(season), st.integers(1, 366), st.integers(1, 366), st.integers(0, 400)
)


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=BEIJING)


def turns(key: str, cadence: Cadence, begins: datetime, ends: datetime) -> list[datetime]:
    found = []
    moment = begins
    while (moment := turn_after(key, cadence, moment)[0]) < ends:
        found.append(moment)
    return found


def test_a_year_of_turns_is_weekly_in_the_season_and_monthly_after_it() -> None:
    for key in ("luqiao", "anding", "beijing-csglw"):
        year = turns(key, DEFAULT, at(2025, 12, 31, 23), at(2027, 1, 1))
        dense = [turn for turn in year if turn < at(2026, 5, 1)]
        sparse = [turn for turn in year if turn >= at(2026, 5, 1)]
        assert len(dense) in (17, 18)  # 120 days
        assert len(sparse) in (8, 9)  # 245 days
        assert {after - before for before, after in pairwise(dense)} == {7 * DAY}
        assert {after - before for before, after in pairwise(sparse)} == {30 * DAY}


@settings(deadline=None)
@given(keys, cadences, moments)
def test_a_turn_lies_ahead_and_is_the_next_one(key: str, cadence: Cadence, moment: datetime) -> None:
    turn, step = turn_after(key, cadence, moment)
    assert turn > moment
    assert step >= DAY
    assert turn_after(key, cadence, turn - timedelta(seconds=1))[0] == turn
    # However seldom, each season and each rest of the year has one.
    assert turn - moment <= timedelta(days=2 * 366)


@settings(deadline=None)
@given(keys, moments)
def test_every_season_has_a_turn_however_far_apart_they_are(key: str, moment: datetime) -> None:
    rare = Cadence(season("01-01..04-30"), 366, 366, 0)
    found = turns(key, rare, at(moment.year, 1, 1) - timedelta(seconds=1), at(moment.year + 1, 1, 1))
    assert [turn < at(moment.year, 5, 1) for turn in found] == [True, False]


def test_a_country_is_spread_over_the_week() -> None:
    first = Counter(
        turn_after(f"portal-{number}", DEFAULT, at(2025, 12, 31, 23, 59))[0].date() for number in range(3000)
    )
    assert len(first) == 7
    # Evenly: 3000 / 7 = 429, give or take four standard deviations (19) of an even draw.
    assert all(350 < count < 510 for count in first.values())
    hours = Counter(int(place(f"portal-{number}", "visit") * 7 * 24) % 24 for number in range(3000))
    assert len(hours) == 24


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no season"),
        ("1-1..4-30", "is no season"),
        ("01-01..02-29", "names 02-29, which not every year has"),
        ("13-01..01-01", "names 13-01"),
    ],
)
def test_what_is_no_season(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        season(text)


def test_a_season_over_the_new_year() -> None:
    winter = season("11-15..03-31")
    assert (winter.starts_in(2025), winter.is_over(2025)) == (at(2025, 11, 15), at(2026, 4, 1))
    cadence = Cadence(winter, 5, 50, 0)
    assert turn_after("k", cadence, at(2026, 2, 1))[1] == 5 * DAY
    assert turn_after("k", cadence, at(2026, 6, 1))[1] == 50 * DAY


def test_an_entry_says_otherwise() -> None:
    own = DEFAULT.of(Visits(dense_days=2, refetch_days=0))
    assert (own.dense_days, own.days, own.refetch_days) == (2, 30, 0)
    assert DEFAULT.of(Visits()) == DEFAULT


@settings(deadline=None)
@given(keys, st.integers(1, 400), moments)
def test_everything_is_fetched_again_once_an_interval(key: str, days: int, since: datetime) -> None:
    again = refetch_after(key, days, since)
    assert days * DAY / 2 <= again - since <= days * DAY + days * DAY / 2


# -- due ----------------------------------------------------------------------------------------


def visit(reason: str | None, *when: int, mode: str = "new", outcome: str | None = None) -> Run:
    return Run(at(*when), reason, mode, outcome)  # type: ignore[arg-type]


def test_a_portal_that_was_never_visited_is_due_now() -> None:
    now = at(2026, 2, 1)
    assert due("k", [], None, RULES, now) == Due(now, "first")


@settings(deadline=None)
@given(keys, cadences, moments, st.lists(st.floats(0.01, 90), min_size=5, max_size=40))
def test_what_was_missed_is_made_up_for_once(
    key: str, cadence: Cadence, begins: datetime, gaps: list[float]
) -> None:
    """Somebody looks now and then; whenever a portal is due it is visited."""
    rules = Rules(cadence, RULES.retry, RULES.rest)
    runs: list[Run] = []
    visited: list[datetime] = []
    now = begins
    for gap in gaps:
        when = due(key, runs, None, rules, now)
        if when.at <= now:
            runs.insert(0, Run(now, "finished", "new", "ok"))
            visited.append(now)
            assert due(key, runs, None, rules, now).at > now  # and not again at once
        else:
            # Nothing was missed: no turn has passed since the last visit but one that came too close.
            turn, step = turn_after(key, cadence, runs[0].started_at)
            assert turn > now or runs[0].started_at + step / 2 > now
        now += timedelta(days=gap)
    for before, after in pairwise(visited):
        assert after - before >= min(cadence.dense_days, cadence.days) * DAY / 2
        assert turn_after(key, cadence, before)[0] <= after


@settings(deadline=None)
@given(keys, st.lists(st.sampled_from([None, "shutdown", "unreachable", "no_list", "error"]), max_size=30))
@example("0", ["error"] * 30)
def test_whatever_goes_wrong_a_portal_is_not_asked_all_day(key: str, reasons: list[str | None]) -> None:
    """A machine that looks every minute, and visits that all fail in their own way."""
    runs: list[Run] = []
    now = at(2026, 6, 1)
    for reason in reasons:
        now = max(now, due(key, runs, None, RULES, now).at)
        runs.insert(0, Run(now, reason, "new", None))
    for before, after in pairwise(reversed(runs)):
        assert after.started_at - before.started_at >= timedelta(minutes=10)
    first_day = [run for run in runs if run.started_at < at(2026, 6, 2)]
    assert len(first_day) <= 12


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        # Killed: ten minutes, twenty, forty …
        ([visit(None, 2026, 6, 1, 8)], Due(at(2026, 6, 1, 8, 10), "resume")),
        (
            [visit(None, 2026, 6, 1, 9), visit("shutdown", 2026, 6, 1, 8), visit("finished", 2026, 5, 9)],
            Due(at(2026, 6, 1, 9, 20), "resume"),
        ),
        ([visit("archive_failed", 2026, 6, 1, 8)], Due(at(2026, 6, 1, 9), "resume")),
        # The budget is a day's in Beijing.
        ([visit("budget", 2026, 6, 1, 23)], Due(at(2026, 6, 2), "budget")),
        ([visit("resting", 2026, 6, 1, 8)], Due(at(2026, 6, 2, 8), "rest")),
        ([visit("unreachable", 2026, 6, 1, 8)], Due(at(2026, 6, 1, 14), "again")),
        (
            [visit("no_list", 2026, 6, 1, 14, outcome="broken"), visit("unreachable", 2026, 6, 1, 8)],
            Due(at(2026, 6, 2, 2), "again"),
        ),
    ],
)
def test_what_brings_a_visit_forward(runs: list[Run], expected: Due) -> None:
    assert due("k", runs, None, RULES, at(2026, 6, 1, 8)) == expected


def test_what_does_not() -> None:
    turn = turn_after("k", DEFAULT, at(2026, 6, 1, 8))[0]
    usual = Due(max(turn, at(2026, 6, 16, 8)), "turn")
    three = [visit("unreachable", 2026, 6, 1, hour) for hour in (8, 5, 2)]
    assert len(three) == TRIES
    for runs in (
        three,
        [visit("no_list", 2026, 6, 1, 8, outcome="gone")],
        [visit("robots", 2026, 6, 1, 8, outcome="blocked")],
        [visit("blocked:rs", 2026, 6, 1, 8, outcome="blocked")],
        [visit("finished", 2026, 6, 1, 8, outcome="broken")],
    ):
        assert due("k", runs, None, RULES, at(2026, 6, 1, 8)) == usual


def test_the_night_goes_on_when_it_begins() -> None:
    nightly = Rules(DEFAULT, RULES.retry, RULES.rest, window("22:00-07:00"))
    cut = [visit("night", 2026, 6, 1, 6, 50)]
    assert due("k", cut, None, nightly, at(2026, 6, 1, 8)) == Due(at(2026, 6, 1, 22), "night")
    assert due("k", cut, None, RULES, at(2026, 6, 1, 8)) == Due(at(2026, 6, 1, 7), "night")


@pytest.mark.parametrize("outcome", ["blocked", "gone"])
def test_who_does_not_want_us_is_asked_seldom_in_the_season_too(outcome: str) -> None:
    runs = [visit("blocked:rs" if outcome == "blocked" else "no_list", 2026, 2, 1, outcome=outcome)]
    unwilling = due("k", runs, None, RULES, at(2026, 2, 1)).at
    willing = due("k", [visit("finished", 2026, 2, 1, outcome="ok")], None, RULES, at(2026, 2, 1)).at
    assert willing - at(2026, 2, 1) <= 7 * DAY + 3.5 * DAY
    assert unwilling - at(2026, 2, 1) >= 15 * DAY


def test_a_visit_fetches_everything_when_half_a_year_has_passed() -> None:
    full = at(2026, 1, 10)
    again = refetch_after("k", 180, full)
    for days, mode in ((0, "new"), (180 + 90, "all")):
        last = visit("finished", 2026, 1, 10)
        last = Run(full + timedelta(days=days), "finished")
        assert due("k", [last], full, RULES, last.started_at).mode == mode
    just_before = Run(again - timedelta(days=45), "finished")
    when = due("k", [just_before], full, RULES, just_before.started_at)
    assert (when.mode == "all") is (when.at >= again)
    never = Rules(Cadence(DEFAULT.season, 7, 30, 0), RULES.retry, RULES.rest)
    assert due("k", [Run(at(2029, 1, 1), "finished")], full, never, at(2029, 1, 1)).mode == "new"
