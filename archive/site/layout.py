"""A statutory table laid out as the official form prints it, for any form in ``archive.forms``.

Result: rows of header and figure cells with their spans, ready for an HTML table.
Layout after 《政府信息公开工作年度报告格式》 (国办公开办函〔2019〕60号, 〔2021〕30号).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Literal

from archive import forms

Scope = Literal["col", "colgroup", "row", "rowgroup"]


@dataclass(frozen=True, slots=True)
class Head:
    """A header cell. ``row`` or ``column`` is set where it names exactly one line or column of figures."""

    zh: str
    en: str
    scope: Scope
    colspan: int = 1
    rowspan: int = 1
    row: str | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where one figure stands."""

    row: str
    column: str
    colspan: int = 1


Line = tuple[Head | Place, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """One table: header lines, then one or more bodies (an article of Table 2 is a body of its own)."""

    head: tuple[Line, ...]
    bodies: tuple[tuple[Line, ...], ...]
    width: int
    """Columns of the whole table."""


def _term(term: forms.Term, scope: Scope, colspan: int = 1, rowspan: int = 1, **names: str) -> Head:
    return Head(term.zh, term.en, scope, colspan, rowspan, row=names.get("row"), column=names.get("column"))


def _spread(count: int, width: int) -> list[int]:
    """Spans of ``count`` cells over ``width`` columns; the last takes what is left, as the form prints it."""
    return [1] * (count - 1) + [width - count + 1]


def disclosure(table: forms.Table) -> Layout:
    """Table 2: one body an article, each with its own header line."""
    width = max(len(block.columns) for block in table.blocks)
    bodies = []
    for block in table.blocks:
        spans = _spread(len(block.columns), width)
        lines: list[Line] = []
        if block.group is not None:
            lines.append((_term(block.group, "colgroup", colspan=width + 1),))
        lines.append(
            (
                Head("信息内容", "Information", "col"),
                *(_term(c, "col", span, column=c.key) for c, span in zip(block.columns, spans, strict=True)),
            )
        )
        for row in block.rows:
            lines.append(
                (
                    _term(row, "row", row=row.key),
                    *(Place(row.key, c.key, span) for c, span in zip(block.columns, spans, strict=True)),
                )
            )
        bodies.append(tuple(lines))
    return Layout((), tuple(bodies), width + 1)


#: Label columns of Table 3: part, outcome, reason.
_LABELS = 3


def requests(table: forms.Table) -> Layout:
    """Table 3: applicants across; parts, outcomes and reasons down."""
    block = table.blocks[0]
    groups = forms.terms("requests")["groups"]
    first, *organisations, last = block.columns
    head: tuple[Line, ...] = (
        (
            _term(groups["relation"], "col", colspan=_LABELS, rowspan=3),
            _term(groups["applicants"], "colgroup", colspan=len(block.columns)),
        ),
        (
            _term(first, "col", rowspan=2, column=first.key),
            _term(groups["organisations"], "colgroup", colspan=len(organisations)),
            _term(last, "col", rowspan=2, column=last.key),
        ),
        tuple(_term(column, "col", column=column.key) for column in organisations),
    )
    within = {*table.outcome_rows, "concluded"}
    body: list[Line] = []
    results_open = False
    for group, members in groupby(block.rows, key=lambda row: row.group):
        rows = list(members)
        for number, row in enumerate(rows):
            labels: list[Head] = []
            if row.key in within and not results_open:
                results_open = True
                labels.append(_term(groups["results"], "rowgroup", rowspan=len(within)))
            if group is not None and number == 0:
                labels.append(_term(groups[group], "rowgroup", rowspan=len(rows)))
            span = _LABELS - (row.key in within) - (group is not None)
            labels.append(_term(row, "row", colspan=span, row=row.key))
            body.append((*labels, *_places(row.key, block.columns)))
    return Layout(head, (tuple(body),), _LABELS + len(block.columns))


def _places(row: str, columns: Sequence[forms.Term]) -> tuple[Place, ...]:
    return tuple(Place(row, column.key) for column in columns)


def reviews(table: forms.Table) -> Layout:
    """Table 4: one line of figures; procedures and their outcomes across."""
    block = table.blocks[0]
    outcomes = block.columns
    groups = forms.terms("reviews")["groups"]
    top: list[Head] = []
    middle: list[Head] = []
    bottom: list[Head] = []
    for group, members in groupby(block.rows, key=lambda row: row.group):
        rows = list(members)
        if group is None:
            for row in rows:
                top.append(_term(row, "colgroup", colspan=len(outcomes), row=row.key))
                middle.extend(_term(outcome, "col", rowspan=2) for outcome in outcomes)
            continue
        top.append(_term(groups[group], "colgroup", colspan=len(outcomes) * len(rows)))
        for row in rows:
            middle.append(_term(row, "colgroup", colspan=len(outcomes), row=row.key))
            bottom.extend(_term(outcome, "col") for outcome in outcomes)
    figures = tuple(place for row in block.rows for place in _places(row.key, outcomes))
    return Layout((tuple(top), tuple(middle), tuple(bottom)), ((figures,),), len(figures))


_LAYOUTS = {"disclosure": disclosure, "requests": requests, "reviews": reviews}


@cache
def layout(table: str, form: str) -> Layout:
    """The layout of one table of one form; raises ``KeyError`` for a table or form there is none of."""
    return _LAYOUTS[table](forms.form(form).tables[table])
