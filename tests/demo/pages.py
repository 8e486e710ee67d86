"""What the tests need to read pages: a client, and tables with their spans resolved."""

from __future__ import annotations

import ssl
import unicodedata
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lxml import html

from archive import forms
from demo.figures import Cells


@dataclass(frozen=True)
class Got:
    status: int
    body: bytes
    media_type: str
    headers: dict[str, str]

    @property
    def text(self) -> str:
        charset = self.media_type.rpartition("charset=")[2].lower()
        try:
            return self.body.decode("gb18030" if charset == "gb2312" else "utf-8")
        except UnicodeDecodeError:  # one portal lies about it
            return self.body.decode("gb18030")


def get(url: str, form: bytes | None = None, referer: str | None = None) -> Got:
    # The certificate of the portals that speak https is signed by nobody.
    secure = urllib.request.HTTPSHandler(context=ssl._create_unverified_context())
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), secure)
    headers = {"Referer": referer} if referer else {}
    try:
        answer = opener.open(urllib.request.Request(url, data=form, headers=headers), timeout=10)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return Got(answer.status, answer.read(), answer.headers["Content-Type"], dict(answer.headers))


Grid = list[list[str]]


def grids(text: str) -> list[Grid]:
    """Every innermost table of a page that is marked up with spans."""
    return [_grid(table) for table in html.fromstring(text).xpath("//table[not(.//table)]")]


def _grid(table: Any) -> Grid:
    """The HTML standard's algorithm; fails where two cells claim one place or the table is not full."""
    rows = table.xpath(".//tr")
    places: dict[tuple[int, int], str] = {}
    for r, row in enumerate(rows):
        c = 0
        for cell in row.xpath("./td|./th"):
            while (r, c) in places:
                c += 1
            across, down = int(cell.get("colspan", 1)), int(cell.get("rowspan", 1))
            for y in range(r, r + down):
                for x in range(c, c + across):
                    assert (y, x) not in places, "two cells at one place"
                    places[y, x] = "".join(cell.text_content().split())
    width = max(x for _, x in places) + 1
    assert set(places) == {(y, x) for y in range(len(rows)) for x in range(width)}, "a table with holes"
    return [[places[y, x] for x in range(width)] for y in range(len(rows))]


def number(text: str) -> int | Decimal | None:
    """A cell's text as a number, by the habits that the sample issuers have."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace("批次", "").strip()
    if plain in ("", "/"):
        return None
    if plain.endswith("万元"):
        return Decimal(plain.removesuffix("万元"))
    if plain.endswith("元"):
        return Decimal(plain.removesuffix("元")) / 10_000
    return Decimal(plain) if "." in plain else int(plain)


def figures(tables: Sequence[Grid], form_of: dict[str, str]) -> Cells:
    """The statutory figures of a report's tables, by their places in the official form."""
    return {
        "disclosure": _disclosure(_find(tables, "信息内容"), form_of["disclosure"]),
        "requests": _requests(_find(tables, "申请人情况"), form_of["requests"]),
        "reviews": _reviews(_find(tables, "结果维持"), form_of["reviews"]),
    }


def _find(tables: Sequence[Grid], word: str) -> Grid:
    found = [grid for grid in tables if any(word in row for row in grid)]
    assert len(found) == 1, f"{len(found)} tables with {word}"
    return found[0]


def _disclosure(grid: Grid, form: str) -> Any:
    lines = {}
    by_label = {row[0]: row for row in grid}
    for block in forms.form(form).tables["disclosure"].blocks:
        for row in block.rows:
            texts = by_label[row.zh][1:]
            lines[row.key] = {c.key: number(texts[n]) for n, c in enumerate(block.columns)}
            # What is left of the row belongs to the last column, by its colspan.
            assert len(set(texts[len(block.columns) - 1 :])) == 1
    return lines


def _requests(grid: Grid, form: str) -> Any:
    table = forms.form(form).tables["requests"]
    columns = table.blocks[0].columns
    assert len(grid) == 3 + len(table.rows)
    assert grid[2][3:] == [c.zh for c in columns]
    lines = {}
    for term, row in zip(table.rows, grid[3:], strict=True):
        assert row[2] == term.zh
        if term.group:
            assert row[1] == forms.terms("requests")["groups"][term.group].zh
        if term.key in (*table.outcome_rows, "concluded"):
            assert row[0] == "三、本年度办理结果"
        assert len(row) == 10
        lines[term.key] = {c.key: number(text) for c, text in zip(columns, row[3:], strict=True)}
    return lines


def _reviews(grid: Grid, form: str) -> Any:
    table = forms.form(form).tables["reviews"]
    assert (len(grid), len(grid[0])) == (4, 15)
    assert grid[0] == ["行政复议"] * 5 + ["行政诉讼"] * 10
    assert grid[1][5:] == ["未经复议直接起诉"] * 5 + ["复议后起诉"] * 5
    columns = table.blocks[0].columns
    assert grid[2] == [c.zh for c in columns] * 3
    values = [number(text) for text in grid[3]]
    return {
        row.key: {c.key: values[5 * n + m] for m, c in enumerate(columns)} for n, row in enumerate(table.rows)
    }
