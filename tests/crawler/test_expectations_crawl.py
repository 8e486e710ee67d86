"""A portal on loopback that was well empties, shrinks, is rebuilt, blocks: what the ledger says each time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from crawler.runner import crawl
from crawler.summary import CrawlSummary
from spiders.portals import from_entry
from tests.archive.kept import page

from .servers import Reply, Server, listing, portal

#: Several visits each; the rules themselves are tried in test_expectations.
pytestmark = pytest.mark.slow

YEARS = [f"{year}.html" for year in range(2012, 2022)]
#: By this TRS is known.
SIGN = "<div class='TRS_Editor'></div>"


def column(*names: str) -> Reply:
    return Reply(listing(*names).replace("示例县", "廊坊市人民政府").replace("<body>", f"<body>{SIGN}"))


def article(name: str, body: str = "本年度主动公开政府信息若干条。") -> Reply:
    title = f"廊坊市人民政府{name[:4]}年政府信息公开工作年度报告"
    return Reply(
        f"<html><head><title>{title}</title><meta name='ArticleTitle' content='{title}'></head>"
        f"<body><h1>{title}</h1><div class='TRS_Editor'><p>{body * 40}</p></div></body></html>"
    )


class Site:
    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        pages = {"/nb/": column(*YEARS), **{f"/nb/{name}": article(name) for name in YEARS}}
        self.server = Server("127.0.0.1", pages)
        self.portal = portal("shili", f"{self.server.base}/nb/")

    def visit(self, *, refetch_all: bool = False) -> CrawlSummary:
        return crawl([self.portal], data=self.data, demo=True, progress=False, refetch_all=refetch_all)

    def said(self) -> tuple[str, str, set[str]]:
        """Of the last visit: outcome, the portal's status, kinds of issue."""
        with closing(sqlite3.connect(self.data / "gongkai.db")) as db:
            run, outcome = db.execute(
                "SELECT id, outcome FROM runs ORDER BY started_at DESC LIMIT 1"
            ).fetchone()
            [status] = db.execute("SELECT status FROM portals WHERE key = 'shili'").fetchone()
            kinds = {row[0] for row in db.execute("SELECT kind FROM run_issues WHERE run = ?", [run])}
        return outcome, status, kinds


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.server.stop()


def test_it_empties_and_comes_back(site: Site) -> None:
    site.visit()
    assert site.said()[:2] == ("ok", "ok")
    site.server.pages["/nb/"] = Reply(column().raw.decode().replace("<ul>", "<ul><a href='/'>首页</a>"))
    assert site.visit().portals[0].troubled
    assert site.said() == ("broken", "broken", {"none_found"})
    site.server.pages["/nb/"] = column(*YEARS[:5])
    site.visit()  # held against the last good run, not against the empty one
    assert site.said() == ("partial", "partial", {"fewer_than_before"})
    site.server.pages["/nb/"] = column(*YEARS)
    site.visit()
    assert site.said() == ("ok", "ok", set())


def test_its_lists_are_rebuilt(site: Site) -> None:
    site.visit()
    site.server.pages["/nb/"] = Reply(column(*YEARS).raw.decode().replace(SIGN, ""))
    site.visit()
    with closing(sqlite3.connect(site.data / "gongkai.db")) as db:
        systems = [row[0] for row in db.execute("SELECT system FROM runs ORDER BY started_at")]
    assert systems == ["trs", ""]
    assert site.said() == ("partial", "partial", {"system_changed"})


def test_it_is_rebuilt_and_its_entry_follows(site: Site) -> None:
    site.visit()
    rebuilt = "<div class='TRS_Editor'></div>", "<div id='UCAP-CONTENT'></div><UCAPCONTENT></UCAPCONTENT>"
    site.server.pages["/nb/"] = Reply(column(*YEARS).raw.decode().replace(*rebuilt))
    site.visit()
    assert site.said() == ("partial", "partial", {"system_changed"})
    site.portal = from_entry(site.portal.entry() | {"family": "ucap"})
    site.visit()
    assert site.said() == ("ok", "ok", set())


