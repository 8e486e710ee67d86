"""A document → the cells of its statutory tables. Pure.

Tables are read from grids, each matched on its own and never by the report's
year. What no grid holds is sought in the text. Every cell of a matched table's
form is answered for: what the source lacks is ``missing``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from archive import forms
from archive.forms.indicators import TABLE as INDICATORS
from archive.records import Cell, Document, Finding, Grid
from pipelines import bundles, gaps, messages
from pipelines.flat import delimited
from pipelines.flat import disclosure as flat_disclosure
from pipelines.flat import indicators as flat_indicators
from pipelines.flat import requests as flat_requests
from pipelines.flat import reviews as flat_reviews
from pipelines.flat.twice import differ, merge, opened, proved, withdrawn
from pipelines.tables import disclosure, indicator_lines, indicators, labels, requests, reviews
from pipelines.tables.found import Found

# A Table 3 cut to fewer lines than this is some other table with one of its words.
_MIN_ROWS = 2


@dataclass(frozen=True, slots=True)
class Match:
    """What was found of the three tables, or of the indicator list before them."""

    forms: Mapping[str, str]
    cells: tuple[Cell, ...]
    findings: tuple[Finding, ...]


def _complete(
    table: forms.Table, cells: Iterable[Cell], rows: Iterable[tuple[str, tuple[forms.Term, ...]]]
) -> list[Cell]:
    """The table's cells in the form's order, ``missing`` where the source has none."""
    by_place = {(cell.row, cell.column): cell for cell in cells}
    return [
        by_place.get((row, term.key)) or Cell(table.key, row, term.key, None, None, "missing", None)
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
        # most grids are one table, which the words of the others are not in
        names = labels.named(grid.texts)
        if disclosure.may_be(names):
            disclosure.collect(grid, found["disclosure"], by_line)
        if requests.may_be(names):
            requests.collect(grid, found["requests"])
        if reviews.may_be(names):
            reviews.collect(grid, found["reviews"])
    for table in found.values():
        table.settle()
    return found, by_line


def _from_lines(found: dict[str, Found], text: str) -> tuple[dict[str, Found], dict[str, str], str]:
    """Tables that the text holds whole, one row a line, and the text without them."""
    tables = delimited.find(text)
    return {**found, **tables.found}, tables.by_line, tables.rest


@dataclass(frozen=True, slots=True)
class _InText:
    """Tables in the text between the grids, their lines still without a grid's boundaries."""

    cells: Mapping[str, list[Cell]]
    lines: Mapping[str, str]
    """Line of Table 2 → form."""
    form: str | None
    """Form of Table 3."""
    findings: Mapping[str, list[Finding]]


# Words of Tables 2, 3 and 4 that no sentence has; without them the text need not be searched.
_HINT = re.compile(r"信\s*息\s*内\s*容|申\s*请\s*数\s*量|复\s*议\s*后\s*起\s*诉")


def _in_text(text: str) -> _InText:
    """Table 3 first: it tells what the others may be believed to have lost."""
    cells: dict[str, list[Cell]] = {}
    findings: dict[str, list[Finding]] = {}
    third = flat_requests.find(text)
    if third is not None:
        cells["requests"], findings["requests"] = third.cells, third.findings
    step = third.step if third is not None else None
    manner = third.manner if third is not None else None
    vanished = third is not None and third.vanished
    second = flat_disclosure.find(text, manner=manner, step=step, vanished=vanished)
    if second is not None:
        cells["disclosure"], findings["disclosure"] = second[1], second[2]
    lost = third is None or third.vanished
    off = third is not None and third.off
    untrue = third is not None and third.untrue
    fourth = flat_reviews.find(
        text, vanished=lost, sound=manner is not None, step=step, off=off, untrue=untrue
    )
    if fourth is not None:
        cells["reviews"], findings["reviews"] = fourth
    return _InText(cells, second[0] if second else {}, third.form if third else None, findings)


