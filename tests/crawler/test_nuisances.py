"""A real crawl of the sample portals with one nuisance each, and another one after it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from archive.divisions import DEFAULT
from archive.store import Store
from crawler.runner import crawl
from crawler.summary import CrawlSummary, PortalRun
from demo.loopback import LoggedRequest
from demo.server import DemoPortals
from spiders.portals import from_entry

pytestmark = pytest.mark.slow

#: Portal → (why its visit ends, the status it has then).
ENDS = {
    "demo-yanlian": ("blocked:rs", "blocked:rs"),
    "demo-521": ("blocked:jsl", "blocked:jsl"),
    "demo-202": ("blocked:rs", "blocked:rs"),
    "demo-script": ("blocked:script", "blocked:script"),
    "demo-468": ("blocked:waf", "blocked:waf"),
    "demo-shell": ("blocked:cookie", "blocked:cookie"),
    "demo-itself": ("blocked:cookie", "blocked:cookie"),
    "demo-bare": ("blocked:redirect", "blocked:redirect"),
    "demo-grouped": ("resting", "unverified"),
    "demo-midway": ("blocked:rs", "blocked:rs"),
    "demo-secure": ("finished", "ok"),
    "demo-only-https": ("finished", "ok"),
    "demo-only-http": ("finished", "ok"),
    "demo-pingpong": ("no_list", "broken"),
    "demo-moved": ("no_list", "gone"),
    "demo-hijacked": ("no_list", "broken"),
    "demo-documents": ("finished", "ok"),
    "demo-mislabelled": ("finished", "ok"),
    "demo-short": ("finished", "partial"),
    "demo-refused": ("unreachable", "unreachable"),
    "demo-no-robots": ("unreachable", "unreachable"),
    "demo-pause": ("retry_after", "unverified"),
    "demo-crawl-delay": ("crawl_delay", "unverified"),
}


class Crawled(NamedTuple):
    portals: DemoPortals
    data: Path
    first: CrawlSummary
    log: list[LoggedRequest]
    second: CrawlSummary
    later: list[LoggedRequest]

    def start(self, key: str) -> str:
        return str(next(entry["start"][0] for entry in self.portals.registry if entry["key"] == key))

    def asked(self, key: str, log: list[LoggedRequest]) -> list[LoggedRequest]:
        return [request for request in log if request.host == urlsplit(self.start(key)).netloc]

    def query(self, sql: str, *given: object) -> list[Any]:
        db = sqlite3.connect(self.data / "gongkai.db")
        try:
            return db.execute(sql, given).fetchall()
        finally:
            db.close()


def run_of(summary: CrawlSummary, key: str) -> PortalRun:
    (found,) = [run for run in summary.portals if run.portal == key]
    return found


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    data = tmp_path_factory.mktemp("nuisances")
    with DemoPortals(seed=1) as portals:
        registry = [from_entry(entry) for entry in portals.registry if entry["key"] in ENDS]
        with Store(data / "gongkai.db", demo=True) as store:
            store.load_divisions(DEFAULT.with_extra(portals.divisions).rows())
        first = crawl(registry, data=data, demo=True, progress=False)
        log = portals.requests
        second = crawl(registry, data=data, demo=True, progress=False)
        yield Crawled(portals, data, first, log, second, portals.requests[len(log) :])


def test_every_portal_of_the_kind_is_looked_at(crawled: Crawled) -> None:
    assert set(ENDS) == {
        entry["key"] for entry in crawled.portals.registry if entry["status"] == "unverified"
    }


@pytest.mark.parametrize("key", ENDS)
def test_each_portal_ends_as_it_must(crawled: Crawled, key: str) -> None:
    run = run_of(crawled.first, key)
    want = {(issue.kind, issue.url) for issue in crawled.portals.manifest.issues if issue.portal == key}
    found = crawled.query("SELECT kind, url FROM run_issues WHERE run = ?", run.run)
    assert sorted(found) == sorted(want)
    # At the end of the first crawl; a rest or an absence says nothing new in the second.
    assert (run.finish_reason, *crawled.query("SELECT status FROM portals WHERE key = ?", key)[0]) == ENDS[
        key
    ]


def test_what_came_before_a_challenge_is_kept(crawled: Crawled) -> None:
    run = run_of(crawled.first, "demo-midway")
    assert (run.found, run.stored) == (5, 3)
    assert [request.status for request in crawled.asked("demo-midway", crawled.log)] == [404, *[200] * 4, 412]


def test_after_a_challenge_host_and_group_rest(crawled: Crawled) -> None:
    challenged = [key for key, (why, _) in ENDS.items() if why.startswith("blocked:")]
    assert len(challenged) == 9
    for key in (*challenged, "demo-grouped"):
        run = run_of(crawled.second, key)
        assert (run.finish_reason, run.requests, dict(run.failed)) == ("resting", 0, {"resting": 1})
        assert crawled.asked(key, crawled.later) == []
    assert crawled.asked("demo-grouped", crawled.log) == []
    (message,) = crawled.query(
        "SELECT message FROM run_issues WHERE run = ?", run_of(crawled.first, "demo-grouped").run
    )
    assert message[0].startswith("group=zhangai-fuwuqi answered with blocked:jsl; not asked before 20")


def test_what_cannot_be_reached_is_asked_again_by_the_next_run(crawled: Crawled) -> None:
    # Three tries in each run, robots.txt and nothing else.
    for log in (crawled.log, crawled.later):
        assert [request.path for request in crawled.asked("demo-no-robots", log)] == ["/robots.txt"] * 3
    for summary in (crawled.first, crawled.second):
        refused = run_of(summary, "demo-refused")
        # Over http, and once over https.
        assert (refused.finish_reason, refused.requests) == ("unreachable", 2)


@pytest.mark.parametrize(
    ("key", "scheme"), [("demo-secure", "https"), ("demo-only-https", "https"), ("demo-only-http", "http")]
)
def test_reports_behind_the_other_scheme_are_read(crawled: Crawled, key: str, scheme: str) -> None:
    published = {report.url for report in crawled.portals.manifest.reports if report.portal == key}
    stored = {url for (url,) in crawled.query("SELECT url FROM documents WHERE portal = ?", key)}
    assert stored == published
    assert {urlsplit(url).scheme for url in stored} == {scheme} != {urlsplit(crawled.start(key)).scheme}
    # What has been switched stays so: nothing but robots.txt and the column was tried the other way,
    other = [r for r in crawled.asked(key, crawled.log) if r.scheme != scheme]
    assert {r.path for r in other} <= {"", "/robots.txt", urlsplit(crawled.start(key)).path}
    # and the next run knows the reports again.
    assert (run_of(crawled.second, key).known, run_of(crawled.second, key).stored) == (2, 0)


def test_a_ping_pong_of_schemes_ends(crawled: Crawled) -> None:
    asked = [(r.scheme, r.path) for r in crawled.asked("demo-pingpong", crawled.log)]
    path = urlsplit(crawled.start("demo-pingpong")).path
    assert asked == [("http", "/robots.txt"), ("http", path), ("https", path)]


def test_a_refresh_is_followed_once(crawled: Crawled) -> None:
    paths = [request.path for request in crawled.asked("demo-documents", crawled.log)]
    assert len(paths) == len(set(paths))
    assert sum(path.endswith("_1.html") for path in paths) == 2
    assert not any(path.endswith("_2.html") for path in paths)


def test_the_bytes_decide_on_the_charset(crawled: Crawled) -> None:
    assert run_of(crawled.first, "demo-mislabelled").stored == 2


def test_a_move_or_a_takeover_is_asked_no_further(crawled: Crawled) -> None:
    path = urlsplit(crawled.start("demo-moved")).path
    assert [r.path for r in crawled.asked("demo-moved", crawled.log)] == ["/robots.txt", path, "/"]
    assert [r.path for r in crawled.asked("demo-hijacked", crawled.log)] == ["/robots.txt", path]
