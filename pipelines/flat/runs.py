"""The text between two labels → the cells it holds, where the source still separates them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Separation = Literal["marked", "spaced"]

_GLUED_NUMBER = re.compile(r"\d\s+\d")


@dataclass(frozen=True, slots=True)
class Run:
    """Text between a label's end and the next label's start."""

    text: str
    line: int
    """Line of the source on which it begins."""

    @property
    def where(self) -> str:
        return f"line {self.line}"


def bounded(run: str, n: int, *, row_lines: bool = False) -> tuple[list[str], Separation] | None:
    """The ``n`` cells of a run that separates them itself, or ``None``.

    ``marked``: by ``|``, tabs or line breaks; ``spaced``: by blanks only, which may also
    stand inside a number, so the caller asks the identities. ``row_lines`` says
    that the table has one row a line and begins its values right after the label,
    so that empty places between pipes are cells.
    """
    if "|" in run:
        cells = [cell.strip() for cell in run.split("|")]
        filled = [cell for cell in cells if cell]
        if len(filled) == n and not any(_GLUED_NUMBER.search(cell) for cell in filled):
            return filled, "marked"
        if row_lines and "\n" not in run.strip() and run.lstrip(" \t\xa0").startswith("|"):
            inner = cells[1:]
            if len(inner) > n and not any(inner[n:]):
                return inner[:n], "marked"
        return None
    if "\t" in run:
        cells = [cell.strip() for cell in run.split("\t") if cell.strip()]
        if len(cells) == n:
            return cells, "marked"
    lines = [line.strip() for line in run.split("\n") if line.strip()]
    if len(lines) == n and (n == 1 or not any(_GLUED_NUMBER.search(line) for line in lines)):
        return lines, "marked"
    words = run.split()
    if len(words) == n and "\n" not in run.strip():
        return words, "spaced"
    return None


def counted(run: str, n: int) -> list[str] | None:
    """Cells of a run in which each empty cell has become one line break.

    ``99 1⏎⏎⏎⏎100`` is 99, 1, four empty, 100. After the last filled cell comes
    the line break that ends the row.
    """
    cells = []
    for piece in re.finditer(r"\n|[^\s]+", run):
        cells.append("" if piece[0] == "\n" else piece[0])
    if cells and cells[-1] == "" and any(cells):
        filled = max(i for i, cell in enumerate(cells) if cell)
        if filled == len(cells) - 2:
            cells.pop()
    return cells if len(cells) == n else None
