"""Table 3 settled by the years around it: what is carried over ties them (Y1). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archive import forms
from archive.candidates import CellKey
from pipelines import decode
from pipelines.chains import Node, Settled, State, agreed, evidence, solve
from pipelines.pictures import recognised
from pipelines.years import APPLICANTS, Year

# More pairs of readings of the two lines that cross the years than any real table leaves open.
_MAX_PAIRS = 64


@dataclass(frozen=True, slots=True)
class _Requests:
    """A Table 3 with the readings of each line."""

    table: forms.Table
    choices: Mapping[str, Sequence[decode.Reading]]
    open: frozenset[str]
    """Lines with an undecided cell."""

    def solved(self, carried_in: State, carried_out: State) -> dict[str, set[decode.Reading]] | None:
        """What each line can be when these two are given."""
        fixed = {"carried_in": [carried_in], "carried_out": [carried_out]}
        return decode.solve_requests({**self.choices, **fixed}, self.table)  # type: ignore[dict-item]


def _requests(year: Year) -> _Requests | None:
    """The year's Table 3 if every line of it is known or a run that can be split, and some line is open.

    A run that OCR read cannot: a digit of it may be false, and then so is whatever split fits.
    """
    form = year.forms.get("requests")
    if form not in forms.FORM_KEYS:
        return None
    table = forms.form(form).tables["requests"]
    choices: dict[str, Sequence[decode.Reading]] = {}
    undecided = set()
    for row in table.rows:
        cells = year.line("requests", row.key, APPLICANTS)
        if len(cells) != len(APPLICANTS):
            return None
        if all(cell.value is not None for cell in cells):
            choices[row.key] = [tuple(int(cell.value) for cell in cells if cell.value is not None)]
            continue
        raw = cells[0].raw
        if (
            raw is None
            or recognised(cells[0].where)
            or any(c.raw != raw or c.status not in ("ambiguous", "inferred") for c in cells)
        ):
            return None
        try:
            readings = decode.summed(decode.tokens_of(raw), len(APPLICANTS))
        except decode.OutOfBudget:
            return None
        held = {i: cell.value for i, cell in enumerate(cells) if cell.value is not None}
        choices[row.key] = [r for r in readings if all(r[i] == value for i, value in held.items())]
        undecided.add(row.key)
    # The whole table must be solved within its bound: then no smaller search below ends for want of
    # steps, and a pair of lines without a solution is one that the table rules out.
    if not undecided or decode.solve_requests(choices, table) is None:
        return None
    return _Requests(table, choices, frozenset(undecided))


def _pair(year: Year) -> State:
    """What crosses the years: carried in, then carried out."""
    lines = ("carried_in", "carried_out")
    cells = [year.cells.get(CellKey("requests", line, column)) for line in lines for column in APPLICANTS]
    return tuple(None if cell is None or cell.value is None else int(cell.value) for cell in cells)


def _carried(before: State, now: State) -> tuple[int, int] | None:
    n = len(APPLICANTS)
    pairs = [(a, b) for a, b in zip(before[n:], now[:n], strict=True) if a is not None and b is not None]
    if not pairs:
        return None
    return sum(abs(a - b) for a, b in pairs), max(a for pair in pairs for a in pair)


def settle(chain: Sequence[Year]) -> dict[int, dict[CellKey, Settled]]:
    """Year → the ambiguous cells of Table 3 that a run of years without a gap decides."""
    nodes, tables = [], {}
    for i, year in enumerate(chain):
        table = _requests(year)
        pairs = _pairs(table) if table is not None else ()
        if table is not None and len(pairs) > 1:
            tables[i] = table
            nodes.append(Node(year, pairs, True))
        else:
            nodes.append(Node(year, (_pair(year),), False))
    alive = solve(nodes, _carried)
    found = {}
    for i, states in alive.items():
        if len(states) < len(nodes[i].states):
            cells = _settled_requests(tables[i], states, _carried_evidence(nodes, alive, i))
            if cells:
                found[nodes[i].year.year] = cells
    return found


def _pairs(table: _Requests) -> tuple[State, ...]:
    """Every (carried in, carried out) that some solution of the whole table has."""
    into, out = table.choices["carried_in"], table.choices["carried_out"]
    if len(into) * len(out) > _MAX_PAIRS:
        return ()
    return tuple((*a, *b) for a in into for b in out if table.solved(a, b) is not None)


def _settled_requests(table: _Requests, states: Sequence[State], why: str) -> dict[CellKey, Settled]:
    n = len(APPLICANTS)
    union: dict[str, set[decode.Reading]] = {row.key: set() for row in table.table.rows}
    for state in states:
        for row, readings in (table.solved(state[:n], state[n:]) or {}).items():
            union[row] |= readings
    cells = {}
    for row in sorted(table.open):
        for place, value in agreed(sorted(union[row])).items():
            # Where the report itself left a choice; the rest has been inferred already.
            if len({reading[place] for reading in table.choices[row]}) > 1:
                cells[CellKey("requests", row, APPLICANTS[place])] = Settled(value, why)
    return cells


def _carried_evidence(nodes: Sequence[Node], alive: Mapping[int, tuple[State, ...]], i: int) -> str:
    n = len(APPLICANTS)
    years, equations = [], []
    for k in (i - 1, i):
        if 0 <= k < len(nodes) - 1:
            before = agreed(alive.get(k, nodes[k].states))
            now = agreed(alive.get(k + 1, nodes[k + 1].states))
            figures = "、".join(str(before.get(n + place, now.get(place, "?"))) for place in range(n))
            years.append(nodes[k if k < i else k + 1].year.year)
            equations.append(
                f"{nodes[k].year.year}年结转下年度继续办理＝{nodes[k + 1].year.year}年上年结转＝{figures}"
            )
    return evidence(years, "Y1", equations)
