"""Table 2 in flattened text: article by article, the form told from the headings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from archive import forms
from archive.records import Cell, Finding, Status
from pipelines import decode, messages, values
from pipelines.flat.counting import Step, Stretch, columns, counted
from pipelines.flat.folded import Folded, pattern
from pipelines.flat.request_lines import shared
from pipelines.flat.requests import Manner
from pipelines.flat.runs import Run, are_figures, bounded, is_marked
from pipelines.flat.twice import merge
from pipelines.text import core

_TABLE = "disclosure"
_TERMS = forms.terms(_TABLE)
_BLOCKS = tuple((form.key, block) for form in forms.forms() for block in form.tables[_TABLE].blocks)
_SUBJECT = re.compile(r"信\s*息\s*内\s*容")
_ARTICLES = tuple(_TERMS["groups"].values())
# One article of the table holds some 100 characters, one cell a line 300.
_REACH = 1_500


@cache
def _heading_pattern(block: forms.Block) -> re.Pattern[str]:
    """The headings of a block one after the other; a heading may be cut (本年新), not all of them."""
    parts = []
    for term in block.columns:
        wordings = [core(w) for w in term.wordings]
        cut = min((w[:3] for w in wordings), key=len)
        alternatives = "|".join(re.escape(w) for w in sorted(wordings, key=len, reverse=True))
        parts.append(f"(?:({alternatives})(?:\\([^()]*\\))?|{re.escape(cut)})")
    return re.compile("".join(parts))


def _block(article: str, headings: str) -> tuple[str, forms.Block] | None:
    text = core(headings.replace("|", ""))
    for form, block in _BLOCKS:
        if block.group is not None and block.group.key == article:
            match = _heading_pattern(block).fullmatch(text)
            if match is not None and any(match.groups()):
                return form, block
    return None


def _articles(text: Folded) -> list[tuple[str, int, int]]:
    """(article, start, end) of each stretch of Table 2, in order of appearance."""
    marks = sorted(
        (match.start(), match.end(), term.key)
        for term in _ARTICLES
        for match in pattern(term).finditer(text.text)
    )
    stops = [
        match.start() for match in pattern(forms.terms("requests")["rows"]["received"]).finditer(text.text)
    ]
    stops += [match.start() for match in re.finditer(r"三\s*、\s*收\s*到|\(\s*本\s*列\s*数\s*据", text.text)]
    stretches = []
    for i, (_, end, key) in enumerate(marks):
        following = marks[i + 1][0] if i + 1 < len(marks) else len(text.text)
        stop = min([following, end + _REACH, *(s for s in stops if s >= end)])
        stretches.append((key, end, stop))
    return stretches


@dataclass(frozen=True, slots=True)
class _Line:
    """A line with its figures still in one run."""

    row: str
    form: str
    block: forms.Block
    run: Run
    labels: Sequence[str]
    headings: str
    """The text from 信息内容 to the block's first line."""
    shared: bool
    """Whether its label and another line's stand in one cell, and so do their figures."""
    orphan: bool
    """Whether the next line's label is missing: what stands behind this one's may be that line's."""


