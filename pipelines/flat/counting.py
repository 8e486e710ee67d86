"""One cell a line: columns found by counting lines, an empty line being an empty cell.

Counting is believed only where it comes out right for every line of a table: a cell
that left no trace, or a page number among the cells, puts some line out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pipelines.values import is_page_number, read

#: Lines from one cell to the next: 2 where a blank line stands between all of them.
Step = Literal[1, 2]
#: Stands in a run for the label of a group, which has a line of its own.
GROUP = "\x01"

_EDGE = " \t\xa0|"
_GAP = re.compile(r"\d\s+\d|\|")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Text from behind a label to the next one; ``open`` if what follows the table may begin in it."""

    text: str
    n: int
    """Cells it should hold."""
    open: bool = False


def counted(
    stretches: Mapping[str, Stretch], step: Step | None = None
) -> tuple[dict[str, list[str]], Step] | None:
    """The cells of every stretch, and the step, if counting comes out right for all of them.

    ``step`` asks for that step only: the tables of one text lost their form in one way.
    """
    for size in (step,) if step else (1, 2):
        cells = {key: _cells(stretch, size) for key, stretch in stretches.items()}
        known = {key: line for key, line in cells.items() if line is not None}
        if known and len(known) == len(cells) and any(any(line) for line in known.values()):
            return known, size
    return None


def _cells(stretch: Stretch, step: Step) -> list[str] | None:
    first, *lines = stretch.text.split("\n")
    if first.strip(_EDGE):
        return None
    if not stretch.open:
        # What stands on the line of the next label, before it.
        if not lines or lines.pop().strip(_EDGE + GROUP):
            return None
        lines = _before_groups(lines) or []
    elif lines and not lines[-1].strip(_EDGE):
        lines.pop()  # the line on which the text after the table begins
    pieces = [line.strip(" \t\xa0").removesuffix("|").strip(" \t\xa0") for line in lines]
    size = stretch.n if step == 1 else 2 * stretch.n + 1
    if len(pieces) < size - (stretch.open and step == 2) or (not stretch.open and len(pieces) > size):
        return None
    if step == 2 and any(pieces[0:size:2]):
        return None
    cells = pieces[:size] if step == 1 else pieces[1:size:2]
    after = next((piece for piece in pieces[size:] if piece), "")
    if (
        len(cells) != stretch.n
        or _is_figure(after)
        or not all(not cell or _is_figure(cell) for cell in cells)
    ):
        return None
    return cells


def columns(headings: str, step: Step) -> int:
    """How many cells a row of headings has, empty ones behind them included; 0 if one stands before them."""
    pieces = headings.split("\n")[step:-1:step]
    return len(pieces) if any(piece.strip(_EDGE) for piece in pieces[:1]) else 0


def _before_groups(lines: list[str]) -> list[str] | None:
    """The lines before the first group label; nothing but labels may follow it."""
    at = next((i for i, line in enumerate(lines) if GROUP in line), len(lines))
    return None if any(line.strip(_EDGE + GROUP) for line in lines[at:]) else lines[:at]


def _is_figure(text: str) -> bool:
    if _GAP.search(text) or is_page_number(text):
        return False
    return any(map(str.isdigit, text)) or read(text, "count").status == "dash"
