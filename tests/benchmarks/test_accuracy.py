"""The measure itself: it sees a wrong figure, a lost one and a fallen floor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive import forms
from archive.records import Cell
from benchmarks import accuracy, baseline, cases, floor, lists
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


def test_lists_of_2014_are_made_true_to_their_sums_and_scored_by_line() -> None:
    for style in lists.STYLES:
        sample = lists.made(style, 2)
        assert sample == lists.made(style, 2)
        rows = sample.figures["indicators"]
        cells = {
            (row, "year"): Cell("indicators", row, "year", line["year"], None, "exact", None)
            for row, line in rows.items()
            if line["year"] is not None
        }
        if style != "with blanks":
            checks = identities.of_indicators(cells)
            assert [check.identity for check in checks] == ["I1", "I2", "I3", "I4", "I5", "I6"]
            assert {check.verdict for check in checks} == {"pass"}
    sample = lists.made("with blanks", 1)
    layout = cases.catalogue()["list of 2014, with cumulative"]
    body = layout.render(sample.figures, sample.form)
    counts = score(cells_of(body, "list"), layout.expected(sample.figures), "list")
    assert (counts.right, counts.null, counts.wrong) == (2 * len(sample.figures["indicators"]), 0, 0)
    assert score(cells_of(body, "list"), sample.figures, "list").wrong == 0
    # another year's figures in their place are seen as wrong
    other = lists.made("large", 1)
    assert score(cells_of(body, "list"), other.figures, "list").wrong > 0


def test_the_floor_of_a_scan_is_a_share_that_no_machine_raises(tmp_path: Path) -> None:
    path = tmp_path / "floor.json"
    floor.save({"scan: noise": Score(right=199, null=1)}, {}, path)
    kept = floor.load(path)
    assert kept == {"scan: noise": {"least": 0.95}}
    assert floor.compare({"scan: noise": Score(right=190, null=10)}, kept) == ([], [])
    lower, higher = floor.compare({"scan: noise": Score(right=189, null=11)}, kept)
    assert (len(lower), higher) == (1, [])
    assert "189 of 200 right, the floor is 95%" in lower[0]


def test_one_report_below_the_floor_fails_whatever_the_others_make_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("rapidocr")
    from tests import accuracy_scans

    class Pool:
        map = staticmethod(map)

    made = {"one": Score(right=99, null=1), "two": Score(right=94, null=6)}
    monkeypatch.setattr(accuracy_scans, "jobs", lambda: list(made))
    monkeypatch.setattr(accuracy_scans, "measure_job", lambda name: ("clean", name, made[name]))
    rows, short = accuracy.measure_scans(Pool())  # type: ignore[arg-type]
    assert [(name, one.right, one.cells) for name, one, _ in rows] == [("scan: clean", 193, 200)]
    assert short == ["scan: clean, two: 94 of 100 right, the floor is 95%"]
    assert accuracy._judge({}, names=("x",), accept=False, accept_lower=False, short=short) == 1


def test_without_ocr_or_chromium_a_line_says_that_scans_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rapidocr")
    from tests import scans

    monkeypatch.setattr(scans, "browser", lambda: None)
    assert accuracy._no_scans() == "Chromium is not installed (it prints the pages)"
    found = accuracy.find_spec
    monkeypatch.setattr(accuracy, "find_spec", lambda name: None if name == "rapidocr" else found(name))
    assert accuracy._no_scans() == "the extra ocr is not installed (rapidocr): pip install gongkai[ocr]"


def test_every_report_is_scanned_clean_and_spoilt_and_no_way_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("rapidocr")
    from tests import accuracy_scans, scans

    reports = [accuracy_scans.Case(name, "2021", {}, b"") for name in ("one", "two", "three")]
    monkeypatch.setattr(accuracy_scans, "real_cases", lambda style: iter(reports))
    jobs = [(case.name, way) for case, way in accuracy_scans.jobs()]
    assert {way for _, way in jobs} == set(scans.SPOILT)
    for report in reports:
        own = [way for name, way in jobs if name == report.name]
        assert accuracy_scans.CLEAN in own
        assert len(own) >= 2


def test_the_committed_floor_names_every_layout_and_no_other() -> None:
    known = {name for name in floor.load() if ": " not in name}
    assert known == set(cases.catalogue())


def test_the_committed_floor_has_every_way_of_scanning() -> None:
    pytest.importorskip("rapidocr")
    from tests import scans

    kept = {name: entry for name, entry in floor.load().items() if name.startswith(floor.SCAN)}
    assert kept == {f"{floor.SCAN}{way}": {"least": floor.LEAST} for way in scans.SPOILT}
