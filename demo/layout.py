"""The official tables as sheets of boxes: what every renderer draws.

Derived from ``archive.forms``, so a wording changed there changes here. A
sheet lists, row by row, only the boxes that begin in that row, as HTML does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from archive import forms

#: (row, column) → text of that cell.
Printed = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Box:
    """One cell of a table as drawn."""

    text: str
    rowspan: int = 1
    colspan: int = 1
    kind: Literal["head", "label", "figure"] = "figure"


Sheet = tuple[tuple[Box, ...], ...]


def width(sheet: Sheet) -> int:
    """Columns of a sheet: its first row has no box reaching down from above."""
    return sum(box.colspan for box in sheet[0])


def _head(text: str, rowspan: int = 1, colspan: int = 1) -> Box:
    return Box(text, rowspan, colspan, "head")


def _label(text: str, rowspan: int = 1, colspan: int = 1) -> Box:
    return Box(text, rowspan, colspan, "label")


def _stretched(boxes: list[Box], places: int) -> tuple[Box, ...]:
    """The last box takes the places that are left of ``places``."""
    spare = places - sum(box.colspan for box in boxes)
    return (*boxes[:-1], replace(boxes[-1], colspan=boxes[-1].colspan + spare))


def disclosure(table: forms.Table, printed: Printed, glued: Mapping[str, str] | None = None) -> Sheet:
    """Table 2: an article's heading, its columns, its lines.

    ``glued`` names lines whose figures all stand in one box.
    """
    places = 1 + max(len(block.columns) for block in table.blocks)
    rows: list[tuple[Box, ...]] = []
    for block in table.blocks:
        assert block.group is not None, "every block of Table 2 belongs to an article"
        rows.append((_head(block.group.zh, colspan=places),))
        rows.append(_stretched([_head("信息内容"), *(_head(c.zh) for c in block.columns)], places))
        for row in block.rows:
            if glued and row.key in glued:
                figures = [Box(glued[row.key])]
            else:
                figures = [Box(printed(row.key, column.key)) for column in block.columns]
            rows.append(_stretched([_label(row.zh), *figures], places))
    return tuple(rows)


def requests(table: forms.Table, printed: Printed) -> Sheet:
    """Table 3: three rows of head, three columns of labels."""
    groups = forms.terms("requests")["groups"]
    columns = table.blocks[0].columns
    names = {column.key: column.zh for column in columns}
    organisations = [c for c in columns if c.key not in ("natural_person", "total")]
    rows: list[tuple[Box, ...]] = [
        (_head(groups["relation"].zh, 3, 3), _head(groups["applicants"].zh, 1, len(columns))),
        (
            _head(names["natural_person"], 2),
            _head(groups["organisations"].zh, 1, len(organisations)),
            _head(names["total"], 2),
        ),
        tuple(_head(column.zh) for column in organisations),
    ]
    results = (*table.outcome_rows, "concluded")
    for under, lines in groupby(table.rows, key=lambda row: row.group):
        members = tuple(lines)
        for number, row in enumerate(members):
            labels: list[Box] = []
            if row.key == results[0]:
                labels.append(_label(groups["results"].zh, rowspan=len(results)))
            if row.key not in results:
                labels.append(_label(row.zh, colspan=3))
            elif under is None:
                labels.append(_label(row.zh, colspan=2))
            else:
                if number == 0:
                    labels.append(_label(groups[under].zh, rowspan=len(members)))
                labels.append(_label(row.zh))
            rows.append((*labels, *(Box(printed(row.key, column.key)) for column in columns)))
    return tuple(rows)


def reviews(table: forms.Table, printed: Printed) -> Sheet:
    """Table 4: fifteen figures in one row."""
    first, *suits = table.rows
    columns = table.blocks[0].columns
    litigation = forms.terms("reviews")["groups"]["litigation"]
    return (
        (_head(first.zh, 1, len(columns)), _head(litigation.zh, 1, len(columns) * len(suits))),
        (
            *(_head(column.zh, rowspan=2) for column in columns),
            *(_head(row.zh, 1, len(columns)) for row in suits),
        ),
        tuple(_head(column.zh) for _ in suits for column in columns),
        tuple(Box(printed(row.key, column.key)) for row in table.rows for column in columns),
    )


def plain(rows: tuple[tuple[str, ...], ...]) -> Sheet:
    """A table the form does not know: its first row is the head."""
    head, *lines = rows
    return (
        tuple(_head(text) for text in head),
        *(
            tuple(Box(text, kind="label" if n == 0 else "figure") for n, text in enumerate(row))
            for row in lines
        ),
    )
