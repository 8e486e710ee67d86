"""A figure of an indicator list: a cell that brings its line's wording and unit with it.

The lines of the later tables are known beforehand; those of a province's list
are not, so each cell says what the source calls it and in what it counts.
"""

from __future__ import annotations

from dataclasses import dataclass

from archive.records import Cell


@dataclass(frozen=True, slots=True)
class IndicatorCell(Cell):
    """One figure of the list. ``row`` is a key of the form, or ``raw:`` and the source's wording."""

    label: str = ""
    """The line as the source writes it; as the form does where the source has no such line."""
    unit: str | None = None
    """Unit of the value: the form's for its own lines, as the source has it for others."""
