"""The generated figures satisfy the form's identities, computed here anew."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import forms
from demo import figures, issuers, publications, real
from demo.figures import COUNTY, OFFICE, PREFECTURE, TOWNSHIP, Cells
from demo.manifest import PublishedReport
from demo.server import DemoPortals

KINDS = ("natural_person", "business", "research", "civic", "legal_service", "other_org")
COLUMNS = (*KINDS, "total")


def failures(cells: Cells) -> set[tuple[str, str]]:
    """Every identity within the year that does not hold; where a cell is blank, none is assessed."""
    bad = set()

    def check(identity: str, at: str, left: list[object], right: list[object]) -> None:
        if None in left or None in right:
            return
        if sum(left) != sum(right):  # type: ignore[arg-type]
            bad.add((identity, at))

    requests = cells["requests"]
    outcomes = [row for row in requests if row not in ("received", "carried_in", "concluded", "carried_out")]
    for row, line in requests.items():
        check("R1", f"requests.{row}", [line[k] for k in KINDS], [line["total"]])
    for c in COLUMNS:
        check(
            "R2",
            f"requests.*.{c}",
            [requests["received"][c], requests["carried_in"][c]],
            [requests["concluded"][c], requests["carried_out"][c]],
        )
        check("R3", f"requests.*.{c}", [requests[row][c] for row in outcomes], [requests["concluded"][c]])
    for row, line in cells["reviews"].items():
        parts = [line[c] for c in ("upheld", "corrected", "other", "pending")]
        check("V1", f"reviews.{row}", parts, [line["total"]])
    return bad


def breaks_across(before: Cells, after: Cells) -> list[str]:
    """Identities across two years that do not hold; nothing is assessed where a cell is blank."""
    bad = []
    for c in COLUMNS:
        left, right = before["requests"]["carried_out"][c], after["requests"]["carried_in"][c]
        if None not in (left, right) and left != right:
            bad.append(f"Y1 {c}")
    then, now = before["disclosure"], after["disclosure"]
    for row in ("rules", "normative_documents"):
        if "in_force" not in then[row] or "in_force" not in now[row]:
            continue
        parts = [then[row]["in_force"], now[row]["issued"], now[row]["repealed"], now[row]["in_force"]]
        if None not in parts and parts[0] + parts[1] - parts[2] != parts[3]:  # type: ignore[operator]
            bad.append(f"Y2 {row}")
    for row in ("licences", "other_services", "penalties", "coercive_measures", "fees"):
        if "change" not in then.get(row, {}) or "change" not in now.get(row, {}):
            continue
        if then[row]["previous_items"] + then[row]["change"] != now[row]["previous_items"]:  # type: ignore[operator]
            bad.append(f"Y3 {row}")
    return bad


def _with_tables(portals: DemoPortals) -> list[PublishedReport]:
    """Those on the forms of 2019 and 2021; the lists before them are tested in test_indicators.py."""
    return [report for report in portals.manifest.reports if "indicators" not in report.cells]


def test_every_report_keeps_the_identities_but_those_it_is_said_to_break(portals: DemoPortals) -> None:
    for report in _with_tables(portals):
        said = {(broken.identity, broken.at) for broken in report.broken}
        assert failures(report.cells) == said, report.title


def test_some_reports_break_an_identity(portals: DemoPortals) -> None:
    broken = {b.identity for report in _with_tables(portals) for b in report.broken}
    assert broken == {"R1", "R3", "V1"}


def test_the_years_of_one_issuer_follow_from_each_other(portals: DemoPortals) -> None:
    by_issuer: dict[str, list[object]] = {}
    for report in _with_tables(portals):
        by_issuer.setdefault(report.agency, []).append(report)
    assessed = 0
    for agency, reports in by_issuer.items():
        ordered = sorted(reports, key=lambda report: report.year)  # type: ignore[attr-defined]
        for before, after in pairwise(ordered):
            assert after.year == before.year + 1  # type: ignore[attr-defined]
            assert breaks_across(before.cells, after.cells) == [], agency  # type: ignore[attr-defined]
            assessed += 1
    assert assessed > 50


def test_each_table_has_exactly_the_cells_of_its_form(portals: DemoPortals) -> None:
    for report in _with_tables(portals):
        if report.real:
            continue
        for key in forms.TABLES:
            wanted = {(r.key, c.key) for r, c in forms.form(report.form_of[key]).tables[key].cells()}
            assert {(r, c) for r, line in report.cells[key].items() for c in line} == wanted, report.title


@given(seed=st.integers(0, 2**32), profile=st.sampled_from((PREFECTURE, COUNTY, OFFICE, TOWNSHIP)))
@settings(max_examples=30, deadline=None)
def test_any_seed_gives_consistent_figures(seed: int, profile: figures.Profile) -> None:
    years = range(2019, 2024)
    made = figures.series("某局", years, profile, seed)
    assert made == figures.series("某局", years, profile, seed)
    for form in forms.FORM_KEYS:
        printed = [figures.on_form(made[year], dict.fromkeys(forms.TABLES, form)) for year in years]
        assert all(failures(cells) == set() for cells in printed)
        assert all(breaks_across(*pair) == [] for pair in pairwise(printed))
        counts = [
            (term.kind, cells[key][row.key][term.key])
            for cells in printed
            for key in forms.TABLES
            for row, term in forms.form(form).tables[key].cells()
        ]
        assert all(value >= 0 for kind, value in counts if kind != "change")  # type: ignore[operator]


def test_a_broken_report_is_reported_by_the_check_of_this_test() -> None:
    cells = figures.on_form(
        figures.series("某局", range(2022, 2023), COUNTY, 1)[2022], dict.fromkeys(forms.TABLES, "2021")
    )
    granted = cells["requests"]["granted"]["natural_person"]
    assert isinstance(granted, int)
    bad = figures.patched(cells, {("requests", "granted", "natural_person"): granted + 1})
    assert failures(bad) == {("R1", "requests.granted"), ("R3", "requests.*.natural_person")}
    with pytest.raises(KeyError, match=r"no cell requests\.granted\.nobody"):
        figures.patched(cells, {("requests", "granted", "nobody"): 1})


def test_the_edit_changes_these_cells_and_keeps_every_identity(portals: DemoPortals) -> None:
    note = portals.manifest.edited
    report = next(r for r in portals.manifest.reports if r.url == note["url"])
    assert (report.agency, report.year, report.portal) == (note["agency"], note["year"], note["portal"])
    before = next(
        p for _, p in publications.invented(1) if (p.agency, p.year) == (report.agency, report.year)
    )
    after = publications.edited(before)
    assert failures(after.cells) == set()
    assert (after.title, after.published_on) == (before.title, before.published_on)
    changed = [
        (table, row, column)
        for table, rows in before.cells.items()
        for row, line in rows.items()
        for column, value in line.items()
        if after.cells[table][row][column] != value
    ]
    assert sorted(changed) == sorted(issuers.EDIT)
    for table, row, column in changed:
        assert note["old"][table][row][column] == before.cells[table][row][column]
        assert note["new"][table][row][column] == after.cells[table][row][column]


SHARED = Path(__file__).resolve().parents[2] / "../shared/real"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real reports are not here")
@pytest.mark.parametrize("name", real.NAMES)
def test_real_figures_are_those_of_the_truth(name: str) -> None:
    truth = yaml.safe_load((SHARED / name / "truth.json").read_text(encoding="utf-8"))
    report = real.load(name)
    assert (report.year, report.form) == (truth["year"], truth["form"])
    assert truth["agency"].startswith(report.agency)
    scored = {
        table: {row: {c: _number(v) for c, v in line.items()} for row, line in rows.items()}
        for table, rows in truth["cells"].items()
    }
    assert report.cells == scored


def _number(value: int | float | None) -> int | Decimal | None:
    return Decimal(str(value)) if isinstance(value, float) else value
