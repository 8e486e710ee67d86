"""Table 3 in flattened text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from archive import forms
from archive.records import Cell, Finding
from pipelines import decode, messages, values
from pipelines.flat.folded import Folded, pattern
from pipelines.flat.runs import Run, bounded, counted, is_marked
from pipelines.flat.twice import merge

_TABLE = "requests"
_GROUPS = forms.terms(_TABLE)["groups"]
#: Lines whose words stand elsewhere too: only with their enumerator.
_NUMBERED = frozenset({"other_other", "concluded"})
# From the first label to the last a flattened Table 3 has 700 characters and, one cell a line, 2,000.
_REACH = 12_000
# Labels a text must show in order before it is called a Table 3.
_MIN_LABELS = 5
# A text with more tables than this is no report; each costs a search.
_MOST_TABLES = 8
#: A page number that says what it is, on a line of its own.
_PAGE = re.compile(r"^\s*(?:[-—–]+\s*\d{1,3}\s*[-—–]+|第\s*\d{1,3}\s*页.*|\d{1,3}\s*/\s*\d{1,3})\s*$", re.M)
_FIGURES = re.compile(r"[\d\s|,./+—–-]*")
_BRACKETS = re.compile(r"^\s*\([^()\d]*\)")


@dataclass(frozen=True, slots=True)
class Flat:
    """A Table 3 found in text, and what it tells of how the text lost its tables."""

    form: str
    cells: list[Cell]
    findings: list[Finding]
    vanished: bool
    """Some cells left no trace."""
    foreign: bool
    """Something stands among the lines of cells that is none: page numbers."""
    spaced: bool
    """Every line is parted by blanks and true to R1: blanks stand between numbers and not inside them."""


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


def _without_groups(run: str, table: forms.Table) -> str:
    for key in ("results", "refused", "unavailable", "unprocessed", "others"):
        if key == "others" and table.form == "2019":
            continue
        run = pattern(_GROUPS[key]).sub("", run)
    return _BRACKETS.sub("", run)


def _runs(text: Folded, table: forms.Table, found: Mapping[str, re.Match[str]]) -> dict[str, Run]:
    keys = [row.key for row in table.rows if row.key in found]
    runs = {}
    for i, key in enumerate(keys):
        begin = found[key].end()
        if i + 1 < len(keys):
            body = text.text[begin : found[keys[i + 1]].start()]
        else:
            # After the last line: figures and what separates them, no word.
            match = re.compile(r"[\d\s|,./+—–-]*").match(text.text, begin)
            body = match[0] if match else ""
            body = re.sub(r"\n\s*\n\s*$", "\n", body) if "|" not in body else body
        runs[key] = Run(_without_groups(body, table), text.line(begin))
    return runs


def find(source: str) -> Flat | None:
    """The Table 3 in this text, or ``None`` where there is none.

    Where there are several, as in two reports on one page, only the figures they
    agree on are kept.
    """
    text = Folded.of(source)
    received = forms.terms(_TABLE)["rows"]["received"]
    anchors = [match.start() for match in pattern(received).finditer(text.text)][:_MOST_TABLES]
    candidates: list[tuple[forms.Table, dict[str, Run], int]] = []
    for anchor, following in zip(anchors, [*anchors[1:], len(text.text)], strict=False):
        candidate = _candidate(text, anchor, following)
        if candidate is not None:
            table, found = candidate
            candidates.append((table, _runs(text, table, found), len(found)))
    if not candidates:
        return None
    best = max(candidates, key=lambda candidate: candidate[2])
    paged = _PAGE.search(text.text) is not None
    flat = _read(best[0], best[1], paged=paged)
    for other in candidates:
        if other is not best and _is_tabular(other[1]):
            cells, more = merge(flat.cells, _read(other[0], other[1], paged=paged).cells, strict=True)
            flat = replace(flat, cells=cells, findings=[*flat.findings, *more])
    return flat


def _is_tabular(runs: Mapping[str, Run]) -> bool:
    """Whether figures and nothing else stand behind enough labels; a sentence names the lines as well."""
    plain = [run.text for run in runs.values() if _FIGURES.fullmatch(run.text)]
    return len(plain) >= _MIN_LABELS and any(map(str.isdigit, "".join(plain)))


def _candidate(text: Folded, start: int, stop: int) -> tuple[forms.Table, dict[str, re.Match[str]]] | None:
    """The form that has most of its labels in this stretch, if they are enough for a Table 3."""
    best: tuple[forms.Table, dict[str, re.Match[str]]] | None = None
    for form in ("2021", "2019"):
        table = forms.form(form).tables[_TABLE]
        found = _position(text, table, start, stop)
        if len(found) >= _MIN_LABELS and (best is None or len(found) > len(best[1])):
            best = table, found
    return best


def _cell(row: str, term: forms.Term, raw: str, run: Run) -> Cell:
    reading = values.read(raw, term.kind, term.zh)
    return Cell(_TABLE, row, term.key, reading.value, raw, reading.status, run.where, reading.readings)


def _sum_holds(texts: Sequence[str]) -> bool:
    numbers = [values.read(text, "count").value for text in texts]
    known = [number for number in numbers if number is not None]
    return len(known) == len(numbers) and sum(known[:-1]) == known[-1]


def _read(table: forms.Table, runs: Mapping[str, Run], *, paged: bool) -> Flat:
    columns = table.blocks[0].columns
    n = len(columns)
    separated, how = _separate(runs, n)
    cells = [
        _cell(key, term, raw, runs[key])
        for key, texts in separated.items()
        for term, raw in zip(columns, texts, strict=True)
    ]
    open_rows = {key: run for key, run in runs.items() if key not in separated}
    findings: list[Finding] = []
    vanished = _vanished(open_rows, n)
    if open_rows:
        decoded, findings = _decode(table, separated, open_rows, vanished=vanished)
        cells += decoded
    whole = len(runs) == len(table.rows)
    return Flat(
        form=table.form,
        cells=cells,
        findings=findings,
        vanished=vanished or not whole,
        foreign=paged or max(_lines(run) for run in runs.values()) > n,
        spaced=whole and not open_rows and set(how.values()) == {"spaced"},
    )


def _lines(run: Run) -> int:
    return sum(bool(line.strip()) for line in run.text.split("\n"))


def _mixed(counts: Iterable[int], n: int) -> bool:
    """Some lines have too few pieces and some too many: then the right number of them proves nothing."""
    known = list(counts)
    return min(known) < n < max(known)


def _separate(runs: Mapping[str, Run], n: int) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Lines whose cells the text still separates, and how."""
    row_lines = _one_row_a_line(runs, n)
    splits = {key: bounded(run.text, n, row_lines=row_lines) for key, run in runs.items()}
    by_lines = all(split is not None and split[1] == "lines" for split in splits.values())
    # Seven lines may be six figures and a page number, seven words five figures of which two are broken.
    doubtful = {
        "lines": _mixed(map(_lines, runs.values()), n),
        "spaced": _mixed((len(run.text.split()) for run in runs.values()), n),
        "marked": False,
    }
    separated: dict[str, list[str]] = {}
    how: dict[str, str] = {}
    for key, split in splits.items():
        if split is None or doubtful[split[1]]:
            continue
        if split[1] == "marked" or by_lines or _sum_holds(split[0]):
            separated[key], how[key] = split
    if len(separated) < len(runs):
        by_breaks = {key: counted(run.text, n) for key, run in runs.items()}
        whole = {key: cells for key, cells in by_breaks.items() if cells is not None}
        # Line breaks are counted only where they come out right for every line of the table.
        if len(whole) == len(runs) and not any(is_marked(run.text) for run in runs.values()):
            return whole, dict.fromkeys(whole, "counted")
    return separated, how


