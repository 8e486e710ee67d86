"""Portals that change while they run: what is not yet published, moves, challenges, silences, alterations."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import date
from http.client import HTTPException
from typing import Any

import pytest

from demo import changes
from demo.server import DemoPortals

KEY = "demo-cunzhao"


@pytest.fixture
def portals() -> Iterator[DemoPortals]:
    with DemoPortals(seed=1) as running:
        yield running


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def ask(portals: DemoPortals, path: str = "", base: str = "") -> tuple[int, str, str]:
    """Status, Location and text of a portal's answer; its first list where no path is given."""
    start = next(entry for entry in portals.registry if entry["key"] == KEY)["start"][0]
    url = base + path if base else start
    try:
        with urllib.request.build_opener(_NoRedirect()).open(url, timeout=10) as answer:
            return answer.status, "", answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("Location", ""), ""


def test_nothing_is_there_before_its_day(portals: DemoPortals) -> None:
    column = portals.site(KEY).columns[0]
    newest = column.entries[0]
    portals.change(KEY, lambda site: changes.as_of(site, date(2024, 12, 31)))
    assert newest.day > date(2024, 12, 31)
    assert newest.title not in ask(portals)[2]
    assert len(portals.site(KEY).columns[0].entries) == len(column.entries) - 1
    assert not any(report.title == newest.title for report in portals.manifest.reports)


def test_a_list_that_a_script_draws_has_no_row(portals: DemoPortals) -> None:
    row = portals.site(KEY).columns[0].entries[0].title
    assert row in ask(portals)[2]
    portals.change(KEY, changes.drawn)
    status, _, text = ask(portals)
    assert (status, row in text, "app.js" in text) == (200, False, True)


def test_a_challenge_is_all_there_is_and_the_entry_stays(portals: DemoPortals) -> None:
    before = portals.registry
    portals.change(KEY, changes.challenging("468"))
    assert ask(portals)[0] == 468
    assert portals.registry == before


def test_a_silent_portal_hangs_up(portals: DemoPortals) -> None:
    portals.change(KEY, changes.silent)
    with pytest.raises((HTTPException, OSError)):
        ask(portals)
    assert [request.status for request in portals.requests] == [0]


def test_a_portal_that_moves_leads_there(portals: DemoPortals) -> None:
    old = f"http://{portals.server(KEY).netloc}"
    _, _, before = ask(portals)
    portals.move(KEY)
    new = f"http://{portals.server(KEY).netloc}"
    assert new != old
    assert ask(portals)[2] == before
    assert ask(portals, "/robots.txt", old)[:2] == (301, f"{new}/robots.txt")
    assert {request.host for request in portals.requests} == {old[7:], new[7:]}


def test_a_rebuilt_portal_has_the_same_reports_elsewhere(portals: DemoPortals) -> None:
    old = next(entry for entry in portals.registry if entry["key"] == "demo-moben")["start"]
    reports = {report.title for report in portals.manifest.reports if report.portal == "demo-moben"}
    portals.change("demo-moben", changes.rebuilt("numeric", ("/a/", "/b/")))
    entry = next(entry for entry in portals.registry if entry["key"] == "demo-moben")
    assert entry["family"] == "numeric"
    assert not set(entry["start"]) & set(old)
    assert {r.title for r in portals.manifest.reports if r.portal == "demo-moben"} == reports


def test_an_alteration_changes_these_cells_and_no_others(portals: DemoPortals) -> None:
    place = ("disclosure", "penalties", "decisions")
    key = ("校样县人民政府", 2023)

    def cells() -> dict[tuple[str, str, str], object]:
        report = next(r for r in portals.manifest.reports if (r.agency, r.year) == key)
        return {
            (table, row, column): value
            for table, rows in report.cells.items()
            for row, columns in rows.items()
            for column, value in columns.items()
        }

    before = cells()
    portals.change("demo-jiaoyang", changes.altered(*key, {place: 7}, seed=1))
    after = cells()
    assert {at for at in before if before[at] != after[at]} == {place}
