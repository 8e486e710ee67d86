"""A document → the cells of its statutory tables. Pure.

Tables are read from grids, each matched on its own and never by the report's
year. What no grid holds is sought in the text. Every cell of a matched table's
form is answered for: what the source lacks is ``missing``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from archive import forms
from archive.records import Cell, Document, Finding, Grid
from pipelines import messages
from pipelines.flat import disclosure as flat_disclosure
from pipelines.flat import requests as flat_requests
from pipelines.flat import reviews as flat_reviews
from pipelines.tables import disclosure, requests, reviews
from pipelines.tables.found import Found

# A Table 3 cut to fewer lines than this is some other table with one of its words.
_MIN_ROWS = 2


@dataclass(frozen=True, slots=True)
class Match:
    """What was found of the three tables."""

    forms: Mapping[str, str]
    cells: tuple[Cell, ...]
    findings: tuple[Finding, ...]


def _complete(
    table: forms.Table, cells: Iterable[Cell], rows: Iterable[tuple[str, tuple[forms.Term, ...]]]
) -> list[Cell]:
    """The table's cells in the form's order, ``missing`` where the source has none."""
    by_place = {(cell.row, cell.column): cell for cell in cells}
    return [
        by_place.get((row, term.key), Cell(table.key, row, term.key, None, None, "missing", None))
        for row, columns in rows
        for term in columns
    ]


def _rows(table: forms.Table) -> list[tuple[str, tuple[forms.Term, ...]]]:
    return [(row.key, block.columns) for block in table.blocks for row in block.rows]


def _disclosure_rows(
    by_line: Mapping[str, str],
) -> tuple[str, forms.Table, list[tuple[str, tuple[forms.Term, ...]]]]:
    """(form or ``mixed``, table, lines): a block found in one form's words has that form's columns."""
    commonest = Counter(by_line.values()).most_common(1)[0][0]
    table = forms.form(commonest).tables["disclosure"]
    rows = []
    of_block: dict[str, str] = {}
    for form in forms.forms():
        for block in form.tables["disclosure"].blocks:
            if block.group and any(by_line.get(row.key) == form.key for row in block.rows):
                of_block[block.group.key] = form.key
    groups = list(forms.terms("disclosure")["groups"])
    for group in groups:
        key = of_block.get(group, commonest)
        for block in forms.form(key).tables["disclosure"].blocks:
            if block.group and block.group.key == group:
                rows += [(row.key, block.columns) for row in block.rows]
    return (commonest if set(by_line.values()) == {commonest} else "mixed"), table, rows


def _from_grids(grids: Iterable[Grid]) -> tuple[dict[str, Found], dict[str, str]]:
    found = {key: Found(key) for key in forms.TABLES}
    by_line: dict[str, str] = {}
    for grid in grids:
        disclosure.collect(grid, found["disclosure"], by_line)
        requests.collect(grid, found["requests"])
        reviews.collect(grid, found["reviews"])
    return found, by_line


def match(document: Document) -> Match:
    """Read the statutory tables of a document."""
    found, by_line = _from_grids(document.grids)
    text = "\n".join(block.text for block in document.blocks if not isinstance(block, Grid))
    known: dict[str, str] = {}
    cells: list[Cell] = []
    findings = [finding for one in found.values() for finding in one.findings]

    of_disclosure: Iterable[Cell] = found["disclosure"].cells.values()
    if not found["disclosure"]:
        flat_table = flat_disclosure.find(text)
        if flat_table is not None:
            by_line, of_disclosure, more = flat_table
            findings += more
    if by_line:
        known["disclosure"], table, rows = _disclosure_rows(by_line)
        cells += _complete(table, of_disclosure, rows)

    if len(found["requests"].rows) >= _MIN_ROWS:
        fallback = "2019" if known.get("disclosure") == "2019" else "2021"
        form = requests.form_of(found["requests"], fallback)
        table = forms.form(form).tables["requests"]
        extra = sorted(found["requests"].rows - {row.key for row in table.rows})
        if extra:
            findings.append(messages.lines_of_both_forms("requests", extra))
        known["requests"] = form
        cells += _complete(table, found["requests"].cells.values(), _rows(table))
    else:
        flat_requests_found = flat_requests.find(text)
        if flat_requests_found is not None:
            known["requests"], of_requests, more = flat_requests_found
            findings += more
            table = forms.form(known["requests"]).tables["requests"]
            cells += _complete(table, of_requests, _rows(table))

    of_reviews: Iterable[Cell] = found["reviews"].cells.values()
    if not found["reviews"]:
        flat_reviews_found = flat_reviews.find(text)
        if flat_reviews_found is not None:
            of_reviews, more = flat_reviews_found
            findings += more
    of_reviews = list(of_reviews)
    if of_reviews:
        # Table 4 is the same in every form; it is filed under that of the report's Table 3.
        form = known.get("requests") or ("2019" if known.get("disclosure") == "2019" else "2021")
        table = forms.form(form).tables["reviews"]
        known["reviews"] = form
        cells += _complete(table, of_reviews, _rows(table))
    return Match(known, tuple(cells), tuple(findings))