def _vanished(open_rows: Mapping[str, Run], n: int) -> bool:
    """Whether some line has fewer digits than cells: then others may have lost cells as well."""
    return any(0 < sum(map(str.isdigit, run.text)) < n for run in open_rows.values())


def _one_row_a_line(runs: Mapping[str, Run], n: int) -> bool:
    """Some line has all its figures between pipes on the label's own line, the first right after it."""
    for run in runs.values():
        body = run.text.strip(" \t\xa0\n")
        if body.startswith("|") and "\n" not in body:
            cells = [cell.strip() for cell in body.split("|")][1:]
            if len(cells) >= n and all(cells[:n]):
                return True
    return False


def _decode(
    table: forms.Table,
    separated: Mapping[str, Sequence[str]],
    open_rows: Mapping[str, Run],
    *,
    vanished: bool,
) -> tuple[list[Cell], list[Finding]]:
    """Cells of the lines whose boundaries are lost."""
    columns = table.blocks[0].columns
    n = len(columns)
    choices: dict[str, list[decode.Reading]] = {}
    for key, texts in separated.items():
        numbers = [values.read(text, "count").value for text in texts]
        choices[key] = [tuple(int(v) for v in numbers if v is not None)] if None not in numbers else []
    for key, run in open_rows.items():
        try:
            lost = vanished or is_marked(run.text)
            choices[key] = [] if lost else decode.summed(decode.tokens_of(run.text), n)
        except decode.OutOfBudget:
            choices[key] = []
    solved = decode.solve_requests(choices, table)
    findings = []
    if vanished:
        where = next(iter(open_rows.values())).where
        findings.append(messages.boundaries_lost("requests", where))
    elif solved is None:
        where = next(iter(open_rows.values())).where
        findings.append(messages.no_solution("requests", where))
    cells: list[Cell] = []
    for key, run in open_rows.items():
        possible = solved[key] if solved is not None else set(choices[key])
        # Without a solution of the table a line's only reading may still be the issuer's slip.
        sure = solved is not None
        cells += _open_line(key, columns, run, sorted(possible), sure)
    return cells, findings


def _open_line(
    key: str, columns: Sequence[forms.Term], run: Run, possible: Sequence[decode.Reading], sure: bool
) -> list[Cell]:
    raw = run.text.strip()
    cells = []
    readings = tuple("|".join(map(str, reading)) for reading in possible[:12])
    for i, term in enumerate(columns):
        options = {reading[i] for reading in possible}
        if not raw:
            cells.append(Cell(_TABLE, key, term.key, None, None, "missing", run.where))
        elif sure and len(options) == 1:
            cells.append(Cell(_TABLE, key, term.key, options.pop(), raw, "inferred", run.where))
        elif any(char.isdigit() for char in raw):
            cells.append(Cell(_TABLE, key, term.key, None, raw, "ambiguous", run.where, readings))
        else:
            cells.append(Cell(_TABLE, key, term.key, None, raw, "unreadable", run.where))
    return cells
