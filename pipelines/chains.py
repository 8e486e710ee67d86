"""A run of adjacent years of which some are ambiguous: what the known ones leave of their readings. Pure.

Of all readings those stay that take part in an assignment of the whole stretch of
ambiguous years which the known years on its ends allow (forward, then backward,
so nothing is enumerated). A stretch without a known end is left alone: there a
slip of the issuer's own could pass for a solution.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from pipelines.years import Year

Value = int | None
#: One reading of what crosses the years, in a fixed order; ``None`` where there is no figure.
State = tuple[Value, ...]
#: By how much two adjacent years' states miss their identity, and the larger figure on its two sides;
#: ``None`` where a figure that is needed is not there.
Link = Callable[[State, State], tuple[int, int] | None]
#: Part of a figure by which an issuer's slip may miss an identity: within it another reading stays open.
#: In made series of which every fifth year misses by up to a third, this leaves at most 3 wrong figures
#: in 10,000 (7 without it); at 0.5 none, and most lines open.
SLIP = 0.2


class Settled(NamedTuple):
    """A cell that other years decide."""

    value: int
    evidence: str
    """Which identity, which reports, which figures; in Chinese."""


@dataclass(frozen=True, slots=True)
class Node:
    """One year's readings of what crosses the years."""

    year: Year
    states: tuple[State, ...]
    open: bool
    """Whether boundaries were lost, so that the neighbours may decide."""


def solve(nodes: Sequence[Node], link: Link) -> dict[int, tuple[State, ...]]:
    """Index of each open node → the states its stretch leaves; what these agree on is settled.

    Those that satisfy the identity exactly, if there are any, and with them all
    that miss it by no more than an issuer's slip could. Nothing is settled for an
    issuer that is seen to break the identity between two known years.
    """
    alive: dict[int, tuple[State, ...]] = {}
    if _broken(nodes, link):
        return alive
    at = 0
    while at < len(nodes):
        if not nodes[at].open:
            at += 1
            continue
        end = at
        while end < len(nodes) and nodes[end].open:
            end += 1
        low, high = max(at - 1, 0), min(end + 1, len(nodes))
        choices = [node.states for node in nodes[low:high]]
        if _anchored(nodes, at, end, link) and all(_consistent(choices, link, 0)):
            chosen = _consistent(choices, link, SLIP)
            alive.update({i: chosen[i - low] for i in range(at, end)})
        at = end
    return alive


def _broken(nodes: Sequence[Node], link: Link) -> bool:
    known = [(a.states[0], b.states[0]) for a, b in pairwise(nodes) if not (a.open or b.open)]
    return any(not _holds(link(before, now), 0) for before, now in known)


def _anchored(nodes: Sequence[Node], at: int, end: int, link: Link) -> bool:
    """Whether a known year on either end takes part with all the figures its identity needs."""
    ends = []
    if at > 0:
        ends += [link(nodes[at - 1].states[0], state) for state in nodes[at].states]
    if end < len(nodes):
        ends += [link(state, nodes[end].states[0]) for state in nodes[end - 1].states]
    return any(missed is not None for missed in ends)


def _holds(missed: tuple[int, int] | None, slip: float) -> bool:
    return missed is None or missed[0] <= slip * missed[1]


def _consistent(choices: Sequence[Sequence[State]], link: Link, slip: float) -> list[tuple[State, ...]]:
    """The states of each year that are part of a consistent choice of one a year; empty where none is."""
    forward: list[tuple[State, ...]] = [tuple(choices[0])]
    for states in choices[1:]:
        forward.append(tuple(s for s in states if any(_holds(link(p, s), slip) for p in forward[-1])))
    chosen = [forward[-1]]
    for states in reversed(forward[:-1]):
        chosen.append(tuple(s for s in states if any(_holds(link(s, n), slip) for n in chosen[-1])))
    return chosen[::-1]


def agreed(states: Sequence[State]) -> dict[int, int]:
    """Place → the figure on which all states agree."""
    found = {}
    for place, values in enumerate(zip(*states, strict=True)):
        value = values[0]
        if value is not None and all(other == value for other in values):
            found[place] = value
    return found


def evidence(years: Sequence[int], identity: str, equations: Sequence[str]) -> str:
    named = "、".join(f"{year}年" for year in years)
    return f"由{named}报告推定（{identity}）：{'；'.join(equations)}"
