"""Lost boundaries → cells, by the identities. Pure, exact and bounded.

``21710000218`` is 217 | 1 | 0 | 0 | 0 | 0 | 218 because the first six add up to
the seventh (R1). Where one line alone leaves several readings, the lines of the
table decide together (R2, R3). What all solutions agree on is certain; the rest
stays open, with its readings.

Nothing here guesses: a number never begins with 0 unless it is 0, a boundary
the source gives is kept, and a table in which empty cells may have vanished is
not decoded at all.

Bounds: a figure has at most ``MAX_DIGITS`` digits, so a longer run than cells ×
digits has no reading; each search stops at ``BUDGET`` steps and then counts as
undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from archive import forms

Reading = tuple[int, ...]

#: The largest count in any report seen has seven digits; one more for growth.
MAX_DIGITS = 8
#: Steps of one search: some 50 ms; real lines need a few hundred.
BUDGET = 60_000
# More readings than anyone would read; the rest is only counted.
_SHOWN = 12


class OutOfBudget(Exception):
    """A search met its bound; the caller leaves the cells undecided."""


@dataclass(slots=True)
class Steps:
    """What is left of the steps that searches may share."""

    left: int = BUDGET

    of: Steps | None = None
    """What this is a part of."""

    def spend(self) -> None:
        self.left -= 1
        if self.of is not None:
            self.of.left -= 1
        if self.left < 0:
            raise OutOfBudget

    def some(self) -> Steps:
        """Steps for one search: no more than ``BUDGET``, nor than are left."""
        return Steps(min(BUDGET, self.left), self)


def tokens_of(run: str) -> tuple[str, ...]:
    """The digit strings of a run, split where the source itself has a gap."""
    return tuple(run.replace("|", " ").split())


def _numbers(token: str, n: int, limit: int | None, steps: Steps) -> Iterator[Reading]:
    """Every way to cut ``token`` into ``n`` numbers whose sum stays within ``limit``."""
    steps.spend()
    if n == 0:
        if not token:
            yield ()
        return
    if not n <= len(token) <= n * MAX_DIGITS:
        return
    longest = 1 if token[0] == "0" else min(MAX_DIGITS, len(token) - n + 1)
    for size in range(1, longest + 1):
        number = int(token[:size])
        if limit is not None and number > limit:
            break
        for rest in _numbers(token[size:], n - 1, None if limit is None else limit - number, steps):
            yield (number, *rest)


def _cuts(tokens: Sequence[str], n: int, limit: int | None, steps: Steps) -> Iterator[Reading]:
    """Every way to cut the tokens, each whole, into ``n`` numbers in all."""
    if not tokens:
        if n == 0:
            yield ()
        return
    head, rest = tokens[0], tokens[1:]
    least = len(rest)
    for size in range(1, n - least + 1):
        for first in _numbers(head, size, limit, steps):
            left = None if limit is None else limit - sum(first)
            for others in _cuts(rest, n - size, left, steps):
                yield (*first, *others)


def summed(tokens: Sequence[str], n: int, steps: Steps | None = None) -> list[Reading]:
    """Readings as ``n`` numbers of which the last is the sum of the others (R1, V1)."""
    steps = steps or Steps()
    if not tokens or not all(token.isdigit() for token in tokens):
        return []
    found = []
    last = tokens[-1]
    for size in range(1, min(len(last), MAX_DIGITS) + 1):
        tail = last[-size:]
        if size > 1 and tail[0] == "0":
            continue
        total = int(tail)
        rest = [*tokens[:-1], last[:-size]] if size < len(last) else list(tokens[:-1])
        found += [(*cut, total) for cut in _cuts(rest, n - 1, total, steps) if sum(cut) == total]
    return found


def split_readings(run: str, n: int) -> tuple[str, ...]:
    """Readings of a run as ``n`` free numbers, for show: ``("22|1|148", …)``; empty where there is none."""
    tokens = tokens_of(run)
    if not tokens or not all(token.isascii() and token.isdigit() for token in tokens):
        return ()
    try:
        cuts = list(_cuts(tokens, n, None, Steps()))
    except OutOfBudget:
        return ()
    return tuple("|".join(map(str, cut)) for cut in cuts[:_SHOWN])


def _feasible(
    rows: Sequence[Sequence[Reading]], targets: Iterable[Reading], steps: Steps
) -> list[set[Reading]]:
    """Which reading of each row takes part in some choice whose column sums are one of ``targets``.

    Forward and backward sets of partial sums, so the work grows with the number of
    different sums and not with the number of choices.
    """
    zero = tuple(0 for _ in rows[0][0])
    ends = set(targets)
    roof = tuple(map(max, zip(*ends, strict=True))) if ends else zero
    forward: list[set[Reading]] = [{zero}]
    for choices in rows:
        sums = set()
        for before in forward[-1]:
            for choice in choices:
                steps.spend()
                after = tuple(a + b for a, b in zip(before, choice, strict=True))
                if all(a <= top for a, top in zip(after, roof, strict=True)):
                    sums.add(after)
        forward.append(sums)
    backward = ends & forward[-1]
    chosen: list[set[Reading]] = []
    for i in range(len(rows) - 1, -1, -1):
        used: set[Reading] = set()
        earlier: set[Reading] = set()
        for before in forward[i]:
            for choice in rows[i]:
                steps.spend()
                if tuple(a + b for a, b in zip(before, choice, strict=True)) in backward:
                    used.add(choice)
                    earlier.add(before)
        chosen.append(used)
        backward = earlier
    return chosen[::-1]


def solve_requests(
    runs: Mapping[str, Sequence[Reading]], table: forms.Table
) -> dict[str, set[Reading]] | None:
    """The readings of each line that take part in a solution of R2 and R3 together.

    ``runs`` gives each line's readings under R1 (a line that was read plainly has
    one). ``None`` where the table has no solution or the search met its bound.
    """
    if any(not runs.get(row.key) for row in table.rows):
        return None
    steps = Steps()
    outcomes = [runs[key] for key in table.outcome_rows]
    frame = ("received", "carried_in", "concluded", "carried_out")
    closing = set(runs["concluded"])
    try:
        quads = []
        for received in runs["received"]:
            for carried_in in runs["carried_in"]:
                for carried_out in runs["carried_out"]:
                    steps.spend()
                    total = tuple(
                        a + b - c for a, b, c in zip(received, carried_in, carried_out, strict=True)
                    )
                    if total in closing:
                        quads.append((received, carried_in, total, carried_out))
        reachable: list[set[Reading]] = [set() for _ in outcomes]
        kept = []
        for target in {quad[2] for quad in quads}:
            chosen = _feasible(outcomes, [target], steps)
            if all(chosen):
                kept.append(target)
                for union, one in zip(reachable, chosen, strict=True):
                    union |= one
    except OutOfBudget:
        return None
    quads = [quad for quad in quads if quad[2] in kept]
    if not quads:
        return None
    solved = dict(zip(table.outcome_rows, reachable, strict=True))
    for i, key in enumerate(frame):
        solved[key] = {quad[i] for quad in quads}
    return solved


def solve_reviews(tokens: Sequence[str], groups: int, width: int) -> list[set[Reading]] | None:
    """Readings of a run as ``groups`` procedures of ``width`` numbers each, every one true to V1.

    Returns for each procedure the readings that take part in a whole solution;
    ``None`` where there is none or the search met its bound.
    """
    return _procedures(tokens, [width] * groups, Steps())


def may_lack_a_cell(tokens: Sequence[str], groups: int, width: int) -> bool:
    """Whether the run also reads true to V1 with one part fewer: an empty cell that left no trace."""
    steps = Steps()
    return any(
        _procedures(tokens, [width - (i == short) for i in range(groups)], steps) is not None
        for short in range(groups)
    )


def may_be_other_cells(tokens: Sequence[str], groups: int, width: int) -> bool:
    """Whether the run also reads true to V1 with other numbers of parts.

    With one part more, a figure that was written twice, or with up to two fewer in each
    procedure. What the search's bound leaves undecided counts as such a reading.
    """
    steps = Steps()
    others = [[width + (i == odd) for i in range(groups)] for odd in range(groups)]
    others += [[width - n for n in fewer] for fewer in product(range(3), repeat=groups) if any(fewer)]
    return any(_procedures(tokens, widths, steps) is not None for widths in others) or steps.left <= 0


def _procedures(tokens: Sequence[str], widths: Sequence[int], steps: Steps) -> list[set[Reading]] | None:
    if not tokens or not all(token.isdigit() for token in tokens):
        return None
    text = "".join(tokens)
    if not sum(widths) <= len(text) <= sum(widths) * MAX_DIGITS:
        return None
    edges, at = set(), 0
    for token in tokens:
        at += len(token)
        edges.add(at)

    def pieces(start: int, end: int) -> tuple[str, ...]:
        cuts = [start, *sorted(e for e in edges if start < e < end), end]
        return tuple(text[a:b] for a, b in pairwise(cuts))

    try:
        return _paths(len(text), widths, lambda a, b, width: summed(pieces(a, b), width, steps))
    except OutOfBudget:
        return None


def _paths(
    length: int, widths: Sequence[int], read: Callable[[int, int, int], list[Reading]]
) -> list[set[Reading]] | None:
    spans: list[dict[tuple[int, int], list[Reading]]] = []
    starts = {0}
    for g, width in enumerate(widths):
        rest = sum(widths[g + 1 :])
        found = {}
        for start in starts:
            ends = [length] if rest == 0 else range(start + width, length - rest + 1)
            for end in ends:
                readings = read(start, end, width)
                if readings:
                    found[start, end] = readings
        spans.append(found)
        starts = {end for _, end in found}
    goal = {length}
    chosen: list[set[Reading]] = []
    for found in reversed(spans):
        live = {span: readings for span, readings in found.items() if span[1] in goal}
        chosen.append({reading for readings in live.values() for reading in readings})
        goal = {start for start, _ in live}
    if 0 not in goal or not all(chosen):
        return None
    return chosen[::-1]
