"""Table 3 in flattened text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from archive import forms
from archive.records import Cell, Finding
from pipelines import decode, messages, values
from pipelines.flat import headings
from pipelines.flat.counting import GROUP, Step, Stretch
from pipelines.flat.counting import counted as counted_lines
from pipelines.flat.folded import Folded
from pipelines.flat.request_lines import FIGURES, MIN_LABELS, Lines, lines_of
from pipelines.flat.runs import (
    Run,
    Separation,
    bounded,
    counted,
    has_wide_gap,
    is_marked,
    leaves_a_trace,
    pieces_of,
    places,
)
from pipelines.flat.twice import merge, opened
from pipelines.tables.sums import SLIPS, are_doubled, are_untrue, commonest, has_sum, has_twins

_TABLE = "requests"
#: What parts the cells of a line that keeps a gap for each.
_GAPS = (" ", "  ", "   ")
_WIDTH = len(forms.form("2021").tables[_TABLE].blocks[0].columns)
#: Steps for all glued lines of a text: a table of five-digit figures takes half of them.
_STEPS = 25 * decode.BUDGET
#: A page number that says what it is, on a line of its own.
_PAGE = re.compile(
    r"^[^\S\n]*(?:[-—–]+[^\S\n]*\d{1,3}[^\S\n]*[-—–]+|第[^\S\n]*\d{1,3}[^\S\n]*页.*"
    r"|\d{1,3}[^\S\n]*/[^\S\n]*\d{1,3})[^\S\n]*$",
    re.M,
)


#: ``counted``: one cell a line, empty ones too; ``breaks``: a line break for each empty cell;
#: ``decoded``: by the identities of the whole table.
Manner = Separation | Literal["counted", "breaks", "decoded"]


@dataclass(frozen=True, slots=True)
class Flat:
    """A Table 3 found in text, and what it tells of how the text lost its tables."""

    form: str
    cells: list[Cell]
    findings: list[Finding]
    vanished: bool
    """Some cells left no trace."""
    manner: Manner | None = None
    """How every cell of it was told from its neighbours; ``None`` where some could not be."""
    step: Step | None = None
    """Its cells stand one a line, this many lines apart."""
    untrue: bool = False
    """A line without boundaries adds up in no reading: its issuer sums wrongly, or its cells are others."""
    off: bool = False
    """Figures stand there twice or out of place, or some lines have too many and some too few."""


def find(source: str) -> Flat | None:
    """The Table 3 in this text, or ``None`` where there is none.

    Where there are several, as in two reports on one page, only the figures they
    agree on are kept.
    """
    text = Folded.of(source)
    candidates = lines_of(text)
    if not candidates:
        return None
    best = max(candidates, key=lambda candidate: len(candidate.runs))
    paged = _PAGE.search(text.text) is not None
    steps = decode.Steps(_STEPS)
    flat = _in_order(best, _read(best.table, best.runs, steps, paged=paged))
    for other in candidates:
        if other is not best and _is_tabular(other.runs):
            second = _in_order(other, _read(other.table, other.runs, steps, paged=paged))
            cells, more = merge(flat.cells, second.cells, strict=True)
            manner = flat.manner if flat.manner == second.manner and not more else None
            flat = replace(flat, cells=cells, findings=[*flat.findings, *more], manner=manner)
    return flat


def _in_order(lines: Lines, flat: Flat) -> Flat:
    """What was read, or no figure of it where its columns stand in another order than the form's.

    Nor any figure of two lines whose labels share a cell.
    """
    if lines.shared:
        cells = [opened(cell) if cell.row in lines.shared else cell for cell in flat.cells]
        flat = replace(flat, cells=cells, manner=None)
    by_place = {(cell.row, cell.column): cell.value for cell in flat.cells}
    columns = [term.key for term in lines.table.blocks[0].columns]
    rows = [[_whole(by_place.get((row, column))) for column in columns] for row in lines.runs]
    unread = len({cell.row for cell in flat.cells if cell.status == "ambiguous"})
    if headings.confirmed(lines.order, rows, unread):
        return flat
    where = next(iter(lines.runs.values())).where
    nothing = list(map(opened, flat.cells))
    return replace(
        flat,
        cells=nothing,
        findings=[*flat.findings, messages.columns_out_of_order(_TABLE, where)],
        manner=None,
    )


def _whole(value: int | Decimal | None) -> int | None:
    return None if value is None else int(value)


def _is_tabular(runs: Mapping[str, Run]) -> bool:
    """Whether figures and nothing else stand behind enough labels; a sentence names the lines as well."""
    plain = [run.text for run in runs.values() if FIGURES.fullmatch(run.text)]
    return len(plain) >= MIN_LABELS and any(map(str.isdigit, "".join(plain)))


def _cell(row: str, term: forms.Term, raw: str, run: Run) -> Cell:
    reading = values.read(raw, term.kind, term.zh)
    return Cell(_TABLE, row, term.key, reading.value, raw, reading.status, run.where, reading.readings)


def _sum_holds(texts: Sequence[str]) -> bool:
    numbers = [values.read(text, "count").value for text in texts]
    known = [number for number in numbers if number is not None]
    return len(known) == len(numbers) and sum(known[:-1]) == known[-1]


def _read(table: forms.Table, runs: Mapping[str, Run], steps: decode.Steps, *, paged: bool) -> Flat:
    columns = table.blocks[0].columns
    n = len(columns)
    whole = len(runs) == len(table.rows)
    stretches = {key: Stretch(run.body, n, run.open) for key, run in runs.items()}
    by_lines = counted_lines(stretches) if whole and not paged else None
    if by_lines is not None and _are_off(by_lines[0].values()):
        by_lines = None
    separated, how = (by_lines[0], {}) if by_lines else _separate(runs, n)
    cells = [
        _cell(key, term, raw, runs[key])
        for key, texts in separated.items()
        for term, raw in zip(columns, texts, strict=True)
    ]
    open_rows = {key: run for key, run in runs.items() if key not in separated}
    findings: list[Finding] = []
    vanished = _vanished(open_rows, n)
    untrue = False
    if open_rows:
        choices, given_up = _choices(separated, open_rows, n, steps, vanished=vanished)
        untrue = any(not choices[key] for key in open_rows if key not in given_up)
        decoded, findings = _decode(table, choices, open_rows, vanished=vanished)
        cells += decoded
    manner: Manner | None = None
    # A line of more lines than cells has a number among them that is no cell of it.
    if whole and max(_lines(run) for run in runs.values()) <= n:
        if by_lines:
            manner = "counted"
        elif open_rows:
            solved = set(how.values()) <= {"spaced"} and all(cell.value is not None for cell in cells)
            manner = "decoded" if solved else None
        elif len(set(how.values())) == 1:
            manner = next(iter(how.values()))
    return Flat(
        form=table.form,
        cells=cells,
        findings=findings,
        vanished=vanished or not whole,
        manner=manner,
        step=by_lines[1] if by_lines else None,
        untrue=untrue,
        off=_are_off(map(pieces_of, runs.values())) or _mixed(map(len, map(pieces_of, runs.values())), n),
    )


def _lines(run: Run) -> int:
    """Lines that hold more than marks and blanks."""
    return sum(bool(line.strip(" \t\xa0|")) for line in run.text.split("\n"))


def _are_off(lines: Iterable[Sequence[str]]) -> bool:
    """Whether the lines' own sums say that figures stand there twice, or that most are out of place."""
    numbers = [list(map(_number, texts)) for texts in lines]
    return are_doubled(numbers) or are_untrue([line for line in numbers if len(line) == _WIDTH])


