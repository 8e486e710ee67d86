"""A whole crawl of the sample portals, with a delay: what their logs say of how they were asked."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from archive.divisions import DEFAULT
from archive.store import Store
from crawler import settings
from crawler.budget import FILE, spent
from crawler.runner import crawl
from crawler.summary import CrawlSummary
from demo.server import DemoPortals, LoggedRequest
from spiders.portals import from_entry

#: A whole crawl of the sample portals with a real delay between requests.
pytestmark = pytest.mark.slow

#: Seconds; far more than an answer on loopback takes, so that what keeps requests apart is the delay.
DELAY = 0.3
#: What the log can be late by for the earlier of two requests, so that they look closer than they were:
#: it notes a request when a thread of the server has it, on a busy machine a tenth of a second later.
SLACK = 0.1


class Crawl(NamedTuple):
    portals: DemoPortals
    summary: CrawlSummary
    by_host: dict[str, list[LoggedRequest]]
    data: Path


def start_of(done: Crawl, key: str) -> str:
    (entry,) = (entry for entry in done.portals.registry if entry["key"] == key)
    return str(entry["start"][0])


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawl]:
    data = tmp_path_factory.mktemp("polite")
    with DemoPortals(seed=1) as portals:
        with Store(data / "gongkai.db", demo=True) as store:
            store.load_divisions(DEFAULT.with_extra(portals.divisions).rows())
        registry = [from_entry(entry) for entry in portals.registry]
        summary = crawl(registry, data=data, demo=True, progress=False, delay=DELAY)
        by_host: dict[str, list[LoggedRequest]] = defaultdict(list)
        for request in portals.requests:
            by_host[request.host].append(request)
        yield Crawl(portals, summary, dict(by_host), data)


def test_every_portal_was_asked(done: Crawl) -> None:
    hosts = {urlsplit(start).netloc for entry in done.portals.registry for start in entry["start"]}
    # One takes no connection, and one is of a group that is at rest.
    never = {urlsplit(start_of(done, key)).netloc for key in ("demo-refused", "demo-grouped")}
    assert set(done.by_host) == hosts - never
    assert done.summary.stored == len(done.portals.manifest.reports)


def test_never_two_requests_at_a_time_to_one_host(done: Crawl) -> None:
    for requests in done.by_host.values():
        for earlier, later in pairwise(requests):
            assert earlier.time_ended <= later.time_started


def test_nor_to_one_address(done: Crawl) -> None:
    by_address: dict[str, list[LoggedRequest]] = defaultdict(list)
    for request in done.portals.requests:
        by_address[request.host.rpartition(":")[0]].append(request)
    for requests in by_address.values():
        for earlier, later in pairwise(requests):
            assert earlier.time_ended <= later.time_started


def test_the_delay_is_kept_between_any_two_requests_to_a_host(done: Crawl) -> None:
    least = DELAY * (1 - settings.DOWNLOAD_DELAY_JITTER) - SLACK
    gaps = [
        later.time_started - earlier.time_started
        for requests in done.by_host.values()
        for earlier, later in pairwise(requests)
    ]
    assert len(gaps) > 100
    assert min(gaps) >= least
    # Not all at the least: the delay is drawn anew each time.
    assert max(gaps) > DELAY


def test_robots_txt_comes_first_and_what_it_forbids_is_never_asked(done: Crawl) -> None:
    for requests in done.by_host.values():
        answered = [request for request in requests if request.status]
        assert answered[0].path == "/robots.txt"
        # Once over each scheme, and two more times only where it fails.
        asked_for = Counter(r.scheme for r in answered if r.path == "/robots.txt" and r.status < 500)
        assert set(asked_for.values()) <= {1}
    asked = {request.url for request in done.portals.requests}
    assert done.portals.manifest.forbidden
    assert not asked & set(done.portals.manifest.forbidden)


def test_a_blocked_host_is_asked_once(done: Crawl) -> None:
    assert len(done.portals.manifest.blocked) == 8
    for key in done.portals.manifest.blocked:
        (request,) = done.by_host[urlsplit(start_of(done, key)).netloc]
        assert request.path == "/robots.txt"


def test_a_host_that_begins_to_challenge_is_asked_for_nothing_after_that(done: Crawl) -> None:
    requests = done.by_host[urlsplit(start_of(done, "demo-midway")).netloc]
    # robots.txt, the list, three reports and the challenge; two more reports are listed.
    assert [request.status for request in requests] == [404, 200, 200, 200, 200, 412]


def test_a_host_that_asks_for_too_long_a_pause_is_left(done: Crawl) -> None:
    assert [r.status for r in done.by_host[urlsplit(start_of(done, "demo-pause")).netloc]] == [404, 429]
    (robots,) = done.by_host[urlsplit(start_of(done, "demo-crawl-delay")).netloc]
    assert robots.path == "/robots.txt"


def test_every_request_is_counted_against_its_hosts_budget(done: Crawl) -> None:
    assert (done.data / FILE).exists()

    addresses = {host.rpartition(":")[0] for host in done.by_host}
    addresses.add(urlsplit(start_of(done, "demo-refused")).hostname or "")
    counted = spent(done.data, sorted(addresses), datetime.now(UTC))
    # Who takes no connection has no log of it.
    refused = urlsplit(start_of(done, "demo-refused")).netloc
    assert counted.pop(refused) == 2  # over http, and once over https
    assert counted == {host: len(requests) for host, requests in done.by_host.items()}


def test_everyone_was_told_who_asks(done: Crawl) -> None:
    agents = {request.user_agent for request in done.portals.requests if request.status}
    assert agents == {settings.user_agent("")}
