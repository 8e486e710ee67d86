"""Answers without end, fast and slow: each costs a portal's visit a bounded time and a bounded memory."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

import pytest

from crawler import head
from crawler.runner import crawl

from .raw import Answer, RawServer, http
from .servers import listing, portal

#: Waits for servers that drip.
pytestmark = pytest.mark.slow

TIMEOUT = 2
#: A request is made three times where it may have been an accident; each may take the time-out.
TRIES = 3
MEGABYTES = 1
NONE = http(b"", "404 Not Found")
LIST = http(listing("2023.html").encode())
STATUS = b"HTTP/1.1 200 OK\r\n"
OPEN = STATUS + b"Content-Type: text/html\r\n\r\n"
#: What a socket and its buffers hold beyond what was read.
BUFFERS = 8 * 1024 * 1024


def drip(begins: bytes, part: bytes) -> Answer:
    def answer(_: str) -> Iterator[bytes]:
        yield begins
        while True:
            time.sleep(0.1)  # never so long that a time-out between two pieces would notice
            yield part

    return answer


def flood(begins: bytes, part: bytes) -> Answer:
    def answer(_: str) -> Iterator[bytes]:
        yield begins
        # An end, so that a client without a bound fails the test and does not fill the machine.
        yield from repeat(part * (65536 // len(part)), 8000)

    return answer


#: Portal → what answers for its report, and the issue that must come of it.
ARTICLES: dict[str, tuple[Answer, str]] = {
    "drip-body": (drip(OPEN, b"x"), "timeout"),
    "drip-chunks": (drip(STATUS + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"), "timeout"),
    "drip-headers": (drip(STATUS, b"X-A: b\r\n"), "timeout"),
    "drip-before": (drip(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"), "timeout"),
    "flood-headers": (flood(STATUS, b"X-A: b\r\n"), "network"),
    "flood-one-header": (flood(STATUS + b"X-A: ", b"b"), "network"),
    "flood-folded": (flood(STATUS + b"X-A: b\r\n", b" b\r\n"), "network"),
    "flood-before": (flood(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"), "network"),
    "flood-status": (flood(b"", b"H"), "network"),
    "flood-body": (flood(OPEN, b"x"), "too_large"),
    "flood-chunk-size": (flood(STATUS + b"Transfer-Encoding: chunked\r\n\r\n", b"1"), "network"),
    "flood-chunks": (
        flood(STATUS + b"Transfer-Encoding: chunked\r\n\r\n", b"80\r\n" + b"x" * 128 + b"\r\n"),
        "too_large",
    ),
    "flood-trailers": (
        flood(STATUS + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n", b"X-A: b\r\n"),
        "network",
    ),
}
#: The same of robots.txt: nothing else is asked then.
ROBOTS: dict[str, tuple[Answer, str]] = {
    "robots-drip": (drip(OPEN, b"#"), "unreachable"),
    "robots-flood": (flood(OPEN, b"Disallow: /x\n"), "robots"),
    "robots-flood-headers": (flood(STATUS, b"X-A: b\r\n"), "unreachable"),
}


class Came(NamedTuple):
    servers: dict[str, RawServer]
    kinds: dict[str, set[str]]
    seconds: float


@pytest.fixture(scope="module")
def came(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Came]:
    data: Path = tmp_path_factory.mktemp("data")
    routes: dict[str, dict[str, Answer]] = {
        **{key: {"/robots.txt": NONE, "/nb/": LIST, "*": answer} for key, (answer, _) in ARTICLES.items()},
        **{key: {"/robots.txt": answer, "/nb/": LIST} for key, (answer, _) in ROBOTS.items()},
    }
    servers = {key: RawServer(f"127.0.6.{n}", given) for n, (key, given) in enumerate(routes.items(), 1)}
    portals = [portal(key, f"{server.base}/nb/") for key, server in servers.items()]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GONGKAI_TIMEOUT", str(TIMEOUT))
        patch.setenv("GONGKAI_MAX_MEGABYTES", str(MEGABYTES))
        patch.setenv("GONGKAI_AT_ONCE", str(len(portals)))
        begun = time.monotonic()
        crawl(portals, data=data, demo=True, progress=False)
        seconds = time.monotonic() - begun
    kinds: dict[str, set[str]] = {key: set() for key in servers}
    with closing(sqlite3.connect(data / "gongkai.db")) as db:
        for key, kind in db.execute("SELECT portal, kind FROM run_issues i JOIN runs r ON r.id = i.run"):
            kinds[key].add(kind)
    yield Came(servers, kinds, seconds)
    for server in servers.values():
        server.close()


@pytest.mark.parametrize("key", [*ARTICLES, *ROBOTS])
def test_it_ends_as_a_recorded_outcome(came: Came, key: str) -> None:
    expected = (ARTICLES | ROBOTS)[key][1]
    assert expected in came.kinds[key]


@pytest.mark.parametrize("key", [key for key in (*ARTICLES, *ROBOTS) if "flood" in key])
def test_no_more_is_taken_than_the_bounds_allow(came: Came, key: str) -> None:
    bound = MEGABYTES * 1024 * 1024 if "too_large" in came.kinds[key] or key == "robots-flood" else head.MOST
    assert came.servers[key].sent <= TRIES * (bound + BUFFERS)


def test_all_of_it_is_over_after_the_time_outs(came: Came) -> None:
    # robots.txt, the list and the report; what the machine does besides is let in.
    assert came.seconds < 60
