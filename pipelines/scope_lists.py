"""Where the indicator list of 2014 says whose and which year's its figures are. Pure.

Its headings may name a year (2015年), as may the lines over it. Its labels say nothing of
that: a line may count what was left over from last year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from archive.records import Grid
from pipelines.tables import indicators

#: 截至2015年: the same as the year in a heading.
UNTIL = re.compile(r"^\s*截\s*[至止]\s*")


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
            yield from (UNTIL.sub("", text) for text in own if indicators.role(text) in ("year", "?"))
