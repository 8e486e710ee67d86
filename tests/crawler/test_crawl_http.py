"""Real crawls of scripted servers: what goes over the wire, what is kept, what is recorded."""

from __future__ import annotations

import gzip
import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive import warc
from archive.store import Store
from crawler.runner import CrawlFailedError, crawl
from crawler.summary import CrawlSummary, PortalRun

from .servers import Pages, Reply, Server, listing, portal

ARTICLE = "<html><body><h1>示例县年报</h1><div id='zoom'>" + "正文。" * 100 + "</div></body></html>"
CHALLENGE = "<html><script>$_ts=window['$_ts'];</script></html>"
ZIPPED = {"Content-Encoding": "gzip"}
NO_ROBOTS = Reply("", 404)


def _pages() -> dict[str, Pages]:
    """Pages by portal key."""
    return {
        "zipped": {
            "/nb/": Reply(gzip.compress(listing("2023.html", "2022.html").encode()), headers=ZIPPED),
            "/nb/2023.html": Reply(gzip.compress(ARTICLE.encode()), headers=ZIPPED, chunked=True),
            "/nb/2022.html": Reply(ARTICLE, chunked=True),
        },
        "lost": {
            "/nb/": Reply(
                listing("2023.html", "2022.html", "2021.html", "2020.html", "2019.html", "2018.html")
            ),
            "/nb/2023.html": Reply("<title>页面不存在</title>"),
            "/nb/2022.html": Reply("", 302, {"Location": "/"}),
            "/": Reply("<title>示例县人民政府</title>"),
            "/nb/2021.html": Reply("gone", 404),
            "/nb/2020.html": Reply("no", 403),
            "/nb/2019.html": Reply("x", headers={"Content-Length": str(65 * 1024 * 1024)}),
            "/nb/2018.html": Reply("broken", 500),
        },
        "leading-away": {
            "/nb/": Reply(listing("2023.html", "2022.html", "2021.html", "2020.html")),
            "/nb/2023.html": Reply("", 302, {"Location": "http://127.0.0.1:9/"}),
            "/nb/2022.html": Reply("", 302, {"Location": "file:///etc/passwd"}),
            "/nb/2021.html": Reply("", 302, {"Location": "http://169.254.169.254/latest/"}),
            "/nb/2020.html": lambda n: Reply("", 302, {"Location": f"/nb/2020.html?{n}"}),
        },
        "bytes": {
            "/nb/": Reply(
                "<script><nextgroup><![CDATA["
                "<a href='/p.jsp?page=1&webname=%25E6%259F&q=a%2Fb+c[1]|~&x=%e4'></a>]]></nextgroup>"
                "<record><![CDATA[<li><a href='2023.html'>示例县2023年政府信息公开工作年度报告</a>"
                " 2024-01-02</li>]]></record></script><script>jpage({totalRecord:9})</script>"
            )
        },
        "no-robots-wanted": {"/robots.txt": Reply("no", 403), "/nb/": Reply(listing("2023.html"))},
        "robots-broken": {"/robots.txt": Reply("no", 500), "/nb/": Reply(listing("2023.html"))},
        "robots-forbid": {
            "/robots.txt": Reply(
                "User-agent: gongkai\nDisallow: /nb/2022\nCrawl-delay: 1\n",
                headers={"Content-Type": "text/plain"},
            ),
            "/nb/": Reply(listing("2023.html", "2022.html")),
            "/nb/2023.html": Reply(ARTICLE),
        },
        "challenge": {"/robots.txt": Reply(CHALLENGE, 412)},
        "challenge-later": {
            "/nb/": Reply(listing(*(f"{year}.html" for year in range(2015, 2024)))),
            **{f"/nb/{year}.html": Reply(CHALLENGE, 412) for year in range(2015, 2024)},
        },
        "cookie": {"/nb/": Reply("", 302, {"Location": "/nb/", "Set-Cookie": "CT6T=1"})},
        "busy": {
            "/nb/": lambda n: (
                Reply("later", 503, {"Retry-After": "2"}) if n == 1 else Reply(listing("2023.html"))
            ),
            "/nb/2023.html": Reply(ARTICLE),
        },
        "very-busy": {
            "/nb/": Reply(listing("2023.html", "2022.html")),
            "/nb/2023.html": Reply("later", 429, {"Retry-After": "86400"}),
            "/nb/2022.html": Reply(ARTICLE),
        },
    }


