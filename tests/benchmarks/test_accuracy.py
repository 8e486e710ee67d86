"""The measure itself: it sees a wrong figure, a lost one and a fallen floor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive import forms
from archive.records import Cell
from benchmarks import accuracy, baseline, cases, floor
from benchmarks.figures import STYLES, made, published
from benchmarks.score import Score, cells_of, score, score_plain
from pipelines import identities
from tests import layouts


def _cells(value: int | None, status: str) -> list[Cell]:
    return [Cell("reviews", "reconsideration", "upheld", value, "x", status, None)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cells", "true", "expected"),
    [
        (_cells(3, "exact"), 3, (1, 0, 0)),
        (_cells(4, "exact"), 3, (0, 0, 1)),
        (_cells(0, "inferred"), None, (0, 0, 1)),
        (_cells(None, "blank"), None, (1, 0, 0)),
        (_cells(None, "blank"), 3, (0, 1, 0)),
        (_cells(None, "missing"), None, (0, 1, 0)),
        (_cells(None, "ambiguous"), None, (0, 1, 0)),
        ([], 3, (0, 1, 0)),
    ],
)
def test_right_null_wrong(cells: list[Cell], true: int | None, expected: tuple[int, int, int]) -> None:
    counts = score(cells, {"reviews": {"reconsideration": {"upheld": true}}}, "one")
    assert (counts.right, counts.null, counts.wrong) == expected
    assert bool(counts.faults) == bool(expected[2])


def test_made_figures_are_the_same_every_time_and_true_to_the_identities() -> None:
    for style in STYLES:
        sample = made("2021", style, 4)
        assert sample == made("2021", style, 4)
        if style in ("with blanks", "total only", "issuer's errors"):
            continue
        cells = {
            (row, column): Cell("requests", row, column, value, None, "exact", None)
            for row, line in sample.figures["requests"].items()
            for column, value in line.items()
        }
        checks = identities.of_requests(cells, forms.form("2021").tables["requests"])
        assert {check.verdict for check in checks} == {"pass"}


def test_the_baseline_reads_an_official_page_and_is_misled_by_a_footnote() -> None:
    pytest.importorskip("pandas")
    sample = next(published())
    body = layouts.LAYOUTS["official"](sample.figures, sample.form)
    plain = score_plain(baseline.read(body, sample.form), sample.figures)
    assert plain.wrong == 0
    assert plain.right > 150
    noted = cases.catalogue()["footnotes in sup"].render(sample.figures, sample.form)
    assert score_plain(baseline.read(noted, sample.form), sample.figures).wrong > 0
    assert score(cells_of(noted, "noted"), sample.figures, "noted").wrong == 0


def test_a_lower_score_is_below_the_floor_and_needs_its_flag(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "floor.json"
    monkeypatch.setattr(floor, "PATH", path)
    monkeypatch.setattr(floor.load, "__defaults__", (path,))
    monkeypatch.setattr(floor.save, "__defaults__", (path,))

    def judge(scored: Score, **flags: bool) -> int:
        whole = {"accept": False, "accept_lower": False, **flags}
        return accuracy._judge({"official": scored}, names=(), **whole)

    high, low = Score(right=10), Score(right=9, null=1)
    assert judge(high) == 0
    assert not path.exists()
    assert judge(high, accept=True) == 0
    assert floor.load(path) == {"official": {"right": 10, "null": 0}}
    assert judge(low) == 1
    assert judge(low, accept=True) == 1
    assert floor.load(path)["official"]["right"] == 10
    assert judge(replace(low, wrong=1, faults=["x"]), accept_lower=True) == 1
    assert judge(low, accept_lower=True) == 0
    assert floor.load(path)["official"]["right"] == 9


def test_the_command_refuses_a_layout_it_does_not_know() -> None:
    result = CliRunner().invoke(accuracy.main, ["no such layout"])
    assert result.exit_code == 1
    assert "no layout" in result.output


def test_the_committed_floor_names_every_layout_and_no_other() -> None:
    known = {name for name in floor.load() if ": " not in name}
    assert known == set(cases.catalogue())
