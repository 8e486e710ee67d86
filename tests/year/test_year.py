"""Twelve months of the schedule: the ledger at the end is exactly what the story must have left."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from demo.loopback import LoggedRequest
from demo.portal import Request

from . import books, oracle
from .living import Year, lived
from .portals import published
from .receivers import Heard
from .story import BEGINS, BUDGET, CUNZHAO, ENDS, HOOK_DOWN, TALES, YANGBEN, Tale

#: Which processes a daemon has begun is read from there.
pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's /proc")

#: How late a visit may be: the machine has other things to do, and simulated time goes on meanwhile.
SLACK = timedelta(minutes=30)
#: Kinds of issue by which troubles are known.
TELLING = frozenset(kind for _, _, kinds in oracle.SAID.values() for kind in kinds)


def _slice() -> tuple[Tale, ...]:
    """Yangben, whose visit is killed and whose report is altered, and one other by chance."""
    chance = random.Random(os.environ.get("SEED", "0"))
    return (YANGBEN, chance.choice([tale for tale in TALES if tale is not YANGBEN]))


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(TALES, marks=pytest.mark.year, id="whole"),
        pytest.param(_slice(), marks=pytest.mark.year_slice, id="slice"),
    ],
)
def year(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    with lived(tmp_path_factory.mktemp("year"), request.param) as over:
        yield over


def _near(moment: datetime, expected: datetime) -> bool:
    return timedelta(minutes=-1) <= moment - expected <= SLACK


def _said(at: datetime, mode: str, reason: str | None, outcome: str | None, kinds: frozenset[str]) -> str:
    return f"{at:%m-%d %H:%M} {mode} {reason} {outcome} {' '.join(sorted(kinds & TELLING))}"


def test_every_visit_is_made_when_it_is_due_and_says_what_it_must(year: Year) -> None:
    for tale in year.tales:
        must = oracle.visits(tale)
        made = books.visits(year.data, tale.key)
        # Written with the time at which it was due, where it was made in time.
        times = [
            must[n].at if n < len(must) and _near(visit.at, must[n].at) else visit.at
            for n, visit in enumerate(made)
        ]
        assert [
            _said(at, visit.mode, visit.reason, visit.outcome, visit.kinds)
            for at, visit in zip(times, made, strict=True)
        ] == [_said(v.at, v.mode, v.reason, v.outcome, v.kinds) for v in must], tale.key


def test_nothing_is_asked_before_it_is_due_and_no_round_fails(year: Year) -> None:
    assert year.too_early == []
    assert year.failed == []


def test_every_report_is_found_by_the_first_visit_that_could_see_it(year: Year) -> None:
    seen = {(state.agency, state.year): state.seen for state in books.states(year.data) if state.number == 1}
    late = {}
    must = set()
    for tale in year.tales:
        for entry in year.stage.entries(tale, ("report", "copy"), ENDS):
            publication = entry.publication
            assert publication is not None
            key = (publication.agency, publication.year)
            must.add(key)
            first, last = oracle.found(tale, max(published(entry), BEGINS))
            if entry.kind == "report" and not first <= seen[key] + timedelta(minutes=1) <= last + SLACK:
                late[key] = (f"{seen[key]}", f"{first}", f"{last}")
    assert late == {}
    assert set(seen) == must  # nothing lost, nothing doubled, nothing that was not published


def test_every_alteration_is_found_by_the_first_visit_that_fetched_everything(year: Year) -> None:
    found = [state for state in books.states(year.data) if state.number > 1]
    told = {(tale.altered.agency, tale.altered.year): tale for tale in year.tales if tale.altered}
    assert {(state.agency, state.year): state.number for state in found} == dict.fromkeys(told, 2)
    for state in found:
        tale = told[state.agency, state.year]
        assert tale.altered is not None
        first = oracle.looked_again(tale, tale.altered.at)
        assert _near(state.seen, first), (state.seen, first)
        steps = {place: new - old for place, (old, new) in state.changes.items()}  # type: ignore[operator]
        assert steps == tale.altered.steps


def _pieces(heard: list[Heard]) -> list[tuple[str, str, str]]:
    return [(one.state, one.portal, one.outcome) for one in heard]


def test_each_piece_of_news_is_told_once_and_when_it_is_over(year: Year) -> None:
    must = sorted((one for tale in year.tales for one in oracle.news(tale)), key=lambda one: one.at)
    for name, heard in (("command", year.program.heard), ("webhook", year.hook.heard)):
        assert _pieces(heard) == [(one.state, one.portal, one.outcome) for one in must], name
        for one, due in zip(heard, must, strict=True):
            down = name == "webhook" and HOOK_DOWN[0] <= due.at < HOOK_DOWN[1]
            if down:  # tried once a day at last, whenever somebody looks
                assert HOOK_DOWN[1] <= one.at <= HOOK_DOWN[1] + timedelta(days=5)
            else:
                assert _near(one.at, due.at), (one, due)


def _by_host(year: Year) -> dict[str, list[LoggedRequest]]:
    found: dict[str, list[LoggedRequest]] = {}
    for request in year.portals.requests:
        found.setdefault(request.host, []).append(request)
    return found


def test_no_host_is_asked_for_more_in_a_day_than_its_budget(year: Year) -> None:
    for host, requests in _by_host(year).items():
        days = Counter(year.clock.at(request.time_started).date() for request in requests if request.status)
        assert max(days.values(), default=0) <= BUDGET, host


def test_no_host_is_asked_twice_at_a_time_or_sooner_than_it_wants(year: Year) -> None:
    paced = {year.portals.server(tale.key).netloc for tale in year.tales if tale is CUNZHAO}
    for host, requests in _by_host(year).items():
        answered = [request for request in requests if request.status]
        for before, after in pairwise(answered):
            assert before.time_ended <= after.time_started, host
            if host in paced:
                assert after.time_started - before.time_started >= 0.25, host


def test_nothing_is_asked_outside_of_a_visit(year: Year) -> None:
    spans = []
    for tale in year.tales:
        for visit in books.visits(year.data, tale.key):
            # One that was killed has no end: it was killed before the next one began.
            spans.append((visit.at, visit.ended or visit.at + SLACK))
    for request in year.portals.requests:
        moment = year.clock.at(request.time_started)
        second = timedelta(seconds=5)
        assert any(begun - second <= moment <= ended + second for begun, ended in spans), request


def _stands(year: Year, tale: Tale, url: str) -> bool:
    """Whether the portal still answers at this address, wherever it has gone."""
    server = year.portals.server(tale.key)
    parts = urlsplit(url)
    assert server.portal is not None
    return (
        parts.netloc == server.netloc
        and server.portal.answer(Request("GET", parts.path, parts.query)).status == 200
    )


def test_an_original_is_asked_for_once_and_again_only_by_a_visit_for_everything(year: Year) -> None:
    tales = {tale.key: tale for tale in year.tales}
    asked: dict[str, list[datetime]] = {}
    for request in year.portals.requests:
        if request.status == 200:
            asked.setdefault(request.url, []).append(year.clock.at(request.time_started))
    for portal, url, _ in books.documents(year.data):
        tale, first = tales[portal], asked[url][0]
        again = [at for at in oracle.fetching_all(tale) if at > first]
        if tale.left and first < tale.left and not _stands(year, tale, url):
            again = [at for at in again if at < tale.left]
        if not tale.long and not tale.kill:
            assert len(asked[url]) == 1 + len(again), url
        else:
            # What was cut short is made up for: an answer that was not stored, a page without its file.
            cut = sum(visit.reason in (None, "shutdown", "budget") for visit in oracle.visits(tale))
            assert len(asked[url]) <= 1 + len(again) + cut, url


def test_what_is_forbidden_or_no_report_is_never_asked_for(year: Year) -> None:
    manifest = year.portals.manifest
    assert not {request.url for request in year.portals.requests} & {
        *manifest.forbidden,
        *manifest.lookalikes,
    }


def test_the_archive_is_whole(year: Year) -> None:
    command = [sys.executable, "-P", "-m", "crawler.cli", "check", "--data", str(year.data)]
    done = subprocess.run(command, env=year.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