def _together(
    grids: Mapping[str, Found], text: _InText, *, scanned: bool
) -> tuple[dict[str, list[Cell]], list[Finding]]:
    """Of each table the cells of the grids, else those of the text, where the two agree."""
    held = {key: list(found.cells.values()) for key, found in grids.items() if _is_table(found)}
    findings: list[Finding] = []
    third = grids.get("requests")
    # What OCR is unsure of has no value yet: ``confirm`` asks the identities of a scan.
    if third is not None and third.ragged and "reviews" in held and not scanned:
        held["reviews"], unproved = proved(held["reviews"], ragged=True)
        findings += unproved
    if third is not None and third.torn and "disclosure" in held:
        findings.append(messages.lines_torn("disclosure", held["disclosure"][0].where))
        held["disclosure"] = list(map(opened, held["disclosure"]))
    foreign = any(differ(held[key], cells, strict=True) for key, cells in text.cells.items() if key in held)
    chosen: dict[str, list[Cell]] = {}
    for key in forms.TABLES:
        in_text = text.cells.get(key, [])
        if key in held:
            chosen[key], more = merge(held[key], in_text) if in_text else (held[key], [])
        elif in_text:
            chosen[key], more = withdrawn(in_text) if foreign else (in_text, [])
            findings += text.findings[key]
        else:
            continue
        findings += more
    return chosen, findings


def _is_table(found: Found) -> bool:
    return len(found.rows) >= _MIN_ROWS if found.table == "requests" else bool(found)


def match(document: Document) -> Match:
    """Read the statutory tables of a document."""
    bundled = {id(grid): grid.where for grid in bundles.of_grids(document.blocks)}
    found, by_line = _from_grids(grid for grid in document.grids if id(grid) not in bundled)
    text = "\n".join(block.text for block in document.blocks if not isinstance(block, Grid))
    counts_bundles = any(map(bundles.states, text.split("\n")))
    if _HINT.search(text) and not counts_bundles:
        if not any(found.values()):
            found, by_line, text = _from_lines(found, text)
        in_text = _in_text(text)
    else:
        in_text = _InText({}, {}, None, {})
    chosen, more = _together(found, in_text, scanned=document.kind == "scan")
    findings = [*(finding for one in found.values() for finding in one.findings), *more]
    if bundled or counts_bundles:
        findings.append(messages.counts_bundles(next(iter(bundled.values()), None)))
    known: dict[str, str] = {}
    cells: list[Cell] = []
    if "disclosure" in chosen:
        by_line = by_line or dict(in_text.lines)
        known["disclosure"], table, rows = _disclosure_rows(by_line)
        cells += _complete(table, chosen["disclosure"], rows)
    fallback = "2019" if known.get("disclosure") == "2019" else "2021"
    if "requests" in chosen:
        if _is_table(found["requests"]):
            known["requests"] = requests.form_of(found["requests"], fallback)
        else:
            known["requests"] = in_text.form or fallback
        table = forms.form(known["requests"]).tables["requests"]
        extra = sorted({cell.row for cell in chosen["requests"]} - {row.key for row in table.rows})
        if extra:
            findings.append(messages.lines_of_both_forms("requests", extra))
        cells += _complete(table, chosen["requests"], _rows(table))
    if "reviews" in chosen:
        # Table 4 is the same in every form; it is filed under that of the report's Table 3.
        known["reviews"] = known.get("requests", fallback)
        table = forms.form(known["reviews"]).tables["reviews"]
        cells += _complete(table, chosen["reviews"], _rows(table))

    listing = indicators.find(grid for grid in document.grids if id(grid) not in bundled)
    findings += listing.findings
    if not listing and not counts_bundles:
        listing = flat_indicators.find(text)
        findings += listing.findings
    if listing:
        known[INDICATORS], of_list = indicator_lines.complete(listing)
        cells += of_list
    return Match(known, tuple(gaps.settle(cells, known.get("requests"))), tuple(findings))
