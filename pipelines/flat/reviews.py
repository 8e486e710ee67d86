"""Table 4 in flattened text: fifteen figures after the last heading."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive import forms
from archive.records import Cell, Finding, Status
from pipelines import decode, messages, values
from pipelines.flat.counting import Step, Stretch, counted
from pipelines.flat.folded import Folded, pattern
from pipelines.flat.runs import Run, bounded, is_marked
from pipelines.flat.twice import merge, opened
from pipelines.tables.sums import has_twins
from pipelines.text import squeeze

_TABLE = forms.form("2021").tables["reviews"]
_OUTCOMES = _TABLE.blocks[0].columns
_HEADING = "(?:" + "|".join(pattern(term).pattern for term in _OUTCOMES) + ")"
_LAST = pattern(_TABLE.rows[-1]).pattern
_FIRST = pattern(_TABLE.rows[0]).pattern
# 行政复议 … to 复议后起诉 is 60 characters of headings, one cell a line 200.
_HEADER = re.compile(rf"{_FIRST}(?:(?!{_FIRST}[|\s]*行).){{0,400}}?{_LAST}(?:[\s|]*{_HEADING})*", re.DOTALL)
#: Headings side by side, of which four are no sentence.
_HEADINGS = re.compile(rf"(?:{_HEADING}[\s|]*){{4,}}")
_BODY = re.compile(r"[\d\s|,./\\—–-]*")
# A text with more tables than this is no report.
_MOST_TABLES = 8
# What may follow the last figure without a break between them.
_NEXT = re.compile(r"[一二三四五六七]\s*、|\(|附\s*件|\Z|[^\d\s]*$")


def _outcomes(header: str) -> list[str]:
    text = squeeze(header).replace("|", "")
    names = {squeeze(term.zh): term.key for term in _OUTCOMES}
    return [names[match[0]] for match in re.finditer("|".join(map(re.escape, names)), text)]


def find(
    source: str,
    *,
    vanished: bool = True,
    sound: bool = False,
    step: Step | None = None,
    off: bool = False,
    untrue: bool = False,
) -> tuple[list[Cell], list[Finding]] | None:
    """(cells, findings) of the Table 4 in this text, or ``None`` where there is none.

    ``vanished``: empty cells may have left no trace in this text, so that a glued
    line is not decoded; the Table 3 before it tells, and ``step`` whether it has one
    cell a line, empty ones too, and how many lines apart. ``off``: some lines there have
    lost cells and some gained figures; then sums prove no figures with equal neighbours.
    ``untrue``: a line there adds up in no reading; then sums prove nothing here, and a glued
    line is read only where each figure must be one digit.
    Of several Tables 4 only the figures they agree on are kept; of two of which one has lost its
    figures, or headings, none.
    """
    text = Folded.of(source)
    places = [(row.key, term.key) for row in _TABLE.rows for term in _OUTCOMES]
    found: tuple[list[Cell], list[Finding]] | None = None
    told: list[re.Match[str]] = []
    bare: re.Match[str] | None = None
    for number, header in enumerate(_HEADER.finditer(text.text)):
        if number >= _MOST_TABLES:
            break
        if _outcomes(header[0]) != [column for _, column in places]:
            continue
        body = _BODY.match(text.text, header.end())
        if body is None or not body[0].strip(" |\n\t\xa0"):
            bare = header
            continue
        told.append(header)
        run = Run(body[0], text.line(header.end()), body[0], open=True)
        cut_off = body[0][-1:].isdigit() and not _NEXT.match(text.text, body.end())
        cells, findings = _read(
            run,
            places,
            decodable=not (cut_off or vanished) and not (untrue and _digits(run) > len(places)),
            cut_off=cut_off,
            sound=sound,
            step=step,
            off=off,
        )
        if found is None:
            found = cells, findings
        else:
            cells, more = merge(found[0], cells, strict=True)
            found = cells, [*found[1], *more]
    if found is not None and (bare is not None or _stands_again(text.text, told)):
        where = found[0][0].where or ""
        return list(map(opened, found[0])), [*found[1], messages.several_tables("reviews", 1, where)]
    return found


def _stands_again(text: str, told: Sequence[re.Match[str]]) -> bool:
    """Whether figures stand below further headings of this table, of which some are lost.

    Nobody knows then whose the whole ones are.
    """
    for headings in _HEADINGS.finditer(text):
        if not any(header.start() <= headings.start() < header.end() for header in told):
            body = _BODY.match(text, headings.end())
            if body is not None and any(map(str.isdigit, body[0])):
                return True
    return False


def _digits(run: Run) -> int:
    return sum(map(str.isdigit, run.text))


def _v1_holds(texts: Sequence[str]) -> bool:
    numbers = [values.read(text, "count").value for text in texts]
    width = len(_OUTCOMES)
    for i in range(0, len(numbers), width):
        part = [number for number in numbers[i : i + width] if number is not None]
        if len(part) < width or sum(part[:-1]) != part[-1]:
            return False
    return True


def _have_twins(texts: Sequence[str]) -> bool:
    numbers = [values.read(text, "count").value for text in texts]
    width = len(_OUTCOMES)
    return any(has_twins(numbers[i : i + width]) for i in range(0, len(numbers), width))


def _bounded(run: Run, n: int, step: Step | None, *, off: bool) -> list[str] | None:
    """The fifteen cells where the text parts them."""
    by_lines = counted({"reviews": Stretch(run.body, n, run.open)}, step) if step is not None else None
    if by_lines is not None:
        texts = by_lines[0]["reviews"]
        # Two figures on one line (0156), and an empty line behind the table makes up for the other.
        glued = any(values.read(text, "count").status == "unreadable" for text in texts)
        return None if glued else texts
    split = bounded(run.text, n)
    # Fifteen lines may be fourteen figures and a page number: the sums decide.
    if split is not None and _v1_holds(split[0]) and not (off and _have_twins(split[0])):
        return split[0]
    return None


def _read(
    run: Run,
    places: Sequence[tuple[str, str]],
    *,
    decodable: bool,
    cut_off: bool,
    sound: bool,
    step: Step | None,
    off: bool,
) -> tuple[list[Cell], list[Finding]]:
    raw = run.text.strip().strip("|").strip()
    texts = _bounded(run, len(places), step, off=off) if not cut_off else None
    if texts is not None:
        cells = []
        for (row, column), text in zip(places, texts, strict=True):
            reading = values.read(text, "count")
            cells.append(
                Cell("reviews", row, column, reading.value, text, reading.status, run.where, reading.readings)
            )
        return cells, []
    solved = None
    if decodable and not is_marked(raw):
        tokens = decode.tokens_of(raw)
        size = len(_TABLE.rows), len(_OUTCOMES)
        # Where some cells are parted still and others are not, one may be gone and two be one.
        solved = decode.solve_reviews(tokens, *size) if sound or len(tokens) == 1 else None
        if solved is not None and (
            decode.may_lack_a_cell(tokens, *size) or (not sound and decode.may_be_other_cells(tokens, *size))
        ):
            return _open(run, raw), [messages.boundaries_lost("reviews", run.where)]
    if solved is None:
        finding = messages.no_solution("reviews", run.where)
        return _open(run, raw), [finding]
    cells = []
    for procedure, possible in zip(_TABLE.rows, solved, strict=True):
        readings = tuple("|".join(map(str, reading)) for reading in sorted(possible)[:12])
        for i, term in enumerate(_OUTCOMES):
            options = {reading[i] for reading in possible}
            if len(options) == 1:
                cells.append(
                    Cell("reviews", procedure.key, term.key, options.pop(), raw, "inferred", run.where)
                )
            else:
                cells.append(
                    Cell("reviews", procedure.key, term.key, None, raw, "ambiguous", run.where, readings)
                )
    return cells, []


def _open(run: Run, raw: str) -> list[Cell]:
    """All fifteen cells without a figure."""
    status: Status = "ambiguous" if any(char.isdigit() for char in raw) else "unreadable"
    return [
        Cell("reviews", row.key, term.key, None, raw, status, run.where)
        for row in _TABLE.rows
        for term in _OUTCOMES
    ]
