from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from archive import forms
from archive.records import Cell
from archive.site import sums
from archive.site.figures import Figure, FigureTable
from archive.site.layout import layout
from pipelines import identities

figure = st.sampled_from([None, 0, 0, 0, 1, 2])


@settings(max_examples=40, deadline=None)
@given(st.data(), st.sampled_from(forms.FORM_KEYS), st.sampled_from(["requests", "reviews"]))
def test_sums_say_what_the_reader_says(data: st.DataObject, form: str, name: str) -> None:
    """The reader's arithmetic and the page's are written apart and must agree."""
    table = forms.form(form).tables[name]
    values = {(row.key, column.key): data.draw(figure) for row, column in table.cells()}
    status = {key: "exact" if value is not None else "missing" for key, value in values.items()}
    cells = [Cell(name, *key, value, None, status[key], None) for key, value in values.items()]
    expected = {
        (check.identity, check.at): (check.verdict, check.left, check.right)
        for check in identities.check(cells, {name: form})
    }
    figures = {key: Figure(name, *key, value, status[key]) for key, value in values.items()}
    shown = sums.sums(FigureTable(name, form, layout(name, form), figures))
    found = {(one.identity, one.at): (one.verdict, *(one.sides or (None, None))) for one in shown}
    assert found == expected
    assert len(shown) == len(expected)


def test_every_cell_of_the_two_tables_takes_part_in_a_sum() -> None:
    for form in forms.FORM_KEYS:
        for name in ("requests", "reviews"):
            table = forms.form(form).tables[name]
            figures = {(r.key, c.key): Figure(name, r.key, c.key, 0, "exact") for r, c in table.cells()}
            found = sums.sums(FigureTable(name, form, layout(name, form), figures))
            used = Counter((f.row, f.column) for one in found for f in (*one.left, *one.right))
            assert set(used) == set(figures)
