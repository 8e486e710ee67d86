"""A real crawl of portals that do harm or are broken: bounded, recorded, and none holds up another."""

from __future__ import annotations

import gzip
import hashlib
import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from archive import warc
from archive.records import WarcLocation
from crawler.runner import crawl
from crawler.summary import CrawlSummary

from .raw import Answer, RawServer, http, redirect
from .servers import listing, portal

#: Waits for servers that stall.
pytestmark = pytest.mark.slow

LIST = http(listing("2023.html").encode())
ARTICLE = (
    "<html><body><h1>示例县年报</h1><div id='zoom'>" + "正文。" * 100 + "</div></body></html>"
).encode()
ZIPPED = b"Content-Encoding: gzip\r\n"
#: What JSON can spell and no file can hold.
_HALF = "示例县2023年政府信息公开工作年度报告\ud800"
BOMB = gzip.compress(b"\0" * 80_000_000)
NONE = http(b"", "404 Not Found")


def _rows(*hrefs: str) -> bytes:
    return http(
        "".join(
            f'<li><a href="{href}">示例县{2000 + n}年政府信息公开工作年度报告</a><span>2024-01-29</span></li>'
            for n, href in enumerate(hrefs)
        ).encode()
    )


def _list(answer: Answer) -> dict[str, Answer]:
    return {"/nb/": answer}


def _one(answer: Answer) -> dict[str, Answer]:
    return {"/nb/": LIST, "/nb/2023.html": answer}


def _api(answer: bytes) -> dict[str, Answer]:
    index = '<script>window._CONFIG={SID:\'1\',TREE:[{"id":1,"name":"年报"}]}</script>'
    return {"/gkmlpt/index": http(index.encode()), "/gkmlpt/api/all/1": http(answer, kind="application/json")}


_REDIRECTS = {
    "file:///etc/passwd": "http",
    "data:text/html,x": "http",
    "http://169.254.169.254/": "foreign_host",
    "http://[::1]/": "foreign_host",
    "http://2130706433/": "foreign_host",
    "http://0x7f000001/": "foreign_host",
    "http://user:word@127.0.0.1/": "foreign_host",
    "http://[::ffff:127.0.0.1]/": "foreign_host",
    "//127.0.0.1:22/": "foreign_host",
    "http://[broken": "network",
}

