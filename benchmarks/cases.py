"""What is scored: layouts × figures, and the real reports beside the repository."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from typing import Any

from benchmarks import lists
from benchmarks.figures import Sample, made, samples
from tests import layouts, layouts_2014, layouts_files, layouts_hostile, layouts_more, layouts_pdf
from tests.layouts import Figures, Value
from tests.paths import SHARED

Render = Callable[[Figures, str], bytes]
#: Made reports of each style a layout is drawn with.
SEEDS = 3


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to lay figures out."""

    name: str
    render: Render
    expected: Callable[[Figures], Figures]
    """What it shows of the figures."""
    figures: Callable[[], tuple[Sample, ...]]


@cache
def _many() -> tuple[Sample, ...]:
    return samples(SEEDS)


@cache
def _few() -> tuple[Sample, ...]:
    """For files, which take a hundred times as long to draw as to lay out a page."""
    return (*samples(0), made("2021", "large", 0), made("2019", "with blanks", 0))


@cache
def _lists() -> tuple[Sample, ...]:
    return lists.samples(SEEDS)


@cache
def _few_lists() -> tuple[Sample, ...]:
    return lists.samples(1)


def _same(figures: Figures) -> Figures:
    return figures


def catalogue() -> dict[str, Layout]:
    """Every layout by its name: the plain ones, those of files, those that mislead, those of the old list."""
    entries = [
        *(
            Layout(n, r, lambda f, n=n: layouts.expected(n, f), _many)  # type: ignore[misc]
            for n, r in layouts.LAYOUTS.items()
        ),
        *(
            Layout(n, r, lambda f, n=n: layouts_more.expected(n, f), _many)  # type: ignore[misc]
            for n, r in layouts_more.LAYOUTS.items()
        ),
        *(Layout(n, r, _same, _few) for n, r in layouts_files.LAYOUTS.items()),
        *(Layout(n, r, _same, _few) for n, r in layouts_pdf.LAYOUTS.items()),
        *(Layout(n, r, _same, _many) for n, r in layouts_hostile.LAYOUTS.items()),
        *(
            Layout(
                f"list of 2014, {n}",
                partial(lists.render, n),
                partial(lists.expected, n),
                _few_lists if n in layouts_2014.FILES else _lists,
            )
            for n in layouts_2014.LAYOUTS
        ),
    ]
    names = [entry.name for entry in entries]
    assert len(set(names)) == len(names), "two layouts have one name"
    return {entry.name: entry for entry in entries}


@dataclass(frozen=True, slots=True)
class Real:
    """A report as published, and its true figures."""

    name: str
    form: str
    body: bytes
    figures: Figures


def real() -> Iterator[Real]:
    """The real reports, where they lie beside the repository."""
    for path in sorted((SHARED / "real").glob("*/truth.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        [original] = path.parent.glob("input.*")
        yield Real(
            f"real: {path.parent.name}", truth["form"], original.read_bytes(), _numbers(truth["cells"])
        )


def _numbers(cells: dict[str, Any]) -> Figures:
    def number(value: Any) -> Value:
        return Decimal(str(value)) if isinstance(value, float) else value

    return {
        table: {row: {key: number(value) for key, value in line.items()} for row, line in rows.items()}
        for table, rows in cells.items()
    }
