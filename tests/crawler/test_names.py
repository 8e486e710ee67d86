"""What a name means when it is connected to: the look-up that is checked is the one that is used."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from scrapy.utils.test import get_crawler
from twisted.internet._resolver import SimpleResolverComplexifier
from twisted.internet.defer import Deferred, succeed
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.error import DNSLookupError
from twisted.internet.protocol import Factory
from twisted.internet.testing import MemoryReactorClock

from crawler.guard import PublicResolver
from crawler.runner import crawl

from .servers import Reply, Server, listing, portal

PUBLIC = "203.119.25.1"


def test_a_name_that_changes_its_mind_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [PUBLIC, "127.0.0.1", PUBLIC, "169.254.169.254"]
    asked: list[str] = []

    def resolve(self: Any, name: str, timeout: Any = ()) -> Deferred[str]:
        asked.append(name)
        return succeed(answers[len(asked) - 1])

    monkeypatch.setattr("twisted.internet.base.ThreadedResolver.getHostByName", resolve)
    monkeypatch.setattr(PublicResolver, "refused", {})
    crawler = get_crawler(settings_dict={"GONGKAI_DEMO": False, "DNSCACHE_ENABLED": False})
    reactor: Any = MemoryReactorClock()  # type: ignore[no-untyped-call]
    resolver = PublicResolver.from_crawler(crawler, reactor)
    reactor.nameResolver = SimpleResolverComplexifier(resolver)
    connected: list[Any] = []
    for number in range(1, len(answers) + 1):
        tries = HostnameEndpoint(reactor, b"www.shilixian.gov.cn", 80).connect(Factory())
        failed: list[Any] = []
        tries.addErrback(failed.append)
        # One look-up a connection, and where that led, the connection went.
        assert len(asked) == number
        connected = [(host, port) for host, port, *_ in reactor.tcpClients]
        private = answers[number - 1] != PUBLIC
        assert bool(failed and failed[0].check(DNSLookupError)) == private
    assert connected == [(PUBLIC, 80), (PUBLIC, 80)]


@pytest.mark.slow
@pytest.mark.parametrize("demo", [False, True])
def test_a_real_crawl_asks_no_address_that_a_name_may_not_mean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, demo: bool
) -> None:
    """In a demonstration the same name may mean loopback: that shows that the test's names are looked up."""
    server = Server("127.0.0.1", {"/nb/": Reply(listing("2023.html"))})
    port = urlsplit(server.base).port
    means = {"www.shilixian.gov.cn": "127.0.0.1", "nb.linshixian.gov.cn": "169.254.169.254"}
    monkeypatch.setenv("TEST_NAMES", json.dumps(means))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).with_name("names")))
    monkeypatch.setenv("GONGKAI_CONTACT", "a@example.org")
    monkeypatch.setenv("GONGKAI_DELAY", "1")
    portals = [
        portal(name.split(".")[1], f"http://{name}:{port}/nb/")
        for name in means
        if demo is False or "shili" in name
    ]
    try:
        crawl(portals, data=tmp_path, demo=demo, progress=False)
    finally:
        server.stop()
    with closing(sqlite3.connect(tmp_path / "gongkai.db")) as db:
        kinds = {kind for (kind,) in db.execute("SELECT DISTINCT kind FROM run_issues")}
        said = {message for (message,) in db.execute("SELECT message FROM run_issues")}
    if demo:
        assert "/nb/" in server.targets
        return
    assert server.asked == []
    assert "private_address" in kinds
    for address in means.values():
        assert any(f"the name means {address}, which is no public address" in message for message in said)