#: Portal → its answers and the kinds of issue each must end with; none means that a document is kept.
CASES: dict[str, tuple[Mapping[str, Answer], set[str]]] = {
    "redirects": (
        _list(_rows(*(f"/{n}" for n in range(len(_REDIRECTS)))))
        | {f"/{n}": redirect(to) for n, to in enumerate(_REDIRECTS)},
        set(_REDIRECTS.values()),
    ),
    "bomb": (_one(http(BOMB, headers=ZIPPED)), {"encoding"}),
    "bomb-list": ({"/nb/": http(BOMB, headers=ZIPPED)}, {"encoding"}),
    "bomb-robots": ({"/robots.txt": http(BOMB, headers=ZIPPED), "/nb/": LIST}, {"encoding", "robots"}),
    "cut-gzip": (_one(http(gzip.compress(ARTICLE)[:-9], headers=ZIPPED)), {"encoding"}),
    "no-gzip": (_one(http(ARTICLE, headers=ZIPPED)), set()),
    "twice-gzip": (_one(http(gzip.compress(gzip.compress(ARTICLE)), headers=ZIPPED * 2)), set()),
    "no-coding": (_one(http(ARTICLE, headers=b"Content-Encoding: utf-8\r\n")), set()),
    "codings": (_one(http(ARTICLE, headers=b"Content-Encoding: " + b"gzip," * 900 + b"\r\n")), {"encoding"}),
    "charset": (_one(http(ARTICLE, kind="text/html; charset=base64")), set()),
    "charset-idna": (_one(http(ARTICLE, kind="text/html; charset=idna")), set()),
    "longer": (_one(http(ARTICLE, length=len(ARTICLE) + 9)), {"network"}),
    "no-length": (_one(http(ARTICLE, length="many")), {"network"}),
    "reset": (_one(http(ARTICLE, length=len(ARTICLE) + 9)), {"network"}),
    "ssh": (_one(b"SSH-2.0-OpenSSH\r\n"), {"network"}),
    "part": (_one(http(ARTICLE, "206 Partial Content")), {"http"}),
    "accepted": (_one(http(ARTICLE, "202 Accepted")), {"http"}),
    "no-content": ({"/nb/": b"HTTP/1.1 204 No Content\r\n\r\n"}, {"http"}),
    "blank-list": ({"/nb/": http(b"<html></html>")}, {"unreadable_list"}),
    "empty-list": ({"/nb/": http(b"")}, {"unreadable_list"}),
    "empty": (_one(http(b"")), {"unreadable"}),
    "large-list": ({"/nb/": http(b"<a href='/1'>x</a>" * 500_000)}, {"unreadable_list"}),
    "many-links": (
        {"/nb/": http(b"".join(b"<a href='/%d'>x</a>" % n for n in range(25_000)))},
        {"unreadable_list"},
    ),
    "long-address": ({"/nb/": _rows("/" + "u" * 5000)}, {"long_address"}),
    "robots-away": ({"/robots.txt": redirect("file:///etc/passwd"), "/nb/": LIST}, {"robots"}),
    "robots-delay": (
        {"/robots.txt": http(b"User-agent: *\nCrawl-delay: 1000000000\n"), "/nb/": LIST},
        {"crawl_delay"},
    ),
    "retry-after": (
        {"/nb/": http(b"", "503 Busy", headers=b"Retry-After: " + b"9" * 400 + b"\r\n")},
        {"retry_after"},
    ),
    "json-nested": (_api(b"[" * 10_000), {"unreadable_list"}),
    "json-endless": (_api(b'{"articles": [], "total": 1e999}'), {"unreadable_list"}),
    "json-half": (
        {
            **_api(
                json.dumps(
                    {
                        "articles": [{"url": "/a", "title": _HALF, "publisher": {"a": 1}}],
                        "total": 1,
                    }
                ).encode()
            ),
            "/a": http(ARTICLE),
        },
        set(),
    ),
    "same-target": (
        {"/nb/": _rows("/a", "/b"), "/a": redirect("/c"), "/b": redirect("/c"), "/c": http(ARTICLE)},
        set(),
    ),
    "sound": (_one(http(ARTICLE)), set()),
}


class Crawled(NamedTuple):
    summary: CrawlSummary
    servers: dict[str, RawServer]
    data: Path

    def query(self, sql: str, *given: object) -> list[Any]:
        db = sqlite3.connect(self.data / "gongkai.db")
        try:
            return db.execute(sql, given).fetchall()
        finally:
            db.close()


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    data = tmp_path_factory.mktemp("data")
    servers = {
        key: RawServer(f"127.0.2.{n}", {"/robots.txt": NONE, **routes}, reset=key == "reset")
        for n, (key, (routes, _)) in enumerate(CASES.items(), start=1)
    }
    portals = [
        portal(key, f"{server.base}/gkmlpt/index", "gkmlpt")
        if key.startswith("json")
        else portal(key, f"{server.base}/nb/")
        for key, server in servers.items()
    ]
    try:
        yield Crawled(crawl(portals, data=data, demo=True, progress=False), servers, data)
    finally:
        for server in servers.values():
            server.close()


@pytest.mark.parametrize("key", CASES)
def test_each_ends_as_a_recorded_outcome(crawled: Crawled, key: str) -> None:
    kinds = {
        kind
        for (kind,) in crawled.query(
            "SELECT kind FROM run_issues i JOIN runs r ON r.id = i.run WHERE portal = ?", key
        )
    }
    assert kinds - {"unassigned"} == CASES[key][1]
    if not CASES[key][1]:
        assert crawled.query("SELECT count(*) FROM documents WHERE portal = ?", key) >= [(1,)]


def test_every_visit_ended(crawled: Crawled) -> None:
    assert len(crawled.summary.portals) == len(CASES)
    assert crawled.query("SELECT count(*) FROM runs WHERE finished_at IS NULL") == [(0,)]
    status = dict(crawled.query("SELECT key, status FROM portals"))
    assert status["blank-list"] == status["no-content"] == "broken"
    assert status["sound"] == "ok"


