"""Every kind of page, in both languages, on a wide and a narrow screen: sound, accessible, on its own."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive.queries import QUERIES
from tests.browser.conftest import Open, Served, Watched

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
#: What axe-core calls these: WCAG 2.2, level AA.
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

Find = Callable[[sqlite3.Connection], Any]


def one(sql: str) -> Find:
    return lambda conn: conn.execute(sql).fetchone()[0]


GOVERNMENT = one("select id from agencies where name = '青禾市人民政府'")
COUNTY = one("select id from agencies where name = '样本县人民政府'")
FAILING = one("select report from findings where verdict = 'fail' limit 1")
BLANKS = one("select report from cell_notes group by report order by count(*) desc limit 1")
REVISED = one("select report from changes limit 1")
LISTED = one("select report from indicators where key is null limit 1")
DOCUMENT = one("select document from reports where year = 2022 limit 1")

PAGES: dict[str, tuple[str, tuple[Find, ...]]] = {
    "front": ("", ()),
    "report-failing": ("report/{}", (FAILING,)),
    "report-blanks": ("report/{}", (BLANKS,)),
    "report-revised": ("report/{}", (REVISED,)),
    "report-list": ("report/{}", (LISTED,)),
    "figure": ("report/{}/at/requests.received.total", (FAILING,)),
    "figure-blank": ("report/{}/at/requests.granted.civic", (BLANKS,)),
    "place": ("original/{}/at/table[2]/tr[3]", (DOCUMENT,)),
    "issuer": ("issuer/{}", (GOVERNMENT,)),
    "issuer-county": ("issuer/{}", (COUNTY,)),
    "divisions": ("division", ()),
    "division-province": ("division/990000", ()),
    "division-county": ("division/990121", ()),
    "division-empty": ("division/110101", ()),
    "coverage": ("coverage", ()),
    "coverage-division": ("coverage?division=990000", ()),
    "coverage-none": ("coverage?division=990000&year=2025&status=blocked", ()),
    "status": ("status", ()),
    "search": ("search?q=复议", ()),
    "search-filtered": ("search?q=申请 复议&year=2023&sort=newest", ()),
    "search-none": ("search?q=没有这样的词语", ()),
    "search-start": ("search", ()),
    "findings": ("findings", ()),
    "findings-none": ("findings?year=1999", ()),
    "compare-empty": ("compare", ()),
    "compare-search": ("compare?q=青禾", ()),
    "compare-years": ("compare?issuers={}", (GOVERNMENT,)),
    "compare-issuers": ("compare?issuers={},{}", (GOVERNMENT, COUNTY)),
    "compare-one-year": ("compare?issuers={},{}&years=2022", (GOVERNMENT, COUNTY)),
    "dictionary": ("dictionary", ()),
    "tables": ("gongkai", ()),
    "table-reports": ("gongkai/reports", ()),
    "table-requests": ("gongkai/requests?line=received", ()),
    "table-narrowed": ("gongkai/reports?year=2023&verdict=pass&url__notnull=1&_search=青禾", ()),
    "table-findings": ("gongkai/findings", ()),
    "table-issues": ("gongkai/run_issues", ()),
    "table-none": ("gongkai/reports?year=1999", ()),
    "row": ("gongkai/reports/{}", (FAILING,)),
    "query": (f"gongkai/{QUERIES[0].name}", ()),
    "query-failing": ("gongkai/failed_identities", ()),
    "versions": ("-/versions", ()),
    "query-empty": ("gongkai/failed_identities?year=1999&province=", ()),
}
#: Each language and each width once: the rules are about structure, which the other two share.
AUDITED = {("zh-CN", 1280), ("en-US", 390)}
SCREENS = [(lang, width) for lang in ("zh-CN", "en-US") for width in (1280, 390)]


@pytest.mark.parametrize(("lang", "width"), SCREENS, ids=lambda value: str(value)[:4])
@pytest.mark.parametrize("name", PAGES)
def test_page(archive: Served, opened: Open, name: str, lang: str, width: int) -> None:
    path, finds = PAGES[name]
    conn = sqlite3.connect(archive.folder / "gongkai.db")
    seen = opened(archive.address, lang, width)
    seen.go(path.format(*(find(conn) for find in finds)))
    seen.fits()
    seen.shoot(name)
    # Words in place of keys: a template that asks for a text there is none of fails, a code may slip through.
    text = seen.page.locator("main").inner_text()
    for slip in ("None", "undefined", "NaN", "[object"):
        assert slip not in text
    if (lang, width) in AUDITED:
        assert _audit(seen) == []


def _audit(seen: Watched) -> list[tuple[str, list[str]]]:
    """What axe-core objects to: rule and places."""
    result = seen.page.evaluate(f"{AXE}; axe.run(document, {{runOnly: {json.dumps(RULES)}}})")
    assert len(result["passes"]) > 10  # it did look
    return [
        (violation["id"], [node["html"][:160] for node in violation["nodes"][:3]])
        for violation in result["violations"]
    ]


def test_a_page_that_is_not_there(archive: Served, opened: Open) -> None:
    seen = opened(archive.address)
    seen.go("report/1", status=404)
    assert seen.page.locator("h1").inner_text().startswith("没有这个页面")
    seen.fits()
    seen.shoot("not-found")
    # The browser itself notes an answer of 404 on its console.
    assert len(seen.complaints) == 1
    assert "404" in seen.complaints.pop()


def test_print(archive: Served, opened: Open) -> None:
    conn = sqlite3.connect(archive.folder / "gongkai.db")
    seen = opened(archive.address)
    seen.page.emulate_media(media="print")
    seen.go(f"report/{FAILING(conn)}")
    assert not seen.page.locator("header nav").is_visible()
    seen.shoot("print-report")
