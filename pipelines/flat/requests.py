"""Table 3 in flattened text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from archive import forms
from archive.records import Cell, Finding
from pipelines import decode, messages, values
from pipelines.flat.folded import Folded, pattern
from pipelines.flat.runs import Run, bounded, counted

_TABLE = "requests"
_GROUPS = forms.terms(_TABLE)["groups"]
#: Lines whose words stand elsewhere too: only with their enumerator.
_NUMBERED = frozenset({"other_other", "concluded"})
# From the first label to the last a flattened Table 3 has 700 characters and, one cell a line, 2,000.
_REACH = 12_000
# Labels a text must show in order before it is called a Table 3.
_MIN_LABELS = 5
_BRACKETS = re.compile(r"^\s*\([^()\d]*\)")


def _position(text: Folded, table: forms.Table, start: int) -> dict[str, re.Match[str]]:
    """Each line's label, sought one after the other."""
    found: dict[str, re.Match[str]] = {}
    at, end = start, min(len(text.text), start + _REACH)
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


def find(source: str) -> tuple[str, list[Cell], list[Finding]] | None:
    """(form, cells, findings) of the Table 3 in this text, or ``None`` where there is none."""
    text = Folded.of(source)
    best: tuple[forms.Table, dict[str, re.Match[str]]] | None = None
    received = forms.terms(_TABLE)["rows"]["received"]
    for anchor in pattern(received).finditer(text.text):
        for form in ("2021", "2019"):
            table = forms.form(form).tables[_TABLE]
            found = _position(text, table, anchor.start())
            if len(found) >= _MIN_LABELS and (best is None or len(found) > len(best[1])):
                best = table, found
    if best is None:
        return None
    table, found = best
    runs = _runs(text, table, found)
    cells, findings = _read(table, runs)
    return table.form, cells, findings


def _cell(row: str, term: forms.Term, raw: str, run: Run) -> Cell:
    reading = values.read(raw, term.kind, term.zh)
    return Cell(_TABLE, row, term.key, reading.value, raw, reading.status, run.where, reading.readings)


def _sum_holds(texts: Sequence[str]) -> bool:
    numbers = [values.read(text, "count").value for text in texts]
    known = [number for number in numbers if number is not None]
    return len(known) == len(numbers) and sum(known[:-1]) == known[-1]


def _read(table: forms.Table, runs: Mapping[str, Run]) -> tuple[list[Cell], list[Finding]]:
    columns = table.blocks[0].columns
    n = len(columns)
    row_lines = _one_row_a_line(runs, n)
    separated: dict[str, list[str]] = {}
    for key, run in runs.items():
        split = bounded(run.text, n, row_lines=row_lines)
        if split is not None and (split[1] == "marked" or _sum_holds(split[0])):
            separated[key] = split[0]
    if len(separated) < len(runs):
        by_lines = {key: counted(run.text, n) for key, run in runs.items()}
        whole = {key: cells for key, cells in by_lines.items() if cells is not None}
        # Line breaks are counted only where they come out right for every line of the table.
        if len(whole) == len(runs) and "|" not in "".join(run.text for run in runs.values()):
            separated = whole
    cells = [
        _cell(key, term, raw, runs[key])
        for key, texts in separated.items()
        for term, raw in zip(columns, texts, strict=True)
    ]
    open_rows = {key: run for key, run in runs.items() if key not in separated}
    findings: list[Finding] = []
    if open_rows:
        decoded, findings = _decode(table, separated, open_rows)
        cells += decoded
    return cells, findings


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
    table: forms.Table, separated: Mapping[str, Sequence[str]], open_rows: Mapping[str, Run]
) -> tuple[list[Cell], list[Finding]]:
    """Cells of the lines whose boundaries are lost."""
    columns = table.blocks[0].columns
    n = len(columns)
    choices: dict[str, list[decode.Reading]] = {}
    for key, texts in separated.items():
        numbers = [values.read(text, "count").value for text in texts]
        choices[key] = [tuple(int(v) for v in numbers if v is not None)] if None not in numbers else []
    vanished = any(0 < len("".join(decode.tokens_of(run.text))) < n for run in open_rows.values())
    for key, run in open_rows.items():
        try:
            choices[key] = [] if vanished else decode.summed(decode.tokens_of(run.text), n)
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
