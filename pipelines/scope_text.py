"""What stands over the figures of a table in flattened text and says whose they are. Pure.

Captions and headings are lines there, like cells. So they are looked for only between the
first figure of a table and the section's heading above it, and between two lines of figures.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from archive.forms.indicators import TABLE as INDICATORS
from archive.records import Cell, Document, Grid
from pipelines.pictures import unmarked
from pipelines.scope_lists import UNTIL

#: Lines over the first figure: Table 4 has twenty headings, each of them a line at the worst.
_ABOVE = 40
_ABOVE_LIST = 12
#: What is longer is prose, and the table's caption stands below it.
_LONGEST = 60
_CELLS = re.compile(r"[|\t]|\s{2,}| (?=20\d\d)")
_HEADING = re.compile(r"\s*[一二三四五六七八九]\s*、")
_OF_LINE = "line "
_LINE = re.compile(rf"{_OF_LINE}(\d{{1,9}})")

#: Says of a line whose it names: another's words, ``""`` for the report's own, ``None`` for nothing.
Told = Callable[[str], str | None]


def foreign(
    document: Document, cells: Sequence[Cell], told: Told, told_bare: Told
) -> Iterator[tuple[str, str, str]]:
    """(table, place, reason) of each figure under words of another's; ``told_bare`` knows bare years too."""
    of_table: dict[str, dict[int, str]] = {}
    # few are
    of_lines = [
        cell for cell in cells if cell.where is not None and _OF_LINE in cell.where and cell.value is not None
    ]
    for cell in of_lines:
        place = unmarked(cell.where)
        if match := _LINE.fullmatch(place):
            of_table.setdefault(cell.table, {})[int(match[1])] = place
    if not of_table:
        return
    lines = [
        line for block in document.blocks if not isinstance(block, Grid) for line in block.text.split("\n")
    ]
    for table, places in of_table.items():
        numbers = sorted(number for number in places if number <= len(lines))
        reason, before = None, 0
        for number in numbers:
            if not before:
                # the labels of a list are numbered like a report's sections
                reason = _over(lines, number - 1, told_bare, numbered=table == INDICATORS)
            else:
                between = (_said(line, told) for line in lines[before : number - 1])
                reason = next((said for said in reversed(list(between)) if said is not None), reason)
            before = number
            if reason:
                yield table, places[number], reason


def _over(lines: Sequence[str], first: int, told: Told, *, numbered: bool) -> str | None:
    """What the lines over the first line of figures say, the nearest of them that says anything."""
    for at in range(first - 1, max(-1, first - 1 - (_ABOVE_LIST if numbered else _ABOVE)), -1):
        line = lines[at]
        if (said := _said(line, told)) is not None:
            return said
        if (len(line) > _LONGEST and "。" in line) or (not numbered and _HEADING.match(line)):
            return None
        if any(map(str.isdigit, line)) and not any(map(str.isalpha, line)):
            return None  # the end of another table: headings have no figures
    return None


def _said(line: str, told: Told) -> str | None:
    if not line.strip() or len(line) > 4 * _LONGEST:
        return None
    texts = [line] if len(line) <= _LONGEST else []
    if any(mark in line for mark in "|\t ") or UNTIL.match(line):
        texts += [UNTIL.sub("", text) for text in _CELLS.split(line)]
    said = [reason for text in texts if (reason := told(text.strip())) is not None]
    return next(filter(None, said), said[0] if said else None)
