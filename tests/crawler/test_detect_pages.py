"""Looking at portals from each of their pages, at an entry that was found, and at pages made to be slow."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from archive.divisions import DEFAULT
from crawler.detect import detect
from crawler.runner import crawl
from demo.server import DemoPortals
from spiders.portals import Portal, families, from_entry, read

from .servers import Reply, Server

#: Dozens of hostile servers.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def portals() -> Iterator[DemoPortals]:
    with DemoPortals(seed=1) as running:
        yield running


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server("127.0.0.1", {"/robots.txt": Reply("", 404)})
    yield running
    running.stop()


def _first_of_each(portals: DemoPortals) -> dict[str, dict[str, Any]]:
    """The first portal of each family; those after it were made for what goes wrong."""
    usual = [entry for entry in portals.registry if entry["key"] not in portals.manifest.blocked]
    return {entry["family"]: entry for entry in reversed(usual)}


def _documents(portals: list[Portal], folder: Path) -> set[str]:
    """What a crawl kept. Its places are invented, so no report is assigned here: the addresses compare."""
    crawl(portals, data=folder, demo=True, progress=False)
    with closing(sqlite3.connect(folder / "gongkai.db")) as database:
        return {row[0] for row in database.execute("SELECT url FROM documents")}


def test_column_and_report_lead_to_an_entry_that_crawls_as_the_registrys(
    portals: DemoPortals, tmp_path: Path
) -> None:
    divisions = DEFAULT.with_extra(portals.divisions)
    found: list[Portal] = []
    known: list[Portal] = []
    chosen = _first_of_each(portals)
    assert set(chosen) == set(families())
    for family, entry in chosen.items():
        report = next(r for r in portals.manifest.reports if r.portal == entry["key"] and r.carrier == "html")
        for url in (entry["start"][0], report.url):  # test_detect begins at the home page
            detection = detect(url, data=tmp_path, demo=True)
            assert (detection.family, detection.issues) == (family, []), url
            assert detection.column in entry["start"], url
        # Where its SiteIDCode names another place, who looks fills in the division; all else is found.
        filled = {"division": entry["division"], "level": entry["level"]} | detection.entry(divisions)
        file = tmp_path / "portals" / f"{filled['key']}.yml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(yaml.safe_dump(filled, allow_unicode=True, sort_keys=False, width=1000), "utf-8")
        assert len(file.read_text("utf-8").splitlines()) <= 10
        found.append(read(file))
        known.append(from_entry({**entry, "start": [detection.column]}))
    kept = _documents(found, tmp_path / "found")
    assert kept == _documents(known, tmp_path / "known")
    assert {urlsplit(url).netloc for url in kept} == {urlsplit(p.start[0]).netloc for p in found}


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        ("window._CONFIG = " * 60_000, None),
        ("<a href='/x'>x</a>" * 21_000, "unreadable_list"),
        ("<meta name='columnname' content='x'>" * 20_000, None),
        ('href="x' * 150_000, None),
        ("<a href='http://[broken'>政府信息公开年报</a>", None),
        ("<div>" * 20_000 + "政府信息公开年报", None),
    ],
    ids=["openings", "links", "metas", "addresses", "broken", "deep"],
)
def test_hostile_pages_are_looked_at_once_and_soon(
    server: Server, tmp_path: Path, page: str, kind: str | None
) -> None:
    server.pages["/"] = Reply(page)
    began = monotonic()
    found = detect(f"{server.base}/", data=tmp_path, demo=True)
    # Most of it is the start of a process; the openings alone took minutes once.
    assert monotonic() - began < 60
    assert [each for each, _, _ in found.issues] == ([kind] if kind else [])
    assert found.column is None
    assert server.targets == ["/robots.txt", "/"]