def find(
    source: str, *, manner: Manner | None = None, step: Step | None = None, vanished: bool = False
) -> tuple[dict[str, str], list[Cell], list[Finding]] | None:
    """(line → form, cells, findings) of the Table 2 in this text, or ``None`` where there is none.

    No sum of this table proves a figure. So a line is believed only where the text's
    Table 3 was told whole, and several figures only where they are parted in the same
    ``manner`` as there. ``step``: it has one cell a line, empty ones too, this many
    lines apart. ``vanished``: cells of that Table 3 left no trace. A line found twice must agree.
    """
    text = Folded.of(source)
    findings: list[Finding] = []
    lines: list[_Line] = []
    articles = _articles(text)
    last = articles[-1][0] if articles else None
    for article, start, stop in articles:
        # 第二十条第（一）项 also stands in prose; in the table 信息内容 follows at once.
        subject = _SUBJECT.search(text.text, start, min(stop, start + 40))
        if subject is None:
            continue
        rows = _rows(text, article, subject.end(), stop)
        if not rows:
            continue
        headings = text.text[subject.end() : rows[0][1].start()]
        chosen = _block(article, headings)
        if chosen is None:
            where = f"line {text.line(subject.start())}"
            findings.append(messages.unknown_headings("disclosure", headings, where))
            continue
        form, block = chosen
        labels = _labels(block, headings)
        runs = {}
        for i, (row, match) in enumerate(rows):
            end = rows[i + 1][1].start() if i + 1 < len(rows) else stop
            body = text.text[match.end() : end]
            # The text after the table may begin in its last line's stretch.
            runs[row] = Run(body, text.line(match.end()), body, open=article == last and i + 1 == len(rows))
        one_cell = shared(runs)
        own = [term.key for term in block.rows]
        orphans = {row for row, following in pairwise(own) if following not in runs}
        lines += [
            _Line(row, form, block, run, labels, headings, row in one_cell, row in orphans)
            for row, run in runs.items()
            if row in own
        ]
    if not lines:
        return None
    first, again = _by_turn(lines)
    lined = _lined(first)
    begin = min((_breaks(line) for line in first if line.run.text.strip(_EDGE)), default=0)
    uneven = vanished or any(map(_is_uneven, lines))
    by_lines = _counted(first, step) if step is not None and not again else {}
    cells = [
        cell
        for line in first
        for cell in (
            _bounded_cells(line, by_lines[line.row], findings)
            if line.row in by_lines
            else _cells(line, findings, manner=manner, lined=lined, begin=begin, uneven=uneven)
        )
    ]
    told = next((cell for cell in cells if cell.raw and any(map(str.isdigit, cell.raw))), None)
    if manner is None and told is not None:
        findings.append(messages.unvouched(_TABLE, told.where or ""))
    if again:
        unsaid: list[Finding] = []
        second = [
            cell
            for line in again
            for cell in _cells(line, unsaid, manner=manner, lined=lined, begin=begin, uneven=uneven)
        ]
        if any(line.form != other.form for line in again for other in first if other.row == line.row):
            # The other stands on another form: its columns are not these.
            second += [replace(cell, value=None, status="ambiguous") for cell in cells]
        cells, more = merge(cells, second, strict=True)
        findings += more
    return {line.row: line.form for line in first}, cells, findings


def _is_uneven(line: _Line) -> bool:
    """Whether the line has lost a cell without a trace, or has more zeros than cells and nothing else."""
    digits = "".join(line.run.text.split())
    n = len(line.block.columns)
    return len(digits) < n or (len(digits) > n and not digits.strip("0"))


def _by_turn(lines: Sequence[_Line]) -> tuple[list[_Line], list[_Line]]:
    """The first find of each line, and the further ones."""
    first: dict[str, _Line] = {}
    again = []
    for line in lines:
        if first.setdefault(line.row, line) is not line:
            again.append(line)
    return list(first.values()), again


def _lined(lines: Sequence[_Line]) -> bool:
    """Whether every line of several figures has one on each of as many lines.

    Where one has not, cells left no trace or page numbers stand among them, and
    the right number of lines proves nothing.
    """
    splits = [bounded(line.run.text, n) for line in lines if (n := len(line.block.columns)) > 1]
    return all(split is not None and split[1] != "spaced" for split in splits)


def _counted(lines: Sequence[_Line], step: Step) -> dict[str, list[str]]:
    """Line → cells found by counting lines; none where one line does not come out right."""
    stretches = {}
    for line in lines:
        # Blocks of two columns stand in a table of four: an empty cell follows headings and figures alike.
        n = columns(line.headings, step)
        if n < len(line.block.columns):
            return {}
        stretches[line.row] = Stretch(line.run.body, n, line.run.open)
    found = counted(stretches, step)
    if found is None:
        return {}
    widths = {line.row: len(line.block.columns) for line in lines}
    if any(any(cells[widths[row] :]) for row, cells in found[0].items()):
        return {}
    return {row: cells[: widths[row]] for row, cells in found[0].items()}