class Crawled(NamedTuple):
    summary: CrawlSummary
    servers: dict[str, Server]
    data: Path

    def run(self, key: str) -> PortalRun:
        (found,) = [run for run in self.summary.portals if run.portal == key]
        return found

    def issues(self, key: str) -> dict[str, str]:
        """Path → kind."""
        db = sqlite3.connect(self.data / "gongkai.db")
        sql = "SELECT url, kind FROM run_issues JOIN runs ON runs.id = run WHERE portal = ?"
        found = db.execute(sql, [key]).fetchall()
        db.close()
        return {url.removeprefix(self.servers[key].base): kind for url, kind in found}


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    data = tmp_path_factory.mktemp("data")
    servers = {key: Server(f"127.0.0.{31 + n}", pages) for n, (key, pages) in enumerate(_pages().items())}
    portals = [
        portal(key, f"{server.base}/nb/", "hanweb" if key == "bytes" else "trs")
        for key, server in servers.items()
    ]
    try:
        summary = crawl(portals, data=data, demo=True, progress=False)
        yield Crawled(summary, servers, data)
    finally:
        for server in servers.values():
            server.stop()


def records(data: Path, url: str, type_: str = "response") -> list[tuple[dict[str, str], bytes, bytes]]:
    """(HTTP headers, raw payload, decoded payload) of the WARC records of an address."""
    found = []
    for path in sorted(data.joinpath("warc").iterdir()):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, no_record_parse=False):
                if record.rec_type == type_ and record.rec_headers.get_header("WARC-Target-URI") == url:
                    raw = record.raw_stream.read()
                    found.append((dict(record.http_headers.headers), raw, b""))
    return found


def test_capture_keeps_what_came_and_headers_that_are_true(crawled: Crawled) -> None:
    url = f"{crawled.servers['zipped'].base}/nb/2023.html"
    ((headers, raw, _),) = records(crawled.data, url)
    assert headers["Content-Encoding"] == "gzip"
    assert "Transfer-Encoding" not in headers
    assert int(headers["Content-Length"]) == len(raw)
    assert gzip.decompress(raw) == ARTICLE.encode()
    ((request, _, _),) = records(crawled.data, url, "request")
    assert request["User-Agent"].startswith("gongkai/")
    ((plain, body, _),) = records(crawled.data, f"{crawled.servers['zipped'].base}/nb/2022.html")
    assert "Transfer-Encoding" not in plain
    assert body == ARTICLE.encode()


def test_documents_point_at_their_warc_record(crawled: Crawled) -> None:
    url = f"{crawled.servers['zipped'].base}/nb/2023.html"
    db = sqlite3.connect(crawled.data / "gongkai.db")
    (place,) = db.execute(
        "SELECT warc_file, warc_offset, warc_length FROM documents WHERE url = ?", [url]
    ).fetchall()
    db.close()
    record = warc.read(crawled.data / "warc", warc.WarcLocation(*place))
    assert record.url == url
    assert record.body == ARTICLE.encode()
    assert record.status == 200


def test_every_answer_is_captured_robots_errors_and_redirects_too(crawled: Crawled) -> None:
    kept = {(record.url, record.status) for record in warc.iter_records(crawled.data / "warc")}
    base = crawled.servers["lost"].base
    for path, status in (("/robots.txt", 404), ("/nb/2022.html", 302), ("/", 200), ("/nb/2021.html", 404)):
        assert (base + path, status) in kept
    assert (f"{crawled.servers['challenge'].base}/robots.txt", 412) in kept


def test_what_is_lost_is_recorded_by_its_kind(crawled: Crawled) -> None:
    assert crawled.issues("lost") == {
        "/nb/2023.html": "gone",
        "/nb/2022.html": "gone",
        "/nb/2021.html": "gone",
        "/nb/2020.html": "http",
        "/nb/2019.html": "too_large",
        "/nb/2018.html": "http",
    }
    asked = crawled.servers["lost"].targets
    assert asked.count("/nb/2020.html") == 1  # a refusal is never asked again
    assert asked.count("/nb/2021.html") == 1
    assert asked.count("/nb/2018.html") == 3
    run = crawled.run("lost")
    assert (run.found, run.finish_reason) == (6, "finished")
    assert dict(run.failed) == {"gone": 3, "http": 2, "too_large": 1}


