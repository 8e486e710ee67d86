"""The text between two labels → the cells it holds, where the source still separates them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from pipelines.values import is_page_number, read

Separation = Literal["marked", "lines", "spaced"]

_EDGE = " \t\xa0|"
_PAD = re.compile(r"[ \t]*\|[ \t]*\|[|\s]*")
#: Blanks between two figures on one line.
_GAPS = re.compile(r"(?<=[^\s|])[^\S\n\t]+(?=[^\s|])")
_GLUED_NUMBER = re.compile(r"\d\s+\d")


@dataclass(frozen=True, slots=True)
class Run:
    """Text between a label's end and the next label's start."""

    text: str
    line: int
    """Line of the source on which it begins."""
    body: str = ""
    """The same with its line breaks and the places of group labels (``counting.GROUP``) kept."""
    open: bool = False
    """Whether what follows the table may begin in ``body``."""

    @property
    def where(self) -> str:
        return f"line {self.line}"


def bounded(run: str, n: int) -> tuple[list[str], Separation] | None:
    """The ``n`` cells of a run that separates them itself, none of them empty, or ``None``.

    ``marked``: by ``|`` or tabs; ``lines``: by line breaks, among which a page
    number may stand and an empty cell may be missing; ``spaced``: by blanks only,
    which may also stand inside a number. For the last two the caller asks the
    identities or the rest of the table.
    """
    for mark in ("|", "\t"):
        if mark in run:
            cells = _marked(run, mark)
            if len(cells) == n and are_figures(cells):
                return cells, "marked"
            # Tabs may only indent; where they part more cells than there should be, they part.
            if mark == "|" or len(cells) > n:
                return None
    lines = [line.strip() for line in run.split("\n") if line.strip()]
    if len(lines) == n and (n == 1 or are_figures(lines)):
        return lines, "lines"
    words = run.split()
    if len(words) == n and "\n" not in run.strip():
        return words, "spaced"
    return None


def _marked(run: str, mark: str) -> list[str]:
    """The places that marks part, empty ones too: on the label's line, or one on each line below it.

    Empty places behind the last figure are left out: extractors pad a row to the
    width of its table (``| 6 | ||``).
    """
    first, *lines = run.split("\n")
    if not first.strip(_EDGE):
        # Two marks and more on a line of their own pad the row before to its table's width.
        cells = [line.strip(_EDGE) for line in lines if line.strip() and not _PAD.fullmatch(line)]
    elif any(line.strip(_EDGE) for line in lines):
        return []
    else:
        cells = [cell.strip() for cell in first.split(mark)]
        if not cells[0]:
            cells = cells[1:]  # before the first mark stands the label
        elif not cells[0].isdigit():
            return []  # a footnote's mark in the label's own cell
    while cells and not cells[-1]:
        cells.pop()
    return cells


def places(run: str) -> int:
    """How many cells marks part in this run."""
    return len(_marked(run, "|" if "|" in run else "\t"))


def pieces_of(run: Run) -> list[str]:
    """What marks part in this run, or else blanks and line breaks."""
    if is_marked(run.text):
        return _marked(run.text, "|" if "|" in run.text else "\t")
    return run.text.split()


def has_wide_gap(run: str) -> bool:
    """Whether one blank stands between some figures and several between others: an empty cell's."""
    gaps = {len(gap) > 1 for gap in _GAPS.findall(run)}
    return len(gaps) > 1


def leaves_a_trace(run: Run, n: int, *, below: bool, gap: str) -> bool:
    """Whether the run has ``n`` places if a further ``gap`` stands for an empty cell, or a line break does.

    ``below``: all figures of the table stand on the line below their label.
    """
    if run.open:
        return True  # what follows the table may begin in it
    text = run.text.removeprefix("\n") if below else run.text
    breaks = re.findall(r"\n|\S+", text)
    if breaks and breaks[-1] == "\n":
        breaks.pop()  # the end of the row
    if len(breaks) == n:
        return True
    lines = [line for line in text.split("\n") if line.strip()]
    # Behind a label on the same line the first blank parts it from the figures.
    behind = text.split("\n")[0]
    cells = behind if below else behind.removeprefix(gap)
    return len(lines) == 1 and len(cells.split(gap)) == n


def are_figures(cells: list[str]) -> bool:
    """Whether each cell is one figure or a dash; a label among them is another line's."""
    return all(
        not _GLUED_NUMBER.search(cell)
        and (any(map(str.isdigit, cell)) or read(cell, "count").status == "dash")
        and not is_page_number(cell)
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
    return cells if len(cells) == n and are_figures([cell for cell in cells if cell]) else None
