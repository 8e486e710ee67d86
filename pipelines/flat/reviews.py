"""Table 4 in flattened text: fifteen figures after the last heading."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive import forms
from archive.records import Cell, Finding, Status
from pipelines import decode, messages, values
from pipelines.flat.folded import Folded, pattern
from pipelines.flat.runs import Run, bounded
from pipelines.text import squeeze

_TABLE = forms.form("2021").tables["reviews"]
_OUTCOMES = _TABLE.blocks[0].columns
_HEADING = "(?:" + "|".join(pattern(term).pattern for term in _OUTCOMES) + ")"
_LAST = pattern(_TABLE.rows[-1]).pattern
_FIRST = pattern(_TABLE.rows[0]).pattern
# 行政复议 … to 复议后起诉 is 60 characters of headings, one cell a line 200.
_HEADER = re.compile(
    rf"{_FIRST}(?:(?!{_FIRST}\s*[|\s]*行).){{0,400}}?{_LAST}(?:[\s|]*{_HEADING})*", re.DOTALL
)
_BODY = re.compile(r"[\d\s|,./\\—–-]*")
# What may follow the last figure without a break between them.
_NEXT = re.compile(r"[一二三四五六七]\s*、|\(|附\s*件|\Z|[^\d\s]*$")


def _outcomes(header: str) -> list[str]:
    text = squeeze(header).replace("|", "")
    names = {squeeze(term.zh): term.key for term in _OUTCOMES}
    return [names[match[0]] for match in re.finditer("|".join(map(re.escape, names)), text)]


def find(source: str) -> tuple[list[Cell], list[Finding]] | None:
    """(cells, findings) of the Table 4 in this text, or ``None`` where there is none."""
    text = Folded.of(source)
    places = [(row.key, term.key) for row in _TABLE.rows for term in _OUTCOMES]
    for header in _HEADER.finditer(text.text):
        if _outcomes(header[0]) != [column for _, column in places]:
            continue
        body = _BODY.match(text.text, header.end())
        if body is None or not body[0].strip(" |\n\t\xa0"):
            continue
        run = Run(body[0], text.line(header.end()))
        cut_off = body[0][-1:].isdigit() and not _NEXT.match(text.text, body.end())
        return _read(run, places, cut_off)
    return None


def _v1_holds(texts: Sequence[str]) -> bool:
    numbers = [values.read(text, "count").value for text in texts]
    width = len(_OUTCOMES)
    for i in range(0, len(numbers), width):
        part = [number for number in numbers[i : i + width] if number is not None]
        if len(part) < width or sum(part[:-1]) != part[-1]:
            return False
    return True


def _read(run: Run, places: Sequence[tuple[str, str]], cut_off: bool) -> tuple[list[Cell], list[Finding]]:
    raw = run.text.strip().strip("|").strip()
    split = bounded(run.text, len(places))
    if split is not None and not cut_off and (split[1] == "marked" or _v1_holds(split[0])):
        cells = []
        for (row, column), text in zip(places, split[0], strict=True):
            reading = values.read(text, "count")
            cells.append(
                Cell("reviews", row, column, reading.value, text, reading.status, run.where, reading.readings)
            )
        return cells, []
    solved = (
        None if cut_off else decode.solve_reviews(decode.tokens_of(raw), len(_TABLE.rows), len(_OUTCOMES))
    )
    if solved is None:
        finding = messages.no_solution("reviews", run.where)
        status: Status = "ambiguous" if any(char.isdigit() for char in raw) else "unreadable"
        return [Cell("reviews", row, column, None, raw, status, run.where) for row, column in places], [
            finding
        ]
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
