"""Originals read again for a visitor: the same places as the reading that is stored, within bounds."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.records import Grid, Snapshot
from archive.seen import Seen
from archive.site import figure
from archive.site.place import Glass
from demo import real
from pipelines import looking
from pipelines.looking import Looker, look
from pipelines.report import parse
from tests.browser import published
from tests.layouts import LAYOUTS

_WHEN = datetime(2026, 1, 2, tzinfo=UTC)


def snapshot(body: bytes, **more: object) -> Snapshot:
    return Snapshot(url="http://portal.example/a.html", body=body, fetched_at=_WHEN, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_places_are_those_of_the_report(layout: str) -> None:
    sample = real.load_all()[0]
    original = snapshot(LAYOUTS[layout](sample.cells, sample.form))
    seen = look(original)
    assert seen.error is None
    expected = {(c.table, c.row, c.column): c.where for c in parse(original).cells if c.where is not None}
    assert seen.places == expected


def test_the_child_sees_the_same() -> None:
    sample = real.load_all()[0]
    original = snapshot(LAYOUTS["official"](sample.cells, sample.form))
    seen = Looker(seconds=60)(original)
    assert seen == look(original)
    assert any(isinstance(block, Grid) for block in seen.blocks)


def test_what_cannot_be_read_says_why_and_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert look(snapshot(b"%PDF-1.4 not much")).error
    assert look(snapshot(b"")).error

    def breaks(_: object) -> None:
        raise RecursionError("deep")

    monkeypatch.setattr(looking.joined, "read", breaks)
    assert look(snapshot(b"<p>x")) == Seen(error="RecursionError")


def test_a_reading_that_takes_too_long_or_dies_costs_one_answer() -> None:
    sample = real.load_all()[0]
    original = snapshot(LAYOUTS["official"](sample.cells, sample.form))
    assert Looker(seconds=0.01)(original).error == "读取超过 0.01 秒，已中止"
    large = snapshot(original.body + b" " * (64 << 20))
    assert Looker(seconds=60, megabytes=40)(large).error == "读取程序异常退出"


@pytest.mark.slow
def test_the_marked_cell_holds_the_stored_number(tmp_path: Path) -> None:
    """Every figure of an archive: where its page points, the original has that number."""
    conn = sqlite3.connect(published.build(tmp_path) / "gongkai.db")
    conn.row_factory = sqlite3.Row
    checked = 0
    for (report,) in conn.execute("select id from reports").fetchall():
        page = figure.report.load(conn, report)
        assert page is not None
        assert page.document is not None
        glass = Glass(look)
        for cell in page.cells():
            if cell.value is None or cell.status != "exact":
                continue
            key = (cell.table, cell.row, cell.column)
            view = figure.view(page.document, (), cell.place, key, glass, tmp_path / "warc")
            assert view.excerpt is not None
            [marked] = [c for row in view.excerpt.rows for c in row if c.mark == "cell"]
            text = marked.text.translate(_PLAIN)
            number = re.search(r"-?\d+(\.\d+)?", text)
            assert number is not None
            assert float(number[0]) == cell.value, (page.row["title"], key, marked.text)
            checked += 1
    assert checked > 5000


#: Digits and signs as issuers write them.
_PLAIN = str.maketrans("０１２３４５６７８９－．", "0123456789-.", "，,+＋ 增")