def _number(text: str) -> int | None:
    return _whole(values.read(text, "count").value)


def _is_more_than_zero(text: str) -> bool:
    return bool(values.read(text, "count").value)


def _breaks(run: Run) -> int:
    """Line breaks from the label to the last figure."""
    return run.body.rstrip(" \t\xa0\n|" + GROUP).count("\n")


def _is_even(breaks: int, n: int) -> bool:
    """Whether so many breaks are one, two or three for each of ``n`` figures; the first may have none."""
    return breaks in (n, 2 * n, 3 * n, n - 1, 2 * (n - 1), 3 * (n - 1))


def _mixed(counts: Iterable[int], n: int) -> bool:
    """Some lines have too few pieces and some too many: then the right number of them proves nothing."""
    known = list(counts)
    return min(known) < n < max(known)


def _separate(runs: Mapping[str, Run], n: int) -> tuple[dict[str, list[str]], dict[str, Manner]]:
    """Lines whose cells the text still separates, and how."""
    splits = {key: bounded(run.text, n) for key, run in runs.items()}
    if _are_off(map(pieces_of, runs.values())):
        return {}, {}
    # Seven lines may be six figures and a page number, seven words five figures of which two are broken;
    # and where one is, the line's own sum is the only proof that its seven pieces are its cells.
    doubtful = {
        "lines": _mixed(map(_lines, runs.values()), n),
        "spaced": _mixed((len(run.text.split()) for run in runs.values()), n),
        # Between marks no number is broken: a place too many is a figure too many.
        "marked": any(places(run.text) > n for run in runs.values() if is_marked(run.text)),
    }
    unmarked_runs = [run for run in runs.values() if not is_marked(run.text)]
    counts = [len(pieces_of(run)) for run in runs.values()]
    ordinary = commonest(counts, n) == n
    # Where cells were lost as a habit and left no trace, a figure that came hides one that went.
    below = all(run.text.startswith("\n") for run in runs.values())
    traced = any(all(leaves_a_trace(run, n, below=below, gap=gap) for run in runs.values()) for gap in _GAPS)
    short = not traced and (not ordinary or sum(count < n for count in counts) > SLIPS)
    breaks = {key: _breaks(runs[key]) for key, split in splits.items() if split and split[1] == "lines"}
    usual = commonest(breaks.values(), n)
    separated: dict[str, list[str]] = {}
    how: dict[str, Manner] = {}
    for key, split in splits.items():
        if split is None or doubtful[split[1]]:
            continue
        # A line too many may be an empty cell's, and then one of the seven figures is no cell's.
        if split[1] == "lines" and not (breaks[key] == usual and _is_even(usual, n)):
            continue
        # Seven zeros where most lines have more or less may have lost an empty cell and gained a zero.
        numbers = list(map(_number, split[0]))
        hides = short and (has_twins(numbers) or has_wide_gap(runs[key].text))
        if _sum_holds(split[0]) and not hides and (ordinary or any(map(_is_more_than_zero, split[0]))):
            separated[key], how[key] = split
    # Where some lines have more or fewer pieces, and one of the right number is untrue to its sum,
    # cells were lost and figures came in: then a true line may be so by chance.
    untrue = any(split is not None and key not in separated for key, split in splits.items())
    if untrue and any(len(run.text.split()) != n for run in unmarked_runs):
        separated, how = {}, {}
    if len(separated) < len(runs):
        by_breaks = {key: counted(run.text, n) for key, run in runs.items()}
        whole = {key: cells for key, cells in by_breaks.items() if cells is not None}
        # Line breaks are counted only where they come out right for every line of the table.
        unmarked = len(unmarked_runs) == len(runs)
        if len(whole) == len(runs) and unmarked and _counts_tell(list(whole.values())):
            return whole, dict.fromkeys(whole, "breaks")
    return separated, how


