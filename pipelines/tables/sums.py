"""What the sums and the numbers of cells of Table 3's lines say of its columns and of cells they lack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Literal

#: So many odd lines may be slips; more are how the table came to be.
SLIPS = 2
#: ``no sums``: some headings, and that of the sums not among them.
Headings = Literal["whole", "no sums", "none"]
#: Where the form has the sum of a line.
_LAST = 6


def sums_tell(lines: Sequence[Sequence[int | None]], headings: Headings, *, unread: int = 0) -> bool:
    """Whether the last of the seven columns holds the sums, as in the form.

    None of the others may hold them more often. Where the heading of the sums is
    missing, most lines must have such a sum; and where other headings are there, one line
    must tell (5 0 0 0 0 0 5 fits both ways). Below none, as on the second page of a table,
    lines with blanks need not tell, unless they have figures and end in 0. ``unread``: further lines,
    whose figures could not be told.
    """
    fits: Counter[int] = Counter()
    tells = filled = 0
    for line in lines:
        numbers = [number or 0 for number in line]
        fitting = [at for at, number in enumerate(numbers) if number and 2 * number == sum(numbers)]
        fits.update(fitting)
        tells += fitting == [_LAST]
        filled += any(numbers) and (None not in line or line[-1] == 0)
    if any(fits[at] > fits[_LAST] for at in range(_LAST)):
        return False
    if headings == "whole" or not any(map(any, lines)):
        return True
    return 2 * fits[_LAST] >= filled + unread and (tells > 0 or headings == "none")


def is_sum(line: Sequence[int | Decimal | None]) -> bool:
    """Whether the line adds up to its last figure, blanks being nothing; one of blanks must have figures."""
    return has_sum(line) or (None not in line and not any(line))


def has_sum(line: Sequence[int | Decimal | None]) -> bool:
    """Whether the line adds up to its last figure, blanks being nothing, and this is more than 0."""
    numbers = [number or 0 for number in line]
    return numbers[-1] > 0 and 2 * numbers[-1] == sum(numbers)


def commonest(counts: Collection[int], of_the_form: int) -> int:
    """How many cells most lines have; as many as the form's where two numbers are equally common."""
    several = Counter(counts)
    most = max(several.values(), default=0)
    usual = [count for count, times in several.items() if times == most]
    return of_the_form if of_the_form in usual or not usual else usual[0]


def is_torn(counts: Collection[int], usual: int, of_the_form: int) -> bool:
    """Whether some lines have fewer cells than most, and some have more; a slip or two is no habit.

    Where most have fewer than the form, one with more than the form is enough.
    """
    if usual < of_the_form:
        return any(count > of_the_form for count in counts)
    short, long = sum(count < usual for count in counts), sum(count > usual for count in counts)
    return short > 0 and long > 0 and short + long > SLIPS


def has_twins(line: Sequence[int | Decimal | None]) -> bool:
    """Whether two neighbours are equal: one may be the other twice, in the place of a cell that was lost.

    The line's sum does not tell where both the figure that came and the cell that went are 0 or blank.
    """
    return any(figure == following for figure, following in pairwise(line))


def are_doubled(lines: Sequence[Sequence[int | Decimal | None]], *, joined: bool = False) -> bool:
    """Whether figures of these lines were written twice, as a merged cell is that was copied into its places.

    Such a line has a figure beside itself and is untrue to its sum: two that come true when
    one of the two is taken away are no accident, nor are more than a slip or two of any other kind,
    nor is any where figures are ``joined`` as a habit: there a figure more makes the number right again.
    """
    twice = [line for line in lines if len(line) > 1 and line[-1] is not None and _twin_figures(line)]
    untrue = [line for line in twice if 2 * (line[-1] or 0) != _sum(line)]
    mended = [
        line
        for line in untrue
        if any(_sum(line) - twin == 2 * (line[-1] or 0) for twin in _twin_figures(line))
    ]
    return len(mended) > 1 or len(untrue) > (0 if joined else SLIPS)


def are_untrue(lines: Sequence[Sequence[int | Decimal | None]]) -> bool:
    """Whether as many lines as not are untrue to their sums: no issuer adds so badly, cells are out of place.

    Lines with blanks, and those of zeros, do not tell.
    """
    telling = [line for line in lines if None not in line and any(line)]
    untrue = sum(not has_sum(line) for line in telling)
    return untrue > SLIPS and 2 * untrue >= len(telling)


def _sum(line: Sequence[int | Decimal | None]) -> int | Decimal:
    return sum(number or 0 for number in line)


def _twin_figures(line: Sequence[int | Decimal | None]) -> list[int | Decimal]:
    """The figures more than 0 that stand beside themselves."""
    return [figure for figure, following in pairwise(line) if figure and figure == following]
