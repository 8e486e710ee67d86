"""Portals side by side in one run whose hosts turn out to be one machine, and Retry-After in every form."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from threading import Event

import pytest

from crawler.runner import crawl
from crawler.sites import groups
from spiders.portals import from_entry

from .servers import Pages, Reply, Server, listing, portal

pytestmark = pytest.mark.slow

ARTICLE = "<html><body><h1>示例县年报</h1><div id='zoom'>" + "正文。" * 100 + "</div></body></html>"
NAMES = ("2023.html", "2022.html", "2021.html")
#: Seconds an answer takes, so that requests sent side by side would be seen to overlap.
SLOW = 0.1


def _slowly(body: str) -> Reply:
    Event().wait(SLOW)
    return Reply(body)


def _pages() -> Pages:
    pages: Pages = {"/nb/": lambda n: _slowly(listing(*NAMES))}
    return pages | {f"/nb/{name}": lambda n: _slowly(ARTICLE) for name in NAMES}


def _times(*servers: Server) -> list[float]:
    return sorted(asked.at for server in servers for asked in server.asked)


@pytest.fixture
def three() -> Iterator[list[Server]]:
    """Two on one address under two names, and one on another."""
    servers = [Server(address, _pages()) for address in ("127.0.0.1", "127.0.0.1", "127.0.0.99")]
    yield servers
    for server in servers:
        server.stop()


def test_two_names_of_one_address_are_never_asked_at_once(three: list[Server], tmp_path: Path) -> None:
    named, plain, other = three
    port = named.base.rpartition(":")[2]
    portals = [
        portal("named", f"http://localhost:{port}/nb/"),
        portal("plain", f"{plain.base}/nb/"),
        portal("other", f"{other.base}/nb/"),
    ]
    # Two sites, so nothing but the address keeps them apart.
    assert len(groups(portals)) == 3
    summary = crawl(portals, data=tmp_path, demo=True, progress=False)
    assert [(run.found, run.finish_reason) for run in summary.portals] == [(3, "finished")] * 3
    together = _times(named, plain)
    assert len(together) == 10
    # An answer takes SLOW; robots.txt (404) takes none.
    slow = sorted(
        asked.at for server in (named, plain) for asked in server.asked if "robots" not in asked.target
    )
    assert all(later - earlier >= SLOW for earlier, later in pairwise(slow))
    # They took turns, and the third did not wait for them.
    first = [min(asked.at for asked in server.asked) for server in (named, plain)]
    last = [max(asked.at for asked in server.asked) for server in (named, plain)]
    assert max(first) < min(last)
    assert max(_times(other)) < max(together)


def test_portals_of_one_group_are_never_asked_at_once(three: list[Server], tmp_path: Path) -> None:
    one, _, two = three
    portals = [
        from_entry(portal(key, f"{server.base}/nb/").entry() | {"group": "qinghe"})
        for key, server in (("one", one), ("two", two))
    ]
    delay = 0.3
    crawl(portals, data=tmp_path, demo=True, progress=False, delay=delay)
    assert len(one.asked) == len(two.asked) == 5
    assert max(_times(one)) < min(_times(two))
    # The delay is kept from the last request to the one to the first to the other as well.
    assert min(_times(two)) - max(_times(one)) >= delay / 2 - 0.05


def _in(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


#: Retry-After of a 503 that comes once → (seconds waited at least, issues); a date has no fractions.
_FORMS = {
    "date": (lambda: _in(3), 1.9, set()),
    "past": (lambda: _in(-3600), 0.0, set()),
    "nought": (lambda: "0", 0.0, set()),
    "negative": (lambda: "-5", 0.0, set()),
    "garbage": (lambda: "soon", 0.0, set()),
    "years": (lambda: str(10 * 365 * 86400), None, {"retry_after"}),
    "years-date": (lambda: _in(10 * 365 * 86400), None, {"retry_after"}),
    "endless": (lambda: "9" * 30, None, {"retry_after"}),
}


def test_retry_after_in_every_form(tmp_path: Path) -> None:
    def pages(form: str) -> Pages:
        def column(number: int) -> Reply:
            if number == 1:
                return Reply("later", 503, {"Retry-After": _FORMS[form][0]()})
            return Reply(listing("2023.html"))

        return {"/nb/": column, "/nb/2023.html": Reply(ARTICLE)}

    servers = {form: Server(f"127.0.0.{100 + n}", pages(form)) for n, form in enumerate(_FORMS)}
    try:
        portals = [portal(form, f"{server.base}/nb/") for form, server in servers.items()]
        summary = crawl(portals, data=tmp_path, demo=True, progress=False)
    finally:
        for server in servers.values():
            server.stop()
    for run in summary.portals:
        _, least, issues = _FORMS[run.portal]
        server = servers[run.portal]
        assert set(run.failed) - {"unassigned"} == issues, run.portal
        if least is None:
            assert server.targets == ["/robots.txt", "/nb/"]
            assert run.finish_reason == "retry_after"
        else:
            assert server.targets == ["/robots.txt", "/nb/", "/nb/", "/nb/2023.html"]
            assert server.asked[2].at - server.asked[1].at >= least
