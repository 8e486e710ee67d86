"""Originals read again for a visitor: the same places as the reading that is stored, within bounds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.records import Grid, Snapshot
from archive.seen import Seen
from demo import real
from pipelines import looking
from pipelines.looking import Looker, look
from pipelines.report import parse
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