def test_redirects_to_elsewhere_are_not_followed(crawled: Crawled) -> None:
    issues = crawled.issues("leading-away")
    assert issues["http://127.0.0.1:9/"] == "foreign_host"
    assert issues["http://169.254.169.254/latest/"] == "foreign_host"
    assert issues["/nb/2022.html"] == "http"
    # A redirect that never ends is followed five times.
    assert "redirects" in issues.values()
    assert sum(target.startswith("/nb/2020.html") for target in crawled.servers["leading-away"].targets) == 6


def test_parameters_arrive_byte_for_byte(crawled: Crawled) -> None:
    (target,) = [t for t in crawled.servers["bytes"].targets if t.startswith("/p.jsp")]
    assert target == "/p.jsp?webname=%25E6%259F&q=a%2Fb+c[1]|~&x=%e4&page=1&perpage=100"
    assert (
        crawled.issues("bytes")["/p.jsp?webname=%25E6%259F&q=a%2Fb+c[1]|~&x=%e4&page=1&perpage=100"] == "gone"
    )
    assert "partial" in crawled.run("bytes").failed


def test_robots_403_means_no(crawled: Crawled) -> None:
    assert crawled.servers["no-robots-wanted"].targets == ["/robots.txt"]
    assert crawled.run("no-robots-wanted").finish_reason == "robots"
    assert crawled.issues("no-robots-wanted") == {"/nb/": "robots"}


def test_robots_that_cannot_be_had_mean_that_nothing_is_asked_and_not_that_it_is_unwanted(
    crawled: Crawled,
) -> None:
    assert crawled.servers["robots-broken"].targets == ["/robots.txt"] * 3
    assert crawled.run("robots-broken").finish_reason == "unreachable"
    assert crawled.issues("robots-broken") == {"/nb/": "unreachable"}


def test_robots_rules_are_kept_and_recorded(crawled: Crawled) -> None:
    server = crawled.servers["robots-forbid"]
    assert server.targets == ["/robots.txt", "/nb/", "/nb/2023.html"]
    assert crawled.issues("robots-forbid") == {"/nb/2022.html": "robots"}
    # Crawl-delay 1, and never less, however the wait is drawn.
    first, second = (server.asked[n + 1].at - server.asked[n].at for n in (0, 1))
    # The server's log is up to a tenth of a second late on a busy machine.
    assert min(first, second) >= 0.9


def test_a_challenge_is_asked_once(crawled: Crawled) -> None:
    assert crawled.servers["challenge"].targets == ["/robots.txt"]
    assert crawled.run("challenge").finish_reason == "blocked:rs"
    assert crawled.issues("challenge") == {"/robots.txt": "blocked:rs"}
    assert crawled.servers["cookie"].targets == ["/robots.txt", "/nb/"]
    assert crawled.run("cookie").finish_reason == "blocked:cookie"


def test_a_challenge_midway_stops_even_what_stands_in_the_queue(crawled: Crawled) -> None:
    asked = crawled.servers["challenge-later"].targets
    assert len(asked) == 3  # robots.txt, the list, one report
    run = crawled.run("challenge-later")
    assert run.found == 9
    assert dict(run.failed) == {"blocked:rs": 1}
    assert run.finish_reason == "blocked:rs"


def test_retry_after_is_waited_for(crawled: Crawled) -> None:
    server = crawled.servers["busy"]
    assert server.targets == ["/robots.txt", "/nb/", "/nb/", "/nb/2023.html"]
    assert server.asked[2].at - server.asked[1].at >= 1.9
    assert not crawled.run("busy").failed


def test_a_pause_that_is_too_long_ends_the_visit(crawled: Crawled) -> None:
    server = crawled.servers["very-busy"]
    assert len(server.targets) == 3
    assert list(crawled.issues("very-busy").values()) == ["retry_after"]


