"""A damaged report and what may be read of it.

A cell is wrong if it has a figure and the issuer wrote another one, or none, there. A cell
without a figure is never wrong. Where a damage is invisible, nobody can see it: a report
whose text differs from an undamaged one's in nothing but the digits of its numbers *is*
another issuer's undamaged report. Of such a report the cells that differ are not scored.
The same holds where, besides, zeros and empty cells have changed places, which no sum can
tell; but a 0 read for an empty cell is wrong even there. These are the only exceptions, and
one more trace anywhere in the report ends them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from benchmarks.figures import Sample
from benchmarks.score import cells_of, same

_NUMBER = re.compile(r"\d[\d.]*")
_MARKS = r"\s|｜,，"
_BETWEEN_WORDS = re.compile(rf"(?<=[^#0{_MARKS}])[{_MARKS}]+(?=[^#0{_MARKS}])")
_BESIDE_WORDS = re.compile(r"(?<=[^\s#0])[ \n]+|[ \n]+(?=[^\s#0])")
_PADDING = re.compile(r"[ \t|｜,，]+$", re.M)
_TWICE = re.compile(r"^([^#0\n]*[^#0\s|,][^#0\n]*\n)\1", re.M)


#: Nothing but its numbers; these and zeros in the place of empty cells or the other way round; more.
Trace = Literal["none", "zeros", "some"]


@dataclass(frozen=True, slots=True)
class Made:
    """One report as bytes, the figures its issuer wrote, and the damages it has."""

    name: str
    body: bytes
    sample: Sample
    damages: tuple[str, ...]
    trace: Trace
    """What tells it from an undamaged report."""


@dataclass(slots=True)
class Count:
    """Cells of the reports that a damage met."""

    reports: int = 0
    right: int = 0
    null: int = 0
    unseen: int = 0
    """Cells that nobody can know to be another's."""
    wrong: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, other: Count) -> None:
        self.reports += other.reports
        self.right += other.right
        self.null += other.null
        self.unseen += other.unseen
        self.wrong += other.wrong
        self.faults += other.faults


def trace(damaged: Sequence[str], clean: Sequence[str], *, lined: bool) -> Trace:
    """What tells texts from the undamaged ones, in the same order; ``lined``: a line may be a cell."""
    worst: Trace = "none"
    for one, other in zip(damaged, clean, strict=True):
        left = _difference(_told(one, lined=lined), _told(other, lined=lined))
        worst = left if worst == "none" or left == "some" else worst
    return worst


def _difference(one: str, other: str) -> Trace:
    """Any number may stand for any; a 0 may be left out."""
    found: Trace = "none"
    rest = iter([*other, ""])
    there = next(rest)
    for sign in [*one, ""]:
        while there == "0" and sign not in ("0", "#"):
            there, found = next(rest), "zeros"
        if sign == there or {sign, there} == {"0", "#"}:
            there = next(rest, "")
        elif sign == "0":
            found = "zeros"
        else:
            return "some"
    return found


def _told(text: str, *, lined: bool) -> str:
    """The text with one sign for a number and one for 0, without what says nothing of its numbers.

    That is what parts words or ends a line, and a line of words that stands there twice. Where
    no line is a cell, white space beside a word says nothing either.
    """
    told = _NUMBER.sub(lambda match: "0" if match[0] == "0" else "#", text)
    told = _TWICE.sub(r"\1", _PADDING.sub("", told))
    told = _BETWEEN_WORDS.sub("", told)
    return told if lined else _BESIDE_WORDS.sub("", told)


def count(made: Made) -> Count:
    """The report read and scored."""
    result = Count(reports=1)
    cells = {(cell.table, cell.row, cell.column): cell for cell in cells_of(made.body, made.name)}
    for table, rows in made.sample.figures.items():
        for row, line in rows.items():
            for column, true in line.items():
                cell = cells.get((table, row, column))
                if cell is None or cell.value is None:
                    blank = cell is not None and cell.status in ("blank", "dash")
                    result.right += true is None and blank
                    result.null += not (true is None and blank)
                elif same(cell.value, true):
                    result.right += 1
                elif made.trace == "none" or (made.trace == "zeros" and (true, cell.value) != (None, 0)):
                    result.unseen += 1
                else:
                    result.wrong += 1
                    place = f"{table}.{row}.{column}"
                    result.faults.append(
                        f"{made.name}: {place} read {cell.value} ({cell.status}), true {true}; "
                        f"damages: {', '.join(made.damages)}"
                    )
    return result


Draw = Callable[[int, int], Made]


def measure(draw: Draw, seed: int, number: int) -> tuple[tuple[str, ...], Count]:
    one = draw(seed, number)
    return tuple(dict.fromkeys(one.damages)), count(one)


def run(draw: Draw, seed: int, numbers: Sequence[int], *, jobs: int = 1) -> tuple[dict[str, Count], Count]:
    """(damage → its reports, all reports), read in so many processes."""
    each: dict[str, Count] = {}
    whole = Count()
    for damages, one in _results(partial(measure, draw, seed), numbers, jobs):
        whole.add(one)
        for name in damages:
            each.setdefault(name, Count()).add(one)
    return each, whole


def _results(
    job: Callable[[int], tuple[tuple[str, ...], Count]], numbers: Sequence[int], jobs: int
) -> Iterable[tuple[tuple[str, ...], Count]]:
    if jobs == 1:
        yield from map(job, numbers)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(job, numbers, chunksize=50)


def ranked(each: dict[str, Count]) -> list[tuple[str, Count]]:
    """Damages, those with wrong cells first."""
    order = Counter({name: one.wrong for name, one in each.items()})
    return sorted(each.items(), key=lambda item: (-order[item[0]], item[0]))
