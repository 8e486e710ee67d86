"""PDF pages with few rules or none, turned, doubled or with hidden ink: right, or null, never wrong."""

from __future__ import annotations

import pytest

from benchmarks.figures import Sample, made, samples
from benchmarks.score import Score, cells_of, score
from tests import layouts_pdf

#: Draws some hundred PDFs.
pytestmark = pytest.mark.slow

pytest.importorskip("reportlab")

#: A real report, one with a quarter of its cells blank, and one with nothing but totals.
FIGURES = (samples(0)[1], made("2019", "with blanks", 0), made("2021", "total only", 0))
#: Layouts in which the figures of some cell are not to be seen: no such cell may be read.
CUT_OFF = ("PDF, columns cut off", "PDF, no rules, columns cut off")


def scored(name: str, sample: Sample) -> Score:
    return score(cells_of(layouts_pdf.LAYOUTS[name](sample.figures, sample.form), name), sample.figures, name)


@pytest.mark.parametrize("name", layouts_pdf.KEEPS)
def test_every_cell_of_a_layout_that_keeps_its_columns_apart(name: str) -> None:
    for sample in FIGURES:
        found = scored(name, sample)
        assert (found.faults, found.null) == ([], 0), (sample.name, found.reasons)


@pytest.mark.parametrize("name", [name for name in layouts_pdf.LAYOUTS if name not in layouts_pdf.KEEPS])
def test_no_cell_is_wrong_where_the_columns_are_not_certain(name: str) -> None:
    for sample in FIGURES:
        assert scored(name, sample).faults == []


@pytest.mark.parametrize("name", CUT_OFF)
def test_no_figure_beyond_the_edge_of_the_page_is_read(name: str) -> None:
    sample = FIGURES[0]
    cells = cells_of(layouts_pdf.LAYOUTS[name](sample.figures, sample.form), name)
    totals = [cell for cell in cells if cell.table == "requests" and cell.column == "total"]
    assert not any(cell.value is not None or cell.status == "blank" for cell in totals)


def test_a_figure_drawn_without_text_is_no_blank() -> None:
    sample = FIGURES[2]
    name = "PDF, drawn figures in blanks"
    cells = cells_of(layouts_pdf.LAYOUTS[name](sample.figures, sample.form), name)
    blank = {
        (table, row, column)
        for table, rows in sample.figures.items()
        for row, line in rows.items()
        for column, value in line.items()
        if value is None
    }
    assert blank
    assert {cell.status for cell in cells if (cell.table, cell.row, cell.column) in blank} == {"unreadable"}
