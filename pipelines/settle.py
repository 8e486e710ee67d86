"""What an issuer's other years settle: lines whose boundaries one report lost. Pure.

A line of Table 2 has no identity inside a year; Y2 and Y3 tie it to the years
around it. What all remaining readings agree on is ``inferred``, the rest stays
``ambiguous``. Table 3 is in ``settle_requests.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from archive.candidates import CellKey
from archive.records import Cell
from archive.table_cells import having
from pipelines import decode, settle_requests
from pipelines.chains import Link, Node, Settled, State, agreed, evidence, solve
from pipelines.pictures import recognised
from pipelines.text import fold
from pipelines.years import DISCLOSURE, Year, counted_by

IN_FORCE = ("issued", "repealed", "in_force")
ITEMS = ("previous_items", "change", "decisions")


def settle(years: Iterable[Year]) -> dict[int, dict[CellKey, Settled]]:
    """Year → the ambiguous cells of its report that the other years decide."""
    ordered = sorted(years, key=lambda one: one.year)
    found: dict[int, dict[CellKey, Settled]] = {one.year: {} for one in ordered}
    for chain in _runs(ordered):
        # Nothing else is ever settled, and most issuers have no such cell.
        if not any(having(one.cells, "ambiguous") for one in chain):
            continue
        for row in DISCLOSURE:
            for year, cells in _settle_line(chain, row).items():
                found[year].update(cells)
        for year, cells in settle_requests.settle(chain).items():
            found[year].update(cells)
    return {year: cells for year, cells in found.items() if cells}


def applied(year: Year, settled: Mapping[CellKey, Settled]) -> Year:
    """The report with the settled cells in their places, as ``inferred``."""
    if not settled:
        return year
    cells = dict(year.cells)
    for key, one in settled.items():
        cells[key] = replace(cells[key], value=one.value, status="inferred")
    return replace(year, cells=cells)


def _runs(ordered: Sequence[Year]) -> list[list[Year]]:
    """Stretches of years without a gap."""
    runs: list[list[Year]] = []
    for one in ordered:
        if runs and runs[-1][-1].year + 1 == one.year:
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


def splits(raw: str, signed: Sequence[bool]) -> tuple[State, ...]:
    """Every reading of a run of digits as one number a column; a sign only where ``signed`` allows it.

    Only a stroke ``|`` is a boundary: a blank may stand inside a number, and more
    readings than there are can only leave more undecided. A run with a minus has no
    reading here, for the same mark stands for an empty cell.
    """
    tokens = ["".join(token.split()) for token in fold(raw).split("|") if token.strip()]
    if not tokens or sum(map(len, tokens)) > len(signed) * (decode.MAX_DIGITS + 1):
        return ()
    return tuple(dict.fromkeys(_cut(tokens, tuple(signed))))


def _cut(tokens: Sequence[str], signed: tuple[bool, ...]) -> Iterator[State]:
    if not tokens or not signed:
        if not tokens and not signed:
            yield ()
        return
    head = tokens[0]
    sign = 1
    if head[0] in "+增减":
        if not signed[0]:
            return
        sign = -1 if head[0] == "减" else 1
        head = head[1:]
    for size in range(1, min(len(head), decode.MAX_DIGITS) + 1):
        digits = head[:size]
        if not (digits.isascii() and digits.isdigit()) or (size > 1 and digits[0] == "0"):
            return
        rest = (head[size:], *tokens[1:]) if size < len(head) else tuple(tokens[1:])
        for others in _cut(rest, signed[1:]):
            yield (sign * int(digits), *others)


def _line_node(year: Year, row: str, columns: Sequence[str]) -> Node | None:
    cells = year.line("disclosure", row, columns)
    if len(cells) < 2 or cells[0].column != columns[0]:
        return None
    known = tuple(int(c.value) if c.value is not None else None for c in cells)
    if not glued(cells):
        return Node(year, (_padded(known, columns),), False)
    states = splits(cells[0].raw or "", [column == "change" for column in columns[: len(cells)]])
    if not states:
        return Node(year, (_padded(known, columns),), False)
    return Node(year, tuple(_padded(state, columns) for state in states), True)


def glued(cells: Sequence[Cell]) -> bool:
    """Whether one run of text stands for all these cells, undecided: not a cell that has its own boundary.

    A run that OCR read is none: a digit of it may be false, and then so is whatever split fits.
    """
    first = cells[0]
    if (
        first.raw is None
        or recognised(first.where)
        or any(
            cell.status != "ambiguous" or (cell.raw, cell.readings) != (first.raw, first.readings)
            for cell in cells
        )
    ):
        return False
    return all(reading.count("|") == len(cells) - 1 for reading in first.readings)


def _padded(state: State, columns: Sequence[str]) -> State:
    return (*state, *(None for _ in range(len(columns) - len(state))))


def _in_force(before: State, now: State) -> tuple[int, int] | None:
    start, (issued, repealed, end) = before[2], now
    if start is None or issued is None or repealed is None or end is None:
        return None
    return abs(start + issued - repealed - end), max(start, end)


def _items(before: State, now: State) -> tuple[int, int] | None:
    if before[0] is None or before[1] is None or now[0] is None:
        return None
    return abs(before[0] + before[1] - now[0]), max(before[0], now[0])


_LINKS: Mapping[str, tuple[tuple[str, ...], Link]] = {"Y2": (IN_FORCE, _in_force), "Y3": (ITEMS, _items)}


def _settle_line(chain: Sequence[Year], row: str) -> dict[int, dict[CellKey, Settled]]:
    """One line of Table 2 over a run of years; a change of form cuts the run."""
    found: dict[int, dict[CellKey, Settled]] = {}
    for identity, (columns, link) in _LINKS.items():
        nodes: list[Node] = []
        for year in chain:
            node = _line_node(year, row, columns) if counted_by(year, row) == identity else None
            if node is None:
                found |= _settle_nodes(nodes, row, identity, columns, link)
                nodes = []
            else:
                nodes.append(node)
        found |= _settle_nodes(nodes, row, identity, columns, link)
    return found


def _settle_nodes(
    nodes: Sequence[Node], row: str, identity: str, columns: Sequence[str], link: Link
) -> dict[int, dict[CellKey, Settled]]:
    found = {}
    alive = solve(nodes, link)
    for i, states in alive.items():
        settled = {columns[place]: value for place, value in agreed(states).items()}
        if not settled:
            continue
        why = _line_evidence(nodes, alive, i, identity)
        found[nodes[i].year.year] = {
            CellKey("disclosure", row, column): Settled(value, why) for column, value in settled.items()
        }
    return found


def _line_evidence(
    nodes: Sequence[Node], alive: Mapping[int, tuple[State, ...]], i: int, identity: str
) -> str:
    """The equations on either side of year ``i``, in figures; an undecided figure is a question mark."""

    def shown(k: int) -> list[str]:
        known = agreed(alive.get(k, nodes[k].states))
        return [str(known.get(place, "?")) for place in range(len(nodes[k].states[0]))]

    years, equations = [], []
    for k in (i - 1, i):
        if 0 <= k < len(nodes) - 1:
            before, now = shown(k), shown(k + 1)
            years.append(nodes[k if k < i else k + 1].year.year)
            if identity == "Y2":
                equations.append(
                    f"{nodes[k].year.year}年现行有效{before[2]}＋{nodes[k + 1].year.year}年制发{now[0]}"
                    f"－废止{now[1]}＝{nodes[k + 1].year.year}年现行有效{now[2]}"
                )
            else:
                equations.append(
                    f"{nodes[k].year.year}年上一年项目{before[0]}＋增减{before[1]}"
                    f"＝{nodes[k + 1].year.year}年上一年项目{now[0]}"
                )
    return evidence(years, identity, equations)
