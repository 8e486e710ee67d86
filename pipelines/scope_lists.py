"""Where the indicator list of 2014 says whose and which year's its figures are. Pure.

Its headings may name a year (2015年), as may the lines over it. Its labels say nothing of
that: a line may count what was left over from last year.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from archive.records import Document, Grid
from pipelines.tables import indicators

#: Lines over the first figure of a list in text: its caption, office and headings.
_ABOVE = 10
#: What is longer is prose, and the list's caption stands below it.
_LONGEST = 60
_CELLS = re.compile(r"[|\t]|\s{2,}| (?=20\d\d)")
#: 截至2015年: the same as the year in a heading.
_UNTIL = re.compile(r"^\s*截\s*[至止]\s*")


def first_line(grid: Grid, listed: frozenset[str]) -> int | None:
    """The first row of a grid with a figure of the list; ``None`` where it has none."""
    if not listed:
        return None
    rows = range(len(grid.rows))
    return next((r for r in rows if any(cell.where in listed for cell in grid.own(r))), None)


def headings(grid: Grid, begin: int) -> Iterator[str]:
    """Texts over the list's first line that may name a year or an office, totals of all years aside."""
    for r in range(begin):
        own = [cell.text for cell in grid.own(r) if cell.text.strip()]
        if len(own) > 1:
            yield from (_UNTIL.sub("", text) for text in own if indicators.role(text) in ("year", "?"))


def in_text(
    document: Document, listed: frozenset[str], told: Callable[[str], str | None]
) -> Iterator[tuple[str, str]]:
    """(place, reason) of each figure of a list in flattened text that stands under words of another's.

    ``told`` says of a line whose it names: another's words, ``""`` for the report's own, ``None``.
    """
    places = {int(where[5:]): where for where in listed if re.fullmatch(r"line \d{1,9}", where)}
    if not places:
        return
    lines = [
        line for block in document.blocks if not isinstance(block, Grid) for line in block.text.split("\n")
    ]
    first = min(places)
    for line in reversed(lines[max(0, first - 1 - _ABOVE) : first - 1]):
        if len(line) > _LONGEST:
            return
        texts = [_UNTIL.sub("", text) for text in (line, *_CELLS.split(line))]
        said = [reason for text in texts if (reason := told(text)) is not None]
        if said:
            if reason := next(filter(None, said), None):
                yield from ((where, reason) for where in places.values())
            return
