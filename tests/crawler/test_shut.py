"""What keeps the archive from being written ends the crawl, and stands in no portal's books."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from crawler.commands.crawl import EXIT_FAILED, exit_code
from crawler.runner import crawl

from .raw import RawServer, http
from .servers import listing, portal


def test_requests_that_cannot_be_counted_are_not_sent_and_blamed_on_nobody(tmp_path: Path) -> None:
    routes = {"/robots.txt": http(b"", "404 Not Found"), "/nb/": http(listing("2023.html").encode())}
    servers = [RawServer(f"127.0.2.{number}", dict(routes)) for number in (231, 232)]
    (tmp_path / "requests.db").mkdir()  # in the place of the file that the counts are kept in
    try:
        portals = [portal(f"p{number}", f"{one.base}/nb/") for number, one in enumerate(servers)]
        summary = crawl(portals, data=tmp_path, demo=True, progress=False)
    finally:
        for server in servers:
            server.close()
    assert "requests.db" in summary.fault
    assert exit_code(summary) == EXIT_FAILED
    assert [server.asked for server in servers] == [[], []]
    with closing(sqlite3.connect(tmp_path / "gongkai.db")) as db:
        assert set(db.execute("SELECT kind FROM run_issues")) == {("archive",)}
        assert set(db.execute("SELECT finish_reason FROM runs")) == {("archive",)}
        assert {status for (status,) in db.execute("SELECT status FROM portals")} == {"unverified"}
