"""A page with the answer to a query reads and makes ready what it shows, and shows it as it is."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from datasette.database import QueryInterrupted
from datasette.plugins import pm
from pluggy import HookimplMarker

from archive.serve import build_app
from archive.site.shown import beginning
from tests.archive.site.conftest import Get, _getter

NUMBERS = "with recursive n(i) as (select 1 union all select i + 1 from n limit {}) select {} as i from n"


class Watched:
    """A plugin that sees which rows are read and which cells are asked about."""

    __name__ = "watched"

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.cells: list[str] = []

    @HookimplMarker("datasette")
    def prepare_connection(self, conn: sqlite3.Connection) -> None:
        conn.create_function("seen", 1, self._seen)

    @HookimplMarker("datasette")
    def render_cell(self, column: str) -> None:
        self.cells.append(column)

    def _seen(self, number: int) -> int:
        self.rows.append(number)
        return number


@pytest.fixture
def watched() -> Iterator[Watched]:
    plugin = Watched()
    pm.register(plugin)
    yield plugin
    pm.unregister(plugin)


def asked(get: Get, sql: str, ending: str = "") -> Any:
    return get(f"/gongkai{ending}?{urlencode({'sql': sql})}")


def test_a_page_reads_no_more_than_it_shows(archive_db: Path, watched: Watched) -> None:
    get = _getter(build_app(archive_db))
    page = asked(get, NUMBERS.format(4000, "seen(i)")).text
    assert page.count('<td class="col-i') == 1000
    assert "超过 1,000 行" in page
    assert len(watched.rows) <= 1003  # the rows it shows and the next ones, which say that there are more
    assert watched.cells == []
    watched.rows.clear()
    assert len(asked(get, NUMBERS.format(4000, "seen(i)"), ".json").json()["rows"]) == 4000
    assert len(watched.rows) == 4000


def test_the_beginning_of_an_answer() -> None:
    conn = sqlite3.connect(":memory:")
    for there, rows, more in ((3, 3, False), (4, 4, False), (5, 4, True)):
        found = beginning(NUMBERS.format(there, "i"), None, 4, 1000)(conn)
        assert [row[0] for row in found.rows] == list(range(1, rows + 1))
        assert (found.truncated, found.description[0][0]) == (more, "i")
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n"
    with pytest.raises(QueryInterrupted):
        beginning(endless, None, 4, 20)(conn)
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        beginning("select * from nowhere", {}, 4, 20)(conn)


LONG = "http://a.example/" + "7" * 200 + ".pdf"
HOSTILE = "<b>\u202ea</b>"
#: What stands in a cell → its HTML.
CELLS = {
    "null": "&nbsp;",
    "''": "&nbsp;",
    "5": "5",
    "1.5": "1.5",
    "2.0": "2",
    "'a & b'": "a &amp; b",
    f"'{HOSTILE}'": "&lt;b&gt;\ufffda&lt;/b&gt;",
    f"'{'字' * 161}'": f"{'字' * 160}…",
    f"'{'字' * 160}'": "字" * 160,
    "' http://a.example/?a=1&b=2'": '<a href="http://a.example/?a=1&amp;b=2">http://a.example/?a=1&amp;b=2</a>',
    "'http://a.example/ b'": "http://a.example/ b",
    "'http://a.example/\"'": '<a href="http://a.example/&#34;">http://a.example/&#34;</a>',
    f"'{LONG}'": f'<a href="{LONG}">{LONG[:156]}….pdf</a>',
    "'/report/7'": "/report/7",
}


@pytest.mark.parametrize("cell", CELLS)
def test_cells(get: Get, cell: str) -> None:
    page = asked(get, f"select {cell} as c, 1 as d").text
    found = re.search(r'<td class="col-c(?: type-int)?" data-label="c">(.*?)</td>', page)
    assert found is not None
    assert found[1] == CELLS[cell]


def test_cells_with_words_links_and_bytes(get: Get) -> None:
    sql = (
        "select 'R1' as identity, 'issuer' as blame, 'requests.received' as at, 'Q9' as blame,"
        " '/report/7' as page, x'00ff' as c, 2020 as year, 3 as n"
    )
    page = asked(get, sql).text
    cells = re.findall(r"<td (class=\S+?(?: type-int)?\") data-label=\"[^\"]*\">(.*?)</td>", page)
    names = [name for name, _ in cells]
    assert names == [
        f'class="col-{name}"' for name in ("identity", "blame", "at", "blame", "page", "c", "year")
    ] + ['class="col-n type-int"']
    texts = [text for _, text in cells]
    assert texts[0] == "R1"
    assert "issuer" not in texts[1]
    assert "requests" not in texts[2]
    assert texts[3:5] == ["Q9", '<a href="/report/7">7</a>']
    assert texts[6:] == ["2020", "3"]
    link = re.fullmatch(
        r'<a class="blob-download" href="([^"]+)">&lt;Binary:&nbsp;2&nbsp;bytes&gt;</a>', texts[5]
    )
    assert link is not None
    assert get(link[1].replace("&amp;", "&")).content == b"\x00\xff"


def test_what_cannot_be_answered_is_said(get: Get) -> None:
    assert "no such table: nowhere" in asked(get, "select * from nowhere").text
