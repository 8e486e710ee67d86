"""Where the lines of a flattened Table 3 stand: each label, and the text from it to the next."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from archive import forms
from pipelines.flat import headings
from pipelines.flat.counting import GROUP
from pipelines.flat.folded import Folded, pattern
from pipelines.flat.runs import Run

_TABLE = "requests"
_GROUPS = forms.terms(_TABLE)["groups"]
#: Lines whose words stand elsewhere too: only with their enumerator.
_NUMBERED = frozenset({"other_other", "concluded"})
# From the first label to the last a flattened Table 3 has 700 characters and, one cell a line, 2,000.
_REACH = 12_000
#: Labels a text must show in order before it is called a Table 3.
MIN_LABELS = 5
# A text with more tables than this is no report; each costs a search.
_MOST_TABLES = 8
#: Figures and what separates them.
FIGURES = re.compile(r"[\d\s|,./+—–-]*")
#: A letter that stands in a figure (85O) is a digit that was misread, and without it the figure is another.
_LAST = re.compile(FIGURES.pattern + r"(?:(?<=\d)[A-Za-z]\w*)?")
_PARTED = re.compile(rf"[\d\n|\t{GROUP}]")
#: A character of a word; not of a unit behind a figure, nor 无 in its place.
_WORD = re.compile(r"(?![无件条项个份次批宗起人户部篇万亿元])[\u3400-\u9fff]")
_BRACKETS = re.compile(r"^\s*\([^()\d]*\)")


@dataclass(frozen=True, slots=True)
class Lines:
    """One Table 3 in the text, by the form that has most of its labels."""

    table: forms.Table
    runs: Mapping[str, Run]
    """Line → the text behind its label."""
    order: headings.Order
    """The order of its columns by its headings."""
    shared: frozenset[str] = frozenset()
    """Lines whose figures may be another's: two labels stand together, or the next label is missing."""


def lines_of(text: Folded) -> list[Lines]:
    """Every Table 3 of the text, in order of appearance."""
    received = forms.terms(_TABLE)["rows"]["received"]
    anchors = [match.start() for match in pattern(received).finditer(text.text)][:_MOST_TABLES]
    found = []
    for anchor, following in zip(anchors, [*anchors[1:], len(text.text)], strict=False):
        candidate = _candidate(text, anchor, following)
        if candidate is not None:
            table, labels = candidate
            runs = _runs(text, table, labels)
            doubtful = shared(runs) | _before_missing(table, runs)
            found.append(Lines(table, runs, headings.order(text, anchor), doubtful))
    return found


def _candidate(text: Folded, start: int, stop: int) -> tuple[forms.Table, dict[str, re.Match[str]]] | None:
    """The form that has most of its labels in this stretch, if they are enough for a Table 3."""
    best: tuple[forms.Table, dict[str, re.Match[str]]] | None = None
    for form in ("2021", "2019"):
        table = forms.form(form).tables[_TABLE]
        found = _position(text, table, start, stop)
        if len(found) >= MIN_LABELS and (best is None or len(found) > len(best[1])):
            best = table, found
    return best


def _position(text: Folded, table: forms.Table, start: int, stop: int) -> dict[str, re.Match[str]]:
    """Each line's label, sought one after the other."""
    found: dict[str, re.Match[str]] = {}
    at, end = start, min(stop, start + _REACH)
    for row in table.rows:
        match = pattern(row, numbered=row.key in _NUMBERED).search(text.text, at, end)
        if row.key == "granted":
            while match is not None and text.text[: match.start()].endswith("不"):
                match = pattern(row).search(text.text, match.end(), end)
        if match is not None:
            found[row.key] = match
            at = match.end()
    return found


def _marked_groups(run: str, table: forms.Table) -> str:
    """The run with a sign in the place of each group's label."""
    for key in ("results", "refused", "unavailable", "unprocessed", "others"):
        if key == "others" and table.form == "2019":
            continue
        run = pattern(_GROUPS[key]).sub(GROUP, run)
    return _BRACKETS.sub("", run)


def shared(runs: Mapping[str, Run]) -> frozenset[str]:
    """Lines whose label follows another's without a cell, a mark or a line break between, and that other.

    Also lines with other words right before their label, as a label that is out of its place leaves them.
    """
    together: set[str] = set()
    for key, following in pairwise(runs):
        body = runs[key].body
        if not body.strip(" \t\xa0" + GROUP):
            together |= {key, following}
        elif _WORD.search(_PARTED.split(body)[-1]):
            together.add(following)
    return frozenset(together)


def _before_missing(table: forms.Table, runs: Mapping[str, Run]) -> frozenset[str]:
    """Lines right before one whose label is missing: what stands behind their label may be that line's."""
    return frozenset(
        row.key for row, following in pairwise(table.rows) if row.key in runs and following.key not in runs
    )


def _without_blank_lines_behind(body: str) -> str:
    """Two line breaks and more at the end become one."""
    kept = body.rstrip()
    return kept + "\n" if body.count("\n", len(kept)) > 1 else body


def _runs(text: Folded, table: forms.Table, found: Mapping[str, re.Match[str]]) -> dict[str, Run]:
    keys = [row.key for row in table.rows if row.key in found]
    runs = {}
    for i, key in enumerate(keys):
        begin, last = found[key].end(), i + 1 == len(keys)
        if last:
            # After the last line: figures and what separates them, no word but one that a figure begins.
            match = _LAST.match(text.text, begin)
            body = match[0] if match else ""
            cells = _without_blank_lines_behind(body) if "|" not in body else body
        else:
            body = _marked_groups(text.text[begin : found[keys[i + 1]].start()], table)
            cells = body.replace(GROUP, "")
        runs[key] = Run(cells, text.line(begin), body, open=last)
    return runs
