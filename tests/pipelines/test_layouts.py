"""Real figures in the layouts that real issuers use: right, or null with a reason, never wrong."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from functools import cache

import pytest
import yaml

from archive import forms
from pipelines.match import match
from pipelines.readers import read
from tests import layouts
from tests.paths import REPOSITORY

CASES = sorted((REPOSITORY / "demo" / "real").glob("*.yml"))


@cache
def _case(name: str) -> tuple[str, layouts.Figures]:
    data = yaml.safe_load((REPOSITORY / "demo" / "real" / name).read_text(encoding="utf-8"))
    tables = forms.form(data["form"]).tables
    figures = {
        key: {
            row: {
                term.key: Decimal(value) if isinstance(value, str) else value
                for term, value in zip(tables[key].columns_of(row), values, strict=True)
            }
            for row, values in rows.items()
        }
        for key, rows in data["cells"].items()
    }
    return data["form"], figures


def _same(left: object, right: object) -> bool:
    if left is None or right is None:
        return left is right
    return Decimal(str(left)) == Decimal(str(right))


def score(layout: str, case: str) -> Counter[str]:
    """right, null (a figure not read), wrong: per cell of the truth."""
    form, figures = _case(case)
    found = match(read(layouts.LAYOUTS[layout](figures, form)))
    cells = {(cell.table, cell.row, cell.column): cell for cell in found.cells}
    counts: Counter[str] = Counter()
    for table, rows in layouts.expected(layout, figures).items():
        for row, line in rows.items():
            for column, value in line.items():
                cell = cells.get((table, row, column))
                got = cell.value if cell else None
                counts["right" if _same(got, value) else "null" if got is None else "wrong"] += 1
    return counts


@pytest.mark.parametrize("case", [path.name for path in CASES])
@pytest.mark.parametrize("layout", list(layouts.LAYOUTS))
def test_never_a_wrong_figure(layout: str, case: str) -> None:
    counts = score(layout, case)
    assert layout in layouts.ERASED or counts["right"] > 0
    assert counts["wrong"] == 0
    if layout in layouts.KEEPS:
        assert counts["null"] == 0


def _filled(case: str) -> bool:
    _, figures = _case(case)
    return all(v is not None for rows in figures.values() for line in rows.values() for v in line.values())


@pytest.mark.parametrize("case", [path.name for path in CASES if _filled(path.name)])
@pytest.mark.parametrize("layout", ["glued by row", "glued whole"])
def test_glued_tables_three_and_four_are_decided_by_the_identities(layout: str, case: str) -> None:
    form, figures = _case(case)
    found = match(read(layouts.LAYOUTS[layout](figures, form)))
    undecided = [cell for cell in found.cells if cell.table != "disclosure" and cell.status != "inferred"]
    for cell in found.cells:
        if cell.table != "disclosure" and cell.status == "inferred":
            assert _same(cell.value, figures[cell.table][cell.row][cell.column])
    if case == "erqi_2020.yml":
        # The one run here that the identities leave open: two readings of one line.
        assert {(cell.row, cell.column) for cell in undecided} == {
            ("reconsideration", "other"),
            ("reconsideration", "pending"),
        }
        assert all(cell.readings == ("20|1|2|21|44", "20|1|22|1|44") for cell in undecided)
    else:
        assert undecided == []
