"""The coverage page: the whole country by province, or one division with its issuers."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from archive.site import filing
from archive.site.division import above
from archive.site.filing import Chosen, Grid, Part
from archive.site.memo import Memo
from archive.site.rows import Row, one


@dataclass(frozen=True, slots=True)
class CoveragePage:
    """``division`` and ``grid`` are ``None`` for the whole country."""

    division: Row | None
    above: tuple[Row, ...]
    parts: tuple[Part, ...]
    total: Part
    years: tuple[int, ...]
    """Years shown, newest first."""
    all_years: tuple[int, ...]
    grid: Grid | None


def load(conn: sqlite3.Connection, code: str | None, chosen: Chosen, memo: Memo) -> CoveragePage | None:
    """The page of a division, or of the country; ``None`` for a code there is no division of."""
    division = None
    if code is not None:
        division = one(conn, "select * from divisions where code = ?", (code,))
        if division is None:
            return None
    parts = filing.by_part(conn, code) if code else memo.get("filing by province", conn, filing.by_province)
    all_years = filing.years(parts, most=99)
    shown = all_years[: filing.YEARS]
    if chosen.year in all_years and chosen.year not in shown:
        # An older year is asked for: it and what surrounds it.
        at = all_years.index(chosen.year)
        shown = all_years[max(0, at - filing.YEARS + 1) : at + 1]
    grid = filing.grid(conn, code, chosen, shown) if code and shown else None
    return CoveragePage(
        division=division,
        above=above(conn, division) if division else (),
        parts=parts,
        total=filing.together(parts),
        years=shown,
        all_years=all_years,
        grid=grid,
    )
