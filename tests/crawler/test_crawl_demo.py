"""The sample portals, end to end through Scrapy: all that is published is found, nothing else is asked."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from archive.divisions import DEFAULT
from archive.store import Store
from crawler.runner import crawl
from crawler.summary import CrawlSummary
from demo.server import DemoPortals
from spiders.portals import from_entry

#: A whole crawl of all sample portals, twice: over a minute. `make demo` makes it as well.
pytestmark = pytest.mark.slow


class Demo(NamedTuple):
    portals: DemoPortals
    data: Path
    first: CrawlSummary
    asked_first: list[str]
    second: CrawlSummary
    asked_second: list[str]
    before: dict[str, list[tuple[object, ...]]]
    after: dict[str, list[tuple[object, ...]]]


def asked(portals: DemoPortals) -> list[str]:
    return [request.url for request in portals.requests]


def contents(data: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every table but the books of the crawls."""
    db = sqlite3.connect(data / "gongkai.db")
    names = [
        name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    ]
    rows = {
        n: sorted(db.execute(f"SELECT * FROM [{n}]").fetchall(), key=repr)
        for n in names
        if not n.removeprefix("_count_").startswith("run")
    }
    db.close()
    return rows


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    data = tmp_path_factory.mktemp("demo")
    with DemoPortals(seed=1) as portals:
        registry = [from_entry(entry) for entry in portals.registry]
        with Store(data / "gongkai.db", demo=True) as store:
            store.load_divisions(DEFAULT.with_extra(portals.divisions).rows())
        first = crawl(registry, data=data, demo=True, progress=False)
        asked_first = asked(portals)
        before = contents(data)
        second = crawl(registry, data=data, demo=True, progress=False)
        yield Demo(
            portals,
            data,
            first,
            asked_first,
            second,
            asked(portals)[len(asked_first) :],
            before,
            contents(data),
        )


def test_every_published_report_is_found_and_stored(demo: Demo) -> None:
    manifest = demo.portals.manifest
    wanted = {report.url for report in manifest.reports}
    wanted |= {report.attachment_url for report in manifest.reports if report.attachment_url}
    wanted |= {url for report in manifest.reports for url in report.urls_of_copies}
    assert wanted <= set(demo.asked_first)
    assert demo.first.stored == len(manifest.reports)
    db = sqlite3.connect(demo.data / "gongkai.db")
    copies = {url for (url,) in db.execute("SELECT url FROM copies")}
    db.close()
    assert copies >= {url for report in manifest.reports for url in report.urls_of_copies}


def test_nothing_else_is_asked(demo: Demo) -> None:
    manifest = demo.portals.manifest
    everything = set(demo.asked_first) | set(demo.asked_second)
    assert not everything & set(manifest.lookalikes)
    assert not everything & set(manifest.forbidden)
    # Pages of a list that is asked for by POST share an address, columns of one site its script.
    posts = {r.url for r in demo.portals.requests if r.method == "POST"}
    # Two more tries are for robots.txt that fails with 500, and for connections over a scheme that is none.
    failed = {r.url for r in demo.portals.requests if r.status in (0, 500)}
    again = {url for url, number in Counter(demo.asked_first).items() if number > 1} - posts - failed
    assert {url.rpartition("/")[2] for url in again} == {"webBuilderCommon.js"}
    assert {demo.asked_first.count(url) for url in failed} == {3}


def test_a_blocked_portal_is_asked_once(demo: Demo) -> None:
    blocked = set(demo.portals.manifest.blocked)
    assert len(blocked) == 8
    first = {run.portal: run for run in demo.first.portals if run.portal in blocked}
    assert {run.requests for run in first.values()} == {1}
    assert {run.finish_reason for run in first.values()} == {
        f"blocked:{kind}" for kind in ("rs", "jsl", "waf", "cookie", "redirect", "script")
    }
    second = {run.portal: run for run in demo.second.portals if run.portal in blocked}
    assert {(run.finish_reason, run.requests) for run in second.values()} == {("resting", 0)}


def test_what_fails_is_what_the_portals_do_wrong(demo: Demo) -> None:
    kinds = Counter(issue.kind for issue in demo.portals.manifest.issues)
    assert {"robots", "gone", "partial", "foreign_host", "site_id_code"} < set(kinds)
    assert demo.first.failed == kinds


def test_endless_lists_are_left_after_thirty_pages(demo: Demo) -> None:
    for folder in ("/zwgk/tongbao/", "/rili/"):
        assert sum(folder in url for url in demo.asked_first) == 30


def test_a_second_crawl_reads_lists_only_and_changes_nothing(demo: Demo) -> None:
    reports = {report.url for report in demo.portals.manifest.reports}
    reports |= {url for report in demo.portals.manifest.reports for url in report.urls_of_copies}
    assert not reports & set(demo.asked_second)
    assert demo.second.stored == demo.second.revised == demo.second.copied == 0
    # The one that began to challenge midway rests, and nothing of it is looked at.
    midway = {report.url for report in demo.portals.manifest.reports if report.portal == "demo-midway"}
    assert len(midway) == 3
    assert demo.second.known == len(reports - midway)
    assert demo.after == demo.before


def test_never_two_requests_at_a_time_to_one_portal(demo: Demo) -> None:
    by_host: dict[str, list[tuple[float, float]]] = {}
    for request in demo.portals.requests:
        by_host.setdefault(request.host, []).append((request.time_started, request.time_ended))
    for times in by_host.values():
        for (_, ended), (started, _) in pairwise(times):
            assert ended <= started


def test_every_request_says_who_asks(demo: Demo) -> None:
    answered = [request for request in demo.portals.requests if request.status]
    assert {request.user_agent.partition("/")[0] for request in answered} == {"gongkai"}


@pytest.mark.slow
def test_plain_scrapy_visits_a_whole_family_in_turn(demo: Demo, tmp_path: Path) -> None:
    registry, data = tmp_path / "portals", tmp_path / "data"
    demo.portals.write_registry(registry)
    environment = os.environ | {
        "GONGKAI_DEMO": "1",
        "GONGKAI_PORTALS": str(registry),
        "GONGKAI_DATA": str(data),
        "SCRAPY_SETTINGS_MODULE": "crawler.settings",
    }
    command = [sys.executable, "-P", "-m", "scrapy", "crawl", "trs", "-a", "sample=1"]
    subprocess.run(command, env=environment, check=True, capture_output=True, cwd=tmp_path)
    db = sqlite3.connect(data / "gongkai.db")
    runs = dict(db.execute("SELECT portal, finish_reason FROM runs WHERE finished_at IS NOT NULL").fetchall())
    stored = db.execute("SELECT count(*) FROM documents WHERE role = 'page'").fetchone()[0]
    db.close()
    family = [entry["key"] for entry in demo.portals.registry if entry["family"] == "trs"]
    assert set(runs) == set(family)
    blocked = {
        issue.portal: issue.kind for issue in demo.portals.manifest.issues if issue.kind[:7] == "blocked"
    }
    assert len(blocked) > 3
    assert runs == {key: blocked.get(key, "sample") for key in family}
    assert stored == sum(key not in blocked for key in family)
