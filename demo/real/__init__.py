"""Figures of reports that were really published, one YAML file a report.

Only figures and names, which are facts; the sentences that the demonstration
puts around them are the project's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from archive import forms
from archive.packaged import read_yaml
from demo.figures import Cells, Place, Value

NAMES = ("erqi_2020", "langfang_office_2021", "ziyang_2020", "dongtonghua_2020", "changsha_gaoxin_2019")


@dataclass(frozen=True, slots=True)
class RealReport:
    """One published report's figures and what its page shows besides."""

    name: str
    agency: str
    division: str
    """Code of the issuer's division; nine digits for a zone."""
    year: int
    form: str
    title: str
    published_on: date
    cells: Cells
    """What is to be scored: rows nobody knows are left out."""
    shown: Cells
    """What the page prints: ``cells`` and the rows that are not scored."""
    raw: Mapping[Place, str]
    """Text of a cell where it is more than the number, e.g. ``625批次``."""
    glued: Mapping[tuple[str, str], str]
    """Rows whose cells stand in one box over all columns: (table, row) → text."""
    extra: tuple[tuple[str, ...], ...]
    """A table the form does not know, shown before Table 2; empty if there is none."""


def _value(entry: Any) -> Value:
    if isinstance(entry, str):
        return Decimal(entry)
    if entry is None or isinstance(entry, int):
        return entry
    raise TypeError(f"a figure is an integer, a quoted decimal or ~, not {entry!r}")


def _cells(form: forms.Form, tables: Mapping[str, Mapping[str, list[Any]]]) -> Cells:
    cells: Cells = {}
    for table, rows in tables.items():
        cells[table] = {}
        for row, values in rows.items():
            columns = form.tables[table].columns_of(row)
            if len(columns) != len(values):
                raise ValueError(f"{table}.{row}: {len(values)} figures for {len(columns)} columns")
            cells[table][row] = {c.key: _value(v) for c, v in zip(columns, values, strict=True)}
    return cells


def _place(text: str) -> Place:
    table, row, column = text.split(".")
    return table, row, column


def _row(text: str) -> tuple[str, str]:
    table, row = text.split(".")
    return table, row


@cache
def load(name: str) -> RealReport:
    """One report by the name of its file."""
    data = read_yaml(__package__, f"{name}.yml")
    form = forms.form(data["form"])
    cells = _cells(form, data["cells"])
    unscored = _cells(form, data.get("unscored", {}))
    shown = {table: {**rows, **unscored.get(table, {})} for table, rows in cells.items()}
    return RealReport(
        name=name,
        agency=data["agency"],
        division=data["division"],
        year=data["year"],
        form=data["form"],
        title=data["title"],
        published_on=data["published_on"],
        cells=cells,
        shown=shown,
        raw={_place(key): text for key, text in data.get("raw", {}).items()},
        glued={_row(key): text for key, text in data.get("glued", {}).items()},
        extra=tuple(tuple(row) for row in data.get("extra", ())),
    )


def load_all() -> tuple[RealReport, ...]:
    """All of them, in the order of ``NAMES``."""
    return tuple(load(name) for name in NAMES)