def test_it_moves_to_another_host(site: Site) -> None:
    site.visit()
    there = Server("127.0.0.2", {})
    site.server.pages.update(
        {path: Reply("", 301, {"Location": there.base + path}) for path in ("/nb/", "/robots.txt")}
    )
    site.visit()
    outcome, status, kinds = site.said()
    there.stop()
    assert (outcome, status, kinds) == ("broken", "broken", {"foreign_host", "none_found"})
    assert there.targets == []


def test_it_refuses_every_page(site: Site) -> None:
    site.visit()
    site.server.pages["/nb/"] = Reply("no", 403)
    site.visit()
    outcome, status, kinds = site.said()
    assert (outcome, status) == ("blocked", "blocked:refused")
    assert "all_refused" in kinds


def test_it_refuses_every_report_and_lists_them(site: Site) -> None:
    site.visit()
    site.server.pages.update({f"/nb/{name}": Reply("no", 403) for name in YEARS})
    site.visit(refetch_all=True)
    outcome, status, kinds = site.said()
    assert (outcome, status) == ("blocked", "blocked:refused")
    assert "all_refused" in kinds


def test_its_reports_have_no_tables_where_the_entry_says_they_have(site: Site) -> None:
    site.portal = from_entry(site.portal.entry() | {"expect": {"fields": ["issuer", "tables"]}})
    site.visit()
    with closing(sqlite3.connect(site.data / "gongkai.db")) as db:
        counted = db.execute("SELECT pages, assigned, tabled FROM runs").fetchone()
        [message] = db.execute("SELECT message FROM run_issues WHERE kind = 'fields_missing'").fetchone()
    assert counted == (len(YEARS), len(YEARS), 0)
    assert message.endswith("表格数字 0/10")
    assert site.said() == ("partial", "partial", {"fields_missing"})
    site.visit()  # nothing new: not over
    assert site.said() == ("partial", "partial", {"fields_missing"})


#: A body of the country whose reports have figures (``tests.archive.kept``).
ISSUER = "益阳市资阳区人民政府"


def with_figures(site: Site, *years: int, slip: int = 0) -> None:
    """Reports with all tables; ``slip`` is by how much a total of theirs is wrong."""
    for year in years:
        body = page(year, slip=slip).decode().replace("<body>", f"<body>{SIGN}")
        site.server.pages[f"/nb/{year}.html"] = Reply(body)
    there = sorted(name[4:] for name in site.server.pages if name.endswith(".html"))
    site.server.pages["/nb/"] = Reply(column(*there).raw.decode().replace("廊坊市人民政府", ISSUER))


def test_its_new_reports_add_up_no_more(site: Site) -> None:
    for name in YEARS:
        del site.server.pages[f"/nb/{name}"]
    with_figures(site, 2012, 2013, 2014, 2015)
    site.visit()
    assert site.said() == ("ok", "ok", set())
    with_figures(site, 2016, 2017, 2018, slip=5)
    site.visit()
    assert site.said() == ("partial", "partial", {"identities_worse"})
    site.visit()  # nothing new says that it is over
    assert site.said() == ("partial", "partial", {"identities_worse"})
    with_figures(site, 2019, 2020, 2021, 2022)
    site.visit()
    assert site.said() == ("ok", "ok", set())


def test_its_new_reports_have_fewer_figures_than_its_entry_says(site: Site) -> None:
    for name in YEARS:
        del site.server.pages[f"/nb/{name}"]
    with_figures(site, 2012, 2013)
    site.portal = from_entry(site.portal.entry() | {"expect": {"figures": 20}})
    site.visit()
    assert site.said() == ("ok", "ok", set())
    site.server.pages["/nb/2014.html"] = Reply(article("2014").raw.decode().replace("廊坊市人民政府", ISSUER))
    with_figures(site)
    site.visit()
    assert site.said() == ("partial", "partial", {"fewer_figures"})
