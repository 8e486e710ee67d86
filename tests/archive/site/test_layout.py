from __future__ import annotations

import pytest

from archive import forms
from archive.site.layout import Head, Layout, Line, Place, layout

ALL = [(table, form) for form in forms.FORM_KEYS for table in forms.TABLES]


def widths(lines: tuple[Line, ...]) -> list[int]:
    """Columns each line fills, spans from above included."""
    carried: list[int] = []
    found = []
    for line in lines:
        below: list[int] = []
        width = sum(1 for rest in carried if rest > 0)
        below = [rest - 1 for rest in carried if rest > 1]
        for cell in line:
            width += cell.colspan
            rowspan = cell.rowspan if isinstance(cell, Head) else 1
            below += [rowspan - 1] * cell.colspan if rowspan > 1 else []
        carried = below
        found.append(width)
    assert not carried, "a span reaches beyond the last line"
    return found


def lines_of(table: Layout) -> list[tuple[Line, ...]]:
    return [part for part in (table.head, *table.bodies) if part]


@pytest.mark.parametrize(("table", "form"), ALL)
def test_every_line_is_as_wide_as_the_table(table: str, form: str) -> None:
    laid = layout(table, form)
    for part in lines_of(laid):
        assert set(widths(part)) == {laid.width}


@pytest.mark.parametrize(("table", "form"), ALL)
def test_every_figure_of_the_form_has_one_place_in_its_order(table: str, form: str) -> None:
    places = [
        (cell.row, cell.column)
        for body in layout(table, form).bodies
        for line in body
        for cell in line
        if isinstance(cell, Place)
    ]
    assert places == [(row.key, column.key) for row, column in forms.form(form).tables[table].cells()]


def test_table_3_groups_its_lines_as_the_form_prints_them() -> None:
    body = layout("requests", "2021").bodies[0]
    groups = {
        cell.zh: cell.rowspan for line in body for cell in line if isinstance(cell, Head) and cell.rowspan > 1
    }
    assert groups == {
        "三、本年度办理结果": 22,
        "（三）不予公开": 8,
        "（四）无法提供": 3,
        "（五）不予处理": 5,
        "（六）其他处理": 3,
    }
    older = layout("requests", "2019").bodies[0]
    other = [
        cell for line in older for cell in line if isinstance(cell, Head) and cell.zh == "（六）其他处理"
    ]
    assert [(cell.rowspan, cell.colspan, cell.scope) for cell in other] == [(1, 2, "row")]


def test_table_4_is_one_line_of_fifteen() -> None:
    laid = layout("reviews", "2019")
    assert laid.width == 15
    assert len(laid.bodies[0]) == 1
    assert [cell.zh for cell in laid.head[0] if isinstance(cell, Head)] == ["行政复议", "行政诉讼"]


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(KeyError):
        layout("requests", "2014")