def _rows(text: Folded, article: str, start: int, stop: int) -> list[tuple[str, re.Match[str]]]:
    """Labels of the article's lines, in order."""
    keys = {
        row.key
        for _, block in _BLOCKS
        if block.group is not None and block.group.key == article
        for row in block.rows
    }
    found = []
    at = start
    for key in _TERMS["rows"]:
        if key in keys:
            match = pattern(_TERMS["rows"][key]).search(text.text, at, stop)
            if match is not None:
                found.append((key, match))
                at = match.end()
    return found


def _labels(block: forms.Block, headings: str) -> list[str]:
    """What the source writes over each column, as far as a unit goes."""
    bundled = values.bundle(headings) is not None
    return [headings if term.kind == "amount" or bundled else term.zh for term in block.columns]


def _bounded_cells(line: _Line, texts: Sequence[str], findings: list[Finding]) -> list[Cell]:
    """The line's cells where their boundaries are known."""
    row, run = line.row, line.run
    cells = []
    for term, text, label in zip(line.block.columns, texts, line.labels, strict=True):
        reading = values.read(text, term.kind, label)
        if reading.note:
            findings.append(messages.unit(_TABLE, row, term.key, text, reading.note, run.where))
        cells.append(
            Cell(_TABLE, row, term.key, reading.value, text, reading.status, run.where, reading.readings)
        )
    return cells


_EDGE = " \t\xa0|\n"


def _breaks(line: _Line) -> int:
    """Line breaks between the label and its first figure."""
    text = line.run.text
    return text.count("\n", 0, len(text) - len(text.lstrip(_EDGE)))


def _cells(
    line: _Line, findings: list[Finding], *, manner: Manner | None, lined: bool, begin: int, uneven: bool
) -> list[Cell]:
    """``begin``: line breaks before the figures of others; ``uneven``: some lost cells or gained some."""
    row, run, columns = line.row, line.run, line.block.columns
    n = len(columns)
    split = bounded(run.text, n)
    raw = run.text.strip().strip("|").strip()
    # With no identity to ask, a blank may stand inside a number: only marks separate for certain.
    # A lone figure that begins lines further down than the others may be a page number behind an empty cell.
    if n == 1:
        sure = manner is not None and _breaks(line) <= begin and not values.has_gap(run.text)
    else:
        # Where cells are counted line by line, none of them is empty in a line of as many figures.
        parted = "lines" if manner == "counted" else manner
        sure = (
            split is not None
            and split[1] == parted
            and (parted != "lines" or lined)
            and (parted != "spaced" or are_figures(split[0]))
        )
    if split is not None and sure and not (line.shared or line.orphan):
        return _bounded_cells(line, split[0], findings)
    if not raw:
        return [Cell(_TABLE, row, term.key, None, None, "missing", run.where) for term in columns]
    counts = all(term.kind == "count" for term in columns) and not is_marked(raw)
    if raw == "0" * n and not ((uneven and n > 1) or line.orphan):
        # No number but 0 begins with 0, so this run alone can have lost neither a boundary nor a cell,
        # unless a 0 that stands there twice hides it;
        # and where two lines have these figures together, each has 0.
        return [Cell(_TABLE, row, term.key, 0, raw, "inferred", run.where) for term in columns]
    readings = decode.split_readings(raw, n) if counts else ()
    # Of two lines' figures together other years can make nothing: they are no reading of this line.
    open_ = any(char.isdigit() for char in raw) and not line.shared
    status: Status = "ambiguous" if open_ else "unreadable"
    readings = readings if open_ else ()
    return [Cell(_TABLE, row, term.key, None, raw, status, run.where, readings) for term in columns]
