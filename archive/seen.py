"""What an original looks like to the reader: its text and tables in order, and where each figure stands.

The site shows a figure in its surroundings, but reading is above it in the house. So whoever
starts the site hands it a ``Look``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from archive.records import Grid, Paragraph, Snapshot


@dataclass(frozen=True, slots=True)
class Seen:
    """One original, read again."""

    blocks: tuple[Paragraph | Grid, ...] = ()
    places: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    """(table, line, column) → place in the source, as in ``Cell.where``."""
    error: str | None = None
    """Why it could not be read here and now; then the rest is empty."""


Look = Callable[[Snapshot], Seen]
"""Reads an original, whatever bytes it has; never raises, and ends in bounded time."""
