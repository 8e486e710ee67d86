"""Tables whose figures count bundles (单位：万件): said beside the table, not in a heading of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from archive.records import Grid, Paragraph
from pipelines import values
from pipelines.text import squeeze

#: A note of the unit is a line of its own, or stands behind the heading over the applicants.
_NOTE = re.compile(r"(?:申请人情况|.{0,12}表)?[(（]?(?:计量)?单位[:：]?.{1,12}")
_SHORT = 40
#: Lines before a table in which its unit is noted.
_NEAR = 2


def states(text: str) -> bool:
    """Whether this is a note that figures count bundles."""
    if len(text) > 2 * _SHORT or "单" not in text:
        return False
    line = squeeze(text)
    return (
        "单位" in line
        and len(line) <= _SHORT
        and _NOTE.fullmatch(line) is not None
        and values.bundle(line) is not None
    )


def of_grids(blocks: Iterable[Paragraph | Grid]) -> Iterator[Grid]:
    """The tables that count bundles, by a cell of theirs or by a line right before them."""
    near: list[str] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            if lines := [line for line in block.text.split("\n")[-_NEAR:] if line and not line.isspace()]:
                near = (near + lines)[-_NEAR:]
        elif any(map(states, near)) or any(map(states, _with_unit(block))):
            yield block


def _with_unit(grid: Grid) -> list[str]:
    """Texts of its cells that may name a unit (单位)."""
    return [text for text in grid.texts if "单" in text]
