"""The demonstration's comparisons hold on a true archive, and each one fails on a false one."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from archive.divisions import DEFAULT
from archive.store import Store
from crawler import verify
from crawler.cli import main
from crawler.runner import crawl
from demo.loopback import LoggedRequest
from demo.manifest import Manifest
from demo.server import DemoPortals
from spiders.portals import from_entry

#: A crawl of all sample portals; `make demo` makes the same comparisons.
pytestmark = pytest.mark.slow


class Crawled(NamedTuple):
    data: Path
    manifest: Manifest
    requests: list[LoggedRequest]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    data = tmp_path_factory.mktemp("verify")
    with DemoPortals(seed=2) as portals:
        with Store(data / "gongkai.db", demo=True) as store:
            store.load_divisions(DEFAULT.with_extra(portals.divisions).rows())
        crawl([from_entry(entry) for entry in portals.registry], data=data, demo=True, progress=False)
        yield Crawled(data, portals.manifest, portals.requests)


def compare(database: Path, crawled: Crawled) -> dict[str, verify.Result]:
    db = verify.connect(database)
    try:
        results = verify.everything(db, crawled.data / "warc", crawled.manifest, crawled.requests)
        return {result.what: result for result in results}
    finally:
        db.close()


def test_a_true_archive_passes_every_comparison(crawled: Crawled) -> None:
    results = compare(crawled.data / "gongkai.db", crawled)
    assert len(results) >= 11
    assert [result for result in results.values() if not result.ok] == []


@pytest.mark.parametrize(
    ("statement", "noticed"),
    [
        ("UPDATE requests SET total = total + 1 WHERE line = 'received'", "published cells are stored"),
        ("UPDATE reviews SET pending = NULL", "published cells are stored"),
        ("UPDATE disclosure SET decisions = 0", "real reports stand cell for cell"),
        ("DELETE FROM requests WHERE line = 'concluded'", "published cells are stored"),
        ("UPDATE reports SET year = year + 20", "published reports are stored"),
        ("UPDATE reports SET form = '2019'", "published reports are stored"),
        ("UPDATE reports SET published_on = NULL", "published reports are stored"),
        ("DELETE FROM copies", "copies elsewhere are joined"),
        ("UPDATE documents SET kind = 'html'", "only as PDF, DOCX"),
        ("DELETE FROM findings", "errors of arithmetic are found"),
        (
            "UPDATE findings SET verdict = 'fail', blame = 'issuer', identity = 'R2'",
            "errors of arithmetic are found",
        ),
        ("UPDATE documents SET sha256 = 'x' || sha256", "reads back from its WARC"),
        ("UPDATE documents SET warc_file = NULL", "reads back from its WARC"),
        ("DELETE FROM run_issues WHERE kind LIKE 'blocked%'", "portals that answer with a challenge"),
        (
            "UPDATE run_issues SET kind = 'http' WHERE kind = 'blocked:waf'",
            "portals that answer with a challenge",
        ),
        ("UPDATE run_issues SET kind = 'gone' WHERE kind = 'unreachable'", "troubles of the portals"),
        ("DELETE FROM run_issues WHERE kind = 'fewer_than_expected'", "troubles of the portals"),
        ("UPDATE run_issues SET url = url || 'x' WHERE kind = 'scheme_switched'", "troubles of the portals"),
        ("DELETE FROM run_issues WHERE kind = 'robots'", "what robots.txt forbids"),
    ],
)
def test_each_comparison_can_fail(crawled: Crawled, tmp_path: Path, statement: str, noticed: str) -> None:
    database = tmp_path / "gongkai.db"
    # The write-ahead log is folded in by the copy that SQLite itself makes.
    source = sqlite3.connect(crawled.data / "gongkai.db")
    target = sqlite3.connect(database)
    source.backup(target)
    source.close()
    assert target.execute(statement).rowcount > 0
    target.commit()
    target.close()
    failed = [what for what, result in compare(database, crawled).items() if not result.ok]
    assert any(noticed in what for what in failed), failed


def test_the_request_log_is_compared_too(crawled: Crawled) -> None:
    first = crawled.requests[0]
    overlapping = replace(first, time_started=first.time_started)
    forbidden = [
        replace(first, host=url.split("/")[2], path="/" + url.split("/", 3)[3])
        for url in crawled.manifest.forbidden
    ]
    for requests in ([first, overlapping], forbidden, []):
        results = compare(crawled.data / "gongkai.db", crawled._replace(requests=requests))
        assert any(not result.ok for result in results.values())


def test_a_lookalike_that_was_taken_is_noticed(crawled: Crawled, tmp_path: Path) -> None:
    database = tmp_path / "gongkai.db"
    shutil.copy(crawled.data / "gongkai.db", database)
    db = sqlite3.connect(database)
    url = crawled.manifest.lookalikes[0]
    db.execute(
        "UPDATE documents SET url = ? WHERE outcome = 'current' AND id = (SELECT min(id) FROM documents)",
        (url,),
    )
    db.execute("UPDATE documents SET url = ? WHERE id = (SELECT min(document) FROM reports)", (url,))
    db.commit()
    db.close()
    failed = [what for what, result in compare(database, crawled).items() if not result.ok]
    assert any("look-alikes" in what for what in failed)


def test_a_blocked_host_that_is_asked_again_is_noticed(crawled: Crawled) -> None:
    database = crawled.data / "gongkai.db"
    for key in ("demo-468", "demo-midway", "demo-grouped"):
        url = next(issue.url for issue in crawled.manifest.issues if issue.portal == key)
        host = url.split("/")[2]
        again = replace(crawled.requests[-1], host=host, path="/zfxxgk/")
        results = compare(database, crawled._replace(requests=[*crawled.requests, again]))
        failed = [what for what, result in results.items() if not result.ok]
        assert any("portals that answer with a challenge" in what for what in failed), key


def test_the_command_ends_with_zero_and_says_what_it_compared(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["demo", "--no-serve", "--data", str(tmp_path / "demo")])
    assert result.exit_code == 0, result.output
    assert "✗" not in result.output
    assert result.output.count("✓") >= 24
    assert "comparisons hold" in result.output
