"""The text between two labels → the cells it holds, where the source still separates them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from pipelines.values import read

Separation = Literal["marked", "lines", "spaced"]

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

    ``marked``: by ``|`` or tabs; ``lines``: by line breaks, among which a page
    number may stand and an empty cell may be missing; ``spaced``: by blanks only,
    which may also stand inside a number. For the last two the caller asks the
    identities or the rest of the table. ``row_lines`` says that the table has one
    row a line and begins its values right after the label, so that empty places
    between pipes are cells.
    """
    if "|" in run:
        return _piped(run, n, row_lines=row_lines)
    if "\t" in run:
        cells = [cell.strip() for cell in run.split("\t") if cell.strip()]
        if len(cells) == n and _figures(cells):
            return cells, "marked"
    lines = [line.strip() for line in run.split("\n") if line.strip()]
    if len(lines) == n and (n == 1 or _figures(lines)):
        return lines, "lines"
    words = run.split()
    if len(words) == n and "\n" not in run.strip():
        return words, "spaced"
    return None


def _piped(run: str, n: int, *, row_lines: bool) -> tuple[list[str], Separation] | None:
    cells = [cell.strip() for cell in run.split("|")]
    filled = [at for at, cell in enumerate(cells) if cell]
    # an empty place between two figures is a column more than the form has
    if len(filled) == n and filled[-1] - filled[0] == n - 1 and _figures(cells[filled[0] : filled[-1] + 1]):
        return cells[filled[0] : filled[-1] + 1], "marked"
    if row_lines and "\n" not in run.strip() and run.lstrip(" \t\xa0").startswith("|"):
        inner = cells[1:]
        if len(inner) > n and not any(inner[n:]):
            return inner[:n], "marked"
    return None


def _figures(cells: list[str]) -> bool:
    """Whether each cell is one figure or a dash; a label among them is another line's."""
    return all(
        not _GLUED_NUMBER.search(cell)
        and (any(map(str.isdigit, cell)) or read(cell, "count").status == "dash")
        for cell in cells
    )


def is_marked(run: str) -> bool:
    """Whether something other than blanks and line breaks parts the cells: then no number is cut."""
    return "|" in run or "\t" in run


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