def test_never_two_requests_at_a_time(crawled: Crawled) -> None:
    assert {key: server.most_at_once for key, server in crawled.servers.items()} == dict.fromkeys(
        crawled.servers, 1
    )


def test_runs_say_what_the_summary_says(crawled: Crawled) -> None:
    db = sqlite3.connect(crawled.data / "gongkai.db")
    db.row_factory = sqlite3.Row
    rows: dict[str, Any] = {row["portal"]: row for row in db.execute("SELECT * FROM runs")}
    status = dict(db.execute("SELECT key, status FROM portals").fetchall())
    db.close()
    assert len(rows) == len(crawled.summary.portals) == len(crawled.servers)
    for run in crawled.summary.portals:
        row = rows[run.portal]
        assert row["finished_at"] > row["started_at"]
        assert (row["found"], row["known"], row["finish_reason"]) == (run.found, run.known, run.finish_reason)
        assert row["failed"] == sum(run.failed.values())
        assert (row["requests"], row["responses"]) == (run.requests, run.responses)
    assert rows["zipped"]["requests"] == len(crawled.servers["zipped"].targets)
    assert status["challenge"] == status["challenge-later"] == "blocked:rs"
    assert status["robots-broken"] == "unreachable"
    assert status["very-busy"] == "partial"
    assert status["no-robots-wanted"] == "blocked:robots"
    assert status["zipped"] == "ok"
    assert status["bytes"] == "partial"


def test_names_that_mean_loopback_are_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGKAI_CONTACT", "mailto:webmaster@example.org")
    server = Server("127.0.0.1", {"/nb/": Reply(listing("2023.html"))})
    port = server.base.rpartition(":")[2]
    try:
        summary = crawl(
            [portal("named", f"http://localhost:{port}/nb/"), portal("plain", f"{server.base}/nb/")],
            data=tmp_path,
            progress=False,
        )
    finally:
        server.stop()
    assert server.targets == []
    assert [set(run.failed) for run in summary.portals] == [
        {"private_address", "robots"},
        {"private_address"},
    ]


def test_without_a_contact_nobody_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GONGKAI_CONTACT", raising=False)
    summary = crawl([portal("shili", "http://127.0.0.1:9/nb/")], data=tmp_path, progress=False)
    assert [(run.run, run.finish_reason) for run in summary.portals] == [(None, "no_contact")]


def test_an_archive_that_another_process_writes_is_left_alone(tmp_path: Path) -> None:
    with Store(tmp_path / "gongkai.db", demo=True), pytest.raises(CrawlFailedError, match="is writing to it"):
        crawl([portal("shili", "http://127.0.0.1:9/nb/")], data=tmp_path, demo=True, progress=False)


def test_an_interrupt_ends_in_order_and_says_so(tmp_path: Path) -> None:
    slow = Event()

    def wait(_: int) -> Reply:
        slow.wait(1)
        return Reply(ARTICLE)

    years = [f"{year}.html" for year in range(2000, 2020)]
    server = Server("127.0.0.91", {"/nb/": Reply(listing(*years)), **{f"/nb/{year}": wait for year in years}})
    order, result = tmp_path / "job.json", tmp_path / "summary.json"
    job = {"portals": [portal("slow", f"{server.base}/nb/").entry()], "data": str(tmp_path), "year": None}
    job |= {"sample": None, "refetch_all": False, "demo": True, "progress": False}
    order.write_text(json.dumps(job), encoding="utf-8")
    with subprocess.Popen([sys.executable, "-P", "-m", "crawler.runner", order, result]) as child:
        deadline = time.monotonic() + 20
        while len(server.targets) < 4 and time.monotonic() < deadline:
            time.sleep(0.05)
        child.send_signal(signal.SIGINT)
        assert child.wait(20) == 0
    server.stop()
    summary = CrawlSummary.from_dict(json.loads(result.read_text(encoding="utf-8")))
    assert summary.interrupted
    (run,) = summary.portals
    assert run.finish_reason == "shutdown"
    assert len(server.targets) < 22
    db = sqlite3.connect(tmp_path / "gongkai.db")
    assert db.execute("SELECT finish_reason FROM runs").fetchall() == [("shutdown",)]
    db.close()
    assert not list(tmp_path.joinpath("warc").glob("*.open"))
