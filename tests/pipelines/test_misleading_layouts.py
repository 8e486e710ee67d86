"""Layouts that keep the form are read whole; layouts that mislead give the right figure or none."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from benchmarks.cases import Layout, catalogue
from benchmarks.figures import Sample, made, published
from benchmarks.score import cells_of, score
from tests import layouts_files, layouts_hostile, layouts_more, layouts_text

LAYOUTS: Mapping[str, Layout] = catalogue()
REAL = {sample.name: sample for sample in published()}
MADE = [
    made("2021", "equal digits", 2),
    made("2019", "with blanks", 1),
    made("2021", "issuer's errors", 0),
    made("2019", "last column only", 1),
    made("2021", "round", 0),
]
KEEPS = (*layouts_more.KEEPS, *layouts_files.KEEPS)


def _check(layout: str, sample: Sample) -> tuple[int, int, int]:
    entry = LAYOUTS[layout]
    body = entry.render(sample.figures, sample.form)
    counts = score(cells_of(body, layout), entry.expected(sample.figures), sample.name)
    assert counts.faults == []
    return counts.right, counts.null, counts.wrong


@pytest.mark.parametrize("layout", [*layouts_more.LAYOUTS, *layouts_hostile.LAYOUTS])
def test_never_a_wrong_figure(layout: str) -> None:
    for sample in (REAL["erqi_2020"], REAL["langfang_office_2021"], *MADE):
        right, null, _ = _check(layout, sample)
        if layout in KEEPS:
            assert (right > 0, null) == (True, 0)
        if layout in layouts_more.REFUSED:
            assert right == 0


@pytest.mark.parametrize("layout", list(layouts_files.LAYOUTS))
def test_files(layout: str) -> None:
    right, null, _ = _check(layout, REAL["erqi_2020"])
    assert right > 0
    if layout in KEEPS:
        assert null == 0


@pytest.mark.parametrize("edit", layouts_text.EDITS)
def test_never_a_wrong_figure_however_the_table_was_flattened(edit: str) -> None:
    for shape in (layouts_text.PAGE, *layouts_text.SHAPES):
        render = layouts_text.LAYOUTS[f"{edit}; {shape}"]
        for sample in (REAL["erqi_2020"], MADE[1], MADE[3]):
            counts = score(cells_of(render(sample.figures, sample.form), shape), sample.figures, sample.name)
            assert counts.faults == []