def _counts_tell(lines: Sequence[Sequence[str]]) -> bool:
    """Whether counted line breaks give a table: a filled first column somewhere, and sums that hold.

    Without an empty cell nothing shows that breaks stand for them. Figures on the line
    below their label have one break before them that is no cell;
    and a number in the place of an empty cell makes the count right and the sums wrong.
    """
    several = [cells for cells in lines if sum(map(bool, cells)) > 1]
    if (several and not any(cells[0] for cells in several)) or all(map(all, lines)):
        return False
    numbers = [list(map(_number, cells)) for cells in lines]
    told = [has_sum(line) for line in numbers if any(line[:-1])]
    return 2 * sum(told) >= len(told)


def _vanished(open_rows: Mapping[str, Run], n: int) -> bool:
    """Whether some line has fewer digits than cells: then others may have lost cells as well."""
    return any(0 < sum(map(str.isdigit, run.text)) < n for run in open_rows.values())


def _choices(
    separated: Mapping[str, Sequence[str]],
    open_rows: Mapping[str, Run],
    n: int,
    steps: decode.Steps,
    *,
    vanished: bool,
) -> tuple[dict[str, list[decode.Reading]], set[str]]:
    """Each line's readings that are true to its own sum (R1), and the lines whose search met its bound."""
    choices: dict[str, list[decode.Reading]] = {}
    given_up: set[str] = set()
    for key, texts in separated.items():
        numbers = [values.read(text, "count").value for text in texts]
        choices[key] = [tuple(int(v) for v in numbers if v is not None)] if None not in numbers else []
    for key, run in open_rows.items():
        try:
            lost = vanished or is_marked(run.text)
            choices[key] = [] if lost else decode.summed(decode.tokens_of(run.text), n, steps.some())
        except decode.OutOfBudget:
            choices[key] = []
            given_up.add(key)
    return choices, given_up


def _decode(
    table: forms.Table,
    choices: Mapping[str, Sequence[decode.Reading]],
    open_rows: Mapping[str, Run],
    *,
    vanished: bool,
) -> tuple[list[Cell], list[Finding]]:
    """Cells of the lines whose boundaries are lost."""
    columns = table.blocks[0].columns
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
