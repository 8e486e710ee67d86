"""Real reports, kept beside the repository: every figure of their tables at its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archive import forms
from archive.records import Grid
from pipelines.prose import sections
from pipelines.readers import read

REAL = Path(__file__).resolve().parents[3] / "../shared/real"
pytestmark = pytest.mark.skipif(not REAL.exists(), reason="the real reports are not beside the repository")


def case(name: str, file: str) -> tuple[tuple[Grid, ...], dict[str, Any]]:
    grids = read((REAL / name / file).read_bytes()).grids
    truth: dict[str, Any] = json.loads((REAL / name / "truth.json").read_text(encoding="utf-8"))
    return grids, truth["cells"]


def dense(text: str) -> str:
    return "".join(text.split())


def figures(grid: Grid, width: int) -> list[list[str]]:
    """The last ``width`` places of every row."""
    return [[dense(cell.text) if cell else "?" for cell in row[-width:]] for row in grid.rows]


def expected(cells: dict[str, Any], table: str, columns: list[str]) -> list[list[str]]:
    return [["" if row.get(c) is None else str(row[c]) for c in columns] for row in cells[table].values()]


@pytest.mark.parametrize(
    ("name", "file"),
    [("pingtan_2019", "input.html"), ("shanghai_office_2019", "input.html"), ("huaian_2024", "input.pdf")],
)
def test_tables_three_and_four_cell_by_cell(name: str, file: str) -> None:
    grids, cells = case(name, file)
    assert len(grids) == 3
    applicants = [term.key for term in forms.columns("requests")]
    wanted = expected(cells, "requests", applicants)
    assert figures(grids[1], 7)[-len(wanted) :] == wanted
    outcomes = [term.key for term in forms.columns("reviews")]
    flat = [value for row in expected(cells, "reviews", outcomes) for value in row]
    assert figures(grids[2], 15)[-1] == flat


def test_the_label_that_the_page_break_cut_is_whole() -> None:
    grids, _ = case("huaian_2024", "input.pdf")
    labels = [dense(row[1].text) for row in grids[1].rows if row[1]]
    assert labels.count("（四）无法提供") == 3
    assert all(row[0] and dense(row[0].text) == "三、本年度办理结果" for row in grids[1].rows[5:-1])


def test_every_text_and_excerpt_reads_and_cuts() -> None:
    files = [*REAL.glob("*/input.*"), *REAL.glob("excerpts/*.txt"), *REAL.glob("lists/*.html")]
    assert len(files) > 30
    for file in files:
        document = read(file.read_bytes())
        assert document.text
        sections(document)


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("erqi_2020", 6),
        ("dongtonghua_2020", 6),
        ("changsha_gaoxin_2019", 6),
        ("langfang_office_2021", 6),
        ("ziyang_2020", 5),
    ],
)
def test_sections_of_the_text_reports(name: str, last: int) -> None:
    found = sections(read((REAL / name / "input.txt").read_bytes()))
    assert [s.number for s in found] == list(range(last + 1))
    assert len(found[1].text) > 500
    assert len(found[3].text) < 40, "the flattened Table 3 is not prose"
