"""Figures for the indicator list of 2014, and what a user would do to read one."""

from __future__ import annotations

import random
from collections.abc import Mapping
from decimal import Decimal

from archive.forms import indicators
from benchmarks.figures import DRAWS, Sample
from tests import layouts_2014
from tests.layouts import Figures, Value

#: Styles of figures; the others are of tables with columns.
STYLES = ("zeros", "mostly zero", "large", "equal digits", "one figure", "round", "with blanks")
#: Share of a list's cells that a style with blanks leaves empty.
_BLANK = 0.25


def made(style: str, seed: int) -> Sample:
    """One list, true to I1 to I6; the same for the same seed."""
    rng = random.Random(f"2014 {style} {seed}")  # noqa: S311  (figures, not secrets)
    national = indicators.national()
    figures: dict[str, Value] = {}
    for line in national.figures:
        drawn = DRAWS[style](rng)
        figures[line.key] = Decimal(drawn) / 100 if line.kind == "amount" and drawn else drawn
    # a total may be a part of another one, which the form lists before it
    for identity in reversed(national.identities):
        figures[identity.total] = sum(figures[part] or 0 for part in identity.parts)
    if style == "with blanks":
        figures = {key: None if rng.random() < _BLANK else value for key, value in figures.items()}
    rows = {key: {"year": value} for key, value in figures.items()}
    return Sample(f"{style} 2014 #{seed}", indicators.NATIONAL, {indicators.TABLE: rows})


def samples(seeds: int) -> tuple[Sample, ...]:
    return tuple(made(style, seed) for seed in range(seeds) for style in STYLES)


def plain(figures: Figures) -> Mapping[str, Value]:
    """Line → figure of the year, as the layouts take them."""
    return {line: cells["year"] for line, cells in figures[indicators.TABLE].items()}


def render(name: str, figures: Figures, _form: str) -> bytes:
    return layouts_2014.LAYOUTS[name](plain(figures))


def expected(name: str, figures: Figures) -> Figures:
    """What a layout shows of the figures: one has the sum of all years too."""
    if name != "with cumulative":
        return figures
    numbers = {key: n * 37 for n, key in enumerate(indicators.national().lines)}
    rows = figures[indicators.TABLE]
    return {indicators.TABLE: {key: {**line, "cumulative": numbers[key]} for key, line in rows.items()}}