def test_redirects_lead_nowhere(crawled: Crawled) -> None:
    assert sorted(crawled.servers["redirects"].asked) == sorted(
        ["/robots.txt", "/nb/", *(f"/{n}" for n in range(len(_REDIRECTS)))]
    )


def test_two_addresses_that_lead_to_one_are_two_documents(crawled: Crawled) -> None:
    base = crawled.servers["same-target"].base
    found = crawled.query("SELECT url FROM documents WHERE portal = 'same-target' ORDER BY url")
    assert found == [(f"{base}/a",), (f"{base}/b",)]


def test_what_was_read_is_what_the_archive_gives_back(crawled: Crawled) -> None:
    rows = crawled.query("SELECT sha256, warc_file, warc_offset, warc_length FROM documents")
    for sha256, *place in rows:
        body = warc.read(crawled.data / "warc", WarcLocation(*place)).body
        assert hashlib.sha256(body).hexdigest() == sha256


def test_a_broken_body_hides_no_other_record(crawled: Crawled) -> None:
    unread: list[str] = []
    kept = {record.url for record in warc.iter_records(crawled.data / "warc", None, unread)}
    assert f"{crawled.servers['sound'].base}/nb/2023.html" in kept
    assert f"{crawled.servers['cut-gzip'].base}/nb/" in kept
    assert any("cut short" in message for message in unread)


def test_an_attachment_that_did_not_come_is_asked_for_again(tmp_path: Path) -> None:
    page = "<h1>示例县2023年政府信息公开工作年度报告</h1><div id='zoom'><a href='/f.pdf'>附件</a></div>"
    routes: dict[str, Answer] = {"/robots.txt": NONE, **_one(http(page.encode()))}
    server = RawServer("127.0.2.201", {**routes, "/f.pdf": http(b"", "403 Forbidden")})
    here = portal("attached", f"{server.base}/nb/")
    try:
        first = crawl([here], data=tmp_path, demo=True, progress=False).portals[0]
        assert {"http", "attachment"} <= set(first.failed)
        server.routes["/f.pdf"] = http(b"%PDF-1.4 broken", kind="application/pdf")
        crawl([here], data=tmp_path, demo=True, progress=False)
        assert server.asked.count("/f.pdf") == 2
        assert server.asked.count("/nb/2023.html") == 2
    finally:
        server.close()


_CALL = """
import json, sys
from pathlib import Path
from crawler.runner import crawl
from spiders.portals import from_entry
summary = crawl([from_entry(json.loads(sys.argv[1]))], data=Path(sys.argv[2]), demo=True, progress=False)
print(summary.interrupted)
"""


_SIGNALS = {signal.SIGTERM: "True\n", signal.SIGINT: "True\n", signal.SIGKILL: ""}


def test_a_crawl_ends_with_whoever_began_it(tmp_path: Path) -> None:
    def slow(_: str) -> bytes:
        time.sleep(0.5)
        return http(ARTICLE)

    routes: dict[str, Answer] = {
        "/robots.txt": NONE,
        "/nb/": _rows(*(f"/{n}" for n in range(100))),
        "*": slow,
    }
    servers = {how: RawServer(f"127.0.2.{210 + how}", routes) for how in _SIGNALS}
    callers = {}
    for how, server in servers.items():
        entry = json.dumps(portal("slow", f"{server.base}/nb/").entry())
        command = [sys.executable, "-c", _CALL, entry, str(tmp_path / how.name)]
        callers[how] = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    for how, server in servers.items():
        while len(server.asked) < 4 and time.monotonic() < deadline:
            time.sleep(0.05)
        callers[how].send_signal(how)
    for how, said in _SIGNALS.items():
        assert callers[how].communicate(timeout=30)[0] == said
        assert _ended(tmp_path / how.name / "gongkai.db", deadline) == [("shutdown",)]
        assert len(servers[how].asked) < 100
        servers[how].close()


def _ended(database: Path, deadline: float) -> list[Any]:
    found: list[Any] = []
    while not found and time.monotonic() < deadline:
        time.sleep(0.1)
        db = sqlite3.connect(database)
        found = db.execute("SELECT finish_reason FROM runs WHERE finished_at IS NOT NULL").fetchall()
        db.close()
    return found
